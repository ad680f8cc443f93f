"""The jobs that the window and the command line share, on drawn images."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop import jobs
from covid_desktop.core import phantom
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.events import EpochEnded, FilesSkipped, Progress
from covid_desktop.core.image import read_image
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import DatasetError, ModelError, Stopped, UserError

CONFIG = TrainingConfig(
    architecture="small-cnn", image_size=32, epochs=2, batch_size=4, augmentation=AUGMENTATIONS["none"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    opened: jobs.OpenedDataset
    result: jobs.TrainingResult
    events: list[Any]


def draw(folder: Path, names: tuple[str, str] = ("Healthy", "COVID-19"), count: int = 3) -> Path:
    """Class folders with ``count`` images each; the second is the positive class."""
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = draw_phantom(2 * number + label, positive=bool(label), size=40).pixels
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("jobs")
    opened = jobs.open_dataset(draw(folder / "images", count=5))
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
    ]
    assert path.with_suffix(".history.csv").read_text(encoding="utf-8") == history.to_csv()
    assert len(history.epochs) == 2
    with Image.open(path.with_suffix(".curves.png")) as curves:
        assert curves.width > 300
        assert len(np.unique(np.asarray(curves.convert("L")))) > 10
    assert trained.result.seconds > sum(epoch.seconds for epoch in history.epochs)


def test_training_tells_its_stages_in_order(trained: Trained) -> None:
    stages = [event.stage for event in trained.events if isinstance(event, Progress)]
    assert list(dict.fromkeys(stages)) == [
        "Loading TensorFlow",
        "Reading training images",
        "Reading validation images",
        "Scoring the validation images",
        "Saving the model",
    ]
    assert [event.epoch for event in trained.events if isinstance(event, EpochEnded)] == [1, 2]


def test_a_stopped_run_without_an_epoch_leaves_no_file(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        jobs.train(trained.opened, CONFIG, tmp_path / "model.keras", should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []


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
    predictions = jobs.predict(trained.result.model, images, should_stop=lambda: next(asked) >= 3)
    assert [prediction.path for prediction in predictions] == images[:3]
    assert jobs.predict(trained.result.model, []) == []


# --- evaluate


def test_a_folder_is_judged(trained: Trained) -> None:
    model, dataset = trained.result.model, trained.opened.dataset
    evaluation = jobs.evaluate(model, dataset, None)
    assert evaluation.labels == tuple(sample.label for sample in dataset.samples)
    scores = [one.score for one in jobs.predict(model, [sample.path for sample in dataset.samples])]
    np.testing.assert_allclose(evaluation.scores, scores, atol=1e-5)


def test_the_other_class_as_positive_changes_nothing(trained: Trained) -> None:
    dataset = trained.opened.dataset
    turned = dataset.with_positive_class("Healthy")
    assert turned.class_names == ("COVID-19", "Healthy")
    assert jobs.evaluate(trained.result.model, turned, None) == jobs.evaluate(
        trained.result.model, dataset, None
    )


def test_class_names_may_differ_in_case(trained: Trained, tmp_path: Path) -> None:
    dataset = jobs.scan_folder(draw(tmp_path / "images", ("HEALTHY", "covid-19")))
    evaluation = jobs.evaluate(trained.result.model, dataset, None)
    assert evaluation.labels == tuple(int("covid" in str(sample.path)) for sample in dataset.samples)


def test_other_classes_are_refused(trained: Trained, tmp_path: Path) -> None:
    dataset = jobs.scan_folder(draw(tmp_path / "images", ("Healthy", "Pneumonia")))
    with pytest.raises(DatasetError) as caught:
        jobs.evaluate(trained.result.model, dataset, None)
    assert caught.value.what == (
        "The folder has the classes Healthy and Pneumonia, the model Healthy and COVID-19."
    )


def test_only_the_named_set_is_judged(trained: Trained, tmp_path: Path) -> None:
    for part, count in (("train", 3), ("val", 2), ("test", 1)):
        draw(tmp_path / part, count=count)
    dataset = jobs.scan_folder(tmp_path)
    model = trained.result.model
    sizes = [jobs.evaluate(model, dataset, subset).n for subset in ("training", "validation", "test", None)]
    assert sizes == [6, 4, 2, 12]


def test_unreadable_images_are_left_out_of_an_evaluation(trained: Trained, tmp_path: Path) -> None:
    dataset = jobs.scan_folder(draw(tmp_path / "images"))
    spoilt = [sample.path for sample in dataset.samples]
    spoilt[0].write_bytes(b"")
    heard: list[Any] = []
    assert jobs.evaluate(trained.result.model, dataset, None, emit=heard.append).n == 5
    (skipped,) = [event for event in heard if isinstance(event, FilesSkipped)]
    assert [(file.path, file.reason) for file in skipped.files] == [(spoilt[0], "Empty file.")]
    for path in spoilt:
        path.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"No image can be read\."):
        jobs.evaluate(trained.result.model, dataset, None)
    with pytest.raises(Stopped):
        jobs.evaluate(trained.result.model, dataset, None, should_stop=lambda: True)


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


def test_a_check_finds_what_the_header_does_not_tell(tmp_path: Path) -> None:
    opened = jobs.open_dataset(draw(tmp_path / "images"))
    path = opened.split.training[0].path
    path.write_bytes(path.read_bytes()[:-200])
    checked = jobs.check(jobs.scan_folder(tmp_path / "images"))
    assert [file.path for file in checked.skipped] == [path]
    without = opened.without(checked.skipped)
    assert [sample.path for sample in opened.split.training if sample not in without.split.training] == [path]
    assert without.split.validation == opened.split.validation
    assert without.dataset.samples == checked.samples
    with pytest.raises(Stopped):
        jobs.check(opened.dataset, should_stop=lambda: True)


def test_the_positive_class_can_be_turned_round(trained: Trained) -> None:
    turned = jobs.with_positive_class(trained.opened, "healthy")
    assert turned.dataset.positive_class == "Healthy"
    for subset in ("training", "validation"):
        pairs = zip(turned.split.of(subset), trained.opened.split.of(subset), strict=True)
        assert all((new.path, new.label) == (old.path, 1 - old.label) for new, old in pairs)
    with pytest.raises(DatasetError, match="There is no class Pneumonia"):
        jobs.with_positive_class(trained.opened, "Pneumonia")


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
    monkeypatch.setattr(jobs.paths, "demo_folder", lambda: tmp_path)
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
