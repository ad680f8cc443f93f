"""Images with the line that says what the selected ones are, and what can be done with those of a class."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from covid_desktop import curation
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.image_view import ClassView, ImageView
from covid_desktop.gui.widgets import ElidedLabel

NONE_SELECTED = "Select images to see what they are."


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(ImageView("pictures"))


@pytest.fixture
def paths(opened: OpenedDataset) -> list[Path]:
    return [sample.path for sample in opened.dataset.samples]


@pytest.fixture
def class_view(tasks: Any, show: Any, opened: OpenedDataset, paths: list[Path]) -> Any:
    """The six images of COVID-19."""
    view = show(ClassView())
    view.set_dataset(opened)
    view.set_other_class("Healthy")
    view.show_images([path for path in paths if path.parent.name == "COVID-19"])
    return view


def about(view: ImageView) -> str:
    (found,) = view.findChildren(ElidedLabel)
    return found.accessibleName()


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_one_image_is_told_with_its_name_set_and_class(
    view: ImageView, person: Any, opened: OpenedDataset
) -> None:
    aside = curation.set_test_aside(opened)
    view.set_dataset(aside)
    samples = [aside.split.of(subset)[0] for subset in ("training", "validation", "test")]
    view.show_images([sample.path for sample in samples])
    assert about(view) == NONE_SELECTED
    for row, (subset, sample) in enumerate(zip(("Training", "Validation", "Test"), samples, strict=True)):
        person.select(view.grid, row)
        class_name = aside.dataset.class_names[sample.label]
        assert about(view) == f"{sample.path.name} - {subset}, {class_name}"


def test_a_note_stands_behind_it(
    view: ImageView, person: Any, opened: OpenedDataset, paths: list[Path]
) -> None:
    view.set_dataset(opened)
    view.show_images(paths[:2], notes={paths[1]: "The same file"})
    person.select(view.grid, 1)
    assert about(view).endswith(" - The same file")
    person.select(view.grid, 0)
    assert "same" not in about(view)


def test_an_image_that_was_left_out_is_not_in_use(
    view: ImageView, person: Any, opened: OpenedDataset, paths: list[Path]
) -> None:
    view.set_dataset(curation.exclude(opened, paths[:1]))
    view.show_images(paths[:1])
    person.select(view.grid, 0)
    assert about(view) == f"{paths[0].name} - Not in use"


def test_several_images_are_counted(
    view: ImageView, person: Any, opened: OpenedDataset, paths: list[Path], qtbot: QtBot
) -> None:
    view.set_dataset(opened)
    view.show_images(paths)
    person.select(view.grid, 0)
    with qtbot.waitSignal(view.selected) as selected:
        view.grid.selectAll()
    assert selected.args == [paths]
    assert about(view) == "11 selected"
    view.grid.clearSelection()
    assert about(view) == NONE_SELECTED


def test_what_a_selected_image_is_follows_the_data(
    view: ImageView, person: Any, opened: OpenedDataset
) -> None:
    aside = curation.set_test_aside(opened)
    sample = aside.split.test[0]
    view.set_dataset(opened)
    view.show_images([sample.path])
    person.select(view.grid, 0)
    assert " - Test, " not in about(view)
    view.set_dataset(aside)
    assert " - Test, " in about(view)


def test_other_images_are_not_selected(
    view: ImageView, person: Any, opened: OpenedDataset, paths: list[Path]
) -> None:
    view.set_dataset(opened)
    view.show_images(paths[:2])
    person.select(view.grid, 0)
    view.show_images(paths[2:4])
    assert about(view) == NONE_SELECTED
    assert view.grid.selected_paths() == []


def test_nothing_is_offered_until_something_is_selected(class_view: ClassView, person: Any) -> None:
    buttons = [
        person.find(class_view, QToolButton, name) for name in ("exclude_selected", "relabel_selected")
    ]
    assert [button.text() for button in buttons] == ["Exclude", "Change class to Healthy"]
    assert [button.isEnabled() for button in buttons] == [False, False]
    person.select(class_view.grid, 0)
    assert [button.isEnabled() for button in buttons] == [True, True]
    class_view.grid.clearSelection()
    assert [button.isEnabled() for button in buttons] == [False, False]


@pytest.mark.parametrize(
    ("button", "signal"),
    [("exclude_selected", "exclude_chosen"), ("relabel_selected", "relabel_chosen")],
)
def test_what_is_offered_is_for_the_selected(
    class_view: ClassView, person: Any, qtbot: QtBot, button: str, signal: str
) -> None:
    person.select(class_view.grid, 1, 4)
    with qtbot.waitSignal(getattr(class_view, signal)) as chosen:
        person.click(class_view, button)
    assert names(chosen.args[0]) == ["001.png", "004.png"]


def test_the_delete_key_excludes_the_selected(class_view: ClassView, person: Any, qtbot: QtBot) -> None:
    focus(class_view, qtbot)
    person.select(class_view.grid, 2, 3)
    with qtbot.waitSignal(class_view.exclude_chosen) as chosen:
        person.press(class_view.grid, Qt.Key.Key_Delete)
    assert names(chosen.args[0]) == ["002.png", "003.png"]


def test_the_delete_key_does_nothing_without_a_selection(
    class_view: ClassView, person: Any, qtbot: QtBot
) -> None:
    focus(class_view, qtbot)
    with qtbot.assertNotEmitted(class_view.exclude_chosen):
        person.press(class_view.grid, Qt.Key.Key_Delete)


def focus(view: ClassView, qtbot: QtBot) -> None:
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.grid.setFocus()


def test_the_context_menu_offers_the_same(class_view: ClassView, person: Any, qtbot: QtBot) -> None:
    assert class_view.grid.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    exclude, relabel = class_view.grid.actions()
    assert exclude.shortcut().toString() == "Del"
    person.select(class_view.grid, 5)
    with qtbot.waitSignal(class_view.exclude_chosen):
        exclude.trigger()
    with qtbot.waitSignal(class_view.relabel_chosen):
        relabel.trigger()


def test_after_some_are_excluded_the_grid_stays_in_its_place(
    tasks: Any, show: Any, person: Any, tmp_path: Path, draw: Any, qtbot: QtBot
) -> None:
    paths = draw(tmp_path, 200)
    view = show(ClassView())
    view.resize(500, 300)
    view.show_images(paths)
    view.grid.setCurrentIndex(view.grid.images.index(120))
    bar = view.grid.verticalScrollBar()
    place = bar.value()
    assert place > 0
    view.show_images(paths[:120] + paths[121:])
    assert bar.value() == place
    assert view.grid.currentIndex().row() == 120
    assert view.grid.selected_paths() == []
    person.press(view.grid, Qt.Key.Key_Right)
    assert names(view.grid.selected_paths()) == ["122.png"]
