"""What is to be read below a picture."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from covid_desktop.core.viewing import View
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, label

_SEPARATOR = "   "


class PictureStatus(QWidget):
    """Size, zoom and frame; below that the window, and the value under the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._about, self._window = ElidedLabel(), ElidedLabel()
        self._pointer = label("", "muted")
        for line, name in (
            (self._about, "picture_status"),
            (self._window, "picture_limits"),
            (self._pointer, "picture_pointer"),
        ):
            line.setObjectName(name)
            line.setProperty("role", "muted")
            line.setFont(tabular(line.font()))
        # So that a longer value lays nothing out anew while the mouse moves.
        self._pointer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pointer.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._lay_out()

    def show_state(
        self, view: View | None, scale: float, limits: tuple[float, float], *, is_inverted: bool
    ) -> None:
        """``scale`` is screen pixels for each pixel, ``limits`` are the values shown black and white."""
        if view is None:
            self._about.set_text("")
            self._window.set_text("")
            return
        width, height = view.size
        facts = [f"{width} x {height} pixels", f"{round(100 * scale)} %"]
        if is_inverted:
            facts.append("Display inverted")
        if view.frames > 1:
            facts.append(f"Frame 1 of {view.frames:,}")
        self._about.set_text(_SEPARATOR.join(facts))
        self._window.set_text(view.window_words(*limits))

    def show_pixel(self, view: View | None, pixel: tuple[int, int] | None) -> None:
        """The value in a row and column, or nothing."""
        if pixel is None or view is None:
            self._pointer.setText("")
            return
        row, column = pixel
        self._pointer.setText(f"x {column}, y {row}: {view.value_words(row, column)}")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._about)
        values = QHBoxLayout()
        values.setSpacing(GAP_SMALL)
        values.addWidget(self._window, 2)
        values.addWidget(self._pointer, 3)
        column.addLayout(values)
