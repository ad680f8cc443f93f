"""Validation loss and accuracy of several training runs over each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.layout import draw_key, fitted, leave_margins
from covid_desktop.figures.style import PAPER, Style, dress

MOST_RUNS = 4
_NAME_WIDTH = 44
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (7, 2, 1.2, 2)), (0, (1.2, 1.2)))
_MARKERS = ("o", "s", "^", "D")
_LABELS = {"val_loss": "Loss", "val_accuracy": "Accuracy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCurve:
    """The history of a run and its name in the key."""

    name: str
    history: TrainingHistory


def draw_run_curves(figure: Figure, runs: Sequence[RunCurve], style: Style = PAPER) -> None:
    """Two axes in ``figure`` with the first four runs; the best epoch of each has a ring."""
    figure.set_facecolor(style.surface)
    upper, lower = figure.subplots(2, 1, sharex=True)
    for axes, quantity in ((upper, "val_loss"), (lower, "val_accuracy")):
        dress(axes, style)
        axes.set_ylabel(_LABELS[quantity])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        for run, look in zip(runs, _looks(style), strict=False):
            _draw_run(axes, run.history, quantity, look)
    lower.set_xlabel("Epoch, on validation images")
    _set_limits(upper, lower, [run.history for run in runs[:MOST_RUNS]])
    lines = [Line2D([], [], **look) for look in _looks(style)]
    rows = [(fitted(run.name, _NAME_WIDTH), line) for run, line in zip(runs, lines, strict=False)]
    if rows:
        draw_key(upper, rows, style)
    arrange_run_curves(figure)


def arrange_run_curves(figure: Figure) -> None:
    """Leave room for the words around the axes; call it when the figure has another size."""
    leave_margins(figure, left=0.7, right=0.25, top=0.1, bottom=0.5, between=0.2)


def run_curves_figure(runs: Sequence[RunCurve], style: Style = PAPER) -> Figure:
    """A figure of its own, for a file."""
    figure = Figure(figsize=(8, 6), dpi=120)
    draw_run_curves(figure, runs, style)
    return figure


def _draw_run(axes: Axes, history: TrainingHistory, quantity: str, look: dict[str, Any]) -> None:
    epochs = [epoch.epoch for epoch in history.epochs]
    axes.plot(epochs, [getattr(epoch, quantity) for epoch in history.epochs], **look)
    if best := history.best:
        ring = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 1.6}
        axes.plot([best.epoch], [getattr(best, quantity)], marker="o", color=look["color"], **ring)  # type: ignore[arg-type]


def _set_limits(upper: Axes, lower: Axes, histories: Sequence[TrainingHistory]) -> None:
    epochs = [epoch for history in histories for epoch in history.epochs]
    upper.set_xlim(0, max([1, *(epoch.epoch for epoch in epochs)]) + 0.5)
    losses = [epoch.val_loss for epoch in epochs if math.isfinite(epoch.val_loss)]
    upper.set_ylim(0, max([0.1, *(1.1 * loss for loss in losses)]))
    lower.set_ylim(0, 1.04)


def _looks(style: Style) -> list[dict[str, Any]]:
    """Lines that differ without colour, too."""
    colors = (style.accent, style.positive, style.text, style.muted)
    return [
        {"color": color, "linestyle": dashes, "marker": marker, "markersize": 4, "linewidth": 2}
        for color, dashes, marker in zip(colors, _DASHES, _MARKERS, strict=True)
    ]
