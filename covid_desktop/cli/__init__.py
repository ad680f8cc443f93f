"""The command line: the same jobs and the same numbers as the window. A module for each command."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from covid_desktop.cli import (
    check,
    demo,
    desktop,
    evaluate,
    export,
    predict,
    self_test,
    train,
    verify,
    watch,
)
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.errors import Stopped, UserError
from covid_desktop.versions import version_lines

_COMMANDS = (demo, check, train, evaluate, predict, watch, export, verify, self_test, desktop)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status: 0 done, 1 the user can mend it, 2 wrong arguments."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be anything
    try:
        status = int(options.command(options) or 0)
        print(end="", flush=True)
        return status
    except UserError as error:
        print(error, file=sys.stderr)
    except (KeyboardInterrupt, Stopped):
        print("Stopped.", file=sys.stderr)
    except BrokenPipeError:  # the reader, such as head, has seen enough; nor may Python flush at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="covid-desktop",
        description="Train, judge and use a COVID-19 / Healthy image classifier. "
        "Without a command the window opens.",
        epilog=RESEARCH_USE,
    )
    parser.add_argument("--version", action=_ShowVersions, nargs=0, help="show what the program runs with")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add(commands)
    return parser


class _ShowVersions(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print("\n".join(version_lines()))
        parser.exit()
