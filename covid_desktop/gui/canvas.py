"""matplotlib inside the window."""

import time

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent

from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.style import Style
from covid_desktop.figures.training_curves import TrainingCurves
from covid_desktop.gui.theme import current_tokens, theme

_REDRAW_MILLISECONDS = 200
_REST = 6  # times as long as the drawing took


def figure_style() -> Style:
    """The theme's colours, for figures."""
    tokens = current_tokens()
    return Style(**{name: getattr(tokens, name) for name in Style.__slots__})


class Canvas(FigureCanvasQTAgg):
    """A figure that is drawn anew by ``_draw_figure`` when the theme changes."""

    def __init__(self) -> None:
        super().__init__(Figure())  # type: ignore[no-untyped-call]
        self.setMinimumSize(160, 120)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.figure.clear()
        style = figure_style()
        self.figure.set_facecolor(style.surface)
        self._draw_figure(style)
        self.draw_idle()

    def draw_idle(self) -> None:
        """Draw soon, where it can be seen; otherwise when it comes into sight."""
        if self.isVisible():
            super().draw_idle()  # type: ignore[no-untyped-call]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)  # type: ignore[no-untyped-call]
        self.draw_idle()

    def _draw_figure(self, style: Style) -> None:
        raise NotImplementedError


class CurvesCanvas(Canvas):
    """The curves of a training run, redrawn at most five times a second."""

    def __init__(self) -> None:
        self._history = TrainingHistory()
        super().__init__()
        self.setObjectName("training_curves")
        self.setAccessibleName("Loss and accuracy over the epochs")
        self._timer = QTimer(self, singleShot=True, interval=_REDRAW_MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def draw(self) -> None:
        """Draw, and rest in proportion: while all cores train, drawing is slow."""
        began = time.monotonic()
        super().draw()  # type: ignore[no-untyped-call]
        drawing = 1000 * (time.monotonic() - began)
        self._timer.setInterval(max(_REDRAW_MILLISECONDS, round(_REST * drawing)))

    def show_history(self, history: TrainingHistory) -> None:
        self._history = history
        if not self._timer.isActive():
            self._timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        self._curves.arrange()

    def _draw_figure(self, style: Style) -> None:
        self._curves = TrainingCurves(self.figure, style)
        self._curves.show(self._history)

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._curves.show(self._history)
        self.draw_idle()
