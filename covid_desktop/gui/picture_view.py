"""The picture viewer: a picture with its tools, and what is to be read about it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from covid_desktop.core.viewing import View
from covid_desktop.gui.picture_mouse import STEP, MousePicture
from covid_desktop.gui.picture_status import PictureStatus
from covid_desktop.gui.picture_tools import PictureTools
from covid_desktop.gui.tokens import GAP_TINY
from covid_desktop.gui.widgets import label


class PictureView(QWidget):
    """``heatmap_wanted`` says whether the user wants to see heatmaps, each time that changes.

    Its keys act while it, its picture or a tool has the focus.
    """

    heatmap_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._heatmap: NDArray[np.floating] | None = None
        self._canvas = MousePicture()
        self._tools = PictureTools()
        self._words = label("", "muted", wrap=True)
        self._words.setObjectName("picture_words")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.hide()
        self._status = PictureStatus()
        self._lay_out()
        self._connect()
        self.show_view(None)

    @property
    def wants_heatmap(self) -> bool:
        return self._tools.heatmap.isChecked()

    def show_view(self, view: View | None, title: str = "") -> None:
        """Show a picture, fitted and in its own window, without heatmap and words; or nothing.

        The same ``view`` again changes no more than the title.
        """
        self._canvas.set_title(title)
        if view is self._canvas.view and view is not None:
            return
        self._heatmap = None
        self.show_words("")
        self._tools.setEnabled(view is not None)
        self._tools.invert.setChecked(False)
        self._canvas.show_view(view)
        self._status.show_pixel(None, None)

    def show_title(self, title: str) -> None:
        """Name the picture that is shown."""
        self._canvas.set_title(title)

    def show_heatmap(self, values: NDArray[np.floating] | None) -> None:
        """Values (height, width) of 0 to 1 that cover the picture shown, seen while heatmaps are wanted."""
        self._heatmap = values
        self._draw_heatmap()

    def show_words(self, text: str) -> None:
        """A line under the picture, such as why there is no heatmap; none where ``text`` is empty."""
        self._words.setText(text)
        self._words.setVisible(bool(text))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The picture takes it. As a focus proxy it would hide the tools from the Tab key."""
        self._canvas.setFocus(event.reason())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if modifiers or self._canvas.view is None or not self._does(event.key()):
            super().keyPressEvent(event)

    def _does(self, key: int) -> bool:
        """Whether the key means something here; then it is done."""
        match key:
            case Qt.Key.Key_0:
                self._tools.fit.click()
            case Qt.Key.Key_1:
                self._tools.one_to_one.click()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._canvas.zoom_by(STEP)
            case Qt.Key.Key_Minus:
                self._canvas.zoom_by(1 / STEP)
            case Qt.Key.Key_I:
                self._tools.invert.click()
            case Qt.Key.Key_R:
                self._tools.reset.click()
            case Qt.Key.Key_H:
                self._tools.heatmap.click()
            case _:
                return False
        return True

    # --- what the tools do

    @Slot()
    def _on_fit(self) -> None:
        self._canvas.look_at(self._canvas.viewport.fitted())

    @Slot()
    def _on_one_to_one(self) -> None:
        self._canvas.look_at(self._canvas.viewport.zoomed(1.0))

    @Slot()
    def _on_reset(self) -> None:
        if view := self._canvas.view:
            self._canvas.set_window(view.low, view.high)

    @Slot(bool)
    def _on_invert_toggled(self, is_inverted: bool) -> None:
        self._canvas.set_inverted(is_inverted)

    @Slot(bool)
    def _on_window_toggled(self, is_windowing: bool) -> None:
        self._canvas.set_windowing(is_windowing)

    @Slot(bool)
    def _on_heatmap_toggled(self, is_wanted: bool) -> None:
        self._tools.show_heat_tools(is_wanted)
        self._draw_heatmap()
        self.heatmap_wanted.emit(is_wanted)

    @Slot()
    def _draw_heatmap(self) -> None:
        heatmap = self._heatmap if self.wants_heatmap else None
        self._canvas.show_heat(heatmap, self._tools.opacity.value() / 100)

    # --- what is to be read

    @Slot()
    def _show_status(self) -> None:
        canvas, is_inverted = self._canvas, self._tools.invert.isChecked()
        self._status.show_state(canvas.view, canvas.viewport.scale, canvas.limits, is_inverted=is_inverted)

    @Slot(object)
    def _show_pointer(self, pixel: tuple[int, int] | None) -> None:
        self._status.show_pixel(self._canvas.view, pixel)

    # --- layout

    def _connect(self) -> None:
        self._tools.fit.clicked.connect(self._on_fit)
        self._tools.one_to_one.clicked.connect(self._on_one_to_one)
        self._tools.reset.clicked.connect(self._on_reset)
        self._tools.invert.toggled.connect(self._on_invert_toggled)
        self._tools.window_tool.toggled.connect(self._on_window_toggled)
        self._tools.heatmap.toggled.connect(self._on_heatmap_toggled)
        self._tools.opacity.valueChanged.connect(self._draw_heatmap)
        self._canvas.changed.connect(self._show_status)
        self._canvas.pointed.connect(self._show_pointer)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_TINY)
        column.addWidget(self._tools)
        column.addWidget(self._canvas, 1)
        column.addWidget(self._words)
        column.addWidget(self._status)
