"""What a trained model remembers of its training images, in its file and out of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from covid_desktop.core.events import never
from covid_desktop.core.familiarity import MOST_KEPT, thumbnail_of
from covid_desktop.core.image import read_image
from covid_desktop.core.prediction import Prediction
from covid_desktop.learning.classifier import Classifier
from covid_desktop.scoring import score_each

EACH = pytest.mark.parametrize("architecture", ["small-cnn", "efficientnet-lite0"])
Runs = Callable[[str], Any]


def score(classifier: Classifier, images: list[Path]) -> list[Prediction]:
    return list(score_each(classifier, images, {}, False, never))


@EACH
def test_it_remembers_all_images_of_a_small_set_by_content(architecture: str, runs: Runs) -> None:
    classifier = runs(architecture).trained.classifier
    known = classifier.familiarity
    assert known is not None
    assert known.features.shape == (12, 1280)
    assert sorted(known.hashes) == classifier.card.data["training"]["sha256"]
    assert known.labels.sum() == 6
    assert known.thumbnails is None
    assert known.typical is not None
    assert known.is_grey


@EACH
def test_its_file_remembers_the_same(architecture: str, runs: Runs, data: Any, tmp_path: Path) -> None:
    classifier = runs(architecture).trained.classifier
    path = tmp_path / "model.keras"
    classifier.save(path)
    loaded = Classifier.load(path)
    assert loaded.familiarity is not None
    assert loaded.card.familiarity == classifier.card.familiarity
    before, after = (score(one, data.test_images) for one in (classifier, loaded))
    assert [one.refusal for one in before] == [one.refusal for one in after]
    np.testing.assert_allclose(loaded.familiarity.features, classifier.familiarity.features, atol=1e-3)


@EACH
def test_an_image_is_nearest_to_itself(architecture: str, runs: Runs, data: Any) -> None:
    """Training and prediction see the same features."""
    classifier = runs(architecture).trained.classifier
    known = classifier.familiarity
    for sample in data.split.training:
        (features,) = classifier.features(read_image(sample.path, classifier.checked_as)[None])
        nearest = known.similar(features, 1)[0]
        assert nearest.likeness == pytest.approx(1, abs=1e-4)
        assert nearest.label == sample.label


@EACH
def test_a_photograph_is_refused_and_validation_images_are_not(
    architecture: str, runs: Runs, data: Any, noise: Any, tmp_path: Path
) -> None:
    from PIL import Image

    classifier = runs(architecture).trained.classifier
    stranger = tmp_path / "noise.png"
    Image.fromarray(noise(64, 64, 3)).save(stranger)
    validation = [sample.path for sample in data.split.validation]
    *known, unknown = score(classifier, [*validation, stranger])
    assert all(prediction.score is not None for prediction in known)
    assert unknown.is_refused


def test_pictures_travel_with_the_model_only_when_wanted(
    start_run: Any, make_config: Any, store: Path, data: Any, tmp_path: Path
) -> None:
    config = make_config("efficientnet-lite0", epochs=1, keep_thumbnails=True)
    classifier = start_run(config, store).trained.classifier
    path = tmp_path / "model.keras"
    classifier.save(path)
    known = Classifier.load(path).familiarity
    assert known is not None
    assert known.thumbnails is not None
    assert known.thumbnails.shape == (12, 64, 64)
    sample = data.split.training[0]
    pixels = read_image(sample.path, classifier.card.preprocessing)
    assert any(np.array_equal(one, thumbnail_of(pixels)) for one in known.thumbnails)


def test_a_stop_while_it_remembers_leaves_a_model_that_remembers_nothing(
    start_run: Any, make_config: Any, tmp_path: Path
) -> None:
    stopping: list[bool] = []

    def hear(event: Any) -> None:
        if getattr(event, "stage", "") == "Scoring the validation images":
            stopping.append(True)

    run = start_run(make_config("small-cnn"), tmp_path, emit=hear, should_stop=lambda: bool(stopping))
    classifier = run.trained.classifier
    assert classifier.familiarity is None
    assert classifier.card.familiarity == {}
    path = tmp_path / "model.keras"
    classifier.save(path)
    assert Classifier.load(path).familiarity is None


def test_of_a_large_set_a_part_is_remembered(runs: Runs, data: Any, tmp_path: Path) -> None:
    from covid_desktop.core.config import TrainingConfig
    from covid_desktop.core.loading import Images
    from covid_desktop.learning.familiar import remembered

    count = MOST_KEPT + 50
    random = np.random.default_rng(0)
    images = Images(
        samples=tuple(replace(data.split.training[0], label=number % 2) for number in range(count)),
        pixels=random.integers(0, 256, (count, 32, 32, 3), np.uint8),
        hashes=tuple(f"{number:064x}" for number in range(count)),
    )
    features = random.random((count, 4), np.float32)
    known = remembered(
        images, images, (features, features), TrainingConfig(), tmp_path, lambda event: None, never
    )
    assert known is not None
    assert len(set(known.hashes)) == len(known.features) == MOST_KEPT
    assert all(int(image, 16) % 2 == label for image, label in zip(known.hashes, known.labels, strict=True))
