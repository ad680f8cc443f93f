"""Counts and shares against the definitions."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
)

from covid_desktop.core.evaluation import Confusion, Evaluation


def evaluation(labels: list[int], scores: list[float], threshold: float = 0.5) -> Evaluation:
    return Evaluation(labels=tuple(labels), scores=tuple(scores), threshold=threshold)


def test_counts_of_each_kind() -> None:
    result = evaluation([1, 1, 1, 0, 0, 0, 0, 0, 0], [0.9, 0.5, 0.1, 0.7, 0.6, 0.1, 0.2, 0.3, 0.49])
    assert result.confusion == Confusion(true_positive=2, false_positive=2, true_negative=4, false_negative=1)
    assert result.n == 9
    assert result.accuracy == pytest.approx(6 / 9)
    assert result.sensitivity == pytest.approx(2 / 3)
    assert result.specificity == pytest.approx(4 / 6)


def test_a_score_at_the_threshold_is_positive() -> None:
    assert evaluation([1, 0], [0.3, 0.3], threshold=0.3).confusion.true_positive == 1
    assert evaluation([1, 0], [0.3, 0.3], threshold=0.3).confusion.false_positive == 1
    assert evaluation([1, 0], [0.3, 0.3], threshold=0.31).confusion.true_negative == 1


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 1.0])
def test_agrees_with_scikit_learn(threshold: float) -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 200), rng.random(200)
    result = evaluation(labels.tolist(), scores.tolist(), threshold)
    called = scores >= threshold
    assert result.accuracy == pytest.approx(accuracy_score(labels, called))
    assert result.sensitivity == pytest.approx(recall_score(labels, called))
    assert result.specificity == pytest.approx(recall_score(labels, called, pos_label=0))
    assert result.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, called))
    assert result.f1 == pytest.approx(f1_score(labels, called))
    assert result.auprc == pytest.approx(average_precision_score(labels, scores))
    assert result.brier == pytest.approx(brier_score_loss(labels, scores))


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_predictive_values_agree_with_scikit_learn(threshold: float) -> None:
    rng = np.random.default_rng(1)
    labels, scores = rng.integers(0, 2, 200), rng.random(200)
    result = evaluation(labels.tolist(), scores.tolist(), threshold)
    called = scores >= threshold
    assert result.ppv == pytest.approx(precision_score(labels, called))
    assert result.npv == pytest.approx(precision_score(labels, called, pos_label=0))


def test_a_brier_score_by_hand() -> None:
    assert evaluation([1, 0, 1], [0.8, 0.4, 0.5]).brier == pytest.approx((0.04 + 0.16 + 0.25) / 3)
    assert evaluation([1, 0], [0.5, 0.5]).brier == 0.25
    assert evaluation([], []).brier is None


@pytest.mark.parametrize(
    ("threshold", "ppv", "npv", "f1"), [(0.0, 0.5, None, 2 / 3), (0.5, 1, 2 / 3, 2 / 3), (1.0, None, 0.5, 0)]
)
def test_a_predictive_value_of_nothing_called_is_none(
    threshold: float, ppv: float | None, npv: float | None, f1: float
) -> None:
    result = evaluation([1, 1, 0, 0], [0.9, 0.2, 0.1, 0.3], threshold)
    assert (result.ppv, result.npv, result.f1) == (ppv, npv, pytest.approx(f1))


def test_another_threshold_leaves_the_scores_as_they_are() -> None:
    paths = (Path("a.png"), Path("b.png"))
    first = Evaluation(labels=(1, 0), scores=(0.6, 0.4), threshold=0.5, paths=paths)
    other = first.at(0.7)
    assert other == Evaluation(labels=(1, 0), scores=(0.6, 0.4), threshold=0.7, paths=paths)
    assert (first.sensitivity, other.sensitivity) == (1, 0)
    assert (first.auroc, first.brier) == (other.auroc, other.brier)


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    labels, scores = [1, 1, 0, 0, 0], [0.8, 0.4, 0.4, 0.2, 0.9]
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[:2] for n in scores[2:]]
    assert evaluation(labels, scores).auroc == pytest.approx(np.mean(pairs))
    assert evaluation([0, 1], [0.1, 0.2]).auroc == 1
    assert evaluation([0, 1], [0.2, 0.1]).auroc == 0
    assert evaluation([0, 1], [0.5, 0.5]).auroc == 0.5


def test_roc_runs_from_corner_to_corner() -> None:
    false_positive_rate, true_positive_rate = evaluation([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1]).roc()
    assert (false_positive_rate[0], true_positive_rate[0]) == (0, 0)
    assert (false_positive_rate[-1], true_positive_rate[-1]) == (1, 1)
    assert np.trapezoid(true_positive_rate, false_positive_rate) == pytest.approx(0.75)


def test_precision_and_recall_run_from_every_image_called_to_none() -> None:
    """The example of scikit-learn's documentation of precision_recall_curve."""
    precision, recall = evaluation([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).precision_recall()
    assert precision == pytest.approx([0.5, 2 / 3, 0.5, 1, 1])
    assert recall == pytest.approx([1, 1, 0.5, 0.5, 0])


@pytest.mark.parametrize(
    ("labels", "scores", "accuracy", "sensitivity", "specificity"),
    [
        ([], [], None, None, None),
        ([1, 1], [0.9, 0.1], 0.5, 0.5, None),
        ([0, 0], [0.1, 0.2], 1.0, None, 1.0),
    ],
)
def test_a_share_of_nothing_is_none(
    labels: list[int],
    scores: list[float],
    accuracy: float | None,
    sensitivity: float | None,
    specificity: float | None,
) -> None:
    result = evaluation(labels, scores)
    assert (result.accuracy, result.sensitivity, result.specificity) == (accuracy, sensitivity, specificity)
    assert result.auroc is None
    assert (result.auprc, result.balanced_accuracy, result.f1) == (None, None, None)


def test_json_has_the_numbers_and_no_image() -> None:
    values = json.loads(json.dumps(evaluation([1, 0], [0.9, 0.1]).to_json()))
    assert values == {
        "n": 2,
        "accuracy": 1,
        "sensitivity": 1,
        "specificity": 1,
        "auroc": 1,
        "ppv": 1,
        "npv": 1,
        "balanced_accuracy": 1,
        "f1": 1,
        "auprc": 1,
        "brier": pytest.approx(0.01),
        "threshold": 0.5,
        "confusion": {"true_positive": 1, "false_positive": 0, "true_negative": 1, "false_negative": 0},
    }


def test_labels_and_scores_must_go_together() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = evaluation([1, 0], [0.5]).confusion
