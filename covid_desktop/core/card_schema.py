"""Whether every field of a card can be used by a running model: what is only shown in lists may be odd."""

import math
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from covid_desktop.core.calibration import Calibration
from covid_desktop.core.config import LIMITS, Augmentation, TrainingConfig
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.model_card import ModelCard
from covid_desktop.errors import ModelError, UserError

_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_HASH = 255, 2_000, 128
_MOST_FINDINGS = 1_000
_STEEPEST = 1e15  # of a calibration: beyond, a logit times it is infinite


def require_usable(card: ModelCard) -> None:
    """Raises ModelError for a card with a value that no model of this program has."""
    for name, is_usable in _CHECKS.items():
        try:
            if is_usable(card):
                continue
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError, UserError):
            pass
        raise ModelError(
            f"The model's card holds a value that no model of this program has, in {name!r}.",
            "Train or copy the model again.",
        )


def _has_texts(card: ModelCard) -> bool:
    if card.weights_sha256 and not re.fullmatch("[0-9a-f]{64}", card.weights_sha256):
        return False
    return len(card.created) <= _LONGEST_NAME and len(card.threshold_origin) <= _LONGEST_TEXT


def _has_settings(card: ModelCard) -> bool:
    """Types first: ranges are compared by ``resolved``, which raises."""
    config = card.config
    if not (_is_typed(config) and _is_typed(config.augmentation)):
        return False
    config.resolved()
    return True


def _is_typed(values: TrainingConfig | Augmentation) -> bool:
    named = {field.name: str(getattr(field.type, "__name__", field.type)) for field in fields(values)}
    return all(_KINDS[kind](getattr(values, name)) for name, kind in named.items() if kind in _KINDS)


def _has_images(card: ModelCard) -> bool:
    preprocessing, sides = card.preprocessing, LIMITS["image_size"]
    sizes = (preprocessing.width, preprocessing.height)
    if not all(map(_is_count, (*sizes, preprocessing.channels))):
        return False
    if not all(sides.low <= side <= sides.high for side in sizes):
        raise ValueError(sizes)
    return True


def _has_data(card: ModelCard) -> bool:
    """Sets of images with counts and hashes."""
    return all(
        isinstance(part, dict)
        and all(_is_count(part.get(label, 0)) for label in ("negative", "positive"))
        and isinstance(part.get("sha256", []), list)
        and all(isinstance(one, str) and len(one) <= _LONGEST_HASH for one in part.get("sha256", []))
        for part in card.data.values()
    )


def _has_findings(card: ModelCard) -> bool:
    return len(card.findings) <= _MOST_FINDINGS and all(
        isinstance(one, dict)
        and _is_text(one.get("kind", ""))
        and _is_text(one.get("severity", ""))
        and _is_count(one.get("files", 0))
        for one in card.findings
    )


def _has_audit(card: ModelCard) -> bool:
    audit = card.audit
    tables = (audit.get("areas", {}), audit.get("validation", {}))
    return (
        all(_is_text(audit.get(name, "")) for name in ("verdict", "sentence", "fix"))
        and all(_is_count(audit.get(name, 0)) for name in ("n", "total"))
        and all(
            isinstance(table, dict) and all(isinstance(one, dict) for one in table.values())
            for table in tables
        )
        and _is_finite(audit)
    )


def _has_calibration(card: ModelCard) -> bool:
    if not card.calibration:
        return True
    found = Calibration.from_json(card.calibration)
    numbers = [card.calibration[name] for name in ("slope", "intercept")]
    return all(map(_is_number, numbers)) and max(abs(found.slope), abs(found.intercept)) <= _STEEPEST


_CHECKS: dict[str, Callable[[ModelCard], bool]] = {
    "class_names": lambda card: all(1 <= len(name) <= _LONGEST_NAME for name in card.class_names),
    "texts": _has_texts,
    "preprocessing": _has_images,
    "config": _has_settings,
    "data": _has_data,
    "findings": _has_findings,
    "audit": _has_audit,
    "calibration": _has_calibration,
    "history": lambda card: TrainingHistory.from_json(card.history) is not None,
    "metrics": lambda card: all(isinstance(one, dict) for one in card.metrics.values()),
    "versions": lambda card: all(map(_is_text, card.versions.values())),
    "familiarity": lambda card: _is_finite(card.familiarity),
}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_finite(value: Any) -> bool:
    """Whether no number among JSON ``value`` is infinite or none."""
    if isinstance(value, float):
        return math.isfinite(value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(_is_finite, parts))


_KINDS: dict[str, Callable[[Any], bool]] = {
    "int": _is_count,
    "int | None": lambda value: value is None or _is_count(value),
    "float": _is_number,
    "float | None": lambda value: value is None or _is_number(value),
    "bool": lambda value: isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
}
