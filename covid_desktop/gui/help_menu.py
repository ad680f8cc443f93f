"""What the Help menu does."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from covid_desktop import paths
from covid_desktop.gui import help_pages
from covid_desktop.gui.menu import Menu, Notify
from covid_desktop.gui.opening import Opening
from covid_desktop.gui.outside import open_outside


class HelpMenu(Menu):
    """Opens pages beside the window, the log's folder, and the demo."""

    names = ("first_steps", "try_demo", "open_log_folder", "about")

    def __init__(self, window: QWidget, opening: Opening, notify: Notify) -> None:
        super().__init__(window)
        self._window, self._opening, self._notify = window, opening, notify

    @Slot()
    def first_steps(self) -> None:
        help_pages.show_first_steps(self._window)

    @Slot()
    def try_demo(self) -> None:
        self._opening.try_demo()

    @Slot()
    def open_log_folder(self) -> None:
        folder = paths.log_file().parent
        if not open_outside(folder):
            self._notify("info", "There is no program here that opens folders.", f"The log is in {folder}.")

    @Slot()
    def about(self) -> None:
        help_pages.show_about(self._window)
