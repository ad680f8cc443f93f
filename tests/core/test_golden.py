"""The pictures by which a model is known are the same everywhere, and differ from one another."""

import hashlib
import math

import numpy as np
import pytest

from covid_desktop.core.golden import PICTURES, TOLERANCE, are_same, golden_pictures
from covid_desktop.core.preprocessing import Preprocessing


@pytest.mark.parametrize(
    ("width", "height", "channels", "digest"),
    [
        (64, 48, 1, "fe57a2344f8b76c6c571163bc306ead9a18a0d4aabb26a8f37d8224d4c75101f"),
        (224, 224, 3, "3213eba35279e8c0084c448c52bc535d6bc0aa073f4ddf138748a1a90b63aaa1"),
    ],
)
def test_they_never_change(width: int, height: int, channels: int, digest: str) -> None:
    """Other pictures would have other scores: every model that was saved before would be refused."""
    pictures = golden_pictures(Preprocessing(width=width, height=height, channels=channels))
    assert pictures.shape == (PICTURES, height, width, channels)
    assert pictures.dtype == np.uint8
    assert hashlib.sha256(pictures.tobytes()).hexdigest() == digest


def test_no_two_are_alike() -> None:
    pictures = golden_pictures(Preprocessing(width=64, height=64, channels=1)).astype(float)
    for one in range(PICTURES):
        for other in range(one):
            assert np.abs(pictures[one] - pictures[other]).mean() > 4


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ([0.1, 0.2], True),
        ([0.1, 0.2 + TOLERANCE / 2], True),
        ([0.1, 0.2 - 2 * TOLERANCE], False),
        ([0.1], False),
        ([0.1, math.nan], False),
    ],
)
def test_scores_may_differ_by_rounding_alone(found: list[float], same: bool) -> None:
    assert are_same(found, [0.1, 0.2]) is same
