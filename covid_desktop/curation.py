"""The data of a run, for the window and the command line alike: opened, checked, and decided about.

What is decided is written down at once. The images themselves are never changed.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from covid_desktop import paths
from covid_desktop.core import remedies
from covid_desktop.core.dataset import Dataset, SkippedFile, Split, Subset
from covid_desktop.core.decision_file import load_decisions, save_decisions
from covid_desktop.core.decisions import Decisions, decided, name_in
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import Finding, Remedy
from covid_desktop.core.patients import DICOM, Pattern
from covid_desktop.core.scan import scan
from covid_desktop.errors import DatasetError, ImageError, Stopped, UserError

if TYPE_CHECKING:
    from covid_desktop.core.duplicates import CopyGroup

Facts = dict[Path, ImageFacts]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDataset:
    """A folder that was looked through (``scanned``), and what decisions and ``seed`` make of it.

    ``copies`` are groups of files that show the same picture, known once the images were read.
    """

    scanned: Dataset
    decisions: Decisions
    dataset: Dataset
    split: Split
    copies: tuple[tuple[Path, ...], ...] = ()
    seed: int = 0

    @property
    def patients_from(self) -> str:
        """Where the patients come from: patients.csv, file names, DICOM, or nowhere ("")."""
        known = [sample.patient for sample in self.dataset.samples if sample.patient]
        if not known:
            return ""
        if self.decisions.patient_pattern:
            return "file names"
        return "DICOM" if known[0].startswith(DICOM) else "patients.csv"

    @property
    def divided(self) -> Dataset:
        """The data set with every image in the set it was divided into."""
        subset_of = self.split.subset_of()
        samples = tuple(replace(sample, subset=subset_of[sample.path]) for sample in self.dataset.samples)
        return replace(self.dataset, samples=samples)

    @property
    def is_test_set_aside(self) -> bool:
        """Whether the test set was drawn by the program rather than given by a folder."""
        is_given = any(sample.subset == "test" for sample in self.scanned.samples)
        return not is_given and self.decisions.has_test_set

    @property
    def test_uses(self) -> int:
        """How often the test set was evaluated."""
        return len(self.decisions.test_uses)

    def without(self, unreadable: tuple[SkippedFile, ...]) -> OpenedDataset:
        """The same without files that turned out unreadable, even if too few are left to divide anew."""
        if not unreadable:
            return self
        fewer = replace(
            self,
            scanned=self.scanned.without(unreadable),
            dataset=self.dataset.without(unreadable),
            split=self.split.without(unreadable),
        )
        return _arranged_if_possible(fewer)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDataset:
    """A data set and what its check found, the most serious first; a run emits it before it begins."""

    opened: OpenedDataset
    facts: Facts
    findings: tuple[Finding, ...]


# --- opening


def scan_folder(folder: Path, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> Dataset:
    """Look through a folder, with what was decided about it, without dividing it.

    Raises DatasetError, Stopped.
    """
    scanned, decisions = _scanned(folder, emit, should_stop)
    return decided(scanned, decisions)


def named_sets(folder: Path, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> frozenset[Subset]:
    """The sets that the folders name, whatever the program divided. Raises DatasetError, Stopped."""
    return frozenset(sample.subset for sample in scan(folder, emit, should_stop).samples if sample.subset)


def open_dataset(
    folder: Path, *, seed: int = 0, emit: Emit = ignore, should_stop: ShouldStop = never
) -> OpenedDataset:
    """Look through a folder and divide it as decided. Raises DatasetError, Stopped."""
    scanned, decisions = _scanned(folder, emit, should_stop)
    return arranged(scanned, decisions, seed=seed)


def _scanned(folder: Path, emit: Emit, should_stop: ShouldStop) -> tuple[Dataset, Decisions]:
    scanned = scan(folder, emit, should_stop)
    decisions = load_decisions(scanned, paths.decisions_folder())
    if not decisions.salt:
        decisions = replace(decisions, salt=secrets.token_hex(16))
    return scanned, decisions


def arranged(
    scanned: Dataset,
    decisions: Decisions | None = None,
    *,
    seed: int = 0,
    copies: Iterable[Iterable[Path]] = (),
) -> OpenedDataset:
    """What ``decisions`` make of a folder. Raises DatasetError where it cannot be divided."""
    from covid_desktop.core.split import split

    decisions = decisions or Decisions()
    dataset = decided(scanned, decisions)
    groups = tuple(tuple(group) for group in copies)
    return OpenedDataset(
        scanned=scanned,
        decisions=decisions,
        dataset=dataset,
        split=split(dataset, seed, groups),
        copies=groups,
        seed=seed,
    )


def _arranged(opened: OpenedDataset) -> OpenedDataset:
    return arranged(opened.scanned, opened.decisions, seed=opened.seed, copies=opened.copies)


def _arranged_if_possible(opened: OpenedDataset) -> OpenedDataset:
    """As it is where too few images are left to divide it: the findings will say so."""
    with suppress(DatasetError):
        return _arranged(opened)
    return opened


# --- checking


def check(opened: OpenedDataset, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> CheckedDataset:
    """Read every image and say what is wrong with the data. Raises DatasetError, Stopped.

    From now on the sets stay as they are: copies of one picture, now known, are in one set.
    """
    opened, facts = surveyed(opened, emit, should_stop)
    copies = _copies(facts, emit, should_stop)
    emit(Progress(stage="Comparing the classes"))
    if should_stop():
        raise Stopped
    opened = _fixed(replace(opened, copies=tuple(group.paths for group in copies)))
    return CheckedDataset(opened=opened, facts=facts, findings=_findings(opened, facts, copies, should_stop))


def _copies(facts: Facts, emit: Emit, should_stop: ShouldStop) -> list[CopyGroup]:
    from covid_desktop.core.duplicates import CopyGroup, find_copies
    from covid_desktop.core.memory import remembered

    found = remembered(
        paths.survey_folder(),
        ("copies", [(str(path), one.sha256) for path, one in facts.items()]),
        lambda: [group.to_json() for group in find_copies(facts, emit, should_stop)],
        list(facts),
    )
    return [CopyGroup.from_json(group) for group in found]


def _findings(
    opened: OpenedDataset, facts: Facts, copies: list[CopyGroup], should_stop: ShouldStop
) -> tuple[Finding, ...]:
    from covid_desktop.core.checks import find
    from covid_desktop.core.grouping import group_numbers
    from covid_desktop.core.memory import remembered

    dataset, split = opened.dataset, opened.split
    # Patients by number: the hashes of their IDs differ with each salt until one is written down.
    samples = [(sample.path, sample.label, sample.patient is None) for sample in dataset.samples]
    known = (dataset.class_names, samples, group_numbers(dataset.samples), dataset.skipped, split.subset_of())
    content = [(path, one.sha256, one.file_bytes, one.format) for path, one in facts.items()]
    found = remembered(
        paths.survey_folder(),
        ("findings", known, content, copies),
        lambda: [finding.to_json() for finding in find(dataset, split, facts, copies, should_stop)],
        [*(sample.path for sample in dataset.samples), *(file.path for file in dataset.skipped)],
    )
    return tuple(Finding.from_json(finding) for finding in found)


def surveyed(opened: OpenedDataset, emit: Emit, should_stop: ShouldStop) -> tuple[OpenedDataset, Facts]:
    """Read every image in use: the same without those that cannot be read, and the facts of the others."""
    from covid_desktop.core.survey import survey

    images = [sample.path for sample in opened.dataset.samples]
    read = survey(images, paths.survey_folder(), emit, should_stop)
    facts = {path: result for path, result in read.items() if isinstance(result, ImageFacts)}
    unreadable = tuple(
        SkippedFile(path=path, reason=str(result))
        for path, result in read.items()
        if isinstance(result, ImageError)
    )
    return opened.without(unreadable), facts


def _fixed(opened: OpenedDataset) -> OpenedDataset:
    """The same, divided with its copies in mind, and every image's set written down."""
    opened = _arranged_if_possible(opened)
    subset_of = opened.split.subset_of()
    new = {
        name_in(opened.dataset.folder, sample.path): subset_of[sample.path]
        for sample in opened.dataset.samples
        if sample.subset is None
    }
    if not new:
        return opened
    try:
        new = _saved_sets(opened, new)
    except UserError as error:  # the sets follow from the seed: they can be worked out again
        log.warning("The sets could not be written down: %s", type(error).__name__)
    return _arranged_if_possible(replace(opened, decisions=opened.decisions.with_sets(new)))


def _saved_sets(opened: OpenedDataset, sets: Mapping[str, Subset]) -> dict[str, Subset]:
    """The same sets once they are written down; images that another check has drawn meanwhile stay there.

    Nothing is written where images are divided by another rule by now: they are checked anew.
    """
    latest = _written(opened)
    if latest != Decisions() and not latest.divide_like(opened.decisions):
        return dict(sets)
    known = replace(opened.decisions, sets={}) if latest == Decisions() else latest
    known = replace(known, salt=known.salt or opened.decisions.salt)
    save_decisions(opened.scanned, known.with_sets({**sets, **latest.sets}), paths.decisions_folder())
    return {name: latest.sets.get(name, subset) for name, subset in sets.items()}


# --- deciding


def restored(opened: OpenedDataset, decisions: Decisions) -> OpenedDataset:
    """The data set as ``decisions`` have it, written down.

    Like all functions below, raises UserError where it cannot be written or divided, or where somebody
    else has decided meanwhile; nothing has changed then.
    """
    written = _written(opened)
    if written != Decisions() and not written.agree_with(opened.decisions):
        raise UserError(
            "Somebody else has decided about these images meanwhile. Nothing was changed.",
            "Open the folder again to see what was decided, then decide.",
        )
    decisions = replace(decisions, test_uses=_later_uses(written, opened.decisions))
    changed = _arranged(replace(opened, decisions=decisions))
    save_decisions(changed.scanned, decisions, paths.decisions_folder())
    return changed


def with_test_uses(opened: OpenedDataset) -> OpenedDataset:
    """The same, with the uses of its test set that are written down by now."""
    uses = _later_uses(_written(opened), opened.decisions)
    return replace(opened, decisions=replace(opened.decisions, test_uses=uses))


def _written(opened: OpenedDataset) -> Decisions:
    """What is written down by now, also by others."""
    return load_decisions(opened.scanned, paths.decisions_folder())


def _later_uses(written: Decisions, known: Decisions) -> tuple[str, ...]:
    """A use is counted in the file, by whoever evaluates; it is never undone."""
    return max(written.test_uses, known.test_uses, key=len)


def remedied(opened: OpenedDataset, finding: Finding, remedy: Remedy) -> OpenedDataset:
    """The data set with ``finding`` mended."""
    arguments = opened.dataset, opened.split, opened.copies
    return restored(opened, remedies.remedied(opened.decisions, finding, remedy, *arguments))


def exclude(opened: OpenedDataset, images: Iterable[Path]) -> OpenedDataset:
    """The data set without some images."""
    folder = opened.dataset.folder
    return restored(opened, remedies.excluded(opened.decisions, folder, images, "By hand."))


def use_again(opened: OpenedDataset, images: Iterable[Path]) -> OpenedDataset:
    """The data set with images that were excluded."""
    names = [name_in(opened.dataset.folder, path) for path in images]
    return restored(opened, opened.decisions.with_used_again(names))


def relabel(opened: OpenedDataset, images: Iterable[Path]) -> OpenedDataset:
    """The data set with the other class for some images."""
    return restored(opened, remedies.relabelled(opened.decisions, opened.dataset, images))


def with_positive_class(opened: OpenedDataset, name: str) -> OpenedDataset:
    """The same images in the same sets, with ``name`` as the positive class."""
    known = {class_name.casefold(): class_name for class_name in opened.dataset.class_names}
    if name.casefold() not in known:
        raise DatasetError(
            f"There is no class {name}.", f"The classes are {' and '.join(opened.dataset.class_names)}."
        )
    return restored(opened, replace(opened.decisions, positive_class=known[name.casefold()]))


def with_pattern(opened: OpenedDataset, pattern: str) -> OpenedDataset:
    """The data set with patients found in file names; an empty pattern finds none.

    Sets that the program drew are drawn anew, so that no patient is in two of them, unless a test set
    was set aside.
    """
    pattern = pattern.strip()
    if pattern == opened.decisions.patient_pattern:
        return opened
    if pattern:
        Pattern(pattern)
    is_drawn = all(sample.subset != "validation" for sample in opened.scanned.samples)
    sets = {} if is_drawn and not opened.is_test_set_aside else opened.decisions.sets
    return restored(opened, replace(opened.decisions, patient_pattern=pattern, sets=sets))


def set_test_aside(opened: OpenedDataset) -> OpenedDataset:
    """The data set with a fifth of its images locked until the end."""
    from covid_desktop.core.split import set_aside

    subsets = opened.split.subset_of()
    subsets |= dict.fromkeys(
        (one.path for one in set_aside(opened.split, opened.seed, opened.copies)), "test"
    )
    names = {name_in(opened.dataset.folder, path): subset for path, subset in subsets.items()}
    return restored(opened, opened.decisions.with_sets(names))


def count_test_use(folder: Path) -> None:
    """Write down that the test set of a data set was evaluated. Raises UserError."""
    scanned, decisions = _scanned(folder, ignore, never)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    used = replace(decisions, test_uses=(*decisions.test_uses, now))
    save_decisions(scanned, used, paths.decisions_folder())
