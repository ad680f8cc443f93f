"""A file that one process holds, and that is free again when that process ends, however it ends."""

import sys
import time
from pathlib import Path
from typing import BinaryIO

from covid_desktop.core.events import ShouldStop, never
from covid_desktop.errors import Stopped

_POLL_SECONDS = 0.02

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(path: Path) -> BinaryIO | None:
    """The file, held until it is closed; None where somebody else holds it, in this process or another.

    Where the file system knows no locks, nobody is kept out. Raises OSError where it cannot be opened.
    """
    file = path.open("ab")
    try:
        _lock(file)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        return file
    return file


def hold_within(path: Path, seconds: float, should_stop: ShouldStop = never) -> BinaryIO | None:
    """The file as of ``hold``, once it is let go; None where it is not in so many seconds.

    Raises OSError, Stopped.
    """
    deadline = time.monotonic() + seconds
    while (file := hold(path)) is None:
        if should_stop():
            raise Stopped
        if time.monotonic() >= deadline:
            return None
        time.sleep(_POLL_SECONDS)
    return file


def is_held(path: Path) -> bool:
    """Whether somebody holds the file."""
    try:
        if not path.is_file():
            return False
        file = hold(path)
    except OSError:
        return False
    if file is None:
        return True
    file.close()
    return False
