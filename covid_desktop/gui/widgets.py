"""Small parts of every tab: cards, segmented filters, elided paths, folds, painted icons."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.gui.icons import svg_renderer
from covid_desktop.gui.theme import current_tokens, icon, tabular
from covid_desktop.gui.tokens import GAP, GAP_SMALL


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in a role of the style sheet: headline, title, subtitle, strong, muted, danger."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def push_button(text: str, name: str, *, primary: bool = False, flat: bool = False) -> QPushButton:
    """A button with ``name`` as its objectName. A tab has one primary button; flat is for the least."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setProperty("primary", primary)
    made.setFlat(flat)
    return made


def tool_button(icon_name: str, text: str, name: str, role: str = "text") -> QToolButton:
    """A button that shows only its icon; ``text`` is its tooltip and what a screen reader says."""
    made = QToolButton()
    made.setObjectName(name)
    made.setIcon(icon(icon_name, role))
    made.setText(text)
    made.setToolTip(text)
    made.setAccessibleName(text)
    return made


def selection_action(owner: QWidget, text: str, name: str, shortcut: str = "") -> QAction:
    """An entry of the context menu of ``owner``, for what is selected in it; off until something is."""
    action = QAction(text, owner)
    action.setObjectName(f"action_{name}")
    action.setData(name)
    action.setShortcut(shortcut)
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.setEnabled(False)
    owner.addAction(action)
    return action


def action_button(action: QAction) -> QToolButton:
    """A button that does what a ``selection_action`` does, and looks like a push button."""
    made = QToolButton()
    made.setObjectName(action.data())
    made.setDefaultAction(action)
    made.setProperty("class", "button")
    return made


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property the style sheet selects by, and have the widget look like it at once."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class IconLabel(QWidget):
    """An icon that stands alone, ``size`` logical pixels square, in the colour of the token ``role``."""

    def __init__(self, name: str, role: str = "text", size: int = 20) -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(size, size)

    def set_icon(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        renderer = svg_renderer(self._name, getattr(current_tokens(), self._role))
        with QPainter(self) as painter:
            renderer.render(painter, QRectF(self.rect()))


class Card(QFrame):
    """A framed group; what belongs in it goes into ``body``."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.setProperty("class", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(GAP, GAP, GAP, GAP)
        self.body.setSpacing(GAP_SMALL)
        if title:
            self.body.addWidget(label(title, "subtitle"))


class Segmented(QFrame):
    """Exclusive buttons in a row. ``chosen`` carries the key of the one the user pressed."""

    chosen = Signal(str)

    def __init__(self, choices: Iterable[tuple[str, str]]) -> None:
        """``choices``: key and text of each; the first is current. Buttons are named ``choose_<key>``."""
        super().__init__()
        self.setObjectName("segmented")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self._texts: dict[str, str] = {}
        for key, text in choices:
            button = push_button(text, f"choose_{key}")
            button.setCheckable(True)
            button.setFont(tabular(button.font()))
            self._group.addButton(button)
            self._buttons[key], self._texts[key] = button, text
            row.addWidget(button)
        next(iter(self._buttons.values())).setChecked(True)
        self._group.buttonClicked.connect(self._on_button_clicked)

    @property
    def current(self) -> str:
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def set_current(self, key: str) -> None:
        """Press the button of ``key`` without telling anyone."""
        self._buttons[key].setChecked(True)

    def set_text(self, key: str, text: str) -> None:
        """Rename a choice; its number goes until it is set again."""
        self._texts[key] = text
        self.set_count(key, None)

    def set_count(self, key: str, count: int | None) -> None:
        """Show how many things the choice holds; None shows no number."""
        number = "" if count is None else f"  {count:,}"
        self._buttons[key].setText(self._texts[key] + number)

    def set_mark(self, key: str, icon_name: str | None, role: str = "text") -> None:
        """Show an icon before the choice's text, or none."""
        self._buttons[key].setIcon(icon(icon_name, role) if icon_name else QIcon())

    @Slot(QAbstractButton)
    def _on_button_clicked(self) -> None:
        self.chosen.emit(self.current)


class ElidedLabel(QLabel):
    """One line, such as a path, shortened in its middle to fit; its tooltip has the whole."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _elide(self) -> None:
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


class Fold(QWidget):
    """A section that starts folded; what belongs in it goes into ``body``. ``toggled`` says if it is open."""

    toggled = Signal(bool)

    def __init__(self, title: str = "More", name: str = "toggle_more") -> None:
        super().__init__()
        self._button = tool_button("chevron-right", title, name)
        self._button.setToolTip("")
        self._button.setProperty("fold", True)
        self._button.setCheckable(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.toggled.connect(self._on_button_toggled)
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, GAP_SMALL, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._content)
        self._on_button_toggled(False)

    @property
    def is_open(self) -> bool:
        return self._button.isChecked()

    def set_open(self, is_open: bool) -> None:
        self._button.setChecked(is_open)

    @Slot(bool)
    def _on_button_toggled(self, is_open: bool) -> None:
        self._content.setVisible(is_open)
        self._button.setIcon(icon("chevron-down" if is_open else "chevron-right"))
        self.toggled.emit(is_open)
