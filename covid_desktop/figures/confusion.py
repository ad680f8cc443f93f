"""A confusion matrix: what the images are, against what they were called."""

from textwrap import shorten

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from covid_desktop.core.evaluation import Confusion
from covid_desktop.figures.style import PAPER, Style

_NAME_WIDTH = 16


def draw_confusion(
    axes: Axes, confusion: Confusion, class_names: tuple[str, str], style: Style = PAPER
) -> None:
    """Rows are the truth, columns what the model said; the shade is the share of the row."""
    counts = [
        [confusion.true_negative, confusion.false_positive],
        [confusion.false_negative, confusion.true_positive],
    ]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    shades = LinearSegmentedColormap.from_list("shades", [style.surface, style.accent])
    axes.clear()
    axes.set_facecolor(style.surface)
    axes.imshow(shares, cmap=shades, vmin=0, vmax=1.25)
    for row in range(2):
        for column in range(2):
            _draw_cell(axes, row, column, counts[row][column], shares[row][column], style)
    names = [shorten(name, _NAME_WIDTH, placeholder="…") for name in class_names]
    axes.set_xticks([0, 1], names, parse_math=False)
    axes.set_yticks([0, 1], names, rotation=90, va="center", parse_math=False)
    axes.set_xlabel("The model says", color=style.muted)
    axes.set_ylabel("The images are", color=style.muted)
    axes.tick_params(colors=style.text, length=0, labelsize=9)
    for spine in axes.spines.values():
        spine.set_color(style.border)


def _draw_cell(axes: Axes, row: int, column: int, count: int, share: float, style: Style) -> None:
    color = style.surface if share > 0.6 else style.text
    axes.text(column, row, str(count), ha="center", va="center", fontsize=16, color=color)
    axes.text(column, row + 0.3, f"{share:.0%}", ha="center", va="center", fontsize=9, color=color)
