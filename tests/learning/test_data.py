"""Batches: each sample once an epoch, in an order that seed and epoch decide; validation images untouched."""

from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest

from covid_desktop.core.augmentation import identity_transforms
from covid_desktop.core.config import AUGMENTATIONS, Augmentation, TrainingConfig
from covid_desktop.learning.augment import preview, transformed
from covid_desktop.learning.data import (
    Plan,
    batches_per_epoch,
    evaluation_batches,
    plan_batches,
    training_batches,
)

OFF, DEFAULT = AUGMENTATIONS["none"], AUGMENTATIONS["default"]
MakeNoise = Callable[..., np.ndarray]


def epochs_of(samples: int, batch_size: int, seed: int, augmentation: Augmentation = OFF) -> list[list[Plan]]:
    """The plans of the first three epochs."""
    plans = plan_batches(samples, batch_size, seed, augmentation, 40, 40)
    return [list(islice(plans, batches_per_epoch(samples, batch_size))) for _ in range(3)]


def order_of(epoch: list[Plan]) -> list[int]:
    return np.concatenate([chosen for chosen, _ in epoch]).tolist()


@pytest.mark.parametrize(
    ("samples", "batch_size", "sizes"),
    [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 16, [3]), (3, 1, [1, 1, 1])],
)
def test_every_sample_comes_once_an_epoch(samples: int, batch_size: int, sizes: list[int]) -> None:
    for epoch in epochs_of(samples, batch_size, 0, DEFAULT):
        assert [len(chosen) for chosen, _ in epoch] == sizes
        assert [transforms.shape for _, transforms in epoch] == [(size, 8) for size in sizes]
        assert sorted(order_of(epoch)) == list(range(samples))


def test_the_order_is_another_in_each_epoch_and_for_each_seed() -> None:
    first, second, third = (order_of(epoch) for epoch in epochs_of(20, 4, 0))
    assert len({tuple(first), tuple(second), tuple(third)}) == 3
    assert first != order_of(epochs_of(20, 4, 1)[0])


def test_an_epochs_order_follows_from_seed_and_epoch_alone() -> None:
    """Whatever was drawn before: other batch sizes and augmentation do not move it."""
    for number, epoch in enumerate(epochs_of(20, 4, 7, DEFAULT)):
        assert order_of(epoch) == np.random.default_rng([7, number]).permutation(20).tolist()
        assert order_of(epoch) == order_of(epochs_of(20, 7, 7)[number])


def test_an_iterator_started_later_gives_what_one_that_ran_gives() -> None:
    running = plan_batches(10, 4, 3, DEFAULT, 40, 40)
    list(islice(running, 6))
    started = islice(plan_batches(10, 4, 3, DEFAULT, 40, 40), 6, None)
    for (ran, moved), (chosen, transforms) in zip(islice(running, 3), started, strict=False):
        np.testing.assert_array_equal(ran, chosen)
        np.testing.assert_array_equal(moved, transforms)


def test_transforms_differ_between_samples_and_epochs() -> None:
    rows = [row for epoch in epochs_of(10, 4, 0, DEFAULT) for _, rows in epoch for row in rows]
    assert len(np.unique(rows, axis=0)) == 30
    for _, transforms in epochs_of(10, 4, 0, OFF)[0]:
        np.testing.assert_array_equal(transforms, identity_transforms(len(transforms)))


def batches_of(pixels: np.ndarray, augmentation: Augmentation, count: int) -> list[tuple[np.ndarray, ...]]:
    labels = np.arange(len(pixels)) % 2
    batches = training_batches(pixels, labels, 4, 0, augmentation, 2)
    return [(inputs.numpy(), truth.numpy()) for inputs, truth in batches.take(count)]


def test_training_batches_are_the_pixels_where_augmentation_is_off(noise: MakeNoise) -> None:
    pixels = noise(6, 8, 10, 3)
    for (inputs, labels), (chosen, _) in zip(
        batches_of(pixels, OFF, 4), plan_batches(6, 4, 0, OFF), strict=False
    ):
        assert inputs.dtype == np.float32
        np.testing.assert_array_equal(inputs, pixels[chosen])
        np.testing.assert_array_equal(labels, chosen % 2)


def test_training_batches_are_augmented_anew_in_each_epoch(noise: MakeNoise) -> None:
    pixels = noise(4, 40, 40, 1)
    plans = plan_batches(4, 4, 0, DEFAULT, 40, 40)
    seen = []
    for (inputs, _), (chosen, transforms) in zip(batches_of(pixels, DEFAULT, 2), plans, strict=False):
        np.testing.assert_array_equal(inputs, transformed(pixels[chosen], transforms))
        assert not (inputs == pixels[chosen]).all(axis=(1, 2, 3)).any()
        seen.append(inputs[np.argsort(chosen)])
    assert not np.array_equal(seen[0], seen[1])


def test_features_are_never_augmented() -> None:
    features = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    (inputs, _), *_ = batches_of(features, DEFAULT, 1)
    chosen, _ = next(plan_batches(6, 4, 0, OFF))
    np.testing.assert_array_equal(inputs, features[chosen])


def test_validation_batches_are_the_pixels_in_their_order(noise: MakeNoise) -> None:
    pixels, labels = noise(7, 8, 10, 3), np.array([0, 1, 1, 0, 1, 0, 0])
    batches = list(evaluation_batches(pixels, labels, 3))
    assert [len(inputs) for inputs, _ in batches] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate([inputs for inputs, _ in batches]), pixels)
    np.testing.assert_array_equal(np.concatenate([truth for _, truth in batches]), labels)
    again = np.concatenate([inputs for inputs, _ in evaluation_batches(pixels, labels, 3)])
    np.testing.assert_array_equal(again, pixels)


def test_a_flip_is_a_flip() -> None:
    pixels = np.arange(2 * 6 * 4, dtype=np.uint8).reshape(2, 6, 4, 1)
    flip = np.array([[-1, 0, 3, 0, 1, 0, 0, 0]], np.float32)
    np.testing.assert_array_equal(transformed(pixels, np.repeat(flip, 2, axis=0)), pixels[:, :, ::-1])


@pytest.mark.parametrize(("channels", "shape"), [(1, (40, 40)), (3, (40, 40, 3))])
def test_the_preview_is_what_the_seed_says(channels: int, shape: tuple[int, ...], noise: MakeNoise) -> None:
    pictures = list(noise(3, 40, 40, channels))
    name = "small-cnn" if channels == 1 else "efficientnet-lite0"
    first, again, other = (
        preview(pictures, TrainingConfig(architecture=name, image_size=40, seed=seed)) for seed in (0, 0, 1)
    )
    assert [picture.shape for picture in first] == [shape] * 3
    assert {picture.dtype for picture in first} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
