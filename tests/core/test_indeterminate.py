"""The band around the threshold, against every other band."""

from itertools import product

import numpy as np
import pytest

from covid_desktop.core.indeterminate import Band, band_for, band_words


def drawn(seed: int, n: int = 60, decimals: int = 8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return labels, np.round(np.clip(rng.normal(0.42 + 0.16 * labels, 0.2), 0.01, 0.99), decimals)


def errors(labels: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    return scores[(scores >= threshold) != (labels == 1)]


def held(scores: np.ndarray, band: Band) -> int:
    return sum(band.holds(score) for score in scores)


def test_a_band_holds_its_ends() -> None:
    band = Band(low=0.4, high=0.6)
    assert [band.holds(score) for score in (0.39, 0.4, 0.5, 0.6, 0.61)] == [False, True, True, True, False]


@pytest.mark.parametrize("decimals", [1, 8])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_no_other_band_catches_as_much_with_fewer_images(seed: int, share: float, decimals: int) -> None:
    labels, scores = drawn(seed, decimals=decimals)
    wrong = errors(labels, scores, 0.5)
    band = band_for(labels, scores, 0.5, share)
    assert band is not None
    assert held(wrong, band) >= share * len(wrong) - 1e-9
    assert band.low <= 0.5 <= band.high
    ends = np.unique(np.append(scores, 0.5))
    others = [Band(low=low, high=high) for low, high in product(ends[ends <= 0.5], ends[ends >= 0.5])]
    enough = [held(scores, other) for other in others if held(wrong, other) >= share * len(wrong) - 1e-9]
    assert held(scores, band) == min(enough)


def test_the_band_grows_by_the_nearest_errors_on_either_side() -> None:
    labels = [1, 1, 1, 0, 0, 0]
    scores = [0.2, 0.45, 0.9, 0.55, 0.8, 0.1]
    assert band_for(labels, scores, 0.5, 0.5) == Band(low=0.45, high=0.55)
    assert band_for(labels, scores, 0.5, 1) == Band(low=0.2, high=0.8)


def test_of_bands_with_as_few_images_the_nearer_one_is_taken_by_logits() -> None:
    """0.02 is nearer to 0.1 than 0.2 by scores, but farther by logits."""
    labels, scores = [1, 0], [0.02, 0.2]
    assert band_for(labels, scores, 0.1, 0.5) == Band(low=0.1, high=0.2)


def test_images_that_are_called_right_cost_as_much_as_others() -> None:
    labels = [1, 0, 0, 0, 0, 0]
    scores = [0.3, 0.35, 0.4, 0.45, 0.8, 0.1]
    assert band_for(labels, scores, 0.5, 0.5) == Band(low=0.5, high=0.8)


def test_a_score_at_the_threshold_is_called_positive_and_may_be_an_error() -> None:
    assert band_for([0, 1], [0.5, 0.9], 0.5, 1) == Band(low=0.5, high=0.5)


def test_seven_hundredths_of_a_hundred_errors_are_seven() -> None:
    """0.07 * 100 is 7.000000000000001 in binary."""
    scores = 0.5 + np.arange(100) / 1000
    band = band_for([0] * 100, scores, 0.5, 0.07)
    assert band is not None
    assert held(scores, band) == 7


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_the_order_of_images_decides_nothing(share: float) -> None:
    labels, scores = drawn(7, decimals=2)
    order = np.random.default_rng(0).permutation(len(labels))
    assert band_for(labels, scores, 0.5, share) == band_for(labels[order], scores[order], 0.5, share)


@pytest.mark.parametrize(
    ("labels", "scores", "share"), [([], [], 1), ([1, 0], [0.9, 0.1], 1), ([1, 0], [0.1, 0.9], 0)]
)
def test_where_nothing_is_to_be_caught_there_is_no_band(
    labels: list[int], scores: list[float], share: float
) -> None:
    assert band_for(labels, scores, 0.5, share) is None


@pytest.mark.parametrize("share", [-0.1, 1.01, 50])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        band_for([1, 0], [0.1, 0.9], 0.5, share)


def test_words_count_images_and_errors() -> None:
    labels = [1, 1, 1, 0, 0, 0, 0, 0]
    scores = [0.2, 0.45, 0.9, 0.55, 0.8, 0.1, 0.48, 0.3]
    assert band_words(labels, scores, 0.5, Band(low=0.45, high=0.55)) == (
        "Scores from 0.450 to 0.550 are indeterminate: 3 of 8 images (38 %), with 2 of 4 errors (50 %)."
    )
    assert band_words([1, 0], [0.4, 0.1], 0.5, Band(low=0.4, high=0.5)) == (
        "Scores from 0.400 to 0.500 are indeterminate: 1 of 2 images (50 %), with 1 of 1 error (100 %)."
    )


def test_words_where_there_are_no_errors_or_no_images() -> None:
    band = Band(low=0.4, high=0.6)
    assert band_words([1, 0], [0.9, 0.5], 0.55, band) == (
        "Scores from 0.400 to 0.600 are indeterminate: 1 of 2 images (50 %); there are no errors."
    )
    assert band_words([], [], 0.5, band) == (
        "Scores from 0.400 to 0.600 are indeterminate: 0 of 0 images; there are no errors."
    )
