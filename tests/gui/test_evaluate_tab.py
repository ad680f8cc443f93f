"""The Evaluate tab: from a model and a set of images to numbers, cases and a threshold that is kept."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop import curation, jobs
from covid_desktop.core.events import Progress
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError, UserError
from covid_desktop.gui.evaluate_tab import MOST_SETS, EvaluateTab
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.thumbnails import ThumbnailGrid
from covid_desktop.gui.widgets import ElidedLabel


@pytest.fixture
def empty_tab(tasks: Any, show: Any, evaluating: Any) -> Any:
    return show(evaluating.tab())


@pytest.fixture
def aside(opened: OpenedDataset) -> OpenedDataset:
    """With a test set."""
    return curation.set_test_aside(opened)


@pytest.fixture
def tab(empty_tab: EvaluateTab, aside: OpenedDataset, make_model: Any) -> EvaluateTab:
    empty_tab.set_dataset(aside)
    empty_tab.set_model(make_model())
    return empty_tab


@pytest.fixture
def judged(tab: EvaluateTab, tasks: Any) -> EvaluateTab:
    """The training set was evaluated: it has the most images."""
    evaluate(tab, tasks, "training")
    return tab


def evaluate(tab: EvaluateTab, tasks: Any, subset: str) -> None:
    choose(tab, subset)
    tab.start()
    tasks.run()


def choose(tab: EvaluateTab, subset: str) -> None:
    sets = tab.findChild(QComboBox, "evaluated_set")
    sets.setCurrentIndex(sets.findData(subset))


def banner(tab: EvaluateTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def heads(tab: EvaluateTab) -> list[str]:
    """The names of the sets that are compared."""
    names = [tab.findChild(ElidedLabel, f"measured_{place}") for place in range(MOST_SETS)]
    return [name.accessibleName() for name in names if name]


def saved_words(tab: EvaluateTab) -> str:
    return tab.findChild(QLabel, "saved_threshold").text()


# --- what it needs


def test_without_model_and_data_it_says_what_it_needs(
    empty_tab: EvaluateTab, person: Any, qtbot: QtBot
) -> None:
    assert "This needs a model" in person.reads(empty_tab)
    assert not empty_tab.can_run
    assert not empty_tab.can_run_folder
    with qtbot.waitSignal(empty_tab.model_requested):
        person.click(empty_tab, "evaluate_load_model")
    with qtbot.waitSignal(empty_tab.data_requested):
        person.click(empty_tab, "evaluate_choose_folder")


def test_nothing_starts_before_there_is_everything(
    empty_tab: EvaluateTab, tasks: Any, opened: OpenedDataset, tmp_path: Path
) -> None:
    empty_tab.start()
    empty_tab.start_folder(tmp_path)
    empty_tab.save()
    empty_tab.set_dataset(opened)
    empty_tab.start()
    assert tasks.waiting == []


def test_a_model_alone_can_be_tested_on_another_folder(
    empty_tab: EvaluateTab, person: Any, make_model: Any, qtbot: QtBot
) -> None:
    empty_tab.set_model(make_model())
    assert not person.sees(empty_tab, "evaluate_load_model")
    assert person.sees(empty_tab, "evaluate_choose_folder")
    assert not person.find(empty_tab, QPushButton, "evaluate").isEnabled()
    with qtbot.waitSignal(empty_tab.folder_requested):
        person.click(empty_tab, "evaluate_folder")


def test_the_sets_say_what_their_numbers_are_worth(tab: EvaluateTab, aside: OpenedDataset) -> None:
    sets = tab.findChild(QComboBox, "evaluated_set")
    counts = [len(aside.split.of(subset)) for subset in ("test", "validation", "training")]
    assert [sets.itemText(place) for place in range(sets.count())] == [
        f"Test set (locked, each use is counted): {counts[0]}",
        f"Validation set (optimistic): {counts[1]}",
        f"Training set (says nothing about new patients): {counts[2]}",
    ]
    room = sets.fontMetrics().horizontalAdvance(sets.currentText())
    assert sets.width() > room


def test_a_set_that_is_empty_is_not_offered(
    empty_tab: EvaluateTab, opened: OpenedDataset, make_model: Any
) -> None:
    empty_tab.set_dataset(opened)
    empty_tab.set_model(make_model())
    sets = empty_tab.findChild(QComboBox, "evaluated_set")
    assert [sets.itemData(place) for place in range(sets.count())] == ["validation", "training"]


def test_the_chosen_set_stays_when_the_data_changes(tab: EvaluateTab, aside: OpenedDataset) -> None:
    choose(tab, "training")
    tab.set_dataset(curation.exclude(aside, [aside.split.training[0].path]))
    assert tab.findChild(QComboBox, "evaluated_set").currentData() == "training"


# --- an evaluation


def test_from_a_button_to_numbers(
    tab: EvaluateTab, tasks: Any, person: Any, evaluating: Any, aside: OpenedDataset
) -> None:
    choose(tab, "training")
    person.click(tab, "evaluate")
    tasks.run()
    assert evaluating.given == ["training"]
    assert heads(tab) == ["chest, training"]
    assert person.sees(tab, "measure_auroc_0")
    count = len(aside.split.training)
    assert tab.findChild(ElidedLabel, "evaluated_on").accessibleName() == f"{count} images of chest, training"


def test_what_runs_is_told_and_can_be_cancelled(tab: EvaluateTab, tasks: Any, person: Any) -> None:
    told: list[Progress | None] = []
    tab.progressed.connect(told.append)
    assert not person.sees(tab, "cancel_evaluation")
    person.click(tab, "evaluate")
    task = tasks.take()
    assert tab.is_running
    assert not person.find(tab, QPushButton, "evaluate").isEnabled()
    reading = Progress(stage="Reading images", done=1, total=2)
    task.reported.emit(reading)
    person.click(tab, "cancel_evaluation")
    assert task.is_stopping
    assert told == [Progress(stage="Evaluating"), reading, None]
    task.reported.emit(reading)
    task.run()
    assert told[-1] is None
    assert not tab.can_clear
    assert person.find(tab, QPushButton, "evaluate").isEnabled()


def test_a_job_that_stops_by_itself_leaves_the_tab_ready(tab: EvaluateTab, tasks: Any) -> None:
    tab.start()
    tasks.take().stopped.emit()
    assert not tab.is_running
    assert tab.can_run


def test_an_error_says_what_happened(tab: EvaluateTab, tasks: Any, evaluating: Any) -> None:
    evaluating.error = DatasetError("No image can be read.", "Choose a folder with images.")
    evaluate(tab, tasks, "training")
    assert banner(tab) == "No image can be read. Choose a folder with images."
    assert tab.can_run
    evaluating.error = None
    evaluate(tab, tasks, "training")
    assert banner(tab) == ""


def test_training_images_come_with_a_clear_warning(
    tab: EvaluateTab, tasks: Any, evaluating: Any, person: Any
) -> None:
    evaluating.known = 2
    evaluate(tab, tasks, "training")
    assert banner(tab).endswith("these numbers say nothing about new patients.")
    person.click(tab, "dismiss_banner")
    about = tab.findChild(QLabel, "measured_about_0")
    assert about.text().endswith("images, used for training")
    assert about.toolTip().startswith("The model was trained on 2 of these")


def test_validation_images_are_called_optimistic(tab: EvaluateTab, tasks: Any) -> None:
    evaluate(tab, tasks, "validation")
    assert banner(tab) == "The best epoch was chosen on these images: the numbers are optimistic."
    assert tab.findChild(QLabel, "measured_about_0").text().endswith("optimistic")


def test_a_use_of_the_test_set_is_told_even_if_it_was_cancelled_too_late(
    tab: EvaluateTab, tasks: Any, qtbot: QtBot
) -> None:
    choose(tab, "test")
    with qtbot.waitSignal(tab.test_used):
        tab.start()
        tasks.run()
    tab.start()
    task = tasks.take()
    tab.cancel()
    with qtbot.waitSignal(tab.test_used):
        task.run()


def test_other_sets_tell_of_no_use(tab: EvaluateTab, tasks: Any, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(tab.test_used):
        evaluate(tab, tasks, "training")
        evaluate(tab, tasks, "validation")


def test_many_images_do_not_hold_up_the_window(
    tab: EvaluateTab, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intervals are found by the job, of which the window waits for nothing."""
    measured: list[object] = []
    monkeypatch.setattr("covid_desktop.gui.evaluate_tab.measures", measured.append)
    choose(tab, "training")
    tab.start()
    assert measured == []
    tasks.run()
    assert len(measured) == 1


# --- several sets


def test_sets_are_compared_side_by_side(judged: EvaluateTab, tasks: Any, person: Any, folder: Path) -> None:
    judged.start_folder(folder)
    tasks.run()
    assert heads(judged) == ["chest, training", "chest"]
    assert "at the same threshold of 0.500" in judged.findChild(QLabel, "drop_words").text()
    assert person.sees(judged, "shown_set")


def test_the_same_set_takes_its_old_place(judged: EvaluateTab, tasks: Any) -> None:
    evaluate(judged, tasks, "validation")
    evaluate(judged, tasks, "training")
    assert heads(judged) == ["chest, training", "chest, validation"]


def test_another_set_can_be_the_one_whose_cases_are_shown(judged: EvaluateTab, tasks: Any) -> None:
    evaluate(judged, tasks, "validation")
    shown = judged.findChild(QComboBox, "shown_set")
    shown.activated.emit(1)
    assert heads(judged) == ["chest, validation", "chest, training"]
    assert shown.currentText() == "Show chest, validation"
    assert "chest, validation" in judged.findChild(ElidedLabel, "evaluated_on").accessibleName()


def test_more_than_four_sets_are_not_compared(
    judged: EvaluateTab, tasks: Any, person: Any, folder: Path
) -> None:
    for subset in ("validation", "test"):
        evaluate(judged, tasks, subset)
    judged.start_folder(folder)
    tasks.run()
    assert len(heads(judged)) == MOST_SETS
    assert not person.find(judged, QPushButton, "evaluate_folder").isEnabled()
    judged.start_folder(folder)
    assert tasks.waiting == []
    assert banner(judged) == "4 sets are shown, more cannot be compared. Clear them for others."
    person.click(judged, "clear_evaluations")
    assert heads_in_sight(judged, person) == ""
    assert banner(judged) == ""
    judged.start_folder(folder)
    assert len(tasks.waiting) == 1


def heads_in_sight(tab: EvaluateTab, person: Any) -> str:
    return "training" if "AUROC" in person.reads(tab) else ""


def test_a_set_of_the_data_is_evaluated_again_beside_three_others(
    judged: EvaluateTab, tasks: Any, folder: Path
) -> None:
    for subset in ("validation", "test"):
        evaluate(judged, tasks, subset)
    judged.start_folder(folder)
    tasks.run()
    evaluate(judged, tasks, "test")
    assert len(heads(judged)) == MOST_SETS


# --- the operating point


def test_nobody_has_chosen_the_threshold_of_a_new_model(judged: EvaluateTab) -> None:
    assert saved_words(judged) == "Starts at 0.5: not chosen yet."
    assert not judged.can_save
    judged.save()
    assert banner(judged) == ""


def test_a_threshold_is_not_saved_until_it_is_asked_for(
    judged: EvaluateTab, person: Any, evaluating: Any, qtbot: QtBot
) -> None:
    person.click(judged, "preset_youden")
    assert saved_words(judged) == "Not saved yet. Starts at 0.5: not chosen yet."
    assert evaluating.saved == []
    with qtbot.waitSignal(judged.model_changed) as told:
        person.click(judged, "save_threshold")
    (point,) = evaluating.saved
    assert point["origin"] == "Youden index, on training images"
    assert told.args[0].card.threshold == point["threshold"]
    assert (
        banner(judged) == f"The model now calls at {point['threshold']:.3f}. It is kept in the model's file."
    )
    assert saved_words(judged).endswith("Youden index, on training images.")
    assert not judged.can_save


def test_one_half_can_be_chosen_too(judged: EvaluateTab, person: Any, evaluating: Any) -> None:
    person.click(judged, "preset_half")
    person.click(judged, "save_threshold")
    assert evaluating.saved[0]["threshold"] == 0.5
    assert saved_words(judged) == "The model calls at 0.500: Threshold 0.5, on training images."


def test_a_threshold_that_cannot_be_saved_stays_chosen(
    judged: EvaluateTab, person: Any, evaluating: Any
) -> None:
    person.click(judged, "preset_youden")
    chosen = judged.findChild(QDoubleSpinBox, "threshold").value()
    evaluating.error = UserError("The file cannot be written.", "Free some space.")
    person.click(judged, "save_threshold")
    assert banner(judged) == "The file cannot be written. Free some space."
    assert judged.findChild(QDoubleSpinBox, "threshold").value() == chosen
    assert judged.can_save


def test_a_calibration_is_saved_without_choosing_a_threshold(
    judged: EvaluateTab, person: Any, evaluating: Any
) -> None:
    person.click(judged, "choose_calibration")
    judged.findChild(QDoubleSpinBox, "caught_share").setValue(100)
    person.click(judged, "save_calibration")
    (point,) = evaluating.saved
    assert (point["threshold"], point["origin"]) == (0.5, "")
    low, high = point["indeterminate"]
    assert low <= 0.5 <= high
    assert banner(judged).startswith("The calibration is saved.")


def test_what_a_model_has_already_survives_another_threshold(
    tab: EvaluateTab, tasks: Any, person: Any, evaluating: Any, make_model: Any
) -> None:
    calibration = {"slope": 1.5, "intercept": 0.1}
    model = evaluating.save(
        make_model("old"), threshold=0.4, origin="By hand", calibration=calibration, indeterminate=(0.1, 0.9)
    )
    tab.set_model(model)
    evaluate(tab, tasks, "training")
    assert saved_words(tab) == "The model calls at 0.400: By hand."
    person.click(tab, "preset_half")
    person.click(tab, "save_threshold")
    assert evaluating.saved[-1]["calibration"] == calibration
    assert evaluating.saved[-1]["indeterminate"] == (0.1, 0.9)


def test_a_band_that_the_threshold_has_left_is_not_saved(
    tab: EvaluateTab, tasks: Any, person: Any, evaluating: Any, make_model: Any
) -> None:
    model = evaluating.save(
        make_model("old"), threshold=0.4, origin="", calibration={}, indeterminate=(0.35, 0.45)
    )
    tab.set_model(model)
    evaluate(tab, tasks, "training")
    person.click(tab, "preset_half")
    person.click(tab, "save_threshold")
    assert evaluating.saved[-1]["indeterminate"] is None


def test_the_slider_is_followed_at_once_and_the_figures_a_little_later(
    judged: EvaluateTab, person: Any, qtbot: QtBot
) -> None:
    value = person.find(judged, QLabel, "measure_specificity_0")
    before = value.text()
    number = person.find(judged, QDoubleSpinBox, "threshold")
    for step in range(1, 6):
        number.setValue(1 - step / 100)
    assert saved_words(judged).startswith("Not saved yet.")
    assert value.text() == before
    qtbot.waitUntil(lambda: value.text() == "1.000")
    assert person.find(judged, QLabel, "measures_heading").text().endswith("at the threshold 0.950")


def test_clearing_forgets_a_threshold_that_was_not_saved(
    judged: EvaluateTab, tasks: Any, person: Any
) -> None:
    person.click(judged, "preset_youden")
    person.click(judged, "clear_evaluations")
    evaluate(judged, tasks, "training")
    assert judged.findChild(QDoubleSpinBox, "threshold").value() == 0.5
    assert saved_words(judged) == "Starts at 0.5: not chosen yet."


# --- other models, other data


def test_another_model_clears_what_the_last_one_did(
    judged: EvaluateTab, person: Any, make_model: Any
) -> None:
    judged.set_model(make_model("other"))
    assert not judged.can_clear
    assert "How good is the model" in person.reads(judged)


def test_another_model_stops_an_evaluation_of_the_last_one(
    tab: EvaluateTab, tasks: Any, make_model: Any
) -> None:
    tab.start()
    task = tasks.take()
    tab.set_model(make_model("other"))
    assert task.is_stopping
    task.run()
    assert not tab.can_clear


def test_a_decision_since_makes_the_numbers_old(
    judged: EvaluateTab, tasks: Any, person: Any, aside: OpenedDataset
) -> None:
    assert not person.sees(judged, "data_changed")
    changed = curation.exclude(aside, [aside.split.training[0].path])
    judged.set_dataset(changed)
    assert person.sees(judged, "data_changed")
    judged.set_dataset(aside)
    assert not person.sees(judged, "data_changed")
    judged.set_dataset(changed)
    evaluate(judged, tasks, "training")
    assert not person.sees(judged, "data_changed")


def test_a_decision_while_it_runs_makes_the_numbers_old(
    tab: EvaluateTab, tasks: Any, person: Any, aside: OpenedDataset
) -> None:
    choose(tab, "training")
    tab.start()
    tab.set_dataset(curation.relabel(aside, [aside.split.training[0].path]))
    tasks.run()
    assert person.sees(tab, "data_changed")


def test_a_decision_about_another_set_changes_nothing(
    tab: EvaluateTab, tasks: Any, person: Any, aside: OpenedDataset
) -> None:
    evaluate(tab, tasks, "validation")
    tab.set_dataset(curation.exclude(aside, [aside.split.training[0].path]))
    assert not person.sees(tab, "data_changed")


# --- cases and heatmaps


def cases(tab: EvaluateTab, person: Any) -> ThumbnailGrid:
    person.click(tab, "choose_cases")
    person.click(tab, "choose_found")
    return person.find(tab, ThumbnailGrid, "cases")


def test_cases_can_be_decided_about(judged: EvaluateTab, person: Any, qtbot: QtBot) -> None:
    grid = cases(judged, person)
    person.select(grid, 0)
    image = grid.images.paths[0]
    for name, signal in (
        ("exclude_cases", judged.exclude_chosen),
        ("relabel_cases", judged.relabel_chosen),
        ("retrain_without_cases", judged.retrain_chosen),
    ):
        with qtbot.waitSignal(signal) as told:
            person.click(judged, name)
        assert told.args == [[image]]
    with qtbot.waitSignal(judged.image_opened) as told:
        person.press(grid, Qt.Key.Key_Return)
    assert told.args == [image]


def test_the_heatmap_follows_the_arrow_keys_to_the_newest_image(
    judged: EvaluateTab, tasks: Any, person: Any, evaluating: Any
) -> None:
    grid = cases(judged, person)
    person.select(grid, 0)
    first = tasks.take("heatmap")
    for _ in range(2):
        person.press(grid, Qt.Key.Key_Right)
    assert tasks.waiting == []
    assert first.is_stopping
    first.run()
    assert "score 0.800" not in words(judged)
    tasks.end(first)
    tasks.run("heatmap")
    assert evaluating.seen == [grid.images.paths[0], grid.images.paths[2]]
    assert words(judged).startswith(f"{grid.images.paths[2].name}: score 0.800. 36 % of it lies")
    assert tasks.waiting == []


def test_without_one_image_there_is_no_heatmap(judged: EvaluateTab, tasks: Any, person: Any) -> None:
    grid = cases(judged, person)
    person.select(grid, 0)
    tasks.run("heatmap")
    person.select(grid, 0, 1)
    running = [task for task in tasks.waiting if not task.is_stopping]
    assert running == []
    assert words(judged) == "Select one image to see where the model looked."


def test_an_image_left_meanwhile_gets_no_heatmap(judged: EvaluateTab, tasks: Any, person: Any) -> None:
    grid = cases(judged, person)
    person.select(grid, 0)
    task = tasks.take("heatmap")
    grid.clearSelection()
    tasks.succeed(task, None)
    assert words(judged) == "Select one image to see where the model looked."
    assert tasks.waiting == []


def test_a_heatmap_that_fails_says_why(judged: EvaluateTab, tasks: Any, person: Any) -> None:
    person.select(cases(judged, person), 0)
    tasks.fail(tasks.take("heatmap"), UserError("The image is gone.", "Choose another."))
    assert "The image is gone." in words(judged)


def words(tab: EvaluateTab) -> str:
    return tab.findChild(QLabel, "heatmap_words").text()


# --- the end


def test_closing_while_it_evaluates_stops_it(judged: EvaluateTab, tasks: Any, person: Any) -> None:
    person.select(cases(judged, person), 0)
    judged.start()
    heatmap, judging = tasks.take("heatmap"), tasks.take()
    judged.close_threads()
    assert heatmap.is_stopping
    assert judging.is_stopping
    tasks.succeed(heatmap, None)
    judging.run()
    judged.start()
    assert tasks.waiting == []


@pytest.mark.parametrize("view", ["numbers", "cases", "calibration"])
def test_everything_has_room_in_a_small_window(judged: EvaluateTab, person: Any, view: str) -> None:
    person.click(judged, f"choose_{view}")
    judged.resize(1024 - 88, 700 - 60)
    QApplication.processEvents()
    assert judged.minimumSizeHint().width() <= 936
    assert judged.minimumSizeHint().height() <= 640


def test_a_model_given_again_after_saving_keeps_the_numbers(
    judged: EvaluateTab, person: Any, tasks: Any
) -> None:
    person.click(judged, "preset_youden")
    model = judged.model
    assert isinstance(model, jobs.Model)
    judged.set_model(model)
    assert heads(judged) == ["chest, training"]
    assert judged.findChild(QDoubleSpinBox, "threshold").value() == 0.5
