"""Keras callbacks that turn a run into events, keep the best weights, and let it be stopped."""

import time
from typing import Any

import keras

from covid_desktop.core.events import BatchEnded, Emit, EpochEnded, Event, LearningRateReduced, ShouldStop
from covid_desktop.core.history import TrainingHistory

_DIGITS = 6  # of losses and metrics; the best epoch is the same for whoever looks


class StopRequested(Exception):
    """Leaves ``fit`` at once; the model stays usable."""


class Recorder:
    """An ``emit`` that also keeps the history."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.history = TrainingHistory()

    def __call__(self, event: Event) -> None:
        self.history = self.history.with_event(event)
        self._emit(event)


class Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Emits what happens. Place it after the callbacks that change the learning rate."""

    def __init__(self, emit: Emit, should_stop: ShouldStop) -> None:
        super().__init__()
        self._emit = emit
        self._should_stop = should_stop
        self._epoch = 0
        self._epoch_began = time.monotonic()
        self._learning_rate = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Making a large network and its first batch take a second each."""
        self._leave_if_asked()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        self._epoch = epoch + 1
        self._epoch_began = time.monotonic()
        self._learning_rate = self._current_learning_rate()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        values = logs or {}
        self._emit(
            BatchEnded(
                epoch=self._epoch,
                batch=batch + 1,
                loss=float(values["loss"]),
                accuracy=float(values["accuracy"]),
            )
        )
        self._leave_if_asked()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        self._leave_if_asked()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        values = {
            name: round(float(value), _DIGITS)
            for name, value in (logs or {}).items()
            if name != "learning_rate"
        }
        seconds = time.monotonic() - self._epoch_began
        self._emit(EpochEnded(epoch=epoch + 1, learning_rate=self._learning_rate, seconds=seconds, **values))
        if self._current_learning_rate() < self._learning_rate:
            self._emit(LearningRateReduced(epoch=epoch + 1, learning_rate=self._current_learning_rate()))

    def _current_learning_rate(self) -> float:
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        return float(f"{rate:.6g}")  # float32 has no more digits

    def _leave_if_asked(self) -> None:
        asked = time.monotonic()
        stop = self._should_stop()
        self._epoch_began += time.monotonic() - asked  # a pause is not part of the epoch's duration
        if stop:
            raise StopRequested


class KeepBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the lowest validation loss in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.best_epoch: int | None = None
        self.best_loss = float("inf")
        self.weights: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        loss = round(float((logs or {})["val_loss"]), _DIGITS)
        if loss < self.best_loss:
            self.best_loss = loss
            self.best_epoch = epoch + 1
            self.weights = self.model.get_weights()

    def restore(self) -> None:
        """Give the model its best weights; leaves it as it is where no epoch has ended."""
        if self.weights:
            self.model.set_weights(self.weights)
