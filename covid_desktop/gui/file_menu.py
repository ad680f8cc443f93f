"""What the File menu does: asks for folders, images and models, and saves the model."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from covid_desktop import jobs
from covid_desktop.errors import UserError
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.menu import Menu
from covid_desktop.gui.opening import Opening
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.tabs import Tabs


class FileMenu(Menu):
    """Hands what is chosen to ``opening``; the model that can be saved is the one of the Predict tab."""

    names = ("choose_folder", "choose_images", "choose_model", "save_model", "quit")

    def __init__(
        self,
        window: QWidget,
        tabs: Tabs,
        opening: Opening,
        dialogs: Dialogs,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._tabs, self._opening = window, tabs, opening
        self._dialogs, self._settings = dialogs, settings

    def fill_recent(self, submenu: QMenu) -> None:
        """Let a submenu show what was opened lately whenever it is opened."""
        submenu.aboutToShow.connect(self._on_recent_about_to_show)
        submenu.triggered.connect(self._on_recent_chosen)

    def _possible(self) -> dict[str, bool]:
        return {"save_model": self._tabs.predict.model is not None}

    @Slot()
    def choose_folder(self) -> None:
        if folder := self._dialogs.folder(self._window, self._settings.last_folder):
            self._opening.open_folder(folder)

    @Slot()
    def choose_images(self) -> None:
        if images := self._dialogs.images(self._window, self._settings.text("last/images")):
            self._settings.set_text("last/images", str(images[0].parent))
            self._opening.score(images)

    @Slot()
    def choose_model(self) -> None:
        start = next((str(path.parent) for path in self._settings.recent("models")), "")
        if file := self._dialogs.model(self._window, start):
            self._opening.load_model(file)

    @Slot()
    def save_model(self) -> None:
        model = self._tabs.predict.model
        if model is None:
            return
        suggestion = f"{model.card.positive_class} {model.card.architecture}.keras"
        if file := self._dialogs.save_as(self._window, "Save the model", suggestion, ".keras"):
            self._save_as(model, file)

    def _save_as(self, model: jobs.Model, file: Path) -> None:
        try:
            jobs.save_model(model, file)
        except UserError as error:
            self._tabs.banner.show_error(error)
            return
        self._settings.add_recent("models", file)
        self._tabs.banner.show_notice("success", f"The model is saved as {file.name}.", str(file.parent))

    @Slot()
    def quit(self) -> None:
        self._window.close()

    @Slot()
    def _on_recent_about_to_show(self) -> None:
        menu = self.sender()
        if not isinstance(menu, QMenu):
            return
        menu.clear()
        for path in self._settings.recent(menu.objectName().removeprefix("menu_recent_")):
            menu.addAction(str(path)).setData(path)
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    @Slot(QAction)
    def _on_recent_chosen(self, action: QAction) -> None:
        path = Path(action.data())
        if path.is_dir():
            self._opening.open_folder(path)
        else:
            self._opening.load_model(path)
