"""The images of a report, with where the model looked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covid_desktop import jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Event, Progress
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import NOT_REVIEWED
from covid_desktop.errors import Stopped

TURNED = Adjustment(quarter_turns=1, is_inverted=True)


@pytest.fixture(scope="module")
def model() -> jobs.Model:
    """A network with random weights."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
    )
    return jobs.Model(
        path=Path("model.keras"), classifier=Classifier(build("small-cnn", card.preprocessing), card)
    )


@pytest.fixture
def healthy(tmp_path: Path) -> Prediction:
    path = tmp_path / "image.png"
    Image.fromarray(draw_phantom(0, positive=True, size=64).pixels).save(path)
    return Prediction(path=path, label="Healthy", score=0.2, threshold=0.5)


def test_an_image_comes_with_what_the_model_saw_and_where_it_looked(
    model: jobs.Model, healthy: Prediction
) -> None:
    (image,) = jobs.explained(model, [healthy])
    found = jobs.heatmap(model, healthy.path)
    assert (image.name, image.prediction, image.review) == ("image.png", healthy, NOT_REVIEWED)
    assert image.pixels is not None
    assert image.heatmap is not None
    np.testing.assert_array_equal(image.pixels, found.pixels)
    np.testing.assert_array_equal(image.heatmap, found.values)
    assert image.central_share == found.central_share


def test_an_image_is_seen_as_it_was_scored(model: jobs.Model, healthy: Prediction) -> None:
    (turned,) = jobs.explained(model, [replace(healthy, adjustment=TURNED)])
    found = jobs.heatmap(model, healthy.path, TURNED)
    assert turned.pixels is not None
    assert turned.heatmap is not None
    np.testing.assert_array_equal(turned.pixels, found.pixels)
    np.testing.assert_array_equal(turned.heatmap, found.values)
    assert not np.array_equal(turned.pixels, jobs.heatmap(model, healthy.path).pixels)


def test_what_was_not_scored_has_no_heatmap(model: jobs.Model, healthy: Prediction) -> None:
    refused = replace(healthy, label=None, score=None, refusal="It is blank.")
    unreadable = replace(healthy, label=None, score=None, error="Empty file.")
    images = jobs.explained(model, [refused, unreadable])
    assert [image.pixels is None for image in images] == [False, True]
    assert [image.heatmap for image in images] == [None, None]


def test_what_is_gone_has_its_result_alone(model: jobs.Model, healthy: Prediction, tmp_path: Path) -> None:
    gone = replace(healthy, path=tmp_path / "gone.png")
    images = jobs.explained(model, [gone, healthy])
    assert [image.pixels is None for image in images] == [True, False]
    assert images[0].prediction == gone


def test_the_chosen_ones_have_pictures_and_all_keep_their_order(
    model: jobs.Model, healthy: Prediction, tmp_path: Path
) -> None:
    others = [replace(healthy, path=tmp_path / f"{number}.png", label="COVID-19") for number in range(3)]
    predictions = [*others, healthy]
    images = jobs.explained(model, predictions, chosen={healthy.path})
    assert [image.prediction for image in images] == predictions
    assert [image.pixels is None for image in images] == [True, True, True, False]


def test_at_most_24_are_looked_at(model: jobs.Model, healthy: Prediction) -> None:
    refused = replace(healthy, label=None, score=None, refusal="It is blank.")
    events: list[Event] = []
    images = jobs.explained(model, [refused] * 30, emit=events.append)
    assert sum(image.pixels is not None for image in images) == 24
    stage = "Looking where the model looks"
    assert events == [Progress(stage=stage, done=done, total=24) for done in range(24)]


def test_it_can_be_stopped(model: jobs.Model, healthy: Prediction) -> None:
    with pytest.raises(Stopped):
        jobs.explained(model, [healthy], should_stop=lambda: True)
