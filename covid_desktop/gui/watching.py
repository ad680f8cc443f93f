"""Scores what comes into a watched folder, and says on its bar how that goes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop import jobs
from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watching import WatchInterrupted
from covid_desktop.errors import UserError
from covid_desktop.gui.task import Task
from covid_desktop.gui.watch_bar import WatchBar
from covid_desktop.gui.worklist import Worklist


class Watching(QObject):
    """``scored`` carries each Prediction that was put on the list, ``failed`` a UserError."""

    scored = Signal(object)
    failed = Signal(object)
    changed = Signal()

    def __init__(self, bar: WatchBar, worklist: Worklist, watch: Callable[..., Any]) -> None:
        super().__init__(worklist)
        self._bar, self._worklist, self._watch = bar, worklist, watch
        self._task: Task | None = None
        self._folder: Path | None = None
        self._is_live = False
        self._latest: datetime | None = None
        self._model: jobs.Model | None = None
        bar.stop_requested.connect(self.stop)

    @property
    def is_running(self) -> bool:
        return self._task is not None

    @property
    def folder(self) -> Path | None:
        """What is watched."""
        return self._folder if self._task else None

    def set_model(self, model: jobs.Model | None) -> None:
        """Watch with ``model``, or not at all; what goes on with another one ends."""
        if self._model is not model:
            self.stop()
        self._model = model

    def start(self, folder: Path, *, include_existing: bool) -> None:
        self.stop()
        if not self._model:
            return
        self._folder, self._is_live, self._latest = folder, False, None
        self._task = Task(partial(self._watch, self._model, folder, include_existing=include_existing))
        self._task.reported.connect(self._on_reported)
        self._task.failed.connect(self._on_failed)
        self._task.ended.connect(self._on_ended)
        self._bar.show_watching(folder)
        self._task.start()
        self.changed.emit()

    @Slot()
    def stop(self) -> None:
        if self._task:
            self._task.stop()
            self._task = None
            self._bar.show_off()
            self.changed.emit()

    def close(self) -> None:
        self.stop()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is not self._task:
            return
        match event:
            case Prediction():
                if self._is_live:
                    self._latest = datetime.now().astimezone()
                self._worklist.add([event.path])
                self._worklist.set_done(event)
                self.scored.emit(event)
            case WatchInterrupted():
                self._bar.show_interrupted(event.stage)
            case Progress():
                self._is_live = True  # what was scored before has been told
                self._bar.show_scored(event.done, self._latest)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if self.sender() is self._task:
            self.failed.emit(error)

    @Slot()
    def _on_ended(self) -> None:
        if self.sender() is self._task:
            self.stop()
