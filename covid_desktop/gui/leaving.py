"""Ends the program though a job goes on that cannot be stopped, where nothing is lost by that."""

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from covid_desktop.gui.task import running_tasks

PATIENCE_MS = 1_000
"""How long the hidden window waits for a job that may be left."""


class Leaving(QObject):
    """Once ``begin`` is called, ends the event loop as soon as no job goes on but such as may be left.

    The import of TensorFlow takes seconds and hears nobody.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._on_timeout)

    @Slot()
    def begin(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        self._timer.setInterval(PATIENCE_MS // 10)
        if all(task.may_be_left for task in running_tasks()):
            QApplication.exit(0)
