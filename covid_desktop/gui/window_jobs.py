"""The jobs that belong to the window, not to a tab."""

from typing import Any

from PySide6.QtCore import QObject, Slot

from covid_desktop.core.events import Progress
from covid_desktop.errors import UserError
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.status_line import StatusLine
from covid_desktop.gui.task import Job, Task

_READING = ("tensorflow", "model")
"""Jobs that write nothing, and cannot be stopped while TensorFlow is imported."""


class WindowJobs(QObject):
    """Runs jobs beside each other: the status line shows how far they are, the banner why one failed."""

    def __init__(self, window: QObject, status: StatusLine, banner: Banner) -> None:
        super().__init__(window)
        self._status, self._banner = status, banner

    def run(self, source: str, job: Job, on_success: Any, on_failure: Any = None) -> None:
        """Begin a job under the name ``source``.

        ``on_success`` and ``on_failure`` are slots of objects in the main thread.
        """
        task = Task(job)
        task.setObjectName(source)
        task.may_be_left = source in _READING
        task.reported.connect(self._on_reported)
        task.succeeded.connect(on_success)
        if on_failure:
            task.failed.connect(on_failure)
        task.failed.connect(self._on_failed)
        task.ended.connect(self._on_ended)
        task.start()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress):
            self._status.show_progress(self.sender().objectName(), event)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._banner.show_error(error)

    @Slot()
    def _on_ended(self) -> None:
        self._status.show_progress(self.sender().objectName(), None)
