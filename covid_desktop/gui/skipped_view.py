"""The files that are not used, each with its reason; those the user excluded can be used again."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.decisions import EXCLUDED
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import action_button, label, selection_action

_EXCLUDED_PATH = Qt.ItemDataRole.UserRole


class SkippedView(QWidget):
    """``use_again_chosen`` carries the paths of excluded files."""

    use_again_chosen = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._tree = _make_tree()
        self._use_again = selection_action(self._tree, "Use again", "use_again")
        self._use_again.triggered.connect(self._on_use_again_triggered)
        self._tree.itemSelectionChanged.connect(self._on_selection_changed)
        foot = QHBoxLayout()
        foot.addWidget(label("Files that you excluded can be used again.", "muted"), 1)
        foot.addWidget(action_button(self._use_again))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._tree, 1)
        column.addLayout(foot)

    def show_files(self, files: Sequence[SkippedFile], folder: Path) -> None:
        """List files, named by their place within ``folder``."""
        place = self._tree.verticalScrollBar().value()
        self._tree.clear()
        self._tree.addTopLevelItems([_item(file, folder) for file in files])
        self._tree.doItemsLayout()  # or the bar would have no place to go to
        self._tree.verticalScrollBar().setValue(place)

    def _selected(self) -> list[Path]:
        found = [item.data(0, _EXCLUDED_PATH) for item in self._tree.selectedItems()]
        return [path for path in found if path]

    @Slot()
    def _on_selection_changed(self) -> None:
        self._use_again.setEnabled(bool(self._selected()))

    @Slot()
    def _on_use_again_triggered(self) -> None:
        self.use_again_chosen.emit(self._selected())


def is_excluded(file: SkippedFile) -> bool:
    """Whether the user left the file out."""
    return file.reason.startswith(EXCLUDED)


def _item(file: SkippedFile, folder: Path) -> QTreeWidgetItem:
    place = file.path.relative_to(folder) if file.path.is_relative_to(folder) else file.path
    made = QTreeWidgetItem([str(place), file.reason])
    if is_excluded(file):
        made.setData(0, _EXCLUDED_PATH, file.path)
    return made


def _make_tree() -> QTreeWidget:
    made = QTreeWidget()
    made.setObjectName("skipped_files")
    made.setAccessibleName("Skipped files")
    made.setHeaderLabels(["File", "Reason"])
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    made.header().resizeSection(0, 420)
    made.header().setStretchLastSection(True)
    return made
