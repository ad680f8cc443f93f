"""What the small models of a shortcut audit see of an image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.facts import THUMBNAIL_SIDE, ImageFacts
from covid_desktop.core.properties import PROPERTIES, columns

Numbers = NDArray[np.float64]
FRAME = 1 / 6  # of each side
CENTRE = 3 / 5
_FRAME_SIDE, _SMALL_SIDE = 32, 16


def file_properties(images: Sequence[ImageFacts]) -> Numbers:
    """How the files were made: (images, numbers); a column of zeros where all are alike."""
    known = columns([prop for prop in PROPERTIES if prop.of_file], images)
    return known if known.shape[1] else np.zeros((len(images), 1))


def outer_frame(images: Sequence[ImageFacts]) -> Numbers:
    """Grey levels of the outer sixth of each side, at 32 x 32: (images, pixels)."""
    width = round(_FRAME_SIDE * FRAME)
    seen = np.ones((_FRAME_SIDE, _FRAME_SIDE), bool)
    seen[width:-width, width:-width] = False
    return np.asarray(_reduced(images, _FRAME_SIDE)[:, seen])


def small_thumbnail(images: Sequence[ImageFacts]) -> Numbers:
    """Grey levels of the whole picture at 16 x 16: (images, pixels)."""
    return _reduced(images, _SMALL_SIDE).reshape(len(images), -1)


def blacked_out(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (n, height, width, channels) whose central three fifths of each side are black."""
    rows, columns_ = (round(side * (1 - CENTRE) / 2) for side in pixels.shape[1:3])
    blacked = pixels.copy()
    blacked[:, rows:-rows, columns_:-columns_] = 0
    return blacked


def _reduced(images: Sequence[ImageFacts], side: int) -> Numbers:
    """The thumbnails with squares of pixels averaged: (images, side, side)."""
    square = THUMBNAIL_SIDE // side
    pictures = np.stack([facts.picture for facts in images])
    return np.asarray(pictures.reshape(len(images), side, square, side, square).mean(axis=(2, 4)))
