"""The images of a cell of the confusion matrix: which, in what order, and what can be decided about them."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from covid_desktop import curation
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.cases_page import CasesPage
from covid_desktop.gui.cases_view import CELLS, CasesView, cases
from covid_desktop.gui.evaluation_canvases import ConfusionCanvas

NAMES = ("Healthy", "COVID-19")
DECISIONS = ("exclude_cases", "relabel_cases", "retrain_without_cases")


@pytest.fixture
def evaluation(opened: OpenedDataset) -> Evaluation:
    """Of COVID-19 two are missed, of Healthy one is a false alarm."""
    paths = sorted(sample.path for sample in opened.dataset.samples)
    return Evaluation(
        labels=(1,) * 6 + (0,) * 5,
        scores=(0.4, 0.1, 0.6, 0.9, 0.7, 0.8, 0.05, 0.45, 0.3, 0.95, 0.2),
        threshold=0.5,
        paths=tuple(paths),
    )


@pytest.fixture
def view(tasks: Any, show: Any, opened: OpenedDataset, evaluation: Evaluation) -> Any:
    view = show(CasesView())
    view.set_dataset(opened)
    view.show_evaluation(evaluation, NAMES)
    return view


def shown(view: CasesView) -> list[str]:
    return [f"{path.parent.name}/{path.stem}" for path in view.images.grid.images.paths]


def test_the_most_confidently_wrong_come_first(view: CasesView, person: Any) -> None:
    assert shown(view) == ["COVID-19/001", "COVID-19/000"]
    person.click(view, "choose_false_alarms")
    assert shown(view) == ["Healthy/003"]
    person.click(view, "choose_found")
    assert shown(view) == ["COVID-19/003", "COVID-19/005", "COVID-19/004", "COVID-19/002"]
    person.click(view, "choose_cleared")
    assert shown(view) == ["Healthy/000", "Healthy/004", "Healthy/002", "Healthy/001"]


def test_each_cell_says_how_many(view: CasesView, person: Any) -> None:
    texts = [person.find(view, QPushButton, f"choose_{key}").text().split()[-1] for key in CELLS]
    assert texts == ["2", "1", "4", "4"]


def test_every_image_is_in_one_cell(evaluation: Evaluation) -> None:
    found = [path for cell in CELLS.values() for path in cases(evaluation, cell)]
    assert sorted(found) == sorted(evaluation.paths)


def test_an_image_on_the_threshold_is_called_positive(evaluation: Evaluation) -> None:
    assert evaluation.paths[2] in cases(evaluation.at(0.6), (1, 1))


@pytest.mark.parametrize("cell", CELLS.values())
def test_a_cell_is_chosen_from_outside(
    view: CasesView, evaluation: Evaluation, cell: tuple[int, int]
) -> None:
    view.choose(*cell)
    assert view.images.grid.images.paths == list(cases(evaluation, cell))


def test_a_selected_image_says_its_score(view: CasesView, person: Any) -> None:
    person.select(view.images.grid, 0)
    assert view.images._about.accessibleName().endswith("COVID-19 - score 0.100")


def test_one_image_is_told_and_of_several_none(view: CasesView, person: Any) -> None:
    told: list[Path | None] = []
    view.image_chosen.connect(told.append)
    first, second = view.images.grid.images.paths
    person.select(view.images.grid, 0)
    person.press(view.images.grid, Qt.Key.Key_Right)
    person.select(view.images.grid, 0, 1)
    assert [path for path in told if path] == [first, second, first]
    assert told[-1] is None


def test_another_threshold_moves_images_between_cells(view: CasesView, evaluation: Evaluation) -> None:
    view.show_evaluation(evaluation.at(0.3), NAMES)
    assert shown(view) == ["COVID-19/001"]


@pytest.mark.parametrize(("key", "other"), [("missed", "Healthy"), ("false_alarms", "COVID-19")])
def test_the_other_class_is_the_one_it_was_given(view: CasesView, person: Any, key: str, other: str) -> None:
    person.click(view, f"choose_{key}")
    assert person.find(view, QToolButton, "relabel_cases").text() == f"Change class to {other}"


def test_a_long_class_name_does_not_fill_the_row(
    view: CasesView, person: Any, evaluation: Evaluation
) -> None:
    view.show_evaluation(evaluation, ("h" * 60, "COVID-19"))
    assert person.find(view, QToolButton, "relabel_cases").text() == "Change class to the other one"


def test_decisions_are_off_until_something_is_selected(view: CasesView, person: Any) -> None:
    assert enabled(view, person) == []
    person.select(view.images.grid, 0)
    assert enabled(view, person) == list(DECISIONS)


@pytest.mark.parametrize("name", DECISIONS)
def test_images_that_are_not_in_the_open_data_cannot_be_decided_about(
    name: str, view: CasesView, person: Any, opened: OpenedDataset
) -> None:
    first = view.images.grid.images.paths[0]
    view.set_dataset(curation.exclude(opened, [first]))
    person.select(view.images.grid, 0)
    button = person.find(view, QToolButton, name)
    why = "These images are not part of the open data: nothing can be decided about them here."
    assert (button.isEnabled(), button.toolTip()) == (False, why)
    person.select(view.images.grid, 1)
    assert button.isEnabled()
    assert button.toolTip() == button.text()
    person.select(view.images.grid, 0, 1)
    assert not button.isEnabled()


def test_images_of_another_folder_say_so_before_any_is_selected(
    tasks: Any, show: Any, person: Any, evaluation: Evaluation
) -> None:
    view = show(CasesView())
    view.show_evaluation(evaluation, NAMES)
    assert person.find(view, QToolButton, "exclude_cases").toolTip().startswith("These images are not part")
    person.select(view.images.grid, 0)
    assert enabled(view, person) == []


def enabled(view: CasesView, person: Any) -> list[str]:
    return [name for name in DECISIONS if person.find(view, QToolButton, name).isEnabled()]


def test_what_is_selected_is_trained_without(view: CasesView, person: Any, qtbot: QtBot) -> None:
    paths = view.images.grid.images.paths
    person.select(view.images.grid, 0, 1)
    with qtbot.waitSignal(view.retrain_chosen) as told:
        person.click(view, "retrain_without_cases")
    assert told.args == [paths]


def test_a_cell_of_the_matrix_shows_its_images(
    tasks: Any, show: Any, opened: OpenedDataset, evaluation: Evaluation
) -> None:
    page = show(CasesPage())
    page.cases.set_dataset(opened)
    page.cases.show_evaluation(evaluation, NAMES)
    page.findChild(ConfusionCanvas).cell_chosen.emit(0, 1)
    assert shown(page.cases) == ["Healthy/003"]
