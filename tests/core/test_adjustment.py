"""What is done to a picture before it is scored."""

import itertools

import numpy as np
import pytest

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment

PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)
EVERY = [
    Adjustment(quarter_turns=turns, is_inverted=inverted)
    for turns, inverted in itertools.product(range(4), (False, True))
]


def test_as_it_is_changes_nothing() -> None:
    assert np.array_equal(AS_IT_IS.applied(PICTURE), PICTURE)
    assert AS_IT_IS.words == ""


def test_turning_is_counter_clockwise() -> None:
    assert Adjustment(quarter_turns=1).applied(PICTURE).tolist() == [[2, 5], [1, 4], [0, 3]]
    assert Adjustment(quarter_turns=1).words == "turned to the left"


def test_inverting_makes_black_white() -> None:
    assert Adjustment(is_inverted=True).applied(PICTURE)[0, 0] == 255
    assert Adjustment(is_inverted=True, quarter_turns=3).words == "inverted and turned to the right"


def test_colours_stay_with_their_pixels() -> None:
    colours = np.dstack([PICTURE, PICTURE + 10, PICTURE + 20])
    turned = Adjustment(quarter_turns=3).applied(colours)
    assert turned.shape == (3, 2, 3)
    assert (turned[..., 1] - turned[..., 0] == 10).all()


@pytest.mark.parametrize("adjustment", EVERY, ids=lambda one: one.words or "as it is")
def test_what_is_undone_is_as_it_was(adjustment: Adjustment) -> None:
    assert np.array_equal(adjustment.undone.applied(adjustment.applied(PICTURE)), PICTURE)
