"""How much of small-cnn's ``fit`` is not its compiled step: against that step on one batch in memory."""

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
from bench import Options, main, read_split, spread, table

from covid_desktop import curation
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import BatchEnded

ROUNDS = 5
STEPS = 54  # at least, in a measured fit, after an epoch of warming up
WAYS = ("the compiled step on one batch in memory", "fit on one batch in memory", "fit as in every run")
Arrays = tuple[Any, Any]


def run(options: Options) -> str:
    config = TrainingConfig(architecture="small-cnn", patience=100).resolved()
    training, validation = read_split(curation.open_dataset(options.data), config.preprocessing)
    size = config.batch_size or 1
    count = len(training.pixels) // size * size  # whole batches: the same work in each step
    learning = training.pixels[:count], training.labels[:count]
    judging = validation.pixels, validation.labels
    config = replace(config, epochs=1 + math.ceil(STEPS * size / count))
    rounds = [_round(learning, judging, config, size) for _ in range(ROUNDS)]
    note = f"{count // size} batches of {size}, {ROUNDS} rounds, the three by turns, validation not counted."
    return f"{_report(rounds)}\n\n{note}"


def _round(learning: Arrays, judging: Arrays, config: TrainingConfig, size: int) -> tuple[float, ...]:
    """Seconds a training step, in the order of WAYS."""
    import tensorflow as tf

    from covid_desktop.learning import fitting
    from covid_desktop.learning.architectures import build

    model = build(config.architecture, config.preprocessing)
    batch = tf.constant(learning[0][:size], tf.float32), tf.constant(learning[1][:size], tf.float32)
    real = _fit_step(model, learning, judging, config)
    bare = _compiled_step(model.train_function, (*batch, tf.ones(size)), STEPS)
    endless = tf.data.Dataset.from_tensors(batch).repeat()
    with mock.patch.object(fitting, "training_batches", return_value=endless):
        constant = _fit_step(model, learning, judging, config)
    return bare, constant, real


def _fit_step(model: Any, learning: Arrays, judging: Arrays, config: TrainingConfig) -> float:
    from covid_desktop.learning.fitting import fit

    ends: dict[int, list[float]] = {}

    def note(event: object) -> None:
        if isinstance(event, BatchEnded):
            ends.setdefault(event.epoch, []).append(time.perf_counter())

    fit(model, learning, judging, config, note, lambda: False)
    return float(np.mean(np.concatenate([np.diff(ends[epoch]) for epoch in list(ends)[1:]])))


def _compiled_step(train_function: Any, batch: tuple[Any, ...], steps: int) -> float:
    feed: Iterator[Any] = itertools.repeat(batch)
    for _ in range(5):
        train_function(feed)
    began = time.perf_counter()
    for _ in range(steps):
        logs = train_function(feed)
    float(logs["loss"])
    return (time.perf_counter() - began) / steps


def _report(rounds: list[tuple[float, ...]]) -> str:
    milliseconds = [[1000 * seconds for seconds in way] for way in zip(*rounds, strict=True)]
    rows = [(name, spread(values, 1)) for name, values in zip(WAYS, milliseconds, strict=True)]
    for name, way in (("not spent in the step", 0), ("spent on batches alone", 1)):
        shares = [100 * (1 - times[way] / times[-1]) for times in rounds]
        rows.append((f"share of fit {name}, %", spread(shares, 1)))
    return table(("small-cnn", "ms a training step: median (smallest to largest)"), rows)


if __name__ == "__main__":
    main(run)
