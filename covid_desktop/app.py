"""Puts the window together: one instance, log, exception hooks, application, settings."""

import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from covid_desktop import paths
from covid_desktop.gui.instance import Instance, Request

log = logging.getLogger(__name__)


def run(files: Sequence[Path] = (), demo: bool = False) -> int:
    """Open ``files`` or the demo in the window that runs already, else in a new one; the exit status.

    ``files`` are absolute. Raises UserError where the user's places cannot be written.
    """
    request = Request(files=tuple(files), demo=demo, activation=os.environ.get("XDG_ACTIVATION_TOKEN", ""))
    instance = Instance(paths.config_folder())
    return 0 if instance.hand_over(request) else _run_window(instance, request)


def _run_window(instance: Instance, request: Request) -> int:
    """What is imported here takes a second, which nobody waits for who only hands over."""
    from covid_desktop.gui.application import Application
    from covid_desktop.gui.display import watch_qt
    from covid_desktop.log import log_unhandled, start_log

    paths.data_folder()  # one that cannot be written is told of now, not when a training run begins
    start_log()
    log_unhandled()
    watch_qt()
    app = Application()
    instance.listen()

    # Most of the second: meanwhile later starts can reach this one already.
    import shiboken6
    from PySide6.QtCore import QTimer

    from covid_desktop.gui.first_paint import FirstPaint
    from covid_desktop.gui.main_window import MainWindow
    from covid_desktop.gui.settings import Settings
    from covid_desktop.gui.task import end_tasks
    from covid_desktop.gui.termination import Termination
    from covid_desktop.gui.theme import Scheme, apply_theme

    settings = Settings(paths.settings_file())
    schemes: dict[str, Scheme] = {"light": "light", "dark": "dark"}
    apply_theme(app, schemes.get(settings.text("appearance"), "system"))
    window = MainWindow(settings)
    window.closing.connect(instance.release)
    instance.requested.connect(window.take_request)
    app.files_opened.connect(window.open_files)
    termination = Termination()
    termination.asked.connect(window.end)
    FirstPaint(window).happened.connect(_log_first_paint)
    window.show()
    QTimer.singleShot(0, partial(window.begin, request))
    QTimer.singleShot(50, window.load_in_background)
    status = app.exec()
    termination.release()
    end_tasks()  # one may have begun between the window's last look and the end of the loop
    shiboken6.delete(window)  # Python would let go of the application first, and Qt crash
    return status


def _log_first_paint() -> None:
    log.info("The window is painted")
