"""One measurement of the check, in a process of its own. Arguments: what, folder. Prints JSON."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from covid_desktop import curation, jobs, paths
from covid_desktop.core.image import decode
from covid_desktop.core.loading import read_ahead
from covid_desktop.core.scan import scan
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import apply_theme

TICK_MILLISECONDS = 5


def decoded(folder: Path) -> dict[str, Any]:
    files = sorted(folder.rglob("*.png"))
    began = time.perf_counter()
    for _ in read_ahead(files, decode):
        pass
    return {"decode": time.perf_counter() - began}


def checked(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    opened = curation.open_dataset(folder)
    opening = time.perf_counter() - began
    curation.check(opened)
    return {"open": opening, "check": time.perf_counter() - began - opening, "megabytes": megabytes()}


def listed(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    scan(folder)
    return {"list": time.perf_counter() - began}


def audited(folder: Path) -> dict[str, Any]:
    opened = curation.check(curation.open_dataset(folder)).opened
    began = time.perf_counter()
    audit = jobs.audit(opened)
    return {"n": audit.n, "seconds": time.perf_counter() - began, "megabytes": megabytes()}


def seen_in_window(folder: Path) -> dict[str, Any]:
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    window = MainWindow(Settings(paths.settings_file()))
    meter = Meter(window)
    window.show()
    window.open_folder(folder)
    application.exec()
    return {"gaps": meter.gaps}


class Meter(QObject):
    """Ticks until the check has told what it found, then closes the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window, self._last = window, time.perf_counter()
        self.gaps: list[float] = []
        self._timer = QTimer(self, interval=TICK_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now
        if self._window.data.is_checked:
            self._timer.stop()
            self._window.close()


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    paths.prepare_environment()
    work = {"decode": decoded, "check": checked, "list": listed, "audit": audited, "window": seen_in_window}
    sys.stdout.write(json.dumps(work[sys.argv[1]](Path(sys.argv[2]))))
