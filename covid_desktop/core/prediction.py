"""The result of one image."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESEARCH_USE = "Research use only. Not for diagnosis."
INDETERMINATE = "Indeterminate"
"""The label of a score that is neither class's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """``score`` is the positive class's, 0 to 1; an image that could not be read has an ``error``.

    ``probability`` is the positive class's too, None unless the model is calibrated. ``is_indeterminate``
    tells the label of a score that is neither class's from a class of that name.
    """

    path: Path
    label: str | None
    score: float | None
    threshold: float
    probability: float | None = None
    error: str | None = None
    is_indeterminate: bool = False

    def to_json(self) -> dict[str, Any]:
        values = {**asdict(self), "path": str(self.path)}
        del values["is_indeterminate"]  # the label says it
        return values


def to_csv(predictions: Iterable[Prediction], model_name: str) -> str:
    """A row per image, the model named in each."""
    text = io.StringIO()
    columns = ["path", "label", "score", "threshold", "probability", "error", "model", "note"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for prediction in predictions:
        row = {name: "" if value is None else value for name, value in prediction.to_json().items()}
        writer.writerow({**row, "model": model_name, "note": RESEARCH_USE})
    return text.getvalue()


def probability_words(probability: float) -> str:
    """Calibrated probability 0.82; only nothing is 0.00, and only certainty 1.00."""
    if 0 < probability < 0.01:
        return "Calibrated probability under 0.01"
    if 0.99 < probability < 1:
        return "Calibrated probability over 0.99"
    return f"Calibrated probability {probability:.2f}"
