"""Areas with their covariance and interval, against pairs of images, published numbers and a simulation."""

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from covid_desktop.core.delong import auroc_interval_delong, delong
from covid_desktop.core.intervals import Z, auroc_interval

PUBLISHED = Path(__file__).parent / "delong_1988.csv"
"""Patients with ovarian cancer and a bowel obstruction, of DeLong, DeLong and Clarke-Pearson (1988), as SAS
prints them in its documentation of PROC LOGISTIC, Comparing Receiver Operating Characteristic Curves."""

Floats = NDArray[np.float64]


def by_pairs(labels: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """DeLong's formulas as they stand in the paper, of all pairs of images."""
    positive, negative = scores[:, labels == 1][:, :, None], scores[:, labels == 0][:, None]
    kernel = (positive > negative) + 0.5 * (positive == negative)
    of_positive, of_negative = kernel.mean(axis=2), kernel.mean(axis=1)
    spread = np.cov(of_positive) / of_positive.shape[1] + np.cov(of_negative) / of_negative.shape[1]
    return kernel.mean(axis=(1, 2)), spread


def drawn(
    positives: int, negatives: int, models: int = 1, seed: int = 0, levels: int = 0
) -> tuple[Floats, Floats]:
    """Labels in no order, and scores of models that look at the same; ``levels`` make many scores equal."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([1.0, 0.0], [positives, negatives]))
    scores = labels + rng.normal(size=labels.size) + 0.7 * rng.normal(size=(models, labels.size))
    return labels, np.round(scores * levels) if levels else scores


def test_areas_and_standard_errors_as_published() -> None:
    albumin, protein, score, outcome = np.loadtxt(PUBLISHED, delimiter=",", skiprows=1).T
    areas, covariance = delong(outcome, albumin, 10 - score, protein)
    assert areas == pytest.approx([0.7366, 0.7258, 0.6478], abs=5e-5)
    assert np.sqrt(np.diag(covariance)) == pytest.approx([0.0927, 0.1028, 0.1000], abs=5e-5)


def test_the_test_of_three_areas_as_published() -> None:
    """A chi-square of two degrees of freedom, which needs every covariance."""
    albumin, protein, score, outcome = np.loadtxt(PUBLISHED, delimiter=",", skiprows=1).T
    areas, covariance = delong(outcome, albumin, 10 - score, protein)
    contrast = np.array([[1, -1, 0], [0, -1, 1]])
    apart = contrast @ areas
    chi_square = apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart)
    assert chi_square == pytest.approx(2.5340, abs=5e-5)


@pytest.mark.parametrize("levels", [0, 1, 3])
@pytest.mark.parametrize(("positives", "negatives"), [(2, 2), (7, 30), (40, 25)])
def test_midranks_give_what_pairs_give(positives: int, negatives: int, levels: int) -> None:
    labels, scores = drawn(positives, negatives, models=3, levels=levels)
    areas, covariance = delong(labels, *scores)
    expected_areas, expected_covariance = by_pairs(labels, scores)
    assert areas == pytest.approx(expected_areas, abs=1e-12)
    assert covariance == pytest.approx(expected_covariance, abs=1e-12)
    assert areas == pytest.approx([roc_auc_score(labels, each) for each in scores])


def test_one_model_gives_one_area_and_a_covariance_of_one_by_one() -> None:
    labels, scores = drawn(20, 30)
    areas, covariance = delong(labels.astype(int).tolist(), scores[0].tolist())
    assert (areas.shape, covariance.shape) == ((1,), (1, 1))


@pytest.mark.parametrize("labels", [[], [1, 1, 1], [0, 0]])
def test_one_class_has_no_area(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="both classes"):
        delong(labels, [0.5] * len(labels))


@pytest.mark.parametrize("labels", [[1, 0, 0], [0, 1, 1]])
def test_one_image_of_a_class_has_no_covariance(labels: list[int]) -> None:
    areas, covariance = delong(labels, [0.4, 0.2, 0.5])
    assert areas[0] == 0.5
    assert np.isnan(covariance).all()


def test_the_ends_are_196_standard_errors_away_on_the_logit_scale() -> None:
    labels, scores = drawn(25, 60)
    areas, covariance = by_pairs(labels, scores)
    area = float(areas[0])
    auroc, low, high = auroc_interval_delong(labels, scores[0])
    reach = Z * math.sqrt(float(covariance)) / (area * (1 - area))
    assert auroc == pytest.approx(area)
    assert logit(area) - logit(low) == pytest.approx(reach)
    assert logit(high) - logit(area) == pytest.approx(reach)


@pytest.mark.parametrize(("positives", "negatives", "seed"), [(3, 3, 1), (8, 100, 2), (300, 40, 3)])
def test_the_area_lies_within_its_interval_and_that_within_0_and_1(
    positives: int, negatives: int, seed: int
) -> None:
    labels, scores = drawn(positives, negatives, seed=seed)
    auroc, low, high = auroc_interval_delong(labels, scores[0])
    assert 0 < low < auroc < high < 1
    mirrored = auroc_interval_delong(1 - labels, scores[0])
    assert mirrored == pytest.approx((1 - auroc, 1 - high, 1 - low))


@pytest.mark.parametrize(
    ("labels", "scores", "auroc"),
    [
        ([1, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.2, 0.1], 1.0),
        ([1, 1, 0, 0, 0], [0.1, 0.2, 0.7, 0.8, 0.9], 0.0),
        ([1, 1, 0, 0, 0], [0.5] * 5, 0.5),
        ([1, 0, 0, 0, 0], [0.5, 0.4, 0.3, 0.6, 0.7], 0.5),
    ],
)
def test_where_delong_says_nothing_it_is_newcombes_interval(
    labels: list[int], scores: list[float], auroc: float
) -> None:
    positives = sum(labels)
    expected = auroc_interval(auroc, positives, len(labels) - positives)
    assert auroc_interval_delong(labels, scores) == (auroc, *expected)


@pytest.mark.parametrize(("true", "positives", "negatives"), [(0.7, 30, 30), (0.85, 25, 80), (0.95, 100, 60)])
def test_the_true_area_is_in_about_95_of_100_intervals(true: float, positives: int, negatives: int) -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 0], [positives, negatives])
    distance = math.sqrt(2) * NormalDist().inv_cdf(true)
    covered = 0
    for _ in range(400):
        _, low, high = auroc_interval_delong(labels, rng.normal(distance * labels))
        covered += low <= true <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_ten_thousand_images_take_no_time_of_pairs() -> None:
    """All pairs of them would be 200 megabytes."""
    labels, scores = drawn(5000, 5000)
    auroc, low, high = auroc_interval_delong(labels, scores[0])
    assert auroc == pytest.approx(roc_auc_score(labels, scores[0]))
    assert 0 < high - low < 0.03
