"""The command ``predict``."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from covid_desktop import jobs
from covid_desktop.cli.options import (
    Arguments,
    add_command,
    add_json,
    add_model,
    new_file,
    new_report,
    output_folder,
    wrong,
)
from covid_desktop.cli.results import TURNS, summary_line, teller
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.atomic import write_text
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_file import predictions_csv
from covid_desktop.errors import UserError
from covid_desktop.progress import ProgressLine

_REPORTS = (".pdf", ".html")


def add(commands: Any) -> None:
    command = add_command(commands, "predict", _predict, "Score images with a model.")
    add_model(command)
    command.add_argument("images", type=Path, nargs="+", metavar="PATH", help="image files and folders")
    command.add_argument(
        "--anyway",
        action="store_true",
        help="score images that are not like the training images too; their results may mean nothing",
    )
    command.add_argument(
        "--invert", action="store_true", help="make black white in all images before they are scored"
    )
    command.add_argument(
        "--turn",
        choices=TURNS,
        help="turn all images before they are scored: a quarter to the left or right, or upside down",
    )
    command.add_argument("--csv", type=new_file, metavar="FILE", help="also write the results to a file")
    command.add_argument(
        "--report",
        type=new_report(_REPORTS),
        metavar="FILE",
        help="also write a report with heatmaps: .pdf or .html",
    )
    command.add_argument(
        "--no-names",
        action="store_true",
        help="number the images in the report: names of files may name patients",
    )
    command.add_argument(
        "--dicom",
        type=output_folder,
        metavar="FOLDER",
        help="also write the result of each DICOM image for its study: a picture and a structured report",
    )
    add_json(command)


def _predict(options: Arguments) -> int | None:
    if options.no_names and not options.report:
        return wrong("--no-names is about a report. Give --report too.")
    with ProgressLine() as progress:
        listed = jobs.list_images(options.images, emit=progress)
        if not listed.paths:
            raise UserError(
                "There are no files in the folder.", "Choose images or a folder that holds images."
            )
        model = jobs.load_model(options.model, emit=progress)
        predictions = jobs.predict(
            model,
            listed.paths,
            adjustments=dict.fromkeys(listed.paths, _adjustment(options)),
            anyway=options.anyway,
            emit=teller(progress, as_json=options.json, with_options=True),
        )
    if options.csv:
        write_text(options.csv, predictions_csv(predictions, model.name))
    if not options.json:
        print(summary_line(predictions), RESEARCH_USE, sep="\n")
    if options.report:
        _write_report(options, model, predictions, listed)
    if options.dicom:
        _write_dicom(options, model, predictions)
    return 0


def _adjustment(options: Arguments) -> Adjustment:
    return Adjustment(quarter_turns=TURNS.get(options.turn, 0), is_inverted=options.invert)


def _write_report(
    options: Arguments, model: jobs.Model, predictions: Sequence[Prediction], listed: jobs.ListedImages
) -> None:
    from covid_desktop.gui.report_file import write_worklist_report

    with ProgressLine() as progress:
        images = [
            replace(image, series=place.words)
            if (place := listed.series.get(image.prediction.path))
            else image
            for image in jobs.explained(model, predictions, emit=progress)
        ]
        write_worklist_report(
            options.report,
            model.card,
            model.path.name,
            images,
            names="numbers" if options.no_names else "files",
            emit=progress,
        )
    if not options.json:
        print(f"Report: {options.report}")


def _write_dicom(options: Arguments, model: jobs.Model, predictions: Sequence[Prediction]) -> None:
    """What was left out is told on stderr where stdout is for JSON."""
    folder: Path = options.dicom
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"The folder {folder} cannot be made: {reason}.", "Choose another folder.") from error
    with ProgressLine() as progress:
        saved = jobs.save_dicom_results(model, predictions, folder, emit=progress)
    written, left_out = counted(len(saved.written), "file"), counted(len(saved.left_out), "image")
    place = sys.stderr if options.json else sys.stdout
    print(f"DICOM: {written} written to {folder}, {left_out} left out.", file=place)
    for file in saved.left_out:
        print(f"  {file.path}: {file.reason}", file=place)
