"""The real window while a network trains, a worklist is scored and a data set is checked, all at once.

Arguments: data folder, model, architecture, seconds. Prints {"gaps": [milliseconds between two ticks of a
timer of 5 ms], "where": {what the window's thread was at in long gaps: how often it was seen}} as JSON.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication
from window_gaps import Meter

from covid_desktop import jobs, paths
from covid_desktop.app import SWITCH_SECONDS
from covid_desktop.core.config import TrainingConfig
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import apply_theme

LONG_SECONDS, LOOK_SECONDS = 0.05, 0.01


class Watcher(threading.Thread):
    """Looks what the main thread is at when it has not ticked for long."""

    def __init__(self, meter: Meter) -> None:
        super().__init__(daemon=True)
        self._meter = meter
        self._main = threading.main_thread().ident or 0
        self.where: Counter[str] = Counter()

    def run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            ticks = self._meter.ticks
            if ticks and time.perf_counter() - ticks[-1] > LONG_SECONDS:
                self.where[_place(sys._current_frames().get(self._main))] += 1


def _place(frame: FrameType | None) -> str:
    """The innermost function of the program's own, or that the event loop waits for its turn."""
    while frame:
        name = str(frame.f_globals.get("__name__"))
        if name.startswith("covid_desktop"):
            return f"{name.removeprefix('covid_desktop.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "Qt, or waiting for other threads"


class StopsWithoutQuestion(Dialogs):
    """Closes the window though a run goes on."""

    def may_stop_training(self, *_: object, **__: object) -> bool:
        return True


class Work(QObject):
    """Lets all three begin at once, and closes the window after so many seconds."""

    def __init__(self, window: MainWindow, meter: Meter, data: Path, seconds: float) -> None:
        super().__init__()
        self._window, self._meter, self._data, self._seconds = window, meter, data, seconds
        window.data.dataset_changed.connect(self._on_dataset_changed)

    @Slot(object)
    def _on_dataset_changed(self, _: object) -> None:
        self._window.data.dataset_changed.disconnect(self._on_dataset_changed)
        QTimer.singleShot(500, self._begin)

    @Slot()
    def _begin(self) -> None:
        self._meter.ticks.clear()
        window = self._window
        window.train.start()
        window.data.start_check()
        window.score([self._data])
        window.show_tab("train")
        third = int(1000 * self._seconds / 3)
        QTimer.singleShot(third, self._show_predictions)
        QTimer.singleShot(2 * third, self._show_data)
        QTimer.singleShot(3 * third, self._end)

    @Slot()
    def _show_predictions(self) -> None:
        self._window.show_tab("predict")

    @Slot()
    def _show_data(self) -> None:
        self._window.show_tab("data")

    @Slot()
    def _end(self) -> None:
        self.ticks = list(self._meter.ticks)
        self._window.close()


def main(data: str, model: str, architecture: str, seconds: str) -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    jobs.load_tensorflow()
    meter = Meter()
    window = MainWindow(Settings(paths.settings_file()), dialogs=StopsWithoutQuestion())
    window.train.form.set_config(TrainingConfig(architecture=architecture, epochs=1000, patience=100))
    window.predict.set_model(jobs.load_model(Path(model)))
    work = Work(window, meter, Path(data), float(seconds))
    window.show()
    window.open_folder(Path(data))
    watcher = Watcher(meter)
    watcher.start()
    application.exec()
    gaps = [1000 * (after - before) for before, after in zip(work.ticks, work.ticks[1:], strict=False)]
    sys.stdout.write(json.dumps({"gaps": gaps, "where": dict(watcher.where.most_common(12))}))
    sys.stdout.flush()
    os._exit(0)  # the watcher still looks


if __name__ == "__main__":
    paths.prepare_environment()
    main(*sys.argv[1:])
