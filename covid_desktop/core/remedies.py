"""What can be done about a finding, as decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from covid_desktop.core.dataset import SUBSETS, Dataset, Split, Subset
from covid_desktop.core.decisions import Decisions, name_in
from covid_desktop.core.findings import Finding, Remedy
from covid_desktop.core.grouping import Copies, group_numbers


def remedied(
    decisions: Decisions, finding: Finding, remedy: Remedy, dataset: Dataset, split: Split, copies: Copies
) -> Decisions:
    """``decisions`` with those that mend ``finding``; files that are not in use any more are passed over."""
    used = {sample.path for sample in dataset.samples}
    groups = [[path for path in group if path in used] for group in finding.groups]
    match remedy:
        case "exclude":
            everything = [path for group in groups for path in group]
            return excluded(decisions, dataset.folder, everything, _REASONS.get(finding.kind, "By hand."))
        case "keep-one":
            return _keeping_one(decisions, dataset.folder, groups)
        case "same-set":
            return decisions.with_sets(_in_one_set(groups, dataset, split, copies))
        case "relabel":
            return relabelled(decisions, dataset, [path for group in groups for path in group])


def excluded(decisions: Decisions, folder: Path, paths: Iterable[Path], reason: str) -> Decisions:
    """The images are used no more, for ``reason``, a sentence."""
    return decisions.with_excluded({name_in(folder, path): reason for path in paths})


def relabelled(decisions: Decisions, dataset: Dataset, paths: Iterable[Path]) -> Decisions:
    """The images are of the other class than they are now."""
    label = {sample.path: sample.label for sample in dataset.samples}
    return decisions.with_classes(
        {name_in(dataset.folder, path): dataset.class_names[1 - label[path]] for path in paths}
    )


def _keeping_one(decisions: Decisions, folder: Path, groups: Iterable[Sequence[Path]]) -> Decisions:
    for kept, *others in filter(None, groups):
        decisions = excluded(decisions, folder, others, f"Copy of {kept.name}.")
    return decisions


def _in_one_set(
    groups: Iterable[Sequence[Path]], dataset: Dataset, split: Split, copies: Copies
) -> Mapping[str, Subset]:
    """Each group, and all that hangs together with it, into the set that holds most of it."""
    number = dict(
        zip(
            (sample.path for sample in dataset.samples),
            group_numbers(dataset.samples, copies),
            strict=True,
        )
    )
    wanted = {number[path] for group in groups for path in group}
    subset_of = split.subset_of()
    moved: dict[str, Subset] = {}
    for group in wanted:
        members = [path for path, other in number.items() if other == group]
        held = Counter(subset_of[path] for path in members)
        largest = max(SUBSETS, key=lambda subset: held[subset])
        moved |= {name_in(dataset.folder, path): largest for path in members}
    return moved


_REASONS = {
    "label-conflict": "The same picture is in both classes.",
    "leak": "The same picture is in two sets.",
    "duplicates": "Copy of another picture.",
    "too-small": "Too small.",
    "blank": "Blank or nearly so.",
    "colour": "Coloured where the others are grey.",
    "inverted": "Inverted against the others.",
    "sideways": "Turned against the others.",
    "multi-frame": "More than one frame.",
    "bit-depth": "Another bit depth than the others.",
    "patient-leak": "The patient is in two sets.",
}
