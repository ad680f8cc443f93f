"""The job that exports a model: endings, what it says, and a folder of somebody else's."""

from pathlib import Path

import keras
import numpy as np
import pytest

from covid_desktop import jobs
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Event, Progress
from covid_desktop.core.export import FORMATS, ExportKind
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import UserError

EACH = pytest.mark.parametrize("kind", list(FORMATS))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> jobs.Model:
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    keras.utils.set_random_seed(0)
    preprocessing = Preprocessing(width=32, height=32, channels=1)
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=preprocessing,
        config=TrainingConfig(architecture="small-cnn").resolved(),
    )
    path = tmp_path_factory.mktemp("model") / "model.keras"
    classifier = Classifier(build("small-cnn", preprocessing), card)
    classifier.save(path)
    return jobs.Model(path=path, classifier=classifier)


@EACH
def test_an_export_gets_its_ending_and_says_how_it_goes(
    kind: ExportKind, model: jobs.Model, tmp_path: Path
) -> None:
    events: list[Event] = []
    done = jobs.export_model(model, tmp_path / "run.2", kind, emit=events.append)
    title = FORMATS[kind].title
    assert done.path == tmp_path / f"run.2{FORMATS[kind].ending}"
    assert done.path.exists()
    assert (done.kind, done.largest_difference) == (kind, pytest.approx(0, abs=1e-5))
    assert [event.stage for event in events if isinstance(event, Progress)] == [
        "Loading TensorFlow",
        f"Writing {title}",
        f"Checking {title}",
    ]


def test_all_formats_may_lie_in_one_folder(model: jobs.Model, tmp_path: Path) -> None:
    for kind in FORMATS:
        jobs.export_model(model, tmp_path / "model", kind)
    files = ("model.keras", "model.tflite", "model.onnx")
    beside = {f"{name}.{part}" for name in files for part in ("readme.txt", "card.json")}
    assert {path.name for path in tmp_path.iterdir()} == {"model", *files, *beside}


def test_the_keras_file_is_a_model_of_this_program(model: jobs.Model, tmp_path: Path) -> None:
    done = jobs.export_model(model, tmp_path / "copy", "keras")
    loaded = jobs.load_model(done.path)
    pixels = np.zeros((1, *model.card.preprocessing.shape), np.uint8)
    np.testing.assert_array_equal(loaded.classifier.scores(pixels), model.classifier.scores(pixels))
    assert loaded.card == model.card


def test_a_folder_of_somebody_else_is_left_alone(model: jobs.Model, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="holds other files"):
        jobs.export_model(model, tmp_path, "saved_model")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@EACH
def test_a_second_export_takes_the_place_of_the_first(
    kind: ExportKind, model: jobs.Model, tmp_path: Path
) -> None:
    before = {path for _ in range(2) for path in [jobs.export_model(model, tmp_path / "model", kind).path]}
    assert len(before) == 1
    assert len(list(tmp_path.iterdir())) == (3 if FORMATS[kind].ending else 1)


@EACH
def test_no_place_is_said(kind: ExportKind, model: jobs.Model, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be written"):
        jobs.export_model(model, tmp_path / "missing" / "model", kind)
