"""A file that only grows, a JSON object a line, in which a change shows: each line has the hash of the last.

A second file, the head, says how many lines there are and the hash of the last, so that lines missing at the
end show, too. What does not show is the work of somebody who writes all later lines and the head anew:
nothing in a file can keep that out.
"""

import errno
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from covid_desktop.core.atomic import write_text
from covid_desktop.core.file_lock import hold_within
from covid_desktop.errors import UserError

START = "0" * 64
"""The hash before the first line."""

MARKER = "marker"
CUT_OFF = "The line before was cut off while it was written."
END_MISSING = "Lines were missing at the end."
HEAD_MISSING = "What said how long the file was had gone."
WAIT_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The file as it was last written; ``last`` is the SHA-256 of its last line."""

    lines: int = 0
    bytes: int = 0
    last: str = START


def head_of(path: Path) -> Path:
    return path.with_suffix(".head.json")


def line_hash(line: bytes) -> str:
    """Of a line without its end."""
    return hashlib.sha256(line).hexdigest()


def append(path: Path, values: Sequence[Mapping[str, Any]]) -> None:
    """Add a line for each of ``values``; they are on the disk when it returns, or none is in the file.

    A line that was cut off is completed by a marker, a line that says so; so is a file that lacks lines at
    its end. Raises OSError.
    """
    with _held(path):
        head = read_head(path)
        if head is None and not path.exists():
            head = Head()
            _write_head(path, head)
        with path.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            written = _Lines(file, size, head)
            for one in values:
                written.add(one)
            try:
                _write(file, written.text)
            except OSError:
                with suppress(OSError):  # else the next one completes what was cut off
                    file.truncate(size)
                raise
        try:
            _write_head(path, written.head)
        except UserError:  # the lines are in the file, and count
            log.warning("The head of the log is not written")


def read_head(path: Path) -> Head | None:
    """None where there is none, or it is damaged."""
    try:
        values = json.loads(head_of(path).read_text(encoding="utf-8"))
        head = Head(lines=int(values["lines"]), bytes=int(values["bytes"]), last=str(values["last"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return head if head.lines >= 0 and head.bytes >= 0 else None


class _Lines:
    """What is to be written after what is there: first what has to be said about that."""

    def __init__(self, file: BinaryIO, size: int, head: Head | None) -> None:
        self.text = b""
        is_short = head is None or size < head.bytes
        file.seek(0 if head is None or is_short else head.bytes)
        self.head, rest = _read_on(file, Head() if head is None or is_short else head)
        if rest:
            self._complete(rest)
        if is_short:
            self.add({MARKER: HEAD_MISSING if head is None else END_MISSING})

    def add(self, values: Mapping[str, Any]) -> None:
        """A line with its number before and the hash of the line before it after ``values``."""
        whole = {"line": self.head.lines + 1, **values, "before": self.head.last}
        line = json.dumps(whole, ensure_ascii=True).encode()
        self.text += line + b"\n"
        self.head = _after(self.head, line)

    def _complete(self, rest: bytes) -> None:
        """The marker has the hash of the last whole line, too: what was cut off may not say it."""
        whole = self.head.last
        self.text += b"\n"
        self.head = _after(self.head, rest)
        self.add({MARKER: CUT_OFF, "whole": whole})


def _read_on(file: BinaryIO, head: Head) -> tuple[Head, bytes]:
    """The head after the whole lines that follow, and what is left behind them."""
    rest = b""
    for line in _lines(file):
        if not line.endswith(b"\n"):
            rest = line
            break
        head = _after(head, line[:-1])
    return head, rest


def _lines(file: BinaryIO) -> Iterator[bytes]:
    with os.fdopen(os.dup(file.fileno()), "rb") as reader:  # the other is not buffered
        yield from reader


def _after(head: Head, line: bytes) -> Head:
    return Head(lines=head.lines + 1, bytes=head.bytes + len(line) + 1, last=line_hash(line))


def _write(file: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _write_head(path: Path, head: Head) -> None:
    write_text(head_of(path), json.dumps(asdict(head)))


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """One process at a time. Raises OSError."""
    lock = hold_within(path.with_suffix(".lock"), WAIT_SECONDS)
    if lock is None:
        raise BlockingIOError(errno.EAGAIN, "another window writes it")
    with lock:
        yield
