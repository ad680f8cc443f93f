"""Affine transforms: which input pixel an output pixel is taken from."""

from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from covid_desktop.core.augmentation import identity_transforms, random_transforms
from covid_desktop.core.config import AUGMENTATIONS, Augmentation

OFF = AUGMENTATIONS["none"]


class Highest:
    """In place of a random generator: always the highest value, and a flip where it is allowed."""

    def uniform(self, low: float, high: float, count: int) -> NDArray[np.float64]:
        return np.full(count, high)

    def random(self, count: int) -> NDArray[np.float64]:
        return np.zeros(count)


def highest(augmentation: Augmentation, height: int, width: int) -> NDArray[np.float32]:
    generator = cast(np.random.Generator, Highest())
    transforms = random_transforms(generator, 1, augmentation, height, width)
    return transforms.reshape(8)


def drawn(augmentation: Augmentation, count: int = 200, seed: int = 0) -> NDArray[np.float32]:
    return random_transforms(np.random.default_rng(seed), count, augmentation, 41, 61)


def augmentation(**values: Any) -> Augmentation:
    return Augmentation(**({"rotation": 0, "zoom": 0, "horizontal_flip": False} | values))


def taken_from(transform: NDArray[np.float32], x: float, y: float) -> tuple[float, float]:
    a0, a1, a2, b0, b1, b2, *nothing = transform.tolist()
    assert nothing == [0, 0]
    return a0 * x + a1 * y + a2, b0 * x + b1 * y + b2


def moved(picture: NDArray[Any], transform: NDArray[np.float32]) -> NDArray[Any]:
    result = np.empty_like(picture)
    for y, x in np.ndindex(*picture.shape):
        column, row = np.rint(taken_from(transform, x, y)).astype(int)
        result[y, x] = picture[row, column]
    return result


def test_nothing_is_changed_where_nothing_may_change() -> None:
    transforms = drawn(OFF)
    assert transforms.shape == (200, 8)
    assert transforms.dtype == np.float32
    assert np.array_equal(transforms, identity_transforms(200))


@pytest.mark.parametrize(("height", "width"), [(5, 5), (4, 6), (224, 224), (1, 1)])
def test_flips_are_exact(height: int, width: int) -> None:
    picture = np.arange(height * width).reshape(height, width)
    horizontal = highest(augmentation(horizontal_flip=True), height, width)
    vertical = highest(augmentation(vertical_flip=True), height, width)
    assert np.array_equal(horizontal, [-1, 0, width - 1, 0, 1, 0, 0, 0])
    assert np.array_equal(vertical, [1, 0, 0, 0, -1, height - 1, 0, 0])
    if height * width < 100:
        assert np.array_equal(moved(picture, horizontal), np.fliplr(picture))
        assert np.array_equal(moved(picture, vertical), np.flipud(picture))


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2)])
def test_a_quarter_turns_like_a_picture_on_a_table(degrees: int, quarters: int) -> None:
    picture = np.arange(25).reshape(5, 5)
    assert np.array_equal(
        moved(picture, highest(augmentation(rotation=degrees), 5, 5)), np.rot90(picture, quarters)
    )


def test_a_rotation_by_30_degrees() -> None:
    transform = highest(augmentation(rotation=30), 201, 101)
    assert taken_from(transform, 50, 100) == pytest.approx((50, 100), abs=1e-4)
    right = (50 + 20 * np.sqrt(3) / 2, 100 + 20 / 2)
    assert taken_from(transform, 70, 100) == pytest.approx(right, abs=1e-4)


def test_zoom_out_takes_from_further_outside() -> None:
    transform = highest(augmentation(zoom=0.5), 101, 101)
    assert taken_from(transform, 50, 50) == pytest.approx((50, 50))
    assert taken_from(transform, 60, 40) == pytest.approx((65, 35))


@pytest.mark.parametrize("name", ["default", "notebook"])
def test_every_transform_is_within_the_limits(name: str) -> None:
    chosen = AUGMENTATIONS[name]
    transforms = drawn(chosen)
    matrices = transforms[:, [0, 1, 3, 4]].reshape(-1, 2, 2).astype(float)
    scales = np.sqrt(np.abs(np.linalg.det(matrices)))
    angles = np.degrees(np.arctan2(np.abs(matrices[:, 0, 1]), np.abs(matrices[:, 0, 0])))
    assert np.abs(scales - 1).max() <= chosen.zoom + 1e-6
    assert angles.max() <= chosen.rotation + 1e-4
    assert np.abs(scales - 1).max() > 0.9 * chosen.zoom
    assert angles.max() > 0.9 * chosen.rotation
    flipped = {name: (matrices[:, axis, axis] < 0).mean() for axis, name in enumerate("xy")}
    assert 0.4 < flipped["x"] < 0.6
    assert (0.4 < flipped["y"] < 0.6) if chosen.vertical_flip else flipped["y"] == 0
    for transform in transforms:
        assert taken_from(transform, 30, 20) == pytest.approx((30, 20), abs=1e-4)


def test_the_seed_decides() -> None:
    chosen = Augmentation()
    assert np.array_equal(drawn(chosen, seed=3), drawn(chosen, seed=3))
    assert not np.array_equal(drawn(chosen, seed=3), drawn(chosen, seed=4))


def test_one_setting_does_not_reshuffle_the_others() -> None:
    both = drawn(Augmentation(vertical_flip=True))
    upright = drawn(Augmentation(vertical_flip=False))
    assert np.array_equal(both[:, :3], upright[:, :3])
    assert np.allclose(np.abs(both[:, 3:5]), np.abs(upright[:, 3:5]))
