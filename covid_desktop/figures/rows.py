"""Rows of values with their 95 % intervals: a point on a line, and both in figures at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from covid_desktop.figures.layout import write
from covid_desktop.figures.style import CHANCE, Style, dress

AUROC_OF_CHANCE = 0.5
ROW = 0.2  # inches, at least
NUMBERS_WIDTH = 1.6  # inches, at the right of the axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A value at a height of the axes; what is not known is None. ``is_quiet``: an open point in grey."""

    name: str
    height: float
    value: float | None
    low: float | None
    high: float | None
    marker: str = "o"
    is_quiet: bool = False


def draw_rows(
    axes: Axes, rows: Sequence[Row], ends: tuple[float, float], style: Style, decimals: int = 2
) -> None:
    """Clears the axes, which reach from one of ``ends`` to the other; what lies outside is drawn at them."""
    axes.clear()
    dress(axes, style)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(*ends)
    axes.set_ylim(min((row.height for row in rows), default=0.0) - 0.6, 0.8)
    for row in rows:
        _draw_row(axes, row, ends, style)
        _write_row(axes, row, ends[1], decimals, style)
    axes.set_yticks([row.height for row in rows], [row.name for row in rows], parse_math=False)
    axes.tick_params(axis="y", colors=style.text)


def draw_chance(axes: Axes, style: Style) -> None:
    """Where an AUROC tells nothing."""
    axes.axvline(AUROC_OF_CHANCE, color=style.muted, linewidth=1, linestyle=CHANCE, zorder=1)
    write(axes, "chance", (AUROC_OF_CHANCE, axes.get_ylim()[1]), (3, -4), color=style.muted, fontsize=8)


def _draw_row(axes: Axes, row: Row, ends: tuple[float, float], style: Style) -> None:
    color, fill = (style.muted, style.surface) if row.is_quiet else (style.accent, style.accent)
    if row.low is not None and row.high is not None:
        interval = [_within(row.low, ends), _within(row.high, ends)]
        axes.plot(
            interval, [row.height] * 2, color=color, linewidth=2.5, solid_capstyle="butt", clip_on=False
        )
    if row.value is not None:
        point = {"marker": row.marker, "markersize": 7, "markeredgewidth": 1.8, "markerfacecolor": fill}
        axes.plot([_within(row.value, ends)], [row.height], color=color, clip_on=False, **point)  # type: ignore[arg-type]


def _write_row(axes: Axes, row: Row, right: float, decimals: int, style: Style) -> None:
    place = (right, row.height)
    bold = {"fontsize": 10, "fontweight": "bold", "ha": "right"}
    write(axes, _number(row.value, decimals), place, (45, 0), color=style.text, **bold)
    interval = "not defined" if row.value is None else "no interval"
    if row.low is not None and row.high is not None:
        interval = f"{_number(row.low, decimals)} to {_number(row.high, decimals)}"
    write(axes, interval, place, (50, 0), color=style.muted, fontsize=9)


def _within(number: float, ends: tuple[float, float]) -> float:
    return min(max(number, ends[0]), ends[1])


def _number(value: float | None, decimals: int) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.{decimals}f}"
