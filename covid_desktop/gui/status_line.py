"""The line at the bottom: what runs, which model is loaded, and what the program is not."""

import time

from PySide6.QtWidgets import QProgressBar, QStatusBar

from covid_desktop.core.events import Progress
from covid_desktop.core.history import duration
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.gui.tokens import GAP
from covid_desktop.gui.widgets import label

_SHOW_TIME_AFTER_SECONDS = 2.0


class StatusLine(QStatusBar):
    """Shows the progress of several sources; the one that spoke last stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._running: dict[str, Progress] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._now = label("Ready")
        self._now.setObjectName("status_now")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._model = label("Model: none", "muted")
        self._model.setObjectName("status_model")
        notice = label(RESEARCH_USE, "muted")
        notice.setObjectName("status_research_use")
        for widget in (self._now, self._bar):
            self.addWidget(widget)
        for widget in (self._model, notice):
            widget.setContentsMargins(GAP, 0, 0, 0)
            self.addPermanentWidget(widget)

    def show_progress(self, source: str, progress: Progress | None) -> None:
        """What ``source`` does now; None when it does nothing any more."""
        self._running.pop(source, None)
        if progress is None:
            self._since = {key: since for key, since in self._since.items() if key[0] != source}
        else:
            self._running[source] = progress
            self._since.setdefault((source, progress.stage), time.monotonic())
        self._show()

    def show_model(self, text: str) -> None:
        self._model.setText(text)

    def _show(self) -> None:
        if not self._running:
            self._now.setText("Ready")
            self._bar.hide()
            return
        source, progress = next(reversed(self._running.items()))
        counted = f" {progress.done:,} of {progress.total:,}" if progress.total else ""
        self._now.setText(f"{progress.stage}{counted}{self._time_left(source, progress)}")
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self._bar.show()

    def _time_left(self, source: str, progress: Progress) -> str:
        elapsed = time.monotonic() - self._since[source, progress.stage]
        if elapsed < _SHOW_TIME_AFTER_SECONDS or not 0 < progress.done < progress.total:
            return ""
        return f", about {duration(elapsed * (progress.total - progress.done) / progress.done)} left"
