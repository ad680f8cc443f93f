"""The result of one image."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESEARCH_USE = "Research use only. Not for diagnosis."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """``score`` is the positive class's, 0 to 1; an image that could not be read has an ``error``."""

    path: Path
    label: str | None
    score: float | None
    threshold: float
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


def to_csv(predictions: Iterable[Prediction], model_name: str) -> str:
    """A row per image, the model named in each."""
    text = io.StringIO()
    columns = ["path", "label", "score", "threshold", "error", "model", "note"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for prediction in predictions:
        row = {name: "" if value is None else value for name, value in prediction.to_json().items()}
        writer.writerow({**row, "model": model_name, "note": RESEARCH_USE})
    return text.getvalue()
