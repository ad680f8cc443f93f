"""The three networks. Each takes pixels from 0 to 255 and gives a score from 0 to 1.

All are Functional models of standard layers, scaling included, so that ``keras.models.load_model``
opens them without this program. A heatmap looks at ``last_convolution``, or earlier (see ``gradcam``).
"""

from collections.abc import Callable

import keras
from keras import layers

from covid_desktop.core.config import LIMITS
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError

LAST_CONVOLUTION = "last_convolution"
FEATURES = "features"
PRETRAINED = ("efficientnet-lite0",)
"""Networks whose features can tell any image apart, not only those that they learnt from."""

STANDARDIZE = "standardize"

# EfficientNet-Lite0's seven stages: blocks, kernel size, stride of the first block, expansion, filters.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def build(architecture: str, preprocessing: Preprocessing) -> keras.Model:
    """The named network with untrained weights. Raises ModelError for a name or size it cannot build."""
    if architecture not in _BUILDERS:
        raise ModelError(f"There is no architecture named {architecture!r}.")
    sides = LIMITS["image_size"]
    if not all(sides.low <= side <= sides.high for side in (preprocessing.width, preprocessing.height)):
        size = f"{preprocessing.width} x {preprocessing.height}"
        raise ModelError(f"Images must be from {sides.low:g} to {sides.high:g} pixels a side, not {size}.")
    return _BUILDERS[architecture](preprocessing)


def reference_cnn(preprocessing: Preprocessing) -> keras.Model:
    """The network of the original notebook: 49.7 million weights at 227 x 227 pixels in colour."""
    pixels = layers.Input(preprocessing.shape, name="pixels")
    x = layers.Rescaling(1 / 255, name="scaling")(pixels)
    x = layers.Conv2D(256, 3, activation="relu", name="first_convolution")(x)
    x = layers.MaxPooling2D(name="first_pooling")(x)
    x = layers.Conv2D(64, 3, activation="relu", name=LAST_CONVOLUTION)(x)
    x = layers.MaxPooling2D(name="last_pooling")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(256, activation="sigmoid", name="dense")(x)
    return keras.Model(pixels, _score(x), name="reference_cnn")


def small_cnn(preprocessing: Preprocessing) -> keras.Model:
    """Two convolutions, small enough to learn on a CPU: 136 thousand weights at 128 x 128 pixels."""
    pixels = layers.Input(preprocessing.shape, name="pixels")
    x = layers.Rescaling(1 / 255, name="scaling")(pixels)
    x = layers.Conv2D(16, 3, padding="same", activation="relu", name="first_convolution")(x)
    x = layers.MaxPooling2D(4, name="first_pooling")(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu", name=LAST_CONVOLUTION)(x)
    x = layers.MaxPooling2D(4, name="last_pooling")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(64, activation="relu", name="dense")(x)
    x = layers.Dropout(0.25, name="dropout")(x)
    return keras.Model(pixels, _score(x), name="small_cnn")


def efficientnet_lite0(preprocessing: Preprocessing) -> keras.Model:
    """EfficientNet-Lite0 (after Tan and Le, 2019, arXiv:1905.11946) and a head of one dense layer.

    The convolutions are frozen, and ``pretrained`` folds their batch normalization into them.
    Raises ModelError for grey images.
    """
    if preprocessing.channels != 3:
        raise ModelError(f"EfficientNet-Lite0 reads images of 3 channels, not {preprocessing.channels}.")
    pixels = layers.Input(preprocessing.shape, name="pixels")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="scaling")(pixels)
    x = _convolution(x, 32, 3, strides=2, activation="relu6", name="stem")
    number = 0
    for blocks, kernel, strides, expansion, filters in _STAGES:
        for block in range(blocks):
            x = _block(x, number, kernel, 1 if block else strides, expansion, filters)
            number += 1
    x = _convolution(x, 1280, 1, activation="relu6", name=LAST_CONVOLUTION)
    x = layers.GlobalAveragePooling2D(name=FEATURES)(x)
    return keras.Model(pixels, _head(x), name="efficientnet_lite0")


def head_of(model: keras.Model) -> keras.Model:
    """The part of an ``efficientnet_lite0`` from features (n, 1280) to score.

    It shares its layers with ``model``: training it trains both.
    """
    return keras.Model(model.get_layer(FEATURES).output, model.output, name="head")


def _block(
    x: keras.KerasTensor, number: int, kernel: int, strides: int, expansion: int, filters: int
) -> keras.KerasTensor:
    """An inverted residual block: expand, filter each channel alone, project."""
    shortcut, name = x, f"block_{number}"
    if expansion > 1:
        x = _convolution(x, x.shape[-1] * expansion, 1, activation="relu6", name=f"{name}_expand")
    depthwise = layers.DepthwiseConv2D(
        kernel, strides, "same", activation="relu6", trainable=False, name=f"{name}_depthwise"
    )
    x = _convolution(depthwise(x), filters, 1, name=f"{name}_project")
    if strides == 1 and shortcut.shape[-1] == filters:
        x = layers.Add(name=f"{name}_add")([x, shortcut])
    return x


def _convolution(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    *,
    strides: int = 1,
    activation: str | None = None,
    name: str,
) -> keras.KerasTensor:
    convolution = layers.Conv2D(
        filters, kernel, strides, "same", activation=activation, trainable=False, name=name
    )
    return convolution(x)


def _head(features: keras.KerasTensor) -> keras.KerasTensor:
    """Standardised features, then a logistic regression.

    Some features hardly vary among a few images, so epsilon keeps them from being blown up. With
    weights that begin at zero, the result hardly depends on the seed.
    """
    standardize = layers.BatchNormalization(
        epsilon=1e-2, center=False, scale=False, trainable=False, name=STANDARDIZE
    )
    x = layers.Dropout(0.2, name="dropout")(standardize(features))
    return _score(x, initializer="zeros")


def _score(x: keras.KerasTensor, initializer: str = "glorot_uniform") -> keras.KerasTensor:
    return layers.Dense(1, activation="sigmoid", kernel_initializer=initializer, name="score")(x)


_BUILDERS: dict[str, Callable[[Preprocessing], keras.Model]] = {
    "efficientnet-lite0": efficientnet_lite0,
    "small-cnn": small_cnn,
    "reference-cnn": reference_cnn,
}
