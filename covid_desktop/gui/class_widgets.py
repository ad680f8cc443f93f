"""Classes and scores: colour and shape always together, so that no colour has to be told apart."""

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from covid_desktop.gui.theme import current_tokens, tabular
from covid_desktop.gui.tokens import GAP_SMALL, TEXT_TITLE
from covid_desktop.gui.widgets import Card, IconLabel, label

ClassKind = Literal["positive", "negative", "indeterminate", "none"]


def class_role(kind: ClassKind) -> str:
    """The token that colours a class."""
    return "muted" if kind == "none" else kind


class ClassMarker(QWidget):
    """Shape, colour and name of a class; ``role`` sets the size of the name as in the style sheet."""

    def __init__(self, kind: ClassKind = "none", text: str = "", *, role: str = "") -> None:
        super().__init__()
        self._shape = IconLabel("marker-none", "muted", 20 if role == "headline" else 14)
        self._name = label("", role, wrap=role == "headline")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_SMALL)
        row.addWidget(self._shape)
        row.addWidget(self._name, 1)
        self.set_class(kind, text)

    def set_class(self, kind: ClassKind, text: str) -> None:
        self._shape.set_icon(f"marker-{kind}", class_role(kind))
        self._name.setText(text)
        self.setAccessibleName(text)

    def text(self) -> str:
        return self._name.text()


class CountTile(Card):
    """How many images a part of the data holds, in all and of each class."""

    def __init__(self, title: str, empty: str = "None yet") -> None:
        super().__init__()
        self._title, self._empty = title, empty
        self._total = label("", "title")
        self._total.setFont(tabular(self._total.font()))
        head = QHBoxLayout()
        head.addWidget(label(title, "subtitle"), 1)
        head.addWidget(self._total)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setVerticalSpacing(4)
        self.body.addLayout(head)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self.set_counts([])

    def set_counts(self, counts: Iterable[tuple[ClassKind, str, int]]) -> None:
        """Kind, name and number of images of each class; nothing shows the sentence of an empty tile."""
        rows = list(counts)
        self._clear_rows()
        self._total.setText(f"{sum(number for _, _, number in rows):,}" if rows else "")
        for row, (kind, name, number) in enumerate(rows):
            self._grid.addWidget(ClassMarker(kind, name), row, 0)
            self._grid.addWidget(_figure(number), row, 1)
        if not rows:
            self._grid.addWidget(label(self._empty, "muted", wrap=True), 0, 0)
        said = ", ".join(f"{name} {number}" for _, name, number in rows)
        self.setAccessibleName(f"{self._title}: {said or self._empty}")

    def _clear_rows(self) -> None:
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.setParent(None)
                widget.deleteLater()


class ScoreBar(QWidget):
    """A score from 0 to 1 on a bar in the colour of the class it gave, with a tick at the threshold.

    The band of indeterminate scores around the tick is shaded.
    """

    _BAR, _TICK, _SHADE = 10, 5, 80

    def __init__(self, positive: str = "Positive", negative: str = "Negative") -> None:
        super().__init__()
        self._positive, self._negative = positive, negative
        self._score: float | None = None
        self._threshold = 0.5
        self._kind: ClassKind = "none"
        self._band: tuple[float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_classes(self, positive: str, negative: str) -> None:
        self._positive, self._negative = positive, negative
        self._describe()

    def set_score(
        self,
        score: float | None,
        threshold: float,
        kind: ClassKind,
        band: tuple[float, float] | None = None,
    ) -> None:
        """All in 0..1; a score of None is "Not scored". ``kind`` is what they gave, ``band`` is neither's."""
        self._score, self._threshold, self._kind, self._band = score, threshold, kind, band
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(240, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bar = self._bar()
            self._paint_bar(painter, bar)
            self._paint_tick(painter, bar)
            self._paint_names(painter, bar)
            self._paint_value(painter, bar)

    def _describe(self) -> None:
        score = "Not scored" if self._score is None else f"Score {self._score:.2f}"
        band = f", indeterminate {self._band[0]:.2f} to {self._band[1]:.2f}" if self._band else ""
        ends = f", from {self._negative} to {self._positive}" if self._positive else ""
        self.setAccessibleName(f"{score}, threshold {self._threshold:.2f}{band}{ends}")
        self.update()

    def _height(self) -> int:
        return 2 * self.fontMetrics().height() + self._BAR + 2 * (self._TICK + 4)

    def _value_font(self) -> QFont:
        font = tabular(self.font())
        font.setPixelSize(TEXT_TITLE)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _bar(self) -> QRectF:
        top = self.fontMetrics().height() + self._TICK + 4
        return QRectF(0, top, self.width() - 64, self._BAR)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        tokens = current_tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.border))
        painter.drawRoundedRect(bar, self._BAR / 2, self._BAR / 2)
        self._paint_band(painter, bar)
        if self._score is None:
            return
        painter.setBrush(QColor(getattr(tokens, class_role(self._kind))))
        filled = QRectF(bar.left(), bar.top(), max(bar.width() * self._score, self._BAR), bar.height())
        painter.drawRoundedRect(filled, self._BAR / 2, self._BAR / 2)

    def _paint_band(self, painter: QPainter, bar: QRectF) -> None:
        """As high as the tick, so that it is seen above and below a bar that is filled."""
        if not self._band:
            return
        low, high = (bar.left() + bar.width() * end for end in self._band)
        shade = QColor(current_tokens().indeterminate)
        shade.setAlpha(self._SHADE)
        painter.setBrush(shade)
        painter.drawRect(QRectF(low, bar.top() - self._TICK, high - low, bar.height() + 2 * self._TICK))

    def _paint_tick(self, painter: QPainter, bar: QRectF) -> None:
        x = round(bar.left() + bar.width() * self._threshold)
        painter.setPen(QPen(QColor(current_tokens().text), 2))
        painter.drawLine(x, round(bar.top()) - self._TICK, x, round(bar.bottom()) + self._TICK)
        text = f"threshold {self._threshold:.2f}"
        width = self.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(x - width / 2, 0), bar.width() - width)
        painter.setPen(QColor(current_tokens().muted))
        painter.drawText(QRectF(left, 0, width, self.fontMetrics().height()), 0, text)

    def _paint_names(self, painter: QPainter, bar: QRectF) -> None:
        below = QRectF(bar.left(), bar.bottom() + self._TICK + 4, bar.width(), self.fontMetrics().height())
        painter.setPen(QColor(current_tokens().muted))
        for name, side in (
            (self._negative, Qt.AlignmentFlag.AlignLeft),
            (self._positive, Qt.AlignmentFlag.AlignRight),
        ):
            half = int(bar.width() / 2) - GAP_SMALL
            painter.drawText(
                below, side, self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, half)
            )

    def _paint_value(self, painter: QPainter, bar: QRectF) -> None:
        painter.setFont(self._value_font())
        painter.setPen(QColor(current_tokens().text))
        text = "–" if self._score is None else f"{self._score:.2f}"  # noqa: RUF001
        painter.drawText(
            QRectF(bar.right(), bar.center().y() - 16, self.width() - bar.right(), 32),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            text,
        )


def _figure(number: int) -> QLabel:
    made = label(f"{number:,}")
    made.setFont(tabular(made.font()))
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
