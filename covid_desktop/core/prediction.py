"""The result of one image."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment

RESEARCH_USE = "Research use only. Not for diagnosis."
INDETERMINATE = "Indeterminate"
"""The label of a score that is neither class's."""

NOT_LIKE_TRAINING = "Not like the training images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """``score`` is the positive class's, 0 to 1; an image that could not be read has an ``error``.

    ``probability`` is the positive class's too, None unless the model is calibrated. ``is_indeterminate``
    tells the label of a score that is neither class's from a class of that name. ``refusal`` is why the image
    is not like the training images, in a sentence; it has a score then only where the user wanted one anyway.
    ``suggestion`` would make it like them. ``adjustment`` is what was done to it before it was scored.
    """

    path: Path
    label: str | None
    score: float | None
    threshold: float
    probability: float | None = None
    error: str | None = None
    is_indeterminate: bool = False
    refusal: str | None = None
    suggestion: Adjustment | None = None
    adjustment: Adjustment = AS_IT_IS

    @property
    def is_refused(self) -> bool:
        """Not scored, since it is not like the training images."""
        return self.refusal is not None and self.score is None

    def to_json(self) -> dict[str, Any]:
        values = {**asdict(self), "path": str(self.path), "adjustment": self.adjustment.words}
        values["suggestion"] = self.suggestion.words if self.suggestion else None
        del values["is_indeterminate"]  # the label says it
        return values


def probability_words(probability: float) -> str:
    """Calibrated probability 0.82; only nothing is 0.00, and only certainty 1.00."""
    if 0 < probability < 0.01:
        return "Calibrated probability under 0.01"
    if 0.99 < probability < 1:
        return "Calibrated probability over 0.99"
    return f"Calibrated probability {probability:.2f}"
