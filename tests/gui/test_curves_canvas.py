"""The curves in the window: lines follow the history, drawn at most five times a second."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from covid_desktop.core.events import BatchEnded
from covid_desktop.core.history import TrainingHistory
from covid_desktop.gui.canvas import CurvesCanvas, figure_style
from covid_desktop.gui.run_view import ConfusionCanvas
from covid_desktop.gui.theme import theme
from covid_desktop.gui.tokens import DARK, LIGHT


@pytest.fixture
def canvas(show: Any) -> Any:
    return show(CurvesCanvas())


@pytest.fixture
def history(events: list[Any]) -> TrainingHistory:
    history = TrainingHistory()
    for event in events:
        history = history.with_event(event)
    return history


def lines(canvas: CurvesCanvas) -> list[tuple[list[float], list[float]]]:
    """The points of each line of the loss's axes."""
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in canvas.figure.axes[0].lines]


def test_the_lines_show_the_history(canvas: CurvesCanvas, history: TrainingHistory, qtbot: QtBot) -> None:
    canvas.show_history(history)
    qtbot.waitUntil(lambda: ([1, 2], [0.6, 0.4]) in lines(canvas))
    drawn = lines(canvas)
    assert ([1, 2], pytest.approx([0.7, 0.5])) in drawn
    assert ([2], [0.4]) in drawn  # the best epoch


def test_many_events_are_one_redraw(
    canvas: CurvesCanvas, history: TrainingHistory, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    redraws: list[None] = []
    monkeypatch.setattr(canvas, "draw_idle", lambda: redraws.append(None))
    for batch in range(1, 5):
        history = history.with_event(BatchEnded(epoch=3, batch=batch, loss=0.3, accuracy=0.9))
        canvas.show_history(history)
    assert redraws == []
    qtbot.waitUntil(lambda: bool(redraws))
    assert len(redraws) == 1
    assert ([2.25, 2.5, 2.75, 3.0], [0.3] * 4) in lines(canvas)


def test_nothing_is_drawn_out_of_sight(
    canvas: CurvesCanvas, history: TrainingHistory, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.hide()
    drawn: list[None] = []
    draw = canvas.draw
    monkeypatch.setattr(canvas, "draw", lambda: (drawn.append(None), draw()))
    canvas.show_history(history)
    qtbot.waitUntil(lambda: ([1, 2], [0.6, 0.4]) in lines(canvas))
    QApplication.processEvents()
    assert drawn == []
    canvas.show()
    qtbot.waitUntil(lambda: bool(drawn))


def test_the_theme_s_colours_are_worn_and_the_lines_stay(
    canvas: CurvesCanvas, history: TrainingHistory, qtbot: QtBot
) -> None:
    canvas.show_history(history)
    qtbot.waitUntil(lambda: ([1, 2], [0.6, 0.4]) in lines(canvas))
    before = lines(canvas)
    theme().apply("dark")
    assert figure_style().surface == DARK.surface
    assert corner(canvas) == DARK.surface
    assert lines(canvas) == before
    theme().apply("light")
    assert corner(canvas) == LIGHT.surface


def corner(canvas: CurvesCanvas) -> str:
    canvas.draw()
    red, green, blue, _ = np.asarray(canvas.buffer_rgba())[0, 0]
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("size", [(160, 120), (1600, 900)])
def test_it_can_be_small_and_large(
    canvas: CurvesCanvas, history: TrainingHistory, size: tuple[int, int]
) -> None:
    canvas.resize(*size)
    canvas.show_history(history)
    canvas._on_timer_timeout()
    canvas.draw()
    first, second = canvas.figure.axes
    assert first.get_position().y0 > second.get_position().y1
    assert second.get_position().height > 0.1


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
