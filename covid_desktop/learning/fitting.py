"""``model.fit`` as every run does it: Adam, binary cross-entropy, early stopping, learning-rate reduction."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Emit, ShouldStop, TrainingEnded, TrainingStarted
from covid_desktop.errors import Stopped, UserError
from covid_desktop.learning.callbacks import KeepBest, Reporter, StopRequested
from covid_desktop.learning.data import batches_per_epoch, evaluation_batches, training_batches

VALIDATION_BATCH = 32
_AUC_THRESHOLDS = 1000  # with Keras' own 200, scores that lie close together count as equal


def fit(
    model: keras.Model,
    training: tuple[NDArray[Any], NDArray[np.int64]],
    validation: tuple[NDArray[Any], NDArray[np.int64]],
    config: TrainingConfig,
    emit: Emit,
    should_stop: ShouldStop,
) -> None:
    """Train ``model`` on (inputs, labels) and leave it with the weights of its best epoch.

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
    inputs, labels = training
    batch_size = config.resolved().batch_size or 1
    steps = batches_per_epoch(len(inputs), batch_size)
    emit(
        TrainingStarted(
            epochs=config.epochs,
            batches=steps,
            training=len(inputs),
            validation=len(validation[0]),
            learning_rate=config.resolved().learning_rate or 0.0,
        )
    )
    best = KeepBest()
    reason = "finished"
    try:
        model.fit(
            training_batches(inputs, labels, batch_size, config.seed, config.augmentation, config.epochs),
            epochs=config.epochs,
            steps_per_epoch=steps,
            validation_data=evaluation_batches(*validation, VALIDATION_BATCH),
            class_weight=class_weights(labels) if config.class_weights else None,
            callbacks=_callbacks(config, best, Reporter(emit, should_stop)),
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
        if model.stop_training:
            reason = "stopped early"
    except StopRequested:
        reason = "stopped by the user"
        if best.best_epoch is None:
            raise Stopped from None
    if best.best_epoch is None:
        raise UserError(
            "The loss is not a number: the run went astray.", "Lower the learning rate and start again."
        )
    best.restore()
    emit(TrainingEnded(reason=reason))


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
