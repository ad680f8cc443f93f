"""Opens an SQLite file that only saves work: whatever is wrong with it never ends a job.

Written row by row, it survives a stop or a crash at any time.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

WAIT_SECONDS = 5
log = logging.getLogger(__name__)


@contextmanager
def opened(path: Path, table: str, limit_bytes: int) -> Iterator[sqlite3.Connection]:
    """The file at ``path``, with ``table`` (SQL that makes it) in it.

    One that is damaged or over ``limit_bytes`` starts anew. Where the file cannot be used, it is made up
    for by memory.
    """
    with closing(_open(path, table, limit_bytes)) as connection:
        yield connection


def _open(path: Path, table: str, limit_bytes: int) -> sqlite3.Connection:
    try:
        if path.exists() and path.stat().st_size > limit_bytes:
            _remove(path)
        return _connect_anew_if_damaged(path, table)
    except (sqlite3.Error, OSError) as error:  # locked, not writable, disk full
        log.warning("What is worked out is kept in memory alone: %s", type(error).__name__)
        return _connect(":memory:", table)


def _connect_anew_if_damaged(path: Path, table: str) -> sqlite3.Connection:
    try:
        return _connect(path, table)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_of_unknown_format(error):
            raise
        log.warning("A store is damaged and starts anew: %s", error)
        _remove(path)
        return _connect(path, table)


def _is_of_unknown_format(error: sqlite3.OperationalError) -> bool:
    """Damage to the header's first numbers is told like this; what the computer refuses has other codes."""
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _remove(path: Path) -> None:
    """With its journal, which would be played into the new file."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _connect(path: Path | str, table: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(table)
        (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise sqlite3.DatabaseError(state)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
