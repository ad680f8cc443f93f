"""The argument DATA: a folder of images in classes, and how its file names name patients."""

from pathlib import Path
from typing import Any

from covid_desktop import curation
from covid_desktop.cli.options import Arguments
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.curation import OpenedDataset
from covid_desktop.progress import ProgressLine


def add_data(command: Any, *, is_optional: bool = False) -> None:
    command.add_argument(
        "data",
        type=Path,
        nargs="?" if is_optional else None,
        metavar="DATA",
        help="folder with two class folders, or train/ and val/",
    )
    command.add_argument(
        "--patients",
        metavar="PATTERN",
        help="how file names name the patient, such as {patient}_*; kept beside the data",
    )


def opened_data(
    options: Arguments, progress: ProgressLine, seed: int = 0, should_stop: ShouldStop = never
) -> OpenedDataset:
    """The folder that was named, opened. Raises UserError, Stopped."""
    opened = curation.open_dataset(options.data, seed=seed, emit=progress, should_stop=should_stop)
    if options.patients is not None:
        opened = curation.with_pattern(opened, options.patients)
    return opened
