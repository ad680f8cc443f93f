"""Values are the evaluation's; each has an interval of a named method, or a reason for having none."""

import numpy as np
import pytest

from covid_desktop.core.delong import auroc_interval_delong
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.intervals import auroc_interval
from covid_desktop.core.measures import NAMES, Measure, measures

KEYS = [
    "auroc",
    "auprc",
    "accuracy",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "balanced-accuracy",
    "f1",
    "brier",
]
WILSON = ["accuracy", "sensitivity", "specificity", "ppv", "npv"]
BOOTSTRAP = ["auprc", "balanced-accuracy", "f1", "brier"]


def evaluation(n: int = 120, seed: int = 0, threshold: float = 0.5) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    scores = np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0, 1)
    return Evaluation(labels=tuple(labels.tolist()), scores=tuple(scores.tolist()), threshold=threshold)


def of_counts(found: int, missed: int, flagged: int, cleared: int) -> Evaluation:
    labels = (1,) * (found + missed) + (0,) * (flagged + cleared)
    scores = (0.8,) * found + (0.3,) * missed + (0.7,) * flagged + (0.2,) * cleared
    return Evaluation(labels=labels, scores=scores, threshold=0.5)


def test_they_come_in_the_order_they_are_shown_in() -> None:
    found = measures(evaluation())
    assert list(found) == list(NAMES) == KEYS
    assert all(measure.key == key and measure.name == NAMES[key] for key, measure in found.items())


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_values_are_the_evaluations_and_within_their_intervals(threshold: float) -> None:
    judged = evaluation(threshold=threshold)
    for key, measure in measures(judged).items():
        assert measure.value == pytest.approx(getattr(judged, key.replace("-", "_")))
        assert measure.value is not None
        assert measure.low is not None
        assert measure.high is not None
        assert 0 <= measure.low <= measure.value <= measure.high <= 1
        assert measure.low < measure.high


def test_each_interval_names_its_method() -> None:
    found = measures(evaluation(), resamples=1500)
    assert found["auroc"].method == "95 % interval: DeLong"
    assert {found[key].method for key in WILSON} == {"95 % interval: Wilson"}
    assert {found[key].method for key in BOOTSTRAP} == {"95 % interval: stratified bootstrap, 1,500 draws"}


def test_shares_have_wilsons_interval_as_published() -> None:
    """R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3."""
    found = measures(of_counts(found=81, missed=263 - 81, flagged=15, cleared=148 - 15))
    assert (found["sensitivity"].low, found["sensitivity"].high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    specificity = found["specificity"]
    assert (specificity.low, specificity.high) == pytest.approx((1 - 0.1605, 1 - 0.0624), abs=5e-5)


def test_predictive_values_are_shares_of_what_is_called() -> None:
    found = measures(of_counts(found=81, missed=15, flagged=263 - 81, cleared=148 - 15))
    assert (found["ppv"].low, found["ppv"].high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (found["npv"].low, found["npv"].high) == pytest.approx((1 - 0.1605, 1 - 0.0624), abs=5e-5)


def test_the_auroc_has_delongs_interval() -> None:
    judged = evaluation()
    auroc = measures(judged)["auroc"]
    assert (auroc.value, auroc.low, auroc.high) == auroc_interval_delong(judged.labels, judged.scores)


def test_a_perfect_model_of_few_images_is_not_called_certain() -> None:
    judged = Evaluation(labels=(1,) * 5 + (0,) * 5, scores=(0.9,) * 5 + (0.1,) * 5, threshold=0.5)
    found = measures(judged)
    assert found["auroc"].method == "95 % interval: Newcombe"
    assert (found["auroc"].low, found["auroc"].high) == auroc_interval(1.0, 5, 5)
    for key in BOOTSTRAP:
        assert found[key].value is not None
        assert (found[key].low, found[key].high) == (None, None)
        assert found[key].method.startswith("No interval: all draws")
    assert found["accuracy"].low == pytest.approx(0.7225, abs=5e-5)


@pytest.mark.parametrize(
    ("labels", "scores", "undefined"),
    [
        ((), (), dict.fromkeys(KEYS, "")),
        (
            (1, 1),
            (0.9, 0.2),
            {
                "auroc": "both classes",
                "auprc": "both classes",
                "specificity": "no negative images",
                "balanced-accuracy": "both classes",
                "f1": "both classes",
            },
        ),
        (
            (0, 0),
            (0.1, 0.2),
            {
                "auroc": "both classes",
                "auprc": "both classes",
                "sensitivity": "no positive images",
                "ppv": "no image is called positive",
                "balanced-accuracy": "both classes",
                "f1": "both classes",
            },
        ),
        ((1, 0), (0.9, 0.8), {"npv": "no image is called negative"}),
    ],
)
def test_what_is_not_defined_has_no_numbers_but_a_reason(
    labels: tuple[int, ...], scores: tuple[float, ...], undefined: dict[str, str]
) -> None:
    found = measures(Evaluation(labels=labels, scores=scores, threshold=0.5))
    assert {key for key, measure in found.items() if measure.value is None} == set(undefined)
    for key, reason in undefined.items():
        assert (found[key].low, found[key].high) == (None, None)
        assert found[key].method.startswith("Not defined: ")
        assert reason in found[key].method


def test_the_seed_and_the_number_of_draws_decide_the_bootstrap_alone() -> None:
    judged = evaluation()
    first, again, other = measures(judged), measures(judged), measures(judged, seed=1)
    assert first == again
    assert {key for key in KEYS if first[key] != other[key]} <= set(BOOTSTRAP)
    assert first["brier"] != other["brier"]
    assert first["auprc"].low != measures(judged, resamples=300)["auprc"].low


def test_a_threshold_moves_calls_and_leaves_what_is_of_scores() -> None:
    low, high = measures(evaluation(threshold=0.4)), measures(evaluation(threshold=0.6))
    unmoved = {key for key in KEYS if low[key] == high[key]}
    assert unmoved == {"auroc", "auprc", "brier"}


def test_other_images_are_not_given_what_was_kept_of_the_first() -> None:
    def brier(seed: int) -> Measure:
        return measures(evaluation(seed=seed))["brier"]

    assert brier(1).low != brier(2).low
