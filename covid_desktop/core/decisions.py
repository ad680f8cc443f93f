"""What the user decided about the images of a folder. The files themselves are never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, Subset
from covid_desktop.core.patients import DICOM, Pattern, salted

EXCLUDED = "Excluded: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Images are named by their path within the folder, with slashes.

    ``excluded`` gives each image's reason, ``classes`` the class of those that were given another,
    ``sets`` the set of those that were divided or moved: it is kept, so that images added later move
    none. ``patient_pattern`` finds patients in file names. ``salt`` hides DICOM Patient IDs.
    ``test_uses`` are the times at which the test set was evaluated (ISO 8601).
    """

    positive_class: str | None = None
    patient_pattern: str = ""
    excluded: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Subset] = field(default_factory=dict)
    test_uses: tuple[str, ...] = ()
    salt: str = ""

    @property
    def named(self) -> frozenset[str]:
        """Every image that something was decided about."""
        return frozenset((*self.excluded, *self.classes, *self.sets))

    @property
    def has_test_set(self) -> bool:
        return "test" in self.sets.values()

    def divide_like(self, others: "Decisions") -> bool:
        """Whether new images are drawn into sets by the same rule."""
        return (self.patient_pattern, self.has_test_set) == (others.patient_pattern, others.has_test_set)

    def agree_with(self, others: "Decisions") -> bool:
        """Whether nobody has decided otherwise; sets of new images and uses of the test set do not matter."""
        mine, theirs = (replace(one, sets={}, test_uses=(), salt="") for one in (self, others))
        in_both = self.sets.keys() & others.sets.keys()
        is_same_place = all(self.sets[name] == others.sets[name] for name in in_both)
        return mine == theirs and self.divide_like(others) and is_same_place

    def with_excluded(self, names: Mapping[str, str]) -> Self:
        return replace(self, excluded={**self.excluded, **names})

    def with_used_again(self, names: Iterable[str]) -> Self:
        """The same, with images that were excluded in use again."""
        back = set(names)
        return replace(self, excluded={name: why for name, why in self.excluded.items() if name not in back})

    def with_classes(self, names: Mapping[str, str]) -> Self:
        return replace(self, classes={**self.classes, **names})

    def with_sets(self, names: Mapping[str, Subset]) -> Self:
        return replace(self, sets={**self.sets, **names})


def name_in(folder: Path, path: Path) -> str:
    """How decisions name an image."""
    return path.relative_to(folder).as_posix()


def decided(scanned: Dataset, decisions: Decisions) -> Dataset:
    """The data set as the user wants it: what was excluded joins the skipped files.

    A class or a file that is no longer there is passed over. Raises DatasetError for a pattern that
    cannot be used.
    """
    dataset = scanned
    if decisions.positive_class in scanned.class_names:
        dataset = scanned.with_positive_class(str(decisions.positive_class))
    named = [(name_in(scanned.folder, sample.path), sample) for sample in dataset.samples]
    keeps_training = any(sample.subset == "validation" for sample in scanned.samples)
    pattern = Pattern(decisions.patient_pattern) if decisions.patient_pattern else None
    samples = tuple(
        replace(
            sample,
            label=_label(dataset, decisions.classes.get(name), sample),
            patient=_patient(name, sample, pattern, decisions.salt),
            subset=decisions.sets.get(name, _given_set(sample, keeps_training)),
        )
        for name, sample in named
        if name not in decisions.excluded
    )
    excluded = tuple(
        SkippedFile(path=sample.path, reason=EXCLUDED + decisions.excluded[name])
        for name, sample in named
        if name in decisions.excluded
    )
    return replace(dataset, samples=samples, skipped=dataset.skipped + excluded)


def _label(dataset: Dataset, class_name: str | None, sample: Sample) -> int:
    if class_name not in dataset.class_names:
        return sample.label
    return dataset.class_names.index(str(class_name))


def _patient(name: str, sample: Sample, pattern: Pattern | None, salt: str) -> str | None:
    """A table of patients goes before a pattern, and a pattern before DICOM's tags."""
    is_dicom = sample.patient is not None and sample.patient.startswith(DICOM)
    if sample.patient is not None and not is_dicom:
        return sample.patient
    found = pattern.patient(name) if pattern else None
    return found or (salted(sample.patient, salt) if sample.patient else None)


def _given_set(sample: Sample, keeps_training: bool) -> Subset | None:
    """Where the folders name no validation set, one is taken from the training images."""
    return None if sample.subset == "training" and not keeps_training else sample.subset
