"""Results of images as JSON, and probabilities in words."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.prediction import (
    INDETERMINATE,
    Prediction,
    probability_words,
)

UNREADABLE = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, error="Empty file.")
UNSURE = Prediction(
    path=Path("c.png"),
    label=INDETERMINATE,
    score=0.48,
    threshold=0.5,
    probability=0.0,
    is_indeterminate=True,
)


def test_json() -> None:
    assert json.loads(json.dumps(UNREADABLE.to_json())) == {
        "path": "b.png",
        "label": None,
        "score": None,
        "threshold": 0.5,
        "probability": None,
        "error": "Empty file.",
        "refusal": None,
        "suggestion": None,
        "adjustment": "",
    }


def test_an_indeterminate_score_as_json() -> None:
    assert json.loads(json.dumps(UNSURE.to_json())) == {
        "path": "c.png",
        "label": "Indeterminate",
        "score": 0.48,
        "threshold": 0.5,
        "probability": 0.0,
        "error": None,
        "refusal": None,
        "suggestion": None,
        "adjustment": "",
    }


def test_a_refusal_and_what_would_mend_it_as_json() -> None:
    turned = Adjustment(quarter_turns=2)
    refused = replace(UNREADABLE, error=None, refusal="It is upside down.", suggestion=turned)
    assert refused.is_refused
    assert refused.to_json()["suggestion"] == "turned upside down"
    anyway = replace(refused, label="Healthy", score=0.2, suggestion=None, adjustment=turned)
    assert not anyway.is_refused
    values = anyway.to_json()
    assert (values["refusal"], values["adjustment"]) == ("It is upside down.", "turned upside down")


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
