"""``train``: a seed gives one run, the best epoch is what is left, unreadable files are left out."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from covid_desktop import __version__
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Sample, Split
from covid_desktop.core.events import EpochEnded, FilesSkipped, LearningRateReduced, Progress, never
from covid_desktop.core.loading import read_images
from covid_desktop.core.model_card import ModelCard
from covid_desktop.errors import DatasetError, Stopped, UserError
from covid_desktop.learning.classifier import Classifier
from covid_desktop.learning.training import train

MakeConfig = Callable[..., TrainingConfig]
Runs = Callable[[str], Any]
EACH = pytest.mark.parametrize("architecture", ["small-cnn", "efficientnet-lite0"])


def pixels_of(samples: tuple[Sample, ...], card: ModelCard) -> np.ndarray:
    return read_images(samples, card.preprocessing, "", lambda event: None, never).pixels


def test_the_same_seed_gives_the_same_small_cnn(
    runs: Runs, start_run: Any, make_config: MakeConfig, tmp_path: Path
) -> None:
    """With augmentation; the numbers have six digits."""
    first = runs("small-cnn")
    assert not make_config("small-cnn").augmentation.is_off
    again = start_run(make_config("small-cnn"), tmp_path)
    assert again.curves == first.curves
    assert again.trained.evaluation == first.trained.evaluation


def test_the_same_seed_gives_the_same_pretrained_network_from_a_fresh_and_a_filled_store(
    start_run: Any, make_config: MakeConfig, tmp_path: Path
) -> None:
    fresh = start_run(make_config("efficientnet-lite0"), tmp_path)
    filled = start_run(make_config("efficientnet-lite0"), tmp_path)
    assert (fresh.images_read, filled.images_read) == (3 * 12 + 6, 0)
    assert filled.curves == fresh.curves
    assert filled.trained.evaluation == fresh.trained.evaluation


@EACH
def test_another_seed_gives_another_run(
    architecture: str, runs: Runs, start_run: Any, make_config: MakeConfig, store: Path
) -> None:
    first = runs(architecture)  # fills the store
    other = start_run(make_config(architecture, seed=1, epochs=1), store)
    assert other.curves[0] != first.curves[0]
    assert other.images_read == 0


def test_the_best_epoch_is_what_is_saved(
    runs: Runs, start_run: Any, make_config: MakeConfig, data: Any, store: Path, tmp_path: Path
) -> None:
    """Validation labels are turned round, so that the network gets the worse the more it learns."""
    runs("efficientnet-lite0")  # fills the store
    contrary = tuple(replace(sample, label=1 - sample.label) for sample in data.split.validation)
    split = Split(training=data.split.training, validation=contrary)
    config = make_config("efficientnet-lite0", epochs=9, patience=2)
    run = start_run(config, store, split=split)
    losses = [epoch.val_loss for epoch in run.of(EpochEnded)]
    assert np.diff(losses).min() > 0.01
    assert run.trained.history.best_epoch == 1
    assert run.trained.history.ended == "stopped early"
    assert [event.epoch for event in run.of(LearningRateReduced)] == [2, 3]
    assert len(losses) == 3
    run.trained.classifier.save(tmp_path / "model.keras")
    loaded = Classifier.load(tmp_path / "model.keras")
    scores = loaded.scores(pixels_of(contrary, loaded.card))
    assert log_loss([sample.label for sample in contrary], scores) == pytest.approx(losses[0], abs=1e-5)
    assert loaded.card.history["best_epoch"] == 1


@EACH
def test_validation_is_scored_as_fit_scored_it(architecture: str, runs: Runs) -> None:
    """The evaluation reads pixels through the whole network, ``fit`` may have had features."""
    trained = runs(architecture).trained
    loss = log_loss(trained.evaluation.labels, trained.evaluation.scores)
    assert loss == pytest.approx(trained.history.best.val_loss, abs=1e-5)
    assert trained.evaluation.accuracy == pytest.approx(trained.history.best.val_accuracy)


def test_the_pretrained_network_learns_what_is_drawn(runs: Runs) -> None:
    assert runs("efficientnet-lite0").trained.evaluation.auroc > 0.8


@EACH
def test_the_card_holds_all_that_is_promised(
    architecture: str, runs: Runs, make_config: MakeConfig, data: Any
) -> None:
    run = runs(architecture)
    card = run.trained.classifier.card
    config = make_config(architecture).resolved()
    assert (card.architecture, card.config, card.preprocessing) == (
        architecture,
        config,
        config.preprocessing,
    )
    assert card.class_names == ("Healthy", "COVID-19")
    assert card.positive_class == "COVID-19"
    assert card.config.seed == 0
    assert card.threshold == run.trained.evaluation.threshold == 0.5
    assert (card.threshold_origin, card.calibration, card.indeterminate) == ("", {}, None)
    assert card.history == run.trained.history.to_json()
    assert card.metrics == {"validation": run.trained.evaluation.to_json()}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", card.created)
    assert card.versions["covid_desktop"] == __version__
    assert set(card.versions) >= {"python", "keras", "tensorflow", "numpy", "pillow", "pydicom"}
    for name in ("training", "validation"):
        samples = data.split.of(name)
        hashes = sorted(hashlib.sha256(sample.path.read_bytes()).hexdigest() for sample in samples)
        half = len(samples) // 2
        assert card.data[name] == {"negative": half, "positive": half, "sha256": hashes}


@EACH
def test_the_card_names_no_file(architecture: str, runs: Runs, data: Any) -> None:
    text = runs(architecture).trained.classifier.card.to_text()
    assert json.loads(text)["positive_class"] == "COVID-19"
    assert str(data.folder) not in text
    assert ".png" not in text


@pytest.fixture
def own_split(data: Any, tmp_path: Path) -> Split:
    """The same images in files that a test may spoil."""
    folder = tmp_path / "images"
    shutil.copytree(data.folder, folder)
    sets = {
        name: tuple(
            replace(sample, path=folder / sample.path.relative_to(data.folder))
            for sample in data.split.of(name)
        )
        for name in ("training", "validation")
    }
    return Split(**sets)


def spoil(samples: tuple[Sample, ...]) -> list[Path]:
    for sample in samples:
        sample.path.write_bytes(sample.path.read_bytes()[:100])
    return [sample.path for sample in samples]


def test_files_that_cannot_be_read_after_all_are_left_out_and_told(
    start_run: Any, make_config: MakeConfig, own_split: Split, tmp_path: Path
) -> None:
    spoilt = spoil(own_split.training[:2])
    own_split.validation[-1].path.unlink()
    run = start_run(make_config("small-cnn", epochs=1), tmp_path, split=own_split)
    skipped = [file for event in run.of(FilesSkipped) for file in event.files]
    assert [file.path for file in skipped] == [*spoilt, own_split.validation[-1].path]
    assert skipped[0].reason == "Damaged, cut off, or of a kind that is not supported."
    assert skipped[-1].reason == "Cannot be opened: no such file or directory."
    assert run.trained.history.started.training == 10
    assert run.trained.evaluation.n == 5
    counts = run.trained.classifier.card.data
    assert len(counts["training"]["sha256"]) == 10
    assert counts["validation"]["negative"] + counts["validation"]["positive"] == 5


@pytest.mark.parametrize(("part", "label"), [("training", 0), ("validation", 1)])
def test_a_class_that_cannot_be_read_at_all_is_said(
    part: Any, label: int, start_run: Any, make_config: MakeConfig, own_split: Split, tmp_path: Path
) -> None:
    spoil(tuple(sample for sample in own_split.of(part) if sample.label == label))
    name = ("Healthy", "COVID-19")[label]
    with pytest.raises(DatasetError, match=f"No {part} image of the class {name} can be read."):
        start_run(make_config("small-cnn"), tmp_path, split=own_split)


def test_a_stop_while_images_are_read_leaves_nothing(
    make_config: MakeConfig, data: Any, tmp_path: Path
) -> None:
    asked = iter(range(100))
    events: list[Any] = []
    with pytest.raises(Stopped):
        train(
            data.dataset,
            data.split,
            make_config("efficientnet-lite0"),
            tmp_path,
            events.append,
            lambda: next(asked) >= 5,
        )
    assert next(asked) == 6
    assert {event.stage for event in events if isinstance(event, Progress)} == {"Reading training images"}
    assert list(tmp_path.iterdir()) == []


def test_settings_out_of_range_are_said_before_anything_is_read(
    make_config: MakeConfig, data: Any, tmp_path: Path
) -> None:
    events: list[Any] = []
    with pytest.raises(UserError, match="Epochs must be from 1 to 1000, not 0"):
        train(data.dataset, data.split, make_config("small-cnn", epochs=0), tmp_path, events.append, never)
    assert events == []
