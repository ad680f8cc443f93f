"""What a model remembers of its training images, written and read."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from covid_desktop.core import familiarity_file
from covid_desktop.core.familiarity import Familiarity, learnt

COUNT, DIMENSIONS = 6, 8


@pytest.fixture(params=[False, True], ids=["without pictures", "with pictures"])
def known(request: pytest.FixtureRequest) -> Familiarity:
    random = np.random.default_rng(0)
    return learnt(
        random.random((COUNT, DIMENSIONS), np.float32),
        np.array([0, 1] * 3),
        [f"{number:064x}" for number in range(COUNT)],
        list(random.integers(0, 256, (COUNT, 80, 80, 3), np.uint8)),
        random.random((3, DIMENSIONS), np.float32),
        keep_thumbnails=request.param,
    )


def archive_of(known: Familiarity) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        familiarity_file.write(archive, known)
    return file


def read(file: io.BytesIO, described: dict[str, Any]) -> Familiarity:
    with zipfile.ZipFile(file) as archive:
        return familiarity_file.read(archive, described)


def test_it_comes_back_as_it_was(known: Familiarity) -> None:
    described = json.loads(json.dumps(familiarity_file.summary(known)))
    back = read(archive_of(known), described)
    assert np.allclose(back.features, known.features, atol=1e-3)
    assert np.allclose(np.linalg.norm(back.features, axis=1), 1, atol=1e-6)
    assert back.labels.tolist() == known.labels.tolist()
    assert (back.hashes, back.limit, back.is_grey) == (known.hashes, known.limit, known.is_grey)
    for name in ("typical", "thumbnails"):
        before, after = getattr(known, name), getattr(back, name)
        assert (before is None) == (after is None)
        assert before is None or np.array_equal(before, after)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.update(count=10**9),
        lambda card: card.update(count=0),
        lambda card: card.update(count=5),
        lambda card: card.update(dimensions=10**9),
        lambda card: card.update(dimensions=9),
        lambda card: card.update(labels="012345"),
        lambda card: card.update(labels="0101"),
        lambda card: card.update(sha256=["a"]),
        lambda card: card.update(limit=2),
        lambda card: card.update(limit=float("nan")),
        lambda card: card.update(has_thumbnails=True),
        lambda card: card.pop("limit"),
        lambda card: card.update(count="6"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    random = np.random.default_rng(0)
    known = learnt(
        random.random((COUNT, DIMENSIONS), np.float32),
        np.array([0, 1] * 3),
        [f"{number:064x}" for number in range(COUNT)],
        list(random.integers(0, 256, (COUNT, 80, 80, 3), np.uint8)),
        random.random((3, DIMENSIONS), np.float32),
    )
    described = familiarity_file.summary(known)
    change(described)
    with pytest.raises((ValueError, KeyError, TypeError)):
        read(archive_of(known), described)


def test_features_that_are_no_numbers_are_refused(known: Familiarity) -> None:
    known.features[0, 0] = np.nan
    with pytest.raises(ValueError, match="no number"):
        read(archive_of(known), familiarity_file.summary(known))


def test_nothing_larger_than_the_card_says_is_read(known: Familiarity) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("familiarity/features", bytes(50 * 2**20))
    with pytest.raises(ValueError, match="bytes"):
        read(file, familiarity_file.summary(known))
