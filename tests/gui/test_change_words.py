"""How a decision is told, for Undo and in the banner."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covid_desktop import curation
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.change_words import change_words, files


def images(opened: OpenedDataset, count: int, label: int = 1) -> list[Path]:
    return [sample.path for sample in opened.dataset.samples if sample.label == label][:count]


def with_sets_written_down(opened: OpenedDataset) -> OpenedDataset:
    """As it is once it was checked."""
    folder, subset_of = opened.scanned.folder, opened.split.subset_of()
    sets = {path.relative_to(folder).as_posix(): subset for path, subset in subset_of.items()}
    return curation.arranged(opened.scanned, replace(opened.decisions, sets=sets))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, ("exclude 1 file", "1 file is excluded.")),
        (2, ("exclude 2 files", "2 files are excluded.")),
    ],
)
def test_files_that_are_excluded_are_counted(
    opened: OpenedDataset, count: int, words: tuple[str, str]
) -> None:
    assert change_words(opened, curation.exclude(opened, images(opened, count))) == words


def test_only_those_that_join_the_excluded_ones_are_counted(opened: OpenedDataset) -> None:
    before = curation.exclude(opened, images(opened, 1))
    after = curation.exclude(before, images(opened, 3))
    assert change_words(before, after) == ("exclude 2 files", "2 files are excluded.")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, ("use 1 file again", "1 file is used again.")),
        (2, ("use 2 files again", "2 files are used again.")),
    ],
)
def test_files_that_are_used_again_are_counted(
    opened: OpenedDataset, count: int, words: tuple[str, str]
) -> None:
    before = curation.exclude(opened, images(opened, 3))
    after = curation.use_again(before, images(opened, count))
    assert change_words(before, after) == words


@pytest.mark.parametrize(("count", "what"), [(1, "1 file"), (2, "2 files")])
def test_files_of_another_class_are_counted(opened: OpenedDataset, count: int, what: str) -> None:
    after = curation.relabel(opened, images(opened, count))
    assert change_words(opened, after) == (f"change the class of {what}", f"The class of {what} is changed.")


def test_a_file_whose_class_is_changed_back_is_one_file(opened: OpenedDataset) -> None:
    (path,) = images(opened, 1)
    before = curation.relabel(opened, [path])
    after = curation.relabel(before, [path])
    words = ("change the class of 1 file", "The class of 1 file is changed.")
    assert change_words(before, after) == words


def test_the_positive_class_is_named(opened: OpenedDataset) -> None:
    after = curation.with_positive_class(opened, "Healthy")
    words = ("make Healthy positive", "Healthy is the positive class.")
    assert change_words(opened, after) == words


def test_a_positive_class_that_was_positive_before_is_no_change(opened: OpenedDataset) -> None:
    assert opened.dataset.positive_class == "COVID-19"
    assert change_words(opened, curation.with_positive_class(opened, "COVID-19")) is None


def test_a_pattern_is_named_and_its_removal_told(opened: OpenedDataset) -> None:
    after = curation.with_pattern(opened, "{patient}_*")
    done = "Patients are taken from file names; their images stay together."
    assert change_words(opened, after) == ("patients by {patient}_*", done)
    undone = "Patients are not taken from file names any more."
    assert change_words(after, opened) == ("remove the pattern", undone)


def test_a_test_set_that_is_set_aside_is_counted(opened: OpenedDataset) -> None:
    after = curation.set_test_aside(opened)
    count = len(after.split.test)
    assert count > 1
    done = f"{count} files are set aside, locked until Evaluate."
    assert change_words(opened, after) == (f"set {count} files aside", done)


def test_files_that_are_moved_are_counted(opened: OpenedDataset, make_finding: Any) -> None:
    copies = tuple(sample.path for sample in (opened.split.training[0], *opened.split.validation))
    before = replace(with_sets_written_down(opened), copies=(copies,))
    finding = make_finding("leak", groups=[copies])
    after = curation.remedied(before, finding, "same-set")
    assert change_words(before, after) == ("move 1 file", "1 file is moved to another set.")


def test_nothing_is_told_of_nothing(opened: OpenedDataset) -> None:
    assert change_words(opened, opened) is None
    assert change_words(opened, curation.exclude(opened, [])) is None


def test_images_that_were_only_written_down_in_their_sets_are_no_change(opened: OpenedDataset) -> None:
    assert change_words(opened, with_sets_written_down(opened)) is None


@pytest.mark.parametrize(("count", "words"), [(0, "0 files"), (1, "1 file"), (1234, "1,234 files")])
def test_numbers_of_files(count: int, words: str) -> None:
    assert files(count) == words
