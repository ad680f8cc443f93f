"""Calibration and indeterminate scores: fitted where they may be, and kept until something else is chosen."""

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop.core.calibration import Calibration, fit_calibration
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.indeterminate import Band
from covid_desktop.gui.calibration_view import CalibrationView
from covid_desktop.gui.evaluation_canvases import ReliabilityCanvas, ScoresCanvas

NAMES = ("Healthy", "COVID-19")
EVALUATION = Evaluation(
    labels=(0,) * 6 + (1,) * 6,
    scores=(0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.35, 0.45, 0.55, 0.7, 0.8, 0.9),
    threshold=0.5,
)
FEW = Evaluation(labels=(0, 1), scores=(0.2, 0.8), threshold=0.5)
KNOWN = Calibration(slope=2.0, intercept=0.5)


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    view = show(CalibrationView())
    view.show_evaluation(EVALUATION, NAMES, is_validation=True)
    return view


def text(view: CalibrationView, name: str) -> str:
    return view.findChild(QLabel, name).text()


def series(view: CalibrationView) -> list[str]:
    key = view.findChild(ReliabilityCanvas).figure.axes[0].get_legend()
    return [line.get_text() for line in key.get_texts()]


def share(view: CalibrationView) -> QDoubleSpinBox:
    return view.findChild(QDoubleSpinBox, "caught_share")


def band_drawn(view: CalibrationView) -> bool:
    return bool(
        [
            patch
            for patch in view.findChild(ScoresCanvas).figure.axes[0].texts
            if "indeterminate" in patch.get_text()
        ]
    )


def test_it_is_fitted_on_validation_images(view: CalibrationView, person: Any, qtbot: QtBot) -> None:
    assert text(view, "calibration_where").startswith("It is fitted on these validation images")
    assert series(view) == ["score"]
    with qtbot.waitSignal(view.changed):
        person.click(view, "fit_calibration")
    assert view.calibration == fit_calibration(EVALUATION.labels, EVALUATION.scores)
    assert series(view) == ["score", "calibrated probability"]
    assert "Of the calibrated probabilities: 0." in text(view, "calibration_error")


def test_elsewhere_it_is_not_fitted_and_says_where(view: CalibrationView, person: Any) -> None:
    view.show_evaluation(EVALUATION, NAMES, is_validation=False)
    fit = person.find(view, QPushButton, "fit_calibration")
    assert not fit.isEnabled()
    assert text(view, "calibration_where").startswith("It should be fitted on validation images")
    assert fit.toolTip() == text(view, "calibration_where")


def test_too_few_images_leave_the_calibration_as_it_was(
    view: CalibrationView, person: Any, qtbot: QtBot
) -> None:
    view.show_model(KNOWN, None)
    view.show_evaluation(FEW, NAMES, is_validation=True)
    with qtbot.assertNotEmitted(view.changed):
        person.click(view, "fit_calibration")
    assert view.calibration == KNOWN
    assert text(view, "calibration_error").startswith("Too few images")


def test_what_the_model_has_is_shown(view: CalibrationView, person: Any) -> None:
    view.show_model(KNOWN, Band(low=0.35, high=0.6))
    view.show_evaluation(EVALUATION, NAMES, is_validation=False)
    assert series(view) == ["score", "calibrated probability"]
    assert text(view, "band_words").startswith("Scores from 0.350 to 0.600 are indeterminate: 5 of 12 images")
    assert band_drawn(view)
    assert person.sees(view, "remove_band")


def test_a_fit_survives_another_threshold(view: CalibrationView, person: Any) -> None:
    person.click(view, "fit_calibration")
    fitted = view.calibration
    view.show_evaluation(EVALUATION.at(0.3), NAMES, is_validation=True)
    assert view.calibration is fitted
    assert fitted is not None


def test_a_share_of_the_errors_makes_a_band(view: CalibrationView, qtbot: QtBot) -> None:
    assert text(view, "band_words") == "No result is indeterminate."
    assert not band_drawn(view)
    with qtbot.waitSignal(view.changed):
        share(view).setValue(100)
    assert view.band == Band(low=0.35, high=0.6)
    assert text(view, "band_words").endswith("with 3 of 3 errors (100 %).")
    assert band_drawn(view)


def test_the_band_moves_with_the_threshold_before_it_is_looked_at(view: CalibrationView) -> None:
    share(view).setValue(100)
    view.set_threshold(EVALUATION.at(0.32))
    assert view.band == Band(low=0.32, high=0.6)


def test_a_band_can_be_taken_away(view: CalibrationView, person: Any, qtbot: QtBot) -> None:
    view.show_model(None, Band(low=0.35, high=0.6))
    view.show_evaluation(EVALUATION, NAMES, is_validation=True)
    with qtbot.waitSignal(view.changed):
        person.click(view, "remove_band")
    assert view.band is None
    assert text(view, "band_words") == "No result is indeterminate."
    assert not person.sees(view, "remove_band")
    share(view).setValue(50)
    person.click(view, "remove_band")
    assert (view.band, share(view).value()) == (None, 0)


def test_a_threshold_outside_the_model_s_band_says_so(view: CalibrationView) -> None:
    view.show_model(None, Band(low=0.35, high=0.6))
    view.show_evaluation(EVALUATION.at(0.8), NAMES, is_validation=True)
    assert "The threshold lies outside of them" in text(view, "band_words")


def test_another_model_has_its_own(view: CalibrationView, person: Any) -> None:
    person.click(view, "fit_calibration")
    share(view).setValue(100)
    view.show_model(None, None)
    assert (view.calibration, view.band, share(view).value()) == (None, None, 0)


def test_it_is_kept_when_asked(view: CalibrationView, person: Any, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.save_requested):
        person.click(view, "save_calibration")


def test_nothing_happens_before_an_evaluation(tasks: Any, show: Any, person: Any, qtbot: QtBot) -> None:
    view = show(CalibrationView())
    with qtbot.assertNotEmitted(view.changed):
        person.click(view, "fit_calibration")
        share(view).setValue(50)
    assert (view.calibration, view.band) == (None, None)


def test_its_words_have_room_in_a_small_window(view: CalibrationView) -> None:
    view.resize(904, 420)
    QApplication.processEvents()
    assert view.minimumSizeHint().width() <= 904
    labels = [label for label in view.findChildren(QLabel) if label.isVisible() and not label.wordWrap()]
    assert labels
    assert [label.text() for label in labels if label.width() < label.sizeHint().width()] == []
