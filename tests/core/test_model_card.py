"""What travels with a model: there and back, and every kind of damage."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.model_card import FORMAT, ModelCard
from covid_desktop.errors import ModelError

Values = dict[str, Any]


def card() -> ModelCard:
    config = TrainingConfig(architecture="small-cnn", image_size=64, augmentation=AUGMENTATIONS["notebook"])
    return ModelCard(
        architecture="small-cnn",
        class_names=("Healthy ✓", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config.resolved(),
        threshold=0.25,
        created="2026-01-02T03:04:05+00:00",
        history={"best_epoch": 3, "epochs": [{"val_loss": float("inf")}]},
        metrics={"validation": {"auroc": None}},
        data={"training": {"sha256": ["ab"]}},
        versions={"keras": "3"},
        threshold_origin="at least 95 % sensitivity on validation ✓",
        calibration={
            "slope": 0.9,
            "intercept": -0.1,
            "bins": [{"low": 0, "rate": None}, {"low": 0.5, "rate": 1.0}],
        },
        indeterminate=(0.2, 0.3),
    )


def test_survives_its_text() -> None:
    assert ModelCard.from_text(card().to_text()) == card()
    assert ModelCard.from_text(card().to_text().encode()) == card()


def test_a_card_with_the_least_in_it() -> None:
    whole = card()
    least = ModelCard(
        architecture=whole.architecture,
        class_names=whole.class_names,
        preprocessing=whole.preprocessing,
        config=whole.config,
    )
    assert ModelCard.from_text(least.to_text()) == least


def test_a_card_from_before_thresholds_were_chosen() -> None:
    values = json.loads(card().to_text())
    for name in ("threshold_origin", "calibration", "indeterminate"):
        del values[name]
    older = ModelCard.from_text(json.dumps(values))
    assert older == replace(card(), threshold_origin="", calibration={}, indeterminate=None)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.25, 0.25), (0.0, 0.0)])
def test_a_range_may_reach_the_ends_of_the_scores_or_be_one_score(ends: tuple[float, float]) -> None:
    whole = replace(card(), indeterminate=ends)
    assert ModelCard.from_text(whole.to_text()) == whole


def test_a_range_of_whole_numbers_is_one_of_scores() -> None:
    text = json.dumps(json.loads(card().to_text()) | {"indeterminate": [0, 1]})
    ends = ModelCard.from_text(text).indeterminate
    assert ends == (0.0, 1.0)
    assert ends is not None
    assert [type(end) for end in ends] == [float, float]


def test_says_in_words_what_the_model_is() -> None:
    values = json.loads(card().to_text())
    assert values["format"] == FORMAT
    assert values["positive_class"] == "COVID-19"
    assert "COVID-19" in values["score"]
    assert "not for diagnosis" in values["intended_use"]


@pytest.mark.parametrize(
    ("score", "label"), [(0, "Healthy ✓"), (0.2499, "Healthy ✓"), (0.25, "COVID-19"), (1, "COVID-19")]
)
def test_the_class_of_a_score(score: float, label: str) -> None:
    assert replace(card(), indeterminate=None).label_of(score) == label


@pytest.mark.parametrize(
    ("score", "label"),
    [
        (0, "Healthy ✓"),
        (0.1999, "Healthy ✓"),
        (0.2, "Indeterminate"),
        (0.25, "Indeterminate"),
        (0.3, "Indeterminate"),
        (0.3001, "COVID-19"),
        (1, "COVID-19"),
    ],
)
def test_a_score_from_one_end_of_the_range_to_the_other_is_neither_class_s(score: float, label: str) -> None:
    assert card().label_of(score) == label
    assert card().is_indeterminate(score) == (label == "Indeterminate")


def test_without_a_range_no_score_is_indeterminate() -> None:
    sure = replace(card(), indeterminate=None)
    assert not any(sure.is_indeterminate(score) for score in (0.0, 0.25, 1.0))


def test_a_probability_is_the_calibration_s() -> None:
    whole = replace(card(), calibration={"slope": 2.0, "intercept": 0.5})
    logit = 2 * math.log(0.6 / 0.4) + 0.5
    assert whole.probability_of(0.6) == pytest.approx(1 / (1 + math.exp(-logit)))
    assert whole.probability_of(0.6) != pytest.approx(0.6)
    assert [0 <= (whole.probability_of(score) or 0.0) <= 1 for score in (0.0, 1.0)] == [True, True]


def test_without_a_calibration_there_is_no_probability() -> None:
    assert replace(card(), calibration={}).probability_of(0.6) is None


def test_a_newer_card_is_told_from_a_damaged_one() -> None:
    text = json.dumps(json.loads(card().to_text()) | {"format": FORMAT + 1, "new": True})
    with pytest.raises(ModelError, match="made by a newer version"):
        ModelCard.from_text(text)


def put(*keys: str, value: Any) -> Callable[[Values], None]:
    def damage(values: Values) -> None:
        for key in keys[:-1]:
            values = values[key]
        values[keys[-1]] = value

    damage.__name__ = f"{'.'.join(keys)}={str(value)[:20]}"
    return damage


def drop(*keys: str) -> Callable[[Values], None]:
    def damage(values: Values) -> None:
        for key in keys[:-1]:
            values = values[key]
        del values[keys[-1]]

    damage.__name__ = f"without {'.'.join(keys)}"
    return damage


DAMAGES = [
    drop("format"),
    drop("architecture"),
    drop("class_names"),
    drop("preprocessing"),
    drop("preprocessing", "width"),
    drop("config"),
    drop("config", "augmentation"),
    drop("threshold"),
    put("format", value="1"),
    put("format", value=None),
    put("architecture", value="alexnet"),
    put("architecture", value=["small-cnn"]),
    put("class_names", value=["COVID-19"]),
    put("class_names", value=["a", "b", "COVID-19"]),
    put("class_names", value=["COVID-19", "COVID-19"]),
    put("class_names", value=["COVID-19", "Healthy ✓"]),
    put("class_names", value="ab"),
    put("class_names", value=[0, 1]),
    put("class_names", value=None),
    put("positive_class", value="Healthy ✓"),
    put("threshold", value=1.5),
    put("threshold", value=-0.1),
    put("threshold", value=float("nan")),
    put("threshold", value=10**400),
    put("threshold", value="high"),
    put("threshold", value=None),
    put("preprocessing", value=[]),
    put("preprocessing", "width", value=0),
    put("preprocessing", "height", value=10**9),
    put("preprocessing", "width", value="64"),
    put("preprocessing", "channels", value=2),
    put("preprocessing", "fit", value="squeeze"),
    put("preprocessing", "extra", value=1),
    put("config", value=None),
    put("config", "augmentation", value={"shear": 1}),
    put("config", "unknown", value=1),
    put("history", value=[]),
    put("metrics", value="good"),
    put("data", value=None),
    put("versions", value=3),
    put("created", value=7),
    put("threshold_origin", value=None),
    put("threshold_origin", value=["a"]),
    put("calibration", value=None),
    put("calibration", value=[]),
    drop("calibration", "slope"),
    drop("calibration", "intercept"),
    put("calibration", "slope", value=float("nan")),
    put("calibration", "slope", value="steep"),
    put("calibration", "intercept", value=None),
    put("calibration", "intercept", value=10**400),
    put("calibration", "bins", value=[{"low": float("-inf")}]),
    put("indeterminate", value=0.2),
    put("indeterminate", value=[]),
    put("indeterminate", value=[0.2]),
    put("indeterminate", value=[0.1, 0.2, 0.3]),
    put("indeterminate", value=[0.3, 0.2]),
    put("indeterminate", value=[-0.1, 0.2]),
    put("indeterminate", value=[0.2, 1.1]),
    put("indeterminate", value=[0.2, float("nan")]),
    put("indeterminate", value=[float("nan"), 0.2]),
    put("indeterminate", value=[10**400, 10**401]),
    put("indeterminate", value=[False, True]),
    put("indeterminate", value=["0", "1"]),
    put("indeterminate", value="01"),
    put("indeterminate", value={"low": 0, "high": 1}),
    put("indeterminate", value=[None, 1]),
    put("unknown", value=1),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_card(damage: Callable[[Values], None]) -> None:
    values = json.loads(card().to_text())
    damage(values)
    assert_is_refused(json.dumps(values))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"card"',
        "{}",
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n",
        "[" * 100_000,
        '{"format": ' + "9" * 5000 + "}",
        card().to_text()[:-40],
    ],
    ids=range(12),
)
def test_text_that_is_no_card(text: str | bytes) -> None:
    assert_is_refused(text)


def assert_is_refused(text: str | bytes) -> None:
    with pytest.raises(
        ModelError, match=r"card is damaged or was not written by this program\. Train or copy"
    ):
        ModelCard.from_text(text)
