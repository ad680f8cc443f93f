"""The three networks: their shape, their scaling, and that plain Keras opens what they are saved as."""

from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import LAST_CONVOLUTION, build, head_of, reference_cnn
from covid_desktop.learning.pretrained import load_imagenet_weights

# Keras copies variables to arrays in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
EACH = pytest.mark.parametrize("architecture", list(ARCHITECTURES))


def square(size: int, channels: int) -> Preprocessing:
    return Preprocessing(width=size, height=size, channels=channels)


@cache
def small(architecture: str) -> keras.Model:
    """The network at a size that is quick, with weights that give every image another score."""
    keras.utils.set_random_seed(0)
    model = build(architecture, square(48, ARCHITECTURES[architecture].channels))
    if architecture == "efficientnet-lite0":
        load_imagenet_weights(model)
    score = model.get_layer("score")
    score.set_weights([np.random.default_rng(0).normal(size=score.kernel.shape), np.zeros(1)])
    return model


def pixels_for(model: keras.Model) -> np.ndarray:
    shape = (4, *model.input_shape[1:])
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def test_the_reference_network_is_the_notebooks() -> None:
    model = reference_cnn(square(227, 3))
    assert model.count_params() == 49_716_801
    shapes = [layer.output.shape[1:] for layer in model.layers if layer.weights]
    assert shapes == [(225, 225, 256), (110, 110, 64), (256,), (1,)]


def test_weights_at_the_default_size() -> None:
    small_cnn = build("small-cnn", ARCHITECTURES["small-cnn"].preprocessing())
    assert small_cnn.count_params() == 136_001
    network = build("efficientnet-lite0", ARCHITECTURES["efficientnet-lite0"].preprocessing())
    assert sum(int(np.prod(weight.shape)) for weight in network.trainable_weights) == 1280 + 1


@EACH
def test_scores_are_from_0_to_1_and_differ(architecture: str) -> None:
    model = small(architecture)
    scores = model.predict(pixels_for(model), verbose=0)
    assert scores.shape == (4, 1)
    assert len(np.unique(scores)) == 4
    assert np.all((scores > 0) & (scores < 1))


@EACH
def test_whole_numbers_and_floats_score_the_same(architecture: str) -> None:
    model = small(architecture)
    pixels = pixels_for(model)
    np.testing.assert_array_equal(model(pixels), model(pixels.astype(np.float32)))


@pytest.mark.parametrize(
    ("architecture", "black", "white"),
    [("efficientnet-lite0", -127 / 128, 1.0), ("small-cnn", 0.0, 1.0), ("reference-cnn", 0.0, 1.0)],
)
def test_scaling_is_inside(architecture: str, black: float, white: float) -> None:
    scaling = small(architecture).get_layer("scaling")
    np.testing.assert_allclose(scaling(np.array([0.0, 255.0])), [black, white], atol=1e-6)


@EACH
def test_a_saved_network_is_opened_by_plain_keras_and_rebuilt_without_it(
    architecture: str, tmp_path: Path
) -> None:
    model, path = small(architecture), tmp_path / "model.keras"
    model.save(path)
    opened = keras.saving.load_model(path, custom_objects={}, safe_mode=True)
    rebuilt = build(architecture, square(48, model.input_shape[-1]))
    rebuilt.load_weights(path)
    assert all(type(layer).__module__.startswith("keras.") for layer in opened.layers)
    for other in (opened, rebuilt):
        np.testing.assert_array_equal(other(pixels_for(model)), model(pixels_for(model)))


@EACH
def test_the_last_convolution_has_a_name_and_is_positive(architecture: str) -> None:
    model = small(architecture)
    maps = keras.Model(model.input, model.get_layer(LAST_CONVOLUTION).output)(pixels_for(model))
    assert len(maps.shape) == 4
    assert float(keras.ops.min(maps)) >= 0
    assert float(keras.ops.max(maps)) > 0


def test_the_head_is_the_same_layers() -> None:
    model = small("efficientnet-lite0")
    head = head_of(model)
    assert [layer.name for layer in head.layers[1:]] == ["standardize", "dropout", "score"]
    assert head.layers[-1] is model.layers[-1]


@pytest.mark.parametrize(
    ("architecture", "preprocessing", "message"),
    [
        ("resnet", square(64, 3), "There is no architecture named 'resnet'"),
        ("small-cnn", square(31, 1), "from 32 to 512 pixels a side, not 31 x 31"),
        ("reference-cnn", square(4096, 3), "from 32 to 512 pixels a side, not 4096 x 4096"),
        ("efficientnet-lite0", square(64, 1), "3 channels, not 1"),
    ],
)
def test_what_cannot_be_built_is_said(architecture: str, preprocessing: Preprocessing, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        build(architecture, preprocessing)
