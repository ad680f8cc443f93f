"""From the start of the process: to the window's first paint, to TensorFlow, and of two commands.

Of the source, and by turns of the bundle in dist where one is built.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bench import ROOT, Options, main, spread, table, timed

from covid_desktop.paths import HOME_VARIABLE

RUNS = 7
TIMEOUT = 120
PROGRAMS = {"source": [sys.executable, "-m", "covid_desktop"]}
BUNDLE = ROOT / "dist" / "covid-desktop" / "covid-desktop"
if BUNDLE.exists():
    PROGRAMS["bundle"] = [str(BUNDLE)]
_PAINTED, _LOADED = "The window is painted", "TensorFlow is loaded"


def run(options: Options) -> str:
    times: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as places:
        for number in range(RUNS + 1):
            for program, command in PROGRAMS.items():
                for name, seconds in _times(command, Path(places, program), options).items():
                    values = times.setdefault(name, {}).setdefault(program, [])
                    values.extend([seconds] if number else [])  # the first one warms up
    rows = [(name, *map(spread, by_program.values())) for name, by_program in times.items()]
    platform = os.environ["QT_QPA_PLATFORM"]
    header = ("s: median (smallest to largest)", *PROGRAMS)
    note = f"{RUNS} warm starts by turns, after one that is not counted; Qt platform {platform}."
    return f"{table(header, rows)}\n\n{note}"


def _times(program: list[str], home: Path, options: Options) -> dict[str, float]:
    check = [*program, "check", str(options.data)]
    return {
        **_window(program, home),
        "`covid-desktop --version`": _seconds([*program, "--version"]),
        f"`covid-desktop check {options.data.name}`": _seconds(check),
    }


def _window(program: list[str], home: Path) -> dict[str, float]:
    """By the time stamps in the log."""
    log = home / "log" / "covid-desktop.log"
    log.unlink(missing_ok=True)
    began = time.time()
    with subprocess.Popen(program, env={**os.environ, HOME_VARIABLE: str(home)}) as window:
        while not (logged := _logged(log)) and time.time() < began + TIMEOUT:
            time.sleep(0.05)
        time.sleep(0.2)  # its thread has ended, too
        window.terminate()
    painted, loaded = logged
    return {
        "process start to first paint": painted - began,
        "first paint to TensorFlow loaded": loaded - painted,
    }


def _logged(log: Path) -> list[float]:
    """When the window was painted and TensorFlow loaded; nothing before both."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    found = [line[:23] for text in (_PAINTED, _LOADED) for line in lines if line.endswith(text)]
    stamps = [datetime.fromisoformat(stamp.replace(",", ".")).timestamp() for stamp in found]
    return stamps if len(stamps) == 2 else []


def _seconds(command: list[str]) -> float:
    return timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=TIMEOUT))


if __name__ == "__main__":
    main(run)
