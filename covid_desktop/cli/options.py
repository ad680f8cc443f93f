"""What commands share: kinds of arguments, and what is printed."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from covid_desktop import paths
from covid_desktop.core.walking import is_folder

Arguments = argparse.Namespace


def add_command(commands: Any, name: str, run: Callable[[Arguments], int | None], text: str) -> Any:
    """A command's parser, to which its arguments are added."""
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(command=run)
    return command


def add_model(command: Any) -> None:
    command.add_argument("model", type=Path, metavar="MODEL", help="the file of a trained model")


def add_json(command: Any) -> None:
    command.add_argument(
        "--json", action="store_true", help="print JSON, one object a line, and nothing else"
    )


def new_file(text: str) -> Path:
    """A place that can be written, found out before the work and not after it."""
    path = Path(text)
    if not path.name or is_folder(path):
        raise argparse.ArgumentTypeError(f"{text} is a folder, not a file")
    return new_place(text)


def new_place(text: str) -> Path:
    """A file or a folder, there already or not, in a folder that can be written."""
    path = Path(text)
    if not is_folder(path.parent):
        raise argparse.ArgumentTypeError(f"the folder {path.parent} does not exist")
    _require_writable(path.parent)
    return path


def new_model(text: str) -> Path:
    return paths.with_ending(new_file(text), ".keras")


def new_report(endings: Sequence[str]) -> Callable[[str], Path]:
    """A file whose name has one of the ``endings``."""

    def new(text: str) -> Path:
        path = new_file(text)
        if path.suffix.lower() not in endings:
            raise argparse.ArgumentTypeError(f"{path.name} must end in {', '.join(endings)}")
        return path

    return new


def present_folder(text: str) -> Path:
    path = Path(text)
    if not is_folder(path):
        raise argparse.ArgumentTypeError(f"there is no folder {path}")
    return path


def output_folder(text: str) -> Path:
    """A folder that can be written, or a new one in such a folder."""
    path = Path(text)
    if is_folder(path):
        _require_writable(path)
        return path
    if path.exists():
        raise argparse.ArgumentTypeError(f"{path} is a file, not a folder")
    return new_place(text)


def _require_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise argparse.ArgumentTypeError(f"the folder {folder} cannot be written")


def wrong(sentence: str) -> int:
    """Say what is wrong with arguments that are right by themselves; the exit status."""
    print(sentence, file=sys.stderr)
    return 2


def print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def print_metrics(name: str, metrics: dict[str, Any]) -> None:
    words = [
        f"{key} {metrics[key]:.3f}"
        for key in ("accuracy", "sensitivity", "specificity", "auroc")
        if metrics[key] is not None
    ]
    print(f"{name}: {metrics['n']} images, {', '.join(words)}")
