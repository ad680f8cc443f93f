"""The command ``self-test``."""

from typing import Any

from covid_desktop.cli.options import Arguments, add_command


def add(commands: Any) -> None:
    add_command(commands, "self-test", _self_test, "Try every part of the program on drawn images.")


def _self_test(options: Arguments) -> int:  # noqa: ARG001
    from covid_desktop.self_test import run_checks

    failed = 0
    for name, problem in run_checks():
        failed += bool(problem)
        print(f"{'FAILED' if problem else 'ok    '} {name}{': ' + problem if problem else ''}", flush=True)
    return 1 if failed else 0
