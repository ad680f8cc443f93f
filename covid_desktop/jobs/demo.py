"""Simulated radiographs to try the program on."""

from __future__ import annotations

from pathlib import Path

from covid_desktop import paths
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never


def make_demo(emit: Emit = ignore, should_stop: ShouldStop = never) -> Path:  # noqa: ARG001
    """Draw the simulated radiographs, where they are not there yet; the folder they are in."""
    from covid_desktop.core.phantom import write_demo_dataset

    emit(Progress(stage="Drawing simulated radiographs"))
    return write_demo_dataset(paths.demo_folder() / "simulated radiographs")
