"""Thresholds against every possible one, and frequencies against published examples."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.operating_point import (
    PRESETS,
    Preset,
    frequencies,
    frequency_words,
    npv_at,
    ppv_at,
    threshold_for,
)

NAMES = ("Healthy", "COVID-19")


def evaluation(labels: list[int], scores: list[float]) -> Evaluation:
    return Evaluation(labels=tuple(labels), scores=tuple(scores), threshold=0.5)


def drawn(seed: int, decimals: int, n: int = 60) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([0, 1], [n // 2, n - n // 2]))
    scores = np.round(np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0.02, 0.98), decimals)
    return evaluation(labels.tolist(), scores.tolist())


def chosen(preset: Preset, judged: Evaluation) -> float:
    threshold = threshold_for(preset, judged)
    assert threshold is not None
    return threshold


def neighbours(threshold: float, judged: Evaluation) -> tuple[float, float]:
    below = [score for score in judged.scores if score < threshold]
    above = [score for score in judged.scores if score >= threshold]
    return max(below, default=0.0), min(above, default=1.0)


DRAWS = [(seed, decimals) for seed in range(6) for decimals in (1, 2, 8)]


@pytest.mark.parametrize("preset", ["sensitivity-95", "specificity-95", "youden"])
@pytest.mark.parametrize(("seed", "decimals"), DRAWS)
def test_a_threshold_lies_in_the_middle_between_two_scores(preset: Preset, seed: int, decimals: int) -> None:
    judged = drawn(seed, decimals)
    threshold = chosen(preset, judged)
    assert threshold not in judged.scores
    assert threshold == pytest.approx(np.mean(neighbours(threshold, judged)))


@pytest.mark.parametrize(("seed", "decimals"), DRAWS)
def test_no_higher_threshold_has_the_sensitivity(seed: int, decimals: int) -> None:
    judged = drawn(seed, decimals)
    threshold = chosen("sensitivity-95", judged)
    _, above = neighbours(threshold, judged)
    reached, lost = judged.at(threshold).sensitivity, judged.at(math.nextafter(above, 1)).sensitivity
    assert reached is not None
    assert lost is not None
    assert lost < 0.95 <= reached


@pytest.mark.parametrize(("seed", "decimals"), DRAWS)
def test_no_lower_threshold_has_the_specificity(seed: int, decimals: int) -> None:
    judged = drawn(seed, decimals)
    threshold = chosen("specificity-95", judged)
    below, _ = neighbours(threshold, judged)
    reached, lost = judged.at(threshold).specificity, judged.at(below).specificity
    assert reached is not None
    assert lost is not None
    assert lost < 0.95 <= reached


@pytest.mark.parametrize(("seed", "decimals"), DRAWS)
def test_youdens_threshold_has_the_highest_index_of_the_roc_curve(seed: int, decimals: int) -> None:
    judged = drawn(seed, decimals)
    at = judged.at(chosen("youden", judged))
    false_positive_rate, true_positive_rate, _ = roc_curve(judged.labels, judged.scores)
    assert at.balanced_accuracy == pytest.approx((1 + max(true_positive_rate - false_positive_rate)) / 2)


def test_19_of_20_are_95_percent() -> None:
    """0.95 is no binary fraction: it must not be missed by rounding."""
    positive = [0.9] * 19 + [0.3]
    judged = evaluation([1] * 20 + [0] * 20, positive + [0.6] + [0.1] * 19)
    assert threshold_for("sensitivity-95", judged) == pytest.approx(0.75)
    assert threshold_for("specificity-95", judged) == pytest.approx(0.2)


def test_of_equal_youden_indices_the_most_sensitive_is_taken() -> None:
    judged = evaluation([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2])
    assert threshold_for("youden", judged) == pytest.approx(0.3)


def test_a_useless_model_calls_all_or_none() -> None:
    judged = evaluation([1, 0, 1, 0], [0.4] * 4)
    assert threshold_for("sensitivity-95", judged) == pytest.approx(0.2)
    assert threshold_for("specificity-95", judged) == pytest.approx(0.7)


def test_scores_of_0_and_1_leave_thresholds_within_0_and_1() -> None:
    judged = evaluation([1, 0, 1, 0], [1.0, 1.0, 0.0, 0.0])
    assert threshold_for("sensitivity-95", judged) == 0
    assert threshold_for("specificity-95", judged) is None
    assert threshold_for("specificity-95", evaluation([1, 0], [1.0, 0.0])) == 0.5


@pytest.mark.parametrize("low", [0.3, math.nextafter(0.3, 1)])
def test_scores_with_nothing_between_them_are_told_apart(low: float) -> None:
    """Their middle is rounded to the one or the other."""
    high = math.nextafter(low, 1)
    judged = evaluation([1, 1, 0, 0], [high, high, low, low])
    for preset in PRESETS:
        if preset != "half":
            assert judged.at(chosen(preset, judged)).balanced_accuracy == 1


@pytest.mark.parametrize("labels", [[], [1, 1], [0, 0]])
def test_one_class_has_no_threshold_but_the_one_that_asks_for_none(labels: list[int]) -> None:
    judged = evaluation(labels, [0.3] * len(labels))
    found = {preset: threshold_for(preset, judged) for preset in PRESETS}
    assert found == {"sensitivity-95": None, "specificity-95": None, "youden": None, "half": 0.5}


def test_mammography_as_published() -> None:
    """G. Gigerenzer and others, Helping doctors and patients make sense of health statistics, 2007: of 1,000
    women 10 have cancer; it is found in 9, and 89 others are called positive: 9 of 98, or 1 in 10."""
    found = frequencies(0.90, 0.91, 0.01)
    assert frequency_words(found, ("well", "cancer")) == (
        "Of 1,000 patients like these, with a prevalence of 1 %: of 10 with cancer, 9 are found and 1 "
        "missed; of 990 well, 89 are wrongly called cancer."
    )
    assert found.ppv == ppv_at(0.90, 0.91, 0.01) == pytest.approx(9 / 98, abs=0.001)
    assert found.npv == npv_at(0.90, 0.91, 0.01) == pytest.approx(901 / 902, abs=0.001)


def test_words_of_a_prevalence_of_ten_percent() -> None:
    assert frequency_words(frequencies(0.95, 0.95, 0.1), NAMES) == (
        "Of 1,000 patients like these, with a prevalence of 10 %: of 100 with COVID-19, 95 are found and 5 "
        "missed; of 900 Healthy, 45 are wrongly called COVID-19."
    )


def test_words_of_one_patient_and_of_many() -> None:
    assert frequency_words(frequencies(1, 0.9999, 0.0001, of=10_000), NAMES) == (
        "Of 10,000 patients like these, with a prevalence of 0.01 %: of 1 with COVID-19, 1 is found and 0 "
        "missed; of 9,999 Healthy, 1 is wrongly called COVID-19."
    )


@pytest.mark.parametrize("prevalence", [0.0, 0.0015, 0.0017, 0.025, 0.335, 0.9995, 1.0])
@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.99, 0.945), (0.005, 1.0), (1.0, 0.0)])
def test_rounded_patients_add_up(prevalence: float, sensitivity: float, specificity: float) -> None:
    words = frequency_words(frequencies(sensitivity, specificity, prevalence), ("well", "ill"))
    _, _, counts = words.partition(": ")
    ill, found, missed, well, flagged = (
        int(word) for word in counts.replace(",", "").replace(";", "").split() if word.isdigit()
    )
    assert ill + well == 1000
    assert found + missed == ill
    assert 0 <= found <= ill
    assert 0 <= flagged <= well
    assert abs(ill - 1000 * prevalence) <= 0.5
    assert abs(found - ill * sensitivity) <= 0.5
    assert abs(flagged - well * (1 - specificity)) <= 0.5


def test_parts_of_frequencies_add_up() -> None:
    found = frequencies(0.83, 0.71, 0.123, of=500)
    assert found.ill_found + found.ill_missed == pytest.approx(500 * 0.123)
    assert found.well_flagged + found.well_cleared == pytest.approx(500 * 0.877)
    assert found.ill_found / 61.5 == pytest.approx(0.83)
    assert found.well_cleared / 438.5 == pytest.approx(0.71)


def test_at_the_images_own_prevalence_predictive_values_are_the_images_own() -> None:
    judged = drawn(3, 2, n=91)
    sensitivity, specificity = judged.sensitivity, judged.specificity
    assert sensitivity is not None
    assert specificity is not None
    prevalence = sum(judged.labels) / judged.n
    assert ppv_at(sensitivity, specificity, prevalence) == pytest.approx(judged.ppv)
    assert npv_at(sensitivity, specificity, prevalence) == pytest.approx(judged.npv)


def test_nobody_called_has_no_predictive_value() -> None:
    assert ppv_at(0, 1, 0.3) is None
    assert npv_at(1, 0, 0.3) is None
    assert ppv_at(0.9, 0.9, 0) == 0
    assert npv_at(0.9, 0.9, 1) == 0


@pytest.mark.parametrize("shares", [(1.1, 0.5, 0.5), (0.5, -0.1, 0.5), (0.5, 0.5, 50), (math.nan, 0.5, 0.5)])
def test_what_is_no_share_is_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no shares"):
        frequencies(*shares)
