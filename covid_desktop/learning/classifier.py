"""A trained network with its card: save, load, score."""

import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.model_card import MAX_CARD_BYTES, ModelCard
from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import build

CARD = "card.json"
WEIGHTS = "model.weights.h5"
MAX_WEIGHTS_BYTES = 2**31
_BATCH_SIZE = 16  # more is not faster and takes memory


class Classifier:
    """Scores images as its card says. Safe to use from several threads and while another model trains."""

    def __init__(self, model: keras.Model, card: ModelCard) -> None:
        self.model = model
        self.card = card
        self._score = _compiled(model, card.preprocessing.shape)

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The positive class's scores, 0 to 1, of pixels (n, height, width, channels)."""
        scores = np.empty(len(pixels), np.float64)
        for start in range(0, len(pixels), _BATCH_SIZE):
            batch = slice(start, start + _BATCH_SIZE)
            scores[batch] = self._score(tf.constant(pixels[batch]))[:, 0]
        return scores

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


def read_card(path: Path) -> ModelCard:
    """The card in a model file. Raises ModelError with what to do."""
    if not path.is_file():
        raise ModelError(f"There is no file {path.name}.", "Choose another model.")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if CARD not in sizes:
                raise ModelError(
                    f"{path.name} has no model card: it was not made by this program.",
                    "Choose a model that was trained here.",
                )
            if sizes[CARD] > MAX_CARD_BYTES or sizes.get(WEIGHTS, 0) > MAX_WEIGHTS_BYTES:
                raise ModelError(
                    f"{path.name} is too large to be a model of this program.", "Choose another one."
                )
            return ModelCard.from_text(archive.read(CARD))
    except ModelError:
        raise
    except Exception as error:  # zipfile and its codecs raise all kinds on a damaged file
        raise ModelError(
            f"{path.name} is damaged or is not a model file.", "Choose a .keras file that was saved here."
        ) from error


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
    """A function of uint8 batches. One thread traces it: two at once would trace twice."""
    lock = threading.Lock()
    signature = [tf.TensorSpec([None, *shape], tf.uint8)]
    function = tf.function(
        lambda pixels: model(tf.cast(pixels, tf.float32), training=False), signature, autograph=False
    )
    concrete: list[Any] = []

    def score(pixels: Any) -> Any:
        with lock:
            if not concrete:
                concrete.append(function.get_concrete_function())
        return concrete[0](pixels)

    return score
