"""Standard streams that are there, whoever started the program."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STANDARD_ERROR = 2


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


@contextmanager
def without_native_chatter(pattern: bytes) -> Iterator[None]:
    """Keep lines that begin with ``pattern`` (a regular expression) from the process' standard error.

    Whatever else is written there meanwhile, by C libraries too, comes out at the end.
    """
    try:
        place = tempfile.TemporaryFile()  # noqa: SIM115 (it is used with a with below)
    except OSError:  # a full disk must not keep TensorFlow from being loaded
        yield
        return
    with place as held:
        kept = os.dup(STANDARD_ERROR)
        os.dup2(held.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
            held.seek(0)
            lines = [line for line in held if not re.match(pattern, line)]
            os.write(STANDARD_ERROR, b"".join(lines))


def _open_descriptor(number: int, mode: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        # The lowest free number, which is this one, since those below are open.
        os.set_inheritable(os.open(os.devnull, mode), True)


def _null(mode: str) -> Any:
    return Path(os.devnull).open(mode, encoding="utf-8")
