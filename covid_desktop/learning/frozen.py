"""Training on what a frozen pretrained network sees: its features are read once and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from covid_desktop.core.augmentation import random_transforms
from covid_desktop.core.checkpoints import Keeping
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.feature_store import Features, FeatureStore, Reading, open_store
from covid_desktop.core.loading import Images, Pixels
from covid_desktop.errors import Stopped
from covid_desktop.learning.architectures import build, head_of
from covid_desktop.learning.augment import transformed
from covid_desktop.learning.fitting import fit
from covid_desktop.learning.pretrained import WEIGHTS, feature_function, load_imagenet_weights, standardize

READ_BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenFit:
    """The whole network, and what it sees in the images as they are: features (n, m)."""

    model: keras.Model
    training: Features
    validation: Features


def fit_frozen(
    training: Images,
    validation: Images,
    config: TrainingConfig,
    folder: Path,
    emit: Emit,
    should_stop: ShouldStop,
    keeping: Keeping | None = None,
) -> FrozenFit:
    """A head trained on ``training``, over ImageNet weights, with checkpoints. Raises Stopped."""
    emit(Progress(stage="Loading the pretrained network"))
    model = build(config.architecture, config.preprocessing)
    load_imagenet_weights(model)
    total = len(training.samples) * config.copies + len(validation.samples)
    with open_store(folder) as store:
        reader = _Reader(config, feature_function(model), store, emit, should_stop, total)
        copies = [reader.read(training, copy) for copy in range(config.copies)]
        validation_features = reader.read(validation, 0)
    features = np.concatenate(copies)
    standardize(model, features)
    labels = np.tile(training.labels, config.copies)
    validating = (validation_features, validation.labels)
    fit(head_of(model), (features, labels), validating, config, emit, should_stop, keeping)
    return FrozenFit(model=model, training=copies[0], validation=validation_features)


@dataclass(slots=True)
class _Reader:
    """Reads features that are not in the store yet, and says how far it is."""

    config: TrainingConfig
    features_of: Callable[[Features | Pixels], Features]
    store: FeatureStore
    emit: Emit
    should_stop: ShouldStop
    total: int
    done: int = 0

    def read(self, images: Images, copy: int) -> Features:
        """Features (n, m) of the ``copy``-th version of each image; copy 0 is the image as it is."""
        reading = Reading(
            weights=WEIGHTS,
            preprocessing=self.config.preprocessing,
            augmentation=self.config.augmentation,
            copy=copy,
        )
        known = self.store.get(reading, images.hashes)
        missing = [index for index, image in enumerate(images.hashes) if image not in known]
        self._advance(len(images.hashes) - len(missing))
        for start in range(0, len(missing), READ_BATCH):
            if self.should_stop():
                raise Stopped
            batch = missing[start : start + READ_BATCH]
            hashes = [images.hashes[index] for index in batch]
            vectors = self.features_of(self._copy(images.pixels[batch], hashes, copy))
            self.store.put(reading, hashes, vectors)
            known.update(zip(hashes, vectors, strict=True))
            self._advance(len(batch))
        return np.stack([known[image] for image in images.hashes])

    def _advance(self, images: int) -> None:
        self.done += images
        self.emit(Progress(stage="Reading features", done=self.done, total=self.total))

    def _copy(self, pixels: Pixels, hashes: list[str], copy: int) -> Features | Pixels:
        """What an image becomes in a copy follows from its content, so that it can be found again."""
        if copy == 0:
            return pixels
        height, width = pixels.shape[1:3]
        seeds = [[copy, int(image[:15], 16)] for image in hashes]
        transforms = [
            random_transforms(np.random.default_rng(seed), 1, self.config.augmentation, height, width)
            for seed in seeds
        ]
        return np.asarray(transformed(pixels, np.concatenate(transforms)))
