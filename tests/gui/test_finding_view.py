"""One finding: its words, its images, and what can be done about all of them or some."""

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop.core.findings import Remedy
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.finding_view import FindingView, narrowed
from covid_desktop.gui.thumbnails import ThumbnailGrid

BUTTONS = ("exclude", "keep_one", "same_set", "relabel")


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(FindingView())


@pytest.fixture
def images(tmp_path: Path, draw: Any) -> Any:
    return draw(tmp_path, 6)


def grid(view: FindingView) -> ThumbnailGrid:
    return view.findChild(ThumbnailGrid, "finding_images")


def captions(view: FindingView) -> list[Any]:
    model = grid(view).images
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def offered(view: FindingView, person: Any) -> dict[str, str]:
    """The words on the buttons in sight."""
    return {name: person.find(view, QPushButton, name).text() for name in BUTTONS if person.sees(view, name)}


def test_it_says_what_it_is_why_it_matters_and_what_can_be_done(
    view: FindingView, person: Any, make_finding: Any
) -> None:
    view.show_finding(make_finding("blank"))
    read = person.reads(view).split("\n")
    assert read[:3] == ["Something is blank.", "Why blank matters.", "What to do about blank."]


def test_before_there_is_a_finding_nothing_is_offered(view: FindingView, person: Any) -> None:
    assert offered(view, person) == {}


def test_only_its_own_remedies_are_offered(
    view: FindingView, person: Any, make_finding: Any, images: list[Path]
) -> None:
    view.show_finding(make_finding("leak", groups=[images[:2]], remedies=("same-set", "keep-one", "exclude")))
    assert offered(view, person) == {
        "exclude": "Exclude all",
        "keep_one": "Keep one of each",
        "same_set": "Move to the same set",
    }
    view.show_finding(make_finding("few"))
    assert offered(view, person) == {}


def test_a_finding_without_files_shows_no_images(view: FindingView, person: Any, make_finding: Any) -> None:
    view.show_finding(make_finding("few"))
    assert not person.sees(view, "finding_images")


def test_groups_are_numbered_where_files_belong_together(
    view: FindingView, make_finding: Any, images: list[Path]
) -> None:
    view.show_finding(make_finding("duplicates", groups=[images[:2], images[2:5]]))
    assert captions(view) == ["Group 1"] * 2 + ["Group 2"] * 3
    view.show_finding(make_finding("blank", groups=[(path,) for path in images]))
    assert captions(view) == [None] * 6


@pytest.mark.parametrize(
    ("remedy", "button"),
    [("exclude", "exclude"), ("keep-one", "keep_one"), ("same-set", "same_set")],
)
def test_a_remedy_without_a_selection_is_for_all(
    view: FindingView,
    person: Any,
    make_finding: Any,
    images: list[Path],
    qtbot: QtBot,
    remedy: Remedy,
    button: str,
) -> None:
    finding = make_finding("leak", groups=[images[:2], images[2:4]], remedies=(remedy,))
    view.show_finding(finding)
    with qtbot.waitSignal(view.remedy_chosen) as chosen:
        person.click(view, button)
    assert chosen.args == [finding, remedy]


def test_with_a_selection_it_is_for_the_selected(
    view: FindingView, person: Any, make_finding: Any, images: list[Path], qtbot: QtBot
) -> None:
    finding = make_finding("blank", groups=[(path,) for path in images], remedies=("exclude",))
    view.show_finding(finding)
    person.select(grid(view), 1, 4)
    assert offered(view, person) == {"exclude": "Exclude the selected"}
    with qtbot.waitSignal(view.remedy_chosen) as chosen:
        person.click(view, "exclude")
    chosen_finding, remedy = chosen.args
    assert (chosen_finding.kind, chosen_finding.paths, remedy) == ("blank", (images[1], images[4]), "exclude")
    grid(view).clearSelection()
    assert offered(view, person) == {"exclude": "Exclude all"}


def test_the_class_is_changed_only_of_those_that_are_selected(
    view: FindingView, person: Any, make_finding: Any, images: list[Path], qtbot: QtBot
) -> None:
    """For all of a conflict it would only swap the two classes."""
    finding = make_finding(
        "label-conflict", groups=[images[:2], images[2:4]], remedies=("exclude", "relabel")
    )
    view.show_finding(finding)
    relabel = person.find(view, QPushButton, "relabel")
    assert relabel.isVisible()
    assert not relabel.isEnabled()
    assert relabel.toolTip().startswith("Select the images of the wrong class first")
    assert person.find(view, QPushButton, "exclude").isEnabled()
    person.select(grid(view), 1, 2)
    with qtbot.waitSignal(view.remedy_chosen) as chosen:
        person.click(view, "relabel")
    assert chosen.args[0].paths == (images[1], images[2])
    assert chosen.args[1] == "relabel"
    grid(view).clearSelection()
    assert not relabel.isEnabled()


def test_another_finding_begins_with_nothing_selected(
    view: FindingView, person: Any, make_finding: Any, images: list[Path]
) -> None:
    view.show_finding(make_finding("label-conflict", groups=[images[:2]], remedies=("exclude", "relabel")))
    person.select(grid(view), 0)
    view.show_finding(make_finding("label-conflict", groups=[images[2:]], remedies=("exclude", "relabel")))
    assert offered(view, person) == {"exclude": "Exclude all", "relabel": "Change the class of the selected"}
    assert not person.find(view, QPushButton, "relabel").isEnabled()


def test_the_same_finding_shown_anew_keeps_its_selection(
    view: FindingView, person: Any, make_finding: Any, images: list[Path], qtbot: QtBot
) -> None:
    finding = make_finding("label-conflict", groups=[images[:2]], remedies=("exclude", "relabel"))
    view.show_finding(finding)
    person.select(grid(view), 1)
    view.show_finding(finding)
    assert grid(view).selected_paths() == [images[1]]
    with qtbot.waitSignal(view.remedy_chosen) as chosen:
        person.click(view, "relabel")
    assert chosen.args[0].paths == (images[1],)


def test_no_finding_asks_for_more_width_than_the_smallest_window_has(
    view: FindingView, person: Any, make_finding: Any, images: list[Path]
) -> None:
    """Nor does one on its way to the next, when the window would grow for good."""
    conflict = make_finding("label-conflict", groups=[images[:2]], remedies=("exclude", "relabel"))
    leak = make_finding("leak", groups=[images[:2]], remedies=("same-set", "keep-one", "exclude"))
    view.resize(573, 300)
    for finding in (conflict, leak, conflict):
        view.show_finding(finding)
        person.select(grid(view), 0)
        assert view.minimumSizeHint().width() <= 573
    assert view.width() == 573


def test_selected_images_are_told_with_their_set_class_and_note(
    view: FindingView, person: Any, make_finding: Any, opened: OpenedDataset
) -> None:
    sample = opened.split.validation[0]
    class_name = opened.dataset.class_names[sample.label]
    other = opened.scanned.folder / "gone.png"
    view.images.set_dataset(opened)
    finding = make_finding("blank", groups=[(sample.path,), (other,)], notes={sample.path: "All black"})
    view.show_finding(finding)
    person.select(grid(view), 0)
    assert f"{sample.path.name} - Validation, {class_name} - All black" in person.reads(view)
    person.select(grid(view), 1)
    assert "gone.png - Not in use" in person.reads(view)


def test_an_image_is_opened_with_return(
    view: FindingView, person: Any, make_finding: Any, images: list[Path], qtbot: QtBot
) -> None:
    view.show_finding(make_finding("blank", groups=[(path,) for path in images]))
    grid(view).setFocus()
    grid(view).setCurrentIndex(grid(view).images.index(2))
    with qtbot.waitSignal(view.image_opened) as told:
        person.press(grid(view), Qt.Key.Key_Return)
    assert told.args == [images[2]]


A, B, C, D, E = (Path(f"/{letter}.png") for letter in "abcde")


@pytest.mark.parametrize(
    ("remedy", "selected", "groups"),
    [
        ("exclude", [], ((A, B), (C, D), (E,))),
        ("exclude", [D, A], ((A,), (D,))),
        ("relabel", [C], ((C,),)),
        ("keep-one", [], ((A, B), (C, D), (E,))),
        ("keep-one", [B], ((B, A),)),
        ("keep-one", [D, A, B], ((A, B), (D, C))),
        ("same-set", [D, E], ((D, C), (E,))),
    ],
)
def test_a_remedy_reaches_the_selected_and_their_groups(
    make_finding: Any, remedy: Remedy, selected: list[Path], groups: Any
) -> None:
    finding = make_finding("leak", groups=((A, B), (C, D), (E,)), notes={A: "The same file"})
    found = narrowed(finding, remedy, selected)
    assert found.groups == groups
    assert (found.kind, found.title, found.notes) == (finding.kind, finding.title, finding.notes)


@pytest.mark.parametrize("remedy", ["exclude", "keep-one"])
def test_thousands_of_selected_files_are_no_wait(make_finding: Any, remedy: Remedy) -> None:
    paths = [Path(f"/images/{number}.png") for number in range(6000)]
    finding = make_finding("duplicates", groups=list(zip(paths[::2], paths[1::2], strict=True)))
    began = time.process_time()
    assert len(narrowed(finding, remedy, paths).paths) == 6000
    assert time.process_time() - began < 1
