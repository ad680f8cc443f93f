"""The command ``watch``."""

import sys
from typing import Any

from covid_desktop import jobs
from covid_desktop.cli.interrupt import stopped_by_interrupt
from covid_desktop.cli.options import Arguments, add_command, add_json, add_model, present_folder
from covid_desktop.cli.results import summary_line, teller
from covid_desktop.core.events import Event
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.watching import WatchInterrupted
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    text = "Score each image that appears in a folder, until Ctrl+C. Nothing in the folder is changed."
    command = add_command(commands, "watch", _watch, text)
    add_model(command)
    command.add_argument("folder", type=present_folder, metavar="FOLDER", help="where images are exported to")
    command.add_argument(
        "--existing", action="store_true", help="score the images that are in the folder at the start too"
    )
    add_json(command)


def _watch(options: Arguments) -> None:
    """Results that this model gave for the folder before come first."""
    predictions: list[Prediction] = []
    with ProgressLine() as progress, stopped_by_interrupt() as should_stop:
        tell = teller(progress, as_json=options.json)

        def on_event(event: Prediction | Event) -> None:
            if isinstance(event, WatchInterrupted):
                progress.clear()
                print(f"{event.stage}.", file=sys.stderr, flush=True)
                return
            if isinstance(event, Prediction):
                predictions.append(event)
            tell(event)

        model = jobs.load_model(options.model, emit=progress)
        if not options.json:
            print(RESEARCH_USE, flush=True)
        jobs.watch(
            model,
            options.folder.absolute(),
            include_existing=options.existing,
            emit=on_event,
            should_stop=should_stop,
        )
    if not options.json:
        print(summary_line(predictions))
