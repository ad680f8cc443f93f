"""The Evaluate tab within the window: what it does to the data, to training and to predictions."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QTextBrowser

from covid_desktop import curation
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.thumbnails import ThumbnailGrid

ACTIONS = ("evaluate", "evaluate_folder", "cancel_evaluation", "save_threshold", "clear_evaluations")


@pytest.fixture
def with_data(window: MainWindow, tasks: Any, folder: Path) -> MainWindow:
    window.open_folder(folder)
    tasks.run_all()
    return window


@pytest.fixture
def ready(with_data: MainWindow, make_model: Any) -> MainWindow:
    """With data and a model."""
    with_data._set_model(make_model())
    return with_data


@pytest.fixture
def judged(ready: MainWindow, tasks: Any) -> MainWindow:
    evaluate(ready, tasks, "training")
    return ready


def evaluate(window: MainWindow, tasks: Any, subset: str) -> None:
    sets = window.findChild(QComboBox, "evaluated_set")
    sets.setCurrentIndex(sets.findData(subset))
    trigger(window, "evaluate")
    tasks.run()


def trigger(window: MainWindow, name: str) -> None:
    action = window.findChild(QAction, f"action_{name}")
    assert action.isEnabled(), f"{name} is not enabled"
    action.trigger()


def enabled(window: MainWindow) -> set[str]:
    return {name for name in ACTIONS if window.findChild(QAction, f"action_{name}").isEnabled()}


def banners(window: MainWindow) -> list[str]:
    return [banner.accessibleName() for banner in window.findChildren(Banner) if banner.isVisible()]


def select_case(window: MainWindow, person: Any, *rows: int) -> list[Path]:
    """Select images that were found; their paths."""
    person.click(window, "choose_cases")
    person.click(window, "choose_found")
    grid = person.find(window, ThumbnailGrid, "cases")
    person.select(grid, *rows)
    return list(grid.selected_paths())


def used(window: MainWindow) -> set[Path]:
    return {sample.path for sample in window.data.opened.dataset.samples}


def test_the_menu_offers_what_can_be_done(
    window: MainWindow, tasks: Any, folder: Path, make_model: Any
) -> None:
    assert enabled(window) == set()
    window._set_model(make_model())
    assert enabled(window) == {"evaluate_folder"}
    window.open_folder(folder)
    tasks.run_all()
    assert enabled(window) == {"evaluate", "evaluate_folder"}
    window.show_tab("data")
    trigger(window, "evaluate")
    assert window.current_tab == "evaluate"
    assert enabled(window) == {"cancel_evaluation"}
    trigger(window, "cancel_evaluation")
    tasks.run()
    assert enabled(window) == {"evaluate", "evaluate_folder"}
    evaluate(window, tasks, "training")
    assert enabled(window) == {"evaluate", "evaluate_folder", "clear_evaluations"}
    window.findChild(QLabel, "saved_threshold")
    trigger(window, "clear_evaluations")
    assert enabled(window) == {"evaluate", "evaluate_folder"}


def test_while_it_evaluates_rail_and_status_say_so(ready: MainWindow, tasks: Any) -> None:
    trigger(ready, "evaluate")
    tab = ready.findChild(QLabel, "status_now")
    assert tab.text().startswith("Evaluating")
    tasks.run()
    assert tab.text() == "Ready"


def test_a_saved_threshold_calls_the_predictions_anew(
    judged: MainWindow, tasks: Any, person: Any, folder: Path
) -> None:
    judged.score([folder / "Healthy"])
    tasks.run_all()
    judged.show_tab("evaluate")
    person.click(judged, "preset_sensitivity-95")
    assert judged.predict.worklist.done == 6
    trigger(judged, "save_threshold")
    threshold = judged.predict.model.card.threshold
    assert threshold != 0.5
    assert banners(judged) == [f"The model now calls at {threshold:.3f}. It is kept in the model's file."]
    assert judged.predict.worklist.done == 0
    tasks.run()
    assert {one.threshold for one in judged.predict.worklist.predictions} == {threshold}


def test_a_use_of_the_test_set_is_on_its_tile(ready: MainWindow, tasks: Any, folder: Path) -> None:
    trigger(ready, "set_test_aside")
    tasks.run_all()
    tile = ready.findChild(QLabel, "test_lock")
    assert tile.text() == "Locked. Not used by Evaluate yet."
    curation.count_test_use(folder)
    evaluate(ready, tasks, "test")
    assert tile.text() == "Locked. Used by Evaluate once."
    ready.findChild(QAction, "action_undo").trigger()
    assert ready.data.opened.test_uses == 1


def test_another_folder_by_dialog(
    judged: MainWindow, tasks: Any, dialogs: Any, evaluating: Any, folder: Path
) -> None:
    trigger(judged, "evaluate_folder")
    assert dialogs.asked == ["folder"]
    assert tasks.waiting == []
    dialogs.answers["folder"] = folder
    trigger(judged, "evaluate_folder")
    tasks.run()
    assert evaluating.given == ["training", folder]


def test_a_case_is_excluded_and_comes_back(judged: MainWindow, tasks: Any, person: Any) -> None:
    (image,) = select_case(judged, person, 0)
    person.click(judged, "exclude_cases")
    assert image not in used(judged)
    assert person.sees(judged, "data_changed")
    assert judged.current_tab == "evaluate"
    trigger(judged, "undo")
    judged.show_tab("evaluate")
    assert image in used(judged)
    assert not person.sees(judged, "data_changed")


def test_a_case_gets_the_other_class(judged: MainWindow, person: Any) -> None:
    (image,) = select_case(judged, person, 0)
    person.click(judged, "relabel_cases")
    samples = {sample.path: sample.label for sample in judged.data.opened.dataset.samples}
    assert samples[image] == 0
    assert person.sees(judged, "data_changed")


def test_training_again_without_cases_can_be_undone(judged: MainWindow, tasks: Any, person: Any) -> None:
    (image,) = select_case(judged, person, 0)
    tasks.take("heatmap")
    person.click(judged, "retrain_without_cases")
    assert judged.current_tab == "train"
    assert judged.train.is_running
    assert image not in used(judged)
    trigger(judged, "undo")
    assert image in used(judged)


def test_training_waits_for_the_run_that_goes_on(judged: MainWindow, tasks: Any, person: Any) -> None:
    trigger(judged, "start_training")
    judged.show_tab("evaluate")
    (image,) = select_case(judged, person, 0)
    person.click(judged, "retrain_without_cases")
    assert image not in used(judged)
    assert judged.current_tab == "evaluate"
    assert banners(judged)[0].startswith("The images are excluded, but a run without them must wait")


def test_what_cannot_be_excluded_starts_no_run_and_says_why(
    judged: MainWindow, tasks: Any, person: Any
) -> None:
    before = used(judged)
    select_case(judged, person, 0)
    judged.evaluate.retrain_chosen.emit([path for path in before if path.parent.name == "Healthy"])
    assert used(judged) == before
    assert not judged.train.is_running
    assert judged.current_tab == "data"
    assert len(banners(judged)) == 1


def test_a_folder_dropped_on_evaluate_is_opened_as_data(
    ready: MainWindow, tasks: Any, person: Any, folder: Path
) -> None:
    ready.show_tab("evaluate")
    person.drag(ready, folder)
    assert ready.findChild(QLabel, "rail_hint").text() == f"Open {folder.name} as data"
    person.drop(ready, folder)
    assert ready.current_tab == "data"
    assert not ready.evaluate.is_running


def test_a_case_opens_on_the_predict_tab(judged: MainWindow, tasks: Any, person: Any) -> None:
    (image,) = select_case(judged, person, 0)
    judged.evaluate.image_opened.emit(image)
    assert judged.current_tab == "predict"
    tasks.run("listing")
    assert judged.predict.worklist.path(0) == image


def test_closing_while_it_evaluates(judged: MainWindow, tasks: Any, person: Any) -> None:
    select_case(judged, person, 0)
    trigger(judged, "evaluate")
    assert not judged.close()
    heatmap, judging = tasks.take("heatmap"), tasks.take()
    assert heatmap.is_stopping
    assert judging.is_stopping
    judging.run()
    tasks.end(judging)
    assert tasks.waiting == []
    tasks.succeed(heatmap, None)
    assert not judged.isVisible()


# --- the report


@pytest.mark.parametrize(
    ("action", "ending", "begins"),
    [
        ("save_report", ".pdf", b"%PDF-"),
        ("save_report_html", ".html", b"<!DOCTYPE html>"),
        ("save_model_card", ".md", b"# "),
    ],
)
def test_a_report_is_saved_as_its_name_ends(
    judged: MainWindow, tasks: Any, dialogs: Any, tmp_path: Path, action: str, ending: str, begins: bytes
) -> None:
    file = tmp_path / f"report{ending}"
    dialogs.answers["save_as"] = file
    trigger(judged, action)
    tasks.run("report")
    assert file.read_bytes().startswith(begins)
    assert any(f"report{ending} is saved." in text for text in banners(judged))


def test_a_report_that_cannot_be_written_is_said(
    judged: MainWindow, tasks: Any, person: Any, dialogs: Any, tmp_path: Path
) -> None:
    dialogs.answers["save_as"] = tmp_path / "nowhere" / "report.html"
    person.click(judged, "save_report")
    tasks.run("report")
    assert any("could not be written" in text or "cannot be" in text for text in banners(judged))


def test_no_report_without_results_and_none_when_the_dialog_is_cancelled(
    ready: MainWindow, tasks: Any, person: Any, dialogs: Any
) -> None:
    assert not person.sees(ready, "save_report")
    assert not ready.findChild(QAction, "action_save_report").isEnabled()
    evaluate(ready, tasks, "training")
    dialogs.answers["save_as"] = None
    person.click(ready, "save_report")
    assert not tasks.waiting


def test_the_model_card_is_a_page_of_the_program(judged: MainWindow, person: Any) -> None:
    trigger(judged, "show_model_card")
    (page,) = judged.findChildren(QTextBrowser)
    text = page.toPlainText()
    assert "Research use only" in text
    assert "training" in text
    trigger(judged, "show_model_card")
    judged.findChild(QDialog, "model_card").close()


def test_without_a_model_there_is_no_card_to_show(window: MainWindow) -> None:
    assert not window.findChild(QAction, "action_show_model_card").isEnabled()
