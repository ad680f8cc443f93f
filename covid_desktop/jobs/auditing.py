"""Asks whether the classes can be told apart without the lungs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from covid_desktop import curation, paths
from covid_desktop.core.events import Emit, ShouldStop, ignore, never
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import Stopped, UserError
from covid_desktop.jobs.models import load_tensorflow

if TYPE_CHECKING:
    from covid_desktop.core.audit import ShortcutAudit
    from covid_desktop.core.evaluation import Evaluation

log = logging.getLogger(__name__)


def audit(opened: OpenedDataset, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> ShortcutAudit:
    """Whether the classes can be told apart without the lungs. Raises UserError, Stopped."""
    load_tensorflow(emit)
    return _audit(*curation.surveyed(opened, emit, should_stop), None, emit, should_stop)


def audit_of_run(
    checked: CheckedDataset, evaluation: Evaluation, emit: Emit, should_stop: ShouldStop
) -> ShortcutAudit | None:
    """The model is saved already: a run without an audit is better than none."""
    try:
        return _audit(checked.opened, checked.facts, evaluation, emit, should_stop)
    except Stopped:
        return None
    except UserError as error:
        log.warning("No shortcut audit: %s", type(error).__name__)
        return None


def _audit(
    opened: OpenedDataset,
    facts: curation.Facts,
    evaluation: Evaluation | None,
    emit: Emit,
    should_stop: ShouldStop,
) -> ShortcutAudit:
    """Of the images that a model learns from and is chosen by; a test set stays locked."""
    from covid_desktop.core import shortcuts
    from covid_desktop.core.grouping import group_numbers
    from covid_desktop.core.separability import drawn
    from covid_desktop.learning.sights import see

    everything = [
        sample for sample in opened.split.training + opened.split.validation if sample.path in facts
    ]
    numbers = group_numbers(everything, opened.copies)
    shortcuts.require_enough(everything, numbers)
    hashes = {everything[index].path: facts[everything[index].path].sha256 for index in drawn(numbers)}
    seen = see(hashes, paths.features_folder(), emit, should_stop)
    chosen = [index for index, sample in enumerate(everything) if sample.path in seen]
    samples = [everything[index] for index in chosen]
    groups = [numbers[index] for index in chosen]
    shortcuts.require_enough(samples, groups)
    whole, blacked_out = (np.stack([seen[one.path][part] for one in samples]) for part in (0, 1))
    images = shortcuts.Audited(
        samples=samples,
        facts=[facts[sample.path] for sample in samples],
        groups=groups,
        whole=whole,
        blacked_out=blacked_out,
    )
    validation = [sample.path for sample in opened.split.validation]
    return shortcuts.audit(images, len(everything), validation, evaluation, emit, should_stop)
