"""Puts the window together: application, log, exception hooks, settings."""

import logging
import logging.handlers
import sys
import threading
import types

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from covid_desktop import __version__, paths
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import Scheme, apply_theme

_LOG_BYTES = 500_000
_SCHEMES: dict[str, Scheme] = {"system": "system", "light": "light", "dark": "dark"}
log = logging.getLogger(__name__)


def run(demo: bool = False) -> int:
    """Open the window, on the demo where asked for; the exit status."""
    _start_log()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("covid-desktop")
    app.setApplicationDisplayName("COVID Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("covid-desktop")
    app.setWindowIcon(QIcon(str(paths.resource("icons/app.svg"))))
    settings = Settings(paths.settings_file())
    apply_theme(app, _SCHEMES.get(settings.text("appearance"), "system"))
    window = MainWindow(settings)
    window.show()
    QTimer.singleShot(0, window.try_demo if demo else window.reopen_last)
    QTimer.singleShot(50, window.load_in_background)
    status = app.exec()
    shiboken6.delete(window)  # Python would let go of the application first, and Qt crash
    return status


def _start_log() -> None:
    """A log file with rotation in the user's place; it never holds what a picture or a patient is called."""
    handler = logging.handlers.RotatingFileHandler(
        paths.log_file(), maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sys.excepthook = _log_exception
    threading.excepthook = _log_thread_exception
    log.info("covid-desktop %s", __version__)


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    log.error("An error nobody handled", exc_info=(kind, error, trace))


def _log_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _log_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
