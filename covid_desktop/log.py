"""The log file in the user's place: what went wrong, never what a picture or a patient is called."""

import faulthandler
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import walk_tb
from typing import Any

from covid_desktop import paths
from covid_desktop.errors import UserError
from covid_desktop.versions import version_lines

_BYTES, _BACKUPS = 500_000, 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

package_log = logging.getLogger("covid_desktop")
"""The one logger that is written: other libraries' messages may hold a patient's values."""


def start_log() -> None:
    """Write the package's log to the user's file, with what the program runs on as its first line.

    Where that cannot be written the program goes on without.
    """
    with suppress(OSError, UserError):
        package_log.addHandler(_Handler(paths.log_file()))
    package_log.setLevel(logging.INFO)
    package_log.info(", ".join(version_lines()))


def log_crashes() -> None:
    """Write where Python was into the log file, should the process be ended by a fault of native code."""
    for handler in package_log.handlers:
        if isinstance(handler, _Handler):
            handler.log_crashes()


def log_fault(error: Exception) -> UserError:
    """Log what nobody foresaw, in a file started for it where there is none; what to tell the user."""
    if not package_log.handlers:
        start_log()
    package_log.error("A fault of the program", exc_info=error)
    files = [Path(handler.baseFilename) for handler in package_log.handlers if isinstance(handler, _Handler)]
    written = [f"The details are in {file}" for file in files if file.exists()]
    return UserError(
        f"Something went wrong inside the program ({type(error).__name__}).", *(written or [str(error)])
    )


class _Handler(RotatingFileHandler):
    """Writes on in the same file where Windows cannot rename it because another process has it open."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=_BYTES, backupCount=_BACKUPS, encoding="utf-8", delay=True)
        self.setFormatter(_Formatter(_FORMAT))
        self._logs_crashes = False

    def log_crashes(self) -> None:
        """faulthandler writes to the file that is open: it is told of each new one."""
        self._logs_crashes = True
        if self.stream:
            faulthandler.enable(self.stream)

    def _open(self) -> Any:
        stream = super()._open()
        if self._logs_crashes:
            faulthandler.enable(stream)
        return stream

    def doRollover(self) -> None:
        self._forget_crashes()
        try:
            super().doRollover()
        except OSError:
            self.maxBytes = 0
            if self._logs_crashes and self.stream is None:
                self.stream = self._open()

    def close(self) -> None:
        self._forget_crashes()
        super().close()

    def _forget_crashes(self) -> None:
        if self._logs_crashes:
            faulthandler.disable()

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written, or a disk that is full, stops nothing."""


class _Formatter(logging.Formatter):
    """Exceptions by type and place in the code, without their messages, which may hold names of files."""

    def formatException(self, ei: Any) -> str:
        return "\n".join(_describe(ei[1])) if ei[1] else ""


def _describe(error: BaseException) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _describe(earlier)
        yield "which led to"
    yield f"{type(error).__module__}.{type(error).__qualname__}{_reason(error)}"
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {frame.f_globals.get('__name__')}, line {line}, in {frame.f_code.co_qualname}"


def _reason(error: BaseException) -> str:
    """The system's own words, which name nothing."""
    if isinstance(error, OSError) and error.errno is not None:
        return f": {os.strerror(error.errno)}"
    return ""
