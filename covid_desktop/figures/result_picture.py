"""The result of one image on paper: its score on a bar, and its picture with and without the heatmap."""

import warnings
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from covid_desktop.figures.heatmap import draw_heatmap
from covid_desktop.figures.layout import fitted, write
from covid_desktop.figures.picture import draw_picture
from covid_desktop.figures.report_pictures import DPI, Picture
from covid_desktop.figures.style import PAPER, Style

BAR_SIZE = (6.8, 0.72)  # inches: the width of the text on A4, and room for words above and below the bar
BAR_PLACE = (0.005, 0, 0.89, 1)  # the score stands at the right of it
_HEIGHT, _TICK = 0.16, 0.055  # inches: of the bar, and what the tick stands out of it
_NAME_WIDTH = 30  # characters of a class
_TALLEST = 1.35  # times as high as wide: a picture higher than that is shown less wide
_BETWEEN = 0.1  # inches
_WORDS, _NUMBER = 8.5, 12  # points
_LETTER = 0.0125  # of the bar: a letter of such words is hardly wider
_QUICK = {"compress_level": 3}  # in two thirds of the time, for a twelfth more bytes
Band = tuple[float, float] | None


def score_picture(
    score: float | None,
    threshold: float,
    band: Band,
    class_names: tuple[str, str],
    colour: str,
) -> Picture:
    """A score from 0, the first class, to 1, the second, on a bar in ``colour``; None leaves the bar empty.

    A tick stands at the threshold; the ``band`` of indeterminate scores is shaded.
    """
    figure = _figure(BAR_SIZE)
    draw_score(figure.add_axes(BAR_PLACE), score, threshold, band, class_names, colour)
    words = "Not scored" if score is None else f"Score {score:.3f}"
    shaded = f", indeterminate from {band[0]:.3f} to {band[1]:.3f}" if band else ""
    ends = f"from 0 for {class_names[0]} to 1 for {class_names[1]}"
    return _saved(figure, f"{words} on a bar {ends}; threshold {threshold:.3f}{shaded}.")


def draw_score(
    axes: Axes,
    score: float | None,
    threshold: float,
    band: Band,
    class_names: tuple[str, str],
    colour: str,
    style: Style = PAPER,
) -> None:
    """What ``score_picture`` shows, in axes 0.72 inches high; the number stands at their right."""
    axes.clear()
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(-BAR_SIZE[1] / 2, BAR_SIZE[1] / 2))
    half, reach = _HEIGHT / 2, _HEIGHT / 2 + _TICK
    axes.add_patch(Rectangle((0, -half), 1, _HEIGHT, color=style.border, linewidth=0))
    if score is not None:
        axes.add_patch(Rectangle((0, -half), score, _HEIGHT, color=colour, linewidth=0))
    if band:
        look: dict[str, Any] = {"facecolor": style.muted, "alpha": 0.35, "linewidth": 0}
        axes.add_patch(Rectangle((band[0], -reach), band[1] - band[0], 2 * reach, **look))
        axes.vlines(band, -reach, reach, color=style.muted, linewidth=0.8)
    axes.vlines([threshold], -reach, reach, color=style.text, linewidth=1.8)
    _write_words(axes, threshold, band, class_names, style)
    number = "\N{EN DASH}" if score is None else f"{score:.3f}"
    write(axes, number, (1, 0), (8, 0), color=style.text, fontsize=_NUMBER, fontweight="bold")


def _write_words(
    axes: Axes, threshold: float, band: Band, class_names: tuple[str, str], style: Style
) -> None:
    look: dict[str, Any] = {"color": style.muted, "fontsize": _WORDS}
    edge = _HEIGHT / 2 + _TICK
    shaded = f", indeterminate from {band[0]:.3f} to {band[1]:.3f}" if band else ""
    words = f"threshold {threshold:.3f}{shaded}"
    half = _LETTER * len(words) / 2
    side = "left" if threshold < half else "right" if threshold > 1 - half else "center"
    write(axes, words, (threshold, edge), (0, 8), ha=side, **look)
    first, second = (fitted(name, _NAME_WIDTH) for name in class_names)
    write(axes, f"0 {first}", (0, -edge), (0, -8), ha="left", **look)
    write(axes, f"{second} 1", (1, -edge), (0, -8), ha="right", **look)


def pair_picture(
    pixels: NDArray[np.uint8], heatmap: NDArray[np.floating] | None, width: float, words: str, dpi: int = DPI
) -> Picture:
    """The picture and, where there is one, the picture with its heatmap, side by side in ``width`` inches.

    ``pixels`` are (height, width), (height, width, 1) or RGB; ``words`` are for who cannot see them.
    """
    grey = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    rows, columns = grey.shape[:2]
    side = (width - _BETWEEN) / 2
    high = side * min(_TALLEST, rows / columns)
    wide = high * columns / rows
    whole = 2 * wide + _BETWEEN if heatmap is not None else wide
    figure = _figure((whole, high), dpi)
    draw_picture(figure.add_axes((0, 0, wide / whole, 1)), grey)
    if heatmap is not None:
        draw_heatmap(figure.add_axes((1 - wide / whole, 0, wide / whole, 1)), grey, heatmap)
    return _saved(figure, words)


def _figure(size: tuple[float, float], dpi: int = DPI) -> Figure:
    figure = Figure(figsize=size, dpi=dpi)
    FigureCanvasAgg(figure)
    return figure


def _saved(figure: Figure, words: str) -> Picture:
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a class may be named in letters the font has not
        figure.savefig(file, format="png", metadata={"Software": None}, pil_kwargs=_QUICK)
    width, height = figure.get_size_inches()
    return Picture(png=file.getvalue(), words=words, width=float(width), height=float(height))
