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

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import CARD, WEIGHTS, read_card
from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import build
from covid_desktop.learning.gradcam import HeatmapFunction, heatmap_function
from covid_desktop.learning.tracing import traced_once

_BATCH_SIZE = 16  # more is not faster and takes memory


class Classifier:
    """Scores images as its card says. Safe to use from several threads and while another model trains."""

    def __init__(self, model: keras.Model, card: ModelCard) -> None:
        self.model = model
        self.card = card
        self._score = _compiled(model, card.preprocessing.shape)
        self._making_heatmaps = threading.Lock()

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The positive class's scores, 0 to 1, of pixels (n, height, width, channels)."""
        scores = np.empty(len(pixels), np.float64)
        for start in range(0, len(pixels), _BATCH_SIZE):
            batch = slice(start, start + _BATCH_SIZE)
            scores[batch] = self._score(tf.constant(pixels[batch]))[:, 0]
        return scores

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

    @classmethod
    def load(cls, path: Path) -> Self:
        """Rebuild the network from the card and read nothing but weights. Raises ModelError."""
        card = read_card(path)
        model = build(card.architecture, card.preprocessing)
        try:
            _check_weights(path, 4 * model.count_params())
            model.load_weights(path)
            _check_finite(model)
        except Exception as error:  # h5py and Keras raise all kinds on a damaged file
            raise ModelError(
                f"The weights in {path.name} are damaged or do not fit its card.", "Copy the model again."
            ) from error
        return cls(model, card)

    def copy(self, card: ModelCard) -> Self:
        """An independent classifier with the same weights."""
        model = build(card.architecture, card.preprocessing)
        model.set_weights(self.model.get_weights())
        return type(self)(model, card)


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


def _compiled(model: keras.Model, shape: tuple[int, int, int]) -> Callable[[Any], Any]:
    """A function of uint8 batches."""
    return traced_once(
        lambda pixels: model(tf.cast(pixels, tf.float32), training=False),
        [tf.TensorSpec([None, *shape], tf.uint8)],
    )
