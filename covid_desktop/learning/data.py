"""Arrays -> batches for ``fit``: shuffled and augmented anew in each epoch, decided by the seed."""

import math
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core.augmentation import identity_transforms, random_transforms
from covid_desktop.core.config import AUGMENTATIONS, Augmentation
from covid_desktop.learning.augment import transformed

Function = TypeVar("Function", bound=Callable[..., Any])
Plan = tuple[NDArray[np.int32], NDArray[np.float32]]


def as_it_is(function: Function) -> Function:
    """Keep TensorFlow from writing a translation of the function into the temp folder."""
    return tf.autograph.experimental.do_not_convert(function)  # type: ignore[no-any-return]


def batches_per_epoch(samples: int, batch_size: int) -> int:
    return math.ceil(samples / batch_size)


def plan_batches(
    samples: int,
    batch_size: int,
    seed: int,
    augmentation: Augmentation,
    height: int = 1,
    width: int = 1,
    first_epoch: int = 0,
) -> Iterator[Plan]:
    """Without end from ``first_epoch`` on, for each batch: which samples, and the transform of each.

    An epoch's plan follows from (seed, epoch) alone.
    """
    for epoch in count(first_epoch):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(samples).astype(np.int32)
        for start in range(0, samples, batch_size):
            chosen = order[start : start + batch_size]
            if augmentation.is_off:
                yield chosen, identity_transforms(len(chosen))
            else:
                yield chosen, random_transforms(rng, len(chosen), augmentation, height, width)


def training_batches(
    inputs: NDArray[Any],
    labels: NDArray[Any],
    batch_size: int,
    seed: int,
    augmentation: Augmentation,
    epochs: int,
    first_epoch: int = 0,
) -> Any:
    """A ``tf.data.Dataset`` of (inputs, labels) from ``first_epoch``, counted from 0, to so many epochs.

    ``inputs`` are pixels (n, height, width, channels), which are augmented, or features (n, m); they come
    as float32.
    The whole plan is made beforehand: a Python generator in the pipeline can end the process at its exit.
    """
    is_image = inputs.ndim == 4
    height, width = inputs.shape[1:3] if is_image else (1, 1)
    augmentation = augmentation if is_image else AUGMENTATIONS["none"]
    all_inputs, all_labels = tf.constant(inputs), tf.constant(labels, tf.float32)
    samples = len(inputs)
    plans = plan_batches(samples, batch_size, seed, augmentation, height, width, first_epoch)
    planned = islice(plans, (epochs - first_epoch) * batches_per_epoch(samples, batch_size))
    chosen, transforms = (np.concatenate(parts) for parts in zip(*planned, strict=True))

    @as_it_is
    def epoch(chosen: Any, transforms: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices((chosen, transforms)).batch(batch_size)

    @as_it_is
    def batch(chosen: Any, transforms: Any) -> Any:
        values = tf.gather(all_inputs, chosen)
        if not augmentation.is_off:
            values = transformed(values, transforms)
        return tf.cast(values, tf.float32), tf.gather(all_labels, chosen)

    to_come = epochs - first_epoch
    by_epoch = (chosen.reshape(to_come, samples), transforms.reshape(to_come, samples, -1))
    batches = tf.data.Dataset.from_tensor_slices(by_epoch).flat_map(epoch)
    return batches.map(batch, num_parallel_calls=2, deterministic=True).prefetch(2)


def evaluation_batches(inputs: NDArray[Any], labels: NDArray[Any], batch_size: int) -> Any:
    """A ``tf.data.Dataset`` of (inputs, labels) in order, as they are."""
    chosen = tf.data.Dataset.range(len(inputs)).batch(batch_size)
    all_inputs, all_labels = tf.constant(inputs), tf.constant(labels, tf.float32)

    @as_it_is
    def batch(indices: Any) -> Any:
        return tf.cast(tf.gather(all_inputs, indices), tf.float32), tf.gather(all_labels, indices)

    return chosen.map(batch).prefetch(2)
