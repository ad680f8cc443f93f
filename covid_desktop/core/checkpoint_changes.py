"""What changed since a run was interrupted, in words: with other data or settings it would be another run."""

from collections import Counter
from typing import Any

from covid_desktop.core.checkpoint import Contents
from covid_desktop.core.config import LIMITS, TrainingConfig
from covid_desktop.errors import UserError

_LABELS = {
    "architecture": "Network",
    "class_weights": "Class weights",
    "keep_thumbnails": "Keep thumbnails",
    "augmentation.horizontal_flip": "Horizontal flip",
    "augmentation.vertical_flip": "Vertical flip",
} | {name: limits.label for name, limits in LIMITS.items()}


class ResumeError(UserError):
    """An interrupted run that cannot go on as the same run."""


def require_same_settings(then: TrainingConfig, now: TrainingConfig) -> None:
    """Raises ResumeError that says which settings changed."""
    before, after = _flat(then.resolved().to_json()), _flat(now.resolved().to_json())
    changed = [
        f"{_LABELS.get(name, name)} is {after.get(name)} instead of {value}"
        for name, value in before.items()
        if after.get(name) != value
    ]
    if changed:
        _refuse("The settings changed since the run was interrupted", changed)


def require_same_data(then: Contents, now: Contents) -> None:
    """Raises ResumeError that says what changed. Nothing is asked of a run that had not read its images."""
    changed = [words for name in then for words in _changes(name, then[name], now.get(name, []))]
    if changed:
        _refuse("The data changed since the run was interrupted", changed)


def _changes(name: str, then: list[tuple[str, int]], now: list[tuple[str, int]]) -> list[str]:
    if then == now:
        return []
    before, after = (Counter(image for image, _ in one) for one in (then, now))
    gone, new = (before - after).total(), (after - before).total()
    labels = dict(then)
    relabelled = sum(labels.get(image, label) != label for image, label in now)
    found = [
        _count(gone, name, "is missing", "are missing"),
        _count(new, name, "is new", "are new"),
        _count(relabelled, name, "has another class", "have another class"),
    ]
    return [words for words in found if words] or [f"the {name} images have other names or another order"]


def _count(count: int, name: str, one: str, many: str) -> str:
    if count == 0:
        return ""
    return f"1 {name} image {one}" if count == 1 else f"{count:,} {name} images {many}"


def _refuse(what: str, changed: list[str]) -> None:
    raise ResumeError(
        f"{what}: {', '.join(changed)}.",
        "Put it back as it was to resume the run, or start it afresh.",
    )


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found
