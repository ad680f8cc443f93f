"""Division into sets: stratified, by patient, seeded."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from covid_desktop.core.dataset import Dataset, Sample, Subset, class_counts
from covid_desktop.core.split import fold_splits, set_aside, split
from covid_desktop.errors import DatasetError


def samples_of(label: int, count: int, *, subset: Subset | None = None, images_each: int = 0) -> list[Sample]:
    """``count`` images of a class; of patients with ``images_each`` images where it is not 0."""
    return [
        Sample(
            path=Path(f"/data/{subset}/{label}/{number:03}.png"),
            label=label,
            patient=f"{label}-{number // images_each}" if images_each else None,
            subset=subset,
        )
        for number in range(count)
    ]


def dataset_of(*groups: list[Sample]) -> Dataset:
    samples = tuple(sample for group in groups for sample in group)
    return Dataset(folder=Path("/data"), class_names=("Healthy", "COVID-19"), samples=samples)


@pytest.mark.parametrize(("negative", "positive"), [(50, 50), (100, 20), (7, 31), (5, 5)])
def test_a_fifth_of_each_class_is_for_validation(negative: int, positive: int) -> None:
    dataset = dataset_of(samples_of(0, negative), samples_of(1, positive))
    result = split(dataset)
    assert set(result.training) | set(result.validation) == set(dataset.samples)
    assert not set(result.training) & set(result.validation)
    assert result.test == ()
    for count, whole in zip(class_counts(result.validation), (negative, positive), strict=True):
        assert abs(count - whole / 5) < 1


def test_the_seed_decides() -> None:
    dataset = dataset_of(samples_of(0, 40), samples_of(1, 40))
    divisions = [split(dataset, seed) for seed in (0, 0, 1, 2)]
    assert divisions[0] == divisions[1]
    assert len({division.validation for division in divisions}) == 3


@pytest.mark.parametrize("images_each", [0, 3])
def test_the_order_of_the_listing_does_not_matter(images_each: int) -> None:
    dataset = dataset_of(
        samples_of(0, 30, images_each=images_each), samples_of(1, 30, images_each=images_each)
    )
    shuffled = list(dataset.samples)
    random.Random(0).shuffle(shuffled)
    assert split(replace(dataset, samples=tuple(shuffled)), 3) == split(dataset, 3)


@pytest.mark.parametrize("seed", range(12))
def test_patients_are_never_divided(seed: int) -> None:
    """Few patients with very different numbers of images, some of them in both classes."""
    rng = random.Random(seed)
    samples = [
        Sample(path=Path(f"/data/{label}/{patient}-{n}.png"), label=label, patient=patient)
        for label in (0, 1)
        for number in range(rng.randint(3, 9))
        for patient in [rng.choice([f"{label}-{number}", f"both-{number}"])]
        for n in range(rng.choice([1, 1, 2, 12]))
    ]
    result = split(dataset_of(samples), seed)
    patients = [{sample.patient for sample in part} for part in (result.training, result.validation)]
    assert not patients[0] & patients[1]
    assert min(*class_counts(result.training), *class_counts(result.validation)) > 0


def test_a_patient_with_most_images_trains() -> None:
    """Whatever the seed: a validation set with nearly all images would leave nothing to learn from."""
    many = [replace(sample, patient="many") for sample in samples_of(0, 60)]
    dataset = dataset_of(many, samples_of(0, 9, subset="training"), samples_of(1, 12))
    for seed in range(6):
        assert len(split(dataset, seed).validation) < 30


@pytest.mark.parametrize(("negative", "positive"), [(2, 2), (2, 50), (3, 4)])
def test_the_smallest_classes_that_can_be_divided(negative: int, positive: int) -> None:
    result = split(dataset_of(samples_of(0, negative), samples_of(1, positive)))
    assert min(*class_counts(result.training), *class_counts(result.validation)) > 0


def test_classes_too_small_to_be_divided() -> None:
    one_image = dataset_of(samples_of(0, 1), samples_of(1, 9))
    one_patient = dataset_of(samples_of(0, 9), samples_of(1, 9, images_each=9))
    same_patients = dataset_of(
        [replace(sample, patient="A") for sample in samples_of(0, 5)],
        [replace(sample, patient="AB"[n > 2]) for n, sample in enumerate(samples_of(1, 5))],
    )
    for dataset in (one_image, one_patient, same_patients):
        with pytest.raises(DatasetError, match=r"too few images or patients .* Add images of at least two"):
            split(dataset)


def test_patients_of_both_classes_can_be_divided_whatever_the_seed() -> None:
    samples = [
        Sample(path=Path(f"/data/{label}/{patient}-{n}.png"), label=label, patient=patient)
        for label, patient, count in [
            (0, "A", 9),
            (0, "B", 1),
            (1, "A", 1),
            (1, "C", 9),
            (0, "C", 1),
            (1, "D", 2),
        ]
        for n in range(count)
    ]
    for seed in range(20):
        result = split(dataset_of(samples), seed)
        assert min(*class_counts(result.training), *class_counts(result.validation)) > 0


def test_the_folders_own_sets_are_kept() -> None:
    counts: dict[Subset, int] = {"training": 9, "validation": 1, "test": 4}
    sets = {
        name: [*samples_of(0, count, subset=name), *samples_of(1, count, subset=name)]
        for name, count in counts.items()
    }
    result = split(dataset_of(*sets.values()), seed=5)
    for name, samples in sets.items():
        assert set(result.of(name)) == set(samples)


def test_training_images_alone_are_divided_when_only_a_test_set_is_given() -> None:
    test = [*samples_of(0, 3, subset="test"), *samples_of(1, 3, subset="test")]
    training = [*samples_of(0, 10, subset="training"), *samples_of(1, 10, subset="training")]
    result = split(dataset_of(test, training))
    assert set(result.test) == set(test)
    assert (class_counts(result.training), class_counts(result.validation)) == ((8, 8), (2, 2))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([("test", 0), ("test", 1)], "The training set holds no image of the class Healthy."),
        ([("validation", 0), ("validation", 1)], "The training set holds no image of the class Healthy."),
        (
            [("training", 0), ("training", 1), ("validation", 0)],
            "The validation set holds no image of the class COVID-19.",
        ),
        (
            [("training", 0), ("validation", 0), ("validation", 1)],
            "The training set holds no image of the class COVID-19.",
        ),
    ],
)
def test_a_set_without_a_class(groups: list[tuple[Subset, int]], message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        split(dataset_of(*(samples_of(label, 5, subset=subset) for subset, label in groups)))
    assert caught.value.what == message
    assert caught.value.fix.startswith("Add such images, or choose")


# --- frozen sets


def frozen(dataset: Dataset, seed: int = 0) -> Dataset:
    """With every sample in the set that it was divided into."""
    subset_of = split(dataset, seed).subset_of()
    return replace(
        dataset, samples=tuple(replace(one, subset=subset_of[one.path]) for one in dataset.samples)
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_new_images_move_none_of_the_old_ones(seed: int) -> None:
    old = frozen(dataset_of(samples_of(0, 20, images_each=2), samples_of(1, 30)))
    more = [
        replace(sample, path=Path(f"/data/more/{sample.label}/{number}.png"), patient=f"new {number}")
        for number, sample in enumerate(samples_of(0, 20) + samples_of(1, 20))
    ]
    whole = replace(old, samples=(*more, *old.samples))
    before, after = split(old, seed).subset_of(), split(whole, seed).subset_of()
    assert {path: after[path] for path in before} == before
    result = split(whole, seed)
    assert set(result.training) | set(result.validation) == set(whole.samples)
    for count, total in zip(class_counts(result.validation), class_counts(whole.samples), strict=True):
        assert abs(count - total / 5) <= 2
    assert split(replace(whole, samples=whole.samples[::-1]), seed) == result


def test_a_new_image_joins_its_patient_and_its_copy() -> None:
    old = frozen(dataset_of(samples_of(0, 20, images_each=2), samples_of(1, 30)))
    home = next(sample for sample in old.samples if sample.subset == "validation" and sample.patient)
    other = next(sample for sample in old.samples if sample.subset == "training" and not sample.patient)
    new = [
        replace(home, path=Path("/data/new/patient.png"), subset=None),
        replace(other, path=Path("/data/new/copy.png"), subset=None),
    ]
    copies = [(Path("/data/new/copy.png"), other.path)]
    sets = split(replace(old, samples=(*old.samples, *new)), copies=copies).subset_of()
    assert sets[new[0].path] == "validation"
    assert sets[new[1].path] == "training"


@pytest.mark.parametrize("seed", range(5))
def test_copies_are_never_divided(seed: int) -> None:
    dataset = dataset_of(samples_of(0, 40), samples_of(1, 40))
    paths = [sample.path for sample in dataset.samples]
    copies = [paths[start : start + 3] for start in range(0, 30, 3)]
    sets = split(dataset, seed, copies).subset_of()
    assert all(len({sets[path] for path in group}) == 1 for group in copies)
    assert len({sets[path] for group in copies for path in group}) == 2


def test_a_test_set_is_set_aside() -> None:
    dataset = dataset_of(samples_of(0, 60, images_each=3), samples_of(1, 60))
    divided = split(dataset)
    test = set_aside(divided)
    assert set(test) < set(dataset.samples)
    assert all(abs(count - 12) <= 3 for count in class_counts(test))
    rest = [sample for sample in dataset.samples if sample not in test]
    assert not {one.patient for one in test if one.patient} & {one.patient for one in rest if one.patient}
    assert set_aside(divided) == test


def test_too_few_images_to_set_some_aside() -> None:
    with pytest.raises(DatasetError, match="too few images or patients"):
        set_aside(split(dataset_of(samples_of(0, 2), samples_of(1, 2))))


# --- folds


@pytest.mark.parametrize("folds", [2, 5])
def test_each_image_is_held_out_once(folds: int) -> None:
    dataset = dataset_of(samples_of(0, 20, images_each=2), samples_of(1, 30))
    divisions = fold_splits(split(dataset), folds)
    assert len(divisions) == folds
    held_out = [sample.path for division in divisions for sample in division.validation]
    assert sorted(held_out) == sorted(sample.path for sample in dataset.samples)
    for division in divisions:
        assert set(division.training) | set(division.validation) == set(dataset.samples)
        patients = [
            {one.patient for one in part if one.patient} for part in (division.training, division.validation)
        ]
        assert not patients[0] & patients[1]


def test_copies_are_in_one_fold_and_a_test_set_in_none() -> None:
    dataset = dataset_of(samples_of(0, 30), samples_of(1, 30), samples_of(1, 4, subset="test"))
    paths = [sample.path for sample in dataset.samples if sample.subset is None]
    copies = [(paths[0], paths[1], paths[2])]
    divisions = fold_splits(split(dataset, copies=copies), 5, copies=copies)
    for division in divisions:
        assert len({division.subset_of()[path] for path in copies[0]}) == 1
        assert not any(sample.subset == "test" for sample in division.training + division.validation)


def test_more_folds_than_patients() -> None:
    with pytest.raises(DatasetError, match="fewer than 5 patients"):
        fold_splits(split(dataset_of(samples_of(0, 4), samples_of(1, 20))), 5)
