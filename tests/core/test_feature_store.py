"""Features are found again, and nothing that happens to the file ends a run."""

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covid_desktop.core import feature_store
from covid_desktop.core.config import AUGMENTATIONS, Augmentation
from covid_desktop.core.feature_store import Features, FeatureStore, Reading, open_store
from covid_desktop.core.preprocessing import Preprocessing

READING = Reading(
    weights="lite0",
    preprocessing=Preprocessing(width=64, height=64, channels=3),
    augmentation=Augmentation(),
    copy=1,
)
IMAGES = [f"{number:064x}" for number in range(40)]


def vectors(count: int = len(IMAGES), seed: int = 0) -> Features:
    return np.random.default_rng(seed).random((count, 300), np.float32)


def filled(folder: Path) -> Path:
    with open_store(folder) as store:
        store.put(READING, IMAGES, vectors())
    return folder / "features.sqlite"


def known(folder: Path, reading: Reading = READING) -> dict[str, Features]:
    with open_store(folder) as store:
        return store.get(reading, IMAGES)


def test_what_was_put_is_found_again(tmp_path: Path) -> None:
    filled(tmp_path)
    found = known(tmp_path)
    assert list(found) == IMAGES
    assert np.array_equal(np.stack([found[image] for image in IMAGES]), vectors())


def test_what_was_not_put_is_not_found(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_store(tmp_path) as store:
        assert store.get(READING, ["f" * 64]) == {}
        assert store.get(READING, []) == {}
    assert known(tmp_path, replace(READING, copy=2)) == {}


def test_the_last_one_put_counts(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_store(tmp_path) as store:
        store.put(READING, IMAGES[:1], vectors(1, seed=1))
        assert np.array_equal(store.get(READING, IMAGES)[IMAGES[0]], vectors(1, seed=1)[0])


def test_a_crash_loses_nothing_that_was_put(tmp_path: Path) -> None:
    def crash() -> None:
        with open_store(tmp_path) as store:
            store.put(READING, IMAGES[:16], vectors(16))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert len(known(tmp_path)) == 16


@pytest.mark.parametrize(
    "other",
    [
        replace(READING, weights="lite1"),
        replace(READING, copy=2),
        replace(READING, copy=0),
        replace(READING, preprocessing=replace(READING.preprocessing, width=65)),
        replace(READING, preprocessing=replace(READING.preprocessing, height=65)),
        replace(READING, preprocessing=replace(READING.preprocessing, channels=1)),
        replace(READING, preprocessing=replace(READING.preprocessing, fit="pad")),
        replace(READING, augmentation=AUGMENTATIONS["notebook"]),
        replace(READING, augmentation=replace(Augmentation(), rotation=11)),
        replace(READING, is_blacked_out=True),
    ],
)
def test_another_reading_has_another_key(other: Reading) -> None:
    assert other.key != READING.key


def test_the_image_as_it_is_does_not_depend_on_the_augmentation() -> None:
    plain = replace(READING, copy=0)
    assert replace(plain, augmentation=AUGMENTATIONS["none"]).key == plain.key
    assert replace(READING).key == READING.key


@pytest.mark.parametrize(
    ("copy", "key"),
    [
        (0, "835265efbcfd876fa3b68447d8c234cd78c5fee585be7b2301bc028660f1fb33"),
        (1, "b5ff9e693f2bfbd5362fbbf99c7231a5031a2a9740258bc721f2d6c31af93ac9"),
    ],
)
def test_whole_pictures_are_found_under_the_keys_of_old(copy: int, key: str) -> None:
    """As they were before the centre could be made black: another key would read every image anew."""
    whole = replace(READING, copy=copy)
    assert whole.key == replace(whole, is_blacked_out=False).key == key
    assert replace(whole, is_blacked_out=True).key != key


def test_a_blacked_out_picture_is_kept_beside_the_whole_one(tmp_path: Path) -> None:
    filled(tmp_path)
    blacked_out = replace(READING, is_blacked_out=True)
    assert known(tmp_path, blacked_out) == {}
    with open_store(tmp_path) as store:
        store.put(blacked_out, IMAGES, vectors(seed=1))
    assert np.array_equal(known(tmp_path, blacked_out)[IMAGES[0]], vectors(seed=1)[0])
    assert np.array_equal(known(tmp_path)[IMAGES[0]], vectors()[0])


def overwrite(start: int, step: int) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        for offset in range(start, len(content), step):
            content[offset : offset + 100] = b"\xff" * 100
        path.write_bytes(content)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"This is no database, but words. " * 100),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        overwrite(0, 10**9),
        overwrite(4096, 4096),
    ],
    ids=["words", "cut off", "header", "pages"],
)
def test_a_damaged_file_starts_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    damage(filled(tmp_path))
    assert known(tmp_path) == {}
    assert "damaged and starts anew" in caplog.text
    filled(tmp_path)
    assert len(known(tmp_path)) == len(IMAGES)


def test_an_empty_file_is_an_empty_store(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "features.sqlite").touch()
    filled(tmp_path)
    assert len(known(tmp_path)) == len(IMAGES)
    assert caplog.text == ""


def test_a_file_over_the_limit_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = filled(tmp_path).stat().st_size
    monkeypatch.setattr(feature_store, "LIMIT_BYTES", size)
    assert len(known(tmp_path)) == len(IMAGES)
    monkeypatch.setattr(feature_store, "LIMIT_BYTES", size - 1)
    assert known(tmp_path) == {}


def test_a_place_that_cannot_be_used_is_made_up_by_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(tmp_path / "nowhere") as store:
        store.put(READING, IMAGES, vectors())
        assert len(store.get(READING, IMAGES)) == len(IMAGES)
    assert "in memory alone" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_features_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        store = FeatureStore(connection)
        store.put(replace(READING, copy=2), IMAGES, vectors())
        assert store.get(replace(READING, copy=2), IMAGES) == {}
        assert len(store.get(READING, IMAGES)) == len(IMAGES)
    assert "Features of 40 images are not kept" in caplog.text


def test_vectors_must_be_as_many_as_images(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(ValueError, match="zip"):
        store.put(READING, IMAGES, vectors(3))


def test_several_may_write_and_read_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Two windows that train on the same images."""
    caplog.set_level(logging.WARNING)

    def work(copy: int) -> int:
        reading = replace(READING, copy=copy)
        with open_store(tmp_path) as store:
            for start in range(0, len(IMAGES), 8):
                images = IMAGES[start : start + 8]
                store.put(reading, images, vectors(8, seed=copy))
                store.get(READING, IMAGES)
            return len(store.get(reading, IMAGES))

    filled(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(2, 6))) == [len(IMAGES)] * 4
    assert np.array_equal(known(tmp_path)[IMAGES[0]], vectors()[0])
    assert caplog.text == ""


def test_a_reader_sees_whole_batches_while_another_writes(tmp_path: Path) -> None:
    with open_store(tmp_path) as writer, open_store(tmp_path) as reader:
        for end in (8, 16):
            writer.put(READING, IMAGES[end - 8 : end], vectors(8))
            assert list(reader.get(READING, IMAGES)) == IMAGES[:end]
