"""Heatmaps: what they point at in networks that are understood, and in one that has learnt."""

import math
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.events import ignore, never
from covid_desktop.core.heatmap import peak
from covid_desktop.core.phantom import Opacity, draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.scan import scan
from covid_desktop.core.split import split
from covid_desktop.learning.architectures import LAST_CONVOLUTION, build
from covid_desktop.learning.classifier import Classifier
from covid_desktop.learning.gradcam import _evidence, heatmap_function
from covid_desktop.learning.training import train

Pixels = NDArray[np.uint8]
Map = NDArray[np.float32]
Noise = Callable[..., Pixels]
SIZE = 160
CELL = 16  # pixels
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


@pytest.mark.parametrize("architecture", ["small-cnn", "reference-cnn"])
@pytest.mark.parametrize("place", [(0.4, 0.4), (0.65, 0.4), (0.4, 0.7)])
def test_a_map_is_highest_where_the_picture_is(architecture: str, place: tuple[float, float]) -> None:
    """Within half a cell."""
    height, width, _ = SIZES[architecture]
    row, column = round(place[0] * height), round(place[1] * width)
    heatmap = heatmap_function(sees_brightness(architecture))
    found = peak(heatmap(with_spot(architecture, row, column), True))
    half_a_cell = {"small-cnn": 2, "reference-cnn": 1}[architecture]
    assert np.abs(np.subtract(found, (row, column))).max() <= half_a_cell + 1


@EACH
def test_a_map_has_the_pictures_size_and_goes_from_0_to_1(architecture: str, noise: Noise) -> None:
    model = random_head(network(architecture))
    heatmap = heatmap_function(model)
    for is_positive in (True, False):
        values = heatmap(noise(*SIZES[architecture]), is_positive)
        assert values.shape == SIZES[architecture][:2]
        assert values.dtype == np.float32
        assert values.min() >= 0
        assert values.max() == 1
        assert len(np.unique(values)) > 10


@pytest.mark.parametrize("architecture", ["small-cnn", "reference-cnn"])
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


def by_definition(model: keras.Model, layer: str, pixels: Pixels) -> tuple[Map, Map]:
    """What a layer found (rows, columns, features), and the score's gradient with respect to it."""
    both = keras.Model(model.input, [model.get_layer(layer).output, model.output])
    picture = tf.constant(pixels[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        found, score = both(picture, training=False)
    return found.numpy()[0], tape.gradient(score, found).numpy()[0]


@EACH
@pytest.mark.parametrize("is_positive", [True, False])
def test_the_cells_are_those_of_the_definition(architecture: str, is_positive: bool, noise: Noise) -> None:
    """A score's gradient is the logit's times a number, so they differ by a factor alone."""
    model, pixels = random_head(network(architecture)), noise(*SIZES[architecture])
    layer = "block_9_add" if architecture == "efficientnet-lite0" else LAST_CONVOLUTION
    found, gradient = by_definition(model, layer, pixels)
    if architecture == "efficientnet-lite0":
        found = found - found.mean(axis=(0, 1))
        found = found / np.linalg.norm(found, axis=-1, keepdims=True)
    weights = np.maximum(gradient if is_positive else -gradient, 0)
    expected = np.maximum((weights * found).sum(axis=-1), 0)
    cells = _evidence(model)(tf.constant(pixels), tf.constant(is_positive))
    np.testing.assert_allclose(cells / np.max(cells), expected / expected.max(), atol=1e-3)
    assert (expected / expected.max()).std() > 0.05


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


# --- a network that has learnt, on radiographs it never saw


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A radiograph as the model sees it, and where its opacities are, in its pixels."""

    pixels: Pixels
    opacities: tuple[Opacity, ...]

    def beyond(self, row: int, column: int) -> float:
        """How far a place is from the nearest opacity's edge, in pixels; negative inside."""
        return min(
            math.hypot(column - opacity.x, row - opacity.y) - opacity.radius for opacity in self.opacities
        )


def draw(seed: int, *, positive: bool) -> Case:
    phantom = draw_phantom(seed, positive=positive, size=SIZE)
    return Case(pixels=np.repeat(phantom.pixels[..., None], 3, axis=2), opacities=phantom.opacities)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """Trained on 60 radiographs of each class, and chosen by 15."""
    folder = tmp_path_factory.mktemp("learnt")
    for seed in range(150):
        name = ("Healthy", "COVID-19")[seed % 2]
        place = folder / "images" / ("train" if seed < 120 else "val") / name
        place.mkdir(parents=True, exist_ok=True)
        pixels = draw_phantom(seed, positive=name == "COVID-19", size=SIZE).pixels
        Image.fromarray(pixels).save(place / f"{seed}.png")
    config = TrainingConfig(image_size=SIZE, batch_size=16, augmentation=AUGMENTATIONS["none"])
    dataset = scan(folder / "images")
    return train(dataset, split(dataset), config, folder, ignore, never).classifier


@pytest.fixture(scope="module")
def true_positives(learnt: Classifier) -> list[Case]:
    cases = [draw(seed, positive=True) for seed in range(1000, 1055)]
    scores = learnt.scores(np.stack([case.pixels for case in cases]))
    return [case for case, score in zip(cases, scores, strict=True) if score >= 0.5]


def share_within(pixels: float, cases: list[Case], maps: list[Map]) -> float:
    """Of the maps that are highest at most so many pixels from an opacity."""
    found = [case.beyond(*peak(values)) for case, values in zip(cases, maps, strict=True)]
    return float(np.mean(np.array(found) <= pixels))


def likeness(some: list[Map], others: list[Map]) -> float:
    """The mean correlation of maps of the same pictures."""
    pairs = zip(some, others, strict=True)
    return float(np.mean([np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in pairs]))


def test_a_map_is_highest_in_an_opacity(learnt: Classifier, true_positives: list[Case]) -> None:
    maps = [learnt.heatmap(case.pixels) for case in true_positives]
    assert len(maps) >= 40
    assert share_within(CELL, true_positives, maps) >= 0.8
    assert share_within(0, true_positives, maps) >= 0.7


def test_maps_are_of_what_was_learnt(learnt: Classifier, true_positives: list[Case]) -> None:
    """The sanity check of Adebayo et al. 2018 (arXiv:1810.03292): with random weights they are others."""
    maps = [learnt.heatmap(case.pixels) for case in true_positives]
    assert likeness(maps, maps) == pytest.approx(1)
    head, everything = learnt.copy(learnt.card), learnt.copy(learnt.card)
    shuffle_weights(head.model, ["score"])
    shuffle_weights(everything.model, [layer.name for layer in everything.model.layers])
    for classifier in (head, everything):
        function = heatmap_function(classifier.model)
        others = [function(case.pixels, True) for case in true_positives]
        assert likeness(maps, others) < 0.7
        assert share_within(0, true_positives, others) < 0.5


def shuffle_weights(model: keras.Model, names: list[str]) -> None:
    """The same numbers, so that nothing but what they mean is lost."""
    rng = np.random.default_rng(0)
    for name in names:
        layer = model.get_layer(name)
        weights = layer.get_weights()
        layer.set_weights([rng.permutation(array.ravel()).reshape(array.shape) for array in weights])


def test_a_map_is_for_the_class_that_the_card_calls(learnt: Classifier, true_positives: list[Case]) -> None:
    pixels = true_positives[0].pixels
    function = heatmap_function(learnt.model)
    for threshold, is_positive in ((0.0, True), (1.0, False)):
        one = learnt.copy(replace(learnt.card, threshold=threshold))
        np.testing.assert_allclose(one.heatmap(pixels), function(pixels, is_positive), atol=1e-5)
    assert likeness([function(pixels, True)], [function(pixels, False)]) < 0.5


def test_drawing_maps_changes_nothing(learnt: Classifier, true_positives: list[Case], tmp_path: Path) -> None:
    pixels = np.stack([case.pixels for case in true_positives[:3]])
    before = learnt.scores(pixels)
    learnt.save(tmp_path / "before.keras")
    fresh = Classifier.load(tmp_path / "before.keras")
    maps = [fresh.heatmap(one) for one in pixels]
    np.testing.assert_array_equal(fresh.scores(pixels), before)
    fresh.save(tmp_path / "after.keras")
    files = [zipfile.ZipFile(tmp_path / name).read("config.json") for name in ("before.keras", "after.keras")]
    assert files[0] == files[1]
    np.testing.assert_allclose(maps, [learnt.heatmap(one) for one in pixels], atol=1e-5)
