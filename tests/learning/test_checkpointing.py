"""A run that is interrupted at any epoch and goes on ends as one that never was: to the bit."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from covid_desktop.core import checkpoints
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoint_changes import ResumeError
from covid_desktop.core.checkpoints import Checkpoints, Keeping
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Split
from covid_desktop.core.events import BatchEnded, EpochEnded, Event, Notice, TrainingResumed, TrainingStarted
from covid_desktop.core.history import TrainingHistory
from covid_desktop.errors import Interrupted, Stopped, UserError
from covid_desktop.learning import checkpointing
from covid_desktop.learning.training import TrainedModel, train

# Validation labels are turned round: the learning rate is lowered and the run stops early.
SETTINGS = {
    "small-cnn": {"epochs": 12, "patience": 4, "learning_rate": 0.003},
    "efficientnet-lite0": {"epochs": 12, "patience": 4},
}
EACH = pytest.mark.parametrize("architecture", list(SETTINGS))
MODEL = "model.keras"


class Runner:
    """Trains on turned labels, keeping checkpoints in ``folder``."""

    def __init__(self, data: Any, config: TrainingConfig, store: Path, folder: Path) -> None:
        contrary = tuple(replace(sample, label=1 - sample.label) for sample in data.split.validation)
        self.split = Split(training=data.split.training, validation=contrary)
        self.data, self.config, self.store, self.model = data, config, store, folder / MODEL
        folder.mkdir(exist_ok=True)
        self.events: list[Event] = []

    def run(self, asked: Callable[[list[Event]], bool] = lambda _: False) -> TrainedModel:
        """Go on from the last checkpoint, if there is one; ``asked`` may raise what ends the run."""
        self.events = []
        with checkpoints.kept(self.model) as kept:
            plan = Checkpoint(
                config=self.config.resolved(),
                data_folder=self.data.folder,
                split_seed=0,
                began="2026-01-02T03:04:05+00:00",
            )
            keeping = Keeping(checkpoints=kept, plan=plan, start=kept.load())
            return train(
                self.data.dataset,
                self.split,
                self.config,
                self.store,
                self.events.append,
                lambda: asked(self.events),
                keeping,
            )

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in checkpoints.folder_of(self.model).glob("epoch*"))

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def interrupted_in(epoch: int, batches: int = 1) -> Callable[[list[Event]], bool]:
    """The process is gone after so many batches of an epoch."""

    def asked(events: list[Event]) -> bool:
        if any(isinstance(one, BatchEnded) and (one.epoch, one.batch) == (epoch, batches) for one in events):
            raise Interrupted
        return False

    return asked


def without_seconds(history: TrainingHistory) -> TrainingHistory:
    return replace(history, epochs=tuple(replace(epoch, seconds=0.0) for epoch in history.epochs))


def assert_same(one: TrainedModel, other: TrainedModel) -> None:
    weights, others = one.classifier.model.get_weights(), other.classifier.model.get_weights()
    assert len(weights) == len(others)
    for left, right in zip(weights, others, strict=True):
        np.testing.assert_array_equal(left, right)
    assert without_seconds(one.history) == without_seconds(other.history)
    assert one.history.best_epoch == other.history.best_epoch
    assert one.evaluation == other.evaluation


@pytest.fixture(scope="module")
def unbroken(
    data: Any, make_config: Any, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], TrainedModel]:
    done: dict[str, TrainedModel] = {}

    def run(architecture: str) -> TrainedModel:
        if architecture not in done:
            folder = tmp_path_factory.mktemp("unbroken")
            config = make_config(architecture, **SETTINGS[architecture])
            done[architecture] = Runner(data, config, store, folder).run()
        return done[architecture]

    return run


@pytest.fixture
def runner(data: Any, make_config: Any, store: Path, tmp_path: Path) -> Callable[..., Runner]:
    def make(architecture: str = "small-cnn", **settings: Any) -> Runner:
        config = make_config(architecture, **SETTINGS[architecture] | settings)
        return Runner(data, config, store, tmp_path / "run")

    return make


@EACH
def test_the_run_that_is_compared_with_has_all_that_could_go_wrong(
    architecture: str, unbroken: Any, make_config: Any
) -> None:
    history = unbroken(architecture).history
    assert not make_config(architecture).augmentation.is_off
    assert history.reductions
    assert history.ended == "stopped early"
    assert 1 <= history.best_epoch < len(history.epochs) < 12


@EACH
@pytest.mark.parametrize("epoch", [2, 5])
def test_a_run_interrupted_once_ends_to_the_bit_as_one_that_was_not(
    architecture: str, epoch: int, unbroken: Any, runner: Any
) -> None:
    run = runner(architecture)
    with pytest.raises(Interrupted):
        run.run(interrupted_in(epoch, batches=2))
    assert run.files[-1] == f"epoch-{epoch - 1:06}.checkpoint"
    keras.utils.set_random_seed(999)  # another process has drawn other numbers
    resumed = run.run()
    assert run.of(EpochEnded)[0].epoch == epoch
    assert_same(resumed, unbroken(architecture))


@EACH
def test_a_run_interrupted_often_ends_to_the_bit_as_one_that_was_not(
    architecture: str, unbroken: Any, runner: Any
) -> None:
    run = runner(architecture)
    expected = unbroken(architecture)
    for epoch in (1, 3, 4, len(expected.history.epochs)):
        with pytest.raises(Interrupted):
            run.run(interrupted_in(epoch))
    assert_same(run.run(), expected)


@EACH
def test_a_run_interrupted_after_its_last_epoch_only_puts_back_the_best(
    architecture: str, unbroken: Any, runner: Any
) -> None:
    run, expected = runner(architecture), unbroken(architecture)
    run.run()
    again = run.run()
    assert not run.of(BatchEnded)
    assert not run.of(EpochEnded)
    assert_same(again, expected)


def test_a_run_that_reached_all_its_epochs_has_finished(runner: Any) -> None:
    run = runner(epochs=2)
    first = run.run()
    assert run.run().history.ended == first.history.ended == "finished"


def test_the_two_newest_are_kept(runner: Any) -> None:
    run = runner(epochs=4)
    run.run()
    assert run.files == ["epoch-000003.checkpoint", "epoch-000004.checkpoint"]


@pytest.mark.parametrize(
    ("architecture", "damage"),
    [("small-cnn", "cut"), ("efficientnet-lite0", "flipped"), ("small-cnn", "foreign")],
)
def test_of_a_damaged_one_the_one_before_is_used(
    architecture: str, damage: str, unbroken: Any, runner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = runner(architecture)
    with pytest.raises(Interrupted):
        run.run(interrupted_in(5))
    newest = checkpoints.folder_of(run.model) / run.files[-1]
    content = newest.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    damaged = {"cut": content[:-1], "flipped": flipped, "foreign": b"PK\x03\x04" * 500}
    newest.write_bytes(damaged[damage])
    with caplog.at_level(logging.WARNING):
        resumed = run.run()
    assert "epoch-000004.checkpoint is not used" in caplog.text
    assert run.of(EpochEnded)[0].epoch == 4
    assert_same(resumed, unbroken(architecture))


def test_what_was_told_before_is_told_again(runner: Any) -> None:
    run = runner(epochs=3)
    with pytest.raises(Interrupted):
        run.run(interrupted_in(3))
    before = TrainingHistory()
    for event in run.events:
        if not isinstance(event, BatchEnded) or event.epoch < 3:
            before = before.with_event(event)
    run.run()
    (started,), (resumed,) = run.of(TrainingStarted), run.of(TrainingResumed)
    assert resumed.history == before
    assert started == before.started


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("gone", "1 training image is missing"),
        ("relabelled", "2 training images have another class"),
        ("order", "the training images have other names or another order"),
        ("moved", "1 training image is missing, 1 validation image is new"),
    ],
)
def test_a_run_whose_images_changed_is_refused(change: str, words: str, runner: Any) -> None:
    run = runner()
    with pytest.raises(Interrupted):
        run.run(interrupted_in(2))
    training, validation = run.split.training, run.split.validation
    turned = tuple(replace(sample, label=1 - sample.label) for sample in (training[0], training[-1]))
    run.split = {
        "gone": Split(training=training[1:], validation=validation),
        "relabelled": Split(training=(turned[0], *training[1:-1], turned[1]), validation=validation),
        "order": Split(training=training[::-1], validation=validation),
        "moved": Split(training=training[1:], validation=(*validation, training[0])),
    }[change]
    files = run.files
    with pytest.raises(ResumeError) as caught:
        run.run()
    assert caught.value.what == f"The data changed since the run was interrupted: {words}."
    assert "start it afresh" in caught.value.fix
    assert run.files == files


def test_a_stop_by_the_user_after_resuming_keeps_the_best_of_before(runner: Any, unbroken: Any) -> None:
    run = runner()
    with pytest.raises(Interrupted):
        run.run(interrupted_in(4))
    stopped = run.run(lambda events: any(isinstance(one, BatchEnded) for one in events))
    assert stopped.history.ended == "stopped by the user"
    assert len(stopped.history.epochs) == 3
    assert stopped.history.best_epoch is not None


def test_a_stop_before_the_first_epoch_ended_is_a_stop(runner: Any) -> None:
    with pytest.raises(Stopped):
        runner().run(lambda events: any(isinstance(one, BatchEnded) for one in events))


def test_a_loss_that_is_never_a_number_leaves_nothing_to_resume(runner: Any) -> None:
    run = runner(learning_rate=1.0, epochs=2)
    written: list[int] = []

    def spoilt(events: list[Event]) -> bool:
        written.append(len(run.files))
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpointing.KeepBest, "on_epoch_end", lambda *_: None)
        with pytest.raises(UserError, match="not a number"):
            run.run(spoilt)
    assert max(written) == 1
    assert run.files == []


# --- what cannot be written


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """No checkpoint can be written while ``is_full``."""
    disk = SimpleNamespace(is_full=True)
    write = Checkpoints.write

    def maybe(self: Checkpoints, *arguments: Any) -> None:
        if disk.is_full:
            raise UserError("It could not be written: No space left on device.", "Free some space.")
        write(self, *arguments)

    monkeypatch.setattr(Checkpoints, "write", maybe)
    return disk


def test_a_full_disk_is_told_once_and_the_run_goes_on(runner: Any, full_disk: Any, unbroken: Any) -> None:
    run = runner()
    trained = run.run()
    (notice,) = run.of(Notice)
    assert "No space left on device" in notice.what
    assert run.files == []
    assert_same(trained, unbroken("small-cnn"))


def test_when_there_is_space_again_checkpoints_are_written(runner: Any, full_disk: Any) -> None:
    run = runner(epochs=4)

    def freed(events: list[Event]) -> bool:
        full_disk.is_full = sum(isinstance(one, EpochEnded) for one in events) < 2
        return False

    run.run(freed)
    assert run.files == ["epoch-000003.checkpoint", "epoch-000004.checkpoint"]


def test_one_of_another_network_is_refused(runner: Any) -> None:
    run = runner()
    with pytest.raises(Interrupted):
        run.run(interrupted_in(2))
    other = runner(image_size=64)
    with pytest.raises(UserError, match="does not fit the network"):
        other.run()
