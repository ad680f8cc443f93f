"""A trained network with its card: save, load, score."""

import io
import threading
import zipfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core import familiarity_file
from covid_desktop.core.atomic import written_whole
from covid_desktop.core.familiarity import Familiarity
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import CARD, WEIGHTS, read_card
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError
from covid_desktop.learning import sights
from covid_desktop.learning.architectures import FEATURES, PRETRAINED, build
from covid_desktop.learning.gradcam import HeatmapFunction, heatmap_function
from covid_desktop.learning.tracing import traced_once

_BATCH_SIZE = 16  # more is not faster and takes memory


class Classifier:
    """Scores images as its card says. Safe to use from several threads and while another model trains."""

    def __init__(self, model: keras.Model, card: ModelCard, familiarity: Familiarity | None = None) -> None:
        self.model = model
        self.card = card
        self.familiarity = familiarity
        self._sees_itself = card.architecture in PRETRAINED
        self._run = _compiled(model, card.preprocessing.shape, with_features=self._sees_itself)
        self._making_heatmaps = threading.Lock()

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The positive class's scores, 0 to 1, of pixels (n, height, width, channels)."""
        return self.look(pixels, None)[0]

    @property
    def checked_as(self) -> Preprocessing:
        """How an image is read to be compared with the training images."""
        return self.card.preprocessing if self._sees_itself else sights.PREPROCESSING

    def look(
        self, pixels: NDArray[np.uint8], checked: NDArray[np.uint8] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
        """Scores as ``scores`` gives them, and the features (n, m) that ``familiarity`` compares.

        ``checked`` are the same images read as ``checked_as``, or None where no features are wanted.
        """
        scores = np.empty(len(pixels), np.float64)
        features = []
        for start in range(0, len(pixels), _BATCH_SIZE):
            batch = slice(start, start + _BATCH_SIZE)
            found = self._run(tf.constant(pixels[batch]))
            scores[batch] = found[0][:, 0]
            if checked is not None:
                own = found[1].numpy() if self._sees_itself else sights.features_of(checked[batch])
                features.append(own)
        return scores, np.concatenate(features) if features else None

    def features(self, checked: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What ``familiarity`` compares (n, m), of images read as ``checked_as``."""
        if not self._sees_itself:
            return sights.features_of(checked)
        return np.concatenate([self._run(tf.constant(one[None]))[1].numpy() for one in checked])

    def heatmap(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What in pixels (height, width, channels) speaks for the class on whose side they are called.

        (height, width), 0 to 1; the largest value is 1, or all are 0.
        """
        with self._making_heatmaps:
            heatmap_of = self._heatmap_of
        score = float(self.scores(pixels[None])[0])
        return heatmap_of(pixels, score >= self.card.threshold)

    @cached_property
    def _heatmap_of(self) -> HeatmapFunction:
        return heatmap_function(self.model)

    def save(self, path: Path) -> None:
        """Write a standard ``.keras`` file with ``card.json`` in it, whole or not at all.

        Its name must end in ``.keras``. Raises UserError.
        """
        with written_whole(path) as temporary:
            self.model.save(temporary)
            with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(CARD, self.card.to_text())
                if self.familiarity:
                    familiarity_file.write(archive, self.familiarity)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Rebuild the network from the card and read nothing but weights. Raises ModelError."""
        card = read_card(path)
        model = build(card.architecture, card.preprocessing)
        try:
            _check_weights(path, 4 * model.count_params())
            model.load_weights(path)
            _check_finite(model)
            familiarity = _read_familiarity(path, card)
        except Exception as error:  # h5py and Keras raise all kinds on a damaged file
            raise ModelError(
                f"The weights in {path.name} are damaged or do not fit its card.", "Copy the model again."
            ) from error
        return cls(model, card, familiarity)

    def copy(self, card: ModelCard) -> Self:
        """An independent classifier with the same weights."""
        model = build(card.architecture, card.preprocessing)
        model.set_weights(self.model.get_weights())
        return type(self)(model, card, self.familiarity)


def _check_weights(path: Path, limit: int) -> None:
    """What Keras leaves out: the archive's checksum, and that no array declares more than ``limit`` bytes."""
    with zipfile.ZipFile(path) as archive:
        weights = io.BytesIO(archive.read(WEIGHTS))  # all of it, or the checksum is not compared
    sizes = [0]
    with h5py.File(weights) as file:
        file.visititems(lambda _, item: sizes.append(getattr(item, "nbytes", 0)))
    if max(sizes) > limit:
        raise ValueError(f"an array of {max(sizes)} bytes where the whole network has {limit}")


def _check_finite(model: keras.Model) -> None:
    """A score that is not a number would be called negative."""
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise ValueError("a weight that is not a number")


def _read_familiarity(path: Path, card: ModelCard) -> Familiarity | None:
    if not card.familiarity:
        return None
    with zipfile.ZipFile(path) as archive:
        return familiarity_file.read(archive, card.familiarity)


def _compiled(
    model: keras.Model, shape: tuple[int, int, int], *, with_features: bool
) -> Callable[[Any], Any]:
    """A function of uint8 batches that gives scores (n, 1), and features if wanted, in a list."""
    outputs = [model.output, *([model.get_layer(FEATURES).output] if with_features else [])]
    looking = keras.Model(model.input, outputs)

    def look(pixels: Any) -> list[Any]:
        found = looking(tf.cast(pixels, tf.float32), training=False)
        return list(found) if with_features else [found]  # Keras gives one output without its list

    return traced_once(look, [tf.TensorSpec([None, *shape], tf.uint8)])
