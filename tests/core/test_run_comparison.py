"""Two runs on the images that both have, settings that differ, and what is written of them."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from covid_desktop.core.comparison import auroc_difference
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.run_comparison import (
    compare,
    comparison_words,
    curves_csv,
    settings,
    settings_that_differ,
    table_csv,
    validation_csv,
    validation_scores,
)
from covid_desktop.core.runs import Run, annotate, read_run, rename

MakeRun = Callable[..., Path]
Scores = dict[str, tuple[int, float]]
LABELS = (1, 1, 1, 1, 0, 0, 0, 0)
GOOD = (0.9, 0.8, 0.7, 0.4, 0.5, 0.3, 0.2, 0.1)
BAD = (0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.2, 0.8)


def scored(values: tuple[float, ...], prefix: str = "v") -> Scores:
    pairs = zip(LABELS, values, strict=True)
    return {f"{prefix}{number}": pair for number, pair in enumerate(pairs)}


@pytest.fixture
def run(tmp_path: Path, make_run: MakeRun) -> Callable[..., Run]:
    def make(name: str, **values: Any) -> Run:
        return read_run(make_run(tmp_path, name, **values))

    return make


MakeOne = Callable[..., Run]


def test_scores_come_back_as_they_were(tmp_path: Path, run: MakeOne) -> None:
    made = run("run")
    evaluation = Evaluation(labels=(1, 0), scores=(1 / 3, 1e-9), threshold=0.5, paths=(tmp_path, tmp_path))
    text = validation_csv(("a", "b"), evaluation)
    (made.folder / "model.validation.csv").write_text(text, encoding="utf-8")
    assert validation_scores(made) == {("a", 1): 1 / 3, ("b", 0): 1e-9}
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", "sha256,label,score\na,1\n", "sha256,label,score\na,1,high\n"]
    + [f"sha256,label,score\na,{row}\n" for row in ("2,0.5", "1,nan", "1,inf")],
)
def test_scores_that_are_damaged_are_none(run: MakeOne, text: str) -> None:
    made = run("run", scores=scored(GOOD))
    assert len(validation_scores(made)) == 8
    (made.folder / "model.validation.csv").write_text(text)
    assert validation_scores(made) == {}


def test_two_runs_are_compared_on_the_images_that_both_have(run: MakeOne) -> None:
    more = {"only here": (1, 0.1), "here too": (0, 0.9)}
    found = compare(run("good", scores=scored(GOOD) | more), run("bad", scores=scored(BAD)))
    assert found is not None
    assert (found.n, found.first, found.second) == (8, 15 / 16, 6.5 / 16)
    assert found.difference == auroc_difference(LABELS, GOOD, BAD)


def test_an_image_that_one_of_them_learnt_from_does_not_count(run: MakeOne) -> None:
    first, second = run("1", scores=scored(GOOD)), run("2", scores=scored(BAD), training=("v0", "v4"))
    for found in (compare(first, second), compare(second, first)):
        assert found is not None
        assert found.n == 6


def test_an_image_that_was_given_another_class_since_does_not_count(run: MakeOne) -> None:
    relabelled = scored(BAD) | {"v0": (0, 0.9)}
    found = compare(run("1", scores=scored(GOOD)), run("2", scores=relabelled))
    assert found is not None
    assert found.n == 7


@pytest.mark.parametrize(
    "other",
    [
        {"scores": scored(GOOD, "w")},
        {"scores": {name: pair for name, pair in scored(GOOD).items() if pair[0]}},
        {"scores": scored(GOOD), "class_names": ("COVID-19", "Healthy")},
        {"scores": None},
    ],
    ids=["other images", "one class", "other classes", "no scores"],
)
def test_runs_with_nothing_in_common_cannot_be_compared(run: MakeOne, other: Any) -> None:
    first = run("1", scores=scored(GOOD))
    assert compare(first, first) is not None
    assert compare(first, run("2", **other)) is None


def test_a_run_without_a_model_cannot_be_compared(run: MakeOne) -> None:
    first, second = run("1", scores=scored(GOOD)), run("2", scores=scored(GOOD))
    second.model.unlink()
    assert compare(first, read_run(second.folder)) is None


def test_a_difference_that_may_be_chance_is_said_to_be(run: MakeOne) -> None:
    (words,) = comparison_words(
        {"A": run("1", scores=scored(GOOD)), "B": run("2", scores=scored((*GOOD[1:], 0.1)))}
    )
    assert words.startswith("A and B: AUROC 0.938 and ")
    assert "on the 8 validation images that both have" in words
    assert words.endswith("That may be chance.")


@pytest.mark.parametrize(("names", "better"), [(("A", "B"), "A"), (("B", "A"), "A")])
def test_the_better_run_is_named(run: MakeOne, names: tuple[str, str], better: str) -> None:
    right = {f"v{number}": (number % 2, 0.5 + (number % 2 - 0.5) * 0.8) for number in range(80)}
    wrong = {image: (label, 1 - score) for image, (label, score) in right.items()}
    runs = {"A": run("good", scores=right), "B": run("bad", scores=wrong)}
    (words,) = comparison_words({name: runs[name] for name in names})
    assert words.endswith(f"{better} is better on them.")


def test_three_runs_are_compared_by_twos_and_one_without_scores_is_named(run: MakeOne) -> None:
    named = {name: run(name, scores=scored(GOOD)) for name in "ABC"}
    starts = [words[:8] for words in comparison_words(named)]
    assert starts == ["A and B:", "A and C:", "B and C:"]
    named["B"] = run("old")
    words = comparison_words(named)
    assert words[0].startswith("A and C:")
    assert words[1:] == ["What B scored on validation images was not kept."]


def test_settings_that_differ_stand_side_by_side(run: MakeOne) -> None:
    first = run("1", config={"epochs": 5})
    second = run("2", config={"epochs": 9, "class_weights": False})
    assert settings_that_differ([first, second]) == [("Epochs", "5", "9"), ("Class weights", "on", "off")]
    assert settings_that_differ([first, first]) == []
    assert settings_that_differ([first]) == []


def test_settings_are_those_that_the_run_had(run: MakeOne) -> None:
    values = settings(run("1", architecture="small-cnn"))
    assert (values["Network"], values["Batch size"], values["Image size"]) == ("Small CNN", "16", "128")
    assert (values["Training images"], values["Rotation"]) == ("2", "10°")


def test_a_damaged_run_has_a_dash_for_each_setting(run: MakeOne) -> None:
    first, second = run("1", versions={"covid_desktop": "1.2"}), run("2")
    second.model.unlink()
    rows = settings_that_differ([first, read_run(second.folder)])
    assert len(rows) == len(settings(first))
    assert {row[2] for row in rows} == {"-"}


def test_the_table_as_csv(run: MakeOne) -> None:
    named = annotate(rename(run("2026-01-02 03.04.05 small-cnn"), 'The "first", one'), "A note")
    broken = run("broken")
    broken.model.unlink()
    rows = list(csv.DictReader(io.StringIO(table_csv([named, read_run(broken.folder)]))))
    assert rows[0]["name"] == 'The "first", one'
    assert rows[0]["began"].startswith("2026-01-02 03:04:05")
    assert [rows[0][key] for key in ("validation_auroc", "validation_images", "best_epoch", "note")] == [
        "0.875",
        "4",
        "2",
        "A note",
    ]
    assert rows[1]["problem"].startswith("There is no model in it")


def test_the_curves_as_csv(run: MakeOne) -> None:
    first = rename(run("1", losses=(0.5, None)), 'a "b", c')
    second = rename(run("2", losses=(0.4,)), "d")
    rows = list(csv.DictReader(io.StringIO(curves_csv([first, second]))))
    values = [(row["run"], row["epoch"], row["val_loss"]) for row in rows]
    assert values == [('a "b", c', "1", "0.5"), ('a "b", c', "2", "nan"), ("d", "1", "0.4")]


def test_no_runs_as_csv() -> None:
    assert table_csv([]).strip() == ""
    assert curves_csv([]) == ""
