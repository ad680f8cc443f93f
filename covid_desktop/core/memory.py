"""Keeps what a check worked out, so that a second look at unchanged data is instant."""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from covid_desktop.core import store

VERSION = 3
"""To be raised with every change in what checks find."""

_NUMBER = "\0"  # no name of a file begins with it
LIMIT_BYTES = 2**28
_TABLE = "CREATE TABLE IF NOT EXISTS answers (question BLOB PRIMARY KEY, answer TEXT)"
log = logging.getLogger(__name__)

Answer = list[dict[str, Any]]
"""Values of JSON."""


def remembered(
    folder: Path, question: object, work: Callable[[], Answer], images: Iterable[Path] = ()
) -> Answer:
    """What ``work`` gives, or gave when the same was asked before; kept in ``folder``.

    ``question`` is all that the answer depends on, told apart by its ``repr``; it tells ``images`` and their
    order, too. Of those the file has numbers: no name of a file is kept.
    """
    names = [str(path) for path in images]
    key = hashlib.sha256(repr((VERSION, question)).encode(errors="surrogateescape")).digest()
    with store.opened(folder / "checks.sqlite", _TABLE, LIMIT_BYTES) as connection:
        if (known := _look_up(connection, key)) is not None:
            with suppress(IndexError):
                return _with_names(known, names)  # type: ignore[no-any-return]
        answer = work()
        numbers = {name: f"{_NUMBER}{number}" for number, name in enumerate(names)}
        _write(connection, key, _without_names(answer, numbers))
        return answer


def _without_names(value: Any, numbers: Mapping[str, str]) -> Any:
    return _mapped(value, lambda text: numbers.get(text, text))


def _with_names(value: Any, names: Sequence[str]) -> Any:
    """Raises IndexError where there are fewer names."""
    return _mapped(value, lambda text: names[int(text[1:])] if text.startswith(_NUMBER) else text)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """All texts in a value of JSON changed, keys of objects, too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {change(key): _mapped(one, change) for key, one in value.items()}
    return value


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
