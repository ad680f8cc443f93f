"""One image with where the model looked over it."""

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from covid_desktop.core.heatmap import HEATMAP_CAVEAT, share_words
from covid_desktop.figures.heatmap import draw_heatmap
from covid_desktop.figures.layout import fitted
from covid_desktop.figures.style import Style
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label

_NONE_SELECTED = "Select one image to see where the model looked."
_USUAL_OPACITY = 45  # percent
_NAME_WIDTH = 40  # characters of a file


class HeatmapCanvas(Canvas):
    def __init__(self) -> None:
        self._heatmap: Any = None
        self._opacity = _USUAL_OPACITY / 100
        super().__init__()
        self.setObjectName("heatmap")

    def show_heatmap(self, heatmap: Any, opacity: float) -> None:
        self._heatmap, self._opacity = heatmap, opacity
        of = f" of {heatmap.path.name}" if heatmap is not None else ""
        self.setAccessibleName(f"Heatmap{of}")
        self._on_theme_changed()

    def _draw_figure(self, style: Style) -> None:
        self.figure.set_facecolor(style.picture)
        if self._heatmap is not None:
            axes = self.figure.add_axes((0.01, 0.01, 0.98, 0.98))
            pixels = self._heatmap.pixels
            if pixels.shape[-1] == 1:  # what a model for grey pictures saw
                pixels = pixels[..., 0]
            draw_heatmap(axes, pixels, self._heatmap.values, self._opacity, style)


class HeatmapView(QWidget):
    """The heatmap of a chosen image, how much of it lies in the centre, and what it does not prove."""

    def __init__(self) -> None:
        super().__init__()
        self._heatmap: Any = None
        self._canvas = HeatmapCanvas()
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setObjectName("heatmap_opacity")
        self._opacity.setAccessibleName("Opacity of the heatmap")
        self._opacity.setRange(0, 100)
        self._opacity.setValue(_USUAL_OPACITY)
        self._words = label(_NONE_SELECTED, "muted", wrap=True)
        self._words.setObjectName("heatmap_words")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.addWidget(label("Heatmap", "strong"))
        row.addWidget(self._opacity, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._canvas, 1)
        column.addLayout(row)
        column.addWidget(self._words)
        self._opacity.valueChanged.connect(self._draw)

    def show_heatmap(self, heatmap: Any) -> None:
        """A jobs.Heatmap, or None."""
        self._heatmap = heatmap
        self._draw()
        self._words.setText(_NONE_SELECTED if heatmap is None else _described(heatmap))

    def show_words(self, words: str) -> None:
        """Why there is no heatmap."""
        self._heatmap = None
        self._draw()
        self._words.setText(words)

    @Slot()
    def _draw(self) -> None:
        self._canvas.show_heatmap(self._heatmap, self._opacity.value() / 100)


def _described(heatmap: Any) -> str:
    share = heatmap.central_share
    inside = "" if share is None else f"{share_words(share)}. "
    name = fitted(heatmap.path.name, _NAME_WIDTH)
    return f"{name}: score {heatmap.score:.3f}. {inside}{HEATMAP_CAVEAT}"
