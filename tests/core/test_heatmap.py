"""What a heatmap says in numbers: how much of it is in the centre, and where it is highest."""

import numpy as np
import pytest

from covid_desktop.core.heatmap import CENTRE, HEATMAP_CAVEAT, Heat, central_share, peak
from covid_desktop.core.sights import blacked_out

SIZES = [(10, 10), (25, 40), (225, 160)]


def marked(height: int, width: int, *places: tuple[int, int]) -> Heat:
    values = np.zeros((height, width), np.float32)
    for place in places:
        values[place] = 1
    return values


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_an_even_map_has_the_centres_area_inside(height: int, width: int) -> None:
    assert central_share(np.ones((height, width), np.float32)) == pytest.approx(CENTRE**2)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_centre_is_what_the_audit_blacks_out(height: int, width: int) -> None:
    blacked = blacked_out(np.ones((1, height, width, 1), np.uint8))[0, :, :, 0]
    assert central_share((1 - blacked).astype(np.float32)) == 1
    assert central_share(blacked.astype(np.float32)) == 0


def test_each_corner_of_the_centre_is_inside_and_what_is_beyond_is_not() -> None:
    for row, column in ((4, 2), (4, 7), (15, 2), (15, 7)):
        assert central_share(marked(20, 10, (row, column))) == 1
    for row, column in ((3, 2), (4, 1), (16, 7), (15, 8)):
        assert central_share(marked(20, 10, (row, column))) == 0


def test_a_share_is_of_the_values_not_of_the_pixels() -> None:
    values = marked(10, 10, (5, 5), (0, 0))
    values[5, 5] = 0.6
    values[0, 0] = 0.2
    assert central_share(values) == pytest.approx(0.75)


def test_a_map_that_marks_nothing_has_no_share() -> None:
    assert central_share(marked(10, 10)) is None


def test_a_map_of_one_pixel_is_all_centre() -> None:
    assert central_share(marked(1, 1, (0, 0))) == 1


def test_the_peak_is_a_row_and_a_column() -> None:
    values = marked(5, 9, (3, 7))
    values[1, 2] = 0.5
    assert peak(values) == (3, 7)
    assert all(type(number) is int for number in peak(values))


def test_of_equal_peaks_the_first_is_given() -> None:
    assert peak(marked(5, 9, (3, 7), (2, 8))) == (2, 8)


def test_the_caveat_says_that_a_heatmap_is_no_proof() -> None:
    assert HEATMAP_CAVEAT == "The heatmap shows where the model looked, and proves nothing."
