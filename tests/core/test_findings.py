"""What a check says, as it is written down."""

import json
from dataclasses import replace
from pathlib import Path

from covid_desktop.core.findings import Finding

FINDING = Finding(
    kind="leak",
    severity="serious",
    title="2 pictures are in more than one set.",
    why="A network knows them.",
    fix="Keep one.",
    groups=((Path("/data/Müller/a.png"), Path("/data/b.png")), (Path("/data/c.png"),)),
    remedies=("same-set", "keep-one"),
    notes={Path("/data/Müller/a.png"): "The same file", Path("/data/c.png"): "Training"},
)


def test_a_finding_comes_back_from_json_as_it_was() -> None:
    for finding in (
        FINDING,
        replace(FINDING, are_examples=True),
        replace(FINDING, groups=(), remedies=(), notes={}),
    ):
        assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding


def test_the_files_of_all_groups_in_order() -> None:
    assert FINDING.paths == (Path("/data/Müller/a.png"), Path("/data/b.png"), Path("/data/c.png"))


def test_a_summary_names_no_file_and_no_patient() -> None:
    assert FINDING.summary() == {"kind": "leak", "severity": "serious", "files": 3}


def test_examples_are_not_counted_in_a_summary() -> None:
    assert replace(FINDING, are_examples=True).summary()["files"] == 0
