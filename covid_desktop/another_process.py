"""The program's own command ``predict``, run as a user would: in another process, its JSON read."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from covid_desktop.bundled import is_bundled
from covid_desktop.core.events import ShouldStop
from covid_desktop.desktop_command import program_command
from covid_desktop.errors import ModelError, Stopped
from covid_desktop.external import system_environment

TIME_LIMIT = 120  # seconds; the most of them are TensorFlow's start
_PATIENCE = 0.2  # seconds between two questions whether to stop
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def predict_in_another_process(
    model: Path, files: Sequence[Path], should_stop: ShouldStop
) -> list[dict[str, Any]]:
    """What ``predict --json`` says of each file, in their order, even of those unlike the training images.

    Raises ModelError when the process does not start, fails, takes longer than two minutes or says anything
    else; Stopped.
    """
    asked = [str(path.absolute()) for path in files]
    command = [*_console_command(), "predict", str(model.absolute()), *asked, "--anyway", "--json"]
    rows = _rows(_output(command, should_stop))
    if [row.get("path") for row in rows] != asked:
        raise ModelError("The command did not score the images that it was given.")
    return rows


def _console_command() -> list[str]:
    """On Windows the bundle has a program of its own for the command line: the other one cannot write."""
    command = program_command()
    if is_bundled():
        program = Path(sys.executable)
        console = program.with_name(f"{program.stem}-console{program.suffix}")
        return [str(console)] if console.is_file() else command
    return command


def _output(command: Sequence[str], should_stop: ShouldStop) -> str:
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            command,
            env=system_environment(),
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=_NO_WINDOW,
        )
    except OSError as error:
        raise ModelError("The command cannot be started.", details=str(error)) from error
    with process:
        try:
            output, errors = _communicate(process, should_stop)
        finally:
            process.kill()  # nothing where it has ended
    if process.returncode:
        last = (errors.strip().splitlines() or [""])[-1]
        raise ModelError(f"The command ended with status {process.returncode}.", last)
    return output


def _communicate(process: subprocess.Popen[str], should_stop: ShouldStop) -> tuple[str, str]:
    deadline = time.monotonic() + TIME_LIMIT
    while True:
        try:
            return process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            if should_stop():
                raise Stopped from None
            if time.monotonic() > deadline:
                raise ModelError(f"The command did not end within {TIME_LIMIT} seconds.") from None


def _rows(output: str) -> list[dict[str, Any]]:
    try:
        return [dict(json.loads(line)) for line in output.splitlines()]
    except (ValueError, TypeError) as error:
        raise ModelError("The command printed something that is not JSON.") from error
