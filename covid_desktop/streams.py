"""Standard streams that are there, whoever started the program."""

import os
import sys
from pathlib import Path
from typing import Any


def open_missing_streams() -> None:
    """Open on the null device what is closed of standard input, output and error. Call first.

    A windowed program on Windows has none of them. Elsewhere the next file that is opened would get
    the number of a closed one, and C libraries write their warnings there.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        _open_descriptor(number, mode)
    sys.stdin = sys.stdin or _null("r")
    sys.stdout = sys.stdout or _null("w")
    sys.stderr = sys.stderr or _null("w")


def _open_descriptor(number: int, mode: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        # The lowest free number, which is this one, since those below are open.
        os.set_inheritable(os.open(os.devnull, mode), True)


def _null(mode: str) -> Any:
    return Path(os.devnull).open(mode, encoding="utf-8")
