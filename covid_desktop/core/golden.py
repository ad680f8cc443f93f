"""Four pictures that are the same on every computer: a model must score them as when it was saved."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.preprocessing import Preprocessing

PICTURES = 4
TOLERANCE = 1e-4
"""Of scores: what other processors and versions of TensorFlow round differently is far less."""

_UNITS = 256  # of width and of height
_LUNGS = ((84, 128), (172, 128))
_LUNG = (40, 80)
_OPACITIES = ((70, 168, 24), (186, 150, 30))


def golden_pictures(preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """(4, height, width, channels): two dark fields on a bright one with noise, half of them clouded.

    Whole numbers alone, and no library's drawing or random numbers, which change with its version.
    """
    y, x = np.mgrid[0 : preprocessing.height, 0 : preprocessing.width].astype(np.int64)
    drawn = [_draw(x, y, preprocessing, number) for number in range(PICTURES)]
    return np.repeat(np.stack(drawn)[..., None], preprocessing.channels, axis=3).astype(np.uint8)


def are_same(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether scores of the pictures are those that were kept."""
    return len(found) == len(expected) and all(
        abs(one - other) <= TOLERANCE for one, other in zip(found, expected, strict=True)
    )


def _draw(
    x: NDArray[np.int64], y: NDArray[np.int64], preprocessing: Preprocessing, number: int
) -> NDArray[np.int64]:
    across, down = x * _UNITS // preprocessing.width, y * _UNITS // preprocessing.height
    picture = np.full(x.shape, 170, np.int64) + (down // 4 if number >= 2 else 0)
    for lung in _LUNGS:
        picture[_ellipse(across, down, lung, _LUNG)] = 60
    if number % 2:
        for left, top, radius in _OPACITIES:
            picture[_ellipse(across, down, (left, top), (radius, radius))] = 130
    return picture + _noise(x, y, number)


def _ellipse(
    across: NDArray[np.int64], down: NDArray[np.int64], centre: tuple[int, int], radii: tuple[int, int]
) -> NDArray[np.bool_]:
    along, upright = (across - centre[0]) * radii[1], (down - centre[1]) * radii[0]
    return np.asarray(along**2 + upright**2 <= (radii[0] * radii[1]) ** 2)


def _noise(x: NDArray[np.int64], y: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """0 to 15, by a hash of the place."""
    mixed = (x * 73_856_093) ^ (y * 19_349_663) ^ ((number + 1) * 83_492_791)
    return ((mixed & 0xFFFFFFFF) * 1_103_515_245 >> 16) & 15
