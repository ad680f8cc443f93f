"""What is wrong with the data: every check, in one list."""

from collections.abc import Sequence

from covid_desktop.core.composition import composition_findings
from covid_desktop.core.confounders import confounder_findings
from covid_desktop.core.copy_findings import copy_findings
from covid_desktop.core.dataset import Dataset, Split
from covid_desktop.core.duplicates import CopyGroup
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.core.findings import SEVERITIES, Finding
from covid_desktop.core.grouping import group_numbers
from covid_desktop.core.oddities import Facts, odd_findings, unreadable_findings


def find(
    dataset: Dataset,
    split: Split,
    facts: Facts,
    copies: Sequence[CopyGroup],
    should_stop: ShouldStop = never,
) -> tuple[Finding, ...]:
    """All findings, the most serious first; ``facts`` are those of the data set's images. Raises Stopped."""
    samples = [sample for sample in dataset.samples if sample.path in facts]
    labels = {sample.path: sample.label for sample in samples}
    groups = group_numbers(samples, [group.paths for group in copies])
    found = [
        *unreadable_findings(dataset.skipped),
        *copy_findings(copies, samples, split.subset_of(), dataset.class_names),
        *composition_findings(dataset, split),
        *confounder_findings(samples, facts, groups, dataset.class_names, should_stop),
        *odd_findings(facts, labels),
    ]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
