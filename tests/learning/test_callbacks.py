"""Events of a run, the best weights, and the duration of an epoch that was paused."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from covid_desktop.core.events import BatchEnded, EpochEnded, Event, LearningRateReduced, never
from covid_desktop.core.history import TrainingHistory
from covid_desktop.learning import callbacks
from covid_desktop.learning.callbacks import KeepBest, Reporter, StopRequested

LOGS = {"loss": 0.5, "accuracy": 0.7, "auroc": 0.6, "val_loss": 0.4, "val_accuracy": 0.8, "val_auroc": 0.9}


class FakeModel:
    """As much of a model as callbacks look at; its one weight counts the epochs."""

    def __init__(self, learning_rate: float = 0.001) -> None:
        self.optimizer = SimpleNamespace(learning_rate=np.float32(learning_rate))
        self.weights = [np.zeros(1)]

    def get_weights(self) -> list[Any]:
        return [weights.copy() for weights in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = weights


def reporter_on(model: FakeModel, events: list[Event], should_stop: Any = never) -> Reporter:
    reporter = Reporter(events.append, should_stop)
    reporter.set_model(model)
    return reporter


def run_epochs(losses: list[float]) -> tuple[FakeModel, KeepBest, TrainingHistory]:
    """Both that look for the best epoch hear the same validation losses."""
    model, events = FakeModel(), []
    best, reporter = KeepBest(), reporter_on(model, events)
    best.set_model(model)
    for epoch, loss in enumerate(losses):
        reporter.on_epoch_begin(epoch)
        model.weights = [np.full(1, epoch + 1.0)]
        for callback in (best, reporter):
            callback.on_epoch_end(epoch, LOGS | {"val_loss": loss})
    history = TrainingHistory()
    for event in events:
        history = history.with_event(event)
    return model, best, history


@pytest.mark.parametrize(
    ("losses", "epoch"),
    [
        ([0.5, 0.3, 0.4], 2),
        ([0.3, 0.3, 0.3], 1),
        ([0.30000040, 0.30000030, 0.29999999], 1),  # the same to six digits
        ([math.nan, 0.6, math.inf, 0.7], 2),
        ([0.5, math.nan], 1),
        ([0.0, -0.0], 1),
    ],
)
def test_the_best_epoch_is_the_historys(losses: list[float], epoch: int) -> None:
    model, best, history = run_epochs(losses)
    assert best.best_epoch == epoch
    assert history.best_epoch == epoch
    best.restore()
    assert model.weights == [np.full(1, epoch)]


@pytest.mark.parametrize("losses", [[], [math.nan, math.nan], [math.inf]])
def test_without_a_loss_that_is_a_number_nothing_is_restored(losses: list[float]) -> None:
    model, best, history = run_epochs(losses)
    assert best.best_epoch is None
    assert history.best_epoch is None
    best.restore()
    assert model.weights == [np.full(1, float(len(losses)))]


def test_batches_and_epochs_become_events() -> None:
    events: list[Event] = []
    reporter = reporter_on(FakeModel(), events)
    reporter.on_epoch_begin(1)
    reporter.on_train_batch_end(2, {"loss": np.float32(0.25), "accuracy": 0.5})
    reporter.on_epoch_end(1, LOGS | {"loss": 0.123456789, "learning_rate": 0.001})
    batch, epoch = events
    assert batch == BatchEnded(epoch=2, batch=3, loss=0.25, accuracy=0.5)
    assert isinstance(epoch, EpochEnded)
    assert (epoch.epoch, epoch.loss, epoch.val_auroc, epoch.learning_rate) == (2, 0.123457, 0.9, 0.001)


def test_a_lowered_learning_rate_is_told_after_its_epoch() -> None:
    events: list[Event] = []
    model = FakeModel()
    reporter = reporter_on(model, events)
    reporter.on_epoch_begin(0)
    model.optimizer.learning_rate = np.float32(0.0003)
    reporter.on_epoch_end(0, LOGS)
    epoch, reduced = events
    assert isinstance(epoch, EpochEnded)
    assert epoch.learning_rate == 0.001
    assert reduced == LearningRateReduced(epoch=1, learning_rate=0.0003)


@pytest.mark.parametrize("ending", ["on_train_batch_end", "on_test_batch_end"])
def test_a_stop_leaves_at_the_next_batch(ending: str) -> None:
    events: list[Event] = []
    reporter = reporter_on(FakeModel(), events, lambda: True)
    reporter.on_epoch_begin(0)
    with pytest.raises(StopRequested):
        getattr(reporter, ending)(0, LOGS)


@pytest.mark.parametrize("ending", ["on_train_batch_end", "on_test_batch_end"])
def test_a_pause_is_not_part_of_the_epoch(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(callbacks, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def paused_for_an_hour() -> bool:
        now[0] += 3600
        return False

    events: list[Event] = []
    reporter = reporter_on(FakeModel(), events, paused_for_an_hour)
    reporter.on_epoch_begin(0)
    for batch in range(3):
        now[0] += 2
        getattr(reporter, ending)(batch, LOGS)
    reporter.on_epoch_end(0, LOGS)
    assert events[-1].seconds == pytest.approx(6)
