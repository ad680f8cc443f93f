"""Verify model: a row for each way in which the model is asked, a tick or a cross, and what follows."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.core.events import Progress
from covid_desktop.core.fixed_set import COUNT
from covid_desktop.core.verification import WAYS, Check, Verification
from covid_desktop.errors import UserError
from covid_desktop.gui.task import Task
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.verification_row import VerificationRow
from covid_desktop.gui.widgets import IconLabel, label, push_button

_WIDTH, _HEIGHT = 680, 600
_ABOUT = (
    f"{COUNT} simulated radiographs, in the formats that are read most, are scored in every way. "
    "All scores are compared with the panel's."
)


class VerificationView(QDialog):
    """Runs ``job(emit=..., should_stop=...)``, which emits each Check, as soon as it is made.

    ``verified`` carries the Verification; it is not said where the job is stopped or fails.
    """

    verified = Signal(object)

    def __init__(self, job: Callable[..., Any], model_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("verification")
        self.setWindowTitle("Verify model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model_name = model_name
        self._text = ""
        self._mark = IconLabel("refresh", "accent", 24)
        self._sentence = label("", "subtitle", wrap=True)
        self._sentence.setObjectName("verification_sentence")
        self._about = label(f"{model_name}: {_ABOUT}", "muted", wrap=True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._caution = label("", "warning", wrap=True)
        self._caution.setObjectName("verification_caution")
        self._caution.hide()
        for one in (self._sentence, self._about, self._caution):
            one.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows = {way.name: VerificationRow(way) for way in WAYS}
        self._copy = push_button("Copy text", "copy_verification")
        self._cancel = push_button("Cancel", "cancel_verification")
        self._close = push_button("Close", "close_verification", primary=True)
        self._copy.setEnabled(False)
        self._close.setEnabled(False)
        self._lay_out()
        self._copy.clicked.connect(self._on_copy_clicked)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._close.clicked.connect(self.accept)
        self._say("refresh", "accent", "Asking the model for its scores in every way")
        self.resize(_WIDTH, _HEIGHT)
        self._task: Task | None = self._started(job)

    def _started(self, job: Callable[..., Any]) -> Task:
        task = Task(job)
        task.setObjectName("verify")
        task.reported.connect(self._on_reported)
        task.succeeded.connect(self._on_succeeded)
        task.failed.connect(self._on_failed)
        task.stopped.connect(self._on_stopped)
        task.start()
        return task

    def done(self, result: int) -> None:
        if self._task:
            self._task.stop()
        super().done(result)

    @Slot(object)
    def _on_reported(self, news: object) -> None:
        if isinstance(news, Check) and news.name in self._rows:
            self._rows[news.name].show_check(news)
        elif isinstance(news, Progress) and news.stage in self._rows:
            self._rows[news.stage].show_running()

    @Slot(object)
    def _on_succeeded(self, found: Verification) -> None:
        for check in found.checks:
            self._rows[check.name].show_check(check)
        self._caution.setText(found.caution)
        self._caution.setVisible(bool(found.caution))
        self._text = f"Verify model: {self._model_name}\n{found.to_text()}"
        self._copy.setEnabled(True)
        self._end(
            "check" if found.passed else "error", "accent" if found.passed else "danger", found.sentence
        )
        self.verified.emit(found)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._end("error", "danger", str(error))

    @Slot()
    def _on_stopped(self) -> None:
        self._end("info", "muted", "Stopped. Not every way was tried, so the model is not verified.")

    def _end(self, icon_name: str, role: str, sentence: str) -> None:
        self._task = None
        for row in self._rows.values():
            row.end()
        self._cancel.hide()
        self._close.setEnabled(True)
        self._close.setFocus()
        self._say(icon_name, role, sentence)

    def _say(self, icon_name: str, role: str, sentence: str) -> None:
        self._mark.set_icon(icon_name, role)
        self._sentence.setText(sentence)
        QAccessible.updateAccessibility(QAccessibleEvent(self._sentence, QAccessible.Event.Alert))

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text)

    @Slot()
    def _on_cancel_clicked(self) -> None:
        if self._task:
            self._task.stop()
            self._cancel.setEnabled(False)
            self._say("refresh", "accent", "Stopping")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP_SMALL)
        head.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._sentence, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_SMALL)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addLayout(head)
        column.addWidget(self._caution)
        column.addWidget(self._about)
        column.addWidget(_scrolled(list(self._rows.values())), 1)
        column.addLayout(buttons)


def _scrolled(rows: list[VerificationRow]) -> QScrollArea:
    content = QFrame()
    content.setProperty("class", "card")
    column = QVBoxLayout(content)
    column.setContentsMargins(GAP, GAP_SMALL, GAP, GAP_SMALL)
    column.setSpacing(GAP_SMALL)
    for row in rows:
        column.addWidget(row)
    column.addStretch(1)
    made = QScrollArea()
    made.setObjectName("verification_rows")
    made.setAccessibleName("Ways in which the model is asked")
    made.setWidgetResizable(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setWidget(content)
    return made
