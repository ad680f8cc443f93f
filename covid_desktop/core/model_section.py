"""What the report of results says of the model that gave them."""

from collections import Counter
from contextlib import suppress
from datetime import datetime
from typing import Any

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.card_facts import audit_of, doubts_about_sets, findings_of
from covid_desktop.core.card_sections import classes_of
from covid_desktop.core.document import Section, Table
from covid_desktop.core.findings import SEVERITIES, Severity
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.words import counted

_MEASURES = {"auroc": "AUROC", "sensitivity": "sensitivity", "specificity": "specificity"}


def model_section(card: ModelCard, model_name: str) -> Section:
    """In the file of a name: what it is, where it decides, and why it may be wrong."""
    negative, positive = classes_of(card)
    origin = f"Chosen so: {card.threshold_origin}." if card.threshold_origin else "Nobody chose it."
    rows = (
        ("Network", ARCHITECTURES[card.architecture].title),
        ("Trained", moment_words(card.created) or "Not known"),
        ("Classes", f"{negative} and {positive}"),
        ("Threshold", f"A score of {card.threshold:.3f} or more is called {positive}. {origin}"),
        ("Indeterminate", _band_words(card)),
        ("On its validation images", validation_words(card)),
        ("Shortcut audit", audit_words(card)),
        ("Check of the data", check_words(card)),
    )
    return Section(key="model", title="The model", blocks=(Table(head=("File", model_name), rows=rows),))


def validation_words(card: ModelCard) -> str:
    """How it did when it was trained, as far as the card, which may be anyone's, tells."""
    told = card.metrics.get("validation")
    if not isinstance(told, dict):
        return "Not in the card."
    values = [_value(told, key, name) for key, name in _MEASURES.items()]
    known = ", ".join(filter(None, values))
    if not known:
        return "Not in the card."
    n, threshold = told.get("n"), told.get("threshold")
    images = f" Over {counted(n, 'image')}" if isinstance(n, int) else ""
    at = f" at a threshold of {threshold:.3f}" if images and _is_share(threshold) else ""
    return " ".join([f"{known}.{images}{at}{'.' if images else ''}", *doubts_about_sets(card)])


def audit_words(card: ModelCard) -> str:
    """The verdict, and what is to be done about it."""
    audit = audit_of(card)
    if not audit:
        return "Not in the card: whether the lungs are needed to tell the classes is not known."
    return f"{audit.verdict.capitalize()}. {audit.sentence} {audit.fix}"


def check_words(card: ModelCard) -> str:
    """How many findings there were, by severity."""
    found = findings_of(card)
    if not found:
        return "It found nothing, or is not in the card."
    counts = Counter(one.severity for one in found)
    parts = [_counted(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
    return f"{counted(len(found), 'finding')}: {', '.join(parts)}."


def _counted(number: int, severity: Severity) -> str:
    return f"{number:,} serious" if severity == "serious" else counted(number, severity)


def moment_words(moment: str) -> str:
    """A time in ISO 8601 as 2026-01-02 03:04 UTC; anything else as it is."""
    with suppress(ValueError):
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M %Z}".strip()
    return moment


def _band_words(card: ModelCard) -> str:
    if not card.indeterminate:
        return "No scores are set aside: each is called one class or the other."
    low, high = card.indeterminate
    return f"Scores from {low:.3f} to {high:.3f} are neither class's."


def _value(told: dict[str, Any], key: str, name: str) -> str:
    """AUROC 0.912 (95 % interval 0.861 to 0.951); empty where it is not told."""
    value, intervals = told.get(key), told.get("intervals")
    if not _is_share(value):
        return ""
    interval = intervals.get(key) if isinstance(intervals, dict) else None
    if not isinstance(interval, list) or len(interval) != 2 or not all(map(_is_share, interval)):
        return f"{name} {value:.3f}"
    return f"{name} {value:.3f} (95 % interval {interval[0]:.3f} to {interval[1]:.3f})"


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
