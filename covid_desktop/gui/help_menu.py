"""What the Help menu does."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from covid_desktop import paths
from covid_desktop.gui import help_pages
from covid_desktop.gui.menu import Menu
from covid_desktop.gui.opening import Opening
from covid_desktop.gui.outside import open_outside


class HelpMenu(Menu):
    """Opens pages beside the window, the log's folder, and the demo."""

    names = ("first_steps", "try_demo", "open_log_folder", "about")

    def __init__(self, window: QWidget, opening: Opening) -> None:
        super().__init__(window)
        self._window, self._opening = window, opening

    @Slot()
    def first_steps(self) -> None:
        help_pages.show_first_steps(self._window)

    @Slot()
    def try_demo(self) -> None:
        self._opening.try_demo()

    @Slot()
    def open_log_folder(self) -> None:
        open_outside(paths.log_file().parent)

    @Slot()
    def about(self) -> None:
        help_pages.show_about(self._window)
