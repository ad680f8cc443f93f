"""The CLAIM draft: every item, what is filled in, and what is left for the author."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from covid_desktop.core.card_sections import RESEARCH_USE
from covid_desktop.core.claim import FOR_AUTHOR, claim_sections, claim_text
from covid_desktop.core.document import Table
from covid_desktop.core.model_card import ModelCard

ASKED_OF_AUTHOR = [*range(2, 9), 11, *range(13, 20), 33, 34, *range(40, 43)]


def rows(card: ModelCard, judgements: object = ()) -> list[tuple[str, ...]]:
    sections = claim_sections(card, judgements)  # type: ignore[arg-type]
    return [row for one in sections for block in one.blocks if isinstance(block, Table) for row in block.rows]


def answers(card: ModelCard, judgements: object = ()) -> dict[str, str]:
    """By the numbers of 2020."""
    return {number: answer for number, _, answer in rows(card, judgements) if number != "2024"}


def test_all_items_of_2020_stand_there_in_order(reported: SimpleNamespace) -> None:
    assert list(answers(reported.card, reported.judgements)) == [str(number) for number in range(1, 43)]


def test_what_only_the_author_knows_is_left_open(reported: SimpleNamespace) -> None:
    found = answers(reported.card, reported.judgements)
    external = replace(reported.card, audit={})
    assert [int(number) for number, answer in found.items() if answer == FOR_AUTHOR] == ASKED_OF_AUTHOR
    assert answers(external)["30"] == FOR_AUTHOR


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1", "Small CNN"),
        ("9", "128 x 128 pixels, grey"),
        ("20", "seed 17"),
        ("20", "70 images for training, 18 images for validation"),
        ("21", "found the same picture in two sets"),
        ("23", "keras 3.15.1"),
        ("24", "Drawn at random, seed 17."),
        ("26", "Youden index, on north"),
        ("28", "AUROC, AUPRC"),
        ("29", "DeLong"),
        ("30", "Shortcut audit: amber."),
        ("32", "Judged on south & co;"),
        ("35", "north, validation: AUROC 0."),
        ("37", "south & co: 1 missed, 1 wrongly called."),
        ("38", "The best epoch was chosen on these images"),
        ("39", RESEARCH_USE),
    ],
)
def test_what_the_program_knows_is_filled_in(reported: SimpleNamespace, number: str, words: str) -> None:
    assert words in answers(reported.card, reported.judgements)[number]


def test_results_are_left_open_where_nothing_was_judged(reported: SimpleNamespace) -> None:
    found = answers(reported.card)
    assert [found[number] for number in ("28", "29", "32", "35", "36", "37")] == [FOR_AUTHOR] * 6


def test_images_of_the_run_are_no_external_data(reported: SimpleNamespace) -> None:
    known = replace(reported.judgements[1], in_training=1)
    assert answers(reported.card, [known])["32"] == FOR_AUTHOR


def test_the_frozen_network_starts_from_photographs(reported: SimpleNamespace) -> None:
    assert "photographs" in answers(replace(reported.card, architecture="efficientnet-lite0"))["24"]


def test_as_markdown_it_says_what_it_is_and_is_not(reported: SimpleNamespace) -> None:
    text = claim_text(reported.card, reported.judgements)
    assert text.startswith(f"# CLAIM checklist (draft)\n\n**{RESEARCH_USE}**\n")
    assert text.endswith(f"**{RESEARCH_USE}**\n")
    assert "Mongan" in text
    assert "Tejani" in text
    assert [secret for secret in reported.secrets if secret in text] == []
