"""What a check found, as lines to read and as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from covid_desktop.core.audit import SIGHT_NAMES, ShortcutAudit
from covid_desktop.core.dataset import SUBSETS, Dataset, class_counts
from covid_desktop.core.findings import Finding
from covid_desktop.curation import CheckedDataset

_SHOWN = 10


def check_json(checked: CheckedDataset, audit: ShortcutAudit | None) -> dict[str, Any]:
    """All that is known, with full paths; with ``verdict`` and ``areas`` where an audit was made."""
    opened, dataset = checked.opened, checked.opened.dataset
    report = {
        "folder": str(dataset.folder),
        "images": len(dataset.samples),
        "classes": dataset.class_names,
        "positive": dataset.positive_class,
        "counts": {subset: _counts(dataset, opened.split.of(subset)) for subset in SUBSETS},
        "patients": {"from": opened.patients_from, "count": _patients(dataset)},
        "test_uses": opened.test_uses,
        "skipped": [{"path": str(file.path), "reason": file.reason} for file in dataset.skipped],
        "findings": [finding.to_json() for finding in checked.findings],
    }
    return report | (audit.to_json() if audit else {})


def check_lines(checked: CheckedDataset, audit: ShortcutAudit | None) -> Iterator[str]:
    """The same for a terminal; at most a few files of each finding are named."""
    opened, dataset = checked.opened, checked.opened.dataset
    yield f"{dataset.folder}: {len(dataset.samples)} images, positive class {dataset.positive_class}"
    for subset in SUBSETS:
        counts = _counts(dataset, opened.split.of(subset))
        yield f"  {subset}: {', '.join(f'{name} {number}' for name, number in counts.items())}"
    if opened.patients_from:
        yield f"  patients: {_patients(dataset)}, from {opened.patients_from}"
    yield ""
    for finding in checked.findings:
        yield from _finding_lines(finding, dataset.folder)
    if not checked.findings:
        yield "Nothing to complain of."
    if audit:
        yield from _audit_lines(audit)


def _finding_lines(finding: Finding, folder: Path) -> Iterator[str]:
    yield f"{finding.severity.upper()}: {finding.title}"
    yield f"  {finding.why} {finding.fix}"
    for path in finding.paths[:_SHOWN]:
        name = path.relative_to(folder) if path.is_relative_to(folder) else path
        note = finding.notes.get(path)
        yield f"    {name}{': ' + note if note else ''}"
    if len(finding.paths) > _SHOWN:
        yield f"    and {len(finding.paths) - _SHOWN} more (--json names all)"


def _audit_lines(audit: ShortcutAudit) -> Iterator[str]:
    yield f"SHORTCUT AUDIT: {audit.verdict}. {audit.sentence}"
    yield f"  {audit.fix}"
    yield f"  Cross-validated AUROC over {audit.n} of {audit.total} images, with its 95 % interval:"
    for sight, area in audit.areas.items():
        yield f"    {SIGHT_NAMES[sight]:<36} {area.auroc:.2f} ({area.low:.2f} to {area.high:.2f})"


def _counts(dataset: Dataset, samples: Any) -> dict[str, int]:
    return dict(zip(dataset.class_names, class_counts(samples), strict=True))


def _patients(dataset: Dataset) -> int:
    return len({sample.patient for sample in dataset.samples if sample.patient})
