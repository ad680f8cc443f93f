"""Results of images as CSV and JSON."""

import csv
import io
import json
from pathlib import Path

import pytest

from covid_desktop.core.prediction import (
    INDETERMINATE,
    RESEARCH_USE,
    Prediction,
    probability_words,
    to_csv,
)

SCORED = Prediction(path=Path("a.png"), label="COVID-19", score=0.75, threshold=0.5)
UNREADABLE = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, error="Empty file.")
UNSURE = Prediction(
    path=Path("c.png"),
    label=INDETERMINATE,
    score=0.48,
    threshold=0.5,
    probability=0.0,
    is_indeterminate=True,
)


def rows_of(*predictions: Prediction) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(predictions, "model.keras"), newline="")))


def test_a_row_for_each_image() -> None:
    same = {"threshold": "0.5", "probability": "", "model": "model.keras", "note": RESEARCH_USE}
    assert rows_of(SCORED, UNREADABLE) == [
        {"path": "a.png", "label": "COVID-19", "score": "0.75", "error": ""} | same,
        {"path": "b.png", "label": "", "score": "", "error": "Empty file."} | same,
    ]


def test_a_score_of_nought_is_a_score() -> None:
    zero = Prediction(path=Path("a.png"), label="Healthy", score=0.0, threshold=0.0)
    assert (rows_of(zero)[0]["score"], rows_of(zero)[0]["threshold"]) == ("0.0", "0.0")


def test_an_indeterminate_score_has_a_row_as_any_other_and_a_probability_of_nought_is_one() -> None:
    (row,) = rows_of(UNSURE)
    assert row == {
        "path": "c.png",
        "label": "Indeterminate",
        "score": "0.48",
        "threshold": "0.5",
        "probability": "0.0",
        "error": "",
        "model": "model.keras",
        "note": RESEARCH_USE,
    }


def test_odd_names_stay_whole() -> None:
    for name in ('a,"b".png', "two\nlines.png", "a;b.png", "🫁.png"):
        odd = Prediction(path=Path(name), label="Healthy", score=0.5, threshold=0.5)
        assert [row["path"] for row in rows_of(odd)] == [name]


def test_no_image_gives_the_header_alone() -> None:
    assert to_csv([], "model.keras") == "path,label,score,threshold,probability,error,model,note\n"


def test_json() -> None:
    assert json.loads(json.dumps(UNREADABLE.to_json())) == {
        "path": "b.png",
        "label": None,
        "score": None,
        "threshold": 0.5,
        "probability": None,
        "error": "Empty file.",
    }


def test_an_indeterminate_score_as_json() -> None:
    assert json.loads(json.dumps(UNSURE.to_json())) == {
        "path": "c.png",
        "label": "Indeterminate",
        "score": 0.48,
        "threshold": 0.5,
        "probability": 0.0,
        "error": None,
    }


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0.00"),
        (1e-9, "under 0.01"),
        (0.0099, "under 0.01"),
        (0.01, "0.01"),
        (0.816, "0.82"),
        (0.99, "0.99"),
        (0.996, "over 0.99"),
        (1.0, "1.00"),
    ],
)
def test_a_probability_in_words_is_not_rounded_to_certainty(probability: float, words: str) -> None:
    assert probability_words(probability) == f"Calibrated probability {words}"
