"""A picture in a few numbers and a thumbnail."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.picture import coloured_share, mean_and_contrast, thumbnail

Pixels = NDArray[np.uint8]


def image_of(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels)


def phantom(size: int = 64) -> Pixels:
    return draw_phantom(3, positive=False, size=size).pixels


# --- mean and contrast


@pytest.mark.parametrize("level", [0, 7, 255])
def test_one_level_everywhere_has_no_contrast(level: int) -> None:
    assert mean_and_contrast(Image.new("L", (300, 200), level)) == (level, 0)


def test_a_small_picture_is_counted_whole() -> None:
    pixels = phantom(100)
    mean, contrast = mean_and_contrast(image_of(pixels))
    assert mean == pytest.approx(pixels.mean(), abs=1e-3)
    assert contrast == pytest.approx(pixels.std(), abs=1e-3)


def test_a_large_picture_is_sampled_all_over() -> None:
    pixels = np.kron(phantom(128), np.ones((5, 3), np.uint8))
    mean, contrast = mean_and_contrast(image_of(pixels))
    assert mean == pytest.approx(pixels.mean(), abs=1)
    assert contrast == pytest.approx(pixels.std(), abs=1)
    pixels[: len(pixels) // 2] = 0
    assert mean_and_contrast(image_of(pixels))[0] == pytest.approx(pixels.mean(), abs=1)


def test_contrast_is_not_averaged_away() -> None:
    """Noise counts: the picture is sampled, not made smaller."""
    noise = np.random.default_rng(0).choice(np.array([50, 150], np.uint8), (1000, 1000))
    mean, contrast = mean_and_contrast(image_of(noise))
    assert mean == pytest.approx(100, abs=2)
    assert contrast == pytest.approx(50, abs=1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 129)])
def test_pictures_of_any_shape(shape: tuple[int, int]) -> None:
    pixels = np.full(shape, 90, np.uint8)
    assert mean_and_contrast(image_of(pixels)) == (90, 0)
    assert thumbnail(image_of(pixels)).shape == (64, 64)
    assert (thumbnail(image_of(pixels)) == 90).all()
    assert coloured_share(np.dstack([pixels + 100, pixels, pixels])) == 1


# --- thumbnail


def test_a_thumbnail_is_the_picture_made_small() -> None:
    pixels = phantom(64)
    assert np.array_equal(thumbnail(image_of(pixels)), pixels)
    enlarged = np.kron(pixels, np.ones((4, 2), np.uint8))
    small = thumbnail(image_of(enlarged))
    assert small.shape == (64, 64)
    assert small.dtype == np.uint8
    assert np.abs(small.astype(int) - pixels).mean() < 12
    assert np.corrcoef(small.ravel(), pixels.ravel())[0, 1] > 0.97


def test_a_thumbnail_is_antialiased() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (1000, 500))
    small = thumbnail(image_of(stripes))
    assert 120 <= small.min() <= small.max() <= 135


# --- colour


def test_grey_pictures_have_no_colour() -> None:
    pixels = phantom()
    assert coloured_share(pixels) == 0
    assert coloured_share(np.dstack([pixels] * 3)) == 0


def test_the_share_that_is_coloured() -> None:
    picture = np.dstack([phantom(100)] * 3)
    picture[:30] = (200, 100, 100)
    assert coloured_share(picture) == pytest.approx(0.3)
    for channel in range(3):
        tinted = np.zeros((10, 10, 3), np.uint8)
        tinted[:5, :, channel] = 255
        assert coloured_share(tinted) == 0.5


@pytest.mark.parametrize(("difference", "share"), [(0, 0), (10, 0), (23, 0), (24, 1), (100, 1)])
def test_faint_colours_do_not_count(difference: int, share: float) -> None:
    for colour in ((100, 100, 100 + difference), (100 + difference, 100, 100), (155, 155 - difference, 155)):
        assert coloured_share(np.full((20, 20, 3), colour, np.uint8)) == share


def test_the_colours_that_jpeg_strews_over_a_grey_picture_do_not_count() -> None:
    file = io.BytesIO()
    Image.fromarray(phantom(256)).convert("RGB").save(file, "JPEG", quality=20)
    assert coloured_share(np.array(Image.open(file))) == 0


def test_coloured_noise_does_not_count_in_a_large_picture() -> None:
    rng = np.random.default_rng(0)
    picture = np.clip(128 + rng.normal(0, 20, (640, 640, 3)), 0, 255).astype(np.uint8)
    assert coloured_share(picture[:100, :100]) > 0.2
    assert coloured_share(picture) < 0.01


def test_a_coloured_label_in_a_large_picture_counts() -> None:
    picture = np.dstack([phantom(128).repeat(5, axis=0).repeat(5, axis=1)] * 3)
    picture[:64, :128] = (255, 255, 0)
    assert coloured_share(picture) == pytest.approx(64 * 128 / 640**2, rel=0.05)
