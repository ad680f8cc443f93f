"""Random changes of training images, as affine transforms drawn from a seed."""

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.config import Augmentation


def random_transforms(
    rng: np.random.Generator, count: int, augmentation: Augmentation, height: int, width: int
) -> NDArray[np.float32]:
    """Draw ``count`` transforms about the picture's centre, shape (count, 8).

    Each row (a0, a1, a2, b0, b1, b2, 0, 0) maps an output pixel (x, y) to the input pixel
    (a0 x + a1 y + a2, b0 x + b1 y + b2), as TensorFlow's ImageProjectiveTransformV3 takes it.
    """
    angle = np.radians(rng.uniform(-augmentation.rotation, augmentation.rotation, count))
    scale = rng.uniform(1 - augmentation.zoom, 1 + augmentation.zoom, count)
    flip_x = _signs(rng, count, augmentation.horizontal_flip)
    flip_y = _signs(rng, count, augmentation.vertical_flip)
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    a0, a1 = flip_x * scale * np.cos(angle), -flip_x * scale * np.sin(angle)
    b0, b1 = flip_y * scale * np.sin(angle), flip_y * scale * np.cos(angle)
    a2 = centre_x - a0 * centre_x - a1 * centre_y
    b2 = centre_y - b0 * centre_x - b1 * centre_y
    nothing = np.zeros(count)
    return np.stack([a0, a1, a2, b0, b1, b2, nothing, nothing], axis=1).astype(np.float32)


def identity_transforms(count: int) -> NDArray[np.float32]:
    """Transforms that change nothing, shape (count, 8)."""
    return np.tile(np.array([1, 0, 0, 0, 1, 0, 0, 0], np.float32), (count, 1))


def _signs(rng: np.random.Generator, count: int, may_flip: bool) -> NDArray[np.float64]:
    flips = rng.random(count) < 0.5  # drawn even when unused: one setting does not reshuffle the others
    return np.where(flips & may_flip, -1.0, 1.0)
