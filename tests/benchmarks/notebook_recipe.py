"""The original notebook's own network, generators and training, as it ran them."""

import time
from pathlib import Path
from typing import Any

import numpy as np

EPOCHS, BATCH, SIZE = 25, 2, 227
_WARM_UP, _TRAINING_STEPS, _VALIDATION_STEPS = 2, 5, 8


def compiled_network() -> Any:
    """The notebook's network with its optimizer, loss and metric."""
    import keras
    from keras import layers

    keras.config.disable_interactive_logging()
    network = keras.Sequential(
        [
            layers.Input((SIZE, SIZE, 3)),
            layers.Conv2D(256, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(256, activation="sigmoid"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return network


def seconds_a_step(network: Any, data: Path) -> tuple[float, float]:
    """Of training and of validation, feeding included, after two steps each to warm up."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    augmenting = ImageDataGenerator(
        rescale=1 / 255, rotation_range=10, zoom_range=0.4, horizontal_flip=True, vertical_flip=True
    )
    training = _batches(augmenting, data / "train")
    validation = _batches(ImageDataGenerator(rescale=1 / 255), data / "val")
    ends: dict[str, list[float]] = {"train": [], "test": []}
    clock = _clock(ends)
    network.fit(training, steps_per_epoch=_WARM_UP + _TRAINING_STEPS, verbose=0, callbacks=[clock])
    network.evaluate(validation, steps=_WARM_UP + _VALIDATION_STEPS, verbose=0, callbacks=[clock])
    train, test = (float(np.mean(np.diff(times[_WARM_UP - 1 :]))) for times in ends.values())
    return train, test


def _batches(generator: Any, folder: Path) -> Any:
    return generator.flow_from_directory(
        folder, target_size=(SIZE, SIZE), batch_size=BATCH, class_mode="binary"
    )


def _clock(ends: dict[str, list[float]]) -> Any:
    from keras.callbacks import Callback

    class Clock(Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            ends["train"].append(time.perf_counter())

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            ends["test"].append(time.perf_counter())

    return Clock()
