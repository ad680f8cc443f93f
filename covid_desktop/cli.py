"""The command line: the same jobs and the same numbers as the window."""

import argparse
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from covid_desktop import curation, desktop_entry, jobs, paths
from covid_desktop.check_report import check_json, check_lines
from covid_desktop.core.architectures import ARCHITECTURES, DEFAULT_ARCHITECTURE
from covid_desktop.core.atomic import write_text
from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.card_sections import names_of
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.dataset import SUBSETS, Dataset, Subset
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.operating_point import PRESETS, Preset, threshold_for
from covid_desktop.core.prediction import RESEARCH_USE, Prediction, probability_words
from covid_desktop.core.worklist_file import predictions_csv
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError, Stopped, UserError
from covid_desktop.judgement_report import caution_lines, evaluation_json, judgement_json, judgement_lines
from covid_desktop.progress import ProgressLine
from covid_desktop.versions import version_lines

Arguments = argparse.Namespace
_REPORTS = (".pdf", ".html", ".md")


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status: 0 done, 1 the user can mend it, 2 wrong arguments."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be anything
    try:
        status = int(options.command(options) or 0)
        print(end="", flush=True)
        return status
    except UserError as error:
        print(error, file=sys.stderr)
    except (KeyboardInterrupt, Stopped):
        print("Stopped.", file=sys.stderr)
    except BrokenPipeError:  # the reader, such as head, has seen enough; nor may Python flush at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="covid-desktop",
        description="Train, judge and use a COVID-19 / Healthy image classifier. "
        "Without a command the window opens.",
        epilog=RESEARCH_USE,
    )
    parser.add_argument("--version", action=_ShowVersions, nargs=0, help="show what the program runs with")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_all = (_add_demo, _add_check, _add_train, _add_evaluate, _add_predict, _add_self_test, _add_desktop)
    for add in add_all:
        add(commands)
    return parser


class _ShowVersions(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print("\n".join(version_lines()))
        parser.exit()


def _add_command(commands: Any, name: str, run: Callable[[Arguments], int | None], text: str) -> Any:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=run)
    return command


def _new_file(text: str) -> Path:
    """A place that can be written, found out before the work and not after it."""
    path = Path(text)
    if not path.name or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder, not a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {path.parent} does not exist")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"the folder {path.parent} cannot be written")
    return path


def _new_model(text: str) -> Path:
    return paths.with_ending(_new_file(text), ".keras")


def _add_json(command: Any) -> None:
    command.add_argument(
        "--json", action="store_true", help="print JSON, one object a line, and nothing else"
    )


# --- demo


def _add_demo(commands: Any) -> None:
    text = "Draw simulated radiographs, train on them, and score the ones kept aside."
    command = _add_command(commands, "demo", _demo, text)
    command.add_argument("--out", type=Path, metavar="FOLDER", help="where the pictures and the model go")


def _demo(options: Arguments) -> None:
    from covid_desktop.core.phantom import write_demo_dataset

    folder = (options.out or paths.demo_folder()).absolute()
    images = write_demo_dataset(folder / "images")
    print(f"Simulated radiographs: {images}")
    with ProgressLine() as progress:
        opened = curation.open_dataset(images, emit=progress)
        result = jobs.train(opened, TrainingConfig(), folder / "model.keras", emit=progress)
        predictions = jobs.predict(result.model, jobs.image_files([images / "test"]), emit=progress)
    print(f"Training: {result.history.story()}")
    for prediction in predictions:
        print(_prediction_line(prediction, images))
    _print_metrics("Validation", result.evaluation.to_json())
    print(f"Model: {result.model.path}")
    print(f"Curves: {result.model.path.with_suffix('.curves.png')}")
    print(RESEARCH_USE)


# --- check


def _add_check(commands: Any) -> None:
    text = "Read every image of a folder and say what is wrong with the data. No image is changed."
    command = _add_command(commands, "check", _check, text)
    _add_data(command)
    command.add_argument(
        "--audit", action="store_true", help="also find out whether the lungs are needed to tell the classes"
    )
    command.add_argument(
        "--set-test-aside", action="store_true", help="lock a fifth of the images until evaluate uses them"
    )
    _add_json(command)


def _add_data(command: Any) -> None:
    command.add_argument(
        "data", type=Path, metavar="DATA", help="folder with two class folders, or train/ and val/"
    )
    command.add_argument(
        "--patients",
        metavar="PATTERN",
        help="how file names name the patient, such as {patient}_*; kept beside the data",
    )


def _check(options: Arguments) -> None:
    with ProgressLine() as progress:
        opened = _opened(options, progress)
        checked = curation.check(opened, emit=progress)
        if options.set_test_aside and not checked.opened.split.test:
            checked = curation.check(curation.set_test_aside(checked.opened), emit=progress)
        audit, problem = _audited(checked.opened, progress) if options.audit else (None, None)
    if options.json:
        _print_json(check_json(checked, audit))
    else:
        for line in check_lines(checked, audit):
            print(line)
    if problem:
        raise problem


def _audited(opened: OpenedDataset, progress: ProgressLine) -> tuple[ShortcutAudit | None, UserError | None]:
    """What could not be audited can be checked all the same: the reason comes after the findings."""
    try:
        return jobs.audit(opened, emit=progress), None
    except UserError as error:
        return None, error


def _opened(
    options: Arguments, progress: ProgressLine, seed: int = 0, should_stop: ShouldStop = never
) -> OpenedDataset:
    opened = curation.open_dataset(options.data, seed=seed, emit=progress, should_stop=should_stop)
    if options.patients is not None:
        opened = curation.with_pattern(opened, options.patients)
    return opened


# --- train


def _add_train(commands: Any) -> None:
    command = _add_command(commands, "train", _train, "Train a network on a folder of images.")
    _add_data(command)
    command.add_argument(
        "--out", type=_new_model, required=True, metavar="MODEL.keras", help="where the model goes"
    )
    command.add_argument("--architecture", choices=ARCHITECTURES, default=DEFAULT_ARCHITECTURE)
    command.add_argument("--epochs", type=int, default=TrainingConfig().epochs, metavar="N")
    command.add_argument("--batch-size", type=int, metavar="N")
    command.add_argument("--image-size", type=int, metavar="N", help="width and height in pixels")
    command.add_argument("--learning-rate", type=float, metavar="RATE")
    command.add_argument("--patience", type=int, default=TrainingConfig().patience, metavar="N")
    command.add_argument("--seed", type=int, default=0, metavar="N")
    command.add_argument("--augmentation", choices=AUGMENTATIONS, default="default")
    command.add_argument(
        "--positive",
        metavar="CLASS",
        help="the positive class, where the guess is wrong (kept beside the data)",
    )
    command.add_argument(
        "--folds", type=_folds, metavar="N", help="cross-validate first, in so many folds (2 to 20)"
    )
    _add_json(command)


def _folds(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 20:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 2 to 20")
    return int(text)


def _train(options: Arguments) -> int | None:
    config = TrainingConfig(
        architecture=options.architecture,
        epochs=options.epochs,
        batch_size=options.batch_size,
        image_size=options.image_size,
        learning_rate=options.learning_rate,
        patience=options.patience,
        seed=options.seed,
        augmentation=AUGMENTATIONS[options.augmentation],
    )
    if problems := config.problems():
        print(" ".join(problems.values()), file=sys.stderr)
        return 2
    for caution in config.cautions().values():
        print(caution, file=sys.stderr)
    with ProgressLine() as progress, _stopped_by_interrupt() as should_stop:
        opened = _opened(options, progress, config.seed, should_stop)
        if options.positive:
            opened = curation.with_positive_class(opened, options.positive)
        validated = None
        if options.folds:
            validated = jobs.cross_validate(
                opened, config, options.folds, emit=progress, should_stop=should_stop
            )
        result = jobs.train(opened, config, options.out, emit=progress, should_stop=should_stop)
    summary = evaluation_json(result.evaluation) | {
        "set": "validation",
        "folder": str(opened.dataset.folder),
        "epochs": len(result.history.epochs),
        "best_epoch": result.history.best_epoch,
        "seconds": round(result.seconds, 2),
        "model": str(result.model.path),
        "audit": result.audit and result.audit.verdict,
    }
    if validated:
        summary["cross_validation"] = validated.to_json()
    if options.json:
        _print_json(summary)
        return 0
    if validated:
        print(validated.words())
    print(result.history.story())
    _print_metrics("Validation", summary)
    if result.audit:
        print(f"Shortcut audit: {result.audit.verdict}. {result.audit.sentence}")
    print(f"{result.seconds:.0f} s. Model: {result.model.path}")
    return 0


@contextmanager
def _stopped_by_interrupt() -> Iterator[ShouldStop]:
    """The first Ctrl+C asks the run to stop and keep its best epoch; a second one ends the program."""
    asked = threading.Event()

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


# --- evaluate


def _add_evaluate(commands: Any) -> None:
    text = "Judge a model on a folder: its test set, else its validation set, else all of its images."
    command = _add_command(commands, "evaluate", _evaluate, text)
    command.add_argument("model", type=Path, metavar="MODEL")
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
        "--report", type=_new_report, metavar="FILE", help="also write a report: .pdf, .html, or .md"
    )
    _add_json(command)


def _new_report(text: str) -> Path:
    path = _new_file(text)
    if path.suffix.lower() not in _REPORTS:
        raise argparse.ArgumentTypeError(f"{path.name} must end in {', '.join(_REPORTS)}")
    return path


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
            _print_json(judgement_json(judgement))
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


# --- predict


def _add_predict(commands: Any) -> None:
    command = _add_command(commands, "predict", _predict, "Score images with a model.")
    command.add_argument("model", type=Path, metavar="MODEL")
    command.add_argument("images", type=Path, nargs="+", metavar="PATH", help="image files and folders")
    command.add_argument("--csv", type=_new_file, metavar="FILE", help="also write the results to a file")
    _add_json(command)


def _predict(options: Arguments) -> None:
    files = jobs.image_files(options.images)
    if not files:
        raise UserError("There are no files in the folder.", "Choose images or a folder that holds images.")
    with ProgressLine() as progress:
        model = jobs.load_model(options.model, emit=progress)
        show: Callable[[Prediction], None] = _print_prediction if options.json else partial(_show, progress)
        predictions = jobs.predict(
            model, files, emit=lambda done: show(done) if isinstance(done, Prediction) else progress(done)
        )
    if options.csv:
        write_text(options.csv, predictions_csv(predictions, options.model.name))
    if not options.json:
        print(RESEARCH_USE)


def _print_prediction(prediction: Prediction) -> None:
    _print_json(prediction.to_json())


def _show(progress: ProgressLine, prediction: Prediction) -> None:
    progress.clear()
    print(_prediction_line(prediction))


def _prediction_line(prediction: Prediction, root: Path | None = None) -> str:
    path = prediction.path.relative_to(root) if root else prediction.path
    if prediction.score is None:
        return f"{path}: not scored. {prediction.error}"
    words = f"{path}: {prediction.label}, score {prediction.score:.3f} (threshold {prediction.threshold:g})"
    if prediction.probability is not None:
        words += f", {probability_words(prediction.probability).lower()}"
    return words


# --- self-test


def _add_self_test(commands: Any) -> None:
    _add_command(commands, "self-test", _self_test, "Try every part of the program on drawn images.")


def _self_test(options: Arguments) -> int:  # noqa: ARG001
    from covid_desktop.self_test import run_checks

    failed = 0
    for name, problem in run_checks():
        failed += bool(problem)
        print(f"{'FAILED' if problem else 'ok    '} {name}{': ' + problem if problem else ''}", flush=True)
    return 1 if failed else 0


# --- install and uninstall


def _add_desktop(commands: Any) -> None:
    text = "Put the program into your own desktop (Linux): menu entry, icon, model files."
    _add_command(commands, "install", _install, text)
    text = "Take the program out of your own desktop (Linux). Models, settings and runs stay."
    _add_command(commands, "uninstall", _uninstall, text)


def _install(options: Arguments) -> None:  # noqa: ARG001
    for sentence in desktop_entry.install():
        print(sentence)


def _uninstall(options: Arguments) -> None:  # noqa: ARG001
    for sentence in desktop_entry.uninstall():
        print(sentence)
    print(f"Models, settings and runs stay in {paths.data_folder()} and {paths.settings_file().parent}")


# --- output


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def _print_metrics(name: str, metrics: dict[str, Any]) -> None:
    words = [
        f"{key} {metrics[key]:.3f}"
        for key in ("accuracy", "sensitivity", "specificity", "auroc")
        if metrics[key] is not None
    ]
    print(f"{name}: {metrics['n']} images, {', '.join(words)}")
