"""What recall costs in precision, over all thresholds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from covid_desktop.core.evaluation import Confusion, Evaluation
from covid_desktop.figures.curves import (
    Curve,
    Numbers,
    Shown,
    draw_point,
    dress_square,
    name_curves,
    sensitivity,
    thinned,
    with_both_classes,
)
from covid_desktop.figures.layout import SMALL, write
from covid_desktop.figures.style import PAPER, Style

_DOTTED: Any = (0, (1, 2))
_APART = 0.1  # prevalences nearer to each other share their word


def draw_precision_recall(axes: Axes, curves: Sequence[Curve], style: Style = PAPER) -> None:
    """The first four curves, each with its area and a point at its threshold; prevalences are dotted."""
    dress_square(axes, style)
    axes.set(xlabel="Recall (sensitivity)", ylabel="Precision (PPV)")
    shown = with_both_classes(axes, curves, style)
    _draw_prevalences(axes, shown, style)
    for curve, look in shown:
        x, y = thinned(*_recall_and_precision(curve.evaluation))
        axes.plot(x, y, **look.line(), drawstyle="steps-post", clip_on=False)
        if place := _place(curve.evaluation.confusion):
            draw_point(axes, place, look, style)
    name_curves(axes, "auprc", shown, style)


def _recall_and_precision(evaluation: Evaluation) -> tuple[Numbers, Numbers]:
    """Recall falls to 0, and precision is there what it is at the highest score, not 1 by convention."""
    precision, recall = evaluation.precision_recall()
    return recall, np.append(precision[:-1], precision[-2])


def _place(counts: Confusion) -> tuple[float, float] | None:
    """None where no image is called positive: there is no precision."""
    called = counts.true_positive + counts.false_positive
    return (sensitivity(counts), counts.true_positive / called) if called else None


def _draw_prevalences(axes: Axes, shown: Sequence[Shown], style: Style) -> None:
    """What precision is by chance alone; near ones share their word."""
    said: list[float] = []
    for curve, look in shown:
        prevalence = float(np.mean(curve.evaluation.labels))
        axes.plot([0, 1], [prevalence] * 2, color=look.color, linewidth=1.2, linestyle=_DOTTED, zorder=1.8)
        if all(abs(prevalence - other) > _APART for other in said):
            _name_prevalence(axes, prevalence, style)
            said.append(prevalence)


def _name_prevalence(axes: Axes, prevalence: float, style: Style) -> None:
    """Above the lines of prevalences and below the curves."""
    box = {"facecolor": style.surface, "edgecolor": "none", "pad": 0.5}
    look = {"color": style.muted, "fontsize": SMALL, "bbox": box, "zorder": 1.9}
    write(axes, f"prevalence {prevalence:.2f}", (0, prevalence), (4, 7), **look)
