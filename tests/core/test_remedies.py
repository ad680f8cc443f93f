"""What can be done about a finding."""

from dataclasses import replace
from pathlib import Path

import pytest

from covid_desktop.core.dataset import Dataset, Sample, Split
from covid_desktop.core.decisions import Decisions, decided
from covid_desktop.core.findings import Finding, Remedy
from covid_desktop.core.remedies import excluded, relabelled, remedied

FOLDER = Path("/data")


def sample(name: str, label: int, patient: str | None = None) -> Sample:
    return Sample(path=FOLDER / name, label=label, patient=patient)


TRAINING = (sample("a1", 0), sample("a2", 0, "P"), sample("b1", 1), sample("b2", 1))
VALIDATION = (sample("a3", 0, "P"), sample("a4", 0), sample("b3", 1))
DATASET = Dataset(folder=FOLDER, class_names=("Healthy", "COVID-19"), samples=TRAINING + VALIDATION)
SPLIT = Split(training=TRAINING, validation=VALIDATION)


def after(remedy: Remedy, *groups: tuple[str, ...], kind: str = "leak", **known: object) -> Decisions:
    finding = Finding(
        kind=kind,
        severity="serious",
        title="",
        why="",
        fix="",
        groups=tuple(tuple(FOLDER / name for name in group) for group in groups),
    )
    copies = known.get("copies", ())
    return remedied(Decisions(), finding, remedy, DATASET, SPLIT, copies)  # type: ignore[arg-type]


def test_all_are_excluded_with_the_reason() -> None:
    decisions = after("exclude", ("a1",), ("b1",), kind="blank")
    assert decisions == Decisions(excluded={"a1": "Blank or nearly so.", "b1": "Blank or nearly so."})


def test_one_of_each_is_kept() -> None:
    decisions = after("keep-one", ("a1", "a2", "b1"), ("b2", "b3"))
    assert decisions.excluded == {
        "a2": "Copy of a1.",
        "b1": "Copy of a1.",
        "b3": "Copy of b2.",
    }


def test_what_is_not_in_use_is_passed_over() -> None:
    assert after("keep-one", ("gone", "a1"), ("gone",)) == Decisions()
    assert after("exclude", ("gone",)) == Decisions()
    assert after("relabel", ("gone",)) == Decisions()


def test_a_group_moves_to_the_set_that_holds_most_of_it() -> None:
    decisions = after("same-set", ("a1", "a4"), copies=[(FOLDER / "a1", FOLDER / "a4")])
    assert decisions.sets == {"a1": "training", "a4": "training"}  # a tie: training
    copies = [(FOLDER / "a1", FOLDER / "a4", FOLDER / "b3")]
    assert after("same-set", ("a1", "a4", "b3"), copies=copies).sets == dict.fromkeys(
        ("a1", "a4", "b3"), "validation"
    )


def test_all_of_a_patient_move_along() -> None:
    """A copy of one image of the patient, whose other image is in the other set."""
    decisions = after("same-set", ("a1", "a3"), copies=[(FOLDER / "a1", FOLDER / "a3")])
    assert decisions.sets == dict.fromkeys(("a1", "a2", "a3"), "training")


def test_the_class_is_turned_over_and_back() -> None:
    once = after("relabel", ("a1",), ("b1",))
    assert once.classes == {"a1": "COVID-19", "b1": "Healthy"}
    dataset = decided(DATASET, once)
    assert [one.label for one in dataset.samples[:3]] == [1, 0, 0]
    twice = relabelled(once, dataset, [FOLDER / "a1"])
    assert decided(DATASET, twice).samples[0].label == 0


def test_an_excluded_image_can_be_used_again() -> None:
    decisions = excluded(Decisions(), FOLDER, [FOLDER / "a1", FOLDER / "a2"], "By hand.")
    assert decisions.with_used_again(["a1", "unknown"]) == Decisions(excluded={"a2": "By hand."})


@pytest.mark.parametrize("remedy", ["exclude", "keep-one", "same-set", "relabel"])
def test_what_was_decided_before_stays(remedy: Remedy) -> None:
    before = Decisions(
        positive_class="Healthy", excluded={"x": "Old."}, classes={"y": "Healthy"}, sets={"z": "test"}
    )
    finding = Finding(
        kind="leak", severity="serious", title="", why="", fix="", groups=((FOLDER / "a1", FOLDER / "a4"),)
    )
    changed = remedied(before, finding, remedy, DATASET, SPLIT, [finding.groups[0]])
    assert changed != before
    assert replace(changed, excluded={}, classes={}, sets={}) == Decisions(positive_class="Healthy")
    for name in ("excluded", "classes", "sets"):
        assert getattr(before, name).items() <= getattr(changed, name).items()
