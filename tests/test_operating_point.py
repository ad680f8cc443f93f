"""Where a model decides is written into its file, and nothing else of the file changes."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from covid_desktop import jobs
from covid_desktop.core import atomic
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import CARD, read_card
from covid_desktop.errors import ModelError, UserError

CHOICE: dict[str, Any] = {
    "threshold": 0.31,
    "origin": "95 % sensitivity on validation ✓",
    "calibration": {"slope": 0.8, "intercept": -0.1},
    "indeterminate": (0.25, 0.4),
}
PIXELS = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 1), dtype=np.uint8)


@pytest.fixture
def model(tmp_path: Path) -> jobs.Model:
    """A network with random weights, in a file."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        created="2026-01-02T03:04:05+00:00",
        data={"training": {"sha256": ["ab"]}},
    )
    path = tmp_path / "model.keras"
    Classifier(build("small-cnn", config.preprocessing), card).save(path)
    return jobs.load_model(path)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_choice_is_in_the_file_and_in_the_model(model: jobs.Model) -> None:
    before = model.card
    saved = jobs.save_operating_point(model, **CHOICE)
    expected = replace(
        before,
        threshold=0.31,
        threshold_origin=CHOICE["origin"],
        calibration=CHOICE["calibration"],
        indeterminate=(0.25, 0.4),
    )
    assert saved.card == model.card == expected
    assert jobs.load_model(model.path).card == expected


def test_everything_else_in_the_file_stays_and_so_do_the_scores(model: jobs.Model) -> None:
    before, scores = members(model.path), model.classifier.scores(PIXELS)
    saved = jobs.save_operating_point(model, **CHOICE)
    after = members(model.path)
    assert list(after) == list(before)
    assert [name for name in before if after[name] != before[name]] == [CARD]
    assert len(np.unique(scores)) == len(PIXELS)
    np.testing.assert_array_equal(saved.classifier.scores(PIXELS), scores)
    np.testing.assert_array_equal(jobs.load_model(model.path).classifier.scores(PIXELS), scores)


def test_plain_keras_still_opens_the_file(model: jobs.Model) -> None:
    import keras

    jobs.save_operating_point(model, **CHOICE)
    opened = keras.models.load_model(model.path, safe_mode=True)
    found = opened.predict(PIXELS, verbose=0)[:, 0]
    np.testing.assert_allclose(found, model.classifier.scores(PIXELS), atol=1e-5)


def test_a_choice_can_be_made_again(model: jobs.Model) -> None:
    jobs.save_operating_point(model, **CHOICE)
    before = set(members(model.path))
    jobs.save_operating_point(model, threshold=0.5, origin="", calibration={}, indeterminate=None)
    assert set(members(model.path)) == before
    card = read_card(model.path)
    assert (card.threshold, card.threshold_origin, card.indeterminate) == (0.5, "", None)


def test_a_full_disk_leaves_the_file_and_the_model_as_they_were(
    model: jobs.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    before, card = model.path.read_bytes(), model.card
    monkeypatch.setattr(atomic, "flush", full)
    with pytest.raises(UserError, match="could not be written: No space left on device"):
        jobs.save_operating_point(model, **CHOICE)
    assert model.path.read_bytes() == before
    assert list(model.path.parent.iterdir()) == [model.path]
    assert model.card == card


@pytest.mark.parametrize(
    "value",
    [
        {"threshold": 1.5},
        {"threshold": float("nan")},
        {"indeterminate": (0.4, 0.2)},
        {"calibration": {"slope": float("inf")}},
    ],
    ids=lambda value: next(iter(value)),
)
def test_what_no_card_can_have_is_not_written(model: jobs.Model, value: dict[str, Any]) -> None:
    before, card = model.path.read_bytes(), model.card
    with pytest.raises(ModelError):
        jobs.save_operating_point(model, **{**CHOICE, **value})
    assert model.path.read_bytes() == before
    assert model.card == card


def test_another_model_in_the_same_place_is_left_alone(model: jobs.Model) -> None:
    """A threshold was chosen for the scores of one model."""
    other = jobs.load_model(model.path)
    other.classifier.card = replace(other.card, created="2026-02-02T03:04:05+00:00")
    other.classifier.save(model.path)
    before = model.path.read_bytes()
    with pytest.raises(ModelError, match=r"model\.keras holds another model by now\. Open it again\."):
        jobs.save_operating_point(model, **CHOICE)
    assert model.path.read_bytes() == before


def test_a_file_that_is_gone_is_said(model: jobs.Model) -> None:
    model.path.unlink()
    with pytest.raises(ModelError, match=r"There is no file model\.keras"):
        jobs.save_operating_point(model, **CHOICE)
