"""From the start of the process: to the window's first paint, to TensorFlow, and of two commands."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import Options, main, spread, table, timed

from covid_desktop.paths import HOME_VARIABLE

RUNS = 7
TIMEOUT = 120
_PROGRAM = [sys.executable, "-m", "covid_desktop"]


def run(options: Options) -> str:
    commands: dict[str, Callable[[], dict[str, float]]] = {
        "window": _window,
        "version": lambda: {"`covid-desktop --version`": _seconds([*_PROGRAM, "--version"])},
        "check": lambda: {
            f"`covid-desktop check {options.data.name}`": _seconds([*_PROGRAM, "check", str(options.data)])
        },
    }
    times: dict[str, list[float]] = {}
    for number in range(RUNS + 1):
        for measure in commands.values():
            for name, seconds in measure().items():
                times.setdefault(name, []).extend([seconds] if number else [])  # the first one warms up
    rows = [(name, spread(values)) for name, values in times.items()]
    platform = os.environ["QT_QPA_PLATFORM"]
    note = f"{RUNS} warm starts by turns, each with an empty home; Qt platform {platform}."
    return f"{table(('', 's: median (smallest to largest)'), rows)}\n\n{note}"


def _window() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        began = time.time()
        script = Path(__file__).with_name("first_paint.py")
        answer = subprocess.run(
            [sys.executable, script],
            stdout=subprocess.PIPE,
            check=True,
            timeout=TIMEOUT,
            env={**os.environ, HOME_VARIABLE: home},
        )
    times = json.loads(answer.stdout)
    return {
        "process start to first paint": times["painted"] - began,
        "first paint to TensorFlow loaded": times["tensorflow"] - times["painted"],
    }


def _seconds(command: list[str]) -> float:
    return timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=TIMEOUT))


if __name__ == "__main__":
    main(run)
