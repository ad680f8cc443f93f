"""Keeps what a check worked out, so that a second look at unchanged data is instant."""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from covid_desktop.core import store

VERSION = 2
"""To be raised with every change in what checks find."""

LIMIT_BYTES = 2**28
_TABLE = "CREATE TABLE IF NOT EXISTS answers (question BLOB PRIMARY KEY, answer TEXT)"
log = logging.getLogger(__name__)

Answer = list[dict[str, Any]]
"""Values of JSON."""


def remembered(folder: Path, question: object, work: Callable[[], Answer]) -> Answer:
    """What ``work`` gives, or gave when the same was asked before; kept in ``folder``.

    ``question`` is all that the answer depends on, told apart by its ``repr``.
    """
    key = hashlib.sha256(repr((VERSION, question)).encode(errors="surrogateescape")).digest()
    with store.opened(folder / "checks.sqlite", _TABLE, LIMIT_BYTES) as connection:
        if (known := _look_up(connection, key)) is not None:
            return known
        answer = work()
        _write(connection, key, answer)
        return answer


def _look_up(connection: sqlite3.Connection, key: bytes) -> Answer | None:
    try:
        row = connection.execute("SELECT answer FROM answers WHERE question = ?", (key,)).fetchone()
        answer = json.loads(row[0]) if row else None
    except (sqlite3.Error, ValueError, TypeError) as error:  # damaged: it is worked out again
        log.warning("Earlier findings cannot be looked up: %s", type(error).__name__)
        return None
    return answer if isinstance(answer, list) else None


def _write(connection: sqlite3.Connection, key: bytes, answer: Answer) -> None:
    try:
        with connection:
            connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, json.dumps(answer)))
    except sqlite3.Error as error:  # a full disk must not end the check
        log.warning("Findings are not kept: %s", type(error).__name__)
