"""Results of images as CSV and JSON."""

import csv
import io
import json
from pathlib import Path

from covid_desktop.core.prediction import RESEARCH_USE, Prediction, to_csv

SCORED = Prediction(path=Path("a.png"), label="COVID-19", score=0.75, threshold=0.5)
UNREADABLE = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, error="Empty file.")


def rows_of(*predictions: Prediction) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(predictions, "model.keras"), newline="")))


def test_a_row_for_each_image() -> None:
    same = {"threshold": "0.5", "model": "model.keras", "note": RESEARCH_USE}
    assert rows_of(SCORED, UNREADABLE) == [
        {"path": "a.png", "label": "COVID-19", "score": "0.75", "error": ""} | same,
        {"path": "b.png", "label": "", "score": "", "error": "Empty file."} | same,
    ]


def test_a_score_of_nought_is_a_score() -> None:
    zero = Prediction(path=Path("a.png"), label="Healthy", score=0.0, threshold=0.0)
    assert (rows_of(zero)[0]["score"], rows_of(zero)[0]["threshold"]) == ("0.0", "0.0")


def test_odd_names_stay_whole() -> None:
    for name in ('a,"b".png', "two\nlines.png", "a;b.png", "🫁.png"):
        odd = Prediction(path=Path(name), label="Healthy", score=0.5, threshold=0.5)
        assert [row["path"] for row in rows_of(odd)] == [name]


def test_no_image_gives_the_header_alone() -> None:
    assert to_csv([], "model.keras") == "path,label,score,threshold,error,model,note\n"


def test_json() -> None:
    assert json.loads(json.dumps(UNREADABLE.to_json())) == {
        "path": "b.png",
        "label": None,
        "score": None,
        "threshold": 0.5,
        "error": "Empty file.",
    }
