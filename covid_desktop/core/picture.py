"""What a picture is like, in a few numbers and a thumbnail; quick next to decoding it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from covid_desktop.core.facts import THUMBNAIL_SIDE

_SAMPLE_SIDE = 128
_CLEARLY = 24
"""Levels between the channels of a colour that anyone would call one."""


def mean_and_contrast(grey: Image.Image) -> tuple[float, float]:
    """Mean and standard deviation in grey levels, of at most 128 x 128 pixels spread over the picture."""
    size = min(grey.width, _SAMPLE_SIDE), min(grey.height, _SAMPLE_SIDE)
    sample = np.asarray(grey.resize(size, Image.Resampling.NEAREST), np.float32)
    return float(sample.mean()), float(sample.std())


def thumbnail(grey: Image.Image) -> NDArray[np.uint8]:
    """The picture stretched to (64, 64), antialiased."""
    size = THUMBNAIL_SIDE, THUMBNAIL_SIDE
    return np.asarray(grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def coloured_share(picture: NDArray[np.uint8]) -> float:
    """The share of pixels that are clearly not grey; ``picture`` is grey or RGB.

    Neighbours are averaged, since JPEG strews faint colours over a grey picture.
    """
    if picture.ndim == 2:
        return 0.0
    image = Image.fromarray(picture)
    factors = max(1, image.width // _SAMPLE_SIDE), max(1, image.height // _SAMPLE_SIDE)
    red, green, blue = image.reduce(factors).split()
    highest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return float(np.mean(np.asarray(ImageChops.subtract(highest, lowest)) >= _CLEARLY))
