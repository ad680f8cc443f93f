"""Where a model looks in an image file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop import jobs
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress
from covid_desktop.core.heatmap import central_share
from covid_desktop.core.image import read_image
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.errors import ImageError, ModelError, Stopped


@pytest.fixture
def model(tmp_path: Path) -> jobs.Model:
    """A network with random weights, for wide pictures."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing.from_json({"width": 48, "height": 32, "channels": 1}),
        config=config,
    )
    return jobs.Model(
        path=tmp_path / "model.keras", classifier=Classifier(build("small-cnn", card.preprocessing), card)
    )


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.png"
    Image.fromarray(draw_phantom(0, positive=True, size=64).pixels).save(path)
    return path


def test_a_heatmap_comes_with_what_the_model_saw_and_said(model: jobs.Model, image: Path) -> None:
    events: list[object] = []
    heatmap = jobs.heatmap(model, image, emit=events.append)
    pixels = read_image(image, model.card.preprocessing)
    assert heatmap.path == image
    np.testing.assert_array_equal(heatmap.pixels, pixels)
    np.testing.assert_array_equal(heatmap.values, model.classifier.heatmap(pixels))
    assert (heatmap.pixels.shape, heatmap.values.shape) == ((32, 48, 1), (32, 48))
    assert heatmap.score == jobs.predict(model, [image])[0].score
    assert heatmap.central_share == central_share(heatmap.values)
    assert heatmap.central_share is not None
    assert events == [Progress(stage="Looking where the model looks")]


def test_an_image_is_scored_once(model: jobs.Model, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    look = model.classifier.look

    def counted(pixels: Any, checked: Any) -> Any:
        asked.append(len(pixels))
        return look(pixels, checked)

    monkeypatch.setattr(model.classifier, "look", counted)
    jobs.heatmap(model, image)
    assert asked == [1]


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_a_known_score_says_for_which_class_is_looked(model: jobs.Model, image: Path, score: float) -> None:
    classifier = model.classifier
    pixels = read_image(image, model.card.preprocessing)
    own = float(classifier.scores(pixels[None])[0])
    np.testing.assert_array_equal(classifier.heatmap(pixels, own), classifier.heatmap(pixels))
    classifier.card = replace(classifier.card, threshold=own if score else np.nextafter(own, 1))
    np.testing.assert_array_equal(classifier.heatmap(pixels, score), classifier.heatmap(pixels))


def test_a_model_that_has_learnt_nothing_looks_nowhere(model: jobs.Model, image: Path) -> None:
    model.classifier.model.set_weights([0 * weights for weights in model.classifier.model.get_weights()])
    heatmap = jobs.heatmap(model, image)
    assert heatmap.score == 0.5
    assert not heatmap.values.any()
    assert heatmap.central_share is None


def test_what_cannot_be_read_has_a_reason(model: jobs.Model, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="Cannot be opened: no such file or directory"):
        jobs.heatmap(model, tmp_path / "none.png")


def test_it_can_be_stopped(model: jobs.Model, image: Path) -> None:
    with pytest.raises(Stopped):
        jobs.heatmap(model, image, should_stop=lambda: True)


def test_weights_that_give_no_number_are_said(model: jobs.Model, image: Path) -> None:
    network = model.classifier.model
    network.set_weights([weights + np.nan for weights in network.get_weights()])
    with pytest.raises(ModelError, match="The model gives no number"):
        jobs.heatmap(model, image)
