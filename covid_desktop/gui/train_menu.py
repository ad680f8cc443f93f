"""What the Train menu does, and a run without some images."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from covid_desktop.gui.menu import Menu
from covid_desktop.gui.tabs import Tabs


class TrainMenu(Menu):
    """Starts, pauses and stops runs on the Train tab."""

    names = ("start_training", "cross_validate", "pause_training", "stop_training")

    def __init__(self, window: QObject, tabs: Tabs) -> None:
        super().__init__(window)
        self._tabs, self._train, self._data = tabs, tabs.train, tabs.data

    def _possible(self) -> dict[str, bool]:
        return {
            "start_training": self._train.can_start,
            "cross_validate": self._train.can_start,
            "pause_training": self._train.can_stop,
            "stop_training": self._train.can_stop,
        }

    @Slot()
    def start_training(self) -> None:
        self._tabs.show_train()
        self._train.start()

    @Slot()
    def cross_validate(self) -> None:
        self._tabs.show_train()
        self._train.cross_validate()

    @Slot()
    def pause_training(self) -> None:
        self._train.pause_or_resume()

    @Slot()
    def stop_training(self) -> None:
        self._train.stop()

    @Slot(list)
    def train_without(self, images: list[Path]) -> None:
        """A run without some images: they are excluded, which can be undone."""
        before = self._data.opened
        self._data.deciding.exclude(images)
        if self._data.opened is before:
            return
        if self._train.is_running:
            what = "The images are excluded, but a run without them must wait: another one goes on."
            self._tabs.banner.show_notice("info", what, "Start it when that has ended.")
            return
        self.start_training()
