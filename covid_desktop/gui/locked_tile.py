"""The tile of the test set: how many images, whether they are locked, and the button that sets some aside."""

from PySide6.QtCore import Signal

from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.class_widgets import CountTile
from covid_desktop.gui.widgets import label, push_button

_EMPTY = "None yet. A fifth of the images can be set aside, locked until Evaluate."


class LockedTile(CountTile):
    """``set_aside_requested`` when the user wants a test set."""

    set_aside_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Test", _EMPTY)
        self._lock = label("", "muted", wrap=True)
        self._lock.setObjectName("test_lock")
        self._set_aside = push_button("Set aside", "set_test_aside")
        self._set_aside.clicked.connect(self.set_aside_requested)
        self.body.addWidget(self._lock)
        self.body.addWidget(self._set_aside)

    def show_state(self, opened: OpenedDataset) -> None:
        has_test = bool(opened.split.test)
        self._set_aside.setVisible(not has_test)
        self._lock.setVisible(has_test)
        self._lock.setText(lock_words(opened.test_uses))


def lock_words(uses: int) -> str:
    match uses:
        case 0:
            return "Locked. Not used by Evaluate yet."
        case 1:
            return "Locked. Used by Evaluate once."
        case _:
            return f"Locked. Used by Evaluate {uses:,} times."
