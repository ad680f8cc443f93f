"""Divides samples into training, validation and test: stratified, by patient, seeded, and frozen."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.dataset import Dataset, Sample, Split, Subset, class_counts
from covid_desktop.core.grouping import Copies, group_numbers
from covid_desktop.errors import DatasetError

VALIDATION_FOLDS = 5  # one of them is the validation set: a fifth of the images
Indices = NDArray[np.int64]
Samples = tuple[Sample, ...]


def split(dataset: Dataset, seed: int = 0, copies: Copies = ()) -> Split:
    """Keep the sets that samples have; where there is no validation set, take a fifth of the training images.

    Images of one patient and ``copies`` of one picture stay together. Samples without a set that come
    to an existing division move none of the others. The order of files on disk does not matter. Raises
    DatasetError when a class has too few images or patients to be divided.
    """
    samples = tuple(sorted(dataset.samples, key=_name))
    test, validation = _in(samples, "test"), _in(samples, "validation")
    others = tuple(sample for sample in samples if sample.subset in (None, "training"))
    if others and not validation:
        training, validation = _divide(others, seed, copies)
        result = Split(training=training, validation=validation, test=test)
    else:
        result = _with_new_ones(samples, seed, copies)
    _require_both_classes(result, dataset.class_names)
    return result


def set_aside(divided: Split, seed: int = 0, copies: Copies = ()) -> Samples:
    """A fifth of the training and validation images, to be set aside until the end.

    Raises DatasetError where too few images or patients would be left.
    """
    samples = tuple(sorted(divided.training + divided.validation, key=_name))
    subset_of = divided.subset_of()

    def leaves_enough(parts: tuple[Samples, Samples]) -> bool:
        rest, test = parts
        left = [
            tuple(s for s in rest if subset_of[s.path] == subset) for subset in ("training", "validation")
        ]
        return all(min(class_counts(part)) > 0 for part in (test, *left))

    return _fifth(samples, seed, copies, leaves_enough)[1]


def fold_splits(divided: Split, folds: int, seed: int = 0, copies: Copies = ()) -> list[Split]:
    """The training and validation images in ``folds`` divisions: each image is held out once.

    The test set stays aside. Raises DatasetError where a class has images of too few patients.
    """
    samples = tuple(sorted(divided.training + divided.validation, key=_name))
    labels, groups = [sample.label for sample in samples], group_numbers(samples, copies)
    if min(_groups_per_class(labels, groups)) < folds:
        raise DatasetError(
            f"A class has images of fewer than {folds} patients: it cannot be divided into so many folds.",
            "Choose fewer folds, or add images of other patients.",
        )
    return [
        Split(
            training=tuple(samples[index] for index in learnt),
            validation=tuple(samples[index] for index in held_out),
        )
        for learnt, held_out in _folds(labels, groups, seed, folds)
    ]


def _name(sample: Sample) -> str:
    return sample.path.as_posix()


def _in(samples: Iterable[Sample], subset: Subset) -> Samples:
    return tuple(sample for sample in samples if sample.subset == subset)


def _with_new_ones(samples: Samples, seed: int, copies: Copies) -> Split:
    """New samples join the set their group is in; new groups fill training and validation evenly."""
    sets: dict[Subset, list[Sample]] = {
        name: list(_in(samples, name)) for name in ("training", "validation", "test")
    }
    groups = group_numbers(samples, copies)
    homes = {group: sample.subset for group, sample in zip(groups, samples, strict=True) if sample.subset}
    fresh: dict[int, list[Sample]] = {}
    for group, sample in zip(groups, samples, strict=True):
        if sample.subset is None:
            fresh.setdefault(group, []).append(sample)
    for group in np.random.default_rng(seed).permutation(list(fresh)):
        members = fresh[group]
        home: Subset = homes.get(group) or _emptier(sets, members[0].label)
        sets[home] += members
    return Split(**{name: tuple(sorted(members, key=_name)) for name, members in sets.items()})


def _emptier(sets: dict[Subset, list[Sample]], label: int) -> Subset:
    """Validation while it holds less than its share of the class, else training."""
    training, validation = (class_counts(tuple(sets[name]))[label] for name in ("training", "validation"))
    return "validation" if validation * VALIDATION_FOLDS < training + validation else "training"


def _divide(samples: Samples, seed: int, copies: Copies) -> tuple[Samples, Samples]:
    return _fifth(samples, seed, copies, lambda parts: all(min(class_counts(part)) > 0 for part in parts))


def _fifth(
    samples: Samples, seed: int, copies: Copies, is_usable: Callable[[tuple[Samples, Samples]], bool]
) -> tuple[Samples, Samples]:
    """Most of the samples, and about a fifth of them."""
    labels = [sample.label for sample in samples]
    divisions = [
        (tuple(samples[i] for i in most), tuple(samples[i] for i in fifth))
        for most, fifth in _folds(labels, group_numbers(samples, copies), seed)
    ]
    usable = [division for division in divisions if is_usable(division)]
    if not usable:
        raise DatasetError(
            "A class has too few images or patients to be divided.",
            "Add images of at least two patients to each class.",
        )
    # Patients with many images make folds of very different sizes.
    wanted = len(samples) / VALIDATION_FOLDS
    return min(usable, key=lambda division: abs(len(division[1]) - wanted))


def _folds(
    labels: Sequence[int], groups: Sequence[int], seed: int, most: int = VALIDATION_FOLDS
) -> Iterator[tuple[Indices, Indices]]:
    # It takes over a second to import, and sets that were divided before need none of it.
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    folds = min(most, *_groups_per_class(labels, groups))
    if folds < 2:
        return iter(())
    rows = np.zeros(len(labels))
    if len(set(groups)) == len(groups):  # none belong together: this takes milliseconds and not seconds
        return iter(StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed).split(rows, labels))
    folding = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return iter(folding.split(rows, labels, groups))


def _groups_per_class(labels: Sequence[int], groups: Sequence[int]) -> tuple[int, int]:
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
