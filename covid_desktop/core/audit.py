"""What a shortcut audit says: can the classes be told apart without looking at the lungs."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["red", "amber", "green"]
Sight = Literal[
    "file-properties", "outer-frame", "thumbnail", "blacked-out", "whole-picture", "trained-model"
]
"""What a model of the audit sees; the last two see everything, and stand there for comparison."""

SIGHT_NAMES: dict[Sight, str] = {
    "file-properties": "File properties only",
    "outer-frame": "Outer frame only",
    "thumbnail": "Thumbnail of 16 x 16 pixels",
    "blacked-out": "Picture with its centre blacked out",
    "whole-picture": "Whole picture",
    "trained-model": "The trained model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area under the ROC curve with its 95 % interval, over ``n`` images."""

    auroc: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutAudit:
    """``sentence`` says the verdict and ``fix`` what to do about it.

    ``areas`` are cross-validated over ``n`` of the data set's ``total`` images; ``validation`` are those of
    the same models, and of the trained one, on its validation images; empty where none was trained.
    """

    verdict: Verdict
    sentence: str
    fix: str
    areas: dict[Sight, Area]
    n: int
    total: int
    validation: dict[Sight, Area]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
