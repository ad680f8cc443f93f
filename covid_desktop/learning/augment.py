"""Applies affine transforms to a batch of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core.augmentation import random_transforms
from covid_desktop.core.config import TrainingConfig


def transformed(images: Any, transforms: Any) -> Any:
    """Images (n, height, width, channels), moved as ``transforms`` (n, 8) say; float32, 0 to 255.

    Bilinear; what comes into the picture from outside is the nearest pixel of its edge.
    """
    images = tf.cast(images, tf.float32)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        interpolation="BILINEAR",
        fill_mode="NEAREST",
        fill_value=0.0,
    )


def preview(pictures: Sequence[NDArray[np.uint8]], config: TrainingConfig) -> list[NDArray[np.uint8]]:
    """Each picture (height, width, channels) as training may see it; grey ones lose their channel axis."""
    height, width = config.preprocessing.shape[:2]
    rng = np.random.default_rng([config.seed, 0])
    transforms = random_transforms(rng, len(pictures), config.augmentation, height, width)
    moved = np.rint(np.asarray(transformed(np.stack(pictures), transforms))).astype(np.uint8)
    return [picture[..., 0] if picture.shape[-1] == 1 else picture for picture in moved]
