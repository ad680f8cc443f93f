"""The command ``evaluate``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from covid_desktop import curation, jobs
from covid_desktop.cli.options import Arguments, add_command, add_json, add_model, new_report, print_json
from covid_desktop.core.card_sections import names_of
from covid_desktop.core.dataset import SUBSETS, Dataset, Subset
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.operating_point import PRESETS, Preset, threshold_for
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.errors import DatasetError, UserError
from covid_desktop.judgement_report import caution_lines, judgement_json, judgement_lines
from covid_desktop.progress import ProgressLine

_REPORTS = (".pdf", ".html", ".md")


def add(commands: Any) -> None:
    text = "Judge a model on a folder: its test set, else its validation set, else all of its images."
    command = add_command(commands, "evaluate", _evaluate, text)
    add_model(command)
    command.add_argument(
        "data", type=Path, nargs="+", metavar="DATA", help="folders; the others are compared with the first"
    )
    command.add_argument(
        "--set", choices=[*SUBSETS, "all"], dest="subset", help="which images to judge it on"
    )
    command.add_argument(
        "--threshold-preset",
        choices=PRESETS,
        dest="preset",
        help="choose the threshold on the first folder, for all of them; the model keeps its own",
    )
    command.add_argument(
        "--report", type=new_report(_REPORTS), metavar="FILE", help="also write a report: .pdf, .html, or .md"
    )
    add_json(command)


def _evaluate(options: Arguments) -> None:
    with ProgressLine() as progress:
        datasets = [_scanned(folder, options.subset, progress) for folder in options.data]
        model = jobs.load_model(options.model, emit=progress)
        judgements = [
            jobs.judge_images(
                model, dataset, _set_to_judge(dataset, options.subset, model.card), emit=progress
            )
            for dataset in datasets
        ]
    card = model.card
    if options.preset:
        threshold, origin = _chosen_threshold(options.preset, judgements[0])
        judgements = [judgement.at(threshold) for judgement in judgements]
        card = replace(card, threshold=threshold, threshold_origin=origin)
    for caution in caution_lines(judgements, chosen_on_first=options.preset not in (None, "half")):
        print(caution, file=sys.stderr)
    if options.json:
        for judgement in judgements:
            print_json(judgement_json(judgement))
    else:
        print(*judgement_lines(judgements), RESEARCH_USE, sep="\n")
    if options.report:
        from covid_desktop.gui.report_file import write_report

        write_report(options.report, card, judgements)
        if not options.json:
            print(f"Report: {options.report}")


def _scanned(folder: Path, wanted: str | None, progress: ProgressLine) -> Dataset:
    """The images of a folder, which must have the set that is asked for."""
    dataset = curation.scan_folder(folder.absolute(), emit=progress)
    if wanted not in {None, "all", *(sample.subset for sample in dataset.samples)}:
        raise DatasetError(
            f"The folder has no {wanted} set.", "Choose another set with --set, or another folder."
        )
    return dataset


def _set_to_judge(dataset: Dataset, wanted: Any, card: ModelCard) -> Subset | None:
    """None means all images."""
    if wanted is None:
        return jobs.best_set(card, dataset)
    return None if wanted == "all" else wanted


def _chosen_threshold(preset: Preset, judgement: Judgement) -> tuple[float, str]:
    """And how it was chosen, in words."""
    threshold = threshold_for(preset, judgement.evaluation)
    if threshold is None:
        raise UserError(f"{PRESETS[preset]} cannot be reached on these images.", "Choose another preset.")
    on = "" if preset == "half" else f", on {names_of([judgement])[0]}"
    return threshold, f"{PRESETS[preset]}{on}"
