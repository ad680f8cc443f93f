"""What stands below the worklist: how many images have which result, and how far the scoring is."""

import time
from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from covid_desktop.core.events import Progress
from covid_desktop.core.history import duration
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP_SMALL, GAP_TINY
from covid_desktop.gui.widgets import label, push_button
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_filter import counts

_SHOW_TIME_AFTER_SECONDS = 2.0


def counts_words(worklist: Worklist, shown: int) -> str:
    """Such as "412 COVID-19, 560 Healthy, 20 indeterminate, 8 not scored; 120 shown"."""
    found = counts(worklist)
    positive, negative = worklist.class_names
    named = (
        (found["positive"], positive or "positive"),
        (found["negative"], negative or "of the other class"),
        (found["indeterminate"], "indeterminate"),
        (found["unscored"], "not scored"),
        (found["waiting"], "waiting"),
    )
    words = ", ".join(f"{number:,} {name}" for number, name in named if number)
    return f"{words}; {shown:,} shown" if shown < worklist.rowCount() else words


class ProgressLine(QWidget):
    """How far a piece of work is, about how long it still takes, and a button to end it."""

    cancel_requested = Signal()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setObjectName("worklist_progress")
        self._clock = clock
        self._start: tuple[float, Progress] | None = None
        self._words = label()
        self._words.setObjectName("worklist_progress_words")
        self._words.setFont(tabular(self._words.font()))
        self._bar = QProgressBar()
        self._bar.setObjectName("worklist_progress_bar")
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._cancel = push_button("Cancel", "cancel_scoring")
        self._cancel.clicked.connect(self._on_cancel_clicked)
        left = QVBoxLayout()
        left.setSpacing(GAP_TINY)
        left.addWidget(self._words)
        left.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_SMALL)
        row.addLayout(left, 1)
        row.addWidget(self._cancel)
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """None hides the line; the next work begins anew."""
        if progress is None:
            self._start = None
            self._cancel.setEnabled(True)
            self.hide()
            return
        if self._start is None or self._start[1].stage != progress.stage:
            self._start = (self._clock(), progress)
        counted = f" {progress.done:,} of {progress.total:,}" if progress.total else ""
        self._words.setText(f"{progress.stage}{counted}{self._time_left(progress)}")
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self.show()

    def _time_left(self, progress: Progress) -> str:
        """By what was done since it began: earlier results may have been there already."""
        if not self._start or progress.done >= progress.total:
            return ""
        began, first = self._start
        seconds, done = self._clock() - began, progress.done - first.done
        if seconds < _SHOW_TIME_AFTER_SECONDS or done <= 0:
            return ""
        return f", about {duration(seconds * (progress.total - progress.done) / done)} left"

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self._cancel.setEnabled(False)
        self.cancel_requested.emit()
