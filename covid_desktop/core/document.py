"""A text in sections, before it is Markdown, a web page or a printed one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~$&])")
_BEGINS_A_LIST = re.compile(r"^(?:(\d+)([.)])(?=\s|$)|([-+=]))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows as wide as ``head``; the first cell of each names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    lines: tuple[str, ...]


Block = str | Bullets | Table
"""A paragraph, a list, or a table: plain text, which whoever writes it out escapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """``key`` is what it is asked for by, ``title`` what is read."""

    key: str
    title: str
    blocks: tuple[Block, ...] = field(default=())


def printable(text: str) -> str:
    """In one line, with a replacement character for what cannot be printed, such as half a character."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in _line(text))


def markdown(title: str, note: str, sections: Sequence[Section]) -> str:
    """All of it as Markdown, with ``note`` in bold at the head and the foot."""
    parts = [f"# {escaped(title)}", f"**{escaped(note)}**"]
    for section in sections:
        parts += [f"## {escaped(section.title)}", *map(_markdown, section.blocks)]
    return "\n\n".join([*parts, f"**{escaped(note)}**"]) + "\n"


def escaped(text: str) -> str:
    """As Markdown that is read as ``text`` and nothing else."""
    line = _MARKDOWN.sub(r"\\\1", printable(text))
    return _BEGINS_A_LIST.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)


def _line(text: str) -> str:
    return " ".join(text.split())


def _markdown(block: Block) -> str:
    match block:
        case Bullets():
            return "\n".join(f"- {escaped(line)}" for line in block.lines)
        case Table():
            rows = [block.head, ("---",) * len(block.head), *block.rows]
            return "\n".join(_row(row, is_rule=place == 1) for place, row in enumerate(rows))
        case _:
            return escaped(block)


def _row(cells: Sequence[str], *, is_rule: bool) -> str:
    return f"| {' | '.join(cells if is_rule else map(escaped, cells))} |"
