"""What curves over the unit square share: how they are told apart, thinned and named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from covid_desktop.core.evaluation import Confusion, Evaluation
from covid_desktop.figures.layout import draw_key, fitted, say
from covid_desktop.figures.style import Style, dress

Numbers = NDArray[np.float64]
MOST_POINTS = 500
_NAME_WIDTH = 20
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (7, 2, 1.2, 2)), (0, (1.2, 1.2)))
_MARKERS = ("o", "s", "^", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one model scored on one set of images, and its name in the key."""

    name: str
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A line and the marker on it: they differ without colour, too."""

    color: str
    linestyle: Any
    marker: str

    def line(self) -> dict[str, Any]:
        return {"color": self.color, "linestyle": self.linestyle, "linewidth": 2}

    def point(self, style: Style) -> dict[str, Any]:
        face = {"markerfacecolor": self.color, "markeredgecolor": style.surface}
        return {"marker": self.marker, "markersize": 9, "markeredgewidth": 1.4, **face}


Shown = tuple[Curve, Look]


def dress_square(axes: Axes, style: Style) -> None:
    """Both axes from 0 to 1, equally long."""
    axes.clear()
    axes.set_axes_locator(None)  # type: ignore[arg-type]
    dress(axes, style)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_aspect("equal", adjustable="box")
    ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    axes.tick_params(axis="x", pad=6)  # clear of the other axis
    axes.yaxis.labelpad = 2


def with_both_classes(axes: Axes, curves: Sequence[Curve], style: Style) -> list[Shown]:
    """The curves that can be drawn, of the first four, each with its look; if none, the axes say so."""
    pairs = zip(curves, _looks(style), strict=False)
    shown = [(curve, look) for curve, look in pairs if len(set(curve.evaluation.labels)) == 2]
    if not shown:
        say(axes, "One class only", style)
    return shown


def thinned(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """At most 500 points of a curve (n,), (n,), evenly along its length, its ends among them."""
    if len(x) <= MOST_POINTS:
        return x, y
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    kept = np.unique(np.searchsorted(along, np.linspace(0.0, along[-1], MOST_POINTS)))
    return x[kept], y[kept]


def draw_point(axes: Axes, place: tuple[float, float], look: Look, style: Style) -> None:
    """Where a curve's threshold puts it."""
    x, y = place
    axes.plot([x], [y], **look.point(style), clip_on=False, zorder=5)


def name_curves(axes: Axes, area: Literal["auroc", "auprc"], shown: Sequence[Shown], style: Style) -> None:
    """The key: of each curve its name, its area and its threshold."""
    rows = []
    for curve, look in shown:
        name, judged = fitted(curve.name, _NAME_WIDTH), curve.evaluation
        words = f"{name}: {area.upper()} {getattr(judged, area):.3f}, threshold {judged.threshold:.2f}"
        rows.append((words, Line2D([], [], **look.line(), **look.point(style))))
    if rows:
        draw_key(axes, rows, style)


def sensitivity(counts: Confusion) -> float:
    """Where positive images are there."""
    return counts.true_positive / (counts.true_positive + counts.false_negative)


def _looks(style: Style) -> list[Look]:
    colors = (style.accent, style.positive, style.text, style.muted)
    rows = zip(colors, _DASHES, _MARKERS, strict=True)
    return [Look(color=color, linestyle=dashes, marker=marker) for color, dashes, marker in rows]
