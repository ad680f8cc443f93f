"""What travels with a model: how to rebuild it, how to feed it, and where it came from."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.calibration import Calibration
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.golden import PICTURES
from covid_desktop.core.prediction import INDETERMINATE
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.strict_json import read_json
from covid_desktop.errors import ModelError

FORMAT = 1
MAX_CARD_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """``class_names`` are the negative and the positive class; the score is the positive one's.

    ``findings`` is what the check of the data found, ``audit`` the shortcut audit; both name no files.
    ``data`` has counts and content hashes (SHA-256) of the images, by set; no names of patients or files.
    ``threshold_origin`` says in words how the threshold was chosen, empty where nobody chose it.
    ``calibration`` is what the scores were found to be worth, as ``Calibration`` reads it, all finite.
    Scores from the first to the second of ``indeterminate`` are neither class's. ``familiarity`` is what
    ``familiarity_file`` keeps beside the arrays in the model's file.
    ``weights_sha256`` is of the weights in the file, ``golden`` the scores of ``golden_pictures``; both are
    empty in models of older versions.
    """

    architecture: str
    class_names: tuple[str, str]
    preprocessing: Preprocessing
    config: TrainingConfig
    threshold: float = 0.5
    created: str = ""
    history: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    audit: dict[str, Any] = field(default_factory=dict)
    threshold_origin: str = ""
    calibration: dict[str, Any] = field(default_factory=dict)
    indeterminate: tuple[float, float] | None = None
    familiarity: dict[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""
    golden: tuple[float, ...] = ()

    @property
    def positive_class(self) -> str:
        return self.class_names[1]

    def is_indeterminate(self, score: float) -> bool:
        """Whether a score of the positive class is neither class's."""
        return self.indeterminate is not None and self.indeterminate[0] <= score <= self.indeterminate[1]

    def label_of(self, score: float) -> str:
        """The class that a score of the positive class means, or that it is indeterminate."""
        return (
            INDETERMINATE if self.is_indeterminate(score) else self.class_names[int(score >= self.threshold)]
        )

    def probability_of(self, score: float) -> float | None:
        """The calibrated probability of the positive class; None unless the model is calibrated."""
        return float(Calibration.from_json(self.calibration).probability(score)) if self.calibration else None

    def to_text(self) -> str:
        """JSON, readable."""
        values = asdict(self) | {
            "format": FORMAT,
            "positive_class": self.positive_class,
            "score": f"probability-like score of {self.positive_class}, 0 to 1",
            "intended_use": "Research use only. Not a medical device, not for diagnosis.",
        }
        values["checksum"] = _checksum(values)
        return json.dumps(values, indent=1)

    @classmethod
    def from_text(cls, text: str | bytes) -> Self:
        """The inverse of ``to_text``. Raises ModelError for a card that cannot be used."""
        try:
            values = read_json(text)
            format_ = values.pop("format")
            if type(format_) is not int or format_ < 1:
                raise ValueError(f"format {format_}")
            if format_ > FORMAT:
                raise ModelError(
                    "The model was made by a newer version of the program.", "Install that version to use it."
                )
            return cls(**_parsed(values))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise ModelError(
                "The model's card is damaged or was not written by this program.",
                "Train or copy the model again.",
            ) from error


def _checksum(values: dict[str, Any]) -> str:
    """SHA-256 of the fields that decide what a score means. It shows damage and edits by hand, no forgery."""
    names = ("architecture", "class_names", "preprocessing", "weights_sha256", "golden")
    text = json.dumps([values.get(name) for name in names], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(values: dict[str, Any]) -> dict[str, Any]:
    if "checksum" in values and values.pop("checksum") != _checksum(values):
        raise ValueError("the card does not agree with its checksum")
    for derived in ("score", "intended_use"):
        values.pop(derived, None)
    negative, positive = values["class_names"]
    texts = [values["architecture"], negative, positive]
    texts += [values.get(name, "") for name in ("created", "threshold_origin", "weights_sha256")]
    names = ("history", "metrics", "data", "versions", "audit", "calibration", "familiarity")
    tables = [values.get(name, {}) for name in names]
    if not isinstance(values.get("findings", []), list):
        raise TypeError("findings")
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(one, dict) for one in tables):
        raise TypeError("a field of the wrong type")
    if values["architecture"] not in ARCHITECTURES:
        raise ValueError(values["architecture"])
    if negative == positive or values.pop("positive_class", positive) != positive:
        raise ValueError(f"classes {negative}, {positive}")
    if isinstance(values["threshold"], bool) or not 0 <= values["threshold"] <= 1:
        raise ValueError(values["threshold"])
    if calibration := values.get("calibration", {}):
        _require_finite(calibration)
        Calibration.from_json(calibration)
    return values | {
        "class_names": (negative, positive),
        "threshold": float(values["threshold"]),
        "preprocessing": Preprocessing.from_json(values["preprocessing"]),
        "config": TrainingConfig.from_json(values["config"]),
        "indeterminate": _range(values.get("indeterminate")),
        "golden": _golden(values.get("golden", [])),
    }


def _golden(value: Any) -> tuple[float, ...]:
    """Raises ValueError, TypeError for what are no scores of the golden pictures."""
    if not isinstance(value, list) or len(value) not in (0, PICTURES):
        raise ValueError("golden scores")
    if any(isinstance(score, bool) or not 0 <= score <= 1 for score in value):
        raise ValueError("golden scores")
    return tuple(map(float, value))


def _range(value: Any) -> tuple[float, float] | None:
    """Raises ValueError, TypeError for what is no range of scores."""
    if value is None:
        return None
    low, high = value
    if any(isinstance(end, bool) for end in value) or not 0 <= low <= high <= 1:
        raise ValueError(f"range {value}")
    return float(low), float(high)


def _require_finite(value: Any) -> None:
    """Raises ValueError for a number among JSON ``value`` that is infinite or none."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _require_finite(part)
