"""What a decision about the data changed, in words: for Undo, and for the banner."""

from covid_desktop.core.words import counted
from covid_desktop.curation import OpenedDataset


def change_words(before: OpenedDataset, after: OpenedDataset) -> tuple[str, str] | None:
    """What a decision does, for Undo, and what it did, as a sentence; None if nothing is different."""
    old, new = before.decisions, after.decisions
    if before.dataset.positive_class != after.dataset.positive_class:
        return f"make {new.positive_class} positive", f"{new.positive_class} is the positive class."
    if old.patient_pattern != new.patient_pattern:
        return _pattern_words(new.patient_pattern)
    if count := len(set(new.excluded) - set(old.excluded)):
        return f"exclude {files(count)}", f"{files(count)} {_are(count)} excluded."
    if count := len(set(old.excluded) - set(new.excluded)):
        return f"use {files(count)} again", f"{files(count)} {_are(count)} used again."
    if count := len({name for name, _ in old.classes.items() ^ new.classes.items()}):
        return f"change the class of {files(count)}", f"The class of {files(count)} is changed."
    return _set_words(before, after)


def _pattern_words(pattern: str) -> tuple[str, str]:
    if not pattern:
        return "remove the pattern", "Patients are not taken from file names any more."
    return (
        f"patients by {pattern}",
        "Patients are taken from file names; their images stay together.",
    )


def _set_words(before: OpenedDataset, after: OpenedDataset) -> tuple[str, str] | None:
    old, new = before.split.subset_of(), after.split.subset_of()
    moved = sum(path in old and old[path] != subset for path, subset in new.items())
    if after.is_test_set_aside and not before.is_test_set_aside:
        count = len(after.split.test)
        return f"set {files(count)} aside", f"{files(count)} {_are(count)} set aside, locked until Evaluate."
    if moved:
        return f"move {files(moved)}", f"{files(moved)} {_are(moved)} moved to another set."
    return None


def files(count: int) -> str:
    return counted(count, "file")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
