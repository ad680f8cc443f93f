"""The original notebook's recipe against the program's default, from a folder of images to a saved model.

A few of the recipe's steps are timed and multiplied: all of it takes hours. TensorFlow's import, which both
need, is in neither.
"""

import math
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench import Options, main, spread, table, timed
from notebook_recipe import BATCH, EPOCHS, compiled_network, seconds_a_step

from covid_desktop import curation, jobs, paths
from covid_desktop.core.config import TrainingConfig

ROUNDS = 3


def run(options: Options) -> str:
    opened = curation.open_dataset(options.data)
    counts = [math.ceil(len(samples) / BATCH) for samples in (opened.split.training, opened.split.validation)]
    jobs.load_tensorflow()
    network = compiled_network()
    rounds = []
    for _ in range(ROUNDS):
        steps = seconds_a_step(network, options.data)
        with tempfile.TemporaryDirectory() as folder:
            saving = timed(partial(network.save, Path(folder) / "notebook.keras"))
            result, ours = _train(opened, Path(folder) / "model.keras")
        theirs = EPOCHS * sum(count * step for count, step in zip(counts, steps, strict=True)) + saving
        rounds.append((*steps, theirs, ours, theirs / ours))
    note = (
        f"{len(opened.split.training)} training and {len(opened.split.validation)} validation images, "
        f"{ROUNDS} rounds by turns. The notebook's: {EPOCHS} epochs of {counts[0]} training and "
        f"{counts[1]} validation steps of {BATCH} images, calculated from the steps timed."
    )
    return f"{_report(rounds, result)}\n\n{note}"


def _train(opened: curation.OpenedDataset, file: Path) -> tuple[jobs.TrainingResult, float]:
    """A run of the program's default that finds nothing kept from an earlier one, and its seconds.

    With the check of the data, which comes before; without the shortcut audit, for which the model is saved.
    """
    shutil.rmtree(paths.survey_folder())
    shutil.rmtree(paths.features_folder())
    checking = timed(partial(curation.check, opened))
    result = jobs.train(opened, TrainingConfig(), file)
    return result, checking + result.seconds


def _report(rounds: Sequence[tuple[float, ...]], result: jobs.TrainingResult) -> str:
    names = {
        "notebook: a training step, s": 2,
        "notebook: a validation step, s": 2,
        "notebook: start to saved model, s": 0,
        "ours: start to saved model, s": 1,
        "ratio": 0,
    }
    measured = zip(names.items(), zip(*rounds, strict=True), strict=True)
    rows = [(name, spread(values, digits)) for (name, digits), values in measured]
    rows += [
        ("ours: architecture", result.model.card.architecture),
        ("ours: epochs", str(len(result.history.epochs))),
        ("ours: validation accuracy", f"{result.evaluation.accuracy:.3f}"),
        ("ours: validation AUROC", f"{result.evaluation.auroc:.3f}"),
    ]
    return table(("", "median (smallest to largest)"), rows)


if __name__ == "__main__":
    main(run)
