"""The curves in the window: lines follow the history, drawn at most five times a second."""

import threading
from typing import Any

import pytest
from PySide6.QtCore import Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from covid_desktop.core.events import BatchEnded
from covid_desktop.core.history import TrainingHistory
from covid_desktop.gui.canvas import figure_style
from covid_desktop.gui.curves_canvas import CurvesCanvas, CurvesPainter, Drawn, Wanted
from covid_desktop.gui.run_view import ConfusionCanvas
from covid_desktop.gui.theme import theme
from covid_desktop.gui.tokens import DARK, LIGHT


@pytest.fixture
def canvas(show: Any) -> Any:
    return show(Shown())


@pytest.fixture
def history(events: list[Any]) -> TrainingHistory:
    history = TrainingHistory()
    for event in events:
        history = history.with_event(event)
    return history


class Shown(CurvesCanvas):
    """Keeps what was drawn."""

    def __init__(self) -> None:
        super().__init__("curves")
        self.drawn: list[tuple[Wanted, Drawn]] = []
        self._painter.answered.connect(self._on_answered)

    def close_threads(self) -> None:
        self.close_painter()

    @Slot(object, object)
    def _on_answered(self, wanted: Wanted, drawn: Drawn) -> None:
        self.drawn.append((wanted, drawn))

    @property
    def corner(self) -> str:
        return self.grab().toImage().pixelColor(0, 0).name()


def wanted(history: TrainingHistory, width: int = 600, height: int = 400, ratio: float = 1.0) -> Wanted:
    return Wanted(history=history, style=figure_style(), width=width, height=height, ratio=ratio)


def test_the_lines_show_the_history(history: TrainingHistory) -> None:
    painter = CurvesPainter()
    painter(wanted(history))
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in painter.figure.axes[0].lines]
    assert ([1, 2], [0.6, 0.4]) in drawn
    assert ([1, 2], pytest.approx([0.7, 0.5])) in drawn
    assert ([2], [0.4]) in drawn  # the best epoch


def test_the_lines_stay_until_the_colours_are_others(history: TrainingHistory) -> None:
    painter = CurvesPainter()
    painter(wanted(history))
    figure = painter.figure
    painter(wanted(TrainingHistory()))
    assert painter.figure is figure
    theme().apply("dark")
    painter(wanted(history))
    assert painter.figure is not figure


@pytest.mark.parametrize(("width", "height"), [(160, 120), (1600, 900)])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_it_can_be_small_and_large(history: TrainingHistory, width: int, height: int, ratio: float) -> None:
    painter = CurvesPainter()
    image = painter(wanted(history, width, height, ratio)).image
    assert (image.width(), image.height(), image.devicePixelRatio()) == (width, height, ratio)
    first, second = painter.figure.axes
    assert first.get_position().y0 > second.get_position().y1
    assert second.get_position().height > 0.1


def test_what_is_drawn_is_shown(canvas: Shown, history: TrainingHistory, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(canvas.drawn))
    empty = canvas.grab().toImage()
    canvas.show_history(history)
    qtbot.waitUntil(lambda: canvas.drawn[-1][0].history == history)
    assert canvas.grab().toImage() != empty


def test_many_events_are_one_redraw(canvas: Shown, history: TrainingHistory, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(canvas.drawn))
    canvas.drawn.clear()
    for batch in range(1, 5):
        history = history.with_event(BatchEnded(epoch=3, batch=batch, loss=0.3, accuracy=0.9))
        canvas.show_history(history)
    assert canvas.drawn == []
    qtbot.waitUntil(lambda: bool(canvas.drawn))
    assert [one.history for one, _ in canvas.drawn] == [history]


def test_nothing_is_drawn_out_of_sight(canvas: Shown, history: TrainingHistory, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(canvas.drawn))
    canvas.hide()
    canvas.drawn.clear()
    canvas.show_history(history)
    qtbot.waitUntil(lambda: not canvas._rest.isActive())
    QApplication.processEvents()
    assert canvas.drawn == []
    canvas.show()
    qtbot.waitUntil(lambda: bool(canvas.drawn))
    assert canvas.drawn[-1][0].history == history


def test_the_window_goes_on_while_it_is_drawn(canvas: Shown, history: TrainingHistory, qtbot: QtBot) -> None:
    main = threading.current_thread()
    seen: list[threading.Thread] = []
    canvas._painter._answer = lambda _: (seen.append(threading.current_thread()), Drawn(QImage(), 0.0))[1]
    canvas.show_history(history)
    qtbot.waitUntil(lambda: bool(seen))
    assert main not in seen


@pytest.mark.parametrize(("seconds", "rest"), [(0.001, 200), (0.1, 600), (5.0, 2000)])
def test_it_rests_as_a_slow_computer_needs_and_never_long(
    canvas: Shown, history: TrainingHistory, qtbot: QtBot, seconds: float, rest: int
) -> None:
    canvas._painter._answer = lambda _: Drawn(QImage(), seconds)
    canvas.drawn.clear()
    canvas.show_history(history)
    qtbot.waitUntil(lambda: any(drawn.seconds == seconds for _, drawn in canvas.drawn))
    assert canvas._rest.interval() == rest


def test_the_theme_s_colours_are_worn(canvas: Shown, history: TrainingHistory, qtbot: QtBot) -> None:
    canvas.show_history(history)
    qtbot.waitUntil(lambda: any(one.history == history for one, _ in canvas.drawn))
    assert canvas.corner == LIGHT.surface
    theme().apply("dark")
    assert figure_style().surface == DARK.surface
    assert canvas.corner == DARK.surface  # nothing of the old colours while the new ones are drawn
    qtbot.waitUntil(lambda: canvas.drawn[-1][0].style == figure_style())
    assert canvas.corner == DARK.surface


def test_the_confusion_matrix_is_said_in_words(show: Any, result: Any) -> None:
    matrix = show(ConfusionCanvas())
    matrix.show_evaluation(result.evaluation, ("Healthy", "COVID-19"))
    matrix.draw()
    assert matrix.accessibleName() == (
        "Confusion matrix: 1 true positive, 1 false positive, 1 true negative, 1 false negative"
    )
    (axes,) = matrix.figure.axes
    assert [text.get_text() for text in axes.texts].count("1") == 4
    theme().apply("dark")
    assert len(matrix.figure.axes) == 1
