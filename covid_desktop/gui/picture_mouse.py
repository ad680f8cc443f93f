"""What the mouse does to a picture."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)

from covid_desktop.gui.picture_canvas import PictureCanvas
from covid_desktop.gui.theme import current_tokens
from covid_desktop.gui.viewport import Viewport

STEP = 1.25
"""A notch of the wheel, or a key, zooms by this."""

_NOTCH = 120  # what Qt counts for one
_DOUBLING = 150  # pixels to the side that double the width of the window
_LEVEL = 400  # pixels up or down that move its level by its width
_WIDEST = 64  # times its width by default


class MousePicture(PictureCanvas):
    """``pointed`` carries row and column of the pixel under the mouse, or None.

    The wheel zooms, the left button pans, the right one (or Ctrl, or with ``is_windowing`` the left one)
    changes the window: to the side its width, up or down its level. A double click fits the picture.
    """

    pointed = Signal(object)

    def __init__(self) -> None:
        self._is_windowing = False
        self._pressed: QPointF | None = None
        self._drags_window = False
        self._viewport_before = Viewport(picture=(1, 1), screen=(1, 1))
        self._window_before = 0.0, 0.0
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMouseTracking(True)
        self._show_cursor()

    def set_windowing(self, is_windowing: bool) -> None:
        """Whether the left button changes the window."""
        self._is_windowing = is_windowing
        self._show_cursor()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom at a point of the widget, else in the middle."""
        place = (None, None) if at is None else self.on_screen(at.x(), at.y())
        self.look_at(self.viewport.zoomed(self.viewport.scale * factor, *place))

    # --- events, instead of matplotlib's handling of them

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.view is not None:
            self.zoom_by(STEP ** (event.angleDelta().y() / _NOTCH), event.position())
            self._point(event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.view is None or self._pressed is not None:
            return
        button, with_ctrl = event.button(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        left, right = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
        self._drags_window = button == right or (button == left and bool(self._is_windowing or with_ctrl))
        if button not in (left, right, Qt.MouseButton.MiddleButton):
            return
        self._pressed = event.position()
        self._viewport_before = self.viewport
        self._window_before = self.view.width_and_level(*self.limits)
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and self.view is not None:
            moved = event.position() - self._pressed
            if self._drags_window:
                self._change_window(moved.x(), moved.y())
            elif self._viewport_before.can_pan:
                ratio = self.device_pixel_ratio
                self.look_at(self._viewport_before.panned(moved.x() * ratio, moved.y() * ratio))
        self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        self._pressed = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.look_at(self.viewport.fitted())

    def enterEvent(self, event: QEvent) -> None:  # noqa: ARG002
        return

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the view around has the keys

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: ARG002
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: ARG002
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)  # type: ignore[no-untyped-call]
        if self.hasFocus():
            with QPainter(self) as painter:
                painter.setPen(QPen(QColor(current_tokens().accent), 2))
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _change_window(self, right: float, down: float) -> None:
        """The further right the wider; the further up the brighter."""
        view = self.view
        if view is None:
            return
        usual, _ = view.width_and_level(view.low, view.high)
        width, level = self._window_before
        least = 2 * view.step or usual / 1000
        wider = min(max(width * 2 ** (right / _DOUBLING), least), _WIDEST * usual)
        self.set_window(*view.limits(wider, level + down * width / _LEVEL))

    def _point(self, position: QPointF) -> None:
        found = self.viewport.pixel(*self.on_screen(position.x(), position.y()))
        self.pointed.emit(found if self.view is not None else None)

    def _show_cursor(self) -> None:
        shapes = Qt.CursorShape
        if self._pressed is None:
            shape = shapes.SizeAllCursor if self._is_windowing else shapes.CrossCursor
        elif self._drags_window:
            shape = shapes.SizeAllCursor
        else:
            shape = shapes.ClosedHandCursor if self.viewport.can_pan else shapes.CrossCursor
        self.setCursor(shape)
