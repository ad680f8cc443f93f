"""The three networks as cards to choose from."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from covid_desktop.core.architectures import ARCHITECTURES, Architecture
from covid_desktop.core.history import duration
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import Card, label, set_property


class ArchitectureCards(QWidget):
    """``chosen`` carries the key of the network the user chose."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._cards = {key: ArchitectureCard(architecture) for key, architecture in ARCHITECTURES.items()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        for card in self._cards.values():
            self._group.addButton(card.button)
            column.addWidget(card)
        self._group.buttonToggled.connect(self._on_button_toggled)
        self.set_current(next(iter(self._cards)))

    @property
    def current(self) -> str:
        return next(key for key, card in self._cards.items() if card.button.isChecked())

    def set_current(self, key: str) -> None:
        """Choose ``key`` without telling anyone."""
        with QSignalBlocker(self):
            self._cards[key].button.setChecked(True)

    def show_times(self, images: int, epochs: int) -> None:
        for card in self._cards.values():
            card.show_time(images, epochs)

    @Slot(QAbstractButton, bool)
    def _on_button_toggled(self, button: QAbstractButton, checked: bool) -> None:
        for card in self._cards.values():
            set_property(card, "chosen", card.button.isChecked())
        if checked:
            self.chosen.emit(button.objectName().removeprefix("architecture_"))


class ArchitectureCard(Card):
    """A network's name, one honest line, and its typical time; a click anywhere chooses it."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self._architecture = architecture
        self.button = QRadioButton(architecture.title)
        self.button.setObjectName(f"architecture_{architecture.key}")
        self.button.setAccessibleDescription(architecture.description)
        self._time = label("", "muted")
        self._time.hide()
        self.body.setContentsMargins(12, GAP_SMALL, 12, GAP_SMALL)
        self.body.setSpacing(2)
        self.body.addWidget(self.button)
        self.body.addWidget(label(architecture.description, "muted", wrap=True))
        self.body.addWidget(self._time)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_time(self, images: int, epochs: int) -> None:
        seconds = self._architecture.seconds(images, epochs)
        self._time.setText(f"About {duration(seconds)} for {images:,} training images")
        self._time.show()

    def mouseReleaseEvent(self, event: object) -> None:  # noqa: ARG002
        if self.isEnabled():
            self.button.setChecked(True)
            self.button.setFocus()
