"""Puts what was said of images into the log of predictions, while the user wants one."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from covid_desktop import paths
from covid_desktop.core.image import content_hash
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.prediction_log import Logged, append, now
from covid_desktop.errors import ImageError, UserError
from covid_desktop.gui.task import Task

INTERVAL_MILLISECONDS = 2000


class Said(NamedTuple):
    """A prediction, the ``model_id`` of whose it is, and when it came."""

    when: str
    source: str
    prediction: Prediction


class PredictionLogger(QObject):
    """Writes in batches, two seconds after the first of one and at the end, one Task after another.

    ``failed`` carries a UserError, once until it works again, and ``mended`` the same when it does; what
    could not be written is tried again.
    """

    failed = Signal(object)
    mended = Signal(object)

    def __init__(self, parent: QObject, file: Callable[[], Path] = paths.prediction_log_file) -> None:
        super().__init__(parent)
        self._file = file
        self._said: list[Said] = []
        self._writing: list[Said] = []
        self._task: Task | None = None
        self._told: UserError | None = None
        self._is_closing = False
        self.is_on = False
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._write)

    def record(self, prediction: Prediction, source: str) -> None:
        """Log a prediction of the model ``source`` (its ``model_id``), if that is wanted."""
        if not self.is_on:
            return
        self._said.append(Said(now(), source, prediction))
        if not self._timer.isActive():
            self._timer.start()

    def close(self) -> None:
        """Write what waits, at once; the window waits for the task."""
        self._is_closing = True
        self._write()

    @Slot()
    def _write(self) -> None:
        if self._task or not self._said:
            return
        self._timer.stop()
        self._writing, self._said = self._said, []
        self._task = Task(partial(_append, self._file, self._writing))
        self._task.setObjectName("prediction_logger")
        self._task.succeeded.connect(self._on_written)
        self._task.failed.connect(self._on_failed)
        self._task.ended.connect(self._on_ended)
        self._task.start()

    @Slot(object)
    def _on_written(self, _: object) -> None:
        if self._told:
            self.mended.emit(self._told)
        self._told = None

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if self._is_closing:
            return
        self._said = self._writing + self._said
        self._timer.start()
        if self._told is None:
            self._told = error
            self.failed.emit(error)

    @Slot()
    def _on_ended(self) -> None:
        self._task, self._writing = None, []
        if self._said and (self._is_closing or not self._timer.isActive()):
            self._write()


def _append(file: Callable[[], Path], said: Sequence[Said], **_: Any) -> None:
    append(file(), [_logged(one) for one in said])


def _logged(said: Said) -> Logged:
    try:
        image = content_hash(said.prediction.path)
    except ImageError:
        image = None
    return Logged(time=said.when, image=image, model=said.source, prediction=said.prediction)
