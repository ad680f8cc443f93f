"""One image's result in words, and what can be done where it was refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import Prediction
from covid_desktop.gui.answer import Answer, decides_where
from covid_desktop.gui.class_widgets import ClassMarker, ScoreBar
from covid_desktop.gui.predict_pages import scrolling

INVERTED = Adjustment(is_inverted=True)
CHOICES = ("adjust_and_score", "score_anyway", "undo_adjustment")
NARROWEST = 280


@pytest.fixture
def answer(show: Any) -> Answer:
    return show(Answer())


@pytest.fixture
def card(make_model: Any) -> ModelCard:
    return make_model().card


def scored(score: float = 0.7, **values: Any) -> Prediction:
    label = "COVID-19" if score >= 0.5 else "Healthy"
    return Prediction(path=Path("a.png"), label=label, score=score, threshold=0.5, **values)


def unscored(**values: Any) -> Prediction:
    return Prediction(path=Path("a.png"), label=None, score=None, threshold=0.5, **values)


def result(answer: Answer) -> str:
    return answer.findChild(ClassMarker, "result").text()


def choices(answer: Answer) -> list[str]:
    """The words of the buttons in sight."""
    buttons = [answer.findChild(QPushButton, name) for name in CHOICES]
    return [button.text() for button in buttons if button.isVisible()]


def has_bar(answer: Answer) -> bool:
    return answer.findChild(ScoreBar).isVisible()


def test_a_plain_score_has_no_caution_and_no_choices(answer: Answer, card: ModelCard, person: Any) -> None:
    answer.show_prediction("a.png", scored(), card)
    read = person.reads(answer)
    assert result(answer) == "COVID-19"
    assert has_bar(answer)
    assert "The score for COVID-19 is 0.700, at or above the threshold" in read
    assert choices(answer) == []
    assert not person.sees(answer, "caution")


def test_a_refused_image_is_not_scored_and_may_be_scored_anyway(
    answer: Answer, card: ModelCard, person: Any, qtbot: QtBot
) -> None:
    answer.show_prediction("a.png", unscored(refusal="The picture is blank, or nearly so."), card)
    assert result(answer) == "Not scored"
    assert not has_bar(answer)
    assert "Not like the training images. The picture is blank, or nearly so." in person.reads(answer)
    assert choices(answer) == ["Score anyway"]
    with qtbot.waitSignal(answer.anyway_chosen):
        person.click(answer, "score_anyway")


@pytest.mark.parametrize(
    ("suggestion", "text"),
    [
        (INVERTED, "Invert and score"),
        (Adjustment(quarter_turns=1), "Turn to the left and score"),
        (Adjustment(quarter_turns=2), "Turn upside down and score"),
        (Adjustment(quarter_turns=3), "Turn to the right and score"),
    ],
)
def test_an_offer_to_turn_or_invert(
    answer: Answer, card: ModelCard, person: Any, qtbot: QtBot, suggestion: Adjustment, text: str
) -> None:
    answer.show_prediction("a.png", unscored(refusal="It seems to be so.", suggestion=suggestion), card)
    assert choices(answer) == [text, "Score anyway"]
    with qtbot.waitSignal(answer.adjustment_chosen) as chosen:
        person.click(answer, "adjust_and_score")
    assert chosen.args == [suggestion]


def test_an_image_scored_anyway_keeps_its_caution(answer: Answer, card: ModelCard, person: Any) -> None:
    odd = scored(0.2, refusal="It seems to be inverted.", suggestion=INVERTED)
    answer.show_prediction("a.png", odd, card)
    assert result(answer) == "Healthy"
    assert has_bar(answer)
    assert (
        "Not like the training images: the score may mean nothing. It seems to be inverted."
    ) in person.reads(answer)
    assert person.sees(answer, "caution")
    assert choices(answer) == []
    answer.show_prediction("b.png", scored(), card)
    assert not person.sees(answer, "caution")


def test_an_adjusted_image_says_so_and_can_be_scored_as_it_was(
    answer: Answer, card: ModelCard, person: Any, qtbot: QtBot
) -> None:
    answer.show_prediction("a.png", scored(adjustment=Adjustment(quarter_turns=1, is_inverted=True)), card)
    assert "Scored inverted and turned to the left." in person.reads(answer)
    assert choices(answer) == ["Score as it was"]
    with qtbot.waitSignal(answer.adjustment_chosen) as chosen:
        person.click(answer, "undo_adjustment")
    assert chosen.args == [AS_IT_IS]


def test_an_adjusted_image_that_is_refused_still(answer: Answer, card: ModelCard, person: Any) -> None:
    answer.show_prediction("a.png", unscored(refusal="It has colours.", adjustment=INVERTED), card)
    assert result(answer) == "Not scored"
    assert choices(answer) == ["Score anyway", "Score as it was"]


def test_an_adjusted_image_scored_anyway_has_both_cautions(
    answer: Answer, card: ModelCard, person: Any
) -> None:
    answer.show_prediction("a.png", scored(refusal="It has colours.", adjustment=INVERTED), card)
    read = person.reads(answer)
    assert "the score may mean nothing. It has colours. Scored inverted." in read


def test_where_another_model_decides_is_not_this_one_s_matter(
    answer: Answer, card: ModelCard, person: Any
) -> None:
    mine = replace(card, threshold=0.3, threshold_origin="Set by hand", indeterminate=(0.2, 0.4))
    answer.show_prediction("a.png", scored(0.6), mine, "old.keras")
    read = person.reads(answer)
    assert "The score is 0.600, at or above the threshold (0.5) of old.keras. It is a score" in read
    assert "by hand" not in read
    assert "indeterminate" not in answer.findChild(ScoreBar).accessibleName()
    near = replace(scored(0.55), label="Indeterminate", is_indeterminate=True)
    answer.show_prediction("a.png", near, mine, "old.keras")
    assert "too near the threshold (0.5) of old.keras to call. It is a score" in person.reads(answer)


def test_a_class_that_the_model_does_not_know_is_neither_of_its_classes(
    answer: Answer, card: ModelCard, person: Any
) -> None:
    answer.show_prediction("a.png", replace(scored(0.9), label="Pneumonia"), card, "pneumonia.keras")
    assert result(answer) == "Pneumonia"
    read = person.reads(answer)
    assert "The score is 0.900, at or above the threshold (0.5) of pneumonia.keras." in read
    assert "COVID-19" not in read
    assert answer.findChild(ScoreBar).accessibleName() == "Score 0.90, threshold 0.50"
    assert not answer.grab().isNull()


def test_an_indeterminate_score_is_for_review(answer: Answer, card: ModelCard, person: Any) -> None:
    near = replace(scored(0.55), label="Indeterminate", is_indeterminate=True)
    answer.show_prediction("a.png", near, replace(card, indeterminate=(0.4, 0.6)))
    assert result(answer) == "Indeterminate: review"
    assert "to call: scores from 0.4 to 0.6 are indeterminate." in person.reads(answer)
    assert "indeterminate 0.40 to 0.60" in answer.findChild(ScoreBar).accessibleName()


def test_an_image_that_cannot_be_read_says_why(answer: Answer, card: ModelCard, person: Any) -> None:
    answer.show_prediction("a.png", unscored(error="a.png is damaged."), card)
    assert result(answer) == "Not scored"
    assert "a.png is damaged." in person.reads(answer)
    assert "Not like the training images" not in person.reads(answer)
    assert choices(answer) == []
    assert not has_bar(answer)


def test_nothing_of_a_refusal_is_left_while_another_image_waits(
    answer: Answer, card: ModelCard, person: Any
) -> None:
    answer.show_prediction("a.png", scored(refusal="It has colours.", adjustment=INVERTED), card)
    answer.show_waiting("b.png", "It is being scored.")
    assert result(answer) == "Waiting"
    assert "It is being scored." in person.reads(answer)
    assert (choices(answer), has_bar(answer), person.sees(answer, "caution")) == ([], False, False)


def test_nothing_is_left_when_no_image_is_looked_at(answer: Answer, card: ModelCard, person: Any) -> None:
    answer.show_prediction("a.png", unscored(refusal="It has colours.", suggestion=INVERTED), card)
    answer.show_nothing()
    assert result(answer) == "No image is chosen"
    assert "a.png" not in person.reads(answer)
    assert (choices(answer), has_bar(answer), person.sees(answer, "caution")) == ([], False, False)


def test_where_a_model_decides(card: ModelCard) -> None:
    assert decides_where(card) == "Threshold not chosen yet: 0.5."
    chosen = replace(card, threshold=0.4, threshold_origin="Set by hand", indeterminate=(0.35, 0.6))
    assert decides_where(chosen) == ("Threshold 0.4, set by hand. Scores from 0.35 to 0.6 are indeterminate.")


@pytest.mark.parametrize(
    "prediction",
    [
        unscored(refusal="It seems to be upside down.", suggestion=Adjustment(quarter_turns=2)),
        scored(refusal="It has colours, and no training image had any.", adjustment=INVERTED),
        unscored(error="/a/rather/long/path/without/any/space/in/it/of/an/image.dicom is damaged."),
    ],
    ids=["offer", "anyway", "error"],
)
def test_nothing_is_wider_than_the_narrowest_column(
    show: Any, card: ModelCard, prediction: Prediction
) -> None:
    answer = Answer()
    area = show(scrolling(answer))
    area.resize(NARROWEST, 420)
    answer.show_model("Model: 2026-01-02 efficientnet-lite0/a_long_name_without_spaces_of_a_model.keras\nT.")
    answer.show_prediction("a_long_name_without_spaces_of_an_image_of_a_series.dcm", prediction, card)
    assert area.minimumWidth() <= NARROWEST
    assert answer.minimumSizeHint().width() <= area.viewport().width()
    assert answer.width() == area.viewport().width()
