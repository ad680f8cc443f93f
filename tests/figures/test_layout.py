"""Room for words around axes, and names that fit into it."""

import pytest
from matplotlib.figure import Figure

from covid_desktop.figures.layout import fitted, keep_above


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Healthy", "Healthy"),
        ("two\n lines", "two lines"),
        ("exactly ten", "exactly t…"),
        ("1234567890", "1234567890"),
        ("Bacterial_pneumonia", "Bacterial…"),
        ("bacterial pneumonia", "bacterial…"),
        ("pneumonia of bacteria", "pneumonia…"),
        ("", ""),
    ],
)
def test_a_name_is_one_line_that_fits(name: str, line: str) -> None:
    assert fitted(name, 10) == line
    assert len(line) <= 10


@pytest.mark.parametrize("height", [2.0, 8.0])
def test_room_above_the_axes_is_taken_from_their_top_alone(height: float) -> None:
    figure = Figure(figsize=(4, height), dpi=72)
    axes = figure.add_axes((0.1, 0.2, 0.8, 0.7))
    before = axes.get_window_extent().frozen()
    keep_above(axes, 2)
    figure.draw_without_rendering()
    after = axes.get_window_extent()
    assert (after.x0, after.y0, after.x1) == pytest.approx((before.x0, before.y0, before.x1))
    assert before.y1 - after.y1 == pytest.approx(2 * 12 + 9)


def test_low_axes_keep_a_third_of_their_height() -> None:
    figure = Figure(figsize=(4, 0.5), dpi=72)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.9))
    keep_above(axes, 4)
    figure.draw_without_rendering()
    assert axes.get_window_extent().height == pytest.approx(0.9 * 36 / 3)
