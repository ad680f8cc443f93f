"""The model card in words: what it tells, what it leaves to its author, and what it must not tell."""

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from covid_desktop.core.card_facts import audit_of, digest_of, findings_of, set_facts
from covid_desktop.core.card_sections import AUTHOR, COLUMNS, RESEARCH_USE, card_sections, names_of
from covid_desktop.core.card_text import card_text
from covid_desktop.core.document import Bullets, Section, Table, escaped, markdown
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import measures


def text_of(reported: SimpleNamespace, **changes: Any) -> str:
    return card_text(replace(reported.card, **changes), reported.judgements)


def section(text: str, title: str) -> str:
    """What stands under a heading."""
    return text.split(f"## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def tables(reported: SimpleNamespace, key: str) -> list[Table]:
    sections = {one.key: one for one in card_sections(reported.card, reported.judgements)}
    return [block for block in sections[key].blocks if isinstance(block, Table)]


def test_research_use_stands_at_the_head_and_the_foot(reported: SimpleNamespace) -> None:
    lines = text_of(reported).splitlines()
    assert lines[0] == "# Model card: Healthy / COVID-19"
    assert lines[2] == lines[-1] == f"**{RESEARCH_USE}**"


def test_neither_paths_nor_patients_nor_single_hashes_are_named(reported: SimpleNamespace) -> None:
    text = text_of(reported)
    assert "north, validation" in text
    assert [secret for secret in reported.secrets if secret in text] == []


def test_only_the_author_can_tell_where_the_images_come_from(reported: SimpleNamespace) -> None:
    assert f"consent and ethics: {AUTHOR}" in section(text_of(reported), "Data")
    assert section(text_of(reported), "Intended use and limits").count(AUTHOR) == 2


def test_images_are_counted_and_their_hashes_hashed(reported: SimpleNamespace) -> None:
    text = section(text_of(reported), "Data")
    digest = hashlib.sha256(f"{'ab' * 32}\n{'cd' * 32}".encode()).hexdigest()
    assert "| Training | 70 | 40 | 30 |" in text
    assert "| Validation | 18 | 10 | 8 |" in text
    assert f"training images, one a line: {digest}" in text


def test_the_hash_of_hashes_does_not_depend_on_their_order() -> None:
    assert digest_of(["b", "a"]) == digest_of(["a", "b"]) != digest_of(["a", "c"])


def test_settings_and_versions(reported: SimpleNamespace) -> None:
    text = text_of(reported)
    settings = section(text, "Network and settings")
    assert "| Input | 128 x 128 pixels, grey, made to fit by: stretch |" in settings
    assert "| Epoch kept | 3, the one with the lowest validation loss |" in settings
    assert "| Seed | 17 |" in settings
    assert "| keras | 3.15.1 |" in section(text, "Versions")


def test_each_measure_with_its_interval_and_how_it_was_found(reported: SimpleNamespace) -> None:
    text = section(text_of(reported), "Results")
    auroc = measures(reported.judgements[0].evaluation)["auroc"]
    words = f"{auroc.value:.3f} ({auroc.low:.3f} to {auroc.high:.3f})"
    assert f"| AUROC | {words} | {words} |" in text
    assert "- 95 % interval: DeLong: AUROC." in text
    assert "- 95 % interval: Wilson: Accuracy, Sensitivity, Specificity, PPV, NPV." in text
    assert "| True positive | 5 | 5 |\n| False negative | 1 | 1 |" in text


def test_cautions_and_comparisons_are_told(reported: SimpleNamespace) -> None:
    text = section(text_of(reported), "Results")
    assert "- north, validation: The best epoch was chosen on these images" in text
    assert "No drop from north, validation to south \\& co can be shown" in text


def test_a_measure_without_images_is_a_dash_and_says_why(reported: SimpleNamespace) -> None:
    alone = replace(reported.judgements[0].evaluation, labels=(1,) * 12)
    text = card_text(reported.card, [replace(reported.judgements[0], evaluation=alone)])
    assert "| AUROC | \N{EN DASH} |" in text
    assert "- Not defined: there are no negative images: Specificity." in text


def test_many_sets_are_put_into_several_tables(reported: SimpleNamespace) -> None:
    many = SimpleNamespace(card=reported.card, judgements=[reported.judgements[1]] * (COLUMNS + 1))
    assert [len(table.head) for table in tables(many, "results")] == [1 + COLUMNS, 2]


@pytest.mark.parametrize(
    ("origin", "words"), [("Youden index", "It was chosen so: Youden index."), ("", "Nobody chose it.")]
)
def test_how_the_threshold_was_chosen(reported: SimpleNamespace, origin: str, words: str) -> None:
    text = section(text_of(reported, threshold_origin=origin), "Threshold")
    assert f"A score of 0.250 or more is called COVID-19. {words}" in text


def test_a_set_that_was_judged_at_another_threshold_is_named(reported: SimpleNamespace) -> None:
    text = section(text_of(reported, threshold=0.5), "Threshold")
    assert "north, validation was judged at 0.250 instead." in text
    assert "instead" not in section(text_of(reported), "Threshold")


def test_calibration_and_indeterminate_scores(reported: SimpleNamespace) -> None:
    text = text_of(reported)
    assert "1.500 times the score's logit, plus -0.125" in section(text, "Calibration")
    assert "Scores from 0.200 to 0.300 are neither class's." in section(text, "Indeterminate scores")
    bare = text_of(reported, calibration={}, indeterminate=None)
    assert "they are no probabilities" in section(bare, "Calibration")
    assert "No band of scores" in section(bare, "Indeterminate scores")


def test_the_audit_with_what_each_small_model_saw(reported: SimpleNamespace) -> None:
    text = section(text_of(reported), "Shortcut audit")
    assert "Verdict: amber. Partly told apart \\<without\\> lungs." in text
    assert "| Outer frame only | 0.875 (0.800 to 0.950) | 90 |" in text
    assert "No shortcut audit is in the card" in section(text_of(reported, audit={}), "Shortcut audit")


def test_findings_with_the_most_serious_first(reported: SimpleNamespace) -> None:
    rows = tables(reported, "check")[0].rows
    assert rows == (("Serious", "Leak", "2"), ("Warning", "Blank", "1,234"))
    assert "found nothing, or is not in the card" in text_of(reported, findings=[])


def test_a_leak_speaks_against_the_split(reported: SimpleNamespace) -> None:
    doubt = "found the same picture in two sets"
    assert doubt in section(text_of(reported), "Split")
    assert doubt not in section(text_of(reported, findings=[]), "Split")


def test_a_model_that_was_not_judged_has_a_card(reported: SimpleNamespace) -> None:
    assert "has not been evaluated" in card_text(reported.card)


@pytest.mark.parametrize(
    "changes",
    [
        {"audit": {"verdict": "red"}},
        {"audit": {"verdict": "blue", "areas": {}}},
        {"audit": {"verdict": "red", "areas": {"outer-frame": {"auroc": 7, "low": 0, "high": 1, "n": 1}}}},
        {"audit": {"verdict": ["red"], "areas": []}},
        {"findings": ["leak", {"kind": 1}, {"severity": "serious", "files": "many"}, None]},
        {"data": {"training": None, "validation": {"negative": "x", "positive": 1, "sha256": []}}},
        {"data": {"training": {"negative": 1, "positive": 1, "sha256": 5}}},
        {"calibration": {"slope": 1.0}},
        {"history": {"best_epoch": "last"}},
        {"versions": {"keras": None}},
    ],
    ids=str,
)
def test_a_damaged_card_is_told_as_far_as_it_can_be(
    reported: SimpleNamespace, changes: dict[str, Any]
) -> None:
    assert text_of(reported, **changes).endswith(f"**{RESEARCH_USE}**\n")


def test_what_is_damaged_is_not_made_up(reported: SimpleNamespace) -> None:
    damaged = replace(reported.card, data={"training": 1}, findings=[{"severity": "note"}], audit={"n": 1})
    assert (set_facts(damaged, "training"), findings_of(damaged), audit_of(damaged)) == (None, [], None)


def test_no_two_sets_have_the_same_name(reported: SimpleNamespace) -> None:
    first = reported.judgements[0]
    assert names_of([first, first, reported.judgements[1], first]) == [
        "north, validation",
        "north, validation (2)",
        "south & co",
        "north, validation (3)",
    ]


def test_a_folder_with_an_odd_name_stays_one_cell(reported: SimpleNamespace) -> None:
    odd = replace(reported.judgements[1], folder=Path("/a|b\n\x07\udcff*c*"))
    text = card_text(reported.card, [odd])
    assert "| Images of | Images | Healthy | COVID-19 |\n| --- | --- | --- | --- |\n| a\\|b " in text
    assert "\x07" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b*c", "a\\_b\\*c"),
        ("<script>", "\\<script\\>"),
        ("&amp;", "\\&amp;"),
        ("1. one", "1\\. one"),
        ("2) two", "2\\) two"),
        ("0.5 is half", "0.5 is half"),
        ("- dash", "\\- dash"),
        ("# head", "\\# head"),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_text_is_read_as_it_is(text: str, written: str) -> None:
    assert escaped(text) == written


def test_a_document_as_markdown() -> None:
    blocks = ("One.", Bullets(lines=("a", "b")), Table(head=("h", "i"), rows=(("1", "2"),)))
    made = markdown("T", "N.", [Section(key="s", title="S", blocks=blocks)])
    assert (
        made == "# T\n\n**N.**\n\n## S\n\nOne.\n\n- a\n- b\n\n| h | i |\n| --- | --- |\n| 1 | 2 |\n\n**N.**\n"
    )


def test_images_of_the_run_among_the_judged_ones_are_counted(reported: SimpleNamespace) -> None:
    known: list[Judgement] = [replace(reported.judgements[1], in_training=5)]
    text = section(card_text(reported.card, known), "Data")
    assert "- south \\& co: 5 images of 12 in the model's training set." in text
