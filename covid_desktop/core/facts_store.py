"""Keeps what is known of image files, so that a folder looked at before is known at once."""

import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from covid_desktop.core import store
from covid_desktop.core.facts import ImageFacts
from covid_desktop.errors import ImageError

VERSION = 1
"""To be raised with every change in what ``image.examine`` finds: files are then read anew."""

LIMIT_BYTES = 2**30
_WRITTEN_AT_ONCE = 256
_NAMES = [field.name for field in fields(ImageFacts)]
_TABLE = f"CREATE TABLE IF NOT EXISTS facts{VERSION} (file BLOB PRIMARY KEY, error, {', '.join(_NAMES)})"
_SELECT = f"SELECT error, {', '.join(_NAMES)} FROM facts{VERSION} WHERE file = ?"
_INSERT = f"INSERT OR REPLACE INTO facts{VERSION} VALUES (?, ?{', ?' * len(_NAMES)})"
log = logging.getLogger(__name__)

Result = ImageFacts | ImageError


class FactsStore:
    """Facts, or why there are none, by file. Use in the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[object, ...]] = []

    def get(self, file: bytes) -> Result | None:
        """What is known of a file, by its ``file_key``."""
        try:
            row = self._connection.execute(_SELECT, (file,)).fetchone()
        except sqlite3.Error as error:  # damaged since it was opened: the file is read again
            log.warning("Facts cannot be looked up: %s", error)
            return None
        if row is None:
            return None
        reason, *values = row
        return ImageError(reason) if reason else ImageFacts(**dict(zip(_NAMES, values, strict=True)))

    def put(self, file: bytes, result: Result) -> None:
        """Written together with those of a few hundred others, or by ``flush``."""
        self._rows.append((file, *_row(result)))
        if len(self._rows) == _WRITTEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was put."""
        rows, self._rows = self._rows, []
        try:
            with self._connection:
                self._connection.executemany(_INSERT, rows)
        except sqlite3.Error as error:  # a full disk must not end the check
            log.warning("Facts of %d images are not kept: %s", len(rows), error)


@contextmanager
def open_facts(folder: Path) -> Iterator[FactsStore]:
    """The store in ``folder``, made where there is none; one that is damaged or over 1 GB starts anew.

    Where the file cannot be used, facts are kept in memory.
    """
    with store.opened(folder / "facts.sqlite", _TABLE, LIMIT_BYTES) as connection:
        facts_store = FactsStore(connection)
        try:
            yield facts_store
        finally:
            facts_store.flush()


def file_key(path: Path) -> bytes | None:
    """Changes with the file's place, size and time of change; says nothing of them. None without a file."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a name with a null character
        return None
    name = os.fsencode(path.absolute())
    return hashlib.sha256(b"%s\0%d\0%d" % (name, status.st_size, status.st_mtime_ns)).digest()


def _row(result: Result) -> tuple[object, ...]:
    if isinstance(result, ImageError):
        return str(result), *(None for _ in _NAMES)
    return None, *(getattr(result, name) for name in _NAMES)
