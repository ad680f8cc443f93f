"""A confusion matrix: what the images are, against what they were called."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from covid_desktop.core.evaluation import Confusion
from covid_desktop.core.words import percent
from covid_desktop.figures.layout import fitted, write
from covid_desktop.figures.style import PAPER, Style

_NAME_WIDTH = 16
_DEEPEST = 0.45  # of the accent, in a cell that holds its whole row: words are still read on it


def draw_confusion(
    axes: Axes, confusion: Confusion, class_names: tuple[str, str], style: Style = PAPER
) -> None:
    """Rows are the truth, columns what the model said; the shade is the share of the row."""
    counts = (
        (confusion.true_negative, confusion.false_positive),
        (confusion.false_negative, confusion.true_positive),
    )
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    shades = LinearSegmentedColormap.from_list("shades", [style.surface, style.accent])
    axes.clear()
    axes.set_facecolor(style.surface)
    axes.imshow(shares, cmap=shades, vmin=0, vmax=1 / _DEEPEST)
    for row in range(2):
        for column in range(2):
            _write_cell(axes, (column, row), counts[row][column], sum(counts[row]), style)
    _name_sides(axes, class_names, style)


def _write_cell(axes: Axes, place: tuple[int, int], count: int, images: int, style: Style) -> None:
    """How many, and below it the share of the row; a row without images has none."""
    look: dict[str, Any] = {"color": style.text, "ha": "center"}
    write(axes, f"{count:,}", place, (0, 4), fontsize=16, **look)
    if images:
        write(axes, percent(count / images), place, (0, -13), fontsize=9, **look)


def _name_sides(axes: Axes, class_names: tuple[str, str], style: Style) -> None:
    names = [fitted(name, _NAME_WIDTH) for name in class_names]
    axes.set_xticks([0, 1], names, va="baseline", parse_math=False)
    axes.set_yticks([0, 1], names, rotation=90, va="center", parse_math=False)
    axes.set_xlabel("The model says", color=style.muted)
    axes.set_ylabel("The images are", color=style.muted)
    axes.tick_params(colors=style.text, length=0, labelsize=9)
    axes.tick_params(axis="x", pad=12)
    for spine in axes.spines.values():
        spine.set_color(style.border)
