"""The runs of this program: those that have ended, and those that were interrupted."""

from __future__ import annotations

from pathlib import Path

from covid_desktop import paths
from covid_desktop.core import checkpoints, runs
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.events import Emit, ShouldStop, ignore, never
from covid_desktop.curation import OpenedDataset


def list_runs(
    opened: OpenedDataset | None, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> runs.RunList:
    """The runs of this program, the newest first, and which of them learnt from the open data.

    Images count as far as a check has read them. Raises UserError, Stopped.
    """
    found = runs.list_runs(paths.runs_folder(), emit, should_stop)
    images = [sample.path for sample in opened.dataset.samples] if opened else []
    known = runs.known_hashes(images, paths.survey_folder())
    return runs.RunList(runs=found, here=frozenset(run.folder for run in found if run.is_of(known)))


def unfinished_runs(
    *,
    emit: Emit = ignore,  # noqa: ARG001
    should_stop: ShouldStop = never,  # noqa: ARG001
) -> tuple[UnfinishedRun, ...]:
    """The runs of this program that were interrupted, the newest first; none that still goes on elsewhere."""
    return checkpoints.unfinished_runs(paths.runs_folder())


def unfinished_run(model_path: Path) -> UnfinishedRun | None:
    """The interrupted run whose model would be at ``model_path``."""
    return checkpoints.unfinished_run(model_path)


def discard_run(run: UnfinishedRun) -> None:
    """Forget an interrupted run. Raises UserError where it goes on elsewhere by now."""
    checkpoints.discard(run)
