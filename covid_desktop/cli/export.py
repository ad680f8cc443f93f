"""The command ``export``."""

from typing import Any

from covid_desktop import jobs
from covid_desktop.cli.options import Arguments, add_command, add_model, new_place, wrong
from covid_desktop.core.export import FORMATS
from covid_desktop.core.verification import scientific
from covid_desktop.core.walking import is_folder
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    text = "Write a model in another format, with a readme and its card. Its scores are compared."
    command = add_command(commands, "export", _export, text)
    add_model(command)
    command.add_argument(
        "target", type=new_place, metavar="TARGET", help="file to write; a folder for saved_model"
    )
    command.add_argument("--format", choices=FORMATS, required=True, help="what the model becomes")


def _export(options: Arguments) -> int | None:
    title, ending = FORMATS[options.format].title, FORMATS[options.format].ending
    if ending and (not options.target.name or is_folder(options.target)):
        return wrong(f"{options.target} is a folder, and {title} is a file. Name a file.")
    if not ending and options.target.is_file():
        return wrong(f"{options.target} is a file, and {title} is a folder. Name a folder.")
    with ProgressLine() as progress:
        model = jobs.load_model(options.model, emit=progress)
        done = jobs.export_model(model, options.target, options.format, emit=progress)
    print(f"{title}: {done.path}")
    off = scientific(done.largest_difference) if done.largest_difference else "none"
    print(f"Largest difference from the model's scores: {off}")
    return 0
