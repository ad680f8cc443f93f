"""The row of tools above a picture."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSlider, QToolButton, QWidget

from covid_desktop.figures.picture import heat_colours
from covid_desktop.gui.theme import current_tokens
from covid_desktop.gui.tokens import GAP_SMALL, GAP_TINY
from covid_desktop.gui.widgets import tool_button

_USUAL_OPACITY = 45  # percent
_LEAST_WIDTH = 220
_ROOM_FOR_SCALE = 330


class HeatScale(QWidget):
    """The colours of the heatmap, from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("heatmap_scale")
        self.setAccessibleName("Colours of the heatmap from 0 to 1")
        self.setToolTip("Heatmap from 0, where the model looked least, to 1, where it looked most")
        self.setFixedSize(84, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        with QPainter(self) as painter:
            painter.setPen(QColor(current_tokens().muted))
            end = 12
            bar = QRectF(self.rect()).adjusted(end, 5, -end, -5)
            painter.drawText(QRectF(0, 0, end - 2, self.height()), Qt.AlignmentFlag.AlignCenter, "0")
            painter.drawText(
                QRectF(bar.right() + 2, 0, end - 2, self.height()), Qt.AlignmentFlag.AlignCenter, "1"
            )
            gradient = QLinearGradient(bar.topLeft(), bar.topRight())
            colours = heat_colours(9)
            for place, colour in enumerate(colours):
                gradient.setColorAt(place / (len(colours) - 1), QColor(colour))
            painter.fillRect(bar, gradient)


class PictureTools(QWidget):
    """Buttons with icons; the heatmap's slider and scale are there while it is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.fit = tool_button("zoom-fit", "Fit the picture (0)", "picture_fit")
        self.one_to_one = tool_button(
            "one-to-one", "One pixel for each of the screen (1)", "picture_one_to_one"
        )
        self.window_tool = _checkable(
            "contrast",
            "Drag to change the window: sideways its width, up and down its level",
            "picture_window",
        )
        self.reset = tool_button("reset", "Reset the window (R)", "picture_reset")
        self.invert = _checkable("invert", "Invert the display (I)", "picture_invert")
        self.heatmap = _checkable("heatmap", "Show where the model looked (H)", "picture_heatmap")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setObjectName("picture_opacity")
        self.opacity.setAccessibleName("Opacity of the heatmap")
        self.opacity.setToolTip("Opacity of the heatmap")
        self.opacity.setRange(0, 100)
        self.opacity.setValue(_USUAL_OPACITY)
        self.opacity.setMinimumWidth(48)
        self.opacity.setMaximumWidth(120)
        self._scale = HeatScale()
        self._lay_out()
        self.setFixedHeight(self.sizeHint().height())
        self.show_heat_tools(False)

    def minimumSizeHint(self) -> QSize:
        """Without the heatmap's scale, for which there may be no room: the window must not grow."""
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())

    def show_heat_tools(self, is_shown: bool) -> None:
        self.opacity.setVisible(is_shown)
        self._show_scale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_scale()

    def _show_scale(self) -> None:
        self._scale.setVisible(not self.opacity.isHidden() and self.width() >= _ROOM_FOR_SCALE)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_TINY)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for buttons in ((self.fit, self.one_to_one), (self.window_tool, self.reset, self.invert)):
            for button in buttons:
                row.addWidget(button)
            row.addSpacing(GAP_SMALL)
        row.addWidget(self.heatmap)
        row.addWidget(self.opacity, 1)
        row.addWidget(self._scale)
        row.addStretch(1)


def _checkable(icon_name: str, text: str, name: str) -> QToolButton:
    made = tool_button(icon_name, text, name)
    made.setCheckable(True)
    return made
