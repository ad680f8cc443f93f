"""Puts the window together: one instance, log, exception hooks, application, settings."""

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

from covid_desktop import paths
from covid_desktop.gui.instance import Instance, Request

SWITCH_SECONDS = 0.0005
"""How long a thread may keep Python to itself: with the usual 5 ms the window waits too long for its turn."""

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
    from covid_desktop.gui.faults import Faults
    from covid_desktop.log import log_crashes, start_log
    from covid_desktop.unhandled import log_unhandled

    sys.setswitchinterval(SWITCH_SECONDS)
    paths.data_folder()  # one that cannot be written is told of now, not when a training run begins
    start_log()
    log_crashes()
    faults = Faults()
    log_unhandled(faults.tell)
    watch_qt(faults.tell)
    app = Application()
    instance.listen()

    # Most of the second: meanwhile later starts can reach this one already.
    import shiboken6
    from PySide6.QtCore import QTimer

    from covid_desktop.gui.first_paint import FirstPaint
    from covid_desktop.gui.leaving import Leaving
    from covid_desktop.gui.main_window import MainWindow
    from covid_desktop.gui.settings import Settings
    from covid_desktop.gui.task import end_tasks
    from covid_desktop.gui.termination import Termination
    from covid_desktop.gui.theme import Scheme, apply_theme, theme

    settings = Settings(paths.settings_file())
    schemes: dict[str, Scheme] = {"light": "light", "dark": "dark"}
    apply_theme(app, schemes.get(settings.text("appearance"), "system"))
    window = MainWindow(settings)
    faults.set_banner(window.banner)
    window.closing.connect(instance.release)
    leaving = Leaving()
    window.closing.connect(leaving.begin)
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
    if end_tasks():  # one may have begun between the window's last look and the end of the loop
        theme().forget_images()
        _leave(status)
    shiboken6.delete(window)  # Python would let go of the application first, and Qt crash
    return status


def _log_first_paint() -> None:
    log.info("The window is painted")


def _leave(status: int) -> NoReturn:
    """End while a thread goes on: Python would wait for it, and Qt abort."""
    log.info("The program ends before a job that writes nothing")
    logging.shutdown()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)
