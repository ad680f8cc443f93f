"""Pairs of near copies: all are found, no others, in steps that can be stopped."""

import hashlib
from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from covid_desktop.core import near_copies as module
from covid_desktop.core.duplicates import perceptual_hash
from covid_desktop.core.events import Event, Progress, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.grouping import joined
from covid_desktop.core.near_copies import near_copies
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.picture import mean_and_contrast, thumbnail
from covid_desktop.errors import Stopped

Pixels = NDArray[np.uint8]
Group = frozenset[int]


@cache
def drawn(seed: int) -> Pixels:
    pixels = draw_phantom(seed, positive=seed % 2 == 1, size=128).pixels
    pixels.flags.writeable = False
    return pixels


def facts_of(picture: Pixels) -> ImageFacts:
    image = Image.fromarray(picture)
    small = thumbnail(image)
    mean, contrast = mean_and_contrast(image)
    return ImageFacts(
        sha256=hashlib.sha256(picture.tobytes()).hexdigest(),
        format="PNG",
        file_bytes=picture.size,
        width=image.width,
        height=image.height,
        frames=1,
        bits=8,
        make="",
        view="",
        mean=mean,
        contrast=contrast,
        colour=0.0,
        phash=perceptual_hash(small),
        thumbnail=small.tobytes(),
    )


@pytest.fixture(scope="module")
def persons() -> list[ImageFacts]:
    return [facts_of(drawn(seed)) for seed in range(24)]


def changed(seed: int, way: int) -> ImageFacts:
    """A copy of a person's picture."""
    picture = drawn(seed)
    cut = slice(2, -2 - way % 2)
    levels = picture.astype(np.float32) * (0.8 + 0.05 * (way % 5)) + 4 * way
    return facts_of(np.clip(levels, 0, 255).astype(np.uint8)[cut, cut])


def groups(facts: list[ImageFacts], pairs: Iterable[tuple[int, int]]) -> set[Group]:
    """Of more than one picture."""
    labels = joined(len(facts), list(pairs))
    members = (frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()))
    return {group for group in members if len(group) > 1}


def found(facts: list[ImageFacts]) -> set[Group]:
    return groups(facts, near_copies(facts, ignore, never))


def test_nothing_to_compare(persons: list[ImageFacts]) -> None:
    assert near_copies([], ignore, never) == []
    assert near_copies(persons[:1], ignore, never) == []


def test_persons_are_no_copies(persons: list[ImageFacts]) -> None:
    assert near_copies(persons, ignore, never) == []


def test_a_copy_is_a_pair_with_the_lower_index_first(persons: list[ImageFacts]) -> None:
    assert near_copies([*persons, changed(7, 1)], ignore, never) == [(7, 24)]
    assert near_copies([changed(7, 1), *persons], ignore, never) == [(0, 8)]


def test_indices_are_python_integers(persons: list[ImageFacts]) -> None:
    (pair,) = near_copies([persons[0], persons[0]], ignore, never)
    assert pair == (0, 1)
    assert [type(index) for index in pair] == [int, int]


def test_pairs_join_all_copies_of_a_picture(persons: list[ImageFacts]) -> None:
    facts = [*persons[:12], *(changed(3, way) for way in range(6)), *(changed(8, way) for way in range(3))]
    assert found(facts) == {frozenset({3, *range(12, 18)}), frozenset({8, 18, 19, 20})}


@pytest.mark.parametrize("at_once", [1, 2, 5, 1000])
def test_how_many_are_compared_at_once_changes_nothing(
    at_once: int, persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [changed(3, 0), *persons[:10], changed(3, 1), changed(5, 2), changed(3, 4)]
    expected = found(facts)
    assert len(expected) == 2
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    assert found(facts) == expected


def test_what_is_joined_already_is_not_compared_again(
    persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of copies of one picture are not millions of pairs."""
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    facts = [changed(3, way) for way in range(8)]
    compared = []

    def noting(ones: Pixels, others: Pixels) -> NDArray[np.float32]:
        compared.append(len(ones))
        return np.ones(len(ones), np.float32)

    monkeypatch.setattr(module, "agreement", noting)
    pairs = near_copies(facts, ignore, never)
    assert groups(facts, pairs) == {frozenset(range(8))}
    assert sum(compared) < 8 * 7 / 2 / 2


@pytest.mark.parametrize("seed", range(4))
def test_the_same_outline_with_other_fine_structure_is_another_picture(seed: int) -> None:
    """As slices of a CT next to each other have it, and two films of one patient."""
    one, other = (Image.fromarray(drawn(number)) for number in (seed, seed + 6))
    blur = ImageFilter.GaussianBlur(2)
    fine = np.asarray(other, np.float32) - np.asarray(other.filter(blur))
    mixed = np.clip(np.asarray(one.filter(blur)) + fine, 0, 255).astype(np.uint8)
    assert near_copies([facts_of(drawn(seed)), facts_of(mixed)], ignore, never) == []


@pytest.mark.parametrize("pixels", [4, 5, 6])
def test_which_of_two_was_cropped_does_not_matter(pixels: int) -> None:
    """Each is looked for by the other: a picture explains a part of it better than the part explains it."""
    for seed in range(4):
        whole, part = facts_of(drawn(seed)), facts_of(drawn(seed)[pixels:-pixels, pixels:-pixels])
        pairs = near_copies([whole, part], ignore, never)
        assert near_copies([part, whole], ignore, never) == pairs
        assert pairs == [(0, 1)] or pixels > 4


def test_pixels_decide(persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash and tangents only say what is worth a look."""
    monkeypatch.setattr(module, "agreement", lambda ones, others: np.zeros(len(ones), np.float32))
    assert near_copies([persons[0], changed(0, 1), changed(0, 2)], ignore, never) == []


def test_only_what_is_worth_a_look_is_aligned(
    persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    aligned = []

    def noting(ones: Pixels, others: Pixels) -> NDArray[np.float32]:
        aligned.append(len(ones))
        return np.zeros(len(ones), np.float32)

    monkeypatch.setattr(module, "agreement", noting)
    near_copies(persons, ignore, never)
    assert sum(aligned) < len(persons) * (len(persons) - 1) / 2 / 10


def test_the_same_every_time(persons: list[ImageFacts]) -> None:
    facts = [changed(3, 0), *persons, changed(3, 1), changed(5, 2)]
    assert near_copies(facts, ignore, never) == near_copies(facts, ignore, never)


def test_the_order_of_the_pictures_does_not_matter(persons: list[ImageFacts]) -> None:
    facts = [changed(3, 0), *persons[:12], changed(3, 1), changed(5, 2)]
    order = np.random.default_rng(0).permutation(len(facts)).tolist()
    back = {frozenset(order[index] for index in group) for group in found([facts[n] for n in order])}
    assert back == found(facts) != set()


# --- stopping, progress


def test_progress(persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 10)
    events: list[Event] = []
    near_copies([*persons, changed(1, 0)], events.append, never)
    looking = [Progress(stage="Looking for copies", done=done, total=25) for done in (0, 10, 20)]
    assert events[:3] == looking
    assert events[3:]
    assert {event.stage for event in events[3:] if isinstance(event, Progress)} == {"Comparing likely copies"}


@pytest.mark.parametrize("step", range(4))
def test_stopped_at_any_step(step: int, persons: list[ImageFacts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 10)
    answers = iter([False] * step + [True])
    with pytest.raises(Stopped):
        near_copies([*persons, changed(1, 0)], ignore, lambda: next(answers))
    assert next(answers, None) is None
