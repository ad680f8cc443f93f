"""A Keras callback that keeps all that a run needs to go on, and puts it back: to the bit on one machine.

Shuffling and augmentation follow from the seed and the epoch; dropout's seed generators count, so that
their state is kept.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import keras

from covid_desktop.core.checkpoint import Array
from covid_desktop.core.checkpoints import Keeping, no_checkpoint
from covid_desktop.errors import UserError
from covid_desktop.learning.callbacks import KeepBest, Recorder

_COUNTERS = ("best", "wait", "cooldown_counter", "stopped_epoch", "best_epoch")
log = logging.getLogger(__name__)


class Checkpointing(keras.callbacks.Callback):  # type: ignore[misc]
    """Place it last: what the other callbacks make of an epoch is part of it.

    ``waiting`` are Keras' callbacks that count epochs without improvement.
    """

    def __init__(
        self,
        keeping: Keeping,
        best: KeepBest,
        waiting: Sequence[keras.callbacks.Callback],
        recorder: Recorder,
    ) -> None:
        super().__init__()
        self._keeping, self._best, self._waiting, self._recorder = keeping, best, waiting, recorder
        self._is_told = keeping.is_told

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """After the other callbacks have forgotten what they had counted."""
        if self._keeping.start:
            self.restore(self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        try:
            self._write(epoch + 1)
        except UserError as error:
            self._tell(error)

    def restore(self, model: keras.Model) -> None:
        """Put ``model``, its optimizer and the other callbacks where the run was interrupted.

        Raises UserError where the checkpoint does not fit the network.
        """
        if not (start := self._keeping.start):
            return
        checkpoint = start.checkpoint
        for name, variables in _variables(model).items():
            _assign(variables, _of(start.arrays, name))
        self._best.set_model(model)
        self._best.best_epoch, self._best.best_loss = checkpoint.best_epoch, checkpoint.best_loss
        self._best.weights = _of(start.arrays, "best")
        if checkpoint.best_epoch == checkpoint.epoch:
            self._best.weights = _of(start.arrays, "weights")
        for callback in self._waiting:
            for name, value in checkpoint.callbacks.get(type(callback).__name__, {}).items():
                setattr(callback, name, value)
        start.arrays.clear()  # hundreds of megabytes for a large network

    def _write(self, epoch: int) -> None:
        history, best = self._recorder.history, self._best
        ended = "stopped early" if self.model.stop_training else ""
        if not ended and epoch == self._keeping.plan.config.epochs:
            ended = "finished"
        checkpoint = replace(
            self._keeping.plan,
            epoch=epoch,
            history=history,
            ended=ended,
            best_epoch=best.best_epoch,
            best_loss=best.best_loss,
            callbacks={type(callback).__name__: _counters(callback) for callback in self._waiting},
        )
        self._keeping.checkpoints.write(checkpoint, self._arrays(epoch))

    def _arrays(self, epoch: int) -> Iterator[tuple[str, Array]]:
        """One at a time, so that the memory holds none of them twice; the best weights if not the latest."""
        for name, variables in _variables(self.model).items():
            for number, variable in enumerate(variables):
                yield f"{name}/{number}", keras.ops.convert_to_numpy(variable)
        if self._best.best_epoch != epoch:
            for number, weights in enumerate(self._best.weights):
                yield f"best/{number}", weights

    def _tell(self, error: UserError) -> None:
        log.warning("A checkpoint could not be written: %s", type(error).__name__)
        if not self._is_told:
            self._is_told = True
            self._recorder(no_checkpoint(error))


def _variables(model: keras.Model) -> dict[str, list[Any]]:
    """All that changes from batch to batch, but for metrics, which begin anew with each epoch."""
    seeds = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    return {"weights": model.weights, "optimizer": model.optimizer.variables, "seeds": seeds}


def _of(arrays: dict[str, Array], name: str) -> list[Array]:
    count = sum(key.startswith(f"{name}/") for key in arrays)
    return [arrays[f"{name}/{number}"] for number in range(count)]


def _assign(variables: list[Any], values: list[Array]) -> None:
    if [tuple(one.shape) for one in variables] != [one.shape for one in values]:
        raise UserError(
            "The checkpoint does not fit the network: another version of the program wrote it.",
            "Start the run afresh.",
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _counters(callback: keras.callbacks.Callback) -> dict[str, Any]:
    values = {name: getattr(callback, name) for name in _COUNTERS if hasattr(callback, name)}
    return {name: None if value is None else float(value) for name, value in values.items()}
