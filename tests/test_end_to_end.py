"""From class folders to scores through the command line: documented keys, exit statuses, nothing but JSON."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop import cli, jobs
from covid_desktop.cli import demo
from covid_desktop.core import phantom
from covid_desktop.core.audit import SIGHT_NAMES
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.image import read_image
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import RESEARCH_USE

REPORT = {"folder", "images", "classes", "positive", "counts", "patients", "test_uses", "skipped", "findings"}
AUDIT = {"verdict", "sentence", "fix", "areas", "n", "total", "validation"}
METRICS = {
    *("n", "accuracy", "sensitivity", "specificity", "ppv", "npv", "balanced_accuracy", "f1"),
    *("auroc", "auprc", "brier", "threshold", "confusion", "set", "folder", "intervals"),
}
PREDICTION = {
    *("path", "label", "score", "threshold", "probability", "error"),
    *("refusal", "suggestion", "adjustment"),
}
EACH = pytest.mark.parametrize("architecture", ["small-cnn", "efficientnet-lite0"])
TINY = ["--image-size", "40", "--batch-size", "4", "--epochs", "2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What ``train --json`` left and said."""

    path: Path
    status: int
    printed: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn images in train, val and test, and one file that turns out damaged."""
    folder = tmp_path_factory.mktemp("end-to-end") / "images"
    seed = 0
    for part, count in (("train", 4), ("val", 2), ("test", 2)):
        for name in ("Healthy", "COVID-19"):
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                seed += 1
                pixels = draw_phantom(seed, positive=name == "COVID-19", size=48).pixels
                Image.fromarray(pixels).save(place / f"{number}.png")
    whole = (folder / "train" / "Healthy" / "0.png").read_bytes()
    (folder / "train" / "Healthy" / "damaged.png").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> Callable[[str], Trained]:
    done: dict[str, Trained] = {}

    def train(architecture: str) -> Trained:
        if architecture not in done:
            path = folder.parent / f"{architecture}.keras"
            stdout = io.StringIO()
            with redirect_stdout(stdout):
                status = cli.main(
                    [
                        "train",
                        str(folder),
                        "--out",
                        str(path),
                        "--architecture",
                        architecture,
                        *TINY,
                        "--json",
                    ]
                )
            done[architecture] = Trained(path=path, status=status, printed=stdout.getvalue())
        return done[architecture]

    return train


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[dict[str, Any]]]]:
    """Runs a command with --json: its status and the objects it printed, one a line."""

    def run(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
        capfd.readouterr()
        status = cli.main([*map(str, arguments), "--json"])
        return status, [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return run


@EACH
def test_train(architecture: str, trained: Callable[[str], Trained]) -> None:
    one = trained(architecture)
    assert one.status == 0
    (line,) = one.printed.splitlines()
    summary = json.loads(line)
    assert set(summary) == METRICS | {"epochs", "best_epoch", "seconds", "model", "audit"}
    assert (summary["n"], summary["set"], summary["epochs"]) == (4, "validation", 2)
    assert summary["best_epoch"] in (1, 2)
    assert summary["model"] == str(one.path)
    assert sum(summary["confusion"].values()) == 4
    assert summary["audit"] in ("red", "amber", "green")
    assert jobs.load_model(one.path).card.audit["verdict"] == summary["audit"]
    for suffix in (".history.csv", ".curves.png"):
        assert one.path.with_suffix(suffix).stat().st_size > 100


@EACH
def test_predict_gives_the_score_that_plain_keras_gives(
    architecture: str, trained: Callable[[str], Trained], folder: Path, run: Any
) -> None:
    """Also an image alone, and through the jobs."""
    import keras

    path = trained(architecture).path
    status, lines = run("predict", path, folder / "test")
    assert status == 0
    assert all(set(line) == PREDICTION for line in lines)
    files = sorted((folder / "test").rglob("*.png"))
    assert [line["path"] for line in lines] == [str(file) for file in files]
    model = jobs.load_model(path)
    pixels = np.stack([read_image(file, model.card.preprocessing) for file in files])
    scores = keras.models.load_model(path, safe_mode=True).predict(pixels, verbose=0)[:, 0]
    np.testing.assert_allclose([line["score"] for line in lines], scores, atol=1e-5)
    predictions = jobs.predict(model, files)
    np.testing.assert_allclose([one.score for one in predictions], scores, atol=1e-5)
    assert len(np.unique(scores)) == len(files)
    for score, line in zip(scores, lines, strict=True):
        assert line["label"] == ("COVID-19" if score >= 0.5 else "Healthy")
    _, (alone,) = run("predict", path, files[0])
    assert alone["score"] == pytest.approx(float(scores[0]), abs=1e-5)


def test_predict_in_a_process_of_its_own(
    trained: Callable[[str], Trained], folder: Path, run: Any, tmp_path: Path
) -> None:
    """Nothing but JSON on the standard output, whatever libraries print; the CSV has the same scores."""
    path = trained("small-cnn").path
    done = subprocess.run(
        [
            *(sys.executable, "-m", "covid_desktop", "predict", path, folder / "test"),
            *("--csv", tmp_path / "scores.csv", "--json"),
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, lines = run("predict", path, folder / "test")
    others = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["path"] for line in others] == [line["path"] for line in lines]
    np.testing.assert_allclose(
        [line["score"] for line in others], [line["score"] for line in lines], atol=1e-5
    )
    rows = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + len(lines)
    assert str(others[0]["score"]) in rows[1]


def test_predict_says_what_it_cannot_read(trained: Callable[[str], Trained], folder: Path, run: Any) -> None:
    damaged = folder / "train" / "Healthy" / "damaged.png"
    status, (line,) = run("predict", trained("small-cnn").path, damaged)
    assert status == 0
    assert (line["label"], line["score"]) == (None, None)
    assert line["error"].startswith("Damaged")


@EACH
def test_evaluate(architecture: str, trained: Callable[[str], Trained], folder: Path, run: Any) -> None:
    path = trained(architecture).path
    status, (test,) = run("evaluate", path, folder)
    assert (status, set(test), test["n"], test["set"]) == (0, METRICS, 4, "test")
    _, (validation,) = run("evaluate", path, folder, "--set", "validation")
    summary = json.loads(trained(architecture).printed)
    assert {name: summary[name] for name in METRICS} == validation


def test_evaluate_on_everything_leaves_out_what_cannot_be_read(
    trained: Callable[[str], Trained], folder: Path, run: Any
) -> None:
    _, (everything,) = run("evaluate", trained("small-cnn").path, folder, "--set", "all")
    assert (everything["n"], everything["set"]) == (16, "all")


def test_check(folder: Path, run: Any) -> None:
    status, (report,) = run("check", folder)
    assert status == 0
    assert set(report) == REPORT
    assert report["images"] == 16
    assert (report["folder"], report["classes"]) == (str(folder), ["Healthy", "COVID-19"])
    assert report["positive"] == "COVID-19"
    assert report["counts"] == {
        "training": {"Healthy": 4, "COVID-19": 4},
        "validation": {"Healthy": 2, "COVID-19": 2},
        "test": {"Healthy": 2, "COVID-19": 2},
    }
    (skipped,) = report["skipped"]
    assert skipped["path"].endswith("damaged.png")
    assert skipped["reason"].startswith("Damaged")
    files = {finding["kind"]: finding["files"] for finding in report["findings"]}
    assert files["unreadable"] == [[skipped["path"]]]
    assert len(files["too-small"]) == 16


def test_check_with_an_audit(folder: Path, run: Any) -> None:
    status, (report,) = run("check", folder, "--audit")
    assert (status, set(report)) == (0, REPORT | AUDIT)
    assert report["verdict"] in ("red", "amber", "green")
    assert set(report["areas"]) == set(SIGHT_NAMES) - {"trained-model"}
    for area in report["areas"].values():
        assert area["n"] == 12
        assert 0 <= area["low"] <= area["auroc"] <= area["high"] <= 1


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """The same images, for a test that decides something about them."""
    return Path(shutil.copytree(folder, tmp_path / "images", ignore=shutil.ignore_patterns("covid-*.json")))


def test_few_images_are_trained_on_without_an_audit(
    own: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No word of it, and no error."""
    shutil.rmtree(own / "val")
    shutil.rmtree(own / "test")
    (own / "train" / "Healthy" / "damaged.png").unlink()
    command = ["train", str(own), "--out", str(tmp_path / "m.keras"), "--architecture", "small-cnn", *TINY]
    assert cli.main(command) == 0
    said = capfd.readouterr()
    assert "audit" not in (said.out + said.err).casefold()
    assert f"Model: {tmp_path / 'm.keras'}" in said.out
    assert cli.main(["check", str(own), "--audit"]) == 1
    said = capfd.readouterr()
    assert "8 images" in said.out
    assert "AUROC" not in said.out
    assert said.err.endswith("Add images of at least five patients to each class.\n")


def test_a_test_set_set_aside_is_what_is_judged_and_its_uses_are_counted(
    trained: Callable[[str], Trained], own: Path, run: Any
) -> None:
    shutil.rmtree(own / "test")
    shutil.rmtree(own / "val")
    _, (report,) = run("check", own, "--set-test-aside")
    assert [sum(counts.values()) for counts in report["counts"].values()] == [4, 2, 2]
    for used in (0, 1, 2):
        _, (report,) = run("check", own)
        assert report["test_uses"] == used
        _, (judged,) = run("evaluate", trained("small-cnn").path, own)
        assert (judged["set"], judged["n"]) == ("test", 2)
    _, (judged,) = run("evaluate", trained("small-cnn").path, own, "--set", "validation")
    _, (report,) = run("check", own)
    assert (judged["n"], report["test_uses"]) == (2, 3)


def test_the_positive_class_can_be_chosen(own: Path, folder: Path, run: Any, tmp_path: Path) -> None:
    """A model of the other class still judges the folder right."""
    out = tmp_path / "model.keras"
    status, (summary,) = run(
        *("train", own, "--out", out, "--architecture", "small-cnn", *TINY, "--positive", "healthy")
    )
    assert status == 0
    _, (validation,) = run("evaluate", out, folder, "--set", "validation")
    assert validation == {name: summary[name] for name in METRICS} | {"folder": str(folder)}
    assert jobs.load_model(out).card.class_names == ("COVID-19", "Healthy")
    _, lines = run("predict", out, folder / "val")
    called = sum(line["label"] == "Healthy" for line in lines)
    assert called == summary["confusion"]["true_positive"] + summary["confusion"]["false_positive"]


def test_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    write = partial(phantom.write_demo_dataset, training=3, validation=2, test=1, size=48)
    monkeypatch.setattr(phantom, "write_demo_dataset", write)
    monkeypatch.setattr(demo, "TrainingConfig", partial(TrainingConfig, image_size=40, epochs=2))
    assert cli.main(["demo", "--out", str(tmp_path)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == f"Simulated radiographs: {tmp_path / 'images'}"
    assert lines[1].startswith("Training: Finished 2 epochs. Kept: epoch ")
    scored = [line for line in lines if line.startswith("test/")]
    assert len(scored) == 2
    assert all("(threshold 0.5)" in line for line in scored)
    assert f"Model: {tmp_path / 'model.keras'}" in lines
    assert lines[-1] == RESEARCH_USE
    assert jobs.load_model(tmp_path / "model.keras").card.architecture == "efficientnet-lite0"


def test_what_the_user_can_mend_has_status_1_and_a_sentence(
    trained: Callable[[str], Trained],
    folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    model = trained("small-cnn").path
    (tmp_path / "bad.keras").write_bytes(b"no model")
    for name in ("Healthy", "Pneumonia"):
        (tmp_path / "other" / name).mkdir(parents=True)
        Image.new("L", (40, 40)).save(tmp_path / "other" / name / "0.png")
    commands = {
        ("predict", tmp_path / "none.keras", folder): "There is no file none.keras.",
        ("predict", tmp_path / "bad.keras", folder): "bad.keras is damaged or is not a model file.",
        ("evaluate", model, tmp_path / "none"): "does not exist.",
        ("evaluate", model, tmp_path / "other"): "The folder has the classes Healthy and Pneumonia",
        ("evaluate", model, tmp_path / "other", "--set", "test"): "The folder has no test set.",
        ("check", tmp_path / "other"): "too few images",
        ("train", folder, "--out", tmp_path / "m.keras", "--positive", "Flu"): "There is no class Flu.",
    }
    for command, message in commands.items():
        capfd.readouterr()
        status = cli.main([*map(str, command), "--json"])
        said = capfd.readouterr()
        assert (status, said.out) == (1, ""), command
        assert message in said.err
        assert "Traceback" not in said.err
