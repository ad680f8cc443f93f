"""What the images of both classes scored, and where the threshold parts them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.words import counted
from covid_desktop.figures.layout import SMALL, fitted, keep_above, say, write
from covid_desktop.figures.style import PAPER, Style, dress

Numbers = NDArray[np.float64]
_FEW = 1000  # images; of more, bins are half as wide
_HEADROOM = 1.25  # for a class's name beyond its fullest bin
_NAME_WIDTH = 30


def draw_scores(
    axes: Axes,
    evaluation: Evaluation,
    class_names: tuple[str, str],
    band: tuple[float, float] | None,
    style: Style = PAPER,
) -> None:
    """The positive class, named second, stands on the middle line and the other one hangs from it.

    Both are shares of their class, so that a rare one can be seen. ``band`` is the indeterminate one.
    """
    _dress(axes, style)
    if not evaluation.n:
        say(axes, "No images", style)
        return
    edges = np.linspace(0, 1, 21 if evaluation.n <= _FEW else 41)
    shares = _shares(evaluation, edges)
    most = _HEADROOM * max(float(one.max()) for one in shares)
    axes.set_ylim(-most, most)
    for label, color in enumerate((style.negative, style.positive)):
        _draw_class(axes, edges, shares[label] * (2 * label - 1), color)
    axes.axhline(0, color=style.muted, linewidth=0.8)
    _name_classes(axes, evaluation, class_names, style)
    _draw_threshold(axes, evaluation.threshold, band, style)


def _dress(axes: Axes, style: Style) -> None:
    axes.clear()
    dress(axes, style)
    axes.set(xlim=(0, 1), xlabel="Score", ylabel="Share of the class")
    axes.yaxis.labelpad = 2
    axes.yaxis.set_major_locator(MaxNLocator(7, prune="both"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{abs(share):.0%}".replace("%", " %")))


def _shares(evaluation: Evaluation, edges: Numbers) -> tuple[Numbers, Numbers]:
    """Of the images of each class, the share in each bin: (bins,)."""
    scores, labels = np.asarray(evaluation.scores), np.asarray(evaluation.labels)
    counts = [np.histogram(scores[labels == label], edges)[0] for label in (0, 1)]
    negative, positive = (count / max(1, count.sum()) for count in counts)
    return negative, positive


def _draw_class(axes: Axes, edges: Numbers, heights: Numbers, color: str) -> None:
    axes.stairs(heights, edges, color=color, linewidth=1.8)
    axes.stairs(heights, edges, color=color, fill=True, alpha=0.18)


def _name_classes(axes: Axes, evaluation: Evaluation, names: tuple[str, str], style: Style) -> None:
    """In the headroom, above what stands and below what hangs, on the side where the threshold is not."""
    side, x, shift = ("left", 0, 5) if evaluation.threshold >= 0.5 else ("right", 1, -5)
    look: dict[str, Any] = {"xycoords": "axes fraction", "fontsize": 9, "color": style.text, "ha": side}
    for label, (va, rise) in enumerate((("bottom", 4), ("top", -4))):
        images = counted(evaluation.labels.count(label), "image")
        words = f"{fitted(names[label], _NAME_WIDTH)}, {images}"
        write(axes, words, (x, label), (shift, rise), va=va, **look)


def _draw_threshold(axes: Axes, threshold: float, band: tuple[float, float] | None, style: Style) -> None:
    """A line through both classes, its words above the axes."""
    words = f"threshold {threshold:.2f}"
    if band:
        axes.axvspan(*band, facecolor=style.muted, alpha=0.22, linewidth=0)
        words = f"{words}, indeterminate {band[0]:.2f} to {band[1]:.2f}"
    keep_above(axes, 1)
    axes.axvline(threshold, color=style.text, linewidth=1.4)
    side = "left" if threshold < 1 / 3 else "right" if threshold > 2 / 3 else "center"
    place: dict[str, Any] = {"xycoords": axes.get_xaxis_transform(), "ha": side, "va": "bottom"}
    write(axes, words, (threshold, 1), (0, 3), color=style.text, fontsize=SMALL, **place)
