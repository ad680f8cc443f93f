"""The operating point: one threshold by slider, number and preset, and what it means for patients."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.gui.threshold_panel import ThresholdPanel

NAMES = ("Healthy", "COVID-19")
EVALUATION = Evaluation(
    labels=(0, 0, 0, 0, 1, 1, 1, 1), scores=(0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9), threshold=0.5
)


@pytest.fixture
def panel(show: Any) -> Any:
    panel = show(ThresholdPanel())
    panel.show_evaluation(EVALUATION, NAMES)
    return panel


@pytest.fixture
def chosen(panel: ThresholdPanel) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    panel.threshold_chosen.connect(lambda threshold, origin: found.append((threshold, origin)))
    return found


def text(panel: ThresholdPanel, name: str) -> str:
    return panel.findChild(QLabel, name).text()


def test_slider_and_number_show_the_threshold_without_choosing_it(
    panel: ThresholdPanel, chosen: list[tuple[float, str]]
) -> None:
    panel.show_evaluation(EVALUATION.at(0.623), NAMES)
    assert panel.findChild(QSlider, "threshold_slider").value() == 623
    assert panel.findChild(QDoubleSpinBox, "threshold").value() == 0.623
    assert chosen == []


def test_by_slider(panel: ThresholdPanel, person: Any, chosen: list[tuple[float, str]]) -> None:
    person.press(panel.findChild(QSlider, "threshold_slider"), Qt.Key.Key_Right)
    assert chosen == [(0.501, "Set by hand")]


def test_by_number(panel: ThresholdPanel, person: Any, chosen: list[tuple[float, str]]) -> None:
    person.press(panel.findChild(QDoubleSpinBox, "threshold"), Qt.Key.Key_Up)
    assert chosen == [(0.51, "Set by hand")]


@pytest.mark.parametrize(
    ("name", "threshold", "origin"),
    [
        ("preset_sensitivity-95", 0.35, "Sensitivity 95 %"),
        ("preset_specificity-95", 0.65, "Specificity 95 %"),
        ("preset_half", 0.5, "Threshold 0.5"),
    ],
)
def test_by_preset(
    panel: ThresholdPanel,
    person: Any,
    chosen: list[tuple[float, str]],
    name: str,
    threshold: float,
    origin: str,
) -> None:
    person.click(panel, name)
    assert chosen == [(pytest.approx(threshold), origin)]


def test_what_cannot_be_reached_is_not_offered(panel: ThresholdPanel, person: Any) -> None:
    one = Evaluation(labels=(1, 1), scores=(0.2, 0.8), threshold=0.5)
    panel.show_evaluation(one, NAMES)
    for preset in ("sensitivity-95", "specificity-95", "youden"):
        assert not person.find(panel, QPushButton, f"preset_{preset}").isEnabled()
    assert person.find(panel, QPushButton, "preset_half").isEnabled()
    assert text(panel, "frequencies") == "One class only: there is no sensitivity or no specificity."
    panel.show_evaluation(EVALUATION, NAMES)
    assert person.find(panel, QPushButton, "preset_youden").isEnabled()


def test_in_numbers_of_patients(panel: ThresholdPanel) -> None:
    assert text(panel, "frequencies") == (
        "Of 1,000 patients like these, with a prevalence of 10 %: of 100 with COVID-19, 75 are found and 25 "
        "missed; of 900 Healthy, 225 are wrongly called COVID-19."
    )
    panel.findChild(QDoubleSpinBox, "prevalence").setValue(50)
    assert "of 500 with COVID-19, 375 are found" in text(panel, "frequencies")


def test_a_long_name_is_shortened_and_markup_is_only_text(panel: ThresholdPanel) -> None:
    panel.show_evaluation(EVALUATION, ("Healthy", f"<b>{'x' * 60}"))
    assert f"<b>{'x' * 26}…" in text(panel, "frequencies")
    assert "x" * 27 not in text(panel, "frequencies")
    assert panel.findChild(QLabel, "frequencies").textFormat() == Qt.TextFormat.PlainText


def test_it_says_what_the_model_calls_at(panel: ThresholdPanel, person: Any, qtbot: QtBot) -> None:
    panel.show_saved(0.5, "", is_changed=False)
    assert text(panel, "saved_threshold") == "Starts at 0.5: not chosen yet."
    assert not panel.save.isEnabled()
    panel.show_saved(0.312, "Youden index", is_changed=True)
    assert text(panel, "saved_threshold") == "Not saved yet. The model calls at 0.312: Youden index."
    with qtbot.waitSignal(panel.save_requested):
        person.click(panel, "save_threshold")


def test_before_an_evaluation_nothing_is_said(show: Any, person: Any) -> None:
    panel = show(ThresholdPanel())
    panel.findChild(QDoubleSpinBox, "prevalence").setValue(50)
    person.click(panel, "preset_half")
    assert text(panel, "frequencies") == ""
