"""How the window closes: not while somebody keeps a run, nor before every thread has ended."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QWidget

from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.task import running_tasks
from covid_desktop.gui.train_tab import TrainTab


class Closing(QObject):
    """``begun`` says each time the window is asked to close, and may, that whatever goes on is to end."""

    begun = Signal()

    def __init__(self, window: QWidget, train: TrainTab, dialogs: Dialogs) -> None:
        super().__init__(window)
        self._window, self._train, self._dialogs = window, train, dialogs
        self.has_begun = False

    def close_unasked(self) -> None:
        """Close without a question: nobody may be there to answer when the system shuts down."""
        self.has_begun = True
        if question := QApplication.activeModalWidget():
            question.close()  # Qt hears no close within the one that waits for its answer
        self._window.close()

    def take(self, event: QCloseEvent) -> None:
        """Ask while a run goes on; close when every thread has ended, and never end one by force."""
        may_close = not self._train.is_running or self.has_begun or self._may_stop_training()
        if not (may_close or self.has_begun):  # the system may have ended the question
            event.ignore()
            return
        self.has_begun = True
        self.begun.emit()
        self._close_or_wait(event)

    def _may_stop_training(self) -> bool:
        return self._dialogs.may_stop_training(self._window, self._train.can_resume)

    def _close_or_wait(self, event: QCloseEvent) -> None:
        waiting = running_tasks()
        if not waiting:
            event.accept()
            if self._window.isHidden():  # Qt ends by itself with a window in sight only
                QApplication.quit()
            return
        event.ignore()
        self._window.hide()
        for task in waiting:
            task.stop()
            task.ended.connect(self._window.close)
