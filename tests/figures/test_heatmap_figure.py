"""What an image with a heatmap looks like, read from its pixels."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.sights import blacked_out
from covid_desktop.figures.heatmap import draw_heatmap
from covid_desktop.figures.style import PAPER, Style

SIDE = 60
GREY = np.full((SIDE, SIDE), 120, np.uint8)


def drawn(
    pixels: NDArray[np.uint8], heatmap: NDArray[np.floating], opacity: float = 0.45
) -> NDArray[np.int64]:
    """The picture (60, 60, 3) that a file of as many pixels would hold."""
    figure = Figure(figsize=(1, 1), dpi=SIDE)
    draw_heatmap(figure.add_axes((0, 0, 1, 1)), pixels, heatmap, opacity)
    file = BytesIO()
    figure.savefig(file, dpi=SIDE)
    return np.asarray(Image.open(file).convert("RGB")).astype(np.int64)


def outline(axes: Axes) -> Rectangle:
    (found,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return found


def heat(**places: float) -> NDArray[np.float64]:
    """Nothing but ``corner`` and ``middle``, each as large as a fifth of the side."""
    found = np.zeros((SIDE, SIDE))
    found[:12, :12] = places.get("corner", 0.0)
    found[24:36, 24:36] = places.get("middle", 0.0)
    return found


@pytest.mark.parametrize("level", [0, 120, 255])
def test_where_little_is_the_picture_is_as_it_was(level: int) -> None:
    picture = drawn(np.full_like(GREY, level), np.full((SIDE, SIDE), 0.1))
    assert np.abs(picture[30, 30] - level).max() <= 1
    assert np.abs(picture[5, 5] - level).max() <= 1


def test_heat_lies_where_the_heatmap_has_it() -> None:
    picture = drawn(GREY, heat(corner=1.0))
    assert np.abs(picture[5, 5] - 120).max() > 30
    assert np.abs(picture[5, 55] - 120).max() <= 1
    assert np.abs(picture[55, 5] - 120).max() <= 1


def test_heat_covers_as_much_as_the_opacity_says() -> None:
    hottest = np.array(colormaps["inferno"](1.0)[:3]) * 255
    for opacity in (0.0, 0.45, 1.0):
        expected = (1 - opacity) * 120 + opacity * hottest
        assert np.abs(drawn(GREY, heat(middle=1.0), opacity)[30, 30] - expected).max() <= 2


def test_more_heat_covers_more() -> None:
    changes = [np.abs(drawn(GREY, heat(middle=share))[30, 30] - 120).max() for share in (0.1, 0.3, 0.6, 1.0)]
    assert changes[0] <= 1
    assert changes == sorted(changes)
    assert changes[1] > 3


def test_a_line_runs_where_half_of_the_most_is() -> None:
    """For who prints it in black and white."""
    axes = Figure().subplots()
    ramp = np.tile(np.linspace(0, 1, 5), (4, 1))
    draw_heatmap(axes, GREY, ramp)
    (contour,) = axes.collections
    (path,) = contour.get_paths()
    x, y = np.asarray(path.vertices, np.float64).T
    assert x == pytest.approx(SIDE / 2 - 0.5)
    assert (y.min(), y.max()) == pytest.approx((SIDE / 8 - 0.5, SIDE * 7 / 8 - 0.5))


def test_an_opacity_of_nothing_shows_the_picture_alone() -> None:
    marked, plain = drawn(GREY, heat(middle=1.0), 0.0), drawn(GREY, heat(), 0.0)
    assert np.array_equal(marked, plain)


def test_the_map_grows_lighter_with_the_heat() -> None:
    """So that it can be read in grey."""
    seen = [
        drawn(np.zeros_like(GREY), heat(middle=share), 1.0)[30, 30] for share in (0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    light = [float(pixel @ (0.299, 0.587, 0.114)) for pixel in seen]
    assert all(after > before + 5 for before, after in pairwise(light))


def test_a_coloured_picture_is_shown_in_grey() -> None:
    colour = np.zeros((SIDE, SIDE, 3), np.uint8)
    colour[..., 1] = 200
    assert np.abs(drawn(colour, heat())[30, 30] - round(0.587 * 200)).max() <= 1


@pytest.mark.parametrize("shape", [(60, 60), (7, 7), (120, 30), (1, 1)])
def test_a_heatmap_of_any_size_covers_the_picture(shape: tuple[int, int]) -> None:
    picture = drawn(GREY, np.ones(shape))
    for row, column in [(1, 1), (1, 58), (58, 1), (58, 58)]:
        assert np.abs(picture[row, column] - 120).max() > 30


def test_values_that_are_no_shares_are_taken_for_the_nearest() -> None:
    strange = np.full((SIDE, SIDE), np.nan)
    assert np.abs(drawn(GREY, strange)[30, 30] - 120).max() <= 1
    assert drawn(GREY, heat(middle=7.0))[30, 30].tolist() == drawn(GREY, heat(middle=1.0))[30, 30].tolist()
    assert np.abs(drawn(GREY, heat(middle=-7.0))[30, 30] - 120).max() <= 1


@pytest.mark.parametrize("shape", [(60, 60), (61, 47), (300, 500)])
def test_the_outline_is_round_what_the_audit_blacks_out(shape: tuple[int, int]) -> None:
    axes = Figure().subplots()
    draw_heatmap(axes, np.full(shape, 120, np.uint8), np.zeros(shape))
    (black,) = blacked_out(np.ones((1, *shape, 1), np.uint8)) == 0
    rows, columns, _ = np.nonzero(black)
    box = outline(axes).get_bbox()
    assert (box.x0 + 0.5, box.y0 + 0.5) == (columns.min(), rows.min())
    assert (box.x1 - 0.5, box.y1 - 0.5) == (columns.max(), rows.max())
    assert outline(axes).get_linestyle() != "-"


def test_the_picture_keeps_its_shape_on_near_black() -> None:
    figure = Figure(figsize=(2, 1), dpi=SIDE)
    axes = figure.add_axes((0, 0, 1, 1))
    draw_heatmap(axes, GREY, heat(), style=Style(picture="#0b0c0e"))
    figure.draw_without_rendering()
    box = axes.get_window_extent()
    assert box.width == pytest.approx(box.height) == pytest.approx(SIDE)
    assert axes.get_facecolor() == pytest.approx((11 / 255, 12 / 255, 14 / 255, 1))
    assert [text for text in (*axes.get_xticklabels(), *axes.get_yticklabels()) if text.get_text()] == []
    assert not any(spine.get_visible() for spine in axes.spines.values())


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = Figure().subplots()
    for _ in range(3):
        draw_heatmap(axes, GREY, heat(), 0.45, PAPER)
    assert (len(axes.images), len(axes.patches)) == (2, 1)
