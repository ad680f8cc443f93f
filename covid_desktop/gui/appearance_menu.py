"""Chooses between light and dark."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from covid_desktop.gui.settings import Settings
from covid_desktop.gui.theme import theme

_APPEARANCES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class AppearanceMenu(QObject):
    """Fills ``submenu``; what is chosen is applied at once, and kept."""

    def __init__(self, window: QObject, submenu: QMenu, settings: Settings) -> None:
        super().__init__(window)
        self._settings = settings
        choices = QActionGroup(window)
        for scheme, text in _APPEARANCES.items():
            action = QAction(text, window, checkable=True)
            action.setObjectName(f"appearance_{scheme}")
            action.setData(scheme)
            action.setChecked(scheme == theme().scheme)
            choices.addAction(action)
            submenu.addAction(action)
        choices.triggered.connect(self._on_chosen)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        self._settings.set_text("appearance", action.data())
        theme().apply(action.data())
