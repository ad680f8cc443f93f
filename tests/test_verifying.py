"""A model is asked in every way: what differs or fails has a cross, and nothing is left behind."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from covid_desktop import another_process, jobs, verifying
from covid_desktop.core import fixed_set
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress
from covid_desktop.core.fixed_set import COUNT
from covid_desktop.core.image import read_image
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.verification import WAYS, Check, Verification
from covid_desktop.errors import ModelError, Stopped, UserError
from covid_desktop.verifying import verify_model

NAMES = [way.name for way in WAYS]
draw_once = cache(draw_phantom)


class FakeClassifier:
    """The score is the mean grey; the last of several images can be given ``bias`` more."""

    def __init__(self, bias: float = 0.0) -> None:
        self.bias = bias
        self.card = ModelCard(
            architecture="small-cnn",
            class_names=("Healthy", "COVID-19"),
            preprocessing=Preprocessing(width=16, height=16, channels=3),
            config=TrainingConfig(architecture="small-cnn"),
        )

    def scores(self, pixels: Any) -> Any:
        means = pixels.reshape(len(pixels), -1).mean(axis=1) / 255
        means[-1] += self.bias if len(pixels) > 1 else 0
        return means


@dataclass
class Places:
    """What a test changes about each way; the rest gives the model's own scores."""

    model: jobs.Model
    folder: Path
    file: Any
    exports: dict[str, Any]
    rows: Any = None
    batch: Any = None
    read: Any = None
    refused: str | None = None

    def predict(self, model: Any, images: Sequence[Path], *, anyway: bool = False, **_: Any) -> Any:
        assert anyway
        assert self.folder in images[0].parents
        if self.batch and len(images) > 1 and model is self.model:
            images = self.batch(images)
        return [self._one(model, path) for path in images]

    def _one(self, model: Any, path: Path) -> Prediction:
        if self.refused == path.suffix:
            return Prediction(path=path, label=None, score=None, threshold=0.5, error="Damaged.")
        pixels = (self.read or read_image)(path, model.card.preprocessing)
        score = float(model.classifier.scores(pixels[None])[0])
        return Prediction(path=path, label="Healthy", score=score, threshold=0.5)

    def load(self, path: Path) -> Any:
        assert path == self.model.path
        if isinstance(self.file, Exception):
            raise self.file
        return SimpleNamespace(classifier=self.file, card=self.file.card)

    def command(self, model: Path, files: Sequence[Path], should_stop: Any) -> list[dict[str, Any]]:
        if isinstance(self.rows, Exception):
            raise self.rows
        return [self._one(self.model, path).to_json() for path in files]

    def export(self, model: Any, target: Path, kind: str, *, emit: Any, should_stop: Any) -> Any:
        assert model is self.model
        assert target.parent.is_dir()
        target.write_text("exported")
        if isinstance(self.exports[kind], Exception):
            raise self.exports[kind]
        return SimpleNamespace(path=target, kind=kind, largest_difference=self.exports[kind])


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    classifier: Any = FakeClassifier()
    model = jobs.Model(path=tmp_path / "model.keras", classifier=classifier)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(fixed_set, "draw_phantom", draw_once)
    exports: dict[str, Any] = {way.export: 2e-7 for way in WAYS if way.export}
    made = Places(model=model, folder=temporary, file=FakeClassifier(), exports=exports)
    monkeypatch.setattr(jobs, "predict", made.predict)
    monkeypatch.setattr(jobs, "load_model", made.load)
    monkeypatch.setattr(jobs, "export_model", made.export, raising=False)
    monkeypatch.setattr(verifying, "predict_in_another_process", made.command)
    return made


def crosses(found: Verification) -> dict[str, str]:
    return {check.name: check.words for check in found.checks if not check.passed}


# --- the ways


def test_a_model_that_gives_the_same_scores_has_nine_ticks(places: Places) -> None:
    heard: list[Any] = []
    found = verify_model(places.model, emit=heard.append)
    assert found.passed
    assert [check.name for check in found.checks] == NAMES
    assert len(found.scores) == COUNT
    assert [one.stage for one in heard if isinstance(one, Progress)] == NAMES
    assert [one for one in heard if isinstance(one, Check)] == list(found.checks)
    assert [type(one) for one in heard] == [Progress, Check] * len(NAMES)
    assert {check.largest_difference for check in found.checks if check.is_export} == {2e-7}
    assert list(places.folder.iterdir()) == []


def test_a_classifier_whose_batch_differs_has_a_cross_there(places: Places) -> None:
    places.model.classifier.bias = 0.02  # type: ignore[attr-defined]
    found = verify_model(places.model)
    assert crosses(found) == {"Pixels": "Up to 2e-2 apart; 1e-5 is allowed."}
    assert found.refusal == (
        "The model gives different scores on this computer: pixels. Do not use its results."
    )


def test_images_in_another_order_have_a_cross(places: Places) -> None:
    places.batch = lambda images: images[::-1]
    assert list(crosses(verify_model(places.model))) == ["Batch"]


def test_a_reader_that_inverts_a_format_has_a_cross(places: Places) -> None:
    """Files are compared with the pixels that were drawn, so that it does not matter that all read alike."""

    def read(path: Path, preprocessing: Preprocessing) -> Any:
        pixels = read_image(path, preprocessing)
        return 255 - pixels if path.name.endswith("-inverted.dcm") else pixels

    places.read = read
    assert list(crosses(verify_model(places.model))) == ["Pixels"]


def test_a_file_with_other_weights_has_a_cross(places: Places) -> None:
    places.file.scores = lambda pixels: np.full(len(pixels), 0.5)
    assert list(crosses(verify_model(places.model))) == ["File"]


def test_a_score_that_is_no_number_is_no_score(places: Places) -> None:
    places.file.scores = lambda pixels: np.full(len(pixels), np.nan)
    assert crosses(verify_model(places.model)) == {"File": "It gives a score that is no number."}


def test_each_check_goes_on_when_others_fail(places: Places) -> None:
    """What is not a UserError is a cross too."""
    places.rows = ModelError("The command ended with status 1.", "There is no file.")
    places.file = RuntimeError("no\nweights")
    places.exports["keras"] = OSError("no room")
    places.exports["onnx"] = ModelError("The exported scores differ.")
    found = verify_model(places.model)
    assert crosses(found) == {
        "Command line": "The command ended with status 1. There is no file.",
        "File": "RuntimeError: no weights",
        "Keras export": "OSError: no room",
        "ONNX export": "The exported scores differ.",
    }
    assert found.refused_exports == ("Keras export", "ONNX export")
    assert "command line, file" in found.refusal
    assert list(places.folder.iterdir()) == []


def test_an_export_alone_does_not_refuse_the_model(places: Places) -> None:
    places.exports["litert"] = 0.01
    found = verify_model(places.model)
    assert crosses(found) == {"LiteRT export": "Up to 1e-2 apart; 1e-4 is allowed."}
    assert (found.passed, found.refusal) == (False, "")


def test_an_image_that_is_not_scored_is_named(places: Places) -> None:
    """Without the panel's scores there is nothing to compare with, but exports are tried all the same."""
    places.refused = ".tif"
    found = verify_model(places.model)
    failed = crosses(found)
    assert failed.pop("Panel") == "simulated-05.tif is not scored. Damaged."
    assert list(failed) == NAMES[1:5]
    assert set(failed.values()) == {"There is nothing to compare with: the panel gave no scores."}
    assert found.scores == ()
    assert "does not give its scores" in found.refusal


# --- ends


@pytest.mark.parametrize("name", [NAMES[0], NAMES[4], NAMES[-1]])
def test_a_stop_in_the_middle_ends_it_and_leaves_nothing(places: Places, name: str) -> None:
    heard: list[Any] = []
    with pytest.raises(Stopped):
        verify_model(
            places.model,
            emit=heard.append,
            should_stop=lambda: len(heard) >= 2 * NAMES.index(name),
        )
    assert [one.name for one in heard if isinstance(one, Check)] == NAMES[: NAMES.index(name)]
    assert list(places.folder.iterdir()) == []


def test_an_export_that_is_stopped_is_no_cross(places: Places) -> None:
    places.exports["litert"] = Stopped()
    with pytest.raises(Stopped):
        verify_model(places.model)
    assert list(places.folder.iterdir()) == []


def test_a_temporary_folder_that_cannot_be_made_or_filled_is_said(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(verifying, "write_fixed_set", full)
        with pytest.raises(UserError, match="cannot be written to the temporary folder"):
            verify_model(places.model)
    assert list(places.folder.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(places.folder / "none"))
    with pytest.raises(UserError, match="cannot be written to the temporary folder"):
        verify_model(places.model)


# --- the command, in a process of its own


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a few lines of Python in the program's place; ``asked()`` asks them about two files."""
    script = tmp_path / "program.py"
    monkeypatch.setattr(another_process, "program_command", lambda: [sys.executable, str(script)])
    files = [tmp_path / "a.png", tmp_path / "b.dcm"]

    def write(text: str) -> None:
        script.write_text(f"import json, sys\nfiles = sys.argv[3:-2]\n{text}\n", encoding="utf-8")

    def asked(should_stop: Any = lambda: False) -> list[dict[str, Any]]:
        return another_process.predict_in_another_process(tmp_path / "model.keras", files, should_stop)

    return SimpleNamespace(write=write, asked=asked, files=files)


def test_the_command_is_asked_for_the_scores_as_json(command: Any, tmp_path: Path) -> None:
    command.write("for file in files: print(json.dumps({'path': file, 'score': 0.5, 'said': sys.argv[1:]}))")
    rows = command.asked()
    assert [row["path"] for row in rows] == [str(file) for file in command.files]
    names = [str(file) for file in command.files]
    assert rows[0]["said"] == ["predict", str(tmp_path / "model.keras"), *names, "--anyway", "--json"]


def test_the_bundle_on_windows_has_a_program_for_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "covid-desktop.exe"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    assert another_process._console_command() == [str(program)]
    console = tmp_path / "covid-desktop-console.exe"
    console.write_bytes(b"")
    assert another_process._console_command() == [str(console)]


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("sys.exit('first\\nThere is no file model.keras.')", "status 1. There is no file model.keras."),
        ("sys.exit(2)", "The command ended with status 2."),
        ("print('Loading')", "something that is not JSON"),
        ("print(3)", "something that is not JSON"),
        ("print(json.dumps({'path': files[0]}))", "did not score the images that it was given"),
        ("for file in files[::-1]: print(json.dumps({'path': file}))", "did not score the images"),
    ],
)
def test_a_command_that_fails_says_how(command: Any, program: str, what: str) -> None:
    command.write(program)
    with pytest.raises(ModelError, match=what.replace(".", r"\.")):
        command.asked()


def test_a_program_that_is_not_there_says_so(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(another_process, "program_command", lambda: [str(tmp_path / "none")])
    with pytest.raises(ModelError, match="The command cannot be started"):
        command.asked()


def test_a_command_that_hangs_is_ended_at_a_stop_and_at_its_time_limit(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.write("import time; time.sleep(100)")
    monkeypatch.setattr(another_process, "_PATIENCE", 0.01)
    with pytest.raises(Stopped):
        command.asked(lambda: True)
    monkeypatch.setattr(another_process, "TIME_LIMIT", 0)
    with pytest.raises(ModelError, match="did not end within 0 seconds"):
        command.asked()


# --- all of it, with a network


def test_a_real_model_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its weights are drawn by lot, so that its scores are not all alike."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier
    from covid_desktop.learning.exporting import LARGEST_DIFFERENCE

    assert {way.export: way.limit for way in WAYS if way.export} == LARGEST_DIFFERENCE
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    network = build("small-cnn", config.preprocessing)
    random = np.random.default_rng(0)
    network.set_weights([one + random.normal(0, 0.1, one.shape) for one in network.get_weights()])
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
    )
    path = tmp_path / "model.keras"
    Classifier(network, card).save(path)
    found = verify_model(jobs.load_model(path))
    assert found.refusal == "", found.to_text()
    assert found.passed, found.to_text()
    assert found.caution == "", found.to_text()
    left = [one for one in tmp_path.iterdir() if "autograph" not in one.name]  # TensorFlow's, until its end
    assert left == [path]
