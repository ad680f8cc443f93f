"""What the report of results says of the model: all of it from a card that may be anyone's."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from covid_desktop.core.document import Table
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_section import (
    audit_words,
    check_words,
    model_section,
    moment_words,
    validation_words,
)

VALIDATION = {
    "n": 1200,
    "auroc": 0.912,
    "sensitivity": 0.87,
    "specificity": 0.9,
    "threshold": 0.25,
    "intervals": {"auroc": [0.861, 0.951], "sensitivity": None},
}


def with_validation(card: ModelCard, told: Any) -> ModelCard:
    return replace(card, metrics={"validation": told}, findings=[])


def test_it_is_told_with_its_intervals(reported: SimpleNamespace) -> None:
    assert validation_words(with_validation(reported.card, VALIDATION)) == (
        "AUROC 0.912 (95 % interval 0.861 to 0.951), sensitivity 0.870, specificity 0.900. "
        "Over 1,200 images at a threshold of 0.250."
    )


def test_a_leak_is_told_with_the_numbers_it_makes_too_good(reported: SimpleNamespace) -> None:
    card = replace(reported.card, metrics={"validation": VALIDATION})
    assert validation_words(card).endswith("The check of the data found the same picture in two sets.")


@pytest.mark.parametrize(
    "told", [None, [], {}, {"auroc": "good"}, {"auroc": float("nan")}, {"auroc": True}, {"auroc": 7}]
)
def test_a_card_that_tells_nothing_of_use(reported: SimpleNamespace, told: Any) -> None:
    assert validation_words(with_validation(reported.card, told)) == "Not in the card."


@pytest.mark.parametrize("intervals", [None, 3, {"auroc": [1]}, {"auroc": ["a", "b"]}, {"auroc": {"low": 0}}])
def test_a_value_without_a_sound_interval_stands_alone(reported: SimpleNamespace, intervals: Any) -> None:
    card = with_validation(reported.card, {"auroc": 0.9, "intervals": intervals})
    assert validation_words(card) == "AUROC 0.900."


def test_the_audit_and_the_check_in_words(reported: SimpleNamespace) -> None:
    assert audit_words(reported.card) == (
        "Amber. Partly told apart <without> lungs. Look where they come from."
    )
    assert check_words(reported.card) == "2 findings: 1 serious, 1 warning."
    twice = replace(reported.card, findings=[*reported.card.findings, *reported.card.findings])
    assert check_words(twice) == "4 findings: 2 serious, 2 warnings."


def test_what_is_not_in_the_card_is_said(reported: SimpleNamespace) -> None:
    card = replace(reported.card, audit={}, findings=[], created="", threshold_origin="", indeterminate=None)
    (table,) = model_section(card, "model.keras").blocks
    assert isinstance(table, Table)
    words = dict(table.rows)
    assert table.head == ("File", "model.keras")
    assert words["Trained"] == "Not known"
    assert words["Threshold"] == "A score of 0.250 or more is called COVID-19. Nobody chose it."
    assert words["Indeterminate"].startswith("No scores are set aside")
    assert words["Shortcut audit"].startswith("Not in the card")
    assert words["Check of the data"] == "It found nothing, or is not in the card."


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-01-02T03:04:05+00:00", "2026-01-02 03:04 UTC"),
        ("2026-01-02T03:04:05", "2026-01-02 03:04"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_a_time_is_easy_to_read(moment: str, words: str) -> None:
    assert moment_words(moment) == words
