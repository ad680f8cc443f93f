"""Stratified percentile bootstrap: what other images, as many of each class, might have shown.

Drawing images of a class with replacement (B. Efron and R. J. Tibshirani, An introduction to the bootstrap,
1993). An interval is None where it would have no width although the images are few: where a class has one
image only, or all draws give the same.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from covid_desktop.core.evaluation import Confusion

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Interval = tuple[float, float]

_CELLS = 500_000  # counts held at a time: 4 MB
_LEAST = 1e-12  # what rounding makes of no width


def score_intervals(
    labels: ArrayLike, scores: ArrayLike, seed: int, resamples: int
) -> tuple[Interval | None, Interval | None]:
    """95 % intervals of the AUPRC (average precision) and the Brier score of n images."""
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    truth, values = np.asarray(labels)[order], np.asarray(scores, dtype=float)[order]
    ends = np.flatnonzero(np.append(np.diff(values) != 0, True))
    squares = (values - truth) ** 2
    precisions, distances = [], []
    for counts in _draws(truth, seed, resamples):
        precisions.append(_average_precision(counts, truth, ends))
        distances.append(counts @ squares / len(truth))
    return _interval(np.concatenate(precisions), truth), _interval(np.concatenate(distances), truth)


def call_intervals(
    confusion: Confusion, seed: int, resamples: int
) -> tuple[Interval | None, Interval | None]:
    """95 % intervals of balanced accuracy and F1.

    How many images of a class are called right in a draw of as many is binomial, so that no image is drawn.
    """
    positives = confusion.true_positive + confusion.false_negative
    negatives = confusion.true_negative + confusion.false_positive
    rng = np.random.default_rng(seed)
    found = rng.binomial(positives, confusion.true_positive / positives, resamples)
    cleared = rng.binomial(negatives, confusion.true_negative / negatives, resamples)
    balanced = (found / positives + cleared / negatives) / 2
    f1 = 2 * found / (found + negatives - cleared + positives)
    truth = np.repeat([1, 0], [positives, negatives])
    return _interval(balanced, truth), _interval(f1, truth)


def _draws(truth: NDArray[np.int64], seed: int, resamples: int) -> Iterator[Counts]:
    """How often each of n images is drawn, (up to all ``resamples``, n) at a time."""
    rng = np.random.default_rng(seed)
    places = [np.flatnonzero(truth == label) for label in (0, 1)]
    rows = max(1, _CELLS // len(truth))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        drawn = [where[rng.integers(len(where), size=(size, len(where)))] for where in places if len(where)]
        cells = np.hstack(drawn) + len(truth) * np.arange(size)[:, None]
        yield np.bincount(cells.ravel(), minlength=size * len(truth)).reshape(size, -1)


def _average_precision(counts: Counts, truth: NDArray[np.int64], ends: NDArray[np.intp]) -> Floats:
    """Of each row of counts of images in the order of falling scores; equal scores end at ``ends``."""
    found = np.cumsum(counts * truth, axis=1)[:, ends]
    called = np.cumsum(counts, axis=1)[:, ends]
    precision = found / np.maximum(called, 1)
    areas: Floats = np.sum(np.diff(found, axis=1, prepend=0) * precision, axis=1)
    return areas / max(1, int(truth.sum()))


def _interval(values: Floats, truth: NDArray[np.int64]) -> Interval | None:
    low, high = np.quantile(values, [0.025, 0.975])
    alone = min(count for count in np.bincount(truth) if count) < 2
    return None if alone or high - low < _LEAST else (float(low), float(high))
