"""The training images that are most like an image, with their classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from covid_desktop.core.familiarity import Similar
from covid_desktop.errors import ImageError
from covid_desktop.gui.class_widgets import ClassMarker
from covid_desktop.gui.pictures import read_thumbnail, to_qimage
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
        self._tiles = [_Tile() for _ in range(2 * _COLUMNS)]
        self._note = label("", "muted", wrap=True)
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
        pictures = [self._picture(one) for one in similar]
        for number, tile in enumerate(self._tiles):
            tile.setVisible(number < len(similar))
            if number < len(similar):
                tile.show_one(similar[number], class_names, pictures[number])
        self._note.setText("" if any(pictures) else _NO_PICTURES)
        self._note.setVisible(not any(pictures))
        self.setVisible(bool(similar))

    def _picture(self, similar: Similar) -> QImage | None:
        if similar.thumbnail is not None:
            return to_qimage(similar.thumbnail)
        place = self._places.get(similar.sha256)
        found = read_thumbnail(place) if place else None
        return None if isinstance(found, ImageError) else found


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

    def show_one(self, similar: Similar, class_names: tuple[str, str], picture: QImage | None) -> None:
        self._picture.setVisible(picture is not None)
        if picture is not None:
            smooth = Qt.TransformationMode.SmoothTransformation
            self._picture.setPixmap(
                QPixmap.fromImage(picture).scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            )
        name = class_names[similar.label]
        self._class.set_class("positive" if similar.label else "negative", name)
        self._likeness.setText(f"{100 * similar.likeness:.0f} % alike")
        self.setAccessibleName(f"{name}, {100 * similar.likeness:.0f} % alike")
