"""One training run in the real window: how long its event loop did not answer, by what ran meanwhile.

Arguments: data folder, architecture, epochs. Prints {phase: [milliseconds of each gap, ...]} as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from covid_desktop import jobs, paths
from covid_desktop.app import SWITCH_SECONDS
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Emit, Event, Progress, TrainingEnded, TrainingStarted
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import apply_theme
from covid_desktop.gui.train_tab import TrainTab

TICK_MILLISECONDS = 5
_PHASES = {"Loading TensorFlow": "loading TensorFlow", "Reading features": "reading features"}


class Meter(QObject):
    """Ticks in the window's thread, and hears from the job in its thread what it is at."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: dict[str, list[float]] = {}
        self.phases = [(0.0, "idle")]
        self.ticks: list[float] = []
        self._timer = QTimer(self, interval=TICK_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        self.ticks.append(time.perf_counter())

    def note(self, phase: str) -> None:
        if phase != self.phases[-1][1]:
            self.phases.append((time.perf_counter(), phase))

    def train(self, *arguments: Any, emit: Emit, **options: Any) -> jobs.TrainingResult:
        """``jobs.train``, with the phases noted on the way."""

        def hear(event: Event) -> None:
            if isinstance(event, Progress):
                self.note(_PHASES.get(event.stage, "other work"))
            elif isinstance(event, TrainingStarted | TrainingEnded):
                self.note("fitting" if isinstance(event, TrainingStarted) else "other work")
            emit(event)

        return jobs.train(*arguments, emit=hear, **options)

    def by_phase(self) -> dict[str, list[float]]:
        """Milliseconds of each gap, under the phase at its middle."""
        found: dict[str, list[float]] = {}
        for before, after in zip(self.ticks, self.ticks[1:], strict=False):
            middle = (before + after) / 2
            phase = next(name for began, name in reversed(self.phases) if began <= middle)
            found.setdefault(phase, []).append(1000 * (after - before))
        return found


class Run(QObject):
    """Opens the folder, trains, and closes the window, as a person would."""

    def __init__(self, window: MainWindow, config: TrainingConfig) -> None:
        super().__init__()
        self._window = window
        window.train.form.set_config(config)
        window.data.dataset_changed.connect(self._on_dataset_changed)
        window.train.model_trained.connect(self._on_model_trained)

    @Slot(object)
    def _on_dataset_changed(self, _: object) -> None:
        self._window.show_tab("train")
        QTimer.singleShot(1000, self._window.train.start)  # a second of rest to compare with

    @Slot(object)
    def _on_model_trained(self, _: object) -> None:
        QTimer.singleShot(1000, self._window.close)  # once the thread has ended and the result is drawn


def main(data: str, architecture: str, epochs: str) -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    meter = Meter()
    window = MainWindow(Settings(paths.settings_file()), train=TrainTab(train=meter.train))
    run = Run(window, TrainingConfig(architecture=architecture, epochs=int(epochs)))
    window.show()
    window.open_folder(Path(data))
    application.exec()
    del run
    sys.stdout.write(json.dumps(meter.by_phase()))


if __name__ == "__main__":
    paths.prepare_environment()
    main(*sys.argv[1:])
