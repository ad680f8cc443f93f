"""Whether scores are probabilities: of the images given 0.8, are 80 % positive?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from covid_desktop.core.calibration import ReliabilityBin
from covid_desktop.figures.curves import dress_square
from covid_desktop.figures.layout import draw_key, say, write
from covid_desktop.figures.style import CHANCE, PAPER, Style

Bins = Sequence[ReliabilityBin]
_FLOOR, _STRIP = -0.27, 0.14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """The bins that hold images, and how they look: open circles before, filled squares after."""

    name: str
    bins: Bins
    color: str
    fill: str
    marker: str
    linestyle: Any

    def line(self) -> dict[str, Any]:
        point = {"marker": self.marker, "markersize": 6, "markerfacecolor": self.fill}
        return {"color": self.color, "linestyle": self.linestyle, "linewidth": 1.3} | point


def draw_reliability(axes: Axes, before: Bins, after: Bins, style: Style = PAPER) -> None:
    """Points with 95 % intervals against the diagonal, before calibration and after it.

    The strip at the bottom shows how many images each bin holds. Either may be empty; so may bins.
    """
    dress_square(axes, style)
    axes.set_ylim(_FLOOR, 1)
    axes.set_ylabel("Share that is positive")
    axes.plot([0, 1], [0, 1], color=style.muted, linewidth=1, linestyle=CHANCE)
    shown = _series(before, after, style)
    for series in shown:
        _draw_points(axes, series)
    if shown:
        _draw_strip(axes, shown, style)
        axes.set_xlabel(" or ".join(series.name for series in shown).capitalize())
        draw_key(axes, [(series.name, Line2D([], [], **series.line())) for series in shown], style, columns=2)
    else:
        say(axes, "No images", style)


def _series(before: Bins, after: Bins, style: Style) -> list[_Series]:
    """Those with images."""
    held = [[one for one in bins if one.count] for bins in (before, after)]
    open_circles: dict[str, Any] = {"color": style.muted, "fill": style.surface, "marker": "o"}
    squares: dict[str, Any] = {"color": style.accent, "fill": style.accent, "marker": "s"}
    both = (
        _Series(name="score", bins=held[0], linestyle=(0, (2, 2)), **open_circles),
        _Series(name="calibrated probability", bins=held[1], linestyle="-", **squares),
    )
    return [series for series in both if series.bins]


def _draw_points(axes: Axes, series: _Series) -> None:
    x = [one.mean_probability for one in series.bins]
    ends = [one.share_low for one in series.bins], [one.share_high for one in series.bins]
    axes.vlines(x, *ends, color=series.color, linewidth=1.1, linestyle=series.linestyle)
    axes.plot(x, [one.share for one in series.bins], **series.line(), clip_on=False, zorder=3)


def _draw_strip(axes: Axes, shown: Sequence[_Series], style: Style) -> None:
    """Outlines on the floor of the axes; the fullest bin is as high as the strip."""
    most = max(one.count for series in shown for one in series.bins)
    for series in shown:
        for one in series.bins:
            sides, top = [one.low, one.low, one.high, one.high], _FLOOR + _STRIP * one.count / most
            look = {"color": series.color, "linestyle": series.linestyle, "linewidth": 1, "clip_on": False}
            axes.plot(sides, [_FLOOR, top, top, _FLOOR], **look)
    words = f"images in a bin, at most {most:,}"
    write(axes, words, (0, _FLOOR + _STRIP), (3, 6), color=style.muted, fontsize=8)
