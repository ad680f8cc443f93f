"""When a window can be seen."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.gui.first_paint import FirstPaint


def test_it_is_told_once_and_after_the_window_was_painted(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    told: list[bool] = []
    first = FirstPaint(window)
    first.happened.connect(lambda: told.append(window.isVisible()))
    assert told == []
    with qtbot.waitSignal(first.happened, timeout=10_000):
        window.show()
    window.repaint()
    with qtbot.assertNotEmitted(first.happened):
        window.grab()
    assert told == [True]
