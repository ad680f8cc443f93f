"""What is said of an evaluation in numbers, each with its 95 % interval and how that was found.

The intervals take images for independent: where many are of one patient, they are too narrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from covid_desktop.core.bootstrap import Interval, call_intervals, score_intervals
from covid_desktop.core.delong import auroc_interval_delong, delong, has_variance
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.intervals import proportion_interval

NAMES = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "Accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "balanced-accuracy": "Balanced accuracy",
    "f1": "F1",
    "brier": "Brier score",
}
"""Keys and what they are called, in the order they are shown in."""

_MISSING = {
    "accuracy": "there are no images",
    "sensitivity": "there are no positive images",
    "specificity": "there are no negative images",
    "ppv": "no image is called positive",
    "npv": "no image is called negative",
    "brier": "there are no images",
}
_BOTH = "images of both classes are needed"
_ALIKE = "No interval: all draws of so few images, or of images that are all right, are alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """``value`` is None where it is not defined; ``low`` and ``high``, also where no 95 % interval is known.

    ``method`` says in words how the interval was found, or why there is none.
    """

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    method: str


def measures(evaluation: Evaluation, seed: int = 0, resamples: int = 1000) -> dict[str, Measure]:
    """All measures by their keys, in the order of ``NAMES``."""
    found = {
        measure.key: measure
        for part in (_of_pairs(evaluation), _of_shares(evaluation), _of_draws(evaluation, seed, resamples))
        for measure in part
    }
    return {key: found[key] for key in NAMES}


def _of_pairs(evaluation: Evaluation) -> Iterator[Measure]:
    """The AUROC, by DeLong's method where it can be."""
    labels, scores = evaluation.labels, evaluation.scores
    if len(set(labels)) < 2:
        yield _measure("auroc", None, None, "")
        return
    _, covariance = delong(labels, scores)
    method = "DeLong" if has_variance(float(covariance[0, 0])) else "Newcombe"
    auroc, low, high = auroc_interval_delong(labels, scores)
    yield _measure("auroc", auroc, (low, high), method)


def _of_shares(evaluation: Evaluation) -> Iterator[Measure]:
    """What is a share of images."""
    counts = evaluation.confusion
    found, cleared = counts.true_positive, counts.true_negative
    parts = {
        "accuracy": (found + cleared, evaluation.n),
        "sensitivity": (found, found + counts.false_negative),
        "specificity": (cleared, cleared + counts.false_positive),
        "ppv": (found, found + counts.false_positive),
        "npv": (cleared, cleared + counts.false_negative),
    }
    for key, (part, whole) in parts.items():
        value = part / whole if whole else None
        yield _measure(key, value, proportion_interval(part, whole), "Wilson")


def _of_draws(evaluation: Evaluation, seed: int, resamples: int) -> Iterator[Measure]:
    """What has no interval of its own."""
    method = f"stratified bootstrap, {resamples:,} draws"
    auprc = brier = balanced = f1 = None
    if evaluation.n:
        auprc, brier = _of_scores(evaluation.labels, evaluation.scores, seed, resamples)
    if len(set(evaluation.labels)) == 2:
        balanced, f1 = call_intervals(evaluation.confusion, seed, resamples)
    yield _measure("auprc", evaluation.auprc, auprc, method)
    yield _measure("balanced-accuracy", evaluation.balanced_accuracy, balanced, method)
    yield _measure("f1", evaluation.f1, f1, method)
    yield _measure("brier", evaluation.brier, brier, method)


@lru_cache(maxsize=8)
def _of_scores(
    labels: tuple[int, ...], scores: tuple[float, ...], seed: int, resamples: int
) -> tuple[Interval | None, Interval | None]:
    """Kept, since a slider that moves the threshold changes neither."""
    return score_intervals(labels, scores, seed, resamples)


def _measure(key: str, value: float | None, interval: Interval | None, method: str) -> Measure:
    if value is None:
        words, interval = f"Not defined: {_MISSING.get(key, _BOTH)}", None
    else:
        words = f"95 % interval: {method}" if interval else _ALIKE
    low, high = interval or (None, None)
    return Measure(key=key, name=NAMES[key], value=value, low=low, high=high, method=words)


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Values by their keys; ``intervals`` by the same keys, None where there is none."""
    intervals = {
        key.replace("-", "_"): None if measure.low is None else [measure.low, measure.high]
        for key, measure in measures(evaluation).items()
    }
    return evaluation.to_json() | {"intervals": intervals}
