"""Keeps the list of the Predict tab in the user's data folder, and offers the list of last time.

What is kept holds the names of image files; see ``core/kept_worklist`` for where and how long.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from covid_desktop import paths
from covid_desktop.core import kept_worklist
from covid_desktop.core.events import ShouldStop
from covid_desktop.core.kept_worklist import KeptList
from covid_desktop.errors import UserError
from covid_desktop.gui.task import Task
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import IconLabel, label, push_button
from covid_desktop.gui.worklist import Snapshot, Worklist

INTERVAL_MILLISECONDS = 3000
_LONGEST_MILLISECONDS = 30_000
"""Between two attempts where it does not work."""
_PATIENCE_SECONDS = 10.0
"""A window that is being closed may still write its list."""
_SHARE = 20
"""Of the time, writing takes at most one part in so many, however long the list."""


class LastList(QFrame):
    """Says what the list of last time holds; hidden while there is none. ``opened`` carries it."""

    opened = Signal(object)
    discarded = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("last_list")
        self._last: KeptList | None = None
        self._words = label("", wrap=True)
        self._open = push_button("Open it", "open_last_list")
        self._discard = push_button("Discard", "discard_last_list")
        self._open.setToolTip("Go on with it. Nothing that this model has scored is scored again.")
        self._discard.setToolTip("Forget it, with its marks and comments")
        self._open.clicked.connect(self._on_open_clicked)
        self._discard.clicked.connect(self._on_discard_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, GAP_SMALL, GAP_SMALL, GAP_SMALL)
        row.setSpacing(GAP_SMALL)
        row.addWidget(IconLabel("info", "accent"), alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        row.addWidget(self._open)
        row.addWidget(self._discard)
        self.hide()

    @Slot(object)
    def show_list(self, last: KeptList) -> None:
        self._last = last
        self._words.setText(last.sentence)
        self.setAccessibleName(last.sentence)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot()
    def _on_open_clicked(self) -> None:
        self.hide()
        self.opened.emit(self._last)

    @Slot()
    def _on_discard_clicked(self) -> None:
        self.hide()
        self.discarded.emit()


class _Found(NamedTuple):
    """The place for lists, held; the list of last time, and what cannot be read."""

    lock: BinaryIO
    last: KeptList | None
    problem: UserError | None


class WorklistKeeper(QObject):
    """Writes the list a few seconds after a change and at the end, one Task after another.

    ``found`` carries the KeptList of last time, ``failed`` a UserError: once, until it works again, and
    ``mended`` the same when it does. Does nothing before ``begin``, and waits while another window keeps its
    list.
    """

    found = Signal(object)
    failed = Signal(object)
    mended = Signal(object)

    def __init__(self, worklist: Worklist, folder: Callable[[], Path] = paths.worklist_folder) -> None:
        super().__init__(worklist)
        self._worklist, self._folder = worklist, folder
        self._name = self._source = ""
        self._task: Task | None = None
        self._lock: BinaryIO | None = None
        self._began = 0.0
        self._told: UserError | None = None
        self._is_on = self._is_changed = self._is_closing = self._drops_last = False
        self._timer = QTimer(self, singleShot=True, interval=INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._write)
        for changed in (worklist.dataChanged, worklist.rowsInserted, worklist.modelReset):
            changed.connect(self._on_changed)

    def begin(self) -> None:
        """Look for the list of last time, and keep the list from now on."""
        self._is_on = True
        self._look(_PATIENCE_SECONDS)

    def set_model(self, name: str, source: str) -> None:
        """Whose the results are that come from now on: the model's name and its ``model_id``."""
        self._name, self._source = name, source

    def forget_last(self) -> None:
        """The list of last time was opened, and is kept as the list there is; or it is not wanted."""
        self._drops_last = True
        self.keep_now()

    def keep_now(self) -> None:
        """Write the list as it is, as soon as what is being written is done."""
        self._is_changed = self._is_on
        self._write()

    def close(self) -> None:
        """Write what has changed, at once; the window waits for the task."""
        self._is_closing = True
        if self._task and self._lock is None:
            self._task.stop()
        self._write()
        if self._task is None:
            self._release()

    def _release(self) -> None:
        """Let another window keep its list."""
        if self._lock:
            self._lock.close()
            self._lock = None

    @Slot()
    def _on_changed(self) -> None:
        self._is_changed = self._is_on
        if self._is_on and not self._is_closing and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _write(self) -> None:
        if self._task or not self._is_changed:
            return
        self._timer.stop()
        self._is_changed = False
        if self._lock is None:
            self._look()
            return
        model, drops_last = (self._name, self._source), self._drops_last
        self._run(
            partial(_keep, self._folder, self._worklist.snapshot(), model, drops_last), self._on_written
        )

    def _look(self, seconds: float = 0.0) -> None:
        """Take the place for lists, within so long; see what is there, and then write what has changed."""
        self._run(partial(_take_over, self._folder, seconds), self._on_taken_over)

    def _run(self, job: Any, on_success: Any) -> None:
        self._began = time.monotonic()
        self._task = Task(job)
        self._task.setObjectName("worklist_keeper")
        self._task.succeeded.connect(on_success)
        self._task.failed.connect(self._on_failed)
        self._task.ended.connect(self._on_ended)
        self._task.start()

    @Slot(object)
    def _on_taken_over(self, found: _Found) -> None:
        self._lock = found.lock
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._is_changed = self._is_changed or self._worklist.rowCount() > 0
        self._say_mended()
        if found.last:
            self.found.emit(found.last)
        if found.problem:
            self.failed.emit(found.problem)

    @Slot(object)
    def _on_written(self, dropped_last: bool) -> None:
        self._say_mended()
        self._drops_last = self._drops_last and not dropped_last
        seconds = time.monotonic() - self._began
        self._timer.setInterval(max(INTERVAL_MILLISECONDS, round(_SHARE * 1000 * seconds)))

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if not self._is_closing:
            self._timer.setInterval(min(2 * self._timer.interval(), _LONGEST_MILLISECONDS))
            self._on_changed()  # tried again
        if self._told is None:
            self._told = error
            self.failed.emit(error)

    def _say_mended(self) -> None:
        if self._told:
            self.mended.emit(self._told)
        self._told = None

    @Slot()
    def _on_ended(self) -> None:
        self._task = None
        if self._is_changed and (self._is_closing or not self._timer.isActive()):
            self._write()
        if self._is_closing and self._task is None:
            self._release()


def _take_over(folder: Callable[[], Path], seconds: float, *, should_stop: ShouldStop, **_: Any) -> _Found:
    place = folder()
    lock = kept_worklist.hold_place(place, seconds, should_stop)
    try:
        return _Found(lock, *kept_worklist.take_over(place))
    except BaseException:
        lock.close()
        raise


def _keep(
    folder: Callable[[], Path], snapshot: Snapshot, model: tuple[str, str], drops_last: bool, **_: Any
) -> bool:
    """The list of last time goes only once the list is written of which it is a part."""
    kept = KeptList(entries=tuple(snapshot.entries), sources=snapshot.sources)
    kept_worklist.keep(folder(), kept, name=model[0], source=model[1])
    if drops_last:
        kept_worklist.discard_last(folder())
    return drops_last
