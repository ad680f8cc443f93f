"""The commands watch, export and verify: what they print, how they end, and with a real model."""

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from covid_desktop import cli, curation, jobs, verifying
from covid_desktop.core import watching
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import EpochEnded, Progress
from covid_desktop.core.export import FORMATS, Export
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.verification import WAYS, Verification, compared, failed
from covid_desktop.core.watching import WatchInterrupted
from covid_desktop.errors import Interrupted, ModelError, Stopped, UserError

SCORED = Prediction(path=Path("a.png"), label="COVID-19", score=0.75, threshold=0.5)
REFUSED = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, refusal="It is blank.")
Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: object) -> SimpleNamespace:
        status = cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run_command


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands for a model; ``path`` is None until it is loaded."""
    model = SimpleNamespace(path=None)

    def load(path: Path, **_: Any) -> SimpleNamespace:
        model.path = path
        return model

    monkeypatch.setattr(jobs, "load_model", load)
    return model


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    path = tmp_path_factory.mktemp("model") / "model.keras"
    Classifier(build("small-cnn", card.preprocessing), card).save(path)
    return path


# --- watch


@pytest.fixture
def watched(loaded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A watch that emits ``events``, with a Ctrl+C after the last; keeps what it was asked."""
    asked = SimpleNamespace(events=[SCORED, REFUSED], error=None)

    def watch(model: Any, folder: Path, *, include_existing: bool, emit: Any, should_stop: Any) -> None:
        assert model is loaded
        asked.folder, asked.existing = folder, include_existing
        for event in asked.events:
            assert not should_stop()
            emit(event)
        if asked.error:
            raise asked.error
        signal.raise_signal(signal.SIGINT)
        assert should_stop()

    monkeypatch.setattr(jobs, "watch", watch)
    return asked


def test_a_line_for_each_image_until_ctrl_c(run: Run, watched: SimpleNamespace, tmp_path: Path) -> None:
    handler = signal.getsignal(signal.SIGINT)
    outcome = run("watch", "m.keras", tmp_path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        RESEARCH_USE,
        "a.png: COVID-19, score 0.750 (threshold 0.5)",
        "b.png: not scored: not like the training images. It is blank.",
        "2 images: 1 COVID-19, 1 not like the training images.",
    ]
    assert (watched.folder, watched.existing) == (tmp_path, False)
    assert signal.getsignal(signal.SIGINT) == handler


def test_a_watch_as_json(run: Run, watched: SimpleNamespace, tmp_path: Path) -> None:
    watched.events = [Progress(stage="Watching"), *watched.events]
    outcome = run("watch", "m.keras", tmp_path, "--existing", "--json")
    assert (outcome.status, outcome.err, watched.existing) == (0, "", True)
    values = [json.loads(line) for line in outcome.out.splitlines()]
    assert values == [SCORED.to_json(), REFUSED.to_json()]


def test_a_folder_by_a_short_name_is_named_in_full(
    run: Run, watched: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("watch", "m.keras", ".")
    assert watched.folder == tmp_path


def test_each_interruption_is_told_once_on_stderr(run: Run, watched: SimpleNamespace, tmp_path: Path) -> None:
    progress = Progress(stage="Watching Exports")
    watched.events = [progress, WatchInterrupted(), progress, SCORED]
    outcome = run("watch", "m.keras", tmp_path, "--json")
    assert outcome.err == "The folder cannot be reached; it is tried again.\n"
    assert outcome.out.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("The disk is full.", "Free some space."), "The disk is full. Free some space.\n"),
        (KeyboardInterrupt(), "Stopped.\n"),
    ],
)
def test_what_ends_a_watch_before_its_time(
    run: Run, watched: SimpleNamespace, tmp_path: Path, error: BaseException, message: str
) -> None:
    """A second Ctrl+C is a KeyboardInterrupt."""
    watched.error = error
    outcome = run("watch", "m.keras", tmp_path)
    assert (outcome.status, outcome.err) == (1, message)


def test_a_real_model_watches_a_folder(
    run: Run, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C comes once the image has its result."""
    from covid_desktop.core import watch

    monkeypatch.setattr(watch, "STILL_SECONDS", 0.0)
    monkeypatch.setattr(watching, "_POLL_SECONDS", 0.0)
    predict = jobs.predict

    def predict_and_interrupt(*arguments: Any, **options: Any) -> Any:
        found = predict(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return found

    monkeypatch.setattr("covid_desktop.jobs.predicting.predict", predict_and_interrupt)
    folder = tmp_path / "exports"
    folder.mkdir()
    image = folder / "a.png"
    Image.fromarray(draw_phantom(1, positive=True, size=64).pixels).save(image)
    outcome = run("watch", real, folder, "--existing", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    (value,) = map(json.loads, outcome.out.splitlines())
    assert value["path"] == str(image)
    assert 0 < value["score"] < 1


# --- export


@pytest.fixture
def exported(loaded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An export that is ``off`` by so much; keeps what it was asked."""
    asked = SimpleNamespace(off=1.4e-7, target=None)

    def export(model: Any, target: Path, kind: Any, **_: Any) -> Export:
        asked.target, asked.kind = target, kind
        return Export(path=target.with_suffix(".done"), kind=kind, largest_difference=asked.off)

    monkeypatch.setattr(jobs, "export_model", export)
    return asked


@pytest.mark.parametrize("kind", list(FORMATS))
@pytest.mark.parametrize(("off", "words"), [(1.4e-7, "2e-7"), (0.0, "none")])
def test_an_export_says_where_it_is_and_how_far_off(
    run: Run, exported: SimpleNamespace, tmp_path: Path, kind: str, off: float, words: str
) -> None:
    exported.off = off
    outcome = run("export", "m.keras", tmp_path / "model", "--format", kind)
    assert (outcome.status, outcome.err) == (0, "")
    assert (exported.target, exported.kind) == (tmp_path / "model", kind)
    assert outcome.out.splitlines() == [
        f"{FORMATS[kind].title}: {tmp_path / 'model.done'}",  # type: ignore[index]
        f"Largest difference from the model's scores: {words}",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("onnx", "folder", "folder is a folder, and ONNX is a file. Name a file."),
        ("keras", ".", ". is a folder, and Keras is a file. Name a file."),
        ("saved_model", "file", "file is a file, and TensorFlow SavedModel is a folder. Name a folder."),
    ],
)
def test_a_target_of_the_wrong_kind(
    run: Run,
    exported: SimpleNamespace,
    loaded: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    name: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").write_text("")
    outcome = run("export", "m.keras", name, "--format", kind)
    assert (outcome.status, outcome.out, outcome.err) == (2, "", f"{message}\n")
    assert (exported.target, loaded.path) == (None, None)


def test_a_real_model_is_exported(run: Run, real: Path, tmp_path: Path) -> None:
    outcome = run("export", real, tmp_path / "model", "--format", "litert")
    assert (outcome.status, outcome.err) == (0, "")
    where, off = outcome.out.splitlines()
    assert where == f"LiteRT: {tmp_path / 'model.tflite'}"
    assert off.startswith("Largest difference from the model's scores: ")
    assert (tmp_path / "model.tflite").stat().st_size > 1000


def test_scores_that_differ_are_a_sentence(
    run: Run, loaded: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(*_: Any, **__: Any) -> None:
        raise ModelError("The model gives other scores as ONNX.", "Choose another format.")

    monkeypatch.setattr(jobs, "export_model", export)
    outcome = run("export", "m.keras", tmp_path / "model", "--format", "onnx")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "The model gives other scores as ONNX. Choose another format.\n"


# --- verify


SAME = Verification(checks=tuple(compared(way, 2e-7) for way in WAYS), scores=(0.25, 0.75))


@pytest.fixture
def verified(loaded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A verification that finds what is ``found``."""
    given = SimpleNamespace(found=SAME)

    def verify(model: Any, *, emit: Any, **_: Any) -> Verification:
        assert model is loaded
        for check in given.found.checks:
            emit(Progress(stage=check.name))
            emit(check)
        return given.found  # type: ignore[no-any-return]

    monkeypatch.setattr(verifying, "verify_model", verify)
    return given


def test_a_model_that_gives_the_same_scores(run: Run, verified: SimpleNamespace) -> None:
    outcome = run("verify", "m.keras")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        *(f"{way.name}: same. At most 2e-7 apart." for way in WAYS),
        "The model gives the same scores in all nine ways.",
    ]


def test_a_model_that_does_not(run: Run, verified: SimpleNamespace) -> None:
    first, second, *others = SAME.checks
    pixels, command = WAYS[2], WAYS[3]
    verified.found = replace(
        SAME, checks=(first, second, compared(pixels, 0.25), failed(command, "It failed."), *others[2:])
    )
    outcome = run("verify", "m.keras")
    assert (outcome.status, outcome.err) == (1, "")
    lines = outcome.out.splitlines()
    assert lines[2] == "Pixels: NOT THE SAME. Up to 3e-1 apart; 1e-5 is allowed."
    assert lines[3] == "Command line: NOT THE SAME. It failed."
    assert lines[-1] == (
        "The model gives different scores on this computer: pixels, command line. Do not use its results."
    )


def test_a_caution_comes_last(run: Run, verified: SimpleNamespace) -> None:
    verified.found = replace(SAME, scores=(0.5, 0.5))
    outcome = run("verify", "m.keras")
    assert outcome.status == 0
    assert outcome.out.splitlines()[-1].endswith("so that this check says little.")


@pytest.mark.parametrize("passed", [True, False])
def test_a_verification_as_json(run: Run, verified: SimpleNamespace, passed: bool) -> None:
    if not passed:
        verified.found = replace(SAME, checks=(*SAME.checks[:-1], failed(WAYS[-1], "It failed.")))
    outcome = run("verify", "m.keras", "--json")
    assert (outcome.status, outcome.err, outcome.out.count("\n")) == (0 if passed else 1, "", 1)
    values = json.loads(outcome.out)
    assert set(values) == {"model", "passed", "sentence", "caution", "checks", "scores"}
    assert (values["model"], values["passed"]) == ("m.keras", passed)
    assert values["scores"] == [0.25, 0.75]
    assert [check["name"] for check in values["checks"]] == [way.name for way in WAYS]
    last = values["checks"][-1]
    assert (last["passed"], last["largest_difference"]) == (passed, 2e-7 if passed else None)


def test_a_verification_that_is_stopped(
    run: Run, loaded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(*_: Any, **__: Any) -> None:
        raise Stopped

    monkeypatch.setattr(verifying, "verify_model", verify)
    outcome = run("verify", "m.keras")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "Stopped.\n")


# --- train --resume


def test_train_without_data_asks_for_it(run: Run, tmp_path: Path) -> None:
    told = run("train", "--out", tmp_path / "model.keras")
    assert told.status == 2
    assert "DATA is needed, unless a run is resumed." in told.err


def test_resume_without_an_interrupted_run_says_so(run: Run, tmp_path: Path) -> None:
    told = run("train", "--out", tmp_path / "model.keras", "--resume")
    assert told.status == 1
    assert "No run of model.keras was interrupted." in told.err


def test_an_interrupted_run_goes_on_with_its_own_data_and_settings(run: Run, tmp_path: Path) -> None:
    for number, name in enumerate(("Healthy", "COVID-19") * 5):
        (tmp_path / "images" / name).mkdir(parents=True, exist_ok=True)
        pixels = draw_phantom(number, positive=name == "COVID-19", size=40).pixels
        Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number}.png")
    ended: list[int] = []

    def hear(event: object) -> None:
        if isinstance(event, EpochEnded):
            ended.append(event.epoch)

    def interrupted() -> bool:
        if ended:
            raise Interrupted
        return False

    model = tmp_path / "model.keras"
    config = TrainingConfig(architecture="small-cnn", image_size=32, epochs=3, batch_size=4)
    with pytest.raises(Stopped):
        jobs.train(
            curation.open_dataset(tmp_path / "images"), config, model, emit=hear, should_stop=interrupted
        )
    assert not model.exists()
    told = run("train", "--out", model, "--resume", "--json")
    assert told.status == 0, told.err
    assert "interrupted after epoch 1 of 3" in told.err
    summary = json.loads(told.out)
    assert summary["epochs"] == 3
    assert summary["folder"] == str(tmp_path / "images")
    assert jobs.unfinished_run(model) is None
