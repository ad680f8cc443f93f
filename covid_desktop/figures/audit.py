"""A shortcut audit: how well the classes are told apart by what shows no lungs, and by all of the picture."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit, Sight
from covid_desktop.figures.layout import leave_margins
from covid_desktop.figures.rows import NUMBERS_WIDTH, ROW, Row, draw_chance, draw_rows
from covid_desktop.figures.style import PAPER, Style

LOWEST = 0.4
_SEES_ALL: tuple[Sight, ...] = ("whole-picture", "trained-model")
_GAP = 0.5  # rows between those that see a part and those that see all
_MARGINS = {"left": 2.35, "right": NUMBERS_WIDTH, "top": 0.3, "bottom": 0.5}  # inches
_SPACING = 0.85  # between the parts


def draw_audit_figure(figure: Figure, audit: ShortcutAudit, style: Style = PAPER) -> None:
    """What was cross-validated; below it, where a model was trained, the same on its validation images."""
    parts = {_cross_validated(audit): audit.areas}
    if audit.validation:
        images = next(iter(audit.validation.values())).n
        parts[f"On the {images:,} validation images"] = audit.validation
    rows = figure.subplots(len(parts), 1, squeeze=False, height_ratios=_rows(audit))
    for axes, (title, areas) in zip(rows[:, 0], parts.items(), strict=True):
        draw_audit(axes, areas, title, style)
    arrange(figure)


def least_height(audit: ShortcutAudit) -> float:
    """In inches; in less, the rows of its figure run into each other."""
    rows = _rows(audit)
    return _MARGINS["top"] + ROW * sum(rows) + _SPACING * (len(rows) - 1) + _MARGINS["bottom"]


def arrange(figure: Figure) -> None:
    """Leave room for names and numbers; call it when the figure has another size."""
    leave_margins(figure, **_MARGINS, between=_SPACING)


def draw_audit(axes: Axes, areas: Mapping[Sight, Area], title: str = "", style: Style = PAPER) -> None:
    """A row for each sight: its AUROC as a point, the 95 % interval as a line, both in figures at the right.

    What sees everything stands below, with an open point. Values below LOWEST are drawn at it.
    """
    rows = [_row(number, sight, area) for number, (sight, area) in enumerate(areas.items())]
    draw_rows(axes, rows, (LOWEST, 1.0), style)
    draw_chance(axes, style)
    axes.set_xlabel("AUROC")
    axes.set_title(title, loc="left", fontsize=10, color=style.text)


def _rows(audit: ShortcutAudit) -> list[int]:
    """How many rows each part takes, with the room above and below them."""
    parts = [audit.areas, audit.validation] if audit.validation else [audit.areas]
    return [len(part) + 1 for part in parts]


def _cross_validated(audit: ShortcutAudit) -> str:
    of_all = "" if audit.n == audit.total else f" of {audit.total:,}"
    return f"Cross-validated over {audit.n:,}{of_all} images"


def _row(number: int, sight: Sight, area: Area) -> Row:
    """The first one at 0, each below the one before."""
    sees_all = sight in _SEES_ALL
    return Row(
        name=SIGHT_NAMES[sight],
        height=-number - _GAP * sees_all,
        value=area.auroc,
        low=area.low,
        high=area.high,
        marker="D" if sight == "trained-model" else "o",
        is_quiet=sees_all,
    )
