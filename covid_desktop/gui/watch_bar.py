"""The line above the list of images: watch a folder, what the watch has done, and a button to end it."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QStyle, QWidget

from covid_desktop.gui.theme import current_tokens, icon, tabular
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, IconLabel, push_button

_SIGN_SIDE = 20
_LINE_WIDTH = 2.0
_FRAME_MILLISECONDS = 80
_DEGREES_A_FRAME = 6  # once around in about five seconds
_ARC_DEGREES = 80


class LifeSign(QWidget):
    """A ring with an arc that goes round slowly; it stands still where the desktop wants no animation."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("watch_sign")
        self.setAccessibleName("The folder is watched")
        self.setFixedSize(_SIGN_SIDE, _SIGN_SIDE)
        self.degrees = 90
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.advance)

    @property
    def is_moving(self) -> bool:
        return self._timer.isActive()

    @Slot()
    def advance(self) -> None:
        """Draw the next frame."""
        self.degrees = (self.degrees - _DEGREES_A_FRAME) % 360
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens, inset = current_tokens(), _LINE_WIDTH + 1
        ring = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens.border), _LINE_WIDTH))
            painter.drawEllipse(ring)
            painter.setPen(QPen(QColor(tokens.accent), _LINE_WIDTH, c=Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, 16 * self.degrees, -16 * _ARC_DEGREES)


class WatchBar(QWidget):
    """``watch_requested`` carries whether files that are there already are to be scored, too."""

    watch_requested = Signal(bool)
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("watch_bar")
        self._folder: Path | None = None
        self._scored = ""
        self._watch = push_button("Watch a folder", "watch_folder")
        self._watch.setIcon(icon("folder-open"))
        self._watch.setToolTip("Score each image that is put into a folder, such as a modality's exports")
        self._existing = QCheckBox("Score files that are there already")
        self._existing.setObjectName("include_existing")
        self._sign = LifeSign()
        self._warning = IconLabel("warning", "warning")
        self._words = ElidedLabel()
        self._words.setObjectName("watch_words")
        self._words.setFont(tabular(self._words.font()))
        self._stop = push_button("Stop watching", "stop_watching")
        self._stop.setIcon(icon("stop"))
        self._pages = QStackedWidget()
        self._lay_out()
        self._watch.clicked.connect(self._on_watch_clicked)
        self._stop.clicked.connect(self.stop_requested)
        self.show_off()

    @property
    def include_existing(self) -> bool:
        """Whether files that are there already are to be scored, too."""
        return self._existing.isChecked()

    def show_watching(self, folder: Path) -> None:
        """``folder`` is watched from now on."""
        self._folder = folder
        self._scored = "nothing scored yet"
        self._show_words()

    def show_scored(self, count: int, when: datetime | None = None) -> None:
        """``count`` images have a result, the last one since ``when``; this also ends an interruption."""
        last = f", last at {when:%H:%M}" if when and count else ""
        self._scored = f"{count:,} scored{last}" if count else "nothing scored yet"
        self._show_words()

    def show_interrupted(self, words: str) -> None:
        """Why nothing is scored at present, in a sentence; the watch goes on."""
        if self._folder is None:
            return
        self._set_live(False)
        self._set_text(f"Watching {_name(self._folder)}. {words.rstrip('.')}.")
        QAccessible.updateAccessibility(QAccessibleEvent(self._words, QAccessible.Event.Alert))

    def show_off(self) -> None:
        """No folder is watched."""
        self._folder = None
        self._pages.setCurrentIndex(0)

    def _show_words(self) -> None:
        if self._folder is None:
            return
        self._set_live(True)
        self._set_text(f"Watching {_name(self._folder)}: {self._scored}")

    def _set_live(self, is_live: bool) -> None:
        self._sign.setVisible(is_live)
        self._warning.setVisible(not is_live)
        self._pages.setCurrentIndex(1)

    def _set_text(self, text: str) -> None:
        self._words.set_text(text)
        self._words.setToolTip(f"{text}\n{self._folder}")

    @Slot()
    def _on_watch_clicked(self) -> None:
        self.watch_requested.emit(self.include_existing)

    def _lay_out(self) -> None:
        off, on = QWidget(), QWidget()
        row = _row(off)
        row.addWidget(self._watch)
        row.addSpacing(GAP - GAP_SMALL)
        row.addWidget(self._existing)
        row.addStretch(1)
        row = _row(on)
        row.addWidget(self._sign)
        row.addWidget(self._warning)
        row.addWidget(self._words, 1)
        row.addWidget(self._stop)
        self._pages.addWidget(off)
        self._pages.addWidget(on)
        _row(self).addWidget(self._pages)
        self._pages.setFixedHeight(self._pages.sizeHint().height())


def _row(owner: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GAP_SMALL)
    return row


def _name(folder: Path) -> str:
    return folder.name or str(folder)
