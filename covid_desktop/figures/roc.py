"""What sensitivity costs in specificity, over all thresholds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from covid_desktop.core.evaluation import Confusion, Evaluation
from covid_desktop.figures.curves import (
    Curve,
    Numbers,
    draw_point,
    dress_square,
    name_curves,
    sensitivity,
    thinned,
    with_both_classes,
)
from covid_desktop.figures.layout import SMALL, write
from covid_desktop.figures.precision_recall import draw_precision_recall
from covid_desktop.figures.style import CHANCE, PAPER, Style

__all__ = [
    "Curve",
    "draw_precision_recall",
    "draw_roc",
    "nearest_precision_threshold",
    "nearest_threshold",
]


def draw_roc(axes: Axes, curves: Sequence[Curve], style: Style = PAPER) -> None:
    """The first four curves, each with its AUROC and a point at its threshold; chance is the diagonal."""
    dress_square(axes, style)
    axes.set(xlabel="1 - specificity", ylabel="Sensitivity")
    shown = with_both_classes(axes, curves, style)
    if shown:
        _draw_chance(axes, style)
    for curve, look in shown:
        axes.plot(*thinned(*curve.evaluation.roc()), **look.line(), clip_on=False)
        draw_point(axes, _place(curve.evaluation.confusion), look, style)
    name_curves(axes, "auroc", shown, style)


def nearest_threshold(evaluation: Evaluation, false_positive_rate: float, sensitivity: float) -> float:
    """The threshold whose point of the ROC curve is nearest to a place in its axes.

    It lies midway between the scores of two neighbours, or between a score and 0 or 1: never on a score.
    """
    thresholds, (false_positives, found) = _reached(evaluation)
    nearest = np.argmin(np.hypot(false_positives - false_positive_rate, found - sensitivity))
    return float(thresholds[nearest])


def nearest_precision_threshold(evaluation: Evaluation, recall: float, precision: float) -> float:
    """The same on the precision-recall curve, where a threshold that nothing reaches has no point."""
    thresholds, (false_positives, found) = _reached(evaluation)
    positives = sum(evaluation.labels)
    right = found * positives
    called = right + false_positives * (evaluation.n - positives)
    distances = np.where(
        called > 0, np.hypot(found - recall, right / np.maximum(called, 1) - precision), np.inf
    )
    return float(thresholds[np.argmin(distances)])


def _reached(evaluation: Evaluation) -> tuple[Numbers, tuple[Numbers, Numbers]]:
    """All thresholds between scores; the shares of negative and of positive images that reach each."""
    scores, labels = np.asarray(evaluation.scores), np.asarray(evaluation.labels)
    edges = np.unique([0.0, *scores, 1.0])
    middles = (edges[:-1] + edges[1:]) / 2
    between = middles[(edges[:-1] < middles) & (middles < edges[1:])]
    negative, positive = (_shares_reaching(between, scores[labels == label]) for label in (0, 1))
    return between, (negative, positive)


def _draw_chance(axes: Axes, style: Style) -> None:
    axes.plot([0, 1], [0, 1], color=style.muted, linewidth=1, linestyle=CHANCE)
    turned: dict[str, Any] = {"rotation": 45, "rotation_mode": "anchor", "va": "top", "fontsize": SMALL}
    write(axes, "chance", (0.55, 0.55), (2, -2), color=style.muted, **turned)


def _place(counts: Confusion) -> tuple[float, float]:
    return counts.false_positive / (counts.false_positive + counts.true_negative), sensitivity(counts)


def _shares_reaching(thresholds: Numbers, scores: Numbers) -> Numbers:
    """The share of scores (n,) that are at least each threshold (m,): (m,)."""
    below = np.searchsorted(np.sort(scores), thresholds, side="left")
    return np.asarray(1 - below / max(1, len(scores)))
