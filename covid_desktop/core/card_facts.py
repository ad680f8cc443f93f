"""What a model card knows that is written down in tables of its own, read with care: it may be anyone's."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit, Sight, Verdict
from covid_desktop.core.calibration import Calibration
from covid_desktop.core.findings import SEVERITIES
from covid_desktop.core.model_card import ModelCard

_DOUBTS = {
    "leak": "The check of the data found the same picture in two sets.",
    "patient-leak": "The check of the data found images of one patient in two sets.",
    "unknown-patients": "Not all patients were known: images of one patient may be in two sets.",
}


class SetFacts(NamedTuple):
    """How many images of each class a set of the run had, and a hash of their hashes."""

    negative: int
    positive: int
    digest: str


class FoundKind(NamedTuple):
    """A kind of finding, as the check of the data left it in the card."""

    kind: str
    severity: str
    files: int


def set_facts(card: ModelCard, subset: str) -> SetFacts | None:
    """Of "training" or "validation"; None where the card does not tell."""
    known = card.data.get(subset)
    try:
        negative, positive = int(known["negative"]), int(known["positive"])  # type: ignore[index]
        digest = digest_of([str(one) for one in known["sha256"]])  # type: ignore[index]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return SetFacts(negative, positive, digest)


def digest_of(hashes: list[str]) -> str:
    """SHA-256 of the hashes of images, sorted, one a line: the same for the same images in any order."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode("utf-8", "replace")).hexdigest()


def findings_of(card: ModelCard) -> list[FoundKind]:
    """The most serious first; what is damaged is left out."""
    known = [one for one in card.findings if isinstance(one, dict) and one.get("severity") in SEVERITIES]
    found = [
        FoundKind(str(one.get("kind", "")), one["severity"], one["files"])
        for one in known
        if isinstance(one.get("files"), int)
    ]
    return sorted(found, key=lambda one: SEVERITIES.index(one.severity))


def doubts_about_sets(card: ModelCard) -> list[str]:
    """What the check found that speaks against training and validation being apart, in sentences."""
    found = {one.kind for one in findings_of(card)}
    return [sentence for kind, sentence in _DOUBTS.items() if kind in found]


def calibration_of(card: ModelCard) -> Calibration | None:
    try:
        return Calibration.from_json(card.calibration)
    except ValueError:
        return None


def audit_of(card: ModelCard) -> ShortcutAudit | None:
    """None where there was none, or where it is damaged."""
    told = card.audit
    try:
        if told["verdict"] not in get_args(Verdict) or not (areas := _areas(told["areas"])):
            return None
        return ShortcutAudit(
            verdict=told["verdict"],
            sentence=str(told["sentence"]),
            fix=str(told["fix"]),
            areas=areas,
            n=int(told["n"]),
            total=int(told["total"]),
            validation=_areas(told["validation"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _areas(told: Mapping[str, Any]) -> dict[Sight, Area]:
    """In the order of ``SIGHT_NAMES``; sights of another version are left out."""
    return {
        sight: Area(
            auroc=_share(told[sight]["auroc"]),
            low=_share(told[sight]["low"]),
            high=_share(told[sight]["high"]),
            n=int(told[sight]["n"]),
        )
        for sight in SIGHT_NAMES
        if sight in told
    }


def _share(value: Any) -> float:
    share = float(value)
    if not (math.isfinite(share) and 0 <= share <= 1):
        raise ValueError(f"no share: {value}")
    return share


def best_epoch(card: ModelCard) -> int | None:
    """The one whose weights were kept."""
    known = card.history.get("best_epoch")
    return known if isinstance(known, int) else None
