"""Heatmaps: what they point at in networks that are understood, and in one that has learnt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from covid_desktop.core.heatmap import peak
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.learning.architectures import LAST_CONVOLUTION, build
from covid_desktop.learning.gradcam import _evidence, heatmap_function

Pixels = NDArray[np.uint8]
Noise = Callable[..., Pixels]
GREY = 127  # what EfficientNet-Lite0 scales to 0
SIZES = {"efficientnet-lite0": (256, 160, 3), "small-cnn": (64, 48, 1), "reference-cnn": (40, 48, 3)}
EACH = pytest.mark.parametrize("architecture", list(SIZES))


def network(architecture: str) -> keras.Model:
    height, width, channels = SIZES[architecture]
    return build(architecture, Preprocessing(width=width, height=height, channels=channels))


def sees_brightness(architecture: str) -> keras.Model:
    """Every layer averages: the brighter anything is, the higher the score."""
    model = network(architecture)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D | keras.layers.Dense):
            kernel, bias = layer.get_weights()
            inputs = kernel[..., 0, 0] if isinstance(layer, keras.layers.DepthwiseConv2D) else kernel[..., 0]
            layer.set_weights([np.full_like(kernel, 1 / inputs.size), 0 * bias])
    return model


def random_head(model: keras.Model) -> keras.Model:
    """EfficientNet-Lite0's begins at zero, where no class has anything for it."""
    kernel, bias = model.get_layer("score").get_weights()
    random = np.random.default_rng(0).normal(0, 0.1, kernel.shape)
    model.get_layer("score").set_weights([random, bias])
    return model


def with_spot(architecture: str, row: int, column: int) -> Pixels:
    height, width, channels = SIZES[architecture]
    pixels = np.full((height, width, channels), 0 if "cnn" in architecture else GREY, np.uint8)
    pixels[row - 1 : row + 2, column - 1 : column + 2] = 255
    return pixels


def turn_round(model: keras.Model) -> None:
    score = model.get_layer("score")
    score.set_weights([-weights for weights in score.get_weights()])


# --- networks that are understood


@EACH
@pytest.mark.parametrize("place", [(0.4, 0.4), (0.65, 0.4), (0.4, 0.7)])
def test_a_map_is_highest_where_the_picture_is(architecture: str, place: tuple[float, float]) -> None:
    """Within half a cell of the last convolution, however the paddings move what a cell sees."""
    height, width, _ = SIZES[architecture]
    row, column = round(place[0] * height), round(place[1] * width)
    heatmap = heatmap_function(sees_brightness(architecture))
    found = peak(heatmap(with_spot(architecture, row, column), True))
    half_a_cell = {"efficientnet-lite0": 16, "small-cnn": 2, "reference-cnn": 1}[architecture]
    assert abs(found[0] - row) <= half_a_cell + 1
    assert abs(found[1] - column) <= half_a_cell + 1


@EACH
def test_a_map_has_the_pictures_size_and_goes_from_0_to_1(architecture: str, noise: Noise) -> None:
    model = random_head(network(architecture))
    heatmap = heatmap_function(model)
    for is_positive in (True, False):
        values = heatmap(noise(*SIZES[architecture]), is_positive)
        assert values.shape == SIZES[architecture][:2]
        assert values.dtype == np.float32
        assert (values.min(), values.max()) == (pytest.approx(0, abs=0.2), 1)
        assert values.min() >= 0
        assert len(np.unique(values)) > 10


@EACH
def test_what_speaks_for_one_class_speaks_against_the_other(architecture: str) -> None:
    model, pixels = sees_brightness(architecture), with_spot(architecture, 20, 20)
    heatmap = heatmap_function(model)
    positive = heatmap(pixels, True)
    assert positive.max() == 1
    assert not heatmap(pixels, False).any()
    turn_round(model)
    assert not heatmap(pixels, True).any()
    np.testing.assert_allclose(heatmap(pixels, False), positive, atol=1e-6)


@EACH
def test_a_score_that_is_certain_does_not_empty_the_map(architecture: str, noise: Noise) -> None:
    """The gradient of a score of 1 is 0; the logit's is not."""
    model, pixels = random_head(network(architecture)), noise(*SIZES[architecture])
    heatmap = heatmap_function(model)
    before = heatmap(pixels, True)
    score = model.get_layer("score")
    kernel, bias = score.get_weights()
    score.set_weights([kernel, bias + 200])
    assert float(model(pixels[None].astype(np.float32))[0, 0]) == 1
    np.testing.assert_allclose(heatmap(pixels, True), before, atol=1e-6)
    assert before.max() == 1


def test_a_network_that_has_learnt_nothing_has_an_empty_map(noise: Noise) -> None:
    heatmap = heatmap_function(network("efficientnet-lite0"))
    for is_positive in (True, False):
        assert not heatmap(noise(*SIZES["efficientnet-lite0"]), is_positive).any()


def by_definition(model: keras.Model, pixels: Pixels) -> NDArray[np.float32]:
    """Grad-CAM of the score as Selvaraju et al. write it: (rows, columns) of the last convolution."""
    convolution = model.get_layer(LAST_CONVOLUTION)
    both = keras.Model(model.input, [convolution.output, model.output])
    picture = tf.constant(pixels[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        seen, score = both(picture, training=False)
    weights = tape.gradient(score, seen).numpy()[0].mean(axis=(0, 1))
    maps = np.moveaxis(seen.numpy()[0], -1, 0)
    return np.maximum(sum(weight * map_ for weight, map_ in zip(weights, maps, strict=True)), 0)


@EACH
def test_the_cells_are_those_of_the_definition(architecture: str, noise: Noise) -> None:
    """A score's gradient is the logit's times a number, so they differ by a factor alone."""
    model, pixels = random_head(network(architecture)), noise(*SIZES[architecture])
    expected = by_definition(model, pixels)
    cells = np.maximum(_evidence(model)(tf.constant(pixels)), 0)
    np.testing.assert_allclose(cells / cells.max(), expected / expected.max(), atol=1e-4)
    assert expected.std() > 0


def test_a_map_follows_the_weights(noise: Noise) -> None:
    model, pixels = random_head(network("small-cnn")), noise(*SIZES["small-cnn"])
    heatmap = heatmap_function(model)
    before = heatmap(pixels, True)
    model.set_weights([0 * weights for weights in model.get_weights()])
    assert before.any()
    assert not heatmap(pixels, True).any()


def test_threads_that_come_together_get_the_maps_that_one_gets(noise: Noise) -> None:
    model, pictures = random_head(network("small-cnn")), noise(8, *SIZES["small-cnn"])
    alone = heatmap_function(model)
    expected = [alone(pixels, True) for pixels in pictures]
    together = heatmap_function(model)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pixels: together(pixels, True), pictures))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.std(expected, axis=0).max() > 0.05
