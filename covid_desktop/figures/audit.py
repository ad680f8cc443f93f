"""A shortcut audit: how well the classes are told apart by what shows no lungs, and by all of the picture."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit, Sight
from covid_desktop.figures.style import PAPER, Style, dress

LOWEST = 0.4
_SEES_ALL: tuple[Sight, ...] = ("whole-picture", "trained-model")
_GAP = 0.5  # rows between those that see a part and those that see all
_MARGINS = {"left": 2.35, "right": 1.45, "top": 0.3, "bottom": 0.5}  # inches
_SPACING = 0.85  # between the parts
_ROW = 0.2


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
    return _MARGINS["top"] + _ROW * sum(rows) + _SPACING * (len(rows) - 1) + _MARGINS["bottom"]


def _rows(audit: ShortcutAudit) -> list[int]:
    """How many rows each part takes, with the room above and below them."""
    parts = [audit.areas, audit.validation] if audit.validation else [audit.areas]
    return [len(part) + 1 for part in parts]


def arrange(figure: Figure) -> None:
    """Leave room for names and numbers; call it when the figure has another size."""
    width, height = figure.get_size_inches()
    parts = max(1, len(figure.axes))
    mean = (height - _MARGINS["top"] - _MARGINS["bottom"] - _SPACING * (parts - 1)) / parts
    figure.subplots_adjust(
        left=min(0.45, _MARGINS["left"] / width),
        right=max(0.55, 1 - _MARGINS["right"] / width),
        top=max(0.6, 1 - _MARGINS["top"] / height),
        bottom=min(0.35, _MARGINS["bottom"] / height),
        hspace=_SPACING / max(_ROW, mean),
    )


def draw_audit(axes: Axes, areas: Mapping[Sight, Area], title: str = "", style: Style = PAPER) -> None:
    """A row for each sight: its AUROC as a point, the 95 % interval as a line, both in figures at the right.

    What sees everything stands below, with an open point. Values below LOWEST are drawn at it.
    """
    axes.clear()
    dress(axes, style)
    axes.grid(visible=False, axis="y")
    axes.axvline(0.5, color=style.muted, linewidth=1, linestyle=(0, (4, 3)))
    heights = _heights(areas)
    for sight, area in areas.items():
        _draw_row(axes, heights[sight], sight, area, style)
        _write_row(axes, heights[sight], area, style)
    top = 0.8
    axes.set_xlim(LOWEST, 1.0)
    axes.set_ylim(min(heights.values(), default=0.0) - 0.6, top)
    axes.set_yticks(list(heights.values()), [SIGHT_NAMES[sight] for sight in heights])
    axes.tick_params(axis="y", colors=style.text)
    _write(axes, "chance", (0.5, top), (3, -4), color=style.muted, fontsize=8)
    axes.set_xlabel("AUROC")
    axes.set_title(title, loc="left", fontsize=10, color=style.text)


def _cross_validated(audit: ShortcutAudit) -> str:
    of_all = "" if audit.n == audit.total else f" of {audit.total:,}"
    return f"Cross-validated over {audit.n:,}{of_all} images"


def _heights(areas: Mapping[Sight, Area]) -> dict[Sight, float]:
    """The first row at 0, each below the one before."""
    return {sight: -row - _GAP * (sight in _SEES_ALL) for row, sight in enumerate(areas)}


def _draw_row(axes: Axes, height: float, sight: Sight, area: Area, style: Style) -> None:
    low, value, high = (max(LOWEST, number) for number in (area.low, area.auroc, area.high))
    color, fill = (style.muted, style.surface) if sight in _SEES_ALL else (style.accent, style.accent)
    axes.plot([low, high], [height] * 2, color=color, linewidth=2.5, solid_capstyle="butt", clip_on=False)
    point: dict[str, Any] = {
        "markerfacecolor": fill,
        "markeredgewidth": 1.8,
        "markersize": 7,
        "clip_on": False,
    }
    axes.plot([value], [height], "D" if sight == "trained-model" else "o", color=color, **point)


def _write_row(axes: Axes, height: float, area: Area, style: Style) -> None:
    value, interval = f"{area.auroc:.2f}", f"{area.low:.2f} to {area.high:.2f}"
    _write(axes, value, (1, height), (14, 0), color=style.text, fontsize=10, fontweight="bold")
    _write(axes, interval, (1, height), (44, 0), color=style.muted, fontsize=9)


def _write(axes: Axes, text: str, place: tuple[float, float], shift: tuple[int, int], **look: Any) -> None:
    axes.annotate(
        text, place, xytext=shift, textcoords="offset points", va="center", annotation_clip=False, **look
    )
