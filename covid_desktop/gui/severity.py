"""What a finding or a verdict looks like: a shape with its colour, so that no colour must be told apart."""

from collections.abc import Iterable

from covid_desktop.core.audit import ShortcutAudit, Verdict
from covid_desktop.core.findings import SEVERITIES, Finding, Severity
from covid_desktop.gui.notices import NoticeKind

Mark = tuple[str, str]
"""Names of an icon and of the token that colours it."""

SEVERITY_MARKS: dict[Severity, Mark] = {
    "serious": ("error", "danger"),
    "warning": ("warning", "warning"),
    "note": ("info", "muted"),
}
VERDICT_MARKS: dict[Verdict, Mark] = {
    "red": ("error", "danger"),
    "amber": ("warning", "warning"),
    "green": ("check", "success"),
}
VERDICT_WORDS: dict[Verdict, str] = {
    "red": "Shortcut audit: red",
    "amber": "Shortcut audit: amber",
    "green": "Shortcut audit: green",
}
VERDICT_NOTICES: dict[Verdict, NoticeKind] = {"red": "error", "amber": "warning", "green": "success"}
_AS_FINDING: dict[Verdict, Severity] = {"red": "serious", "amber": "warning"}


def severities(findings: Iterable[Finding], audit: ShortcutAudit | None) -> list[Severity]:
    """How severe each finding is, and the audit's verdict among them unless it is green."""
    found = [finding.severity for finding in findings]
    if audit and audit.verdict in _AS_FINDING:
        found.append(_AS_FINDING[audit.verdict])
    return sorted(found, key=SEVERITIES.index)
