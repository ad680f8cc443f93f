"""Keeps which files of a watched folder are known and what was said of them, across starts of the program.

A result belongs to the content of a file, so that a copy or a file that was touched is not scored twice.
"""

import hashlib
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from covid_desktop.core import store
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch_files import Stamp

LIMIT_BYTES = 2**30
MAX_ROWS = 200_000
CLAIM_SECONDS = 60.0
"""A claim that is older was left behind by a crash."""
SYNCHRONOUS = "FULL"
"""What was said is not said again after a power cut; it costs a few milliseconds each time."""

State = Literal["waiting", "left out", "settled"]
Claim = Literal["mine", "known", "elsewhere"]

_VALUES = (
    "label, score, threshold, probability, error, is_indeterminate, refusal, "
    "suggested_turns, suggested_inversion, quarter_turns, is_inverted"
)
_WHICH = "folder = ? AND model = ?"
_RESULTS = (
    f"CREATE TABLE IF NOT EXISTS results (folder BLOB, model TEXT, sha256 TEXT, name BLOB, owner TEXT, "
    f"at REAL, is_done INTEGER, {_VALUES}, PRIMARY KEY (folder, model, sha256))"
)
_FILES = (
    "CREATE TABLE IF NOT EXISTS files (folder BLOB, model TEXT, name BLOB, state TEXT, size INTEGER, "
    "mtime_ns INTEGER, sha256 TEXT, PRIMARY KEY (folder, model, name))"
)
_PUT_RESULT = f"INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, 1{', ?' * 11})"
_PUT_FILE = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)"
_CLAIM = (
    "INSERT INTO results (folder, model, sha256, name, owner, at, is_done) VALUES (?, ?, ?, ?, ?, ?, 0) "
    "ON CONFLICT DO UPDATE SET name = excluded.name, owner = excluded.owner, at = excluded.at "
    f"WHERE NOT is_done AND abs(excluded.at - at) > {CLAIM_SECONDS}"
)
_PRUNE = "DELETE FROM {0} WHERE rowid <= (SELECT rowid FROM {0} ORDER BY rowid DESC LIMIT 1 OFFSET ?)"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """``name`` is relative to the folder; ``sha256`` is None where the file was not read.

    A file is waiting until it is scored, left out if it was there before, settled when its content is known.
    """

    name: str
    state: State
    stamp: Stamp
    sha256: str | None


class WatchStore:
    """What is known of one folder by one model. Use in the thread that opened it.

    What cannot be written is logged and gone with the program; nothing is raised.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        model: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._which = os.fsencode(os.path.normcase(folder.absolute())), model
        self._owner = secrets.token_hex(8)
        self._now = now

    def files(self) -> list[KnownFile]:
        rows = self._read(f"SELECT name, state, size, mtime_ns, sha256 FROM files WHERE {_WHICH}")
        return [
            KnownFile(name=os.fsdecode(name), state=state, stamp=(size, changed), sha256=sha256)
            for name, state, size, changed, sha256 in rows
        ]

    def results(self) -> list[Prediction]:
        """What was said of files, in the order it was said, unless they were replaced since."""
        rows = self._read(
            f"SELECT name, {_VALUES} FROM results JOIN files USING (folder, model, name, sha256) "
            f"WHERE {_WHICH} AND is_done ORDER BY at, results.rowid"
        )
        return [self._prediction(*row) for row in rows]

    def result_of(self, sha256: str, name: str) -> Prediction | None:
        """What was said of a content, told of the file ``name``."""
        rows = self._read(f"SELECT {_VALUES} FROM results WHERE {_WHICH} AND sha256 = ? AND is_done", sha256)
        return self._prediction(os.fsencode(name), *rows[0]) if rows else None

    def claim(self, name: str, sha256: str) -> Claim:
        """Ask to score a content: it may be known, or claimed already, here or by another instance."""
        row = (*self._which, sha256, os.fsencode(name), self._owner, self._now())
        try:
            with self._connection:
                if self._connection.execute(_CLAIM, row).rowcount:
                    return "mine"
        except sqlite3.Error as error:
            log.warning("A result may be given twice: %s", type(error).__name__)
            return "mine"
        return "known" if self.result_of(sha256, name) else "elsewhere"

    def release(self, sha256: str) -> None:
        """Give a claim back."""
        sql = f"DELETE FROM results WHERE {_WHICH} AND sha256 = ? AND owner = ? AND NOT is_done"
        self._write((sql, [(*self._which, sha256, self._owner)]))

    def put(self, name: str, stamp: Stamp, sha256: str, prediction: Prediction) -> None:
        """Keep a result, at once."""
        result = (*self._which, sha256, os.fsencode(name), self._owner, self._now(), *_values(prediction))
        self._write((_PUT_RESULT, [result]), (_PUT_FILE, [self._file(name, "settled", stamp, sha256)]))

    def put_copy(self, name: str, stamp: Stamp, sha256: str) -> None:
        """A file whose content has a result."""
        self._write((_PUT_FILE, [self._file(name, "settled", stamp, sha256)]))

    def leave_out(self, files: Mapping[str, Stamp]) -> None:
        """Files that are not to be scored as they are."""
        self._write((_PUT_FILE, [self._file(name, "left out", stamp) for name, stamp in files.items()]))

    def expect(self, files: Mapping[str, Stamp]) -> None:
        """Files that are to be scored, by the next start if not by this one."""
        self._write((_PUT_FILE, [self._file(name, "waiting", stamp) for name, stamp in files.items()]))

    def _file(self, name: str, state: State, stamp: Stamp, sha256: str | None = None) -> tuple[object, ...]:
        return *self._which, os.fsencode(name), state, *stamp, sha256

    def _prediction(self, name: bytes, *values: Any) -> Prediction:
        label, score, threshold, probability, error, is_indeterminate, refusal = values[:7]
        turns, inversion, quarter_turns, is_inverted = values[7:]
        suggestion = None if turns is None else _adjustment(turns, inversion)
        return Prediction(
            path=self._folder / os.fsdecode(name),
            label=label,
            score=score,
            threshold=threshold,
            probability=probability,
            error=error,
            is_indeterminate=bool(is_indeterminate),
            refusal=refusal,
            suggestion=suggestion,
            adjustment=_adjustment(quarter_turns, is_inverted),
        )

    def _read(self, sql: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(sql, (*self._which, *values)).fetchall()
        except sqlite3.Error as error:
            log.warning("What is known of a watched folder cannot be looked up: %s", type(error).__name__)
            return []

    def _write(self, *statements: tuple[str, Iterable[tuple[object, ...]]]) -> None:
        try:
            with self._connection:
                for sql, rows in statements:
                    self._connection.executemany(sql, rows)
        except (sqlite3.Error, UnicodeError) as error:  # a full disk must not end the watch
            log.warning("What is known of a watched folder is not kept: %s", type(error).__name__)


@contextmanager
def open_watch_store(
    place: Path, folder: Path, model: str, *, now: Callable[[], float] = time.time
) -> Iterator[WatchStore]:
    """What is known of ``folder`` by ``model`` (see ``model_id``), kept in ``place``.

    A store that is damaged starts anew; where the file cannot be used, it is made up for by memory. Several
    instances of the program may have it open. ``now`` gives seconds that go on across starts.
    """
    with store.opened(place / "watched.sqlite", _RESULTS, LIMIT_BYTES) as connection:
        _prepare(connection)
        yield WatchStore(connection, folder, model, now)


def model_id(card: ModelCard) -> str:
    """Another one for every run and every operating point: a result is of a model that decides as it did."""
    return hashlib.sha256(card.to_text().encode()).hexdigest()


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the second table, and forget the oldest of too many rows, of whatever folder."""
    try:
        connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        connection.execute(_FILES)
        with connection:
            for table in ("results", "files"):
                connection.execute(_PRUNE.format(table), (MAX_ROWS,))
    except sqlite3.Error as error:
        log.warning("What is known of watched folders is not in order: %s", type(error).__name__)


def _values(prediction: Prediction) -> tuple[object, ...]:
    suggestion, adjustment = prediction.suggestion, prediction.adjustment
    return (
        prediction.label,
        prediction.score,
        prediction.threshold,
        prediction.probability,
        prediction.error,
        prediction.is_indeterminate,
        prediction.refusal,
        suggestion and suggestion.quarter_turns,
        suggestion and suggestion.is_inverted,
        adjustment.quarter_turns,
        adjustment.is_inverted,
    )


def _adjustment(quarter_turns: int, is_inverted: int) -> Adjustment:
    return Adjustment(quarter_turns=quarter_turns, is_inverted=bool(is_inverted))
