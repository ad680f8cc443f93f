"""Settings of a training run: defaults, limits, JSON."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from covid_desktop.core.architectures import ARCHITECTURES, DEFAULT_ARCHITECTURE
from covid_desktop.core.config import AUGMENTATIONS, LIMITS, Augmentation, TrainingConfig
from covid_desktop.errors import UserError


def with_value(name: str, value: Any) -> TrainingConfig:
    owner, _, part = name.rpartition(".")
    if owner:
        return TrainingConfig(augmentation=replace(Augmentation(), **{part: value}))
    return replace(TrainingConfig(), **{name: value})


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_defaults_are_good_for_every_network(architecture: str) -> None:
    config = TrainingConfig(architecture=architecture)
    chosen = ARCHITECTURES[architecture]
    resolved = config.resolved()
    assert config.problems() == {}
    assert resolved.problems() == {}
    assert resolved.resolved() == resolved
    assert (resolved.batch_size, resolved.image_size) == (chosen.batch_size, chosen.size)
    assert resolved.learning_rate == chosen.learning_rate
    assert config.preprocessing == resolved.preprocessing == chosen.preprocessing()


def test_the_default_network_is_one_of_them() -> None:
    assert DEFAULT_ARCHITECTURE in ARCHITECTURES
    assert all(architecture.key == key for key, architecture in ARCHITECTURES.items())


def test_given_values_stay() -> None:
    config = TrainingConfig(architecture="small-cnn", batch_size=7, image_size=64, learning_rate=0.5, seed=9)
    assert config.resolved() == config
    assert config.preprocessing.shape == (64, 64, 1)


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_allowed_and_what_is_beyond_is_not(name: str) -> None:
    limits = LIMITS[name]
    for value in (limits.low, limits.high):
        assert with_value(name, value).problems() == {}
    for value in (math.nextafter(limits.low, -math.inf), limits.high * 1.01, math.inf, math.nan):
        config = with_value(name, value)
        assert config.problems().keys() == {name}
        assert config.problems()[name].startswith(f"{limits.label} must be from ")


@pytest.mark.parametrize("name", ["batch_size", "image_size", "learning_rate"])
def test_nought_is_not_taken_for_the_default(name: str) -> None:
    with pytest.raises(UserError, match=f"{LIMITS[name].label} must be from .*, not 0"):
        with_value(name, 0).resolved()


def test_every_problem_is_told_at_once() -> None:
    config = TrainingConfig(architecture="alexnet", epochs=0, seed=-1)
    assert config.problems().keys() == {"architecture", "epochs", "seed"}
    with pytest.raises(UserError, match=r"'alexnet'.*Epochs must be from 1 to 1000, not 0.*Seed") as caught:
        config.resolved()
    assert caught.value.fix


@pytest.mark.parametrize(
    ("augmentation", "fields"),
    [
        (Augmentation(), set()),
        (Augmentation(zoom=0.3, horizontal_flip=True, rotation=180), set()),
        (Augmentation(zoom=0.31), {"augmentation.zoom"}),
        (Augmentation(vertical_flip=True), {"augmentation.vertical_flip"}),
        (AUGMENTATIONS["notebook"], {"augmentation.zoom", "augmentation.vertical_flip"}),
    ],
)
def test_what_no_chest_image_looks_like_is_cautioned_and_allowed(
    augmentation: Augmentation, fields: set[str]
) -> None:
    config = TrainingConfig(augmentation=augmentation)
    assert config.cautions().keys() == fields
    assert all(sentence.endswith(".") for sentence in config.cautions().values())
    assert config.problems() == {}


@pytest.mark.parametrize("patience", range(2, 8))
def test_the_learning_rate_is_lowered_before_the_run_is_stopped(patience: int) -> None:
    assert 1 <= TrainingConfig(patience=patience).plateau_patience < patience


def test_copies_are_for_frozen_networks_that_augment() -> None:
    frozen, trained = TrainingConfig(), TrainingConfig(architecture="small-cnn")
    assert frozen.copies > 1
    assert replace(frozen, augmentation=AUGMENTATIONS["none"]).copies == 1
    assert trained.copies == replace(trained, augmentation=AUGMENTATIONS["none"]).copies == 0


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_survives_json(name: str) -> None:
    config = TrainingConfig(augmentation=AUGMENTATIONS[name], learning_rate=0.01, class_weights=False)
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_only_none_is_off() -> None:
    assert [name for name, augmentation in AUGMENTATIONS.items() if augmentation.is_off] == ["none"]
    off = AUGMENTATIONS["none"]
    changes: list[dict[str, Any]] = [
        {"rotation": 1},
        {"zoom": 0.1},
        {"horizontal_flip": True},
        {"vertical_flip": True},
    ]
    assert not any(replace(off, **change).is_off for change in changes)


def test_a_longer_run_takes_longer() -> None:
    for architecture in ARCHITECTURES.values():
        assert 0 < architecture.seconds(100, 5) < architecture.seconds(200, 5)
        assert architecture.seconds(100, 5) < architecture.seconds(100, 25)
