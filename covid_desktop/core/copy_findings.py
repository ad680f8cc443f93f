"""Copies of one picture: in both classes, in two sets, or merely twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from covid_desktop.core.dataset import Sample, Subset
from covid_desktop.core.duplicates import CopyGroup
from covid_desktop.core.findings import Finding
from covid_desktop.core.words import counted


def copy_findings(
    copies: Sequence[CopyGroup],
    samples: Sequence[Sample],
    subset_of: Mapping[Path, Subset],
    class_names: tuple[str, str],
) -> list[Finding]:
    """Up to three findings; copies in both classes that are in two sets as well are in two of them."""
    labels = {sample.path: sample.label for sample in samples}
    used = [
        replace(group, paths=paths)
        for group in copies
        if len(paths := tuple(path for path in group.paths if path in labels)) > 1
    ]
    conflicts = [group for group in used if len({labels[path] for path in group.paths}) > 1]
    leaks = [group for group in used if len({subset_of.get(path) for path in group.paths}) > 1]
    others = [group for group in used if group not in conflicts and group not in leaks]
    found = []
    if conflicts:
        found.append(_conflict(conflicts, class_names))
    if leaks:
        found.append(_leak(leaks))
    if others:
        found.append(_duplicates(others))
    return found


def _conflict(groups: Sequence[CopyGroup], class_names: tuple[str, str]) -> Finding:
    return Finding(
        kind="label-conflict",
        severity="serious",
        title=f"{_pictures(groups)} in both classes, {class_names[1]} and {class_names[0]}.",
        why="One of the labels is wrong, and a network learns from both that the picture says nothing.",
        fix="Change the class of those that are wrong, or exclude all of them.",
        remedies=("exclude", "relabel"),
        groups=_paths(groups),
        notes=_notes(groups),
    )


def _leak(groups: Sequence[CopyGroup]) -> Finding:
    return Finding(
        kind="leak",
        severity="serious",
        title=f"{_pictures(groups)} in more than one set.",
        why="A network knows such a picture from training, so that validation and test look better than they "
        "are.",
        fix="Move the copies into one set, or keep one of each.",
        remedies=("same-set", "keep-one", "exclude"),
        groups=_paths(groups),
        notes=_notes(groups),
    )


def _duplicates(groups: Sequence[CopyGroup]) -> Finding:
    return Finding(
        kind="duplicates",
        severity="warning",
        title=f"{_pictures(groups)} there more than once.",
        why="A picture counts as often as it is there, and fewer different images are there than it seems.",
        fix="Keep one of each. Copies stay in one set meanwhile.",
        remedies=("keep-one", "exclude"),
        groups=_paths(groups),
        notes=_notes(groups),
    )


def _pictures(groups: Sequence[CopyGroup]) -> str:
    return f"{counted(len(groups), 'picture')} {'is' if len(groups) == 1 else 'are'}"


def _paths(groups: Sequence[CopyGroup]) -> tuple[tuple[Path, ...], ...]:
    return tuple(group.paths for group in groups)


def _notes(groups: Sequence[CopyGroup]) -> dict[Path, str]:
    words = {True: "The same file", False: "Nearly the same picture"}
    return {path: words[group.exact] for group in groups for path in group.paths}
