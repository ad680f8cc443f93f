"""A grid of thumbnails that reads only what is in sight, so that 10,000 files stay fluid."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from covid_desktop.errors import ImageError
from covid_desktop.gui.pictures import THUMBNAIL_SIDE, read_thumbnail
from covid_desktop.gui.task import Background
from covid_desktop.gui.theme import current_tokens, icon
from covid_desktop.gui.tokens import GAP_SMALL

_REMEMBERED = 1500
_IN_SIGHT = 800  # more than a large screen shows
_CAPTION_HEIGHT = 24
Index = QModelIndex | QPersistentModelIndex


class ThumbnailModel(QAbstractListModel):
    """Paths and, once read, their pictures; the newest ``_REMEMBERED`` are kept."""

    unreadable = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._rows: dict[Path, int] = {}
        self._groups: list[int] = []
        self._notes: Mapping[Path, str] = {}
        self._pictures: OrderedDict[Path, QPixmap | ImageError] = OrderedDict()
        self._blank = QPixmap(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        self._blank.fill(QColor(current_tokens().picture))
        self._reader = Background(read_thumbnail, self, capacity=_IN_SIGHT)
        self._reader.answered.connect(self._on_reader_answered)

    def set_paths(
        self, paths: Sequence[Path], groups: Sequence[int] = (), notes: Mapping[Path, str] | None = None
    ) -> None:
        """Show these pictures, each with the number of its group if there are any, some with a note."""
        self.beginResetModel()
        self._paths, self._groups, self._notes = list(paths), list(groups), notes or {}
        self._rows = {path: row for row, path in enumerate(self._paths)}
        self._reader.forget()
        self.endResetModel()

    def shows(
        self, paths: Sequence[Path], groups: Sequence[int] = (), notes: Mapping[Path, str] | None = None
    ) -> bool:
        """Whether these are the pictures it shows already."""
        return (self._paths, self._groups, self._notes) == (list(paths), list(groups), notes or {})

    @property
    def paths(self) -> list[Path]:
        return self._paths

    def close(self) -> None:
        """End the reading thread."""
        self._reader.close()

    def path(self, index: Index) -> Path:
        return self._paths[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._paths)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        path = self._paths[index.row()]
        match role:
            case Qt.ItemDataRole.DecorationRole:
                return self._picture(path)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(path)
            case Qt.ItemDataRole.AccessibleTextRole:
                return path.name
            case Qt.ItemDataRole.DisplayRole if self._groups:
                return f"Group {self._groups[index.row()]}"
            case Qt.ItemDataRole.BackgroundRole if self._groups and self._groups[index.row()] % 2:
                return QColor(current_tokens().picture_band)
        return None

    def _tooltip(self, path: Path) -> str:
        known = self._pictures.get(path)
        error = str(known) if isinstance(known, ImageError) else ""
        return "\n".join(filter(None, (str(path), self._notes.get(path, ""), error)))

    def _picture(self, path: Path) -> Any:
        picture = self._pictures.get(path)
        if picture is None:
            self._reader.ask(path)
            return self._blank
        self._pictures.move_to_end(path)
        if isinstance(picture, ImageError):
            return icon("warning", "warning").pixmap(QSize(THUMBNAIL_SIDE // 2, THUMBNAIL_SIDE // 2))
        return picture

    @Slot(object, object)
    def _on_reader_answered(self, path: Path, picture: QImage | ImageError) -> None:
        is_error = isinstance(picture, ImageError)
        self._pictures[path] = picture if isinstance(picture, ImageError) else QPixmap.fromImage(picture)
        while len(self._pictures) > _REMEMBERED:
            self._pictures.popitem(last=False)
        row = self._rows.get(path)
        if row is None:
            return
        index = self.index(row)
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ToolTipRole])
        if is_error:
            self.unreadable.emit(path, picture)


class ThumbnailGrid(QListView):
    """Pictures side by side; ``opened`` carries the path of one that was double-clicked or entered.

    ``selected`` carries the paths of those that are selected, in their order.
    """

    opened = Signal(object)
    selected = Signal(list)

    def __init__(self, parent: QWidget | None = None, name: str = "thumbnails") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Images")
        self.setProperty("class", "pictures")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.images = ThumbnailModel(self)
        self.setModel(self.images)
        self._set_cell(captioned=False)
        self.activated.connect(self._on_activated)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def show_paths(
        self, paths: Sequence[Path], groups: Sequence[int] = (), notes: Mapping[Path, str] | None = None
    ) -> None:
        """Show these pictures; the view stays in its place where some of them were shown before."""
        if self.images.shows(paths, groups, notes):
            return
        stays = not set(paths).isdisjoint(self.images.paths)
        row, place = self.currentIndex().row(), self.verticalScrollBar().value()
        self._set_cell(captioned=bool(groups))
        self.images.set_paths(paths, groups, notes)
        self.selected.emit([])
        if stays:
            current = self.images.index(min(row, len(paths) - 1))
            self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(place)

    def selected_paths(self) -> list[Path]:
        """Those that are selected, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.images.paths[row] for row in rows]

    def _set_cell(self, *, captioned: bool) -> None:
        side = THUMBNAIL_SIDE + GAP_SMALL
        self.setGridSize(QSize(side, side + _CAPTION_HEIGHT * captioned))

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(self.images.path(index))

    @Slot()
    def _on_selection_changed(self) -> None:
        self.selected.emit(self.selected_paths())
