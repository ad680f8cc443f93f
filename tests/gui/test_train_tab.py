"""The Train tab: settings, a run from start to end, and what it leaves."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QProgressBar, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from covid_desktop import curation, jobs
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoint_changes import ResumeError
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.events import (
    BatchEnded,
    FilesSkipped,
    Notice,
    Progress,
    TrainingEnded,
    TrainingResumed,
)
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import DatasetError, Interrupted, UserError
from covid_desktop.gui.audit_view import VerdictLine
from covid_desktop.gui.curves_canvas import CurvesCanvas
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.run_view import ConfusionCanvas
from covid_desktop.gui.train_tab import TrainTab


class FakeTrain:
    """Keeps what it was given."""

    def __init__(self, result: jobs.TrainingResult) -> None:
        self.result = result
        self.given: list[tuple[OpenedDataset, TrainingConfig, Path]] = []

    def __call__(
        self, opened: OpenedDataset, config: TrainingConfig, model_path: Path, **_: Any
    ) -> jobs.TrainingResult:
        self.given.append((opened, config, model_path))
        return self.result


@pytest.fixture
def train(result: jobs.TrainingResult) -> FakeTrain:
    return FakeTrain(result)


@pytest.fixture
def empty_tab(tasks: Any, show: Any, train: FakeTrain, tmp_path: Path) -> Any:
    return show(TrainTab(train=train, new_run_folder=lambda name: tmp_path / name))


@pytest.fixture
def tab(empty_tab: TrainTab, opened: OpenedDataset) -> TrainTab:
    empty_tab.set_dataset(opened)
    return empty_tab


@pytest.fixture
def running(tab: TrainTab, tasks: Any, person: Any) -> Any:
    """The task of a run that was just started."""
    person.click(tab, "start_training")
    return tasks.take()


def banner(tab: TrainTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def test_without_data_it_says_what_it_needs(empty_tab: TrainTab, person: Any, qtbot: QtBot) -> None:
    assert "Training needs images" in person.reads(empty_tab)
    assert not empty_tab.can_start
    empty_tab.start()
    assert not empty_tab.is_running
    with qtbot.waitSignal(empty_tab.data_requested):
        person.click(empty_tab, "go_to_data")
    with qtbot.waitSignal(empty_tab.demo_requested):
        person.click(empty_tab, "try_demo_from_train")


def test_with_data_it_says_what_it_would_train_on(tab: TrainTab, person: Any) -> None:
    training, validation = len(tab._opened.split.training), len(tab._opened.split.validation)
    words = f"Ready to train on {training} images, judged on {validation} others."
    assert words in person.reads(tab)
    assert f"for {training} training images" in person.reads(tab)


def test_the_settings_reach_the_job(
    tab: TrainTab, tasks: Any, person: Any, train: FakeTrain, opened: OpenedDataset, tmp_path: Path
) -> None:
    person.click(tab, "architecture_small-cnn")
    person.find(tab, QSpinBox, "epochs").setValue(4)
    person.find(tab, QSpinBox, "batch_size").setValue(3)
    person.find(tab, QSpinBox, "image_size").setValue(64)
    person.find(tab, QDoubleSpinBox, "learning_rate").setValue(0.01)
    person.find(tab, QSpinBox, "patience").setValue(6)
    person.find(tab, QSpinBox, "seed").setValue(7)
    person.click(tab, "toggle_augmentation")
    person.click(tab, "augmentation_notebook")
    person.click(tab, "start_training")
    tasks.run()
    config = TrainingConfig(
        architecture="small-cnn",
        epochs=4,
        batch_size=3,
        image_size=64,
        learning_rate=0.01,
        patience=6,
        seed=7,
        augmentation=AUGMENTATIONS["notebook"],
    )
    assert train.given == [(opened, config, tmp_path / "small-cnn" / "model.keras")]


def test_while_it_runs_only_what_makes_sense_is_offered(tab: TrainTab, running: Any, person: Any) -> None:
    assert tab.is_running
    assert not tab.form.isEnabled()
    assert not person.sees(tab, "start_training")
    assert person.sees(tab, "pause_training")
    assert person.sees(tab, "stop_training")
    assert not person.sees(tab, "save_model")


def test_events_become_a_story_a_progress_and_curves(
    tab: TrainTab, running: Any, person: Any, events: list[Any], qtbot: QtBot
) -> None:
    running.reported.emit(Progress(stage="Reading training images", done=5, total=10))
    assert "Reading training images 5 of 10" in person.reads(tab)
    progress = person.find(tab, QProgressBar, "training_progress")
    assert progress.value() == progress.maximum() / 2
    for event in events:
        running.reported.emit(event)
    assert "Epoch 3 of 3. Best so far: epoch 2, validation loss 0.400, accuracy 0.750." in person.reads(tab)
    assert "At most 2 s left" in person.reads(tab)
    assert progress.value() == round(progress.maximum() * 2 / 3)
    running.reported.emit(BatchEnded(epoch=3, batch=2, loss=0.3, accuracy=0.9))
    assert progress.value() == round(progress.maximum() * 2.5 / 3)
    (curves,) = tab.findChildren(CurvesCanvas)
    qtbot.waitUntil(lambda: not curves._rest.isActive())
    (wanted,) = curves._painter._waiting
    assert [epoch.val_loss for epoch in wanted.history.epochs] == [0.6, 0.4]


def test_progress_is_told(tab: TrainTab, running: Any, tasks: Any, events: list[Any], result: Any) -> None:
    told: list[Progress | None] = []
    tab.progressed.connect(told.append)
    running.reported.emit(Progress(stage="Loading TensorFlow"))
    for event in events[:2]:
        running.reported.emit(event)
    tasks.succeed(running, result)
    epoch = Progress(stage="Training, epoch", done=1, total=3)
    assert told == [Progress(stage="Loading TensorFlow"), epoch, None]


def test_pause_and_resume_by_button(tab: TrainTab, running: Any, person: Any) -> None:
    person.click(tab, "pause_training")
    assert running.is_paused
    pause = person.find(tab, QPushButton, "pause_training")
    assert pause.text() == "Resume"
    person.click(tab, "pause_training")
    assert not running.is_paused
    assert pause.text() == "Pause"


def test_pause_and_resume_by_space_right_after_start(tab: TrainTab, running: Any, person: Any) -> None:
    assert tab.hasFocus()
    person.press(tab, Qt.Key.Key_Space)
    assert running.is_paused
    person.press(tab, Qt.Key.Key_Space)
    assert not running.is_paused


def test_space_does_nothing_without_a_run(tab: TrainTab, person: Any) -> None:
    person.press(tab, Qt.Key.Key_Space)
    assert not tab.is_running
    assert not tab.is_paused


def test_stop_keeps_the_best_epoch(
    tab: TrainTab, running: Any, tasks: Any, person: Any, events: list[Any], result: jobs.TrainingResult
) -> None:
    for event in events:
        running.reported.emit(event)
    person.click(tab, "stop_training")
    assert running.is_stopping
    stop = person.find(tab, QPushButton, "stop_training")
    assert (stop.text(), stop.isEnabled()) == ("Stopping", False)
    assert not person.find(tab, QPushButton, "pause_training").isEnabled()
    running.reported.emit(TrainingEnded(reason="stopped by the user"))
    tasks.succeed(running, result)
    assert "Stopped by you after 2 epochs. Kept: epoch 2" in person.reads(tab)
    assert not tab.is_running


def test_stop_while_paused(tab: TrainTab, running: Any, person: Any) -> None:
    person.click(tab, "pause_training")
    person.click(tab, "stop_training")
    assert running.is_stopping
    assert not running.is_paused
    person.press(tab, Qt.Key.Key_Space)
    assert not running.is_paused


def test_data_opened_while_it_stops_does_not_offer_to_stop_again(
    tab: TrainTab, running: Any, person: Any, opened: OpenedDataset
) -> None:
    person.click(tab, "stop_training")
    tab.set_dataset(opened)
    assert not person.find(tab, QPushButton, "stop_training").isEnabled()


def test_a_run_stopped_before_its_first_epoch_says_so(
    tab: TrainTab, running: Any, tasks: Any, person: Any
) -> None:
    person.click(tab, "stop_training")
    running.stopped.emit()
    assert "Stopped before the first epoch had ended: there is nothing to keep." in person.reads(tab)
    assert not person.sees(tab, "save_model")
    assert person.find(tab, QPushButton, "start_training").isEnabled()


def test_an_error_is_shown_once_and_gone_at_the_next_start(
    tab: TrainTab, running: Any, tasks: Any, person: Any
) -> None:
    tasks.fail(running, DatasetError("No training image of the class A can be read.", "Look there."))
    assert banner(tab) == "No training image of the class A can be read. Look there."
    assert person.reads(tab).count("No training image") == 1
    assert "The run ended with an error." in person.reads(tab)
    person.click(tab, "start_training")
    assert banner(tab) == ""


def test_the_result_shows_the_confusion_matrix_and_what_can_be_done(
    tab: TrainTab, running: Any, tasks: Any, person: Any, result: jobs.TrainingResult, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(tab.model_trained) as trained:
        tasks.succeed(running, result)
    assert trained.args == [result.model]
    assert tab.result is result
    (matrix,) = tab.findChildren(ConfusionCanvas)
    assert matrix.isVisible()
    assert "1 true positive" in matrix.accessibleName()
    read = person.reads(tab)
    for words in ("On the validation images", "Accuracy", "0.500", "AUROC"):
        assert words in read
    with qtbot.waitSignal(tab.save_requested):
        person.click(tab, "save_model")
    with qtbot.waitSignal(tab.predict_requested):
        person.click(tab, "use_model")
    assert person.find(tab, QPushButton, "start_training").text() == "Start again"


def test_cautions_do_not_keep_a_run_from_starting(
    tab: TrainTab, tasks: Any, person: Any, train: FakeTrain
) -> None:
    person.click(tab, "toggle_augmentation")
    person.click(tab, "augmentation_notebook")
    for name in ("caution_zoom", "caution_vertical_flip"):
        assert person.sees(tab, name)
    assert tab.can_start
    person.click(tab, "start_training")
    tasks.run()
    assert train.given[0][1].augmentation == AUGMENTATIONS["notebook"]


@pytest.mark.parametrize("verdict", ["red", "amber", "green"])
def test_the_audit_s_verdict_stands_below_the_result(
    tab: TrainTab,
    running: Any,
    tasks: Any,
    person: Any,
    opened: OpenedDataset,
    result: jobs.TrainingResult,
    make_audit: Any,
    qtbot: QtBot,
    verdict: Any,
) -> None:
    audit = make_audit(verdict)
    with qtbot.waitSignal(tab.audit_made) as made:
        tasks.succeed(running, replace(result, audit=audit))
    assert made.args == [audit, opened]
    assert f"A sentence for {verdict}." in person.reads(tab)
    (line,) = tab.findChildren(VerdictLine)
    assert line.accessibleName() == f"Shortcut audit: {verdict}. A sentence for {verdict}."
    with qtbot.waitSignal(tab.audit_requested):
        person.click(tab, "explain_audit")


def test_a_run_without_an_audit_shows_none(
    tab: TrainTab, running: Any, tasks: Any, person: Any, result: jobs.TrainingResult, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(tab.audit_made):
        tasks.succeed(running, result)
    assert "Shortcut audit" not in person.reads(tab)
    assert not person.sees(tab, "explain_audit")


def test_the_audit_of_the_run_before_is_gone(
    tab: TrainTab, running: Any, tasks: Any, person: Any, result: jobs.TrainingResult, make_audit: Any
) -> None:
    tasks.succeed(running, replace(result, audit=make_audit()))
    person.click(tab, "start_training")
    assert "Shortcut audit" not in person.reads(tab)
    tasks.succeed(tasks.take(), result)
    assert "On the validation images" in person.reads(tab)
    assert "Shortcut audit" not in person.reads(tab)


def test_an_audit_is_explained_as_long_as_its_folder_is_shown(
    tab: TrainTab,
    running: Any,
    tasks: Any,
    person: Any,
    opened: OpenedDataset,
    result: jobs.TrainingResult,
    make_audit: Any,
    tmp_path: Path,
    draw: Any,
) -> None:
    tasks.succeed(running, replace(result, audit=make_audit()))
    tab.set_dataset(curation.exclude(opened, [opened.dataset.samples[0].path]))
    assert person.sees(tab, "explain_audit")
    for name in ("A", "B"):
        draw(tmp_path / "other" / name, 4)
    tab.set_dataset(curation.open_dataset(tmp_path / "other"))
    assert not person.sees(tab, "explain_audit")
    assert "A sentence for red." in person.reads(tab)
    tab.set_dataset(opened)
    assert person.sees(tab, "explain_audit")


def test_what_a_run_found_in_its_data_is_told_and_its_audit_is_about_that(
    tab: TrainTab,
    running: Any,
    tasks: Any,
    person: Any,
    opened: OpenedDataset,
    result: jobs.TrainingResult,
    make_audit: Any,
    qtbot: QtBot,
) -> None:
    gone = SkippedFile(path=opened.dataset.samples[0].path, reason="Damaged.")
    checked = CheckedDataset(opened=opened.without((gone,)), facts={}, findings=())
    story = person.find(tab, QLabel, "training_story").text()
    with qtbot.waitSignal(tab.dataset_checked) as told:
        running.reported.emit(checked)
    assert told.args == [checked]
    assert person.find(tab, QLabel, "training_story").text() == story
    with qtbot.waitSignal(tab.audit_made) as made:
        tasks.succeed(running, replace(result, audit=make_audit()))
    assert made.args[1] is checked.opened


def test_a_second_run_starts_from_nothing(
    tab: TrainTab, running: Any, tasks: Any, person: Any, events: list[Any], result: jobs.TrainingResult
) -> None:
    for event in events:
        running.reported.emit(event)
    tasks.succeed(running, result)
    person.click(tab, "start_training")
    assert tab.result is None
    assert not tab.findChildren(ConfusionCanvas)[0].isVisible()
    assert person.find(tab, QProgressBar, "training_progress").value() == 0


def test_skipped_files_are_told(tab: TrainTab, running: Any, tmp_path: Path, qtbot: QtBot) -> None:
    files = (SkippedFile(path=tmp_path / "x.png", reason="Damaged."),)
    with qtbot.waitSignal(tab.files_skipped) as told:
        running.reported.emit(FilesSkipped(files=files))
    assert told.args == [files]


def test_data_opened_while_it_runs_is_for_the_next_run(
    tab: TrainTab, running: Any, tasks: Any, person: Any, train: FakeTrain, opened: OpenedDataset
) -> None:
    running.reported.emit(Progress(stage="Reading training images", done=1, total=2))
    other = curation.with_positive_class(opened, "Healthy")
    tab.set_dataset(other)
    assert "Reading training images" in person.reads(tab)
    running.stopped.emit()
    person.click(tab, "start_training")
    tasks.run()
    assert train.given[0][0] is other


def test_a_full_disk_is_said_and_nothing_starts(
    tasks: Any, show: Any, person: Any, opened: OpenedDataset
) -> None:
    def no_folder(_: str) -> Path:
        raise OSError("No space left on device")

    tab = show(TrainTab(new_run_folder=no_folder))
    tab.set_dataset(opened)
    person.click(tab, "start_training")
    assert "No space left on device" in banner(tab)
    assert not tab.is_running
    assert tasks.waiting == []


# --- cross-validation


class FakeFolds:
    """Gives at once the same folds."""

    def __init__(self, validated: CrossValidation) -> None:
        self.validated = validated
        self.given: list[tuple[OpenedDataset, TrainingConfig, int]] = []

    def __call__(
        self, opened: OpenedDataset, config: TrainingConfig, folds: int, **_: Any
    ) -> CrossValidation:
        self.given.append((opened, config, folds))
        return self.validated


@pytest.fixture
def folds(result: jobs.TrainingResult) -> FakeFolds:
    return FakeFolds(CrossValidation(folds=(result.evaluation, result.evaluation)))


@pytest.fixture
def folding(tasks: Any, show: Any, train: FakeTrain, folds: FakeFolds, opened: OpenedDataset) -> Any:
    tab = show(TrainTab(train, cross_validate=folds))
    tab.set_dataset(opened)
    return tab


def test_cross_validation_says_mean_and_deviation_and_keeps_no_model(
    folding: TrainTab, tasks: Any, person: Any, folds: FakeFolds, opened: OpenedDataset
) -> None:
    person.click(folding, "cross_validate")
    assert folding.is_running
    assert person.find(folding, QPushButton, "stop_training").text() == "Stop"
    tasks.run()
    assert folds.given == [(opened, folding.form.config, 5)]
    read = person.reads(folding)
    assert "Cross-validation, 2 folds" in read
    assert "standard deviation" in read
    assert "All folds together" in read
    assert person.sees(folding, "roc")
    assert not person.sees(folding, "save_model")
    assert folding.result is None


def test_a_run_after_a_cross_validation_shows_its_curves_again(
    folding: TrainTab, tasks: Any, person: Any
) -> None:
    person.click(folding, "cross_validate")
    tasks.run()
    person.click(folding, "start_training")
    assert not person.sees(folding, "roc")
    assert person.sees(folding, "training_curves")
    assert person.find(folding, QPushButton, "stop_training").text() == "Stop and keep best"


def test_a_cross_validation_that_is_stopped_says_so(folding: TrainTab, tasks: Any, person: Any) -> None:
    person.click(folding, "cross_validate")
    task = tasks.take()
    person.click(folding, "stop_training")
    task.stopped.emit()
    tasks.end(task)
    assert "Stopped before all folds were done" in person.reads(folding)
    assert not folding.is_running


# --- runs that were interrupted


class FakeResume:
    """Keeps which runs were resumed and which were discarded."""

    def __init__(self, result: jobs.TrainingResult) -> None:
        self.result = result
        self.resumed: list[UnfinishedRun] = []
        self.discarded: list[UnfinishedRun] = []
        self.error: UserError | None = None

    def __call__(self, run: UnfinishedRun, **_: Any) -> jobs.TrainingResult:
        self.resumed.append(run)
        return self.result

    def discard(self, run: UnfinishedRun) -> None:
        if self.error:
            raise self.error
        self.discarded.append(run)


@pytest.fixture
def resume(result: jobs.TrainingResult) -> FakeResume:
    return FakeResume(result)


@pytest.fixture
def resuming(tasks: Any, show: Any, train: FakeTrain, resume: FakeResume, tmp_path: Path) -> TrainTab:
    """A tab without data."""
    new_folder = lambda name: tmp_path / name  # noqa: E731
    return show(TrainTab(train, new_run_folder=new_folder, resume=resume, discard=resume.discard))


def unfinished(folder: Path, epoch: int = 7, name: str = "a", **values: Any) -> UnfinishedRun:
    config = TrainingConfig(architecture="small-cnn", epochs=25, seed=9).resolved()
    checkpoint = Checkpoint(
        config=config,
        data_folder=folder,
        split_seed=0,
        began="2026-01-02T14:32:00+01:00",
        epoch=epoch,
        **values,
    )
    return UnfinishedRun(model=folder / name / "model.keras", checkpoint=checkpoint)


def test_an_interrupted_run_is_offered_before_any_data_is_open(
    resuming: TrainTab, person: Any, resume: FakeResume, tasks: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    assert not person.sees(resuming, "resume_bar")
    run = unfinished(tmp_path / "ward 3")
    resuming.set_unfinished((run,))
    read = person.reads(resuming)
    assert "The run of 2026-01-02, 14:32 on ward 3 was interrupted after epoch 7 of 25." in read
    assert person.find(resuming, QPushButton, "resume_run").text() == "Resume from epoch 8"
    with qtbot.waitSignal(resuming.folder_requested) as asked:
        person.click(resuming, "resume_run")
    assert asked.args == [tmp_path / "ward 3"]
    assert not person.sees(resuming, "resume_bar")
    assert person.sees(resuming, "stop_training")
    assert resuming.can_resume
    assert resuming.form.config == run.checkpoint.config
    tasks.run()
    assert resume.resumed == [run]
    assert resuming.result is resume.result
    assert not person.sees(resuming, "resume_bar")


@pytest.mark.parametrize(
    ("epoch", "ended", "offer"),
    [(0, "", "Start it again"), (3, "", "Resume from epoch 4"), (25, "finished", "Save its model")],
)
def test_what_is_offered_depends_on_how_far_it_came(
    resuming: TrainTab, person: Any, tmp_path: Path, epoch: int, ended: str, offer: str
) -> None:
    resuming.set_unfinished((unfinished(tmp_path, epoch, ended=ended),))
    assert person.find(resuming, QPushButton, "resume_run").text() == offer


def test_the_run_of_the_open_data_is_offered_first(
    resuming: TrainTab, person: Any, opened: OpenedDataset, tmp_path: Path
) -> None:
    elsewhere, here = unfinished(tmp_path / "elsewhere", 2), unfinished(opened.scanned.folder, 5)
    resuming.set_unfinished((elsewhere, here))
    assert "Resume from epoch 3" in person.find(resuming, QPushButton, "resume_run").text()
    assert "1 other run waits." in person.reads(resuming)
    resuming.set_dataset(opened)
    assert "Resume from epoch 6" in person.find(resuming, QPushButton, "resume_run").text()


def test_data_that_is_open_is_not_opened_again(
    resuming: TrainTab, person: Any, opened: OpenedDataset, qtbot: QtBot
) -> None:
    resuming.set_dataset(opened)
    resuming.set_unfinished((unfinished(opened.scanned.folder),))
    with qtbot.assertNotEmitted(resuming.folder_requested):
        person.click(resuming, "resume_run")


def test_a_discarded_run_makes_room_for_the_next(
    resuming: TrainTab, person: Any, resume: FakeResume, tmp_path: Path
) -> None:
    first, second = unfinished(tmp_path, 1), unfinished(tmp_path, 2, "b")
    resuming.set_unfinished((first, second))
    person.click(resuming, "discard_run")
    assert resume.discarded == [first]
    assert person.find(resuming, QPushButton, "resume_run").text() == "Resume from epoch 3"
    person.click(resuming, "discard_run")
    assert not person.sees(resuming, "resume_bar")


def test_a_run_that_goes_on_elsewhere_by_now_cannot_be_discarded(
    resuming: TrainTab, person: Any, resume: FakeResume, tmp_path: Path
) -> None:
    resume.error = UserError("This run goes on in another window or command.", "Wait until it has ended.")
    resuming.set_unfinished((unfinished(tmp_path),))
    person.click(resuming, "discard_run")
    assert "goes on in another window" in banner(resuming)
    assert not person.sees(resuming, "resume_bar")


def test_nothing_is_offered_while_a_run_goes_on(
    tab: TrainTab, running: Any, tasks: Any, person: Any, tmp_path: Path
) -> None:
    tab.set_unfinished((unfinished(tmp_path),))
    assert not person.sees(tab, "resume_bar")
    running.stopped.emit()
    assert person.sees(tab, "resume_bar")


def test_a_run_that_cannot_go_on_can_be_started_afresh(
    resuming: TrainTab,
    person: Any,
    tasks: Any,
    resume: FakeResume,
    train: FakeTrain,
    opened: OpenedDataset,
    qtbot: QtBot,
) -> None:
    run = unfinished(opened.scanned.folder)
    resuming.set_dataset(opened)
    resuming.set_unfinished((run,))
    person.click(resuming, "resume_run")
    with qtbot.waitSignal(resuming.run_left):
        tasks.fail(tasks.take(), ResumeError("The data changed: 1 training image is new.", "Start afresh."))
    assert "The data changed" in banner(resuming)
    person.click(resuming, "banner_action")
    assert resume.discarded == [run]
    tasks.run()
    assert train.given[0][:2] == (opened, run.checkpoint.config)


def test_another_error_offers_no_fresh_start(
    resuming: TrainTab, person: Any, tasks: Any, opened: OpenedDataset
) -> None:
    resuming.set_dataset(opened)
    resuming.set_unfinished((unfinished(opened.scanned.folder),))
    person.click(resuming, "resume_run")
    tasks.fail(tasks.take(), UserError("No space left on device.", "Free some space."))
    assert not person.sees(resuming, "banner_action")


def test_the_curves_of_a_resumed_run_begin_where_it_was(
    tab: TrainTab, running: Any, tasks: Any, person: Any, events: list[Any], result: jobs.TrainingResult
) -> None:
    running.reported.emit(events[0])
    running.reported.emit(TrainingResumed(history=replace(result.history, ended=None)))
    assert "Best so far: epoch 2" in person.reads(tab)
    assert tab._view.history.epochs == result.history.epochs


def test_a_notice_is_shown_and_the_run_goes_on(tab: TrainTab, running: Any, person: Any) -> None:
    running.reported.emit(Notice(what="It could not be resumed: no space left.", fix="Free some space."))
    assert banner(tab) == "It could not be resumed: no space left. Free some space."
    assert tab.is_running


def test_leaving_a_paused_run_interrupts_it(tab: TrainTab, running: Any, person: Any) -> None:
    person.click(tab, "pause_training")
    tab.leave()
    assert running.is_stopping
    assert not running.is_paused
    with pytest.raises(Interrupted):
        running._should_stop()
