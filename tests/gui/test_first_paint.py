"""When a window can be seen."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.gui.first_paint import FirstPaint


class Inside(QWidget):
    """Knows whether it was painted."""

    is_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.is_painted = True


def test_it_is_told_once_and_when_all_in_the_window_is_painted(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    inside = Inside(window)
    told: list[bool] = []
    first = FirstPaint(window)
    first.happened.connect(lambda: told.append(inside.is_painted))
    with qtbot.waitSignal(first.happened):
        window.show()
    with qtbot.waitCallback() as later:
        window.repaint()
        QTimer.singleShot(0, later)  # after what this painting may have begun
    assert told == [True]
