"""95 % intervals, against published ones and against the truth of a simulation."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from covid_desktop.core.intervals import Z, auroc_interval, proportion_interval


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_as_published(part: int, whole: int, low: float, high: float) -> None:
    """R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3."""
    assert proportion_interval(part, whole) == pytest.approx((low, high), abs=5e-5)
    assert proportion_interval(whole - part, whole) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_no_images_say_nothing_of_a_share() -> None:
    assert proportion_interval(0, 0) == (0.0, 1.0)


AREAS = [0.0, 1e-6, 0.03, 0.31, 0.5, 0.77, 0.95, 0.999, 1.0]
SIZES = [(1, 1), (5, 5), (5, 200), (31, 12), (1000, 1000)]


@pytest.mark.parametrize(("positives", "negatives"), SIZES)
@pytest.mark.parametrize("auroc", AREAS)
def test_an_area_lies_within_its_interval(auroc: float, positives: int, negatives: int) -> None:
    low, high = auroc_interval(auroc, positives, negatives)
    assert 0 <= low <= auroc <= high <= 1
    assert high - low > 0.0001


@pytest.mark.parametrize(("positives", "negatives"), SIZES)
@pytest.mark.parametrize("auroc", AREAS)
def test_turning_classes_and_scores_over_mirrors_the_interval(
    auroc: float, positives: int, negatives: int
) -> None:
    low, high = auroc_interval(auroc, positives, negatives)
    assert auroc_interval(1 - auroc, negatives, positives) == pytest.approx((1 - high, 1 - low), abs=1e-6)


@pytest.mark.parametrize("auroc", [0.04, 0.5, 0.8, 0.98])
@pytest.mark.parametrize("each", [5, 40, 700])
def test_both_ends_are_196_standard_errors_away(auroc: float, each: int) -> None:
    """Newcombe's standard error equals Hanley's and McNeil's for classes of the same size."""

    def standard_error(area: float) -> float:
        q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
        return math.sqrt(area * (1 - area) + (each - 1) * (q1 + q2 - 2 * area**2)) / each

    low, high = auroc_interval(auroc, each, each)
    assert auroc - low == pytest.approx(Z * standard_error(low), rel=1e-6)
    assert high - auroc == pytest.approx(Z * standard_error(high), rel=1e-6)


def test_even_a_perfect_area_of_few_images_may_be_chance() -> None:
    low, high = auroc_interval(1.0, 5, 5)
    assert (low, high) == (pytest.approx(0.643, abs=0.001), 1.0)
    assert auroc_interval(0.0, 5, 5) == pytest.approx((0.0, 1 - low))
    assert auroc_interval(1 - 1e-12, 5, 5) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("auroc", [0.0, 0.5, 0.9, 1.0])
def test_more_images_narrow_the_interval(auroc: float) -> None:
    intervals = [auroc_interval(auroc, count, 2 * count) for count in (3, 6, 12, 50, 400)]
    widths = [high - low for low, high in intervals]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 5


@pytest.mark.parametrize(("true", "positives", "negatives"), [(0.5, 20, 20), (0.75, 15, 45), (0.9, 60, 30)])
def test_the_true_area_is_in_about_95_of_100_intervals(true: float, positives: int, negatives: int) -> None:
    rng = np.random.default_rng(0)
    distance = math.sqrt(2) * NormalDist().inv_cdf(true)
    covered = 0
    for _ in range(400):
        ill, healthy = rng.normal(distance, 1, (positives, 1)), rng.normal(0, 1, negatives)
        low, high = auroc_interval(float(np.mean(ill > healthy)), positives, negatives)
        covered += low <= true <= high
    assert 0.92 <= covered / 400 <= 0.98
