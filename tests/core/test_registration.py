"""Pictures are aligned by cropping alone, and agree at any brightness and contrast."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.picture import thumbnail
from covid_desktop.core.registration import agreement, outlines, tangents, unit

PERSONS = range(8)
SAME = 0.988
Pictures = NDArray[np.uint8]


@cache
def drawn(seed: int) -> NDArray[np.uint8]:
    pixels = draw_phantom(seed, positive=False, size=128).pixels
    pixels.flags.writeable = False
    return pixels


def small(*pictures: NDArray[np.uint8]) -> Pictures:
    return np.stack([thumbnail(Image.fromarray(picture)) for picture in pictures])


@pytest.fixture(scope="module")
def persons() -> Pictures:
    return small(*map(drawn, PERSONS))


def cropped(picture: NDArray[np.uint8], left: float, top: float, right: float, bottom: float) -> Pictures:
    """Without these shares of its sides."""
    height, width = picture.shape
    return picture[round(top * height) : height - round(bottom * height)][
        :, round(left * width) : width - round(right * width)
    ]


CROPS = [(0.02,) * 4, (0.02, 0, 0, 0), (0, 0.02, 0, 0), (0, 0, 0.02, 0), (0, 0, 0, 0.02), (0.02, 0, 0, 0.02)]


def shown(pictures: Pictures, contrast: float, brightness: float) -> Pictures:
    """Within the levels there are, so that nothing is cut off."""
    return np.asarray(np.rint(pictures * contrast + brightness), np.uint8)


# --- vectors


def test_unit_vectors(persons: Pictures) -> None:
    vectors = unit(persons)
    assert vectors.shape == (len(persons), 64 * 64)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors.mean(axis=1), 0, atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.allclose(unit(persons.astype(np.float32) * 3 + 40), vectors, atol=1e-5)


def test_pictures_stay_as_they_are(persons: Pictures) -> None:
    before, floats = persons.copy(), persons.astype(np.float32)
    unit(floats)
    outlines(persons)
    tangents(persons)
    agreement(persons, persons[::-1])
    assert np.array_equal(persons, before)
    assert np.array_equal(floats, before)


def test_one_level_everywhere_points_nowhere() -> None:
    blank = np.full((2, 64, 64), 128, np.uint8)
    for vectors in (unit(blank), outlines(blank)):
        assert np.abs(vectors).max() < 1e-3
    assert np.isfinite(tangents(blank)).all()
    assert np.abs(agreement(blank, small(drawn(0), drawn(1)))).max() < 0.5
    assert np.isfinite(agreement(blank, blank)).all()


def test_outlines_do_not_depend_on_brightness_and_contrast(persons: Pictures) -> None:
    changed = outlines(shown(persons, 0.6, 50))
    assert np.allclose(np.linalg.norm(changed, axis=1), 1, atol=1e-5)
    assert (np.sum(changed * outlines(persons), axis=1) > 0.9999).all()


def test_tangents_are_orthonormal(persons: Pictures) -> None:
    basis = tangents(persons)
    assert basis.shape == (len(persons), outlines(persons).shape[1], 5)
    assert np.allclose(basis.transpose(0, 2, 1) @ basis, np.eye(5), atol=1e-5)


def explained(bases: Pictures, pictures: Pictures) -> NDArray[np.float32]:
    """The cosine of each picture's outline with the tangents of its counterpart."""
    parts = np.einsum("ndt,nd->nt", tangents(bases), outlines(pictures))
    return np.asarray(np.linalg.norm(parts, axis=1))


def test_a_picture_is_explained_by_its_own_tangents(persons: Pictures) -> None:
    assert np.allclose(explained(persons, persons), 1, atol=1e-5)
    assert (explained(persons, np.roll(persons, 1, axis=0)) < 0.99).all()


@pytest.mark.parametrize("crop", CROPS)
def test_tangents_explain_cropping(crop: tuple[float, ...], persons: Pictures) -> None:
    after = small(*(cropped(drawn(seed), *crop) for seed in PERSONS))
    plain = np.sum(outlines(persons) * outlines(after), axis=1)
    assert (explained(persons, after) > 0.994).all()
    assert (1 - explained(persons, after) < (1 - plain) / 2).all()


# --- agreement


def test_a_picture_agrees_with_itself(persons: Pictures) -> None:
    assert np.allclose(agreement(persons, persons), 1, atol=1e-4)


def test_brightness_and_contrast_do_not_matter(persons: Pictures) -> None:
    assert (agreement(persons, shown(persons, 0.8, 30)) > 0.999).all()
    assert (agreement(shown(persons, 0.5, 0), persons) > 0.995).all()


@pytest.mark.parametrize("crop", CROPS)
def test_a_cropped_picture_agrees_either_way_round(crop: tuple[float, ...], persons: Pictures) -> None:
    after = small(*(cropped(drawn(seed), *crop) for seed in PERSONS))
    assert (agreement(after, persons) > SAME).all()
    assert (agreement(persons, after) > SAME).all()


def test_a_picture_cropped_by_a_fifth_is_another(persons: Pictures) -> None:
    after = small(*(cropped(drawn(seed), 0.2, 0.2, 0.2, 0.2) for seed in PERSONS))
    assert (agreement(after, persons) < SAME).all()


def test_different_persons_do_not_agree(persons: Pictures) -> None:
    ones, others = np.triu_indices(len(persons), 1)
    assert (agreement(persons[ones], persons[others]) < SAME).all()


def test_an_opacity_is_no_difference_of_exposure(persons: Pictures) -> None:
    """Two films of one person, well and ill, are two pictures."""
    ill = small(*(draw_phantom(seed, positive=True, size=128).pixels for seed in PERSONS))
    assert (agreement(ill, persons) < SAME).all()


def test_inverted_mirrored_and_turned_pictures_are_others(persons: Pictures) -> None:
    assert (agreement(255 - persons, persons) < 0).all()
    for changed in (persons[:, :, ::-1], persons[:, ::-1], persons.transpose(0, 2, 1)):
        assert (agreement(np.ascontiguousarray(changed), persons) < 0.95).all()


def test_noise_agrees_with_nothing(persons: Pictures) -> None:
    noise = np.random.default_rng(0).integers(0, 256, persons.shape).astype(np.uint8)
    assert np.abs(agreement(noise, persons)).max() < 0.5
    assert np.abs(agreement(noise, noise[::-1])).max() < 0.5


def test_many_pairs_agree_as_one_by_one(persons: Pictures) -> None:
    numbers = np.arange(600) % len(persons)
    ones, others = persons[numbers], persons[numbers[::-1]]
    single = [agreement(ones[n : n + 1], others[n : n + 1])[0] for n in range(len(persons))]
    assert np.allclose(agreement(ones, others), np.resize(single, 600), atol=1e-4)


def test_no_pairs() -> None:
    assert agreement(np.empty((0, 64, 64), np.uint8), np.empty((0, 64, 64), np.uint8)).shape == (0,)
