"""Where files are dropped, and what an empty place says until they are."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from covid_desktop.gui.theme import current_tokens
from covid_desktop.gui.tokens import CORNER, GAP_LARGE, GAP_SMALL
from covid_desktop.gui.widgets import IconLabel, label, push_button

Describe = Callable[[list[Path]], str]


def dropped_paths(mime: QMimeData) -> list[Path]:
    """The local files and folders that are dragged or pasted, in their order."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class EmptyState(QWidget):
    """An icon, one sentence that says what comes here, and the buttons that bring it."""

    def __init__(self, icon_name: str, sentence: str, detail: str = "") -> None:
        super().__init__()
        self._icon_name = icon_name
        self._icon = IconLabel(icon_name, "muted", 48)
        self._sentence = label(sentence, "title", wrap=True)
        self._detail = label(detail, "muted", wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GAP_SMALL)
        self._lay_out()
        self.set_words(sentence, detail)

    def add_button(self, text: str, name: str, *, primary: bool = False) -> QPushButton:
        """Add a button with ``name`` as its objectName, to the right of the others."""
        button = push_button(text, name, primary=primary)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    def set_words(self, sentence: str, detail: str = "") -> None:
        self._sentence.setText(sentence)
        self._detail.setText(detail)

    def set_icon_role(self, role: str) -> None:
        self._icon.set_icon(self._icon_name, role)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_LARGE, GAP_LARGE, GAP_LARGE, GAP_LARGE)
        column.setSpacing(GAP_SMALL)
        column.addStretch(1)
        column.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GAP_SMALL)
        for words in (self._sentence, self._detail):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        column.addSpacing(GAP_SMALL)
        column.addLayout(self._buttons)
        column.addStretch(1)
        self._buttons.addStretch(1)
        self._buttons.insertStretch(0, 1)


class DropArea(QFrame):
    """An empty state that takes files. ``describe`` says what would happen to them; nothing refuses them."""

    files_dropped = Signal(list)

    def __init__(
        self, sentence: str, detail: str = "", *, describe: Describe, icon_name: str = "drop"
    ) -> None:
        super().__init__()
        self.setObjectName("drop_area")
        self.setAcceptDrops(True)
        self.setAccessibleName(f"{sentence}. {detail}".strip())
        self._words = sentence, detail
        self._describe = describe
        self._dragged_over = False
        self._empty = EmptyState(icon_name, sentence, detail)
        column = QVBoxLayout(self)
        column.addWidget(self._empty)

    def add_button(self, text: str, name: str, *, primary: bool = False) -> QPushButton:
        return self._empty.add_button(text, name, primary=primary)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = dropped_paths(event.mimeData())
        sentence = self._describe(paths) if paths else ""
        if not sentence:
            event.ignore()
            return
        # A move would let the file manager delete what it believes we have taken over.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._show_dragging(sentence)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self._show_resting()

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_resting()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.files_dropped.emit(dropped_paths(event.mimeData()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = current_tokens()
        colour = tokens.accent if self._dragged_over else tokens.outline
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colour), 2 if self._dragged_over else 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(tokens.selected if self._dragged_over else tokens.surface))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 2 * CORNER, 2 * CORNER)

    def _show_dragging(self, sentence: str) -> None:
        self._dragged_over = True
        self._empty.set_words(sentence)
        self._empty.set_icon_role("accent")
        self.update()

    def _show_resting(self) -> None:
        self._dragged_over = False
        self._empty.set_words(*self._words)
        self._empty.set_icon_role("muted")
        self.update()
