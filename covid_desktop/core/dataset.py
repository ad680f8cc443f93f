"""Images of two classes: what a folder holds once it has been looked through."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

Subset = Literal["training", "validation", "test"]
SUBSETS: tuple[Subset, ...] = ("training", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One image: ``label`` is 1 for the positive class; ``subset`` is None where folders name none."""

    path: Path
    label: int
    patient: str | None = None
    subset: Subset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that is not used, and why in a sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """``class_names`` are the negative and the positive class, in this order."""

    folder: Path
    class_names: tuple[str, str]
    samples: tuple[Sample, ...]
    skipped: tuple[SkippedFile, ...] = ()

    @property
    def positive_class(self) -> str:
        return self.class_names[1]

    def with_positive_class(self, name: str) -> Self:
        """The same images with ``name`` as the positive class. Raises ValueError for another name."""
        if name == self.positive_class:
            return self
        if name != self.class_names[0]:
            raise ValueError(name)
        swapped = tuple(replace(sample, label=1 - sample.label) for sample in self.samples)
        return replace(self, class_names=(self.positive_class, name), samples=swapped)

    def without(self, unreadable: tuple[SkippedFile, ...]) -> Self:
        """The same without files that turned out unreadable; they join ``skipped``."""
        gone = {file.path for file in unreadable}
        kept = tuple(sample for sample in self.samples if sample.path not in gone)
        return replace(self, samples=kept, skipped=self.skipped + unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Which samples train the network, which choose the epoch, and which are kept for the end."""

    training: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...] = ()

    def of(self, subset: Subset) -> tuple[Sample, ...]:
        return getattr(self, subset)  # type: ignore[no-any-return]

    def without(self, unreadable: tuple[SkippedFile, ...]) -> Self:
        """The same sets without files that turned out unreadable."""
        gone = {file.path for file in unreadable}
        kept = {name: tuple(one for one in self.of(name) if one.path not in gone) for name in SUBSETS}
        return type(self)(**kept)

    def subset_of(self) -> dict[Path, Subset]:
        """The set of each image, by path."""
        return {sample.path: subset for subset in SUBSETS for sample in self.of(subset)}


def class_counts(samples: tuple[Sample, ...]) -> tuple[int, int]:
    """Number of negative and of positive images."""
    counts = Counter(sample.label for sample in samples)
    return counts[0], counts[1]
