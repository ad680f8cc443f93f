"""All the menus of the window."""

from collections.abc import Mapping

from PySide6.QtWidgets import QMainWindow, QMenu

from covid_desktop.gui.actions import build_menus
from covid_desktop.gui.appearance_menu import AppearanceMenu
from covid_desktop.gui.data_menu import DataMenu
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.evaluate_menu import EvaluateMenu
from covid_desktop.gui.file_menu import FileMenu
from covid_desktop.gui.help_menu import HelpMenu
from covid_desktop.gui.menu import RunJob
from covid_desktop.gui.model_menu import ModelMenu
from covid_desktop.gui.opening import Opening
from covid_desktop.gui.predict_menu import PredictMenu
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.tabs import Tabs
from covid_desktop.gui.train_menu import TrainMenu
from covid_desktop.gui.undo_menu import UndoMenu


class Menus:
    """Fills the menu bar of ``window``; what buttons do that menu entries do too is asked of each menu."""

    def __init__(
        self,
        window: QMainWindow,
        tabs: Tabs,
        opening: Opening,
        dialogs: Dialogs,
        settings: Settings,
        run: RunJob,
    ) -> None:
        notify = tabs.banner.show_notice
        self.file = FileMenu(window, tabs, opening, dialogs, settings)
        self.undo = UndoMenu(window, tabs)
        self.data = DataMenu(window, tabs)
        self.train = TrainMenu(window, tabs)
        self.evaluate = EvaluateMenu(window, tabs, dialogs, settings, run)
        self.predict = PredictMenu(window, tabs.predict, dialogs, settings, run, notify)
        self.model = ModelMenu(window, tabs.predict, dialogs, run, notify)
        self._all = (
            self.file,
            self.undo,
            self.data,
            self.train,
            self.evaluate,
            self.predict,
            self.model,
            HelpMenu(window, opening, notify),
        )
        self._actions, submenus = build_menus(window, self._all)
        self.predict.restore(self._actions)
        self._fill(submenus, tabs)
        AppearanceMenu(window, submenus["appearance"], settings)

    def show_state(self) -> None:
        """Enable what can be done now."""
        for menu in self._all:
            menu.show_state(self._actions)

    def _fill(self, submenus: Mapping[str, QMenu], tabs: Tabs) -> None:
        submenus["tabs"].addActions(tabs.rail.actions())
        submenus["marks"].addActions(tabs.predict.view.menu_actions)
        self.file.fill_recent(submenus["recent_folders"])
        self.file.fill_recent(submenus["recent_models"])
