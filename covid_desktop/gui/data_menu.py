"""What the Data menu does beside Undo and Redo."""

from PySide6.QtCore import QObject, Slot

from covid_desktop.gui.menu import Menu
from covid_desktop.gui.tabs import Tabs


class DataMenu(Menu):
    """Shows the Data tab, and does there what was chosen."""

    names = ("check_data", "run_audit", "choose_patients", "set_test_aside")

    def __init__(self, window: QObject, tabs: Tabs) -> None:
        super().__init__(window)
        self._tabs, self._data = tabs, tabs.data

    def _possible(self) -> dict[str, bool]:
        return {
            "check_data": self._data.can_check,
            "run_audit": self._data.can_audit,
            "choose_patients": self._data.opened is not None,
            "set_test_aside": self._data.can_set_aside,
        }

    @Slot()
    def check_data(self) -> None:
        self._tabs.show_data()
        self._data.start_check()

    @Slot()
    def run_audit(self) -> None:
        self.show_audit()
        self._data.start_audit()

    @Slot()
    def show_audit(self) -> None:
        """Where the audit is, or would be."""
        self._tabs.show_data()
        self._data.show_audit_entry()

    @Slot()
    def choose_patients(self) -> None:
        self._tabs.show_data()
        self._data.choose_patients()

    @Slot()
    def set_test_aside(self) -> None:
        self._tabs.show_data()
        self._data.deciding.set_test_aside()
