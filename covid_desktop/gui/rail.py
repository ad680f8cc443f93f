"""The rail on the left: one tab of the window at a time, each with a badge that says what it holds."""

from typing import Literal

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from covid_desktop.gui.theme import current_tokens, icon, tabular
from covid_desktop.gui.tokens import GAP_SMALL, Tokens
from covid_desktop.gui.widgets import set_property

BadgeKind = Literal["count", "running", "warning"]
_WIDTH = 88


class Rail(QWidget):
    """``tab_chosen`` carries the key of the tab the user chose, by mouse, arrow or shortcut."""

    tab_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self._tabs: dict[str, RailButton] = {}
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._on_action_triggered)
        self._hint: QLabel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GAP_SMALL, 0, GAP_SMALL)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def add_tab(self, key: str, text: str, icon_name: str, shortcut: str) -> QAction:
        """Add a tab below the others. The action returned holds the shortcut; menus can show it too."""
        action = QAction(icon(icon_name, "muted"), text, self, checkable=True)
        action.setData(key)
        action.setShortcut(shortcut)
        action.setToolTip(f"{text} ({action.shortcut().toString()})")
        self._group.addAction(action)
        self.addAction(action)
        button = RailButton(action)
        button.setObjectName(f"tab_{key}")
        button.setAccessibleName(text)
        self._tabs[key] = button
        self._column.insertWidget(self._column.count() - 1, button)
        return action

    @property
    def current(self) -> str | None:
        action = self._group.checkedAction()
        return str(action.data()) if action else None

    def set_current(self, key: str) -> None:
        """Show ``key`` as the current tab without telling anyone."""
        self._tabs[key].defaultAction().setChecked(True)

    def set_badge(self, key: str, text: str | None, kind: BadgeKind = "count", progress: float = 0.0) -> None:
        """Show a count, a ring filled to ``progress`` (0..1) or a warning dot; a text of None shows nothing.

        A ring and a dot show no text; it is their tooltip and what a screen reader says.
        """
        self._tabs[key].set_badge(text, kind, progress)

    def set_highlight(self, key: str | None, sentence: str = "") -> None:
        """Light up the tab that would take what is dragged, and say beside it what would happen."""
        for name, button in self._tabs.items():
            set_property(button, "highlight", name == key)
        if self._hint:
            self._hint.deleteLater()
            self._hint = None
        if key and sentence:
            self._hint = self._make_hint(self._tabs[key], sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        keys = list(self._tabs)
        if not step or self.current is None:
            super().keyPressEvent(event)
            return
        button = self._tabs[keys[(keys.index(self.current) + step) % len(keys)]]
        button.setFocus(Qt.FocusReason.TabFocusReason)
        button.defaultAction().trigger()

    def _make_hint(self, button: QWidget, sentence: str) -> QLabel:
        hint = QLabel(sentence, self.window())
        hint.setObjectName("rail_hint")
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hint.adjustSize()
        middle = button.mapTo(self.window(), QPoint(button.width() + GAP_SMALL, button.height() // 2))
        hint.move(middle.x(), middle.y() - hint.height() // 2)
        hint.show()
        return hint

    @Slot(QAction)
    def _on_action_triggered(self, action: QAction) -> None:
        self.tab_chosen.emit(action.data())


class RailButton(QToolButton):
    """One tab: its icon over its word, and a badge in the upper right corner."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._badge: tuple[str, BadgeKind, float] | None = None
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(24, 24))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_badge(self, text: str | None, kind: BadgeKind, progress: float) -> None:
        self._badge = None if text is None else (text, kind, progress)
        self.setAccessibleDescription(text or "")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._badge:
            text, kind, progress = self._badge
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setFont(_badge_font(self.font()))
                corner = QPoint(self.width() - 8, 5)
                if kind == "count":
                    _paint_count(painter, corner, text, current_tokens())
                elif kind == "running":
                    _paint_ring(painter, corner, progress, current_tokens())
                else:
                    _paint_dot(painter, corner, current_tokens())


def _badge_font(font: QFont) -> QFont:
    font = tabular(font)
    font.setPixelSize(11)
    return font


def _paint_count(painter: QPainter, corner: QPoint, text: str, tokens: Tokens) -> None:
    width = max(16, painter.fontMetrics().horizontalAdvance(text) + 8)
    pill = QRectF(corner.x() - width, corner.y(), width, 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.border))
    painter.drawRoundedRect(pill, 8, 8)
    painter.setPen(QColor(tokens.text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


def _paint_ring(painter: QPainter, corner: QPoint, progress: float, tokens: Tokens) -> None:
    ring = QRectF(corner.x() - 14, corner.y() + 1, 12, 12)
    painter.setPen(QPen(QColor(tokens.border), 3))
    painter.drawEllipse(ring)
    painter.setPen(QPen(QColor(tokens.accent), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(ring, 90 * 16, -round(progress * 360 * 16))


def _paint_dot(painter: QPainter, corner: QPoint, tokens: Tokens) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.warning))
    painter.drawEllipse(QRectF(corner.x() - 10, corner.y() + 2, 8, 8))
