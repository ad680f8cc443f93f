"""What a check found, for a terminal and for programs."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from covid_desktop.check_report import check_json, check_lines
from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit
from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, Subset
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.findings import Finding
from covid_desktop.curation import CheckedDataset, arranged

FOLDER = Path("/data")
AUDIT = ShortcutAudit(
    verdict="amber",
    sentence="Images can partly be told apart.",
    fix="See where they come from.",
    areas={
        sight: Area(auroc=0.5 + number / 10, low=0.25, high=1.0, n=18)
        for number, sight in enumerate(SIGHT_NAMES)
        if sight != "trained-model"
    },
    n=18,
    total=20,
    validation={},
)


def sample(number: int, subset: Subset, patient: str | None = None) -> Sample:
    return Sample(path=FOLDER / f"{number}.png", label=number % 2, subset=subset, patient=patient)


def checked(
    findings: Sequence[Finding] = (), patients: Sequence[str | None] = (), uses: tuple[str, ...] = ()
) -> CheckedDataset:
    """Six images for training, three for validation, two for the test; ``findings`` were found."""
    subsets: list[Subset] = [*["training"] * 6, *["validation"] * 3, *["test"] * 2]
    names = [*patients, *[None] * (11 - len(patients))]
    samples = [sample(*each) for each in zip(range(11), subsets, names, strict=True)]
    skipped = (SkippedFile(path=FOLDER / "notes.txt", reason="Not an image."),)
    dataset = Dataset(
        folder=FOLDER, class_names=("Healthy", "COVID-19"), samples=tuple(samples), skipped=skipped
    )
    opened = arranged(dataset, Decisions(test_uses=uses))
    return CheckedDataset(opened=opened, facts={}, findings=tuple(findings))


def a_finding(files: int, **notes: str) -> Finding:
    paths = [FOLDER / "Healthy" / f"{number}.png" for number in range(files)]
    return Finding(
        kind="blank",
        severity="serious",
        title=f"{files} images are blank.",
        why="There is nothing in them.",
        fix="Exclude them.",
        groups=tuple((path,) for path in paths),
        notes={FOLDER / "Healthy" / f"{name[1:]}.png": note for name, note in notes.items()},
    )


def test_the_report_names_everything() -> None:
    finding = a_finding(30, _2="Grey level 7 all over")
    report = check_json(checked([finding], ["P1", "P1", "P2"], ("2026-01-02T03:04:05+00:00",)), None)
    assert json.loads(json.dumps(report)) == {
        "folder": str(FOLDER),
        "images": 11,
        "classes": ["Healthy", "COVID-19"],
        "positive": "COVID-19",
        "counts": {
            "training": {"Healthy": 3, "COVID-19": 3},
            "validation": {"Healthy": 2, "COVID-19": 1},
            "test": {"Healthy": 1, "COVID-19": 1},
        },
        "patients": {"from": "patients.csv", "count": 2},
        "test_uses": 1,
        "skipped": [{"path": str(FOLDER / "notes.txt"), "reason": "Not an image."}],
        "findings": [
            {
                "kind": "blank",
                "severity": "serious",
                "title": "30 images are blank.",
                "why": "There is nothing in them.",
                "fix": "Exclude them.",
                "remedies": [],
                "are_examples": False,
                "files": [[str(FOLDER / "Healthy" / f"{number}.png")] for number in range(30)],
                "notes": {str(FOLDER / "Healthy" / "2.png"): "Grey level 7 all over"},
            }
        ],
    }


def test_an_audit_joins_the_report_and_changes_nothing_of_it() -> None:
    alone, audited = check_json(checked(), None), check_json(checked(), AUDIT)
    assert audited.items() >= alone.items()
    assert set(audited) - set(alone) == {"verdict", "sentence", "fix", "areas", "n", "total", "validation"}
    assert json.loads(json.dumps(audited))["areas"]["outer-frame"] == {
        "auroc": 0.6,
        "low": 0.25,
        "high": 1.0,
        "n": 18,
    }


def test_lines_for_a_terminal() -> None:
    one, other = a_finding(3, _1="Grey level 7 all over"), replace(a_finding(0), severity="note", title="So.")
    assert list(check_lines(checked([one, other], ["P1", "P1", "P2"]), None)) == [
        f"{FOLDER}: 11 images, positive class COVID-19",
        "  training: Healthy 3, COVID-19 3",
        "  validation: Healthy 2, COVID-19 1",
        "  test: Healthy 1, COVID-19 1",
        "  patients: 2, from patients.csv",
        "",
        "SERIOUS: 3 images are blank.",
        "  There is nothing in them. Exclude them.",
        f"    {Path('Healthy/0.png')}",
        f"    {Path('Healthy/1.png')}: Grey level 7 all over",
        f"    {Path('Healthy/2.png')}",
        "NOTE: So.",
        "  There is nothing in them. Exclude them.",
    ]


def test_nothing_found_is_said_and_unknown_patients_are_not() -> None:
    lines = list(check_lines(checked(), None))
    assert lines[-1] == "Nothing to complain of."
    assert not any("patients" in line for line in lines)


@pytest.mark.parametrize(
    ("files", "shown", "last"), [(10, 10, "9.png"), (11, 10, "and 1 more"), (500, 10, "and 490 more")]
)
def test_of_many_files_ten_are_named(files: int, shown: int, last: str) -> None:
    lines = [line for line in check_lines(checked([a_finding(files)]), None) if line.startswith("    ")]
    assert sum(".png" in line for line in lines) == shown
    assert last in lines[-1]
    assert ("(--json names all)" in lines[-1]) == (files > shown)


def test_a_file_outside_the_folder_is_named_whole() -> None:
    outside = replace(a_finding(1), groups=((Path("/elsewhere/1.png"),),))
    assert f"    {Path('/elsewhere/1.png')}" in list(check_lines(checked([outside]), None))


def test_an_audit_in_lines() -> None:
    assert list(check_lines(checked(), AUDIT))[-8:] == [
        "SHORTCUT AUDIT: amber. Images can partly be told apart.",
        "  See where they come from.",
        "  Cross-validated AUROC over 18 of 20 images, with its 95 % interval:",
        "    File properties only                 0.50 (0.25 to 1.00)",
        "    Outer frame only                     0.60 (0.25 to 1.00)",
        "    Thumbnail of 16 x 16 pixels          0.70 (0.25 to 1.00)",
        "    Picture with its centre blacked out  0.80 (0.25 to 1.00)",
        "    Whole picture                        0.90 (0.25 to 1.00)",
    ]
