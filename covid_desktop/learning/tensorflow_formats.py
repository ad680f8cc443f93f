"""A network as a TensorFlow SavedModel and as LiteRT, and what such files score."""

import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core.export import INPUT, OUTPUT, SIGNATURE

_DEPRECATED = r"\s*Warning: tf\.lite\.Interpreter is deprecated"
_filter_lock = threading.Lock()


def write_saved_model(model: keras.Model, folder: Path) -> None:
    """Write into an empty folder what ``tf.saved_model.load`` and TensorFlow Serving read."""
    weights, function = _function(model, images=None)
    tf.saved_model.save(weights, str(folder), signatures={SIGNATURE: function})


def saved_model_scores(folder: Path, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scores (n,) of pixels (n, height, width, channels)."""
    model = tf.saved_model.load(str(folder))
    scores = model.signatures[SIGNATURE](**{INPUT: tf.constant(pixels, tf.float32)})
    return np.asarray(scores[OUTPUT].numpy()[:, 0])


def write_litert(model: keras.Model, path: Path) -> None:
    """Write a .tflite file of float32 weights, for one image in one call."""
    weights, function = _function(model, images=1)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], weights)
    path.write_bytes(converter.convert())


def litert_scores(path: Path, pixels: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Scores (n,) of n pictures (height, width, channels)."""
    _ignore_deprecation()
    # With its default delegate it writes to standard error that it has made one.
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = tf.lite.Interpreter(model_path=str(path), experimental_op_resolver_type=resolver)
    score = interpreter.get_signature_runner(SIGNATURE)
    scores = [score(**{INPUT: image[None].astype(np.float32)})[OUTPUT] for image in pixels]
    return np.asarray(np.concatenate(scores)[:, 0])


def _function(model: keras.Model, images: int | None) -> tuple[tf.Module, Any]:
    """The weights, and the concrete function of so many images at once; None for any number."""
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    signature = tf.TensorSpec([images, *model.input_shape[1:]], tf.float32, name=INPUT)
    function = tf.function(
        lambda pixels: {OUTPUT: model(pixels, training=False)}, [signature], autograph=False
    )
    return module, function.get_concrete_function()


def _ignore_deprecation() -> None:
    """Its successor is another package, which need not be in this program.

    ``warnings.catch_warnings`` is not safe in threads, so the filter is set and stays.
    """
    with _filter_lock:
        if not any(getattr(text, "pattern", None) == _DEPRECATED for _, text, *_ in warnings.filters):
            warnings.filterwarnings("ignore", _DEPRECATED)
