"""The colours that the figures are drawn in."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Colours as ``#rrggbb``; the defaults are for paper and files."""

    surface: str = "#ffffff"
    text: str = "#1c2024"
    muted: str = "#565e67"
    border: str = "#d8dce1"
    accent: str = "#2f5f8f"
    positive: str = "#a34a08"
    negative: str = "#1b64a5"
    picture: str = "#0b0c0e"
    on_picture: str = "#e6e8eb"


PAPER = Style()
CHANCE: Any = (0, (4, 3))
"""The dashes of a line that shows what telling nothing looks like."""


def dress(axes: Axes, style: Style) -> None:
    """Thin grid, no box, quiet ticks."""
    axes.set_facecolor(style.surface)
    axes.grid(visible=True, color=style.border, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=style.muted, labelsize=9, length=0)
    axes.xaxis.label.set_color(style.muted)
    axes.yaxis.label.set_color(style.muted)
    axes.title.set_color(style.text)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(style.border)
