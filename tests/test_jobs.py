"""The jobs that the window and the command line share, on drawn images."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop import curation, jobs, paths
from covid_desktop.core import phantom
from covid_desktop.core.audit import SIGHT_NAMES
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import EpochEnded, FilesSkipped, Notice, Progress, TrainingStarted
from covid_desktop.core.image import read_image
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.run_comparison import validation_scores
from covid_desktop.core.runs import read_run
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import DatasetError, ModelError, Stopped, UserError

CONFIG = TrainingConfig(
    architecture="small-cnn", image_size=32, epochs=2, batch_size=4, augmentation=AUGMENTATIONS["none"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    opened: OpenedDataset
    result: jobs.TrainingResult
    events: list[Any]


def draw(
    folder: Path, names: tuple[str, str] = ("Healthy", "COVID-19"), count: int = 3, first_seed: int = 0
) -> Path:
    """Class folders with ``count`` images each; the second is the positive class."""
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            seed = first_seed + 2 * number + label
            pixels = draw_phantom(seed, positive=bool(label), size=40).pixels
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def evaluate(*arguments: Any, **options: Any) -> Evaluation:
    """The scores of a judgement."""
    return jobs.judge_images(*arguments, **options).evaluation


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nothing is known of any image here before these tests; what one finds out the next ones know."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="module")
def trained(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("jobs")
    opened = curation.open_dataset(draw(folder / "images", count=5, first_seed=500))
    events: list[Any] = []
    (folder / "run").mkdir()
    result = jobs.train(opened, CONFIG, folder / "run" / "model.keras", emit=events.append)
    return Trained(opened=opened, result=result, events=events)


@pytest.fixture
def images(trained: Trained) -> list[Path]:
    return [sample.path for sample in trained.opened.dataset.samples]


def test_training_leaves_model_history_and_curves(trained: Trained) -> None:
    path, history = trained.result.model.path, trained.result.history
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "model.curves.png",
        "model.history.csv",
        "model.keras",
        "model.validation.csv",
    ]
    assert path.with_suffix(".history.csv").read_text(encoding="utf-8") == history.to_csv()
    assert len(history.epochs) == 2
    with Image.open(path.with_suffix(".curves.png")) as curves:
        assert curves.width > 300
        assert len(np.unique(np.asarray(curves.convert("L")))) > 10
    assert trained.result.seconds > sum(epoch.seconds for epoch in history.epochs)


def test_the_scores_of_validation_images_are_kept_by_content_and_without_paths(trained: Trained) -> None:
    run = read_run(trained.result.model.path.parent)
    evaluation, facts = trained.result.evaluation, checked_in(trained).facts
    expected = {
        (facts[path].sha256, label): score
        for path, label, score in zip(evaluation.paths, evaluation.labels, evaluation.scores, strict=True)
    }
    assert len(expected) == evaluation.n > 1
    assert validation_scores(run) == expected
    text = (run.folder / "model.validation.csv").read_text(encoding="utf-8")
    assert not any(path.name in text or path.parent.name in text for path in evaluation.paths)


def test_the_runs_are_listed_with_those_of_the_open_data(trained: Trained, make_run: Any) -> None:
    shutil.copytree(trained.result.model.path.parent, paths.runs_folder() / "of this data")
    make_run(paths.runs_folder(), "of other data")
    found = jobs.list_runs(trained.opened)
    assert {run.folder.name for run in found.runs} == {"of this data", "of other data"}
    assert [folder.name for folder in found.here] == ["of this data"]
    assert jobs.list_runs(None).here == frozenset()


def test_training_tells_its_stages_in_order(trained: Trained) -> None:
    stages = [event.stage for event in trained.events if isinstance(event, Progress)]
    assert list(dict.fromkeys(stages)) == [
        "Loading TensorFlow",
        "Reading every image",
        "Looking for copies",
        "Comparing the classes",
        "Reading training images",
        "Reading validation images",
        "Scoring the validation images",
        "Loading the pretrained network",
        "Remembering the training images",
        "Saving the model",
        "Looking for shortcuts",
        "Telling the classes apart",
    ]
    assert [event.epoch for event in trained.events if isinstance(event, EpochEnded)] == [1, 2]


def test_a_stopped_run_without_an_epoch_leaves_no_file(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        jobs.train(trained.opened, CONFIG, tmp_path / "model.keras", should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_the_check_is_told_before_training_begins_and_once(trained: Trained) -> None:
    kinds = [type(event) for event in trained.events]
    assert kinds.count(CheckedDataset) == 1
    assert kinds.index(CheckedDataset) < kinds.index(TrainingStarted)
    checked = checked_in(trained)
    assert [finding.kind for finding in checked.findings if finding.kind == "too-small"] == ["too-small"]
    trained_on = trained.result.model.card.data["training"]["sha256"]
    training = checked.opened.split.training
    assert trained_on == sorted(checked.facts[sample.path].sha256 for sample in training)


@pytest.mark.parametrize("broken", ["Healthy", "*"])
def test_a_run_on_images_that_are_all_broken_says_so(tmp_path: Path, broken: str) -> None:
    opened = curation.open_dataset(draw(tmp_path / "images"))
    for path in (tmp_path / "images").glob(f"{broken}/*.png"):
        path.write_bytes(path.read_bytes()[:-200])
    heard: list[Any] = []
    with pytest.raises(DatasetError, match=r"No training image of the class Healthy can be read\."):
        jobs.train(opened, CONFIG, tmp_path / "model.keras", emit=heard.append)
    (checked,) = [event for event in heard if isinstance(event, CheckedDataset)]
    assert "unreadable" in {finding.kind for finding in checked.findings}
    assert not (tmp_path / "model.keras").exists()


def checked_in(trained: Trained) -> CheckedDataset:
    (checked,) = [event for event in trained.events if isinstance(event, CheckedDataset)]
    return checked


# --- the shortcut audit


def test_a_run_is_audited_beside_its_own_model(trained: Trained) -> None:
    audit, evaluation = trained.result.audit, trained.result.evaluation
    assert audit is not None
    assert (audit.n, audit.total) == (10, 10)
    assert list(audit.areas) == [name for name in SIGHT_NAMES if name != "trained-model"]
    assert list(audit.validation) == list(SIGHT_NAMES)
    assert audit.validation["trained-model"].auroc == evaluation.auroc
    assert audit.validation["trained-model"].n == evaluation.n == 2
    for area in (*audit.areas.values(), *audit.validation.values()):
        assert 0 <= area.low <= area.auroc <= area.high <= 1
        assert area.low < area.high


def test_the_saved_card_has_findings_and_audit_and_names_no_file(trained: Trained) -> None:
    card = jobs.load_model(trained.result.model.path).card
    checked = checked_in(trained)
    assert card == trained.result.model.card
    assert card.findings == [finding.summary() for finding in checked.findings]
    assert trained.result.audit is not None
    assert card.audit == trained.result.audit.to_json()
    assert not any(sample.path.name in card.to_text() for sample in checked.opened.dataset.samples)
    assert str(checked.opened.dataset.folder) not in card.to_text()


def test_a_run_of_too_few_images_for_an_audit_has_none(tmp_path: Path) -> None:
    opened = curation.open_dataset(draw(tmp_path / "images", count=4))
    events: list[Any] = []
    result = jobs.train(opened, CONFIG, tmp_path / "model.keras", emit=events.append)
    assert result.audit is None
    assert len(result.history.epochs) == 2
    assert jobs.load_model(tmp_path / "model.keras").card.audit == {}
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages[-1] == "Saving the model"


def stop_at(reached: Callable[[Any], bool]) -> tuple[Callable[[Any], None], Callable[[], bool]]:
    """An ``emit``, and a ``should_stop`` that says yes from the event on that is ``reached``."""
    heard: list[bool] = []
    return lambda event: heard.append(reached(event)), lambda: any(heard)


def test_a_stopped_run_keeps_its_model_and_has_no_audit(trained: Trained, tmp_path: Path) -> None:
    emit, should_stop = stop_at(lambda event: isinstance(event, EpochEnded))
    path = tmp_path / "model.keras"
    result = jobs.train(trained.opened, CONFIG, path, emit=emit, should_stop=should_stop)
    assert len(result.history.epochs) == 1
    assert result.audit is None
    loaded = jobs.load_model(path)
    assert loaded.card.audit == {}
    assert loaded.card.findings == trained.result.model.card.findings
    assert len(jobs.predict(loaded, [trained.opened.dataset.samples[0].path])) == 1


@pytest.mark.parametrize("stage", ["Saving the model", "Looking for shortcuts", "Telling the classes apart"])
def test_a_stop_from_saving_on_leaves_only_the_audit_out(
    trained: Trained, tmp_path: Path, stage: str
) -> None:
    opened = trained.opened
    if stage == "Looking for shortcuts":  # into images that were not looked at before
        opened = curation.open_dataset(draw(tmp_path / "images", count=5, first_seed=1000))
    emit, should_stop = stop_at(lambda event: isinstance(event, Progress) and event.stage == stage)
    path = tmp_path / "model.keras"
    result = jobs.train(opened, CONFIG, path, emit=emit, should_stop=should_stop)
    assert should_stop()
    assert len(result.history.epochs) == 2
    assert result.audit is None
    assert jobs.load_model(path).card.audit == {}


def test_images_that_vanish_before_the_audit_cost_the_audit_alone(tmp_path: Path) -> None:
    opened = curation.open_dataset(draw(tmp_path / "images", count=5, first_seed=2000))

    def emit(event: Any) -> None:
        if event == Progress(stage="Saving the model"):
            for sample in opened.dataset.samples:
                sample.path.unlink()

    result = jobs.train(opened, CONFIG, tmp_path / "model.keras", emit=emit)
    assert result.audit is None
    assert (tmp_path / "model.keras").is_file()


def test_a_full_disk_after_the_audit_leaves_the_model_that_was_saved(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, card: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr("covid_desktop.jobs.training.rewrite_card", full)
    heard: list[Any] = []
    result = jobs.train(trained.opened, CONFIG, tmp_path / "model.keras", emit=heard.append)
    assert result.audit == trained.result.audit
    assert jobs.load_model(tmp_path / "model.keras").card.audit == {}
    (told,) = (event for event in heard if isinstance(event, Notice))
    assert (
        told.what == "The model is saved, but the shortcut audit could not be added to it: The disk is full."
    )


def test_an_audit_alone_is_the_runs_without_its_model(trained: Trained) -> None:
    alone, of_run = jobs.audit(checked_in(trained).opened), trained.result.audit
    assert of_run is not None
    assert alone.validation == {}
    assert (alone.areas, alone.verdict, alone.sentence) == (of_run.areas, of_run.verdict, of_run.sentence)


def test_an_audit_looks_at_no_test_image(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 1), ("test", 3)):
        draw(tmp_path / part, count=count, first_seed=100 * count)
    opened = curation.open_dataset(tmp_path)
    audit = jobs.audit(opened)
    assert len(opened.dataset.samples) == 16
    assert (audit.n, audit.total) == (10, 10)
    for sample in opened.split.test:
        sample.path.write_bytes(b"")
    assert jobs.audit(curation.open_dataset(tmp_path)) == audit


def test_an_audit_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    opened = curation.open_dataset(draw(tmp_path / "images", count=6))
    spoilt = opened.split.training[0].path
    spoilt.write_bytes(spoilt.read_bytes()[:-200])
    assert jobs.audit(opened).total == 11


def test_an_audit_of_too_few_images_says_so(tmp_path: Path) -> None:
    opened = curation.open_dataset(draw(tmp_path / "images", count=4))
    with pytest.raises(DatasetError) as caught:
        jobs.audit(opened)
    assert caught.value.what.endswith("for a shortcut audit.")
    assert caught.value.fix == "Add images of at least five patients to each class."


def test_patients_not_images_make_an_audit_possible(tmp_path: Path) -> None:
    images = draw(tmp_path / "images", count=6)
    patients = [
        f"{path.relative_to(images).as_posix()},{path.parent.name} {int(path.stem) // 2}"
        for path in sorted(images.rglob("*.png"))
    ]
    (images / "patients.csv").write_text("\n".join(["path,patient", *patients]))
    with pytest.raises(DatasetError, match="too few patients, for a shortcut audit"):
        jobs.audit(curation.open_dataset(images))


def test_an_audit_can_be_stopped(trained: Trained) -> None:
    for stage in ("Reading every image", "Telling the classes apart"):
        emit, should_stop = stop_at(lambda event, stage=stage: getattr(event, "stage", "") == stage)
        with pytest.raises(Stopped):
            jobs.audit(trained.opened, emit=emit, should_stop=should_stop)


# --- predict


def test_predictions_are_the_same_from_the_file_and_the_run(trained: Trained, images: list[Path]) -> None:
    model = trained.result.model
    pixels = np.stack([read_image(path, model.card.preprocessing) for path in images])
    expected = model.classifier.scores(pixels)
    assert len(np.unique(expected)) > 5
    for one in (model, jobs.load_model(model.path)):
        heard: list[Any] = []
        predictions = jobs.predict(one, images, emit=heard.append)
        assert heard == predictions
        assert [prediction.path for prediction in predictions] == images
        np.testing.assert_allclose([one.score for one in predictions], expected, atol=1e-5)
        assert [one.label for one in predictions] == [model.card.label_of(score) for score in expected]
        assert {one.threshold for one in predictions} == {0.5}


def test_what_cannot_be_read_has_a_reason_instead_of_a_score(
    trained: Trained, images: list[Path], tmp_path: Path
) -> None:
    text = tmp_path / "notes.png"
    text.write_text("nothing to see")
    first, second, third, fourth = jobs.predict(
        trained.result.model, [images[0], text, tmp_path / "none.png", images[1]]
    )
    assert second == Prediction(path=text, label=None, score=None, threshold=0.5, error="Not an image.")
    assert third.error == "Cannot be opened: no such file or directory."
    assert first.error is fourth.error is None
    assert None not in (first.score, fourth.score)


def test_a_stop_leaves_the_rest_out(trained: Trained, images: list[Path]) -> None:
    asked = iter(range(10))
    predictions = jobs.predict(trained.result.model, images, should_stop=lambda: next(asked) >= 1)
    assert [prediction.path for prediction in predictions] == images[:1]
    assert jobs.predict(trained.result.model, []) == []


def test_predictions_are_called_and_calibrated_as_was_saved_with_the_model(
    trained: Trained, images: list[Path], tmp_path: Path
) -> None:
    plain = jobs.predict(trained.result.model, images)
    assert {(one.probability, one.is_indeterminate) for one in plain} == {(None, False)}
    scores = sorted(one.score for one in plain if one.score is not None)
    low, high = (scores[2] + scores[3]) / 2, (scores[6] + scores[7]) / 2
    model = jobs.load_model(jobs.save_model(trained.result.model, tmp_path / "copy.keras").path)
    jobs.save_operating_point(
        model,
        threshold=scores[5],
        origin="Set by hand",
        calibration={"slope": 1.0, "intercept": 1.0},
        indeterminate=(low, high),
    )
    text = tmp_path / "notes.png"
    text.write_text("nothing to see")
    for one in (model, jobs.load_model(model.path)):
        *found, unreadable = jobs.predict(one, [*images, text])
        found.sort(key=lambda prediction: prediction.score or 0.0)
        labels = ["Healthy"] * 3 + ["Indeterminate"] * 4 + ["COVID-19"] * 3
        assert [prediction.label for prediction in found] == labels
        assert [prediction.is_indeterminate for prediction in found] == [False] * 3 + [True] * 4 + [False] * 3
        assert {prediction.threshold for prediction in [*found, unreadable]} == {scores[5]}
        odds = np.array(scores) / (1 - np.array(scores)) * np.e
        np.testing.assert_allclose([one.probability for one in found], odds / (1 + odds), atol=1e-4)
        assert (unreadable.probability, unreadable.is_indeterminate) == (None, False)


# --- evaluate


def test_a_folder_is_judged(trained: Trained) -> None:
    model, dataset = trained.result.model, trained.opened.dataset
    evaluation = evaluate(model, dataset, None)
    assert evaluation.labels == tuple(sample.label for sample in dataset.samples)
    scores = [one.score for one in jobs.predict(model, [sample.path for sample in dataset.samples])]
    np.testing.assert_allclose(evaluation.scores, scores, atol=1e-5)


def test_the_other_class_as_positive_changes_nothing(trained: Trained) -> None:
    dataset = trained.opened.dataset
    turned = dataset.with_positive_class("Healthy")
    assert turned.class_names == ("COVID-19", "Healthy")
    assert evaluate(trained.result.model, turned, None) == evaluate(trained.result.model, dataset, None)


def test_class_names_may_differ_in_case(trained: Trained, tmp_path: Path) -> None:
    dataset = curation.scan_folder(draw(tmp_path / "images", ("HEALTHY", "covid-19")))
    evaluation = evaluate(trained.result.model, dataset, None)
    assert evaluation.labels == tuple(int("covid" in str(sample.path)) for sample in dataset.samples)


def test_other_classes_are_refused(trained: Trained, tmp_path: Path) -> None:
    dataset = curation.scan_folder(draw(tmp_path / "images", ("Healthy", "Pneumonia")))
    with pytest.raises(DatasetError) as caught:
        evaluate(trained.result.model, dataset, None)
    assert caught.value.what == (
        "The folder has the classes Healthy and Pneumonia, the model Healthy and COVID-19."
    )


def test_only_the_named_set_is_judged(trained: Trained, tmp_path: Path) -> None:
    for part, count in (("train", 3), ("val", 2), ("test", 1)):
        draw(tmp_path / part, count=count)
    dataset = curation.scan_folder(tmp_path)
    model = trained.result.model
    sizes = [evaluate(model, dataset, subset).n for subset in ("training", "validation", "test", None)]
    assert sizes == [6, 4, 2, 12]


def test_each_use_of_a_test_set_is_counted(trained: Trained, tmp_path: Path) -> None:
    for part, count in (("train", 3), ("val", 2), ("test", 1)):
        draw(tmp_path / part, count=count)
    model, dataset = trained.result.model, curation.scan_folder(tmp_path)
    with pytest.raises(Stopped):
        evaluate(model, dataset, "test", should_stop=lambda: True)
    for subset in ("training", "validation", None):
        evaluate(model, dataset, subset)
    assert curation.open_dataset(tmp_path).test_uses == 0
    for _ in range(2):
        evaluate(model, dataset, "test")
    assert curation.open_dataset(tmp_path).test_uses == 2


def test_a_test_set_that_was_set_aside_is_no_part_of_a_run_and_is_judged(tmp_path: Path) -> None:
    opened = curation.set_test_aside(curation.open_dataset(draw(tmp_path / "images", count=6)))
    locked = {sample.path for sample in opened.split.test}
    heard: list[Any] = []
    result = jobs.train(opened, CONFIG, tmp_path / "model.keras", emit=heard.append)
    read = {sample.path for subset in ("training", "validation") for sample in opened.split.of(subset)}
    assert len(locked) == 2
    assert (result.evaluation.n, len(read)) == (len(opened.split.validation), 10)
    assert not set(result.evaluation.paths) & locked
    assert sum(len(part["sha256"]) for part in result.model.card.data.values()) == 10
    evaluation = evaluate(result.model, curation.scan_folder(tmp_path / "images"), "test")
    assert set(evaluation.paths) == locked


def test_unreadable_images_are_left_out_of_an_evaluation(trained: Trained, tmp_path: Path) -> None:
    dataset = curation.scan_folder(draw(tmp_path / "images"))
    spoilt = [sample.path for sample in dataset.samples]
    spoilt[0].write_bytes(b"")
    heard: list[Any] = []
    assert evaluate(trained.result.model, dataset, None, emit=heard.append).n == 5
    (skipped,) = [event for event in heard if isinstance(event, FilesSkipped)]
    assert [(file.path, file.reason) for file in skipped.files] == [(spoilt[0], "Empty file.")]
    for path in spoilt:
        path.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"No image can be read\."):
        evaluate(trained.result.model, dataset, None)
    with pytest.raises(Stopped):
        evaluate(trained.result.model, dataset, None, should_stop=lambda: True)


# --- the rest


def test_a_copy_of_a_model_is_the_same_file(trained: Trained, tmp_path: Path) -> None:
    copy = jobs.save_model(trained.result.model, tmp_path / "copy.keras")
    assert copy.path == tmp_path / "copy.keras"
    assert copy.path.read_bytes() == trained.result.model.path.read_bytes()
    assert jobs.save_model(copy, copy.path).path.read_bytes() == trained.result.model.path.read_bytes()
    with pytest.raises(UserError, match="could not be written"):
        jobs.save_model(copy, tmp_path / "nowhere" / "copy.keras")
    with pytest.raises(ModelError, match=r"There is no file none\.keras"):
        jobs.load_model(tmp_path / "none.keras")


def test_the_preview_leaves_out_what_cannot_be_read(images: list[Path], tmp_path: Path) -> None:
    config = TrainingConfig(architecture="small-cnn", image_size=32)
    pictures = jobs.preview_augmentation([images[0], tmp_path / "none.png", images[1]], config)
    assert [picture.shape for picture in pictures] == [(32, 32)] * 2
    with pytest.raises(Stopped):
        jobs.preview_augmentation(images, config, should_stop=lambda: True)


def test_a_preview_of_nothing_is_empty(tmp_path: Path) -> None:
    assert jobs.preview_augmentation([tmp_path / "none.png"], TrainingConfig()) == []


def test_the_demo_is_drawn_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write: Callable[..., Path] = partial(
        phantom.write_demo_dataset, training=1, validation=1, test=1, size=32
    )
    monkeypatch.setattr(phantom, "write_demo_dataset", write)
    monkeypatch.setattr(paths, "demo_folder", lambda: tmp_path)
    folder = jobs.make_demo()
    drawn = {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")}
    assert len(drawn) == 6
    assert jobs.make_demo() == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")} == drawn


def test_files_are_found_below_folders_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/10.png", "a.png", ".hidden/x.png", "b/.y.png", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    missing, empty = tmp_path / "missing.png", tmp_path / "empty"
    empty.mkdir()
    found = jobs.image_files([tmp_path / "c.png", missing, tmp_path, tmp_path / "b"])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["c.png", "missing.png", "a.png", "b/10.png", "b/2.png"]
    assert jobs.image_files([empty]) == []
