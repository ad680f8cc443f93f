"""What a data set is made of: patients, classes, and how much so many images can show."""

from pathlib import Path

import pytest

from covid_desktop.core.composition import composition_findings
from covid_desktop.core.dataset import Dataset, Sample, Split
from covid_desktop.core.findings import Finding

NAMES = ("Healthy", "COVID-19")


def samples_of(place: str, negative: int, positive: int, images_each: int = 1) -> tuple[Sample, ...]:
    """So many images of each class; every ``images_each`` of a class are of one patient."""
    return tuple(
        Sample(
            path=Path(f"/data/{place}/{label}/{number:03}.png"),
            label=label,
            patient=f"{place}-{label}-{number // images_each}",
        )
        for label, count in ((0, negative), (1, positive))
        for number in range(count)
    )


def found(
    training: tuple[Sample, ...] = (), validation: tuple[Sample, ...] = (), test: tuple[Sample, ...] = ()
) -> dict[str, Finding]:
    dataset = Dataset(folder=Path("/data"), class_names=NAMES, samples=training + validation + test)
    findings = composition_findings(dataset, Split(training=training, validation=validation, test=test))
    by_kind = {finding.kind: finding for finding in findings}
    assert len(by_kind) == len(findings)
    return by_kind


TRAINING, VALIDATION = samples_of("train", 100, 100), samples_of("val", 80, 80)


def test_nothing_is_said_of_a_large_even_set_with_known_patients() -> None:
    assert found(TRAINING, VALIDATION, samples_of("test", 80, 80)) == {}


# --- patients


def test_a_patient_in_two_sets_is_found_with_all_images() -> None:
    image, other = (Sample(path=Path(f"/data/{name}.png"), label=0, patient="P") for name in "ab")
    finding = found((*TRAINING, image), (*VALIDATION, other))["patient-leak"]
    assert finding.severity == "serious"
    assert finding.title == "1 patient is in more than one set."
    assert finding.groups == ((image.path, other.path),)
    assert finding.notes == {image.path: "Training", other.path: "Validation"}
    assert finding.remedies == ("same-set", "exclude")


def test_each_patient_is_a_group_and_images_without_one_are_none() -> None:
    p, q = (
        tuple(Sample(path=Path(f"/{name}/{n}"), label=1, patient=name) for n in range(3)) for name in "PQ"
    )
    nobody = tuple(Sample(path=Path(f"/nobody/{n}"), label=0) for n in range(3))
    finding = found(
        (*TRAINING, p[0], q[0], nobody[0]), (*VALIDATION, p[1], nobody[1]), (p[2], q[1], q[2], nobody[2])
    )["patient-leak"]
    assert finding.title == "2 patients are in more than one set."
    assert [set(group) for group in finding.groups] == [{one.path for one in p}, {one.path for one in q}]
    assert {finding.notes[path] for path in finding.groups[1]} == {"Training", "Test"}


def test_images_without_a_patient_are_listed_where_others_have_one() -> None:
    unknown = Sample(path=Path("/data/unknown.png"), label=1)
    finding = found((*TRAINING, unknown), VALIDATION)["unknown-patients"]
    assert finding.severity == "note"
    assert finding.title == "The patient of 1 image is not known."
    assert finding.groups == ((unknown.path,),)


def test_nothing_is_listed_where_no_patient_is_known() -> None:
    unknown = tuple(Sample(path=Path(f"/data/{n}.png"), label=n % 2) for n in range(400))
    finding = found(unknown[:200], unknown[200:])["unknown-patients"]
    assert finding.title == "Nothing says which images are of one patient."
    assert finding.groups == ()
    assert "patients.csv" in finding.fix


# --- classes


@pytest.mark.parametrize(
    ("negative", "positive", "severity"),
    [(100, 51, None), (100, 50, "note"), (100, 21, "note"), (100, 20, "warning"), (20, 100, "warning")],
)
def test_classes_of_unequal_size(negative: int, positive: int, severity: str | None) -> None:
    finding = found(samples_of("train", negative, positive), VALIDATION[:0]).get("imbalance")
    assert (finding.severity if finding else None) == severity


def test_the_larger_class_is_named_with_what_always_saying_it_is_worth() -> None:
    more_ill = found(samples_of("train", 50, 150))["imbalance"]
    assert more_ill.title == "There are 3.0 images of COVID-19 for each of Healthy."
    assert "always says COVID-19 is right in 75 %" in more_ill.why
    assert "Add images of Healthy" in more_ill.fix
    assert (
        "3.0 images of Healthy for each of COVID-19" in found(samples_of("train", 150, 50))["imbalance"].title
    )


# --- how much so many images can show


@pytest.mark.parametrize(
    ("each", "severity"), [(5, "warning"), (15, "warning"), (25, "note"), (65, "note"), (75, None)]
)
def test_sets_too_small_to_judge_by(each: int, severity: str | None) -> None:
    images = samples_of("small", each, each)
    for subset, sets in {
        "validation": found(TRAINING, validation=images),
        "test": found(TRAINING, VALIDATION, images),
    }.items():
        finding = sets.pop(f"few-{subset}", None)
        assert (finding.severity if finding else None) == severity
        assert sets == {}


def test_the_interval_of_a_small_set_is_given() -> None:
    finding = found(TRAINING, samples_of("val", 10, 10))["few-validation"]
    assert finding.title == "Validation has 20 images: too few to be sure."
    assert "90 % on so many could truly be anything from 70 % to 97 % (95 % interval)" in finding.why


def test_many_images_of_few_patients_are_few() -> None:
    findings = found(TRAINING, samples_of("val", 100, 100, images_each=20))
    assert list(findings) == ["few-validation"], "all images of a patient are in one set"
    finding = findings["few-validation"]
    assert finding.severity == "warning"
    assert finding.title == "Validation has 200 images of 10 patients: too few to be sure."
    assert "60 % to 98 %" in finding.why
