"""Copies of one picture: in both classes, in two sets, or merely twice."""

from pathlib import Path

from covid_desktop.core.copy_findings import copy_findings
from covid_desktop.core.dataset import Sample, Subset
from covid_desktop.core.duplicates import CopyGroup
from covid_desktop.core.findings import Finding

SETS: dict[str, Subset] = {"t": "training", "v": "validation"}


def group(*names: str, exact: bool = True) -> CopyGroup:
    return CopyGroup(paths=tuple(map(Path, names)), exact=exact)


def found(*groups: CopyGroup, unused: str = "") -> dict[str, Finding]:
    """``h-t-1`` is a healthy image in training, ``c-v-2`` one of COVID-19 in validation."""
    samples = [
        Sample(path=path, label=int(path.name[0] == "c"))
        for path in sorted({path for group in groups for path in group.paths})
        if path.name != unused
    ]
    subset_of = {sample.path: SETS[sample.path.name[2]] for sample in samples}
    findings = copy_findings(groups, samples, subset_of, ("Healthy", "COVID-19"))
    return {finding.kind: finding for finding in findings}


def test_nothing_is_found_without_copies() -> None:
    assert found() == {}


def test_copies_with_both_labels_contradict_each_other() -> None:
    findings = found(group("c-t-1", "h-t-1"))
    assert list(findings) == ["label-conflict"]
    conflict = findings["label-conflict"]
    assert conflict.severity == "serious"
    assert conflict.title == "1 picture is in both classes, COVID-19 and Healthy."
    assert conflict.remedies == ("exclude", "relabel")
    assert conflict.groups == ((Path("c-t-1"), Path("h-t-1")),)


def test_copies_in_two_sets_leak() -> None:
    findings = found(group("c-t-1", "c-v-1"), group("h-t-1", "h-t-2", "h-v-3"))
    assert list(findings) == ["leak"]
    assert findings["leak"].severity == "serious"
    assert findings["leak"].title == "2 pictures are in more than one set."
    assert findings["leak"].remedies == ("same-set", "keep-one", "exclude")


def test_other_copies_count_twice() -> None:
    findings = found(group("c-t-1", "c-t-2"))
    assert list(findings) == ["duplicates"]
    assert findings["duplicates"].severity == "warning"
    assert findings["duplicates"].title == "1 picture is there more than once."
    assert findings["duplicates"].remedies == ("keep-one", "exclude")


def test_copies_in_both_classes_and_two_sets_are_both_but_no_mere_duplicates() -> None:
    both = group("c-t-1", "h-v-1")
    findings = found(both, group("c-t-8", "c-t-9"))
    assert {kind: finding.groups for kind, finding in findings.items()} == {
        "label-conflict": (both.paths,),
        "leak": (both.paths,),
        "duplicates": ((Path("c-t-8"), Path("c-t-9")),),
    }


def test_each_file_says_whether_it_is_the_same_or_nearly_so() -> None:
    findings = found(group("c-t-1", "c-t-2"), group("c-t-3", "c-t-4", exact=False))
    assert findings["duplicates"].notes == {
        Path("c-t-1"): "The same file",
        Path("c-t-2"): "The same file",
        Path("c-t-3"): "Nearly the same picture",
        Path("c-t-4"): "Nearly the same picture",
    }


def test_copies_that_are_not_in_use_do_not_count() -> None:
    assert found(group("c-t-1", "h-v-1"), unused="h-v-1") == {}
    findings = found(group("c-t-1", "c-t-2", "h-v-1"), unused="h-v-1")
    assert list(findings) == ["duplicates"]
    assert findings["duplicates"].paths == (Path("c-t-1"), Path("c-t-2"))
