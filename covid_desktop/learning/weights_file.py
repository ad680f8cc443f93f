"""Gives a network the weights of a ``model.weights.h5``, read by this program instead of Keras and HDF5."""

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from covid_desktop.core.plain_hdf5 import Hdf5Error, StoredArray, find_arrays
from covid_desktop.errors import ModelError

_NAMES = {
    layers.Conv2D: "conv2d",
    layers.DepthwiseConv2D: "depthwise_conv2d",
    layers.BatchNormalization: "batch_normalization",
    layers.Dense: "dense",
}
_COPY = "Copy the model again."


def load_weights(model: keras.Model, content: bytes, name: str) -> None:
    """Set all weights of ``model`` to those in ``content``, the HDF5 file in a model file of this name.

    Every array's path, shape and kind of numbers is compared with the network's before any is read. Raises
    ModelError, and the weights of ``model`` are as before.
    """
    paths = weight_paths(model)
    try:
        found = find_arrays(content)
    except Hdf5Error as error:
        raise ModelError(f"The weights in {name} {error}.", _COPY, repr(error.__cause__)) from error
    expected = {
        path: tuple(weight.shape)
        for layer, places in paths.items()
        for path, weight in zip(places, model.get_layer(layer).weights, strict=True)
    }
    if {path: array.shape for path, array in found.items()} != expected:
        raise ModelError(f"The weights in {name} are not those of the network that its card names.", _COPY)
    arrays = {path: _array(content, array) for path, array in found.items()}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ModelError(f"The weights in {name} are not all numbers.", _COPY)
    for layer, places in paths.items():
        model.get_layer(layer).set_weights([arrays[path] for path in places])


def weight_paths(model: keras.Model) -> dict[str, list[str]]:
    """Layer -> where Keras puts its weights: by the kind of layer and how many of the kind came before."""
    counts: dict[str, int] = {}
    paths = {}
    for layer in model.layers:
        if not layer.weights:
            continue
        kind = _NAMES[type(layer)]
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        place = f"layers/{kind}_{number}" if number else f"layers/{kind}"
        paths[layer.name] = [f"{place}/vars/{index}" for index in range(len(layer.weights))]
    return paths


def _array(content: bytes, stored: StoredArray) -> NDArray[Any]:
    count = int(np.prod(stored.shape, dtype=np.int64))
    return np.frombuffer(content, "<f4", count, stored.offset).reshape(stored.shape)
