"""Differences against published ones and a simulation, and the words for a drop."""

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from covid_desktop.core.comparison import (
    Difference,
    auroc_difference,
    drop_words,
    independent_auroc_difference,
    share_difference,
)
from covid_desktop.core.delong import delong
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.intervals import auroc_interval

PUBLISHED = Path(__file__).parent / "delong_1988.csv"
"""As in test_delong; the differences are those SAS prints for ROCCONTRAST with the K-G score as reference."""


def drawn(positives: int, negatives: int, distance: float, seed: int, threshold: float = 0.5) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = np.repeat([1, 0], [positives, negatives])
    scores = 1 / (1 + np.exp(-rng.normal(distance * (labels - 0.5))))
    return Evaluation(labels=tuple(labels.tolist()), scores=tuple(scores.tolist()), threshold=threshold)


def of_counts(found: int, missed: int, cleared: int, flagged: int) -> Evaluation:
    """With the same order of scores within what is called positive and negative."""
    labels = (1,) * (found + missed) + (0,) * (cleared + flagged)
    scores = (0.8,) * found + (0.2,) * missed + (0.2,) * cleared + (0.8,) * flagged
    return Evaluation(labels=labels, scores=scores, threshold=0.5)


@pytest.mark.parametrize(
    ("test", "value", "low", "high", "p"),
    [(0, 0.0108, -0.1761, 0.1976, 0.9102), (1, -0.0780, -0.2830, 0.1271, 0.4561)],
)
def test_two_tests_of_the_same_patients_as_published(
    test: int, value: float, low: float, high: float, p: float
) -> None:
    albumin, protein, score, outcome = np.loadtxt(PUBLISHED, delimiter=",", skiprows=1).T
    found = auroc_difference(outcome, (albumin, protein)[test], 10 - score)
    assert (found.value, found.low, found.high, found.p) == pytest.approx((value, low, high, p), abs=5e-5)
    assert found.method == "95 % interval: DeLong, paired"


@pytest.mark.parametrize(
    ("shares", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_of_shares_as_published(
    shares: tuple[int, int, int, int], low: float, high: float
) -> None:
    """R. G. Newcombe, Interval estimation for the difference between independent proportions, 1998, table II,
    method 10."""
    found = share_difference(*shares)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == pytest.approx(shares[0] / shares[1] - shares[2] / shares[3])


def mirrored(difference: Difference) -> tuple[float, float, float, float]:
    return -difference.value, -difference.high, -difference.low, difference.p


def test_turning_the_two_over_mirrors_the_difference() -> None:
    first, second = drawn(30, 40, 2.0, 1), drawn(30, 40, 1.0, 2)
    paired = auroc_difference(first.labels, first.scores, second.scores)
    turned = auroc_difference(first.labels, second.scores, first.scores)
    assert (turned.value, turned.low, turned.high, turned.p) == pytest.approx(mirrored(paired))
    apart = independent_auroc_difference(first, second)
    turned = independent_auroc_difference(second, first)
    assert (turned.value, turned.low, turned.high, turned.p) == pytest.approx(mirrored(apart))


@pytest.mark.parametrize("seed", range(30))
def test_p_is_under_005_just_where_the_interval_leaves_out_zero(seed: int) -> None:
    first, second = drawn(12, 15, 2.2, seed), drawn(12, 15, 1.0, seed + 100)
    paired = auroc_difference(first.labels, first.scores, second.scores)
    for found in (paired, independent_auroc_difference(first, second), share_difference(seed, 30, 8, 20)):
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert 0 <= found.p <= 1


def test_models_that_look_at_the_same_are_told_apart_better_as_a_pair() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 0], 60)
    seen = labels + rng.normal(size=120)
    first, second = seen + 0.1 * rng.normal(size=120), seen + 0.4 * rng.normal(size=120)
    paired = auroc_difference(labels, first, second)
    as_evaluations = (
        Evaluation(labels=tuple(labels.tolist()), scores=tuple(each.tolist()), threshold=0.5)
        for each in (first, second)
    )
    apart = independent_auroc_difference(*as_evaluations)
    assert paired.value == pytest.approx(apart.value)
    assert paired.high - paired.low < 0.5 * (apart.high - apart.low)


def test_independent_areas_of_many_images_differ_as_delongs_variances_say() -> None:
    first, second = drawn(2000, 2000, 1.0, 1), drawn(2000, 2000, 0.9, 2)
    areas, variances = zip(*(delong(each.labels, each.scores) for each in (first, second)), strict=True)
    value = float(areas[0][0] - areas[1][0])
    spread = math.sqrt(float(variances[0][0, 0] + variances[1][0, 0]))
    found = independent_auroc_difference(first, second)
    assert found.value == pytest.approx(value)
    assert (found.low, found.high) == pytest.approx((value - 1.96 * spread, value + 1.96 * spread), abs=3e-4)
    assert found.p == pytest.approx(2 * NormalDist().cdf(-abs(value) / spread), abs=0.01)


@pytest.mark.parametrize("distances", [(1.2, 1.2), (3.0, 3.0), (2.5, 1.0)])
def test_the_true_difference_is_in_about_95_of_100_intervals(distances: tuple[float, float]) -> None:
    first_area, second_area = (NormalDist().cdf(distance / math.sqrt(2)) for distance in distances)
    covered = 0
    for seed in range(400):
        first, second = drawn(40, 50, distances[0], seed), drawn(25, 60, distances[1], seed + 1000)
        found = independent_auroc_difference(first, second)
        covered += found.low <= first_area - second_area <= found.high
    assert 0.92 <= covered / 400 <= 0.985


def test_two_perfect_models_of_few_images_may_still_differ() -> None:
    labels, scores = (1,) * 5 + (0,) * 5, (0.9,) * 5 + (0.1,) * 5
    perfect = Evaluation(labels=labels, scores=scores, threshold=0.5)
    low, _ = auroc_interval(1.0, 5, 5)
    for found in (
        auroc_difference(labels, scores, [0.8, 0.7, 0.9, 0.6, 0.8, 0.3, 0.2, 0.1, 0.4, 0.2]),
        independent_auroc_difference(perfect, perfect),
    ):
        assert (found.value, found.p) == (0, 1)
        assert (found.low, found.high) == pytest.approx((low - 1, 1 - low))
        assert found.method == "95 % interval: Newcombe, independent images"


def test_a_model_does_not_differ_from_itself() -> None:
    judged = drawn(31, 47, 1.5, 3)
    found = auroc_difference(judged.labels, judged.scores, np.array(judged.scores) ** 3)
    assert (found.value, found.p) == (0, 1)
    assert found.low < 0 < found.high


def test_no_difference_is_beyond_1() -> None:
    found = auroc_difference([1, 1, 1, 0, 0, 0], [1, 2, 4, 3, 5, 6], [4, 5, 6, 1, 2, 3])
    assert found.value == pytest.approx(-8 / 9)
    assert found.low == -1


def test_one_class_has_no_difference() -> None:
    judged = drawn(3, 3, 1.0, 0)
    with pytest.raises(ValueError, match="both classes"):
        auroc_difference([1, 1], [0.1, 0.2], [0.3, 0.4])
    with pytest.raises(ValueError, match="both classes"):
        independent_auroc_difference(judged, Evaluation(labels=(0,), scores=(0.2,), threshold=0.5))


def test_a_drop_is_told_with_its_interval() -> None:
    home, away = of_counts(190, 10, 180, 20), of_counts(75, 25, 92, 8)
    assert drop_words("Home", home, "Elsewhere", away) == (
        "The model does worse on Elsewhere than on Home, at the same threshold of 0.500: "
        "AUROC 0.835 against 0.925 (a drop of 0.090; 95 % interval 0.036 to 0.151) and "
        "sensitivity 75 % against 95 % (a drop of 20 points; 95 % interval 12 to 30 points). "
        "The intervals leave out a drop of zero, so chance alone is an unlikely reason; "
        "no drop in specificity can be shown."
    )


def test_one_drop_alone_is_told() -> None:
    home, away = drawn(300, 300, 3.0, 1), drawn(300, 300, 3.0, 2)
    shifted = Evaluation(labels=away.labels, scores=tuple(score**0.3 for score in away.scores), threshold=0.9)
    words = drop_words("Home", home, "Elsewhere", shifted)
    assert words.startswith(
        "The model does worse on Elsewhere than on Home, at the same threshold of 0.500: specificity "
    )
    assert words.endswith(
        "The interval leaves out a drop of zero, so chance alone is an unlikely reason; "
        "no drop in AUROC or sensitivity can be shown."
    )


def test_few_images_show_no_drop_and_rule_none_out() -> None:
    home, away = of_counts(190, 10, 180, 20), of_counts(9, 1, 9, 1)
    assert drop_words("Home", home, "Elsewhere", away) == (
        "No drop from Home to Elsewhere can be shown with so few images (400 and 20), at the same threshold "
        "of 0.500: AUROC 0.900 against 0.925, sensitivity 90 % against 95 % and specificity 90 % against "
        "90 %. The 95 % intervals include no drop at all, but also drops of 0.267 in AUROC, 35 points in "
        "sensitivity and 31 points in specificity."
    )


def test_many_images_without_a_drop_say_how_large_it_is_at_most() -> None:
    home, away = drawn(4000, 4000, 4.0, 1), drawn(4000, 4000, 4.0, 2)
    words = drop_words("Home", home, "Elsewhere", away)
    assert words.startswith(
        "No drop from Home to Elsewhere is seen, at the same threshold of 0.500: AUROC 0.99"
    )
    assert "By the 95 % intervals it is at most 0.00" in words
    assert "few" not in words


def test_a_rise_is_no_drop() -> None:
    home, away = of_counts(75, 25, 92, 8), of_counts(190, 10, 185, 15)
    words = drop_words("Home", home, "Elsewhere", away)
    assert "does worse" not in words
    assert "under 1 point in sensitivity" in words


def test_both_are_taken_at_the_homes_threshold() -> None:
    home, away = of_counts(190, 10, 180, 20), of_counts(75, 25, 92, 8)
    assert drop_words("Home", home, "Elsewhere", away.at(0.1)) == drop_words("Home", home, "Elsewhere", away)


def test_one_class_elsewhere_is_compared_as_far_as_it_goes() -> None:
    home = of_counts(190, 10, 180, 20)
    negative = Evaluation(labels=(0,) * 50, scores=(0.8,) * 30 + (0.2,) * 20, threshold=0.5)
    words = drop_words("Home", home, "Elsewhere", negative)
    assert "specificity 40 % against 90 %" in words
    assert "AUROC" not in words
    assert "sensitivity" not in words


def test_what_has_no_class_in_common_cannot_be_compared() -> None:
    positive = Evaluation(labels=(1,), scores=(0.8,), threshold=0.5)
    negative = Evaluation(labels=(0,), scores=(0.8,), threshold=0.5)
    for away in (negative, Evaluation(labels=(), scores=(), threshold=0.5)):
        assert drop_words("Home", positive, "Elsewhere", away) == (
            "Elsewhere cannot be compared with Home: they have images of no class in common."
        )
