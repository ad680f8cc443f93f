"""What Qt says, and its end where it cannot show a window."""

import logging
import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QtMsgType, qInstallMessageHandler

from covid_desktop.alert import alert
from covid_desktop.errors import UserError
from covid_desktop.libraries import missing, not_loaded
from covid_desktop.unhandled import Repeats, Tell, is_worth_a_line, tell_nobody

_FROM_A_PATH_ON = re.compile(r"\S*[/\\].*", re.DOTALL)
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}
_DISPLAYS = (("wayland", "WAYLAND_DISPLAY"), ("xcb", "DISPLAY"))
_PLATFORMS = tuple(name for name, _ in _DISPLAYS)
_NO_PLATFORM = ("no Qt platform plugin could be initialized", "no screens available")
_LOG_IN = "Log in to a desktop, or use the commands: covid-desktop --help."
_CRITICAL = UserError(
    "Something went wrong in the window.",
    "The window goes on; the log file has the details (Help > Open log folder).",
)
log = logging.getLogger("covid_desktop.qt")


class DisplayError(UserError):
    """There is nothing to show the window on."""


def watch_qt(tell: Tell = tell_nobody) -> None:
    """Send what Qt says to the log; where Qt would abort, say why and end with status 1.

    ``tell`` hears once of each message that Qt calls critical. Call before QApplication is made.
    """
    qInstallMessageHandler(partial(_on_message, repeats=Repeats(), tell=tell))


def _on_message(
    kind: QtMsgType,
    context: QMessageLogContext,
    message: str,
    repeats: Repeats | None = None,
    tell: Tell = tell_nobody,
) -> None:
    text = _FROM_A_PATH_ON.sub("…", message)
    count = repeats.count((kind, text)) if repeats else 1
    if is_worth_a_line(count):
        again = f" (for the {count:,}th time)" if count > 1 else ""
        log.log(_LEVELS.get(kind, logging.ERROR), "%s: %s%s", context.category, text, again)
    if kind == QtMsgType.QtFatalMsg:
        _end(message)
    if kind == QtMsgType.QtCriticalMsg and count == 1:
        tell(_CRITICAL)


def _end(message: str) -> NoReturn:
    """Qt aborts when its message has been heard, and then nothing is said."""
    if any(words in message for words in _NO_PLATFORM):
        error = why_no_window(os.environ)
    else:
        error = UserError("The window cannot go on.", "The log file has the details.")
    log.error("%s", error.what)
    alert(error)
    os._exit(1)


def why_no_window(environment: Mapping[str, str], plugins: Path | None = None) -> UserError:
    """Why Qt can use none of its platforms, by the ``environment`` and its folder of ``plugins``."""
    if sys.platform != "linux":
        return DisplayError("The window cannot be opened.", "Install the program again.")
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen and not chosen.startswith(_PLATFORMS):
        return DisplayError(f"Qt cannot use the platform {chosen}.", "Unset the variable QT_QPA_PLATFORM.")
    displays = {name: environment[variable] for name, variable in _DISPLAYS if environment.get(variable)}
    if not displays:
        return DisplayError("There is no display to show the window on.", _LOG_IN)
    folder = (plugins or Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))) / "platforms"
    if lacking := {soname for name in displays for soname in not_loaded(folder / f"libq{name}.so")}:
        return missing(lacking)
    return DisplayError(f"The display {' or '.join(displays.values())} cannot be reached.", _LOG_IN)
