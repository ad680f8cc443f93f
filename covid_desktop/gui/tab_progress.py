"""What goes on on each tab, in the status line and on the rail."""

from PySide6.QtCore import QObject, Slot

from covid_desktop.core.events import Progress
from covid_desktop.gui.status_line import StatusLine
from covid_desktop.gui.tabs import Tabs


class TabProgress(QObject):
    """Each tab tells its Progress, or None when nothing goes on there any more."""

    def __init__(self, window: QObject, tabs: Tabs, status: StatusLine) -> None:
        super().__init__(window)
        self._rail, self._status = tabs.rail, status
        tabs.data.progressed.connect(self._on_data_progressed)
        tabs.train.progressed.connect(self._on_train_progressed)
        tabs.evaluate.progressed.connect(self._on_evaluate_progressed)
        tabs.predict.progressed.connect(self._on_predict_progressed)
        tabs.runs.progressed.connect(self._on_runs_progressed)

    @Slot(object)
    def _on_data_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("data", progress)

    @Slot(object)
    def _on_train_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("train", progress)
        fraction = progress.done / progress.total if progress and progress.total else 0.0
        self._rail.set_badge("train", "Training" if progress else None, "running", fraction)

    @Slot(object)
    def _on_evaluate_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("evaluate", progress)
        self._rail.set_badge("evaluate", "Evaluating" if progress else None, "running")

    @Slot(object)
    def _on_predict_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("predict", progress)

    @Slot(object)
    def _on_runs_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("runs", progress)
