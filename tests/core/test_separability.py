"""How well small models tell the classes apart on images they did not learn from."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from covid_desktop.core.intervals import auroc_interval
from covid_desktop.core.separability import (
    SmallModel,
    area,
    can_be_judged,
    cross_validated,
    drawn,
    of_features,
    of_few_numbers,
)

# --- how many are looked at


def test_all_images_are_looked_at_where_there_are_not_too_many() -> None:
    assert drawn([5, 5, 7], most=3) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_of_many_images_some_of_every_group_are_looked_at(seed: int) -> None:
    sizes = np.random.default_rng(seed).integers(1, 6, 1000)
    groups = np.repeat(np.arange(1000), sizes).tolist()
    taken = drawn(groups, most=1200, seed=seed)
    assert len(taken) == 1200
    assert taken == sorted(set(taken))
    counts = np.bincount([groups[index] for index in taken], minlength=1000)
    assert (counts >= 1).all()
    assert (counts <= sizes).all()
    assert counts.max() == 2
    assert taken == drawn(groups, most=1200, seed=seed) != drawn(groups, most=1200, seed=seed + 1)


def test_a_large_group_leaves_room_for_the_others() -> None:
    groups = [0] * 2500 + list(range(1, 501))
    taken = drawn(groups)
    assert len(taken) == 2000
    assert set(range(2500, 3000)) <= set(taken)


def test_fewer_are_looked_at_than_there_are_groups() -> None:
    assert len({*drawn(list(range(50)), most=20)}) == 20


@pytest.mark.parametrize(
    ("labels", "groups", "is_enough"),
    [
        ([0] * 5 + [1] * 5, list(range(10)), True),
        ([0] * 4 + [1] * 50, list(range(54)), False),
        ([0] * 50 + [1] * 4, list(range(54)), False),
        ([0] * 50 + [1] * 50, [n // 10 for n in range(100)], True),
        ([0] * 50 + [1] * 40, [n // 10 for n in range(90)], False),
        ([0, 1] * 5, [n // 2 for n in range(10)], True),
        ([0] * 9, list(range(9)), False),
        ([], [], False),
    ],
)
def test_five_groups_of_each_class_are_enough(labels: list[int], groups: list[int], is_enough: bool) -> None:
    assert can_be_judged(labels, groups) == is_enough


# --- the models


class Spy:
    """Knows which rows it learnt from; the first column is the row's number."""

    def __init__(self, seen: list[tuple[set[int], list[int]]]) -> None:
        self._seen = seen
        self._learnt: set[int] = set()

    def fit(self, inputs: NDArray[Any], labels: NDArray[np.int64]) -> Self:
        assert set(labels.tolist()) == {0, 1}
        self._learnt = set(inputs[:, 0].astype(int).tolist())
        return self

    def decision_function(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        rows = inputs[:, 0].astype(int).tolist()
        self._seen.append((self._learnt, rows))
        return np.array(rows, np.float64)


@pytest.mark.parametrize("seed", range(25))
def test_no_image_is_judged_by_a_model_that_saw_its_patient(seed: int) -> None:
    """A few patients of very different numbers of images, some of them with images of both classes."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 2, 30], rng.integers(12, 20))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.where(groups < 5, 0, np.where(groups < 10, 1, rng.integers(0, 2, len(groups))))
    seen: list[tuple[set[int], list[int]]] = []
    rows = np.arange(len(groups))
    scores = cross_validated(lambda: Spy(seen), rows[:, None], labels.tolist(), groups.tolist())
    assert scores.tolist() == rows.tolist()
    assert sorted(row for _, judged in seen for row in judged) == rows.tolist()
    for learnt, judged in seen:
        assert not {groups[row] for row in learnt} & {groups[row] for row in judged}
        assert len(learnt) + len(judged) == len(rows)


def auroc_of(make_model: Callable[[], SmallModel], inputs: NDArray[Any], labels: NDArray[np.int64]) -> float:
    scores = cross_validated(make_model, inputs, labels.tolist(), list(range(len(labels))))
    return float(roc_auc_score(labels, scores))


def test_numbers_that_tell_the_classes_apart_by_their_combination() -> None:
    numbers = np.random.default_rng(0).normal(size=(150, 2))
    labels = (numbers[:, 0] * numbers[:, 1] > 0).astype(np.int64)
    assert max(auroc_of(of_few_numbers, numbers[:, [column]], labels) for column in (0, 1)) < 0.7
    assert auroc_of(of_few_numbers, numbers * (1, 1000) + (0, 5e4), labels) > 0.95


def test_features_that_tell_the_classes_apart_along_one_direction() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    features = rng.normal(size=(120, 200)).astype(np.float32)
    features[:, :20] += labels[:, None]
    assert auroc_of(of_features, features, labels) > 0.9


@pytest.mark.parametrize("make_model", [of_few_numbers, of_features])
def test_noise_tells_nothing_apart(make_model: Callable[[], SmallModel]) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 200)
    assert 0.35 < auroc_of(make_model, rng.normal(size=(200, 100)), labels) < 0.65


def test_several_images_of_a_patient_are_not_learnt_by_heart() -> None:
    """The patient is all that shows: whoever knows the patient knows the class."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    labels = groups % 2
    inputs = rng.normal(size=(40, 30))[groups] + 0.01 * rng.normal(size=(200, 30))
    alone = cross_validated(of_few_numbers, inputs, labels.tolist(), groups.tolist())
    leaking = cross_validated(of_few_numbers, inputs, labels.tolist(), list(range(200)))
    assert roc_auc_score(labels, leaking) > 0.99
    assert roc_auc_score(labels, alone) < 0.7


# --- the area


def test_an_area_with_its_interval() -> None:
    found = area([0, 0, 1, 1, 1], np.array([1, 3, 2, 4, 5]), [0, 1, 2, 3, 4])
    assert (found.auroc, found.n) == (pytest.approx(5 / 6), 5)
    assert (found.low, found.high) == pytest.approx(auroc_interval(5 / 6, 3, 2))


def test_images_of_one_patient_do_not_make_the_interval_narrower() -> None:
    labels, scores = [0] * 10 + [1] * 10, np.arange(20) % 13
    once = area(labels, scores, list(range(20)))
    thrice = area(labels * 3, np.tile(scores, 3), list(range(20)) * 3)
    assert (thrice.auroc, thrice.n) == (pytest.approx(once.auroc), 60)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))


def test_a_patient_of_both_classes_counts_in_both() -> None:
    found = area([0, 1] * 6, np.arange(12), [n // 2 for n in range(12)])
    assert (found.low, found.high) == auroc_interval(found.auroc, 6, 6)
