"""The command ``train``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from covid_desktop import curation, jobs
from covid_desktop.cli.data import add_data, opened_data
from covid_desktop.cli.interrupt import stopped_by_interrupt
from covid_desktop.cli.options import (
    Arguments,
    add_command,
    add_json,
    new_model,
    print_json,
    print_metrics,
    wrong,
)
from covid_desktop.core.architectures import ARCHITECTURES, DEFAULT_ARCHITECTURE
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.measures import evaluation_json
from covid_desktop.core.memory_need import shortage
from covid_desktop.errors import UserError
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    command = add_command(commands, "train", _train, "Train a network on a folder of images.")
    add_data(command, is_optional=True)
    command.add_argument(
        "--out", type=new_model, required=True, metavar="MODEL.keras", help="where the model goes"
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
    command.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run of --out that was interrupted; without DATA, with its own data and settings",
    )
    command.add_argument(
        "--keep-thumbnails",
        action="store_true",
        help="keep small pictures of training images in the model's file, so that the most similar ones can "
        "be shown; they are patients' pictures, and whoever gets the file gets them",
    )
    add_json(command)


def _folds(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 20:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 2 to 20")
    return int(text)


def _config(options: Arguments) -> TrainingConfig:
    return TrainingConfig(
        architecture=options.architecture,
        epochs=options.epochs,
        batch_size=options.batch_size,
        image_size=options.image_size,
        learning_rate=options.learning_rate,
        patience=options.patience,
        seed=options.seed,
        augmentation=AUGMENTATIONS[options.augmentation],
        keep_thumbnails=options.keep_thumbnails,
    )


def _train(options: Arguments) -> int | None:
    config = _config(options)
    if problems := config.problems():
        return wrong(" ".join(problems.values()))
    if options.data is None and not options.resume:
        return wrong("DATA is needed, unless a run is resumed.")
    run = _interrupted(options.out) if options.resume else None
    validated = None
    with ProgressLine() as progress, stopped_by_interrupt() as should_stop:
        if run and options.data is None:
            result = jobs.resume(run, emit=progress, should_stop=should_stop)
            folder = run.checkpoint.data_folder
        else:
            opened = opened_data(options, progress, config.seed, should_stop)
            if options.positive:
                opened = curation.with_positive_class(opened, options.positive)
            _print_cautions(config, opened)
            if options.folds:
                validated = jobs.cross_validate(
                    opened, config, options.folds, emit=progress, should_stop=should_stop
                )
            result = jobs.train(
                opened, config, options.out, resume=options.resume, emit=progress, should_stop=should_stop
            )
            folder = opened.dataset.folder
    summary = _summary(result, folder, validated)
    if options.json:
        print_json(summary)
        return 0
    if validated:
        print(validated.words())
    print(result.history.story())
    print_metrics("Validation", summary)
    if result.audit:
        print(f"Shortcut audit: {result.audit.verdict}. {result.audit.sentence}")
    print(f"{result.seconds:.0f} s. Model: {result.model.path}")
    return 0


def _interrupted(model: Path) -> UnfinishedRun:
    run = jobs.unfinished_run(model)
    if run is None:
        raise UserError(f"No run of {model.name} was interrupted.", "Start it anew, without --resume.")
    print(run.sentence, file=sys.stderr)
    return run


def _print_cautions(config: TrainingConfig, opened: curation.OpenedDataset) -> None:
    sets = [len(opened.split.of(subset)) for subset in ("training", "validation")]
    for caution in filter(None, (*config.cautions().values(), shortage(config, *sets))):
        print(caution, file=sys.stderr)


def _summary(result: jobs.TrainingResult, folder: Path, validated: CrossValidation | None) -> dict[str, Any]:
    summary = evaluation_json(result.evaluation) | {
        "set": "validation",
        "folder": str(folder),
        "epochs": len(result.history.epochs),
        "best_epoch": result.history.best_epoch,
        "seconds": round(result.seconds, 2),
        "model": str(result.model.path),
        "audit": result.audit and result.audit.verdict,
    }
    if validated:
        summary["cross_validation"] = validated.to_json()
    return summary
