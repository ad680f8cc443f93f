"""What is said of results of images, in words and counts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.document import Table
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import Review
from covid_desktop.core.worklist_sections import (
    COLUMNS,
    MOST_PICTURES,
    MOST_ROWS,
    ReportedImage,
    caution_words,
    headline,
    image_table,
    most_telling,
    reason_words,
    result_of,
    result_tables,
    result_words,
    shown_names,
    summary_section,
)

WHY = "It is like none of the images that the model learnt from."


@pytest.fixture
def card() -> ModelCard:
    config = TrainingConfig(architecture="small-cnn").resolved()
    return ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
    )


def predicted(label: str | None = "COVID-19", score: float | None = 0.8, **values: Any) -> Prediction:
    place = values.pop("path", Path("/SECRET/a.png"))
    return Prediction(path=place, label=label, score=score, threshold=0.5, **values)


def image(prediction: Prediction, **values: Any) -> ReportedImage:
    return ReportedImage(name=prediction.path.name, prediction=prediction, **values)


HEALTHY = predicted("Healthy", 0.1)
UNSURE = predicted("Indeterminate", 0.5, is_indeterminate=True)
REFUSED = predicted(None, None, refusal=WHY, suggestion=Adjustment(is_inverted=True))
ANYWAY = predicted(refusal=WHY)
UNREADABLE = predicted(None, None, error="Empty file.")
TURNED = predicted(adjustment=Adjustment(quarter_turns=1, is_inverted=True))


@pytest.mark.parametrize(
    ("prediction", "result"),
    [
        (predicted(), "positive"),
        (HEALTHY, "negative"),
        (UNSURE, "indeterminate"),
        (REFUSED, "refused"),
        (ANYWAY, "positive"),
        (UNREADABLE, "unreadable"),
        (predicted("Indeterminate", 0.1), "negative"),  # a class of that name
        (predicted("Healthy", 0.0), "negative"),
    ],
)
def test_each_image_has_one_result(prediction: Prediction, result: str) -> None:
    assert result_of(prediction, "COVID-19") == result


@pytest.mark.parametrize(
    ("prediction", "words"),
    [
        (predicted(), "COVID-19"),
        (REFUSED, f"Not scored: {WHY}"),
        (UNREADABLE, "Not scored: Empty file."),
        (ANYWAY, "COVID-19 (not like the training images)"),
        (TURNED, "COVID-19 (inverted and turned to the left)"),
        (
            replace(TURNED, refusal=WHY),
            "COVID-19 (inverted and turned to the left; not like the training images)",
        ),
    ],
)
def test_a_cell_says_what_is_odd(prediction: Prediction, words: str) -> None:
    assert result_words(prediction) == words


def test_only_what_was_scored_all_the_same_has_a_caution() -> None:
    assert caution_words(ANYWAY).startswith(
        f"This image is not like the training images. {WHY} It was scored"
    )
    assert [caution_words(one) for one in (predicted(), REFUSED, UNREADABLE)] == ["", "", ""]


def test_only_what_was_not_scored_has_a_reason() -> None:
    assert reason_words(REFUSED) == f"The image is not like the training images. {WHY}"
    assert reason_words(UNREADABLE) == "Empty file."
    assert [reason_words(one) for one in (predicted(), ANYWAY)] == ["", ""]
    assert [headline(one) for one in (REFUSED, UNREADABLE, UNSURE)] == [*["Not scored"] * 2, "Indeterminate"]


# --- names


def test_files_of_one_name_are_told_apart() -> None:
    images = [
        image(predicted(path=Path(place))) for place in ("/a/1.png", "/b/1.png", "/b/2.png", "/c/1.png")
    ]
    assert shown_names(images, "files") == ["1.png", "1.png (2)", "2.png", "1.png (3)"]


def test_names_can_be_left_out() -> None:
    assert shown_names([image(predicted())] * 2, "numbers") == ["Image 1", "Image 2"]


def test_a_name_is_one_line_that_can_be_printed() -> None:
    assert shown_names([image(predicted(path=Path("a\nb\x07\udcff.png")))], "files") == [
        "a b\ufffd\ufffd.png"
    ]


# --- one image


def rows_of(table: Table) -> dict[str, str]:
    return {row[0]: row[1] for row in table.rows}


def test_all_that_is_known_of_a_scored_image(card: ModelCard) -> None:
    review = Review(verdict="disagreed", comment="A hand", who="Dr A", when="2026-03-02T10:11:12+00:00")
    table = image_table(
        card, image(replace(TURNED, probability=0.995), review=review, series="CT 3, 12 of 40"), "x"
    )
    assert table.head == ("Image", "x")
    assert rows_of(table) == {
        "Series": "CT 3, 12 of 40",
        "Score": "0.800, from 0 (Healthy) to 1 (COVID-19)",
        "Threshold": "0.500",
        "Calibrated probability": "over 0.99 of COVID-19",
        "Done before it was scored": "Inverted and turned to the left",
        "Mark": "Disagreed, by Dr A, 2026-03-02 10:11 UTC",
        "Comment": "A hand",
    }


def test_what_was_not_done_is_said(card: ModelCard) -> None:
    rows = rows_of(image_table(card, image(predicted()), "x"))
    assert rows["Done before it was scored"] == "Nothing"
    assert rows["Mark"] == "Not marked"
    assert "no probabilities" in rows["Calibrated probability"]
    assert not {"Series", "Comment"} & set(rows)


def test_a_refused_image_has_what_would_help_and_no_score(card: ModelCard) -> None:
    rows = rows_of(image_table(card, image(REFUSED), "x"))
    assert rows == {"It would be like them if": "inverted", "Mark": "Not marked"}


# --- many images


def test_results_are_counted(card: ModelCard) -> None:
    predictions = [predicted(), predicted(), HEALTHY, UNSURE, REFUSED, ANYWAY, UNREADABLE, TURNED]
    verdicts: list[Any] = ["agreed", "disagreed", "disagreed", None, None, None, None, None]
    images = [
        image(one, review=Review(verdict=verdict)) for one, verdict in zip(predictions, verdicts, strict=True)
    ]
    results, others = summary_section(card, images).blocks
    assert isinstance(results, Table)
    assert isinstance(others, Table)
    assert rows_of(results) == {
        "COVID-19": "4",
        "Indeterminate": "1",
        "Healthy": "1",
        "Not scored: not like the training images": "1",
        "Not readable": "1",
        "All": "8",
    }
    assert rows_of(others) == {
        "Disagreed with": "2",
        "Agreed with": "1",
        "Scored though not like the training images": "1",
        "Inverted or turned before they were scored": "1",
    }


def test_a_row_for_each_image_in_its_order() -> None:
    scored = image(
        replace(HEALTHY, probability=0.25), review=Review(verdict="agreed", comment="ok"), series="CT 1"
    )
    (table,) = result_tables([scored, image(UNREADABLE)], ["b", "a"], 10)
    assert table.head == COLUMNS
    assert table.rows == (
        ("b, CT 1", "Healthy", "0.100", "0.25", "Agreed", "ok"),
        ("a", "Not scored: Empty file.", "\u2013", "\u2013", "", ""),
    )


def test_a_long_list_is_in_parts_and_ends_at_ten_thousand() -> None:
    images = [image(HEALTHY)] * (MOST_ROWS + 3)
    tables = result_tables(images, shown_names(images, "numbers"), 4000)
    assert [len(table.rows) for table in tables] == [4000, 4000, 2000]
    assert tables[-1].rows[-1][0] == "Image 10,000"


# --- pictures


def test_positive_and_indeterminate_images_are_shown_first() -> None:
    predictions = [UNREADABLE, HEALTHY, REFUSED, UNSURE, predicted(), HEALTHY, ANYWAY]
    assert most_telling(predictions, "COVID-19") == [4, 6, 3, 1, 5, 2]


def test_no_more_than_24_are_shown() -> None:
    assert most_telling([HEALTHY] * 30 + [predicted()], "COVID-19") == [30, *range(MOST_PICTURES - 1)]


def test_the_user_can_choose_which_are_shown() -> None:
    predictions = [
        predicted(path=Path("a")),
        replace(HEALTHY, path=Path("b")),
        replace(UNSURE, path=Path("c")),
    ]
    assert most_telling(predictions, "COVID-19", {Path("b"), Path("c")}) == [2, 1]
