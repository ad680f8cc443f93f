"""Grad-CAM: which parts of a picture speak for the class that the model calls.

After Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization,
2017, arXiv:1610.02391.
"""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.learning.architectures import LAST_CONVOLUTION
from covid_desktop.learning.tracing import traced_once

HeatmapFunction = Callable[[NDArray[np.uint8], bool], NDArray[np.float32]]
"""From pixels (height, width, channels), and whether they are called positive, to values (height, width)."""


def heatmap_function(model: keras.Model) -> HeatmapFunction:
    """A function that gives heatmaps, 0 to 1, of the network as it is now. Safe to use from several threads.

    1 is the map's own maximum; a map on which nothing speaks for the class is zero everywhere.
    """
    evidence_of = traced_once(_evidence(model), [tf.TensorSpec(model.input_shape[1:], tf.uint8)])
    rows, columns = (_interpolation(model, axis) for axis in (0, 1))

    def heatmap(pixels: NDArray[np.uint8], is_positive: bool) -> NDArray[np.float32]:
        evidence = np.asarray(evidence_of(tf.constant(pixels)))
        values = rows @ np.maximum(evidence if is_positive else -evidence, 0) @ columns.T
        maximum = values.max()
        return values / maximum if maximum > 0 else np.zeros_like(values)

    return heatmap


def _evidence(model: keras.Model) -> Callable[[Any], Any]:
    """A function from pixels to what speaks for the positive class, (rows, columns) of the last convolution.

    Gradients are of the logit: those of a score near 0 or 1 vanish. The negative class's logit is minus the
    positive one's, and so is its evidence.
    """
    convolution, score = model.get_layer(LAST_CONVOLUTION), model.get_layer("score")
    below = keras.Model(model.input, convolution.output)
    above = keras.Model(convolution.output, score.input)

    def evidence(pixels: Any) -> Any:
        seen = below(tf.cast(pixels[None], tf.float32), training=False)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(seen)
            logit = above(seen, training=False) @ score.kernel + score.bias
        weights = tf.reduce_mean(tape.gradient(logit, seen), axis=(1, 2), keepdims=True)
        return tf.reduce_sum(weights * seen, axis=-1)[0]

    return evidence


def _interpolation(model: keras.Model, axis: int) -> NDArray[np.float32]:
    """(pixels, cells): how much each cell of the last convolution counts at each pixel, bilinearly."""
    cells = model.get_layer(LAST_CONVOLUTION).output.shape[1 + axis]
    first, step = _places(model, axis)
    centres = first + step * np.arange(cells)
    pixels = np.arange(model.input_shape[1 + axis])
    return np.stack([np.interp(pixels, centres, cell) for cell in np.eye(cells)], axis=1, dtype=np.float32)


def _places(model: keras.Model, axis: int) -> tuple[float, int]:
    """In pixels: the centre of what the last convolution's first cell sees, and the step to the next cell.

    With even sides, TensorFlow's "same" padding puts a strided window's odd pixel at the far end: each such
    layer moves what a cell sees by half a pixel of its input.
    """
    first, step = 0.0, 1
    for kernel, stride, padding in _windows(model, axis):
        first += step * ((kernel - 1) / 2 - padding)
        step *= stride
    return first, step


def _windows(model: keras.Model, axis: int) -> Iterator[tuple[int, int, int]]:
    """Side, stride, and padding before the first pixel, of each window up to the last convolution."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.MaxPooling2D):
            sides = getattr(layer, "kernel_size", None) or layer.pool_size
            side, stride, pixels = sides[axis], layer.strides[axis], layer.input.shape[1 + axis]
            missing = max(0, side - (pixels - 1) % stride - 1) if layer.padding == "same" else 0
            yield side, stride, missing // 2
        if layer.name == LAST_CONVOLUTION:
            return
