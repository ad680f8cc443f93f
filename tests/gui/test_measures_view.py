"""Measures side by side: values, intervals, and what they are of."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.measures import NAMES, measures
from covid_desktop.gui.measures_view import Column, MeasuresView
from covid_desktop.gui.widgets import ElidedLabel

BOTH = Evaluation(labels=(0, 0, 1, 1), scores=(0.1, 0.6, 0.4, 0.9), threshold=0.5)
ONE = Evaluation(labels=(1, 1), scores=(0.4, 0.9), threshold=0.5)


@pytest.fixture
def view(show: Any) -> Any:
    return show(MeasuresView())


def column(name: str, evaluation: Evaluation = BOTH, caution: str = "") -> Column:
    about = f"{evaluation.n} images"
    return Column(name=name, about=about, caution=caution, measures=measures(evaluation, resamples=50))


def value(view: MeasuresView, key: str, place: int = 0) -> QLabel:
    return view.findChild(QLabel, f"measure_{key}_{place}")


def heading(view: MeasuresView) -> str:
    return view.findChild(QLabel, "measures_heading").text()


def test_every_measure_has_its_row(view: MeasuresView, person: Any) -> None:
    view.show_columns([column("here")], 0.5)
    QApplication.processEvents()
    read = person.reads(view)
    assert [name for name in NAMES.values() if name not in read] == []
    assert heading(view) == "Measures with 95 % intervals at the threshold 0.500"
    assert "4 images" in read


def test_values_stand_at_the_right_with_their_interval(view: MeasuresView, person: Any) -> None:
    view.show_columns([column("here")], 0.5)
    QApplication.processEvents()
    shown = value(view, "sensitivity")
    assert shown.text() == "0.500"
    assert shown.alignment() & Qt.AlignmentFlag.AlignRight
    assert "0.095 to 0.905" in person.reads(view)
    assert shown.toolTip() == "95 % interval: Wilson"
    assert shown.accessibleName() == "Sensitivity 0.500, 95 % interval 0.095 to 0.905"


def test_what_is_not_defined_is_a_dash_that_says_why(view: MeasuresView) -> None:
    view.show_columns([column("one", ONE)], 0.5)
    assert value(view, "specificity").text() == "-"
    assert value(view, "specificity").toolTip() == "Not defined: there are no negative images"
    assert value(view, "specificity").accessibleName() == "Specificity not defined"


def test_a_value_without_an_interval(view: MeasuresView) -> None:
    right = Evaluation(labels=(0, 0, 1, 1), scores=(0.1, 0.2, 0.8, 0.9), threshold=0.5)
    view.show_columns([column("right", right)], 0.5)
    assert value(view, "balanced_accuracy").text() == "1.000"
    assert value(view, "balanced_accuracy").accessibleName() == "Balanced accuracy 1.000"


def test_another_threshold_changes_words_only(view: MeasuresView) -> None:
    view.show_columns([column("here")], 0.5)
    shown = value(view, "sensitivity")
    view.show_columns([column("here", BOTH.at(0.3))], 0.3)
    assert value(view, "sensitivity") is shown
    assert shown.text() == "1.000"
    assert heading(view).endswith("at the threshold 0.300")


def test_four_sets_side_by_side_fit_a_small_window(view: MeasuresView) -> None:
    names = ["a folder with a very long name, training", "validation", "test", "elsewhere"]
    view.show_columns([column(name) for name in names], 0.5)
    QApplication.processEvents()
    assert view.minimumSizeHint().width() <= 554
    heads = [view.findChild(ElidedLabel, f"measured_{place}") for place in range(4)]
    assert [head.accessibleName() for head in heads] == names
    assert "…" in heads[0].text()
    places = [
        value(view, "auroc", place).mapTo(view, value(view, "auroc", place).rect().topRight()).x()
        for place in range(4)
    ]
    assert places == sorted(set(places))
    assert heading(view) == "4 sets compared, with 95 % intervals, at the threshold 0.500"


def test_fewer_sets_than_before_leave_nothing_behind(view: MeasuresView) -> None:
    view.show_columns([column("a"), column("b"), column("c")], 0.5)
    view.show_columns([column("a")], 0.5)
    assert value(view, "auroc", 0).text()
    assert value(view, "auroc", 1) is None


def test_a_set_whose_numbers_are_too_good_says_so(view: MeasuresView) -> None:
    view.show_columns([column("a"), column("b", caution="The model was trained on them.")], 0.5)
    plain, warned = (view.findChild(QLabel, f"measured_about_{place}") for place in range(2))
    assert (plain.property("role"), plain.toolTip()) == ("muted", "")
    assert (warned.property("role"), warned.toolTip()) == ("warning", "The model was trained on them.")
