"""The curves of a training run, drawn by matplotlib beside the window's thread.

A drawing takes 60 ms at rest and many times that while all cores train: too long for a window to wait.
"""

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.style import Style
from covid_desktop.figures.training_curves import TrainingCurves
from covid_desktop.gui.canvas import figure_style
from covid_desktop.gui.pictures import to_qimage
from covid_desktop.gui.task import Background
from covid_desktop.gui.theme import current_tokens, theme

_REDRAW_MILLISECONDS = 200
_LONGEST_REST_MILLISECONDS = 2000
_REST = 6  # times as long as the drawing took
_DPI = 100  # of a figure whose pixels are the window's


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """A drawing of ``width`` x ``height`` pixels of the screen, ``ratio`` for each of the window's."""

    history: TrainingHistory
    style: Style
    width: int
    height: int
    ratio: float


class Drawn(NamedTuple):
    """A drawing, and how many seconds it took."""

    image: QImage
    seconds: float


class CurvesPainter:
    """Draws in whatever thread calls it, one drawing at a time; lines stay as long as the colours do."""

    def __init__(self) -> None:
        self._style: Style | None = None

    def __call__(self, wanted: Wanted) -> Drawn:
        began = time.monotonic()
        if wanted.style != self._style:
            self._style = wanted.style
            self._canvas = FigureCanvasAgg(Figure())
            self._curves = TrainingCurves(self.figure, wanted.style)
        dpi = _DPI * wanted.ratio
        self.figure.set_dpi(dpi)
        self.figure.set_size_inches(wanted.width / dpi, wanted.height / dpi)
        self._curves.arrange()
        self._curves.show(wanted.history)
        self._canvas.draw()  # type: ignore[no-untyped-call]
        return Drawn(_image(self._canvas, wanted.ratio), time.monotonic() - began)

    @property
    def figure(self) -> Figure:
        return self._canvas.figure


class CurvesCanvas(QWidget):
    """Redrawn at most five times a second, and only in sight. Call ``close_painter`` at the end."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("Loss and accuracy over the epochs")
        self.setMinimumSize(160, 120)
        self._history = TrainingHistory()
        self._drawn = QImage()
        self._is_outdated = True
        self._painter = Background(CurvesPainter(), self, capacity=1)
        self._painter.answered.connect(self._on_painter_answered)
        self._rest = QTimer(self, singleShot=True, interval=_REDRAW_MILLISECONDS)
        self._rest.timeout.connect(self._draw)
        theme().changed.connect(self._on_theme_changed)

    def show_history(self, history: TrainingHistory) -> None:
        """Draw it soon; of many, the last."""
        self._history = history
        self._is_outdated = True
        if not self._rest.isActive():
            self._rest.start()

    def close_painter(self) -> None:
        """End the drawing thread."""
        self._rest.stop()
        self._painter.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._is_outdated = True
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's own signature)
        with QPainter(self) as painter:
            if self._drawn.isNull():
                painter.fillRect(self.rect(), QColor(current_tokens().surface))
            else:
                painter.drawImage(self.rect(), self._drawn)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._drawn = QImage()
        self._is_outdated = True
        self.update()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        """Where it can be seen; otherwise when it comes into sight."""
        if not self._is_outdated or not self.isVisible():
            return
        self._is_outdated = False
        ratio = self.devicePixelRatioF()
        wanted = Wanted(
            history=self._history,
            style=figure_style(),
            width=round(self.width() * ratio),
            height=round(self.height() * ratio),
            ratio=ratio,
        )
        self._painter.ask(wanted)

    @Slot(object, object)
    def _on_painter_answered(self, wanted: Wanted, drawn: Drawn) -> None:
        rest = max(_REDRAW_MILLISECONDS, round(1000 * _REST * drawn.seconds))
        self._rest.setInterval(min(rest, _LONGEST_REST_MILLISECONDS))
        if wanted.style == figure_style():
            self._drawn = drawn.image
            self.update()


def _image(canvas: FigureCanvasAgg, ratio: float) -> QImage:
    """An image of its own; figures have a surface, so that none shines through."""
    image = to_qimage(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]
    image.setDevicePixelRatio(ratio)
    return image
