"""One measure of several data sets or runs, below each other."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from covid_desktop.core.measures import Measure
from covid_desktop.figures.layout import fitted, leave_margins, say
from covid_desktop.figures.rows import AUROC_OF_CHANCE, NUMBERS_WIDTH, ROW, Row, draw_chance, draw_rows
from covid_desktop.figures.style import PAPER, Style

Named = tuple[str, Measure]
_NAME_WIDTH = 20
_LETTER = 0.08  # inches, at most
_TOP, _BOTTOM = 0.15, 0.5  # inches
_LEAST_WIDTH = 0.05  # of the axis


def draw_intervals(axes: Axes, rows: Sequence[Named], style: Style = PAPER) -> None:
    """A row each: the value as a point, its 95 % interval as a line, both in figures at the right.

    ``rows`` are names with the same measure of each.
    """
    numbers = _numbers(rows)
    placed = [_row(number, name, measure) for number, (name, measure) in enumerate(rows)]
    draw_rows(axes, placed, _ends(numbers), style, _decimals(numbers))
    axes.set_xlabel(rows[0][1].name if rows else "")
    if not rows:
        say(axes, "Nothing to compare", style)
    elif _is_auroc(rows):
        draw_chance(axes, style)


def arrange_intervals(figure: Figure, rows: Sequence[Named]) -> None:
    """Leave room for names and numbers; call it when the figure has another size."""
    longest = max((len(fitted(name, _NAME_WIDTH)) for name, _ in rows), default=0)
    more = 2 * _LETTER * (_decimals(_numbers(rows)) - 2)
    left, right = 0.25 + _LETTER * longest, NUMBERS_WIDTH + more
    leave_margins(figure, left=left, right=right, top=_TOP, bottom=_BOTTOM)


def least_intervals_height(rows: Sequence[Named]) -> float:
    """In inches; in less, the rows run into each other."""
    return _TOP + ROW * (len(rows) + 1) + _BOTTOM


def _row(number: int, name: str, measure: Measure) -> Row:
    return Row(
        name=fitted(name, _NAME_WIDTH),
        height=-number,
        value=measure.value,
        low=measure.low,
        high=measure.high,
    )


def _is_auroc(rows: Sequence[Named]) -> bool:
    return all(measure.key == "auroc" for _, measure in rows)


def _numbers(rows: Sequence[Named]) -> list[float]:
    """What the axis has to hold; an AUROC is looked at from chance on."""
    found = [number for _, measure in rows for number in (measure.low, measure.value, measure.high)]
    known = [number for number in found if number is not None]
    return [*known, AUROC_OF_CHANCE] if known and _is_auroc(rows) else known


def _ends(numbers: Sequence[float]) -> tuple[float, float]:
    """Round numbers from 0 to 1 around all of them, some way apart."""
    high = max(_LEAST_WIDTH, max(numbers, default=1.0))
    low = min(high - _LEAST_WIDTH, min(numbers, default=0.0))
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    return max(0.0, float(ticks[0])), min(1.0, float(ticks[-1]))


def _decimals(numbers: Sequence[float]) -> int:
    """As many in all rows: three where all are small, or where two would make one of them a whole 1."""
    needs_three = max(numbers, default=1.0) < 0.1 or any(0.995 <= number < 1 for number in numbers)
    return 3 if needs_three else 2
