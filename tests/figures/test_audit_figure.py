"""What the figure of a shortcut audit shows, read from its artists, and that it can be read."""

from io import BytesIO
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, BboxBase
from PIL import Image

from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit, Sight
from covid_desktop.figures.audit import LOWEST, arrange, draw_audit, draw_audit_figure, least_height
from covid_desktop.figures.style import PAPER, Style

PARTS: tuple[Sight, ...] = ("file-properties", "outer-frame", "thumbnail", "blacked-out")
CROSS_VALIDATED: tuple[Sight, ...] = (*PARTS, "whole-picture")
WIDTHS = [5.2, 7.9, 12.0]  # in inches, of 100 pixels: in the smallest window, the usual one, a large one
TALLEST = 10 * 100 / 72  # the letters of the numbers, in pixels


def area(auroc: float, low: float | None = None, high: float | None = None, n: int = 370) -> Area:
    return Area(
        auroc=auroc,
        low=auroc - 0.05 if low is None else low,
        high=min(1.0, auroc + 0.05) if high is None else high,
        n=n,
    )


def audited(*, is_trained: bool = False, n: int = 370, total: int = 370) -> ShortcutAudit:
    areas = {sight: area(0.9 - 0.1 * row, n=n) for row, sight in enumerate(CROSS_VALIDATED)}
    trained: dict[Sight, Area] = {"trained-model": area(0.93, n=80)}
    seen = {sight: area(0.8, n=80) for sight in CROSS_VALIDATED}
    return ShortcutAudit(
        verdict="red",
        sentence="They can.",
        fix="Do this.",
        areas=areas,
        n=n,
        total=total,
        validation={**seen, **trained} if is_trained else {},
    )


def points(axes: Axes) -> list[tuple[float, float]]:
    """Where the points stand, from above."""
    places = [np.asarray(line.get_xydata(), float).ravel().tolist() for line in markers(axes)]
    return [(x, y) for x, y in places]


def markers(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if line.get_marker() in ("o", "D")]


def intervals(axes: Axes) -> list[tuple[float, float]]:
    bars = [line for line in axes.lines if line.get_linewidth() == 2.5 and len(line.get_xdata()) == 2]  # type: ignore[arg-type]
    return [tuple(np.asarray(bar.get_xdata(), float).tolist()) for bar in bars]


def names(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def written(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def drawn(audit: ShortcutAudit, width: float, height: float, style: Style = PAPER) -> Figure:
    figure = Figure(figsize=(width, height), dpi=100)
    FigureCanvasAgg(figure)
    draw_audit_figure(figure, audit, style)
    figure.draw_without_rendering()
    return figure


def boxes(figure: Figure) -> dict[str, Bbox]:
    """The place of every text that is drawn, in pixels."""
    found = {}
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    for number, text in enumerate(texts):
        if text.get_visible() and text.get_text():
            found[f"{text.get_text()} #{number}"] = text.get_window_extent()
    return found


def test_each_sight_is_a_row_with_its_point_and_its_interval() -> None:
    axes = Figure().subplots()
    draw_audit(axes, {"file-properties": area(0.97, 0.95, 0.99), "outer-frame": area(0.6, 0.5, 0.7)})
    assert names(axes) == ["File properties only", "Outer frame only"]
    assert points(axes) == [(0.97, 0), (0.6, -1)]
    assert intervals(axes) == [(0.95, 0.99), (0.5, 0.7)]
    assert written(axes) == ["0.97", "0.95 to 0.99", "0.60", "0.50 to 0.70", "chance"]
    assert axes.get_xlabel() == "AUROC"


def test_the_numbers_stand_beside_their_row() -> None:
    axes = Figure().subplots()
    draw_audit(axes, audited().areas)
    rows = [height for _, height in points(axes)]
    values = [text for text in axes.texts if isinstance(text, Annotation) and text.get_text() != "chance"]
    assert [text.xy for text in values] == [(1, row) for row in rows for _ in range(2)]


def test_chance_is_marked_at_one_half() -> None:
    axes = Figure().subplots()
    draw_audit(axes, audited().areas)
    (chance,) = [line for line in axes.lines if line.get_color() == PAPER.muted and line.get_linewidth() == 1]
    assert list(np.asarray(chance.get_xdata(), float)) == [0.5, 0.5]


def test_what_sees_everything_stands_apart_with_an_open_point() -> None:
    axes = Figure().subplots()
    draw_audit(axes, audited(is_trained=True).validation)
    *parts, whole, trained = markers(axes)
    assert {to_hex(point.get_markerfacecolor()) for point in parts} == {PAPER.accent}
    for point in (whole, trained):
        assert to_hex(point.get_markerfacecolor()) == PAPER.surface
    assert (whole.get_marker(), trained.get_marker()) == ("o", "D")
    gaps = [above - below for (_, above), (_, below) in pairwise(points(axes))]
    assert gaps == [1, 1, 1, 1.5, 1]


def test_values_below_the_axis_are_drawn_at_its_end_and_written_as_they_are() -> None:
    axes = Figure().subplots()
    draw_audit(axes, {"outer-frame": area(0.31, 0.02, 0.6), "whole-picture": area(0.1, 0.0, 0.2)})
    assert points(axes)[0][0] == LOWEST
    assert intervals(axes) == [(LOWEST, 0.6), (LOWEST, LOWEST)]
    assert written(axes)[:4] == ["0.31", "0.02 to 0.60", "0.10", "0.00 to 0.20"]
    assert axes.get_xlim() == (LOWEST, 1.0)


def test_nothing_is_drawn_of_nothing() -> None:
    figure = Figure()
    draw_audit(figure.subplots(), {}, "No sight")
    figure.draw_without_rendering()
    assert written(figure.axes[0]) == ["chance"]
    assert points(figure.axes[0]) == []


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = Figure().subplots()
    draw_audit(axes, audited(is_trained=True).validation)
    draw_audit(axes, {"outer-frame": area(0.6)})
    assert names(axes) == ["Outer frame only"]
    assert len(points(axes)) == 1
    assert len(written(axes)) == 3


@pytest.mark.parametrize(
    ("n", "total", "title"),
    [
        (370, 370, "Cross-validated over 370 images"),
        (2000, 12345, "Cross-validated over 2,000 of 12,345 images"),
    ],
)
def test_the_title_says_over_how_many_images(n: int, total: int, title: str) -> None:
    (axes,) = drawn(audited(n=n, total=total), 8, 4).axes
    assert axes.get_title("left") == title


def test_a_trained_model_stands_below_on_its_validation_images() -> None:
    above, below = drawn(audited(is_trained=True), 8, 6).axes
    assert above.get_title("left") == "Cross-validated over 370 images"
    assert below.get_title("left") == "On the 80 validation images"
    assert names(above) == [SIGHT_NAMES[sight] for sight in CROSS_VALIDATED]
    assert names(below) == [*names(above), "The trained model"]


@pytest.mark.parametrize("is_trained", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("more", [0.0, 3.0])
def test_all_words_can_be_read(is_trained: bool, width: float, more: float) -> None:
    """None is cut off, none stands on another, and there is room between the rows."""
    audit = audited(is_trained=is_trained)
    figure = drawn(audit, width, least_height(audit) + more)
    found = boxes(figure)
    assert len(found) > 20
    assert [text for text, box in found.items() if not is_within(box, figure.bbox)] == []
    pairs = combinations(found, 2)
    assert [pair for pair in pairs if Bbox.intersection(*(found[text] for text in pair))] == []
    assert min(distances(figure)) > 1.3 * TALLEST


def is_within(box: BboxBase, page: BboxBase) -> bool:
    return bool(page.x0 <= box.x0 <= box.x1 <= page.x1 and page.y0 <= box.y0 <= box.y1 <= page.y1)


def distances(figure: Figure) -> list[float]:
    """Between the middles of a row and the next, in pixels."""
    found = []
    for axes in figure.axes:
        heights = [axes.transData.transform((1, height))[1] for _, height in points(axes)]
        found += [above - below for above, below in pairwise(heights)]
    return found


def test_a_figure_of_another_size_is_arranged_anew() -> None:
    audit = audited(is_trained=True)
    figure = drawn(audit, 12, 8)
    figure.set_size_inches(WIDTHS[0], least_height(audit))
    arrange(figure)
    figure.draw_without_rendering()
    assert min(box.x0 for box in boxes(figure).values()) >= 0
    assert max(box.x1 for box in boxes(figure).values()) <= figure.bbox.x1


@pytest.mark.parametrize("size", [(0.1, 0.1), (0.5, 9.0), (30.0, 0.3)])
def test_any_size_can_be_arranged(size: tuple[float, float]) -> None:
    figure = drawn(audited(is_trained=True), *size)
    for axes in figure.axes:
        assert axes.get_position().width > 0
        assert axes.get_position().height > 0


def test_an_empty_figure_can_be_arranged() -> None:
    figure = Figure()
    arrange(figure)
    figure.draw_without_rendering()
    assert figure.axes == []


def test_every_colour_is_the_styles() -> None:
    """On a black surface nothing of the paper's colours is left."""
    colours = dict.fromkeys(Style.__slots__, "#ff0000") | {"surface": "#000000"}
    figure = drawn(audited(is_trained=True), 8, 6, Style(**colours))
    file = BytesIO()
    figure.savefig(file, dpi=40, facecolor="#000000")
    pixels = np.asarray(Image.open(file).convert("RGB"))
    assert pixels[..., 0].max() > 200
    assert pixels[..., 1:].max() == 0
