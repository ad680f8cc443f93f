"""Curves, the threshold and the measures of the sets that are compared."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.judgement import Judgement
from covid_desktop.gui.evaluation_canvases import PrecisionRecallCanvas, RocCanvas
from covid_desktop.gui.operating_view import OperatingView
from covid_desktop.gui.widgets import ElidedLabel

EVALUATION = Evaluation(
    labels=(0, 0, 0, 0, 1, 1, 1, 1), scores=(0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9), threshold=0.5
)


def judgement(name: str, **values: Any) -> Judgement:
    return Judgement(**{"folder": Path(name), "subset": None, "evaluation": EVALUATION, **values})


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(OperatingView())


def test_one_set_is_compared_with_nothing(view: OperatingView, person: Any) -> None:
    view.show_judgements([judgement("here")])
    assert not person.sees(view, "drop_words")
    assert view.findChild(RocCanvas).accessibleName() == "ROC curves of here"
    assert view.findChild(PrecisionRecallCanvas).accessibleName() == "Precision and recall of here"
    assert view.findChild(QLabel, "measured_about_0").text() == "8 images"


def test_each_other_set_is_compared_with_the_first(view: OperatingView, person: Any) -> None:
    worse = EVALUATION.at(0.5)
    view.show_judgements([judgement("home"), judgement("<b>away", evaluation=worse), judgement("abroad")])
    drop = view.findChild(QLabel, "drop_words")
    assert drop.isVisible()
    assert [line[:31] for line in drop.text().split("\n")] == [
        "No drop from home to <b>away can"[:31],
        "No drop from home to abroad can b"[:31],
    ]
    assert drop.textFormat() == Qt.TextFormat.PlainText
    view.show_judgements([judgement("home")])
    assert not person.sees(view, "drop_words")


def test_what_makes_numbers_too_good_stands_above_them(view: OperatingView) -> None:
    view.show_judgements(
        [judgement("a", in_training=3), judgement("b", subset="validation", in_validation=8), judgement("c")]
    )
    about = [view.findChild(QLabel, f"measured_about_{place}").text() for place in range(3)]
    assert about == ["8 images\nused for training", "8 images\noptimistic", "8 images"]
    names = [view.findChild(ElidedLabel, f"measured_{place}").accessibleName() for place in range(3)]
    assert names == ["a", "b, validation", "c"]


def test_a_threshold_dragged_is_set_by_hand(view: OperatingView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.threshold_chosen) as told:
        view.findChild(RocCanvas).threshold_dragged.emit(0.35)
    assert told.args == [0.35, "Set by hand"]


def test_a_preset_passes_through(view: OperatingView, person: Any, qtbot: QtBot) -> None:
    view.panel.show_evaluation(EVALUATION, ("Healthy", "COVID-19"))
    with qtbot.waitSignal(view.threshold_chosen) as told:
        person.click(view, "preset_half")
    assert told.args == [0.5, "Threshold 0.5"]


@pytest.mark.parametrize("sets", [1, 4])
def test_in_a_small_window_everything_can_be_reached(view: OperatingView, sets: int) -> None:
    view.show_judgements([judgement(f"set {number}") for number in range(sets)])
    view.resize(904, 420)
    QApplication.processEvents()
    assert view.minimumSizeHint().width() <= 904
    assert view.minimumSizeHint().height() <= 420
    scroll = view.findChild(QScrollArea, "measures_scroll")
    assert scroll.verticalScrollBar().maximum() > 0
    assert scroll.horizontalScrollBar().maximum() == 0
