"""What a data set is made of: patients, classes, and how much so many images can show."""

from collections.abc import Sequence
from pathlib import Path

from covid_desktop.core.dataset import Dataset, Sample, Split, Subset, class_counts
from covid_desktop.core.findings import Finding
from covid_desktop.core.grouping import group_numbers
from covid_desktop.core.intervals import proportion_interval
from covid_desktop.core.words import counted, percent

UNBALANCED, VERY_UNBALANCED = 2.0, 5.0  # images of the larger class for one of the smaller
SUPPOSED = 0.9  # the accuracy that the interval is given for
WIDE, TOO_WIDE = 0.1, 0.2  # between the ends of the interval
_JUDGING: tuple[Subset, ...] = ("validation", "test")


def composition_findings(dataset: Dataset, split: Split) -> list[Finding]:
    """Patients in two sets or unknown, unequal classes, sets too small to judge by."""
    return [
        *_patient_leak(dataset.samples, split),
        *_unknown_patients(dataset.samples),
        *_imbalance(dataset),
        *(finding for subset in _JUDGING for finding in _few_images(subset, split.of(subset))),
    ]


def _patient_leak(samples: Sequence[Sample], split: Split) -> list[Finding]:
    subset_of = split.subset_of()
    of_patient: dict[str, list[Path]] = {}
    for sample in samples:
        if sample.patient is not None and sample.path in subset_of:
            of_patient.setdefault(sample.patient, []).append(sample.path)
    divided = [tuple(paths) for paths in of_patient.values() if len({subset_of[path] for path in paths}) > 1]
    if not divided:
        return []
    return [
        Finding(
            kind="patient-leak",
            severity="serious",
            title=f"{counted(len(divided), 'patient')} {'is' if len(divided) == 1 else 'are'} "
            "in more than one set.",
            why="A network recognises a patient it was trained on, so that validation and test look better "
            "than they are.",
            fix="Move all images of a patient into one set, or exclude them.",
            groups=tuple(divided),
            remedies=("same-set", "exclude"),
            notes={path: subset_of[path].capitalize() for paths in divided for path in paths},
        )
    ]


def _unknown_patients(samples: Sequence[Sample]) -> list[Finding]:
    unknown = [sample.path for sample in samples if sample.patient is None]
    if not unknown:
        return []
    none_known = len(unknown) == len(samples)
    return [
        Finding(
            kind="unknown-patients",
            severity="note",
            title="Nothing says which images are of one patient."
            if none_known
            else f"The patient of {counted(len(unknown), 'image')} is not known.",
            why="Where a patient has several images, they may be in training and in validation, which then "
            "looks better than it is.",
            fix="Name the patients by a pattern of file names (Patients), or by a file patients.csv.",
            groups=() if none_known else tuple((path,) for path in unknown),
        )
    ]


def _imbalance(dataset: Dataset) -> list[Finding]:
    counts = class_counts(dataset.samples)
    smaller, larger = sorted((0, 1), key=lambda label: counts[label])
    ratio = counts[larger] / max(counts[smaller], 1)
    if ratio < UNBALANCED:
        return []
    names = dataset.class_names
    share = counts[larger] / len(dataset.samples)
    return [
        Finding(
            kind="imbalance",
            severity="warning" if ratio >= VERY_UNBALANCED else "note",
            title=f"There are {ratio:.1f} images of {names[larger]} for each of {names[smaller]}.",
            why=f"A model that always says {names[larger]} is right in {percent(share)} of these images: "
            "accuracy means little here.",
            fix=f"Add images of {names[smaller]}, keep Weigh classes equally on, and go by sensitivity, "
            "specificity and AUROC.",
        )
    ]


def _few_images(subset: Subset, samples: tuple[Sample, ...]) -> list[Finding]:
    """By the number of patients, where they are known: two images of one are not two independent ones."""
    if not samples:
        return []
    independent = len(set(group_numbers(samples)))
    low, high = proportion_interval(round(SUPPOSED * independent), independent)
    if high - low < WIDE:
        return []
    of_patients = "" if independent == len(samples) else f" of {counted(independent, 'patient')}"
    name = subset.capitalize()
    return [
        Finding(
            kind=f"few-{subset}",
            severity="warning" if high - low >= TOO_WIDE else "note",
            title=f"{name} has {counted(len(samples), 'image')}{of_patients}: too few to be sure.",
            why=f"An accuracy of {percent(SUPPOSED)} on so many could truly be anything from "
            f"{percent(low)} to {percent(high)} (95 % interval).",
            fix="Add images of other patients, and read each number with its interval.",
        )
    ]
