"""Facts of files are found again, and nothing that happens to the store ends a check."""

import os
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from covid_desktop.core import facts_store
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.facts_store import FactsStore, Result, file_key, open_facts
from covid_desktop.errors import ImageError

FACTS = ImageFacts(
    sha256="ab" * 32,
    format="DICOM",
    file_bytes=2**40,
    width=3000,
    height=2500,
    frames=2**31 - 1,
    bits=12,
    make="Müller & Söhne 医",
    view="PA",
    mean=100.123456789,
    contrast=0.0,
    colour=1 / 3,
    phash=bytes(range(18)),
    thumbnail=np.arange(64 * 64).astype(np.uint8).tobytes(),
)
KEY = b"a" * 32


def key_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


def fill(folder: Path, count: int = 1) -> Path:
    with open_facts(folder) as store:
        for number in range(count):
            store.put(key_of(number), replace(FACTS, width=number))
    return folder / "facts.sqlite"


def get(folder: Path, key: bytes) -> Result | None:
    with open_facts(folder) as store:
        return store.get(key)


def count(folder: Path, of: int = 1000) -> int:
    with open_facts(folder) as store:
        return sum(store.get(key_of(number)) is not None for number in range(of))


def test_facts_come_back_as_they_were(tmp_path: Path) -> None:
    with open_facts(tmp_path) as store:
        store.put(KEY, FACTS)
    found = get(tmp_path, KEY)
    assert found == FACTS
    assert [type(value) for value in asdict(found).values()] == [
        type(value) for value in asdict(FACTS).values()
    ]
    assert np.array_equal(found.picture, FACTS.picture)


def test_the_reason_why_there_are_none_comes_back(tmp_path: Path) -> None:
    with open_facts(tmp_path) as store:
        store.put(KEY, ImageError("Empty file.", "Copy it again."))
    found = get(tmp_path, KEY)
    assert isinstance(found, ImageError)
    assert str(found) == "Empty file. Copy it again."


def test_what_was_not_put_is_not_found(tmp_path: Path) -> None:
    fill(tmp_path)
    assert get(tmp_path, KEY) is None
    assert get(tmp_path, b"") is None


def test_the_last_one_put_counts(tmp_path: Path) -> None:
    for result in (FACTS, ImageError("Damaged."), replace(FACTS, width=7)):
        with open_facts(tmp_path) as store:
            store.put(KEY, result)
    assert get(tmp_path, KEY) == replace(FACTS, width=7)


def test_many_are_written_together_and_the_rest_in_the_end(tmp_path: Path) -> None:
    with open_facts(tmp_path) as store:
        for number in range(600):
            store.put(key_of(number), FACTS)
        assert 256 <= count(tmp_path) < 600
    assert count(tmp_path) == 600


def test_flush_writes_what_was_put(tmp_path: Path) -> None:
    with open_facts(tmp_path) as store:
        store.put(KEY, FACTS)
        store.flush()
        store.flush()
        assert get(tmp_path, KEY) == FACTS


def test_what_was_written_is_not_written_again(tmp_path: Path) -> None:
    with open_facts(tmp_path) as store:
        store.put(KEY, FACTS)
        store.flush()
        with closing(sqlite3.connect(tmp_path / "facts.sqlite")) as other, other:
            other.execute(f"DELETE FROM facts{facts_store.VERSION}")
    assert get(tmp_path, KEY) is None


def test_a_crash_loses_nothing_that_was_put(tmp_path: Path) -> None:
    def crash() -> None:
        with open_facts(tmp_path) as store:
            store.put(KEY, FACTS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert get(tmp_path, KEY) == FACTS


def test_a_damaged_file_starts_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = fill(tmp_path, 50)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * len(content[4096:])
    path.write_bytes(content)
    assert count(tmp_path) == 0
    assert "damaged and starts anew" in caplog.text
    fill(tmp_path, 50)
    assert count(tmp_path) == 50


def test_a_file_over_the_limit_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = fill(tmp_path, 20).stat().st_size
    monkeypatch.setattr(facts_store, "LIMIT_BYTES", size)
    assert count(tmp_path) == 20
    monkeypatch.setattr(facts_store, "LIMIT_BYTES", size - 1)
    assert count(tmp_path) == 0


def test_a_place_that_cannot_be_used_is_made_up_for_by_memory(tmp_path: Path) -> None:
    with open_facts(tmp_path / "nowhere") as store:
        store.put(KEY, FACTS)
        store.flush()
        assert store.get(KEY) == FACTS
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_facts_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(fill(tmp_path, 3))) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        store = FactsStore(connection)
        for number in range(10, 30):
            store.put(key_of(number), FACTS)
        store.flush()
        assert store.get(key_of(20)) is None
        assert store.get(key_of(2)) == replace(FACTS, width=2)
    assert "Facts of 20 images are not kept" in caplog.text


def test_damage_while_it_is_open_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = fill(tmp_path)
    with open_facts(tmp_path) as store:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute(f"DROP TABLE facts{facts_store.VERSION}")
        assert store.get(key_of(0)) is None
        store.put(KEY, FACTS)
    assert "Facts cannot be looked up" in caplog.text
    assert "Facts of 1 images are not kept" in caplog.text


# --- keys


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Erika Mustermann.png"
    path.write_bytes(b"content")
    os.utime(path, ns=(10**18, 10**18))
    return path


def test_an_unchanged_file_has_the_same_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = file_key(file)
    file.read_bytes()
    os.utime(file, ns=(2 * 10**18, 10**18))  # read, not changed
    assert file_key(file) == key
    monkeypatch.chdir(file.parent)
    assert file_key(Path(file.name)) == key


def test_a_changed_file_has_another_key(file: Path) -> None:
    keys = [file_key(file)]
    os.utime(file, ns=(10**18, 10**18 + 10_000))
    keys.append(file_key(file))
    file.write_bytes(b"content, longer")
    os.utime(file, ns=(10**18, 10**18))
    keys.append(file_key(file))
    moved = file.rename(file.with_name("moved.png"))
    keys.append(file_key(moved))
    assert None not in keys
    assert len(set(keys)) == 4


def test_a_key_says_nothing_of_the_file(file: Path) -> None:
    key = file_key(file)
    assert key is not None
    assert len(key) == 32
    assert b"Mustermann" not in key


def test_a_file_that_is_not_there_has_no_key(tmp_path: Path) -> None:
    assert file_key(tmp_path / "gone.png") is None
    assert file_key(tmp_path / "gone" / "gone.png") is None
    assert file_key(tmp_path / "a\0b.png") is None
    assert file_key(tmp_path / ("long" * 1000)) is None


@pytest.mark.skipif(os.name != "posix", reason="names of files are Unicode elsewhere")
def test_names_that_are_not_unicode_have_keys(tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in (b"\xff.png", b"\xfe.png")]
    for path in paths:
        path.write_bytes(b"content")
        os.utime(path, ns=(10**18, 10**18))
    assert None not in map(file_key, paths)
    assert file_key(paths[0]) != file_key(paths[1])
