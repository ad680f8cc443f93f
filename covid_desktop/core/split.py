"""Divides samples into training, validation and test: stratified, by patient, seeded."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from covid_desktop.core.dataset import Dataset, Sample, Split, class_counts
from covid_desktop.errors import DatasetError

VALIDATION_FOLDS = 5  # one of them is the validation set: a fifth of the images
Indices = NDArray[np.int64]


def split(dataset: Dataset, seed: int = 0) -> Split:
    """Keep the folders' own sets; where there is no validation set, take a fifth of the training images.

    The order of files on disk does not matter. Raises DatasetError when a class has too few images
    or patients to be divided.
    """
    test = tuple(sample for sample in dataset.samples if sample.subset == "test")
    validation = tuple(sample for sample in dataset.samples if sample.subset == "validation")
    training = tuple(sample for sample in dataset.samples if sample.subset in (None, "training"))
    if training and not validation:
        training, validation = _divide(training, seed)
    result = Split(training=training, validation=validation, test=test)
    _require_both_classes(result, dataset.class_names)
    return result


def _divide(samples: tuple[Sample, ...], seed: int) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    ordered = sorted(samples, key=lambda sample: sample.path.as_posix())
    labels = [sample.label for sample in ordered]
    groups = [sample.patient or sample.path.as_posix() for sample in ordered]
    divisions = [
        (tuple(ordered[i] for i in training), tuple(ordered[i] for i in validation))
        for training, validation in _folds(labels, groups, seed)
    ]
    usable = [division for division in divisions if all(min(class_counts(part)) > 0 for part in division)]
    if not usable:
        raise DatasetError(
            "A class has too few images or patients to be divided into training and validation.",
            "Add images of at least two patients to each class.",
        )
    # Patients with many images make folds of very different sizes.
    fifth = len(ordered) / VALIDATION_FOLDS
    return min(usable, key=lambda division: abs(len(division[1]) - fifth))


def _folds(labels: list[int], groups: list[str], seed: int) -> Iterator[tuple[Indices, Indices]]:
    folds = min(VALIDATION_FOLDS, *_groups_per_class(labels, groups))
    if folds < 2:
        return iter(())
    folding = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return iter(folding.split(np.zeros(len(labels)), labels, groups))


def _groups_per_class(labels: list[int], groups: list[str]) -> tuple[int, int]:
    pairs = set(zip(labels, groups, strict=True))
    return sum(label == 0 for label, _ in pairs), sum(label == 1 for label, _ in pairs)


def _require_both_classes(split: Split, class_names: tuple[str, str]) -> None:
    for subset in ("training", "validation"):
        for count, name in zip(class_counts(split.of(subset)), class_names, strict=True):
            if count == 0:
                raise DatasetError(
                    f"The {subset} set holds no image of the class {name}.",
                    "Add such images, or choose a folder with only the two class folders: "
                    "it is divided for you.",
                )
