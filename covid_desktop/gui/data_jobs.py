"""The jobs of the Data tab: one at a time, and what is wanted meanwhile waits."""

from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop.core.events import Progress
from covid_desktop.gui.task import Task

Kind = Literal["open", "check", "audit"]


class DataJobs(QObject):
    """``ended`` carries the kind of a job and its result, ``failed`` the kind and a UserError.

    ``progressed`` carries what runs, as a Progress, or None. A job that was dropped tells nothing.
    """

    ended = Signal(str, object)
    failed = Signal(str, object)
    progressed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self.current: Kind | None = None

    def start(self, kind: Kind, stage: str, job: Callable[..., Any]) -> None:
        """Begin a job in place of the one that runs."""
        self.drop()
        self.current, self._task = kind, Task(job)
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_stopped)
        self.progressed.emit(Progress(stage=stage))
        self._task.start()

    def drop(self) -> None:
        """Stop the job that runs, if any; its answer is not wanted any more."""
        if self._task:
            self._task.stop()
            self._end()

    def _end(self) -> Kind | None:
        ended, self.current, self._task = self.current, None, None
        self.progressed.emit(None)
        return ended

    @property
    def _is_late(self) -> bool:
        """Whether the signal at hand is of a job that was dropped; it may have been under way already."""
        return self._task is None or self.sender() is not self._task

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress) and not self._is_late:
            self.progressed.emit(event)

    @Slot(object)
    def _on_succeeded(self, result: object) -> None:
        if not self._is_late:
            self.ended.emit(self._end(), result)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        if not self._is_late:
            self.failed.emit(self._end(), error)

    @Slot()
    def _on_stopped(self) -> None:
        if not self._is_late:
            self._end()
