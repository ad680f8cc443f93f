"""A trained network with its card: save, load, score."""

import logging
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core import familiarity_file, golden
from covid_desktop.core.atomic import written_whole
from covid_desktop.core.familiarity import Familiarity
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import CARD, read_model, weights_hash
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError
from covid_desktop.learning import sights
from covid_desktop.learning.architectures import FEATURES, PRETRAINED, build
from covid_desktop.learning.gradcam import HeatmapFunction, heatmap_function
from covid_desktop.learning.tracing import traced_once
from covid_desktop.learning.weights_file import load_weights

_BATCH_SIZE = 16  # more is not faster and takes memory
_FEATURES = 1280  # of every network that familiarity compares with
_COPY = "Copy the model again, or train it again."
log = logging.getLogger(__name__)


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

    def heatmap(self, pixels: NDArray[np.uint8], score: float | None = None) -> NDArray[np.float32]:
        """What in pixels (height, width, channels) speaks for the class on whose side they are called.

        (height, width), 0 to 1; the largest value is 1, or all are 0. They are scored unless ``score``, which
        is theirs, is known already.
        """
        with self._making_heatmaps:
            heatmap_of = self._heatmap_of
        if score is None:
            score = float(self.scores(pixels[None])[0])
        return heatmap_of(pixels, score >= self.card.threshold)

    def golden_scores(self) -> tuple[float, ...]:
        """Those that the card keeps of a trained model: of pictures that are the same everywhere."""
        return tuple(self.scores(golden.golden_pictures(self.card.preprocessing)).tolist())

    @cached_property
    def _heatmap_of(self) -> HeatmapFunction:
        return heatmap_function(self.model)

    def save(self, path: Path) -> None:
        """Write a standard ``.keras`` file with ``card.json`` in it, whole or not at all.

        Its name must end in ``.keras``. The card gets the weights' hash. Raises UserError.
        """
        with written_whole(path) as temporary:
            self.model.save(temporary)
            self.card = replace(self.card, weights_sha256=weights_hash(temporary))
            with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(CARD, self.card.to_text())
                if self.familiarity:
                    familiarity_file.write(archive, self.familiarity)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Rebuild the network from the card and read nothing but weights. Raises ModelError.

        What was compared before anything of the file is used: see ``model_file`` and ``weights_file``.
        """
        contents = read_model(path)
        card, familiarity = contents.card, contents.familiarity
        if familiarity and familiarity.features.shape[1] != _FEATURES:
            raise ModelError(
                f"What {path.name} remembers of its training images is of another network.", _COPY
            )
        model = build(card.architecture, card.preprocessing)
        load_weights(model, contents.weights, path.name)
        classifier = cls(model, card, familiarity)
        if not card.golden:
            log.info("The model's card has no scores to compare: it is of an older version of the program.")
        elif not golden.are_same(classifier.golden_scores(), card.golden):
            raise ModelError(f"{path.name} gives other scores than when it was saved.", _COPY)
        return classifier

    def copy(self, card: ModelCard) -> Self:
        """An independent classifier with the same weights."""
        model = build(card.architecture, card.preprocessing)
        model.set_weights(self.model.get_weights())
        return type(self)(model, card, self.familiarity)


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
