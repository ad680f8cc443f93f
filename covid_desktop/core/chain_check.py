"""Whether the lines of a ``hash_chain`` are as they were written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covid_desktop.core.hash_chain import CUT_OFF, MARKER, START, Head, line_hash, read_head


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """``lines`` from the start are as they were written, as far as the later ones tell.

    ``altered`` is the first line that is not, or None, and ``reason`` what a marker says about it.
    ``missing`` is how many lines there were if the end is missing. ``is_cut_off`` where the last line is not
    whole, ``has_head`` unless nothing says how many lines there should be.
    """

    lines: int
    altered: int | None = None
    reason: str = ""
    missing: int | None = None
    is_cut_off: bool = False
    has_head: bool = True


@dataclass(slots=True)
class _Line:
    """``values`` is None for what is no JSON object."""

    hash: str
    values: dict[str, Any] | None

    @property
    def before(self) -> object:
        return self.values.get("before") if self.values else None

    def completes(self, cut_off: "_Line", before: str) -> bool:
        """Whether it is the marker of a line that was cut off, which came after ``before``."""
        values = self.values or {}
        return values.get(MARKER) == CUT_OFF and values.get("whole") == before and self.before == cut_off.hash


def check_chain(path: Path) -> Chain:
    """Read all of the file. Raises OSError."""
    head = read_head(path)
    if not path.exists():
        return Chain(lines=0, missing=head.lines if head and head.lines else None)
    with path.open("rb") as file:
        return _checked(_Reader(iter(file)), head)


class _Reader:
    """Whole lines, each with the one after it; ``is_cut_off`` once there is none left."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.is_cut_off = False

    def pairs(self) -> Iterator[tuple[_Line, _Line | None]]:
        line = self._next()
        while line:
            following = self._next()
            yield line, following
            line = following

    def _next(self) -> _Line | None:
        raw = next(self._lines, b"")
        self.is_cut_off = self.is_cut_off or bool(raw and not raw.endswith(b"\n"))
        return None if not raw or self.is_cut_off else _parsed(raw[:-1])


def _checked(reader: _Reader, head: Head | None) -> Chain:
    before, number = START, 0
    for number, (line, following) in enumerate(reader.pairs(), 1):
        is_last = head is not None and head.lines == number and head.last == line.hash
        if altered := _altered(number, line, following, before, is_last):
            return Chain(lines=altered - 1, altered=altered)
        marker = (line.values or {}).get(MARKER, CUT_OFF)
        if marker != CUT_OFF:
            return Chain(lines=number - 1, altered=number, reason=str(marker))
        before = line.hash
        if head and number == head.lines and head.last != before:
            return Chain(lines=number - 1, altered=number)
    missing = head.lines if head and number < head.lines else None
    return Chain(
        lines=number, missing=missing, is_cut_off=reader.is_cut_off, has_head=head is not None or not number
    )


def _altered(number: int, line: _Line, following: _Line | None, before: str, is_last: bool) -> int | None:
    """Which line is not as it was written: this one or the one before; None where they fit.

    ``is_last`` where the head says that this line is the last, as it is.
    """
    if line.values is None:
        is_completed = following is not None and following.completes(line, before)
        return None if is_completed else number
    if line.values.get("line") != number:
        return number
    if line.before == before:
        return None
    is_vouched_for = is_last or (following is not None and following.before == line.hash)
    return number - 1 if is_vouched_for and number > 1 else number


def _parsed(raw: bytes) -> _Line:
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    return _Line(line_hash(raw), values if isinstance(values, dict) else None)
