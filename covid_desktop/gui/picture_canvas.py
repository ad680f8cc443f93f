"""A picture drawn by matplotlib, which is zoomed, moved and seen in another window."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from covid_desktop.core.viewing import View
from covid_desktop.figures.picture import LivePicture, heat_pixels
from covid_desktop.figures.style import Style
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.viewport import Viewport

_HEAT_SIDE = 512  # pixels; a larger heatmap is reduced


class PictureCanvas(Canvas):
    """``changed`` says that zoom or window are others. What is drawn is worked out once for each drawing."""

    changed = Signal()

    def __init__(self) -> None:
        self.view: View | None = None
        self.viewport = Viewport(picture=(1, 1), screen=(1, 1))
        self.limits = 0.0, 255.0  # shown black and white, before the display is inverted
        self._levels: dict[int, View] = {}
        self._is_inverted = False
        self._title = ""
        self._room_above = 0
        self._heat: NDArray[np.float32] | None = None
        self._opacity = 0.0
        self._heat_drawn: Viewport | None = None
        super().__init__()
        self.setObjectName("picture")
        self.setAccessibleName("Picture")

    def show_view(self, view: View | None) -> None:
        """Show a picture, fitted and in its own window, or nothing; no heatmap."""
        self.view = view
        self._levels = {}
        self.show_heat(None, 0.0)
        if view is None:
            self._live.hide()
            self.draw_idle()
            self.changed.emit()
            return
        self.limits = view.low, view.high
        self.look_at(Viewport(picture=view.size, screen=self.viewport.screen))

    def set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self._arrange()

    def set_inverted(self, is_inverted: bool) -> None:
        """Show black as white and the reverse."""
        self._is_inverted = is_inverted
        self.draw_idle()
        self.changed.emit()

    def set_window(self, low: float, high: float) -> None:
        """The values that are black and white."""
        self.limits = low, high
        self.draw_idle()
        self.changed.emit()

    def look_at(self, viewport: Viewport) -> None:
        """Show another part of the picture."""
        self.viewport = viewport
        self.draw_idle()
        self.changed.emit()

    def show_heat(self, heat: NDArray[np.floating] | None, opacity: float) -> None:
        """A heatmap of 0 to 1 that covers the picture, or none; ``opacity`` is 0 to 1."""
        self._heat = None if heat is None or self.view is None else _small(heat)
        self._opacity = opacity
        self._draw_contour()
        self.draw_idle()

    def draw(self) -> None:
        if self.view is not None:
            self._update_picture(self.view)
        super().draw()  # type: ignore[no-untyped-call]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        self._arrange()

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """From a point of the widget to the screen of the viewport."""
        ratio = self.device_pixel_ratio
        return x * ratio, y * ratio - self._room_above

    def _draw_figure(self, style: Style) -> None:
        self._live = LivePicture(self.figure, style)
        self._arrange()
        self._draw_contour()

    def _arrange(self) -> None:
        width, height, self._room_above = self._live.arrange(self._title)
        self.look_at(self.viewport.resized((width, height)))

    def _draw_contour(self) -> None:
        self._heat_drawn = None
        self._live.hide_heat()
        if self._heat is not None and self.view is not None:
            width, height = self.view.size
            self._live.draw_contour(self._heat, (0.0, 0.0, width, height), self._opacity)

    def _update_picture(self, view: View) -> None:
        part, factor = self.viewport.part(), self.viewport.factor
        if factor not in self._levels:
            self._levels[factor] = view.reduced(factor)
        left, top, right, bottom = (edge / factor for edge in part.box)
        low, high = reversed(self.limits) if self._is_inverted else self.limits
        pixels = self._levels[factor].part((left, top, right, bottom), part.size, low, high)
        edges = self.viewport.edges(part.place)
        self._live.show(pixels, edges, self.viewport.seen)
        if self._heat is not None and self._heat_drawn != self.viewport:
            self._heat_drawn = self.viewport
            self._live.show_heat(self._heat_part(self._heat), edges)

    def _heat_part(self, heat: NDArray[np.float32]) -> NDArray[np.uint8]:
        """What is seen of the heatmap, a pixel for each of the screen."""
        part = self.viewport.part()
        (rows, columns), (width, height) = heat.shape, self.viewport.picture
        left, right = (min(columns, edge * columns / width) for edge in part.box[::2])
        top, bottom = (min(rows, edge * rows / height) for edge in part.box[1::2])
        image = Image.fromarray(heat).resize(part.size, Image.Resampling.BILINEAR, (left, top, right, bottom))
        return heat_pixels(np.asarray(image), self._opacity)


def _small(heat: NDArray[np.floating]) -> NDArray[np.float32]:
    values = np.clip(np.nan_to_num(heat), 0.0, 1.0).astype(np.float32)
    factor = -(-max(values.shape) // _HEAT_SIDE)
    return values if factor == 1 else np.asarray(Image.fromarray(values).reduce(factor))
