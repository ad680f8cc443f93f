"""Undo and Redo, for marks and for decisions about the data."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QUndoStack

from covid_desktop.gui.menu import Menu
from covid_desktop.gui.tabs import Tabs


class UndoMenu(Menu):
    """They are about marks while the Predict tab is shown, else about decisions.

    ``redone`` follows each Redo: Qt tells nobody of a step that is off the stack because it failed.
    """

    names = ("undo", "redo")
    redone = Signal()

    def __init__(self, window: QObject, tabs: Tabs) -> None:
        super().__init__(window)
        self._tabs = tabs

    def show_state(self, actions: Mapping[str, QAction]) -> None:
        """Enable what can be done now, and name the steps."""
        super().show_state(actions)
        for name, word, text in (
            ("undo", "&Undo", self._steps.undoText()),
            ("redo", "&Redo", self._steps.redoText()),
        ):
            actions[name].setText(f"{word}: {text.replace('&', '&&')}" if text else word)

    def _possible(self) -> dict[str, bool]:
        return {"undo": self._steps.canUndo(), "redo": self._steps.canRedo()}

    @property
    def _steps(self) -> QUndoStack:
        tabs = self._tabs
        return tabs.predict.view.steps if tabs.current == "predict" else tabs.data.deciding.steps

    @Slot()
    def undo(self) -> None:
        self._show_place()
        self._steps.undo()

    @Slot()
    def redo(self) -> None:
        self._show_place()
        self._steps.redo()
        self.redone.emit()

    def _show_place(self) -> None:
        """Where one sees what a step does."""
        if self._tabs.current != "predict":
            self._tabs.show_data()
