"""The figures of an evaluation in the window: words inside, the operating point dragged, cells chosen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from covid_desktop.core.calibration import reliability
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.figures.roc import Curve, nearest_precision_threshold, nearest_threshold
from covid_desktop.gui.evaluation_canvases import (
    ConfusionCanvas,
    EvaluationCanvas,
    PrecisionRecallCanvas,
    ReliabilityCanvas,
    RocCanvas,
    ScoresCanvas,
)
from covid_desktop.gui.theme import theme
from covid_desktop.gui.tokens import DARK

NAMES = ("Healthy", "COVID-19")
LONG = "a folder with a name that is longer than any figure is wide, training"
SCORES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.35, 0.45, 0.55, 0.7, 0.8, 0.9)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def evaluation() -> Evaluation:
    return Evaluation(labels=(0,) * 6 + (1,) * 6, scores=SCORES, threshold=0.29)


@pytest.fixture
def roc(show: Any, evaluation: Evaluation) -> Any:
    canvas = show(RocCanvas())
    canvas.show_curves([Curve(name="here, validation", evaluation=evaluation)])
    return canvas


def fill_roc(canvas: Any, evaluation: Evaluation) -> None:
    canvas.show_curves([Curve(name=LONG, evaluation=evaluation)] * 4)


def fill_reliability(canvas: Any, evaluation: Evaluation) -> None:
    bins = reliability(evaluation.labels, evaluation.scores)
    canvas.show_bins(bins, bins)


def fill_scores(canvas: Any, evaluation: Evaluation) -> None:
    canvas.show_scores(evaluation, (LONG, LONG), (0.2, 0.4))


def fill_confusion(canvas: Any, evaluation: Evaluation) -> None:
    canvas.show_evaluation(evaluation, (LONG, LONG))


CANVASES: list[tuple[type[EvaluationCanvas], Callable[..., None]]] = [
    (RocCanvas, fill_roc),
    (PrecisionRecallCanvas, fill_roc),
    (ReliabilityCanvas, fill_reliability),
    (ScoresCanvas, fill_scores),
    (ConfusionCanvas, fill_confusion),
]
each_canvas = pytest.mark.parametrize(("kind", "fill"), CANVASES, ids=[kind.__name__ for kind, _ in CANVASES])


def outside(canvas: EvaluationCanvas) -> list[str]:
    """The words that reach over a side of the figure."""
    figure = canvas.figure
    axes = figure.axes[0]
    key = axes.get_legend()
    words = [*axes.texts, axes.xaxis.label, axes.yaxis.label, *(key.get_texts() if key else [])]
    found = []
    for text in words:
        place = text.get_window_extent()
        if place.x0 < 0 or place.x1 > figure.bbox.width or place.y0 < 0 or place.y1 > figure.bbox.height:
            found.append(text.get_text())
    return found


@each_canvas
@pytest.mark.parametrize("size", [(276, 220), (276, 480), (600, 300)])
def test_words_stay_inside_whatever_the_size(
    kind: Any, fill: Any, size: tuple[int, int], show: Any, evaluation: Evaluation, qtbot: QtBot
) -> None:
    canvas = show(kind())
    canvas.resize(900, 600)
    fill(canvas, evaluation)
    canvas.resize(*size)
    QApplication.processEvents()
    canvas.draw()
    assert outside(canvas) == []


@each_canvas
def test_before_anything_is_known_nothing_is_drawn(kind: Any, fill: Any, show: Any) -> None:
    assert show(kind()).figure.axes == []


@each_canvas
def test_it_is_named_for_tests_and_for_screen_readers(
    kind: Any, fill: Any, show: Any, evaluation: Evaluation
) -> None:
    canvas = show(kind())
    fill(canvas, evaluation)
    assert canvas.objectName()
    assert canvas.accessibleName()


@each_canvas
def test_the_theme_changes_with_it(
    kind: Any, fill: Any, tasks: Any, show: Any, evaluation: Evaluation
) -> None:
    canvas = show(kind())
    fill(canvas, evaluation)
    theme().apply("dark")
    assert canvas.figure.get_facecolor() == pytest.approx(rgba(DARK.surface))
    assert len(canvas.figure.axes) == 1


def rgba(colour: str) -> Any:
    return QColor(colour).getRgbF()


def test_a_key_with_room_tells_the_threshold_again(roc: RocCanvas) -> None:
    def key() -> str:
        return str(roc.figure.axes[0].get_legend().get_texts()[0].get_text())

    roc.resize(276, 220)
    assert key() == "here, validation: AUROC 0.889"
    roc.resize(700, 500)
    assert key() == "here, validation: AUROC 0.889, threshold 0.29"


# --- dragging


def at(canvas: EvaluationCanvas, x: float, y: float) -> QPoint:
    """The place of a point of the axes on the widget."""
    axes: Axes = canvas.figure.axes[0]
    axes.apply_aspect()
    right, up = axes.transData.transform((x, y)) / canvas.device_pixel_ratio
    return QPoint(round(right), canvas.height() - round(up))


@pytest.fixture
def dragged(roc: RocCanvas) -> list[float]:
    found: list[float] = []
    roc.threshold_dragged.connect(found.append)
    roc.draw()
    return found


def test_a_click_takes_the_nearest_point_of_the_curve(
    roc: RocCanvas, dragged: list[float], evaluation: Evaluation
) -> None:
    QTest.mouseClick(roc, LEFT, pos=at(roc, 1 / 6, 0.7))
    assert dragged == [nearest_threshold(evaluation, 1 / 6, 0.7)]


def test_the_point_of_the_precision_recall_curve_can_be_dragged_too(
    show: Any, evaluation: Evaluation
) -> None:
    canvas = show(PrecisionRecallCanvas())
    canvas.show_curves([Curve(name="here", evaluation=evaluation)])
    found: list[float] = []
    canvas.threshold_dragged.connect(found.append)
    canvas.draw()
    QTest.mouseClick(canvas, LEFT, pos=at(canvas, 0.5, 0.9))
    assert found == [nearest_precision_threshold(evaluation, 0.5, 0.9)]


def test_dragging_goes_on_beside_the_axes_until_the_button_is_let_go(
    roc: RocCanvas, dragged: list[float], evaluation: Evaluation
) -> None:
    QTest.mousePress(roc, LEFT, pos=at(roc, 0.5, 0.5))
    QTest.mouseMove(roc, QPoint(1, roc.height() - 1))
    assert dragged[-1] == nearest_threshold(evaluation, 0, 0)
    QTest.mouseRelease(roc, LEFT, pos=QPoint(1, roc.height() - 1))
    count = len(dragged)
    QTest.mouseMove(roc, at(roc, 0.5, 0.5))
    assert len(dragged) == count


def test_the_mouse_alone_moves_nothing(roc: RocCanvas, dragged: list[float]) -> None:
    QTest.mouseMove(roc, at(roc, 0.5, 0.5))
    QTest.mouseClick(roc, LEFT, pos=QPoint(1, 1))
    QTest.mouseClick(roc, Qt.MouseButton.RightButton, pos=at(roc, 0.5, 0.5))
    assert dragged == []


def test_of_one_class_there_is_nothing_to_drag(roc: RocCanvas, dragged: list[float]) -> None:
    one = Evaluation(labels=(1, 1), scores=(0.2, 0.8), threshold=0.5)
    roc.show_curves([Curve(name="one", evaluation=one)])
    roc.draw()
    QTest.mouseClick(roc, LEFT, pos=at(roc, 0.5, 0.5))
    assert dragged == []


def test_10000_images_are_dragged_through_fluidly(show: Any) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 10_000)
    scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1)
    many = Evaluation(labels=tuple(map(int, labels)), scores=tuple(map(float, scores)), threshold=0.5)
    canvas = show(RocCanvas())
    canvas.show_curves([Curve(name="many", evaluation=many)])
    assert max(len(line.get_xdata()) for line in canvas.figure.axes[0].lines) <= 500


# --- the confusion matrix


@pytest.mark.parametrize(("truth", "called"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_cell_is_chosen_by_a_click(
    truth: int, called: int, show: Any, evaluation: Evaluation, qtbot: QtBot
) -> None:
    canvas = show(ConfusionCanvas())
    canvas.show_evaluation(evaluation, NAMES)
    canvas.draw()
    with qtbot.waitSignal(canvas.cell_chosen) as told:
        QTest.mouseClick(canvas, LEFT, pos=at(canvas, called, truth))
    assert told.args == [truth, called]


def test_beside_the_matrix_nothing_is_chosen(show: Any, evaluation: Evaluation, qtbot: QtBot) -> None:
    canvas = show(ConfusionCanvas())
    canvas.show_evaluation(evaluation, NAMES)
    canvas.draw()
    with qtbot.assertNotEmitted(canvas.cell_chosen):
        QTest.mouseClick(canvas, LEFT, pos=QPoint(2, 2))


def test_the_matrix_is_read_aloud(show: Any, evaluation: Evaluation) -> None:
    canvas = show(ConfusionCanvas())
    canvas.show_evaluation(evaluation, NAMES)
    assert canvas.accessibleName() == (
        "Confusion matrix: 6 true positive, 3 false positive, 3 true negative, 0 false negative"
    )
