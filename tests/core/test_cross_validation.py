"""What the folds of a cross-validation add up to."""

import json
from pathlib import Path

import pytest

from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.evaluation import Evaluation


def fold(labels: tuple[int, ...], scores: tuple[float, ...], name: str) -> Evaluation:
    paths = tuple(Path(f"{name}{number}") for number in range(len(labels)))
    return Evaluation(labels=labels, scores=scores, threshold=0.5, paths=paths)


RIGHT = fold((0, 1, 0, 1), (0.1, 0.9, 0.2, 0.8), "a")
HALF = fold((0, 1, 0, 1), (0.1, 0.4, 0.6, 0.8), "b")
HEALTHY = fold((0, 0), (0.1, 0.6), "c")


def test_the_pooled_evaluation_has_every_image_once() -> None:
    pooled = CrossValidation(folds=(RIGHT, HALF)).pooled
    assert pooled.labels == RIGHT.labels + HALF.labels
    assert pooled.scores == RIGHT.scores + HALF.scores
    assert pooled.paths == RIGHT.paths + HALF.paths
    assert pooled.accuracy == 0.75


def test_mean_and_standard_deviation_are_over_the_folds() -> None:
    found = CrossValidation(folds=(RIGHT, HALF)).spread("accuracy")
    assert found == pytest.approx((0.75, 0.5 / 2**0.5))


def test_a_fold_without_a_class_counts_where_it_can() -> None:
    validated = CrossValidation(folds=(RIGHT, HEALTHY))
    assert validated.spread("auroc") is None
    assert validated.spread("specificity") == pytest.approx((0.75, 0.5 / 2**0.5))


def test_it_can_be_written_down_and_read() -> None:
    validated = CrossValidation(folds=(RIGHT, HALF))
    values = json.loads(json.dumps(validated.to_json()))
    assert len(values["folds"]) == 2
    assert values["pooled"]["n"] == 8
    assert values["spread"]["accuracy"][0] == 0.75
    words = validated.words()
    assert "2 folds, 8 images" in words
    assert "accuracy: 0.750, standard deviation 0.354" in words
    assert "AUROC of all folds together" in words
