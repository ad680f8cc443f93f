"""Whether an image is like the training images."""

from typing import Any

import numpy as np
import pytest

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.familiarity import MOST_KEPT, Familiarity, is_blank, learnt, thumbnail_of, typical
from covid_desktop.core.phantom import draw_phantom

LABELS = np.array([0, 1] * 10)
HASHES = [f"{number:064x}" for number in range(20)]


def features(count: int, seed: int, spread: float = 0.1, dimensions: int = 40) -> Any:
    """Around one direction."""
    centre = np.zeros(dimensions)
    centre[0] = 1
    noise = np.random.default_rng(seed).normal(0, spread, (count, dimensions))
    return (centre + noise).astype(np.float32)


@pytest.fixture(scope="module")
def pictures() -> list[Any]:
    drawn = [draw_phantom(seed, positive=bool(seed % 2), size=96).pixels for seed in range(20)]
    return [np.repeat(one[..., None], 3, axis=2) for one in drawn]


@pytest.fixture(scope="module")
def known(pictures: Any) -> Familiarity:
    return learnt(features(20, 0), LABELS, HASHES, pictures, features(100, 1))


def test_at_most_a_fiftieth_of_the_validation_images_is_refused(known: Familiarity) -> None:
    refused = [known.distance(one) > known.limit for one in features(100, 1)]
    assert sum(refused) <= 2


def test_what_points_elsewhere_is_far(known: Familiarity) -> None:
    elsewhere = np.roll(features(10, 2), 7, axis=1)
    assert all(known.distance(one) > known.limit for one in elsewhere)


def test_the_length_of_features_does_not_matter(known: Familiarity) -> None:
    one = features(1, 3)[0]
    assert known.distance(one) == pytest.approx(known.distance(9 * one), abs=1e-6)
    assert known.distance(np.zeros(40, np.float32)) == pytest.approx(1.0)


def test_an_outlier_among_validation_images_does_not_widen_the_limit(pictures: Any) -> None:
    validation = features(100, 1)
    validation[5] = np.roll(validation[5], 7)
    known = learnt(features(20, 0), LABELS, HASHES, pictures, validation)
    assert known.limit < known.distance(validation[5]) / 2


def test_without_validation_images_the_training_images_set_the_limit(pictures: Any) -> None:
    known = learnt(features(20, 0), LABELS, HASHES, pictures, np.empty((0, 40), np.float32))
    assert 0 < known.limit < 0.7


def test_one_training_image_is_enough_to_compare_with(pictures: Any) -> None:
    known = learnt(features(1, 0), LABELS[:1], HASHES[:1], pictures[:1], features(1, 1))
    assert known.distance(features(1, 0)[0]) == pytest.approx(0, abs=1e-6)
    assert len(known.similar(features(1, 0)[0])) == 1


def test_the_most_similar_come_first_with_their_class(known: Familiarity) -> None:
    own = known.similar(features(20, 0)[7])
    assert len(own) == 4
    assert (own[0].sha256, own[0].label) == (HASHES[7], 1)
    assert own[0].likeness == pytest.approx(1.0, abs=1e-5)
    assert [one.likeness for one in own] == sorted((one.likeness for one in own), reverse=True)


def test_pictures_are_kept_only_when_asked_for(known: Familiarity, pictures: Any) -> None:
    assert known.thumbnails is None
    assert known.similar(features(1, 0)[0])[0].thumbnail is None
    kept = learnt(features(20, 0), LABELS, HASHES, pictures, features(9, 1), keep_thumbnails=True)
    thumbnail = kept.similar(features(20, 0)[3])[0].thumbnail
    assert thumbnail is not None
    assert np.array_equal(thumbnail, thumbnail_of(pictures[3]))


def test_the_typical_picture_is_nobodys(known: Familiarity, pictures: Any) -> None:
    assert known.typical is not None
    for picture in pictures:
        own = thumbnail_of(picture).astype(float).ravel()
        own = (own - own.mean()) / np.linalg.norm(own - own.mean())
        assert own @ known.typical.ravel() < 0.999


def test_pictures_that_are_not_alike_have_no_typical_one() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 64, 64), np.uint8)
    assert typical(noise) is None
    assert typical(np.zeros((3, 64, 64), np.uint8)) is None


def test_an_inverted_picture_is_looked_into(known: Familiarity, pictures: Any) -> None:
    assert known.adjustments_to_try(pictures[0], is_far=False) == ()
    assert known.adjustments_to_try(255 - pictures[0], is_far=False)[0] == Adjustment(is_inverted=True)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_is_looked_into(known: Familiarity, pictures: Any, turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(pictures[0], turns))
    assert Adjustment(quarter_turns=-turns % 4) in known.adjustments_to_try(turned, is_far=False)


def test_nothing_is_looked_into_where_pictures_are_not_alike(pictures: Any) -> None:
    noise = list(np.random.default_rng(0).integers(0, 256, (20, 64, 64, 3), np.uint8))
    known = learnt(features(20, 0), LABELS, HASHES, noise, features(9, 1))
    assert known.adjustments_to_try(255 - pictures[0], is_far=True) == ()


def test_turning_must_gain_and_inverting_must_reach_the_limit(known: Familiarity) -> None:
    inverted, turned = Adjustment(is_inverted=True), Adjustment(quarter_turns=1)
    near = known.limit / 2
    assert known.is_better(inverted, near, near * 0.9)
    assert not known.is_better(inverted, known.limit * 1.01, 1.0)
    assert known.is_better(turned, near, near * 1.2)
    assert not known.is_better(turned, near, near * 1.05)


def test_reasons_are_in_words(known: Familiarity, pictures: Any) -> None:
    assert known.reason(np.full((64, 64, 3), 80, np.uint8)) == "The picture is blank, or nearly so."
    coloured = pictures[0].copy()
    coloured[..., 2] = 0
    assert known.reason(coloured) == "It is a colour picture; the model learnt from grey ones."
    assert known.reason(pictures[0]) == "It is like none of the images that the model learnt from."


def test_a_model_of_colour_pictures_does_not_mind_colour(pictures: Any) -> None:
    coloured = [picture * np.array([1, 0, 1], np.uint8) for picture in pictures]
    known = learnt(features(20, 0), LABELS, HASHES, coloured, features(9, 1))
    assert not known.is_grey
    assert known.reason(coloured[0]) == "It is like none of the images that the model learnt from."


def test_a_faint_picture_is_not_blank(pictures: Any) -> None:
    assert is_blank(np.zeros((32, 32, 3), np.uint8))
    assert not is_blank(pictures[0])


def test_enough_is_kept_for_a_large_set() -> None:
    assert MOST_KEPT == 2000
