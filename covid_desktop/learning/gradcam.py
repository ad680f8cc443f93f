"""Which parts of a picture speak for the class that the model calls: Grad-CAM, in its form for finer layers.

Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) weighs what a convolution found by how the logit changes
with it, the same weight all over the picture. LayerCAM (Jiang et al. 2021, doi:10.1109/TIP.2021.3089943)
lets the weight differ from cell to cell and keeps what raises the logit, so that an earlier layer with
smaller cells can be asked. In EfficientNet-Lite0 one is: each cell of its last convolution is a seventh of a
picture of 224 pixels wide and sees nearly all of it.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.learning.architectures import LAST_CONVOLUTION
from covid_desktop.learning.tracing import traced_once

HeatmapFunction = Callable[[NDArray[np.uint8], bool], NDArray[np.float32]]
"""From pixels (height, width, channels), and whether they are called positive, to values (height, width)."""

_LAYERS = {"efficientnet_lite0": "block_9_add"}
"""Where a heatmap looks in a network, if not at its last convolution: cells of 16 pixels, not of 32."""


def heatmap_function(model: keras.Model) -> HeatmapFunction:
    """A function that gives heatmaps, 0 to 1, of the network as it is now. Safe to use from several threads.

    1 is the map's own maximum; a map on which nothing speaks for the class is zero everywhere.
    """
    signature = [tf.TensorSpec(model.input_shape[1:], tf.uint8), tf.TensorSpec([], tf.bool)]
    evidence = traced_once(_evidence(model), signature)

    def heatmap(pixels: NDArray[np.uint8], is_positive: bool) -> NDArray[np.float32]:
        cells = evidence(tf.constant(pixels), tf.constant(is_positive))
        values: NDArray[np.float32] = tf.image.resize(cells[..., None], pixels.shape[:2]).numpy()[..., 0]
        return values / (values.max() or np.float32(1))

    return heatmap


def _evidence(model: keras.Model) -> Callable[[Any, Any], Any]:
    """A function from pixels, and whether they are called positive, to cells (rows, columns), 0 or more.

    Gradients are of the logit: those of a score near 0 or 1 vanish. The negative class's logit is minus the
    positive one's.
    """
    layer, score = _layer(model), model.get_layer("score")
    below = keras.Model(model.input, layer.output)
    above = keras.Model(layer.output, score.input)

    def evidence(pixels: Any, is_positive: Any) -> Any:
        found = below(tf.cast(pixels[None], tf.float32), training=False)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(found)
            logit = above(found, training=False) @ score.kernel + score.bias
        gradient = tape.gradient(logit, found)
        weights = tf.nn.relu(tf.where(is_positive, gradient, -gradient))
        return tf.nn.relu(tf.reduce_sum(weights * _presence(layer, found), axis=-1))[0]

    return evidence


def _layer(model: keras.Model) -> keras.Layer:
    return model.get_layer(_LAYERS.get(model.name, LAST_CONVOLUTION))


def _presence(layer: keras.Layer, found: Any) -> Any:
    """How much of each feature is in each cell of ``found`` (1, rows, columns, features).

    After a ReLU, 0 is none of it. Where none follows, only how a cell differs from the whole picture tells;
    each such difference has length 1, or the neck and the picture's edge, which differ most, would win.
    """
    if isinstance(layer, keras.layers.Conv2D):
        return found
    differences = found - tf.reduce_mean(found, axis=(1, 2), keepdims=True)
    return tf.math.divide_no_nan(differences, tf.norm(differences, axis=-1, keepdims=True))
