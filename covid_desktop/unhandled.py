"""What nobody handled: logged with its place in the code, told once, and counted where it comes again."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from traceback import walk_tb

from covid_desktop.errors import UserError
from covid_desktop.log import package_log

MOST = 100
"""So many different ones are logged; more than that tell nothing new."""

Tell = Callable[[UserError], None]


class Repeats:
    """Counts what comes again. Safe to use from several threads."""

    def __init__(self) -> None:
        self._counts: dict[object, int] = {}
        self._lock = threading.Lock()

    def count(self, what: object) -> int:
        """How often ``what`` has come by now; 0 where it is one of too many different ones."""
        with self._lock:
            if what not in self._counts and len(self._counts) >= MOST:
                return 0
            self._counts[what] = self._counts.get(what, 0) + 1
            return self._counts[what]


def is_worth_a_line(count: int) -> bool:
    """The first, the tenth, the hundredth: a storm of a thousand a second fills no log."""
    return count > 0 and set(str(count)[1:]) <= {"0"} and str(count)[0] == "1"


def tell_nobody(error: UserError) -> None:
    """For who needs only the log."""


def log_unhandled(tell: Tell = tell_nobody) -> None:
    """Log what nobody handles, in any thread, where Python calls back too; ``tell`` hears of each once.

    ``tell`` is called in the thread where it happened.
    """
    hooks = _Hooks(tell)
    sys.excepthook = lambda _kind, error, _trace: hooks.take(error)
    threading.excepthook = lambda arguments: hooks.take(arguments.exc_value)
    sys.unraisablehook = lambda arguments: hooks.take(arguments.exc_value)


class _Hooks:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._repeats = Repeats()

    def take(self, error: BaseException | None) -> None:
        """Log ``error``, and tell of it where it is new."""
        if error is None:
            return
        count = self._repeats.count(_identity(error))
        if count == 1:
            package_log.error("An error nobody handled", exc_info=error)
            with suppress(RuntimeError):  # the window may be gone
                self._tell(described(error))
        elif is_worth_a_line(count):
            package_log.error("The same for the %sth time: %s", f"{count:,}", type(error).__qualname__)


def described(error: BaseException) -> UserError:
    """What to tell of it: the message may hold a patient's name, and is left out."""
    name = type(error).__qualname__
    if isinstance(error, MemoryError):
        return UserError("There is not enough memory.", "Choose a smaller image size or batch size.")
    return UserError(
        f"Something went wrong inside the program ({name}).",
        "The window goes on; the log file has the details (Help > Open log folder).",
    )


def _identity(error: BaseException) -> object:
    """The same for the same kind of error at the same place, whoever called."""
    place = None
    for frame, line in walk_tb(error.__traceback__):
        place = frame.f_code.co_filename, line
    return type(error), place
