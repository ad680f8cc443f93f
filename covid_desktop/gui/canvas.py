"""matplotlib inside the window."""

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent

from covid_desktop.figures.style import Style
from covid_desktop.gui.theme import current_tokens, theme


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
