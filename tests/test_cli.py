"""The command line: arguments, exit statuses, JSON on stdout alone, errors in a sentence on stderr."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from covid_desktop import __version__, cli, curation, jobs, paths
from covid_desktop.__main__ import COMMANDS
from covid_desktop.core import phantom
from covid_desktop.core.audit import SIGHT_NAMES, Area, ShortcutAudit
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.dataset import Dataset, SkippedFile
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import (
    BatchEnded,
    EpochEnded,
    FilesSkipped,
    Progress,
    TrainingEnded,
    TrainingStarted,
)
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import INDETERMINATE, RESEARCH_USE, Prediction
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError, ModelError, Stopped, UserError
from covid_desktop.progress import ProgressLine

EVALUATION = Evaluation(labels=(0, 0, 1, 1), scores=(0.1, 0.6, 0.7, 0.9), threshold=0.5)
AUDIT = ShortcutAudit(
    verdict="red",
    sentence="The classes can be told apart without the lungs.",
    fix="Do not trust it.",
    areas={
        sight: Area(auroc=0.9 - number / 100, low=0.8, high=0.95, n=10)
        for number, sight in enumerate(SIGHT_NAMES)
        if sight != "trained-model"
    },
    n=10,
    total=12,
    validation={},
)
EVENTS = (
    Progress(stage="Loading TensorFlow"),
    TrainingStarted(epochs=1, batches=1, training=8, validation=2, learning_rate=0.001),
    EpochEnded(
        epoch=1,
        loss=0.5,
        accuracy=0.5,
        auroc=0.5,
        val_loss=0.25,
        val_accuracy=0.75,
        val_auroc=1.0,
        learning_rate=0.001,
        seconds=1.0,
    ),
    TrainingEnded(reason="finished"),
)
Run = Callable[..., "Outcome"]
Outcome = SimpleNamespace


class FakeJobs:
    """In place of the jobs that need TensorFlow; keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained: SimpleNamespace | None = None
        self.subset: str | None = "not asked"
        self.error: BaseException | None = None
        self.audited: OpenedDataset | None = None
        self.found: ShortcutAudit | None = None
        self.evaluation = EVALUATION
        self.card: ModelCard | None = None
        for name in ("train", "load_model", "predict", "judge_images", "audit"):
            monkeypatch.setattr(jobs, name, getattr(self, name))

    def train(self, opened: Any, config: TrainingConfig, path: Path, *, emit: Any, **_: Any) -> Any:
        self._fail()
        self.trained = SimpleNamespace(opened=opened, config=config, path=path)
        history = TrainingHistory()
        for event in EVENTS:
            history = history.with_event(event)
            emit(event)
        model = SimpleNamespace(path=path)
        told = {"evaluation": EVALUATION, "model": model, "seconds": 12.345, "audit": self.found}
        return SimpleNamespace(history=history, **told)

    def audit(self, opened: OpenedDataset, *, emit: Any, **_: Any) -> ShortcutAudit:
        self._fail()
        emit(Progress(stage="Telling the classes apart"))
        self.audited = opened
        return AUDIT

    def load_model(self, path: Path, *, emit: Any, **_: Any) -> Any:
        self._fail()
        emit(Progress(stage="Loading the model"))
        classifier: Any = SimpleNamespace(card=self.card)
        return jobs.Model(path=path, classifier=classifier)

    def predict(self, model: Any, images: list[Path], *, emit: Any, **_: Any) -> list[Prediction]:
        predictions = [predicted(path) for path in images]
        for prediction in predictions:
            emit(prediction)
        return predictions

    def judge_images(self, model: Any, dataset: Dataset, subset: Any, **_: Any) -> Judgement:
        self.subset = subset
        known = self.evaluation.n if subset == "validation" else 0
        return Judgement(
            folder=dataset.folder, subset=subset, evaluation=self.evaluation, in_validation=known
        )

    def _fail(self) -> None:
        if self.error:
            raise self.error


def predicted(path: Path) -> Prediction:
    if path.suffix != ".png":
        return Prediction(path=path, label=None, score=None, threshold=0.5, error="Not an image.")
    return Prediction(path=path, label="COVID-19", score=0.75, threshold=0.5)


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    return FakeJobs(monkeypatch)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: object) -> Outcome:
        try:
            status: object = cli.main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            status = leaving.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return SimpleNamespace(status=status, out=out, err=err)

    return run_command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Five images of each class."""
    folder = tmp_path / "data"
    for name in ("COVID-19", "Healthy"):
        (folder / name).mkdir(parents=True)
        for number in range(5):
            (folder / name / f"{number}.png").write_bytes(drawn(number, name == "COVID-19"))
    return folder


@cache
def drawn(seed: int, positive: bool) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_phantom(seed, positive=positive, size=32).pixels).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["check"],
        ["train", "DATA"],
        ["train", "DATA", "--out", "."],
        ["train", "DATA", "--out", ""],
        ["train", "DATA", "--out", "DATA"],
        ["train", "DATA", "--out", "nowhere/model.keras"],
        ["train", "DATA", "--out", "model.keras", "--epochs", "many"],
        ["train", "DATA", "--out", "model.keras", "--architecture", "alexnet"],
        ["train", "DATA", "--out", "model.keras", "--augmentation", "wild"],
        ["evaluate", "model.keras"],
        ["evaluate", "model.keras", "DATA", "--set", "dev"],
        ["evaluate", "model.keras", "DATA", "--threshold-preset", "best"],
        ["evaluate", "model.keras", "DATA", "--report", "report.docx"],
        ["evaluate", "model.keras", "DATA", "--report", "nowhere/report.pdf"],
        ["evaluate", "model.keras", "DATA", "--report", "DATA"],
        ["predict", "model.keras"],
        ["predict", "model.keras", "DATA", "--csv", "nowhere/results.csv"],
        ["predict", "model.keras", "DATA", "--csv", "DATA"],
        ["predict", "model.keras", "DATA", "--turn", "round"],
        ["predict", "model.keras", "DATA", "--report", "report.md"],
        ["predict", "model.keras", "DATA", "--dicom", "nowhere/results"],
        ["predict", "model.keras", "DATA", "--dicom", "DATA/Healthy/0.png"],
        ["watch", "model.keras"],
        ["watch", "model.keras", "nowhere"],
        ["watch", "model.keras", "DATA/Healthy/0.png"],
        ["export", "model.keras", "exported"],
        ["export", "model.keras", "exported", "--format", "docx"],
        ["export", "model.keras", "nowhere/exported", "--format", "onnx"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeJobs, arguments: list[str]
) -> None:
    monkeypatch.chdir(data.parent)
    outcome = run(*(argument.replace("DATA", "data") for argument in arguments))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("usage: covid-desktop")
    assert fake.trained is None


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--epochs", "0", "Epochs must be from 1 to 1000, not 0."),
        ("--patience", "1", "Patience must be from 2 to 100, not 1."),
        ("--learning-rate", "nan", "Learning rate must be from 1e-06 to 1, not nan."),
        ("--batch-size", "0", "Batch size must be from 1 to 512, not 0."),
        ("--image-size", "5000", "Image size must be from 32 to 512, not 5000."),
        ("--seed", "-1", "Seed must be from 0 to "),
    ],
)
def test_a_setting_beyond_its_limits(
    run: Run, data: Path, fake: FakeJobs, option: str, value: str, message: str
) -> None:
    outcome = run("train", data, "--out", data.parent / "model.keras", option, value)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1
    assert fake.trained is None


def test_a_place_without_permission_is_found_out_before_the_training(
    run: Run, data: Path, fake: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != data.parent)
    outcome = run("train", data, "--out", data.parent / "model.keras")
    assert (outcome.status, fake.trained) == (2, None)
    assert "cannot be written" in outcome.err


def test_version_and_help(run: Run) -> None:
    outcome = run("--version")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == f"covid-desktop {__version__}"
    assert "\nNumPy " in outcome.out
    outcome = run("--help")
    assert outcome.status == 0
    assert RESEARCH_USE in outcome.out
    for command in COMMANDS:
        assert f"\n    {command}" in outcome.out


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(run: Run, command: str) -> None:
    outcome = run(command, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"usage: covid-desktop {command} ")
    assert outcome.out.split("\n\n")[1].strip().endswith(".")


def test_the_commands_are_those_that_open_no_window() -> None:
    (commands,) = (action for action in cli._parser()._actions if action.choices)
    assert set(commands.choices or ()) == COMMANDS


def test_who_keeps_thumbnails_is_told_what_they_are(run: Run) -> None:
    assert "they are patients' pictures" in " ".join(run("train", "--help").out.split())


# --- check


def test_check(run: Run, data: Path) -> None:
    (data / "notes.txt").write_text("About the data.")
    outcome = run("check", data)
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[:5] == [
        f"{data}: 10 images, positive class COVID-19",
        "  training: Healthy 4, COVID-19 4",
        "  validation: Healthy 1, COVID-19 1",
        "  test: Healthy 0, COVID-19 0",
        "",
    ]
    assert "    notes.txt: Not in a class folder." in lines
    assert "WARNING: 10 images are too small to mean anything." in lines
    assert "AUDIT" not in outcome.out


def test_check_as_json(run: Run, data: Path) -> None:
    broken = data / "Healthy" / "broken.png"
    broken.write_bytes((data / "Healthy" / "0.png").read_bytes()[:-300])
    outcome = run("check", data, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    values = json.loads(outcome.out)
    assert (values["classes"], values["positive"]) == (["Healthy", "COVID-19"], "COVID-19")
    assert values["images"] == 10
    assert values["counts"]["training"] == {"Healthy": 4, "COVID-19": 4}
    assert [file["path"] for file in values["skipped"]] == [str(broken)]
    assert not {"verdict", "areas"} & set(values)


def test_a_second_check_says_the_same(run: Run, data: Path) -> None:
    assert run("check", data, "--json").out == run("check", data, "--json").out


def test_check_with_an_audit_as_json(run: Run, data: Path, fake: FakeJobs) -> None:
    outcome = run("check", data, "--audit", "--json")
    assert (outcome.status, outcome.err, outcome.out.count("\n")) == (0, "", 1)
    values = json.loads(outcome.out)
    assert values.items() >= AUDIT.to_json().items()
    assert values["verdict"] == "red"
    assert values["areas"]["file-properties"] == {"auroc": 0.9, "low": 0.8, "high": 0.95, "n": 10}
    assert values.items() >= json.loads(run("check", data, "--json").out).items()
    assert fake.audited is not None
    assert len(fake.audited.split.training) == 8


def test_check_with_an_audit_in_words(run: Run, data: Path) -> None:
    outcome = run("check", data, "--audit")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert "SHORTCUT AUDIT: red. The classes can be told apart without the lungs." in lines
    assert lines[-5].split() == ["File", "properties", "only", "0.90", "(0.80", "to", "0.95)"]


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_what_was_found_is_said_before_an_audit_that_cannot_be_made(
    run: Run, data: Path, fake: FakeJobs, json_too: list[str]
) -> None:
    fake.error = DatasetError("A class has too few images.", "Add images.")
    outcome = run("check", data, "--audit", *json_too)
    assert outcome.status == 1
    assert outcome.out == run("check", data, *json_too).out != ""
    assert outcome.err == "A class has too few images. Add images.\n"


@pytest.mark.parametrize("options", [[], ["--audit"], ["--set-test-aside"], ["--patients", "{patient}_*"]])
@pytest.mark.parametrize("kind", ["one class", "no image", "a file", "damaged decisions"])
def test_a_folder_that_cannot_be_checked(
    run: Run, data: Path, fake: FakeJobs, kind: str, options: list[str]
) -> None:
    folder = data
    match kind:
        case "one class":
            (data / "Healthy").rename(data.parent / "elsewhere")
        case "no image":
            for path in data.rglob("*.png"):
                path.write_text("no image")
        case "a file":
            folder = data / "Healthy" / "0.png"
        case "damaged decisions":
            (data / DECISIONS_FILE).write_text("{")
    outcome = run("check", folder, *options, "--json")
    assert (outcome.status, outcome.out, fake.audited) == (1, "", None)
    assert outcome.err.count("\n") == 1
    assert outcome.err.endswith(".\n")


# --- patients and the locked test set


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """Six patients in each class, with two images of each, named by patient and visit."""
    folder = tmp_path / "visits"
    for name in ("COVID-19", "Healthy"):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            path = folder / name / f"{name[0]}{number // 2}_{number % 2}.png"
            path.write_bytes(drawn(number, name == "COVID-19"))
    return folder


def test_patients_by_a_pattern_are_kept_beside_the_data(run: Run, visits: Path) -> None:
    before = json.loads(run("check", visits, "--json").out)
    assert before["patients"] == {"from": "", "count": 0}
    named = json.loads(run("check", visits, "--patients", "{patient}_*", "--json").out)
    assert named["patients"] == {"from": "file names", "count": 12}
    assert "patient-leak" not in [finding["kind"] for finding in named["findings"]]
    assert "  patients: 12, from file names" in run("check", visits).out.splitlines()
    split = curation.open_dataset(visits).split
    training, validation = (
        {sample.patient for sample in part} for part in (split.training, split.validation)
    )
    assert not training & validation
    assert len(training | validation) == 12
    forgotten = json.loads(run("check", visits, "--patients", "", "--json").out)
    assert forgotten["patients"] == {"from": "", "count": 0}


@pytest.mark.parametrize("command", ["check", "train"])
def test_a_pattern_that_names_no_patient(run: Run, visits: Path, fake: FakeJobs, command: str) -> None:
    out = ["--out", visits.parent / "model.keras"] if command == "train" else []
    outcome = run(command, visits, *out, "--patients", "*_*")
    assert (outcome.status, outcome.out, fake.trained) == (1, "", None)
    assert outcome.err.startswith("The pattern must have {patient} once.")
    assert outcome.err.count("\n") == 1
    assert not (visits / DECISIONS_FILE).exists()


def test_train_takes_a_pattern_too(run: Run, visits: Path, fake: FakeJobs) -> None:
    assert run("train", visits, "--out", visits.parent / "m", "--patients", "{patient}_*").status == 0
    assert fake.trained is not None
    assert {sample.patient for sample in fake.trained.opened.dataset.samples} == {
        f"{letter}{number}" for letter in "CH" for number in range(6)
    }


def test_a_test_set_is_set_aside_once(run: Run, visits: Path) -> None:
    run("check", visits, "--patients", "{patient}_*")
    first = json.loads(run("check", visits, "--set-test-aside", "--json").out)
    assert [sum(counts.values()) for counts in first["counts"].values()] == [16, 4, 4]
    assert all(first["counts"]["test"].values())
    assert "patient-leak" not in [finding["kind"] for finding in first["findings"]]
    sets = curation.open_dataset(visits).decisions.sets
    assert json.loads(run("check", visits, "--set-test-aside", "--json").out) == first
    assert curation.open_dataset(visits).decisions.sets == sets


def test_a_given_test_set_is_left_as_it_is(run: Run, sets: Path) -> None:
    before = json.loads(run("check", sets, "--json").out)["counts"]
    assert json.loads(run("check", sets, "--set-test-aside", "--json").out)["counts"] == before


def test_too_few_images_for_a_test_set(run: Run, data: Path) -> None:
    for number in (2, 3, 4):
        (data / "Healthy" / f"{number}.png").unlink()
    outcome = run("check", data, "--set-test-aside")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("A class has too few images or patients to be divided.")


def test_evaluate_takes_the_test_set_that_was_set_aside(run: Run, visits: Path, fake: FakeJobs) -> None:
    run("check", visits, "--set-test-aside")
    outcome = run("evaluate", "model.keras", visits, "--json")
    assert (outcome.status, fake.subset) == (0, "test")
    assert json.loads(outcome.out)["set"] == "test"


@pytest.mark.parametrize("command", ["check", "train", "evaluate"])
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_a_folder_that_is_not_there(run: Run, tmp_path: Path, command: str, json_too: list[str]) -> None:
    place = tmp_path / "nowhere"
    arguments: dict[str, list[object]] = {
        "check": [place],
        "train": [place, "--out", tmp_path / "model.keras"],
        "evaluate": ["model.keras", place],
    }
    outcome = run(command, *arguments[command], *json_too)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"The folder {place} does not exist. Choose another folder.\n"


# --- train


def test_train(run: Run, data: Path, fake: FakeJobs) -> None:
    path = data.parent / "model.keras"
    outcome = run("train", data, "--out", path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "Finished 1 epoch. Kept: epoch 1, validation loss 0.250, accuracy 0.750.",
        "Validation: 4 images, accuracy 0.750, sensitivity 1.000, specificity 0.500, auroc 1.000",
        f"12 s. Model: {path}",
    ]
    assert fake.trained is not None
    assert (fake.trained.path, fake.trained.config) == (path, TrainingConfig())
    assert len(fake.trained.opened.split.training) == 8


def test_train_tells_the_verdict_of_its_audit(run: Run, data: Path, fake: FakeJobs) -> None:
    fake.found = AUDIT
    path = data.parent / "model.keras"
    assert run("train", data, "--out", path).out.splitlines()[-2:] == [
        "Shortcut audit: red. The classes can be told apart without the lungs.",
        f"12 s. Model: {path}",
    ]
    assert json.loads(run("train", data, "--out", path, "--json").out)["audit"] == "red"
    fake.found = None
    assert json.loads(run("train", data, "--out", path, "--json").out)["audit"] is None


def test_ctrl_c_stops_the_run_and_keeps_its_best(
    run: Run, data: Path, fake: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = signal.getsignal(signal.SIGINT)
    asked = []

    def train(*arguments: Any, should_stop: Callable[[], bool], **options: Any) -> Any:
        asked.append(should_stop())
        signal.raise_signal(signal.SIGINT)
        asked.append(should_stop())
        return fake.train(*arguments, **options)

    monkeypatch.setattr(jobs, "train", train)
    outcome = run("train", data, "--out", data.parent / "model.keras")
    assert (outcome.status, asked) == (0, [False, True])
    assert "Kept: epoch 1" in outcome.out
    assert signal.getsignal(signal.SIGINT) == handler


def test_train_as_json(run: Run, data: Path) -> None:
    path = data.parent / "model.keras"
    outcome = run("train", data, "--out", path, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    values = json.loads(outcome.out)
    assert outcome.out.count("\n") == 1
    wanted = {"model": str(path), "epochs": 1, "best_epoch": 1, "seconds": 12.35, "n": 4, "accuracy": 0.75}
    assert values.items() >= wanted.items()


def test_every_option_reaches_the_training(run: Run, data: Path, fake: FakeJobs) -> None:
    options = "--architecture small-cnn --epochs 3 --batch-size 4 --image-size 64 --learning-rate 0.01"
    more = "--patience 5 --seed 7 --augmentation notebook --positive healthy --keep-thumbnails"
    outcome = run("train", data, "--out", data.parent / "m", *options.split(), *more.split())
    assert outcome.status == 0
    assert fake.trained is not None
    assert fake.trained.config == TrainingConfig(
        architecture="small-cnn",
        epochs=3,
        batch_size=4,
        image_size=64,
        learning_rate=0.01,
        patience=5,
        seed=7,
        augmentation=AUGMENTATIONS["notebook"],
        keep_thumbnails=True,
    )
    opened = fake.trained.opened
    assert opened.dataset.class_names == ("COVID-19", "Healthy")
    assert opened.split == curation.open_dataset(data, seed=7).split
    for sample in opened.split.training:
        assert sample.label == int(sample.path.parent.name == "Healthy")


@pytest.mark.parametrize(
    ("given", "written"),
    [("m.keras", "m.keras"), ("m", "m.keras"), ("run.v1.2", "run.v1.2.keras"), ("m.h5", "m.h5.keras")],
)
def test_a_model_keeps_the_name_it_was_given(
    run: Run, data: Path, fake: FakeJobs, given: str, written: str
) -> None:
    assert run("train", data, "--out", data.parent / given).status == 0
    assert fake.trained is not None
    assert fake.trained.path == data.parent / written


def test_a_positive_class_that_is_not_there(run: Run, data: Path, fake: FakeJobs) -> None:
    outcome = run("train", data, "--out", data.parent / "m", "--positive", "Influenza")
    assert (outcome.status, outcome.out, fake.trained) == (1, "", None)
    assert outcome.err == "There is no class Influenza. The classes are Healthy and COVID-19.\n"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("The disk is full.", "Free some space."), "The disk is full. Free some space.\n"),
        (Stopped(), "Stopped.\n"),
        (KeyboardInterrupt(), "Stopped.\n"),
    ],
)
def test_what_ends_a_run(run: Run, data: Path, fake: FakeJobs, error: BaseException, message: str) -> None:
    fake.error = error
    outcome = run("train", data, "--out", data.parent / "model.keras", "--json")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", message)


def test_a_fault_of_the_program_is_left_to_the_caller(run: Run, data: Path, fake: FakeJobs) -> None:
    fake.error = ZeroDivisionError("a fault")
    with pytest.raises(ZeroDivisionError):
        run("train", data, "--out", data.parent / "model.keras")


# --- evaluate


@pytest.fixture
def sets(data: Path) -> Path:
    """The same images as a training, a validation and a test set."""
    folder = data.parent / "sets"
    for subset in ("train", "val", "test"):
        (folder / subset).parent.mkdir(exist_ok=True)
        (folder / subset).symlink_to(data, target_is_directory=True)
    return folder


@pytest.mark.parametrize(
    ("present", "options", "subset"),
    [
        (["train", "val", "test"], [], "test"),
        (["train", "val"], [], "validation"),
        (["train"], [], None),
        (["test"], [], "test"),
        (["train", "val", "test"], ["--set", "training"], "training"),
        (["train", "val", "test"], ["--set", "all"], None),
    ],
)
def test_which_images_are_judged(
    run: Run, sets: Path, fake: FakeJobs, present: list[str], options: list[str], subset: str | None
) -> None:
    for link in sets.iterdir():
        if link.name not in present:
            link.unlink()
    outcome = run("evaluate", "model.keras", sets, "--json", *options)
    assert outcome.status == 0
    assert fake.subset == subset
    values = json.loads(outcome.out)
    assert values.items() >= EVALUATION.to_json().items()
    assert (values["set"], values["folder"]) == (subset or "all", str(sets))


def test_every_measure_has_its_interval_as_json(run: Run, data: Path) -> None:
    values = json.loads(run("evaluate", "model.keras", data, "--json").out)
    assert set(values["intervals"]) == set(EVALUATION.to_json()) - {"n", "threshold", "confusion"}
    low, high = values["intervals"]["sensitivity"]
    assert 0 < low < values["sensitivity"] == high == 1


def test_evaluate_in_words(run: Run, data: Path) -> None:
    outcome = run("evaluate", "model.keras", data)
    lines = outcome.out.splitlines()
    assert (outcome.status, outcome.err, lines[0].strip()) == (0, "", data.name)
    assert lines[1].split() == ["Images", "4"]
    assert "Specificity        0.500 (0.095 to 0.905)" in lines
    assert lines[-1] == RESEARCH_USE


def test_folders_are_put_side_by_side(run: Run, data: Path, sets: Path) -> None:
    outcome = run("evaluate", "model.keras", sets, data)
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["sets,", "test", "data"]
    assert lines[1].split() == ["Images", "4", "4"]
    assert any("from sets, test to data" in line for line in lines)
    _, *others = run("evaluate", "model.keras", sets, data, "--json").out.splitlines()
    assert [json.loads(line)["folder"] for line in others] == [str(data)]


def test_why_the_numbers_are_too_good_is_said_on_stderr(run: Run, sets: Path) -> None:
    outcome = run("evaluate", "model.keras", sets, "--set", "validation", "--json")
    assert outcome.err == (
        "sets, validation: The best epoch was chosen on these images: the numbers are optimistic.\n"
    )
    assert json.loads(outcome.out)["set"] == "validation"


@pytest.mark.parametrize(("preset", "threshold"), [("half", 0.5), ("specificity-95", 0.65)])
def test_a_threshold_is_chosen_on_the_first_folder(
    run: Run, data: Path, reported: SimpleNamespace, fake: FakeJobs, preset: str, threshold: float
) -> None:
    fake.card = reported.card
    outcome = run("evaluate", "model.keras", data, data, "--threshold-preset", preset, "--json")
    values = [json.loads(line)["threshold"] for line in outcome.out.splitlines()]
    assert values == pytest.approx([threshold, threshold])
    caution = "data: The threshold was chosen on these images: the numbers at it are optimistic.\n"
    assert outcome.err == (caution if preset != "half" else "")


def test_a_threshold_that_cannot_be_chosen(
    run: Run, data: Path, reported: SimpleNamespace, fake: FakeJobs
) -> None:
    fake.card = reported.card
    fake.evaluation = Evaluation(labels=(1, 1), scores=(0.9, 0.1), threshold=0.5)
    outcome = run("evaluate", "model.keras", data, "--threshold-preset", "youden")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "Youden index cannot be reached on these images. Choose another preset.\n"


@pytest.mark.parametrize(
    ("name", "beginning"), [("r.md", b"# Model card"), ("r.HTML", b"<!DOCTYPE html>"), ("r.pdf", b"%PDF-")]
)
@pytest.mark.usefixtures("qapp")  # else the report makes an application that no window can use
def test_a_report_as_its_name_ends(
    run: Run, data: Path, reported: SimpleNamespace, fake: FakeJobs, name: str, beginning: bytes
) -> None:
    fake.card = reported.card
    path = data.parent / name
    outcome = run("evaluate", "model.keras", data, "--report", path)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.endswith(f"{RESEARCH_USE}\nReport: {path}\n")
    assert path.read_bytes().startswith(beginning)
    assert str(data.parent).encode() not in path.read_bytes()


def test_a_report_tells_how_the_threshold_was_chosen_and_the_checklist(
    run: Run, data: Path, reported: SimpleNamespace, fake: FakeJobs
) -> None:
    fake.card = reported.card
    path = data.parent / "r.md"
    options = ["--threshold-preset", "specificity-95", "--report", path, "--json"]
    assert len(run("evaluate", "model.keras", data, *options).out.splitlines()) == 1
    text = path.read_text(encoding="utf-8")
    assert "A score of 0.650 or more is called COVID-19. It was chosen so: Specificity 95 %, on data." in text
    assert "# CLAIM checklist (draft)" in text


def test_a_set_that_is_not_there(run: Run, data: Path, fake: FakeJobs) -> None:
    outcome = run("evaluate", "model.keras", data, "--set", "test")
    assert (outcome.status, outcome.out, fake.subset) == (1, "", "not asked")
    assert outcome.err.startswith("The folder has no test set. Choose another set")


def test_shares_of_nothing_are_a_dash(run: Run, data: Path, fake: FakeJobs) -> None:
    fake.evaluation = Evaluation(labels=(1, 1), scores=(0.9, 0.1), threshold=0.5)
    assert "\nAUROC              \N{EN DASH}\n" in run("evaluate", "m.keras", data).out
    values = json.loads(run("evaluate", "m.keras", data, "--json").out)
    assert (values["auroc"], values["intervals"]["auroc"]) == (None, None)


# --- predict


def test_predict(run: Run, data: Path) -> None:
    (data / "notes.txt").write_text("About the data.")
    image, notes = data / "Healthy" / "0.png", data / "notes.txt"
    outcome = run("predict", "model.keras", image, notes)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"{image}: COVID-19, score 0.750 (threshold 0.5)",
        f"{notes}: not scored. Not an image.",
        "2 images: 1 COVID-19, 1 not readable.",
        RESEARCH_USE,
    ]


def test_predict_as_json(run: Run, data: Path) -> None:
    outcome = run("predict", "model.keras", data, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    values = [json.loads(line) for line in outcome.out.splitlines()]
    assert [value["path"] for value in values] == [str(path) for path in sorted(data.rglob("*.png"))]
    assert {value["score"] for value in values} == {0.75}


def test_predictions_into_a_file(run: Run, data: Path) -> None:
    table = data.parent / "results.csv"
    run("predict", "models/best.keras", data, "--csv", table)
    rows = table.read_text(encoding="utf-8").splitlines()
    assert len(rows) == 11
    assert all(f",models/best.keras,{RESEARCH_USE}" in row for row in rows[1:])


def test_a_folder_without_files(run: Run, tmp_path: Path) -> None:
    outcome = run("predict", "model.keras", tmp_path)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "There are no files in the folder. Choose images or a folder that holds images.\n"


def test_a_model_that_cannot_be_used(run: Run, data: Path, fake: FakeJobs) -> None:
    fake.error = ModelError("There is no file model.keras.", "Choose another model.")
    outcome = run("predict", "model.keras", data, "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "There is no file model.keras. Choose another model.\n"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252"])
def test_names_that_the_terminal_cannot_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, encoding=encoding))
    names = ["🫁.png", os.fsdecode(b"\xff.png"), "plain.png"]
    assert cli.main(["predict", "m.keras", *(str(tmp_path / name) for name in names)]) == 0
    lines = output.getvalue().decode(encoding).splitlines()
    assert len(lines) == 5
    assert lines[1].startswith(f"{tmp_path}{os.sep}\\udcff.png: COVID-19")
    assert lines[2].startswith(f"{tmp_path}{os.sep}plain.png: COVID-19")


def test_without_a_terminal_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a bundle that has no console."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    table = tmp_path / "results.csv"
    assert cli.main(["predict", "m.keras", str(tmp_path / "a.png"), "--csv", str(table)]) == 0
    assert table.exists()
    ProgressLine()(FilesSkipped(files=(SkippedFile(path=table, reason="Not an image."),)))


@pytest.mark.skipif(os.name != "posix", reason="a pipe as POSIX has it")
def test_a_reader_that_has_seen_enough() -> None:
    code = (
        "import sys; from covid_desktop import cli, jobs\n"
        "jobs.load_model = lambda *_, **__: None\n"
        "jobs.predict = lambda *_, **__: []\n"
        "sys.exit(cli.main(['predict', 'm.keras', 'a.png']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 1
    assert process.stderr is not None
    with process.stderr as errors:
        assert errors.read() == b""


@pytest.fixture
def unsure(data: Path, monkeypatch: pytest.MonkeyPatch) -> Prediction:
    """All that is predicted: an indeterminate score of a calibrated model."""
    prediction = Prediction(
        path=data / "Healthy" / "0.png",
        label=INDETERMINATE,
        score=0.48,
        threshold=0.5,
        probability=0.816,
        is_indeterminate=True,
    )

    def predict(*_: Any, emit: Callable[[Prediction], None], **__: Any) -> list[Prediction]:
        emit(prediction)
        return [prediction]

    monkeypatch.setattr(jobs, "predict", predict)
    return prediction


def test_an_indeterminate_score_and_its_probability(run: Run, unsure: Prediction) -> None:
    assert run("predict", "model.keras", unsure.path).out.splitlines() == [
        f"{unsure.path}: Indeterminate, score 0.480 (threshold 0.5), calibrated probability 0.82",
        "1 image: 1 Indeterminate.",
        RESEARCH_USE,
    ]


def test_an_indeterminate_score_as_json_and_in_a_file(run: Run, unsure: Prediction) -> None:
    table = unsure.path.with_suffix(".csv")
    outcome = run("predict", "model.keras", unsure.path, "--json", "--csv", table)
    assert json.loads(outcome.out) == {
        "path": str(unsure.path),
        "label": "Indeterminate",
        "score": 0.48,
        "threshold": 0.5,
        "probability": 0.816,
        "error": None,
        "refusal": None,
        "suggestion": None,
        "adjustment": "",
    }
    assert ",Indeterminate,0.48,0.5,0.816,," in table.read_text(encoding="utf-8")


# --- demo and self-test


@pytest.mark.parametrize("out", [True, False])
def test_demo(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeJobs, out: bool) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    small = partial(phantom.write_demo_dataset, training=3, validation=1, test=1, size=32)
    monkeypatch.setattr(phantom, "write_demo_dataset", small)
    outcome = run("demo", *(["--out", tmp_path / "out"] if out else []))
    images = (tmp_path / "out" if out else paths.demo_folder()) / "images"
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == f"Simulated radiographs: {images}"
    assert lines[1].startswith("Training: Finished 1 epoch.")
    assert [line.partition(": ")[0] for line in lines[2:4]] == [
        str(path.relative_to(images)) for path in sorted((images / "test").rglob("*.png"))
    ]
    assert lines[4].startswith("Validation: 4 images, accuracy 0.750")
    assert lines[5] == f"Model: {images.parent / 'model.keras'}"
    assert lines[-1] == RESEARCH_USE
    assert fake.trained is not None
    assert fake.trained.path == images.parent / "model.keras"


@pytest.mark.parametrize(("problem", "status"), [("", 0), ("no such library", 1)])
def test_self_test(run: Run, monkeypatch: pytest.MonkeyPatch, problem: str, status: int) -> None:
    module = ModuleType("covid_desktop.self_test")
    module.run_checks = lambda: iter([("PNG", ""), ("DICOM", problem)])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "covid_desktop.self_test", module)
    outcome = run("self-test")
    assert outcome.status == status
    last = "FAILED DICOM: no such library" if problem else "ok     DICOM"
    assert outcome.out.splitlines() == ["ok     PNG", last]


# --- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """No fixture: pytest sets its own streams between a test's setup and the test."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    return terminal


def test_progress_is_one_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    with ProgressLine() as line:
        for event in EVENTS:
            line(event)
        line(Progress(stage="Reading images", done=10, total=10))
    shown = terminal.getvalue().split("\r\x1b[K")
    assert "\n" not in terminal.getvalue()
    assert all(len(text) < 60 for text in shown)
    assert shown[1] == "Loading TensorFlow"
    assert shown[2].startswith("[========================] Epoch 1 of 1.")
    assert shown[-2:] == [f"[{'=' * 24}] Reading images 10/10", ""]


def test_progress_is_not_drawn_more_often_than_eyes_see(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    line = ProgressLine()
    line(EVENTS[1])
    for _ in range(1000):
        now[0] += 0.001
        line(BatchEnded(epoch=1, batch=1, loss=0.5, accuracy=0.5))
    assert 9 <= terminal.getvalue().count("Epoch 1 of 1") <= 11


def test_skipped_files_are_told_also_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()
    line(Progress(stage="Reading images", done=1, total=2))
    line(FilesSkipped(files=(SkippedFile(path=Path("a.png"), reason="Empty file."),)))
    assert capsys.readouterr() == ("", "Skipped a.png: Empty file.\n")
