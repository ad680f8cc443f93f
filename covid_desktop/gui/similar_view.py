"""The training images that are most like an image, with their classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from covid_desktop.core.familiarity import Similar
from covid_desktop.errors import ImageError
from covid_desktop.gui.class_widgets import ClassMarker
from covid_desktop.gui.pictures import read_thumbnail, to_qimage
from covid_desktop.gui.task import Background
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label

_SIDE = 64
_COLUMNS = 2
_NO_PICTURES = "The model keeps no pictures of them."


class SimilarView(QWidget):
    """Shows at most four: a picture where there is one, the class, and how alike they are."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("similar_images")
        self._places: Mapping[str, Path] = {}
        self._awaited: list[tuple[Path, _Tile]] = []
        self._reader = Background(read_thumbnail, self, capacity=2 * _COLUMNS)
        self._reader.answered.connect(self._on_read)
        self._tiles = [_Tile() for _ in range(2 * _COLUMNS)]
        self._note = label(_NO_PICTURES, "muted", wrap=True)
        grid = QGridLayout()
        grid.setSpacing(GAP_SMALL)
        for number, tile in enumerate(self._tiles):
            grid.addWidget(tile, number // _COLUMNS, number % _COLUMNS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(label("Most similar training images", "strong"))
        column.addLayout(grid)
        column.addWidget(self._note)
        self.hide()

    def set_places(self, places: Mapping[str, Path]) -> None:
        """Where images of the open data are, by content (SHA-256): they can be shown without being kept."""
        self._places = places

    def show_similar(self, similar: Sequence[Similar], class_names: tuple[str, str]) -> None:
        """Nothing hides the view."""
        self._reader.forget()
        self._awaited = []
        for number, tile in enumerate(self._tiles):
            tile.setVisible(number < len(similar))
        has_picture = [
            self._show_tile(tile, one, class_names) for tile, one in zip(self._tiles, similar, strict=False)
        ]
        self._note.setVisible(not any(has_picture))
        self.setVisible(bool(similar))

    def close_threads(self) -> None:
        self._reader.close()

    def _show_tile(self, tile: "_Tile", one: Similar, class_names: tuple[str, str]) -> bool:
        """Whether there is a picture, be it one that is still to be read."""
        place = self._places.get(one.sha256) if one.thumbnail is None else None
        tile.show_one(one, class_names, has_picture=one.thumbnail is not None or place is not None)
        if one.thumbnail is not None:
            tile.show_picture(to_qimage(one.thumbnail))
        elif place:
            self._awaited.append((place, tile))
            self._reader.ask(place)
        return one.thumbnail is not None or place is not None

    @Slot(object, object)
    def _on_read(self, place: Path, found: QImage | ImageError) -> None:
        for awaited, tile in self._awaited:
            if awaited == place and not isinstance(found, ImageError):
                tile.show_picture(found)


class _Tile(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setFixedSize(QSize(_SIDE, _SIDE))
        self._class = ClassMarker()
        self._likeness = label("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self._picture, self._class, self._likeness):
            column.addWidget(part)

    def show_picture(self, picture: QImage) -> None:
        smooth = Qt.TransformationMode.SmoothTransformation
        self._picture.setPixmap(
            QPixmap.fromImage(picture).scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        )

    def show_one(self, similar: Similar, class_names: tuple[str, str], *, has_picture: bool) -> None:
        self._picture.clear()
        self._picture.setVisible(has_picture)
        name = class_names[similar.label]
        self._class.set_class("positive" if similar.label else "negative", name)
        self._likeness.setText(f"{100 * similar.likeness:.0f} % alike")
        self.setAccessibleName(f"{name}, {100 * similar.likeness:.0f} % alike")
