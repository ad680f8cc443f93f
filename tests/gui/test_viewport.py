"""Which part of a picture is on the screen."""

from itertools import product

import pytest

from covid_desktop.gui.viewport import Viewport


def viewport(picture: tuple[int, int] = (1000, 500), screen: tuple[int, int] = (700, 600)) -> Viewport:
    return Viewport(picture=picture, screen=screen)


def under(seen: Viewport, x: float, y: float) -> tuple[float, float]:
    """The place in the picture under a place of the screen."""
    left, top = seen.offset
    return (x + left) / seen.scale, (y + top) / seen.scale


def test_a_picture_is_fitted_in_the_middle() -> None:
    part = viewport().part()
    assert part.place == (0, 125, 700, 475)
    assert part.box == (0, 0, 1000, 500)
    assert viewport((10, 10)).scale == 60


def test_one_to_one_is_on_whole_pixels() -> None:
    seen = viewport((1001, 1001), (700, 601)).zoomed(1)
    part = seen.part()
    assert part.size == (700, 601)
    assert all(edge == int(edge) for edge in part.box)
    assert seen.panned(0.4, -0.3).part() == part


def test_zoom_keeps_what_is_under_the_pointer() -> None:
    seen = viewport().zoomed(1, 350, 300)
    for zoom in (2.5, 5.2, 4, 31):
        before = under(seen, 500, 100)
        seen = seen.zoomed(zoom, 500, 100)
        assert under(seen, 500, 100) == pytest.approx(before, abs=2 / zoom)


def test_zooming_ends_at_the_whole_picture_and_at_large_pixels() -> None:
    large, small = viewport(), viewport((10, 10))
    assert large.zoomed(0.01).zoom is None
    assert large.zoomed(1000).scale == 32
    assert small.zoomed(0.01).scale == 1
    assert small.zoomed(1000).zoom is None


def test_panning_keeps_the_middle_over_the_picture_and_comes_back_at_once() -> None:
    seen = viewport().zoomed(2).panned(9999, 9999)
    assert seen.part().place == (350, 300, 700, 600)
    assert seen.part().box == (0, 0, 175, 150)
    assert seen.panned(-40, -20).part().place == (310, 280, 700, 600)
    corner = seen.panned(-9999, -9999)
    assert corner.part().box == (825, 350, 1000, 500)
    assert viewport().panned(50, 50).part() == viewport().part()


def test_the_pixel_under_the_pointer() -> None:
    seen = viewport()
    assert seen.pixel(0, 125) == (0, 0)
    assert seen.pixel(699.9, 474.9) == (499, 999)
    assert seen.pixel(0, 124.9) is None
    assert seen.pixel(700.5, 300) is None


def test_a_fitted_picture_stays_fitted_in_another_size() -> None:
    assert viewport().resized((1400, 600)).scale == 1.2
    assert viewport().zoomed(3).resized((1400, 600)).scale == 3


@pytest.mark.parametrize(("picture", "factor"), [((1000, 500), 1), ((1400, 500), 2), ((2100, 10), 3)])
def test_only_as_many_pixels_as_are_needed(picture: tuple[int, int], factor: int) -> None:
    assert viewport(picture).factor == factor


def test_something_is_always_seen_and_inside() -> None:
    sides = (1, 2, 37, 3000)
    for picture, screen in product(product(sides, sides), product((1, 50, 701), (1, 333))):
        for zoom in (None, 0.1, 1.0, 7.7):
            seen = viewport(picture, screen)
            seen = seen if zoom is None else seen.zoomed(zoom, 5, 5).panned(-7, 31)
            left, top, right, bottom = seen.part().place
            assert 0 <= left < right <= screen[0]
            assert 0 <= top < bottom <= screen[1]
            left, top, right, bottom = seen.part().box
            assert 0 <= left < right <= picture[0]
            assert 0 <= top < bottom <= picture[1]
