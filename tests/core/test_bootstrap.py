"""Intervals by resampling, against scikit-learn's weights, their formulas and a simulation."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from covid_desktop.core import bootstrap
from covid_desktop.core.bootstrap import call_intervals, score_intervals
from covid_desktop.core.evaluation import Confusion


def confusion(found: int, missed: int, flagged: int, cleared: int) -> Confusion:
    return Confusion(
        true_positive=found, false_negative=missed, false_positive=flagged, true_negative=cleared
    )


@pytest.mark.parametrize("decimals", [1, 8])
def test_each_draw_is_what_scikit_learn_says_of_images_with_weights(decimals: int) -> None:
    """One decimal leaves many scores equal."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([1, 0], [12, 25]))
    scores = np.round(np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1), decimals)
    order = np.argsort(-scores, kind="stable")
    truth, values = labels[order], scores[order]
    precisions, distances = [], []
    for counts in bootstrap._draws(truth, 5, 200):
        precisions += [average_precision_score(truth, values, sample_weight=row) for row in counts]
        distances += [brier_score_loss(truth, values, sample_weight=row) for row in counts]
    auprc, brier = score_intervals(labels, scores, 5, 200)
    assert len(precisions) == 200
    assert auprc == pytest.approx(np.quantile(precisions, [0.025, 0.975]))
    assert brier == pytest.approx(np.quantile(distances, [0.025, 0.975]))


def test_every_draw_has_as_many_images_of_each_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the draws do not fit into memory at once."""
    monkeypatch.setattr(bootstrap, "_CELLS", 100)
    truth = np.array([1, 0, 0, 1, 0, 0, 0, 1, 0, 0])
    parts = list(bootstrap._draws(truth, 0, 25))
    counts = np.concatenate(parts)
    assert [len(part) for part in parts] == [10, 10, 5]
    assert (counts[:, truth == 1].sum(axis=1) == 3).all()
    assert (counts[:, truth == 0].sum(axis=1) == 7).all()
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.8)
    assert (counts.max(axis=0) > 1).all()


def test_calls_spread_as_binomial_shares_do() -> None:
    """Standard errors of sensitivity and specificity, each by half, over 1.96 to both sides."""
    interval, f1 = call_intervals(confusion(160, 40, 90, 210), 0, 20_000)
    assert interval is not None
    assert f1 is not None
    spread = np.sqrt(0.8 * 0.2 / 200 + 0.7 * 0.3 / 300) / 2
    assert interval == pytest.approx((0.75 - 1.96 * spread, 0.75 + 1.96 * spread), abs=0.002)
    assert f1[0] < 320 / (320 + 130) < f1[1]


def test_f1_spreads_as_in_draws_of_images() -> None:
    rng = np.random.default_rng(1)
    found = rng.choice([1, 0], (4000, 50), p=[0.7, 0.3]).sum(axis=1)
    flagged = rng.choice([1, 0], (4000, 90), p=[0.2, 0.8]).sum(axis=1)
    expected = np.quantile(2 * found / (found + flagged + 50), [0.025, 0.975])
    assert call_intervals(confusion(35, 15, 18, 72), 0, 4000)[1] == pytest.approx(expected, abs=0.01)


def test_the_true_balanced_accuracy_is_in_about_95_of_100_intervals() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for found, cleared in zip(rng.binomial(60, 0.8, 500), rng.binomial(90, 0.7, 500), strict=True):
        interval, _ = call_intervals(confusion(found, 60 - found, 90 - cleared, cleared), 0, 400)
        assert interval is not None
        covered += interval[0] <= 0.75 <= interval[1]
    assert 0.92 <= covered / 500 <= 0.98


def test_the_seed_decides() -> None:
    labels, scores = [1, 0] * 20, np.linspace(0.9, 0.2, 40)
    assert score_intervals(labels, scores, 0, 100) == score_intervals(labels, scores, 0, 100)
    assert score_intervals(labels, scores, 0, 100) != score_intervals(labels, scores, 1, 100)
    calls = confusion(8, 2, 3, 7)
    assert call_intervals(calls, 0, 100) == call_intervals(calls, 0, 100)
    assert call_intervals(calls, 0, 50) != call_intervals(calls, 9, 50)


def test_the_order_of_images_decides_nothing() -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 300), rng.random(300)
    order = rng.permutation(300)
    first = score_intervals(labels, scores, 0, 300)
    assert score_intervals(labels[order], scores[order], 0, 300) == first


@pytest.mark.parametrize("scores", [[0.9, 0.9, 0.1, 0.1], [0.5] * 4])
def test_draws_that_are_all_alike_make_no_interval(scores: list[float]) -> None:
    """An interval without a width would look like certainty."""
    auprc, brier = score_intervals([1, 1, 0, 0], scores, 0, 100)
    assert (auprc, brier) == (None, None)


@pytest.mark.parametrize("counts", [(5, 0, 0, 5), (1, 0, 2, 6), (4, 3, 0, 1)])
def test_calls_that_are_all_right_or_of_one_image_make_no_interval(counts: tuple[int, ...]) -> None:
    assert call_intervals(confusion(*counts), 0, 100) == (None, None)


def test_one_class_has_a_brier_score_with_an_interval() -> None:
    _, brier = score_intervals([0, 0, 0], [0.1, 0.5, 0.9], 0, 200)
    assert brier is not None
    assert 0.01 <= brier[0] < brier[1] <= 0.81
