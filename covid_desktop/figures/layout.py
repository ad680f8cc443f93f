"""Room for words around the axes of a figure, and names and numbers that fit into it."""

from collections.abc import Sequence
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from covid_desktop.figures.style import Style

SMALL = 8  # points: the letters of a key
_LEAST = 0.2  # inches that axes keep in a figure too small for them
_ROW, _GAP = 12, 9  # points: a line of small words, and what is left free below them all


def leave_margins(
    figure: Figure, *, left: float, right: float, top: float, bottom: float, between: float = 0.0
) -> None:
    """Keep so many inches free around, and ``between``, axes that stand in a column.

    Call it again when the figure has another size. In a small one the axes keep a part for themselves.
    """
    width, height = figure.get_size_inches()
    parts = max(1, len(figure.axes))
    mean = (height - top - bottom - between * (parts - 1)) / parts
    figure.subplots_adjust(
        left=min(0.45, left / width),
        right=max(0.55, 1 - right / width),
        top=max(0.6, 1 - top / height),
        bottom=min(0.35, bottom / height),
        hspace=between / max(_LEAST, mean),
    )


def keep_above(axes: Axes, rows: int) -> None:
    """Lower the top of the axes within their place, so that ``rows`` of small words fit above them."""
    height = _GAP + _ROW * rows

    def locate(*_: object) -> Bbox:
        place = axes.get_position(original=True)
        figure = cast(Figure, axes.get_figure(root=True))
        kept = place.height - height / 72 / figure.get_figheight()
        return Bbox.from_bounds(place.x0, place.y0, place.width, max(kept, place.height / 3))

    axes.set_axes_locator(locate)


def draw_key(axes: Axes, rows: Sequence[tuple[str, Line2D]], style: Style, columns: int = 1) -> None:
    """What each line is, in the room above the axes, where nothing can be hidden by it."""
    keep_above(axes, -(-len(rows) // columns))
    names, lines = zip(*rows, strict=True)
    key = axes.legend(
        lines,
        names,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=style.text,
        labelspacing=(_ROW / SMALL - 1.25),
        handlelength=3.4,
        borderpad=0,
        borderaxespad=0.8 * _GAP / SMALL,
    )
    for text in key.get_texts():
        text.set_parse_math(False)


def write(
    axes: Axes, text: str, place: tuple[float, float], shift: tuple[float, float] = (0, 0), **look: Any
) -> Annotation:
    """``text`` as it is, never as a formula, ``shift`` points away from a place of the data."""
    usual: dict[str, Any] = {"va": "center", "annotation_clip": False, "parse_math": False}
    return axes.annotate(text, place, shift, textcoords="offset points", **usual | look)


def say(axes: Axes, text: str, style: Style) -> None:
    """A sentence instead of data, in the middle of the axes."""
    middle: dict[str, Any] = {"xycoords": "axes fraction", "ha": "center", "fontsize": 10}
    box = {"facecolor": style.surface, "edgecolor": "none"}
    write(axes, text, (0.5, 0.5), color=style.muted, bbox=box, **middle)


def fitted(name: str, most: int) -> str:
    """``name`` in one line of at most ``most`` characters."""
    line = " ".join(name.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
