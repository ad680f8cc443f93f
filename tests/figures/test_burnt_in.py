"""The picture with its result burnt in, read from its pixels."""

import warnings

import numpy as np
import pytest

from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.figures.burnt_in import burnt_in, over_whole

LINES = ["COVID-19", "Score 0.873. Threshold 0.412.", "Research use only. Not for diagnosis."]
GREY = draw_phantom(0, positive=True, size=512).pixels
BACKGROUND = (11, 12, 14)


def heat() -> np.ndarray:
    """All in the upper left corner."""
    values = np.zeros((8, 8), np.float32)
    values[:2, :2] = 1
    return values


def ink(band: np.ndarray) -> np.ndarray:
    """Where a band has letters."""
    return np.abs(band.astype(int) - BACKGROUND).max(axis=2) > 100


def test_the_picture_stays_as_it_is_above_its_words() -> None:
    made = burnt_in(GREY, None, LINES)
    assert made.dtype == np.uint8
    assert made.shape[1:] == (512, 3)
    np.testing.assert_array_equal(made[:512], np.repeat(GREY[..., None], 3, axis=2))
    band = made[512:]
    assert 60 < len(band) < 200
    assert tuple(band[0, 0]) == tuple(band[-1, -1]) == BACKGROUND
    assert 0.01 < ink(band).mean() < 0.2


def test_colours_are_kept_where_nothing_lies_over_them() -> None:
    colour = np.random.default_rng(0).integers(0, 256, (600, 700, 3), np.uint8)
    np.testing.assert_array_equal(burnt_in(colour, None, LINES)[:600], colour)


def test_the_heatmap_lies_over_the_picture_and_nowhere_else() -> None:
    flat = np.full((512, 512), 120, np.uint8)
    made = burnt_in(flat, heat(), LINES)
    assert np.ptp(made[10, 10]) > 20
    assert np.abs(made[10, 500].astype(int) - 120).max() <= 1
    assert np.abs(made[500, 500].astype(int) - 120).max() <= 1
    assert np.ptp(made[512:], axis=2).max() <= 8


@pytest.mark.parametrize(
    ("shape", "picture", "width"),
    [
        ((40, 60), (341, 512), 512),
        ((60, 40), (512, 341), 512),
        ((512, 512), (512, 512), 512),
        ((700, 900), (700, 900), 900),
        ((3000, 2400), (2048, 1638), 1638),
        ((100, 3000), (68, 2048), 2048),
        ((2500, 100), (2048, 82), 512),
        ((1, 1), (512, 512), 512),
    ],
)
@pytest.mark.parametrize("has_heatmap", [False, True])
def test_sizes(shape, picture, width, has_heatmap: bool) -> None:
    made = burnt_in(np.full(shape, 200, np.uint8), 0 * heat() if has_heatmap else None, LINES)
    height, left = picture[0], (width - picture[1]) // 2
    assert made.shape[1] == width
    inside = made[2 : height - 2, left + 2 : left + picture[1] - 2].astype(int)
    assert np.median(inside) == 200
    assert tuple(made[height + 2, width // 2]) == BACKGROUND
    if left > 2:
        assert tuple(made[2, 2]) == BACKGROUND


@pytest.mark.parametrize("side", [512, 1024, 2048])
def test_letters_grow_with_the_picture(side: int) -> None:
    band = burnt_in(np.zeros((side, side), np.uint8), None, LINES)[side:]
    assert len(band) / side == pytest.approx(0.2, abs=0.03)
    rows = ink(band).any(axis=1)
    starts = np.flatnonzero(np.diff(rows.astype(int)) == 1)
    assert len(starts) == len(LINES)


def test_long_lines_are_broken_and_never_cut() -> None:
    words = "Score 0.873 for a class with a name that is longer than most. " * 3
    for line in (words, "x" * 200):
        band = burnt_in(GREY, None, [line, line])[512:]
        assert not ink(band[:, :10]).any()
        assert not ink(band[:, -10:]).any()
        assert len(band) > 2 * (len(burnt_in(GREY, None, ["x", "x"])) - 512)


def test_a_smaller_limit() -> None:
    assert burnt_in(np.zeros((2000, 1000), np.uint8), None, LINES, limit=1000).shape[1] == 512
    assert burnt_in(np.zeros((1000, 2000), np.uint8), None, LINES, limit=1000).shape[1] == 1000


def test_letters_that_the_font_has_not_are_no_obstacle() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        burnt_in(GREY, None, ["健康", "$not a formula_{"])


def test_where_nothing_is_said_there_is_still_a_picture() -> None:
    assert burnt_in(GREY, heat(), []).shape[1] == 512


def preprocessing(fit: str) -> Preprocessing:
    return Preprocessing.from_json({"width": 40, "height": 40, "channels": 1, "fit": fit})


def test_a_heatmap_of_a_stretched_picture_covers_it() -> None:
    values = heat()
    assert over_whole(values, np.zeros((10, 90)), preprocessing("stretch")) is values


def test_what_a_model_saw_beside_a_padded_picture_is_left_out() -> None:
    values = np.zeros((40, 40), np.float32)
    values[10:30] = 1
    np.testing.assert_array_equal(
        over_whole(values, np.zeros((100, 200, 3)), preprocessing("pad")), np.ones((20, 40))
    )


def test_where_a_cropped_picture_was_not_seen_there_is_nothing() -> None:
    whole = over_whole(np.ones((40, 40), np.float32), np.zeros((100, 200)), preprocessing("crop"))
    assert whole.shape == (40, 80)
    assert whole[:, 20:60].all()
    assert not whole[:, :20].any()
    assert not whole[:, 60:].any()
