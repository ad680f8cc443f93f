"""Platt scaling and reliability, against scikit-learn and against what a simulation is known to be."""

import json
import math

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from covid_desktop.core.calibration import (
    Calibration,
    ReliabilityBin,
    expected_calibration_error,
    fit_calibration,
    reliability,
)
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.intervals import proportion_interval


def drawn(n: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores whose true calibration is known."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 2, n)
    return (rng.random(n) < expit(slope * values + intercept)).astype(int), expit(values)


def fitted(labels: object, scores: object) -> Calibration:
    calibration = fit_calibration(labels, scores)  # type: ignore[arg-type]
    assert calibration is not None
    return calibration


@pytest.mark.parametrize(("n", "slope", "intercept"), [(12, 1.0, 0.0), (60, 0.4, -1.0), (500, 2.5, 3.0)])
def test_it_is_the_logistic_regression_on_platts_targets(n: int, slope: float, intercept: float) -> None:
    """A target of 0.9 is an image that is nine tenths positive and one tenth negative."""
    labels, scores = drawn(n, slope, intercept, seed=1)
    positives = labels.sum()
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (n - positives + 2))
    inputs = logit(scores)[:, None]
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(np.tile(inputs, (2, 1)), np.repeat([1, 0], n), np.concatenate([targets, 1 - targets]))
    found = fitted(labels, scores)
    assert found.slope == pytest.approx(model.coef_[0, 0], abs=1e-4)
    assert found.intercept == pytest.approx(model.intercept_[0], abs=1e-4)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (3.0, 2.0)])
def test_the_true_calibration_is_found(slope: float, intercept: float) -> None:
    found = fitted(*drawn(40_000, slope, intercept))
    assert found.slope == pytest.approx(slope, rel=0.05)
    assert found.intercept == pytest.approx(intercept, abs=0.1)


def test_calibrated_probabilities_of_other_images_come_true() -> None:
    calibration = fitted(*drawn(2000, 0.4, -1.0, seed=1))
    labels, scores = drawn(2000, 0.4, -1.0, seed=2)
    before = expected_calibration_error(labels, scores)
    after = expected_calibration_error(labels, calibration.probability(scores))
    assert before > 0.15
    assert after < 0.05


def test_calibration_keeps_the_order_of_images() -> None:
    labels, scores = drawn(300, 0.4, -1.0)
    probabilities = fitted(labels, scores).probability(scores)
    assert (np.argsort(probabilities) == np.argsort(scores)).all()
    before = Evaluation(labels=tuple(labels), scores=tuple(scores), threshold=0.5)
    after = Evaluation(labels=tuple(labels), scores=tuple(probabilities), threshold=0.5)
    assert after.auroc == before.auroc
    assert after.brier < before.brier  # type: ignore[operator]


def test_scores_that_run_the_wrong_way_get_a_negative_slope() -> None:
    labels, scores = drawn(400, -1.0, 0.5)
    assert fitted(labels, scores).slope < -0.5


@pytest.mark.parametrize("high", [0.6, 1.0])
def test_classes_that_are_fully_apart_keep_their_numbers_finite(high: float) -> None:
    """Platt's targets hold the probabilities to (n + 1) / (n + 2) and 1 / (n + 2)."""
    found = fitted([1] * 8 + [0] * 8, [high] * 8 + [1 - high] * 8)
    assert math.isfinite(found.slope)
    assert found.probability([high, 1 - high]) == pytest.approx([0.9, 0.1], abs=1e-6)


@pytest.mark.parametrize("score", [0.0, 0.3, 0.7, 1.0])
def test_scores_that_are_all_the_same_say_no_more_than_the_share(score: float) -> None:
    """Also where they differ by rounding."""
    found = fitted([1] * 5 + [0] * 15, [score] * 10 + [score * (1 - 1e-15)] * 10)
    assert found.slope == 0
    expected = (5 * 6 / 7 + 15 / 17) / 20
    assert found.probability([score, 0.9]) == pytest.approx([expected, expected])


def test_scores_of_0_and_1_have_a_probability() -> None:
    probabilities = Calibration(slope=1.0, intercept=0.0).probability([0.0, 1e-12, 0.25, 1.0])
    assert probabilities == pytest.approx([1e-7, 1e-7, 0.25, 1 - 1e-7], rel=1e-6)
    steep = Calibration(slope=1000.0, intercept=-5.0).probability([0.0, 0.5, 1.0])
    assert steep == pytest.approx([0, expit(-5.0), 1])


@pytest.mark.parametrize("labels", [[], [1, 0] * 4 + [1], [1] * 12, [0] * 12])
def test_too_few_images_or_one_class_are_not_calibrated(labels: list[int]) -> None:
    assert fit_calibration(labels, np.linspace(0.1, 0.9, len(labels))) is None


def test_ten_images_are_enough() -> None:
    assert fit_calibration([1, 0] * 5, np.linspace(0.1, 0.9, 10)) is not None


def test_a_calibration_comes_back_from_json() -> None:
    calibration = Calibration(slope=1.5, intercept=-0.25)
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"slope": 1.0},
        {"slope": None, "intercept": 0.0},
        {"slope": math.nan, "intercept": 0.0},
        {"slope": 1.0, "intercept": -math.inf},
        {"slope": 10**400, "intercept": 0.0},
        {"slope": "steep", "intercept": 0.0},
    ],
)
def test_what_is_no_calibration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Calibration.from_json(values)


def test_reliability_of_scikit_learns_example() -> None:
    """Of its documentation of calibration_curve."""
    labels, probabilities = [0, 0, 0, 0, 1, 1, 1, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.65, 0.7, 0.8, 0.9, 1.0]
    found = reliability(labels, probabilities, bins=3)
    assert [each.share for each in found] == [0, 0.5, 1]
    assert [each.mean_probability for each in found] == pytest.approx([0.2, 0.525, 0.85])
    assert [each.count for each in found] == [3, 2, 4]
    assert [each.low for each in found] == pytest.approx([0, 1 / 3, 2 / 3])
    assert [each.high for each in found] == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize(("n", "bins"), [(40, 10), (1000, 10), (300, 7)])
def test_reliability_agrees_with_scikit_learn(n: int, bins: int) -> None:
    labels, scores = drawn(n, 0.7, 0.3, seed=n)
    shares, means = calibration_curve(labels, scores, n_bins=bins)
    found = reliability(labels, scores, bins)
    assert [each.share for each in found] == pytest.approx(shares)
    assert [each.mean_probability for each in found] == pytest.approx(means)
    assert sum(each.count for each in found) == n


def test_a_bin_has_wilsons_interval_and_empty_ones_are_left_out() -> None:
    (only,) = reliability([1, 0, 1, 1], [0.72, 0.78, 0.71, 0.75])
    low, high = proportion_interval(3, 4)
    assert only == ReliabilityBin(
        low=pytest.approx(0.7),
        high=pytest.approx(0.8),
        mean_probability=pytest.approx(0.74),
        share=0.75,
        share_low=low,
        share_high=high,
        count=4,
    )


def test_a_probability_between_two_bins_is_of_the_higher_one_and_1_of_the_last() -> None:
    found = reliability([0, 0, 1, 1], [0.0, 0.5, 0.999, 1.0], bins=2)
    assert [(each.low, each.count) for each in found] == [(0, 1), (0.5, 3)]


def test_a_calibration_error_by_hand() -> None:
    """Half of the images are said to be positive with 0.2 and none is, half with 0.9 and half of them are."""
    labels, probabilities = [0, 0, 0, 0, 1, 1, 0, 0], [0.2] * 4 + [0.9] * 4
    assert expected_calibration_error(labels, probabilities) == pytest.approx((0.2 + 0.4) / 2)
    assert expected_calibration_error([1, 1, 0], [1.0, 1.0, 0.0]) == 0
    assert expected_calibration_error([0, 0, 1], [1.0, 1.0, 0.0]) == 1


def test_no_images_have_no_reliability() -> None:
    assert reliability([], []) == ()
    assert math.isnan(expected_calibration_error([], []))
