"""``fit``: class weights, learning rates, early stopping, a stop at any time, a loss that is not a number."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import (
    BatchEnded,
    EpochEnded,
    Event,
    LearningRateReduced,
    ShouldStop,
    TrainingEnded,
    TrainingStarted,
    never,
)
from covid_desktop.core.history import TrainingHistory
from covid_desktop.errors import Stopped, UserError
from covid_desktop.learning.fitting import class_weights, fit

Arrays = tuple[np.ndarray, np.ndarray]
CONFIG = TrainingConfig(epochs=4, batch_size=8, learning_rate=0.1)


def tiny_model() -> keras.Model:
    """A logistic regression of two numbers that begins at a score of one half."""
    pair = layers.Input((2,))
    return keras.Model(pair, layers.Dense(1, "sigmoid", kernel_initializer="zeros")(pair))


def pairs(count: int = 24) -> Arrays:
    """The first number is about 1 in the positive class and -1 in the other."""
    labels = np.arange(count) % 2
    values = np.random.default_rng(0).normal(0, 0.3, (count, 2))
    values[:, 0] += 2 * labels - 1
    return values.astype(np.float32), labels


def contrary(arrays: Arrays) -> Arrays:
    """Validation that gets the worse the more is learnt."""
    return arrays[0], 1 - arrays[1]


@dataclass(slots=True)
class Listener:
    """Keeps events, their history, and the model's weights at the end of each epoch."""

    model: keras.Model
    events: list[Event]
    weights: list[list[np.ndarray]]

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, EpochEnded):
            self.weights.append(self.model.get_weights())

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def history(self) -> TrainingHistory:
        history = TrainingHistory()
        for event in self.events:
            history = history.with_event(event)
        return history


def run(
    config: TrainingConfig = CONFIG,
    validation: Arrays | None = None,
    should_stop: Callable[[Listener], ShouldStop] = lambda _: never,
) -> Listener:
    keras.utils.set_random_seed(0)
    heard = Listener(tiny_model(), [], [])
    fit(heard.model, pairs(), validation or pairs(), config, heard, should_stop(heard))
    return heard


def after_batches(count: int) -> Callable[[Listener], ShouldStop]:
    """Stop as soon as so many batches have ended."""
    return lambda heard: lambda: len(heard.of(BatchEnded)) >= count


def assert_equal_weights(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    assert len(one) == len(other) == 2
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_run_tells_what_it_does_and_learns() -> None:
    heard = run()
    assert heard.events[0] == TrainingStarted(
        epochs=4, batches=3, training=24, validation=24, learning_rate=0.1
    )
    assert [(batch.epoch, batch.batch) for batch in heard.of(BatchEnded)] == [
        (epoch, batch) for epoch in (1, 2, 3, 4) for batch in (1, 2, 3)
    ]
    assert heard.events[-1] == TrainingEnded(reason="finished")
    losses = [epoch.val_loss for epoch in heard.of(EpochEnded)]
    assert losses == sorted(losses, reverse=True)
    assert heard.history.best_epoch == 4
    assert_equal_weights(heard.model.get_weights(), heard.weights[3])


def test_early_stopping_keeps_the_best_weights() -> None:
    heard = run(replace(CONFIG, epochs=20), contrary(pairs()))
    assert heard.history.best_epoch == 1
    assert len(heard.weights) == 1 + CONFIG.patience
    assert heard.history.ended == "stopped early"
    assert_equal_weights(heard.model.get_weights(), heard.weights[0])
    assert not np.array_equal(heard.weights[0][0], heard.weights[-1][0])


@pytest.mark.parametrize("patience", [2, 5])
def test_the_learning_rate_is_lowered_before_early_stopping(patience: int) -> None:
    heard = run(replace(CONFIG, epochs=20, patience=patience), contrary(pairs()))
    epochs = heard.of(EpochEnded)
    assert heard.of(LearningRateReduced)[0] == LearningRateReduced(epoch=patience, learning_rate=0.03)
    assert [epoch.learning_rate for epoch in epochs] == [0.1] * patience + [0.03]
    assert len(epochs) == patience + 1


def test_a_stop_ends_within_one_batch_and_keeps_the_best_epoch() -> None:
    heard = run(validation=contrary(pairs()), should_stop=after_batches(8))
    assert len(heard.of(BatchEnded)) == 8
    assert len(heard.weights) == 2
    assert heard.history.ended == "stopped by the user"
    assert_equal_weights(heard.model.get_weights(), heard.weights[0])


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_stop_before_the_first_epochs_end_has_no_result(batches: int) -> None:
    """Three batches are the whole epoch: that stop comes in its validation."""
    listeners = []

    def should_stop(heard: Listener) -> ShouldStop:
        listeners.append(heard)
        stop = after_batches(batches)(heard)
        asked = iter(range(1000))
        return (lambda: next(asked) >= 4) if batches == 3 else stop

    with pytest.raises(Stopped):
        run(should_stop=should_stop)
    assert len(listeners[0].of(BatchEnded)) == batches
    assert not listeners[0].of(EpochEnded)
    assert not listeners[0].of(TrainingEnded)


def test_a_model_that_was_stopped_can_be_trained_again() -> None:
    heard = run(should_stop=after_batches(4))
    again = Listener(heard.model, [], [])
    fit(heard.model, pairs(), contrary(pairs(12)), CONFIG, again, never)
    assert again.history.ended == "stopped early"
    assert {event.validation for event in again.of(TrainingStarted)} == {12}
    loss, *_ = heard.model.evaluate(*contrary(pairs(12)), verbose=0)
    assert loss == pytest.approx(again.history.best.val_loss, abs=1e-5)


def spoilt(arrays: Arrays) -> Arrays:
    values, labels = arrays
    return np.where(np.arange(len(values))[:, None] == 5, np.float32(np.nan), values), labels


def test_a_loss_that_is_never_a_number_is_said() -> None:
    heard = Listener(tiny_model(), [], [])
    with pytest.raises(UserError) as caught:
        fit(heard.model, spoilt(pairs()), pairs(), CONFIG, heard, never)
    assert caught.value.what == "The loss is not a number: the run went astray."
    assert "learning rate" in caught.value.fix
    assert all(np.isnan(epoch.val_loss) for epoch in heard.of(EpochEnded))


def test_class_weights_make_both_classes_count_alike() -> None:
    labels = np.array([0, 0, 0, 1])
    weights = class_weights(labels)
    assert weights == {0: pytest.approx(2 / 3), 1: pytest.approx(2)}
    assert sum(weights[label] for label in labels) == pytest.approx(len(labels))
    assert class_weights(np.array([0, 1])) == {0: 1.0, 1: 1.0}


@pytest.mark.parametrize(("weighted", "low", "high"), [(True, 0.4, 0.6), (False, 0.05, 0.25)])
def test_class_weights_are_used(weighted: bool, low: float, high: float) -> None:
    """Where nothing tells the classes apart, the score becomes the positive class's share."""
    labels = (np.arange(40) % 8 == 0).astype(np.int64)
    arrays = (np.zeros((40, 2), np.float32), labels)
    model = tiny_model()
    config = replace(CONFIG, epochs=6, patience=20, learning_rate=0.2, class_weights=weighted)
    balanced = (arrays[0][:8], np.arange(8) % 2) if weighted else arrays
    fit(model, arrays, balanced, config, lambda event: None, never)
    assert low < float(model(np.zeros((1, 2)))[0, 0]) < high
