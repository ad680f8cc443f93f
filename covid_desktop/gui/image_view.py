"""A grid of thumbnails with a line below it that says what the selected ones are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.thumbnails import ThumbnailGrid
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, action_button, selection_action

_NONE_SELECTED = "Select images to see what they are."


class ImageView(QWidget):
    """``selected`` carries the paths of the images that are selected, ``opened`` the path of one."""

    selected = Signal(list)
    opened = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.grid = ThumbnailGrid(name=name)
        self._words: dict[Path, str] = {}
        self._notes: Mapping[Path, str] = {}
        self._about = ElidedLabel(_NONE_SELECTED)
        self._about.setObjectName(f"about_{name}")
        self._about.setProperty("role", "muted")
        self._foot = QHBoxLayout()
        self._foot.setSpacing(GAP_SMALL)
        self._foot.addWidget(self._about, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self.grid, 1)
        column.addLayout(self._foot)
        self.grid.selected.connect(self._on_grid_selected)
        self.grid.opened.connect(self.opened)

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The data that images shown from now on are part of."""
        names = opened.dataset.class_names
        self._words = {
            sample.path: f"{subset.capitalize()}, {names[sample.label]}"
            for subset in ("training", "validation", "test")
            for sample in opened.split.of(subset)
        }
        self._show_about(self.grid.selected_paths())

    def show_images(
        self, paths: Sequence[Path], groups: Sequence[int] = (), notes: Mapping[Path, str] | None = None
    ) -> None:
        """Show images, with the numbers of their groups and notes for some."""
        self._notes = notes or {}
        self.grid.show_paths(paths, groups, notes)

    def _describe(self, path: Path) -> str:
        parts = (path.name, self._words.get(path, "Not in use"), self._notes.get(path, ""))
        return " - ".join(filter(None, parts))

    def _show_about(self, paths: list[Path]) -> None:
        match paths:
            case []:
                self._about.set_text(_NONE_SELECTED)
            case [path]:
                self._about.set_text(self._describe(path))
            case _:
                self._about.set_text(f"{len(paths):,} selected")

    @Slot(list)
    def _on_grid_selected(self, paths: list[Path]) -> None:
        self._show_about(paths)
        self.selected.emit(paths)


class ClassView(ImageView):
    """The images of a class, of which some can be excluded or given the other class."""

    exclude_chosen = Signal(list)
    relabel_chosen = Signal(list)

    def __init__(self, name: str = "thumbnails", suffix: str = "selected") -> None:
        super().__init__(name)
        self._actions: list[QAction] = []
        self._hindrance = ""
        exclude = self.add_action("Exclude", f"exclude_{suffix}", "Del")
        self._relabel = self.add_action("Change class", f"relabel_{suffix}")
        exclude.triggered.connect(self._on_exclude_triggered)
        self._relabel.triggered.connect(self._on_relabel_triggered)
        self.selected.connect(self._on_selected)

    def add_action(self, text: str, name: str, shortcut: str = "") -> QAction:
        """Something to do with what is selected, as a button and in the context menu."""
        action = selection_action(self.grid, text, name, shortcut)
        self._actions.append(action)
        self._foot.addWidget(action_button(action))
        return action

    def set_other_class(self, name: str) -> None:
        """The class that the images shown are not of."""
        self._relabel.setText(f"Change class to {name}")

    def set_hindrance(self, why: str) -> None:
        """Why nothing can be decided about these images, as a tooltip; empty where it can."""
        self._hindrance = why
        self._on_selected(self.grid.selected_paths())

    @Slot(list)
    def _on_selected(self, paths: list[Path]) -> None:
        for action in self._actions:
            action.setEnabled(bool(paths) and not self._hindrance)
            action.setToolTip(self._hindrance or action.text())

    @Slot()
    def _on_exclude_triggered(self) -> None:
        self.exclude_chosen.emit(self.grid.selected_paths())

    @Slot()
    def _on_relabel_triggered(self) -> None:
        self.relabel_chosen.emit(self.grid.selected_paths())
