"""``model.fit`` as every run does it: Adam, binary cross-entropy, early stopping, learning-rate reduction."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.checkpoints import Keeping
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Emit, ShouldStop, TrainingEnded, TrainingResumed, TrainingStarted
from covid_desktop.errors import Stopped, UserError
from covid_desktop.learning.callbacks import KeepBest, Recorder, Reporter, StopRequested
from covid_desktop.learning.checkpointing import Checkpointing
from covid_desktop.learning.data import batches_per_epoch, evaluation_batches, training_batches

VALIDATION_BATCH = 32  # at most: a stop and the memory wait for a batch, as they do in training
_AUC_THRESHOLDS = 1000  # with Keras' own 200, scores that lie close together count as equal


def fit(
    model: keras.Model,
    training: tuple[NDArray[Any], NDArray[np.int64]],
    validation: tuple[NDArray[Any], NDArray[np.int64]],
    config: TrainingConfig,
    emit: Emit,
    should_stop: ShouldStop,
    keeping: Keeping | None = None,
) -> None:
    """Train ``model`` on (inputs, labels) and leave it with the weights of its best epoch.

    With ``keeping`` it leaves checkpoints, and goes on from one where that has one to start from.
    Raises Stopped when stopped before the first epoch has ended, UserError when the loss is never a number.
    """
    model.compile(
        optimizer=keras.optimizers.Adam(config.learning_rate),
        loss="binary_crossentropy",
        metrics=[
            keras.metrics.BinaryAccuracy(name="accuracy"),
            keras.metrics.AUC(_AUC_THRESHOLDS, name="auroc"),
        ],
    )
    # Made within a graph, Adam's variables would hold on to it for good: 3 MB a run.
    model.optimizer.build(model.trainable_variables)
    inputs, labels = training
    batch_size = config.resolved().batch_size or 1
    steps = batches_per_epoch(len(inputs), batch_size)
    recorder = Recorder(emit)
    recorder(
        TrainingStarted(
            epochs=config.epochs,
            batches=steps,
            training=len(inputs),
            validation=len(validation[0]),
            learning_rate=config.resolved().learning_rate or 0.0,
        )
    )
    best = KeepBest()
    callbacks = _callbacks(config, best, Reporter(recorder, should_stop))
    start = None
    if keeping:
        callbacks.append(Checkpointing(keeping, best, callbacks[1:3], recorder))
        start = keeping.start.checkpoint if keeping.start else None
    if start:
        recorder(TrainingResumed(history=start.history))
    first_epoch = start.epoch if start else 0
    reason = start.ended if start else ""
    try:
        if reason:
            callbacks[-1].restore(model)
        else:
            model.fit(
                training_batches(
                    inputs, labels, batch_size, config.seed, config.augmentation, config.epochs, first_epoch
                ),
                epochs=config.epochs,
                initial_epoch=first_epoch,
                steps_per_epoch=steps,
                validation_data=evaluation_batches(*validation, min(VALIDATION_BATCH, 2 * batch_size)),
                class_weight=class_weights(labels) if config.class_weights else None,
                callbacks=callbacks,
                shuffle=False,  # the batches come shuffled
                verbose=0,
            )
            reason = "stopped early" if model.stop_training else "finished"
    except StopRequested:
        reason = "stopped by the user"
        if best.best_epoch is None:
            raise Stopped from None
    if best.best_epoch is None:
        if keeping:
            keeping.checkpoints.discard()
        raise UserError(
            "The loss is not a number: the run went astray.", "Lower the learning rate and start again."
        )
    best.restore()
    recorder(TrainingEnded(reason=reason))


def class_weights(labels: NDArray[np.int64]) -> dict[int, float]:
    """Weights that make both classes count alike, 1 and 1 where they are equal."""
    positive = float(labels.mean())
    return {0: 0.5 / (1 - positive), 1: 0.5 / positive}


def _callbacks(config: TrainingConfig, best: KeepBest, reporter: Reporter) -> list[keras.callbacks.Callback]:
    plateau = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=0.3, patience=config.plateau_patience, min_delta=0
    )
    early = keras.callbacks.EarlyStopping("val_loss", patience=config.patience)
    return [best, plateau, early, reporter]
