"""The cells of a worklist's file: texts that no spreadsheet runs, numbers that come back as they were."""

import math
import re

_RUN_BY_SPREADSHEETS = re.compile(r"'*[=+\-@\t\r]")
_NEEDS_QUOTES = re.compile(r'[,;"\t\r\n]')
_NOT_UNICODE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\u(d[89a-f][0-9a-f]{2}|005c)")


def text_cell(text: str) -> str:
    """``text`` with an apostrophe before what a spreadsheet would run, and as pure Unicode.

    What is not Unicode in the name of a file is written as ``\\udcff``.
    """
    if not text:
        return ""
    escaped = _ESCAPE.sub(r"\\u005cu\1", text) if "\\" in text else text
    if not escaped.isascii():
        escaped = _NOT_UNICODE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)
    return f"'{escaped}" if _RUN_BY_SPREADSHEETS.match(escaped) else escaped


def cell_text(cell: str) -> str:
    """The text of a ``text_cell``."""
    escaped = cell[1:] if cell.startswith("'") and _RUN_BY_SPREADSHEETS.match(cell) else cell
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), escaped) if "\\" in escaped else escaped


def number_cell(number: float | None) -> str:
    """With all its digits; empty for None."""
    return "" if number is None else repr(float(number))


def cell_share(cell: str) -> float | None:
    """A number from 0 to 1, with a decimal point or comma; None for an empty cell.

    Raises ValueError for anything else.
    """
    if not cell.strip():
        return None
    number = float(cell.strip().replace(",", "."))
    if not (math.isfinite(number) and 0 <= number <= 1):
        raise ValueError(f"{cell} is not from 0 to 1")
    return number


def csv_line(cells: list[str]) -> str:
    """Quoted wherever a spreadsheet in any language could take a part of a cell for another cell."""
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell
