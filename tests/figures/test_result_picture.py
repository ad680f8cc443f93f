"""The score and the picture of one image on paper, read from their pixels."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.figures.report_pictures import DPI, Picture
from covid_desktop.figures.result_picture import (
    BAR_PLACE,
    BAR_SIZE,
    Band,
    draw_score,
    pair_picture,
    score_picture,
)
from covid_desktop.figures.style import PAPER

NAMES = ("Healthy", "COVID-19")
GREY = np.full((40, 40), 120, np.uint8)


def pixels_of(picture: Picture) -> NDArray[np.int64]:
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB")).astype(np.int64)


def bar(
    score: float | None, threshold: float = 0.5, band: Band = None, names: tuple[str, str] = NAMES
) -> Figure:
    figure = Figure(figsize=BAR_SIZE, dpi=100)
    FigureCanvasAgg(figure)
    draw_score(figure.add_axes(BAR_PLACE), score, threshold, band, names, PAPER.positive)
    figure.draw_without_rendering()
    return figure


def boxes(figure: Figure) -> list[tuple[float, float]]:
    """Where each rectangle begins and how wide it is."""
    return [(box.get_x(), box.get_width()) for box in figure.axes[0].patches if isinstance(box, Rectangle)]


# --- the score


def test_the_bar_is_filled_as_far_as_the_score() -> None:
    assert boxes(bar(0.25)) == [(0, 1), (0, 0.25)]
    assert boxes(bar(0.0)) == [(0, 1), (0, 0.0)]


def test_without_a_score_the_bar_is_empty() -> None:
    figure = bar(None)
    assert boxes(figure) == [(0, 1)]
    assert figure.axes[0].texts[-1].get_text() == "\u2013"


def test_the_band_and_the_threshold_are_drawn() -> None:
    figure = bar(0.25, 0.5, (0.4, 0.7))
    assert boxes(figure)[2] == pytest.approx((0.4, 0.3))
    places = [float(line[0, 0]) for drawn in figure.axes[0].collections for line in drawn.get_segments()]
    assert places == [0.4, 0.7, 0.5]


@pytest.mark.parametrize("threshold", [0.0, 0.03, 0.2, 0.5, 0.81, 1.0])
@pytest.mark.parametrize("names", [NAMES, ("a" * 200, "b" * 200), ("$x", "_y")], ids=["usual", "long", "odd"])
def test_its_words_can_be_read(
    threshold: float, names: tuple[str, str], unreadable: Callable[[Figure], list[Any]]
) -> None:
    assert unreadable(bar(0.9994, threshold, (0.123, 0.456), names)) == []


def test_the_bar_is_told_in_words() -> None:
    assert score_picture(0.25, 0.5, (0.4, 0.7), NAMES, PAPER.positive).words == (
        "Score 0.250 on a bar from 0 for Healthy to 1 for COVID-19; threshold 0.500, "
        "indeterminate from 0.400 to 0.700."
    )
    assert score_picture(None, 0.5, None, NAMES, PAPER.muted).words.startswith("Not scored on a bar")


def test_the_bar_has_the_colour_of_its_class() -> None:
    picture = pixels_of(score_picture(0.5, 0.9, None, NAMES, "#ff0000"))
    assert tuple(picture[picture.shape[0] // 2, 300]) == (255, 0, 0)


def test_a_class_may_be_named_in_letters_that_the_font_has_not() -> None:
    assert score_picture(0.5, 0.5, None, ("健康", "新冠"), PAPER.positive).png


# --- the picture


def test_the_heatmap_lies_over_the_right_picture_alone() -> None:
    heat = np.zeros((40, 40), np.float32)
    heat[16:24, 16:24] = 1
    picture = pixels_of(pair_picture(GREY, heat, 3.0, "a"))
    half = picture.shape[1] // 2
    coloured = np.ptp(picture, axis=2) > 20
    assert not coloured[:, : half - 5].any()
    assert coloured[:, half + 5 :].any()


def test_without_a_heatmap_the_picture_stands_alone() -> None:
    alone, pair = (pair_picture(GREY, heat, 3.0, "a") for heat in (None, np.zeros((40, 40), np.float32)))
    assert alone.width == pytest.approx((pair.width - 0.1) / 2)
    assert alone.height == pair.height


@pytest.mark.parametrize("shape", [(40, 40), (40, 40, 1), (40, 40, 3)])
def test_grey_and_colour_pictures(shape: tuple[int, ...]) -> None:
    picture = pixels_of(pair_picture(np.full(shape, 120, np.uint8), None, 3.0, "a"))
    assert (picture[20:-20, 20:-20] == 120).all()


@pytest.mark.parametrize("shape", [(30, 120), (120, 30), (40, 40)])
def test_it_keeps_its_sides_and_fits_the_width(shape: tuple[int, int]) -> None:
    made = pair_picture(np.zeros(shape, np.uint8), np.zeros(shape, np.float32), 3.0, "a")
    assert made.width <= 3.0
    assert made.height <= 2.0
    assert (made.width - 0.1) / 2 / made.height == pytest.approx(shape[1] / shape[0])
    assert pixels_of(made).shape[1] == pytest.approx(made.width * DPI, abs=1)


def test_it_is_the_same_each_time() -> None:
    first, second = (pair_picture(GREY, np.eye(40, dtype=np.float32), 3.0, "a").png for _ in range(2))
    assert first == second
