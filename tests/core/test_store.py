"""An SQLite file that only saves work: whatever happened to it, there is one that can be used."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from covid_desktop.core import store

TABLE = "CREATE TABLE IF NOT EXISTS words (word TEXT)"
LIMIT = 2**20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that holds some words, more than fit into one page."""
    path = tmp_path / "words.sqlite"
    put(path, *(f"{number:0100}" for number in range(200)))
    return path


@contextmanager
def opened(path: Path, limit_bytes: int = LIMIT) -> Iterator[sqlite3.Connection]:
    with store.opened(path, TABLE, limit_bytes) as connection:
        yield connection


def put(path: Path, *words: str) -> None:
    with opened(path) as connection, connection:
        connection.executemany("INSERT INTO words VALUES (?)", [(word,) for word in words])


def count(path: Path, limit_bytes: int = LIMIT) -> int:
    with opened(path, limit_bytes) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM words").fetchone()[0])


def test_what_was_written_is_there_the_next_time(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert count(path) == 200
    put(path, "one more")
    assert count(path) == 201
    assert caplog.text == ""


def test_it_is_closed_in_the_end_even_of_a_crash(path: Path) -> None:
    kept: list[sqlite3.Connection] = []

    def crash() -> None:
        with opened(path) as connection:
            kept.append(connection)
            connection.execute("SELECT 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept[0].execute("SELECT 1")


def test_two_may_have_it_open(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        with one:
            one.execute("DELETE FROM words")
        assert other.execute("SELECT COUNT(*) FROM words").fetchone() == (0,)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 100), (4096, None), (28, 32), (44, 48)],
    ids=["header", "all but a page", "number of pages", "number of the format"],
)
def test_a_damaged_one_starts_anew(
    path: Path, caplog: pytest.LogCaptureFixture, start: int, stop: int | None
) -> None:
    content = bytearray(path.read_bytes())
    content[start:stop] = b"\xa5" * len(content[start:stop])
    path.write_bytes(content)
    assert count(path) == 0
    assert "damaged and starts anew" in caplog.text
    put(path, "a word")
    assert count(path) == 1


@pytest.mark.parametrize("length", [0, 1, 50, 100, 4096, 6000])
def test_one_whose_end_is_missing_can_be_used(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    assert count(path) == 0
    put(path, "a word")
    assert count(path) == 1


def test_the_journal_of_a_damaged_one_is_not_played_into_the_new_one(tmp_path: Path, path: Path) -> None:
    """As a crash leaves the two behind: what was written last is in the journal alone."""
    crashed = tmp_path / "crashed.sqlite"
    with opened(path) as connection, connection:
        connection.execute("INSERT INTO words VALUES ('in the journal')")
        connection.commit()
        for ending in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{ending}", f"{crashed}{ending}")
    assert Path(f"{crashed}-wal").stat().st_size > 0
    whole = shutil.copytree(tmp_path, tmp_path / "whole") / crashed.name
    assert count(whole) == 201
    crashed.write_bytes(b"These are words. " * 500)
    assert count(crashed) == 0
    assert count(crashed) == 0


def test_one_over_the_limit_starts_anew(path: Path) -> None:
    size = path.stat().st_size
    assert count(path, limit_bytes=size) == 200
    assert count(path, limit_bytes=size - 1) == 0
    assert path.stat().st_size < size


def is_in_memory_alone(path: Path, caplog: pytest.LogCaptureFixture) -> bool:
    """Used as any other, and gone the next time."""
    caplog.clear()
    put(path, "a word")
    with opened(path) as connection:
        connection.execute("INSERT INTO words VALUES ('another')")
        has_one = connection.execute("SELECT word FROM words").fetchall() == [("another",)]
    return has_one and caplog.text.count("in memory alone") == 2


def test_a_missing_folder_is_made_up_for_by_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert is_in_memory_alone(tmp_path / "nowhere" / "words.sqlite", caplog)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_its_place_stays_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    in_its_place = tmp_path / "words.sqlite" / "a folder"
    in_its_place.mkdir(parents=True)
    assert is_in_memory_alone(in_its_place.parent, caplog)
    assert in_its_place.is_dir()


def test_one_that_another_program_locked_stays_as_it_is(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WAIT_SECONDS", 0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert is_in_memory_alone(path, caplog)
    assert count(path) == 200


def test_a_damaged_one_that_cannot_be_removed_is_made_up_for_by_memory(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows removes no file that another program has open."""
    path.write_bytes(b"These are words. " * 500)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert is_in_memory_alone(path, caplog)
