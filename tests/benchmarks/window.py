"""How long the window does not answer while a network trains in its QThread, curves in view."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from bench import Options, main, spread, table

from covid_desktop.paths import HOME_VARIABLE

ARCHITECTURES = ("small-cnn", "efficientnet-lite0")
PHASES = ("idle", "loading TensorFlow", "reading features", "fitting", "other work")
ROUNDS, EPOCHS = 3, 8
TIMEOUT = 600
Gaps = dict[str, list[float]]


def run(options: Options) -> str:
    runs: dict[str, list[Gaps]] = {name: [] for name in ARCHITECTURES}
    for _ in range(ROUNDS):
        for name, gaps in runs.items():
            gaps.append(_one_run(options.data, name))
    rows = [
        row for name, gaps in runs.items() for phase in PHASES if (row := _row(name, phase, gaps)) is not None
    ]
    note = (
        f"A timer of 5 ms in the real window, {ROUNDS} runs of at most {EPOCHS} epochs by turns, each in a "
        f"new process; Qt platform {os.environ['QT_QPA_PLATFORM']}. Median (smallest to largest). "
        "Idle is opening the window and the data; other work is reading images, scoring, saving, and the "
        "shortcut audit."
    )
    header = (
        "network",
        "while",
        "seconds",
        "p50, ms",
        "p99, ms",
        "longest, ms",
        "time in gaps over 50 ms, %",
    )
    return f"{table(header, rows)}\n\n{note}"


def _one_run(data: Path, architecture: str) -> Gaps:
    script = Path(__file__).with_name("window_gaps.py")
    command = [sys.executable, str(script), str(data), architecture, str(EPOCHS)]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, HOME_VARIABLE: home}
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT, env=environment)
    return dict(json.loads(answer.stdout))


def _row(name: str, phase: str, runs: list[Gaps]) -> list[str] | None:
    """None where no run has been in this phase."""
    gaps = [run[phase] for run in runs if phase in run]
    if not gaps:
        return None
    seconds = [sum(values) / 1000 for values in gaps]
    quantiles = [[float(np.quantile(values, share)) for values in gaps] for share in (0.5, 0.99, 1)]
    slow = [100 * sum(gap for gap in values if gap > 50) / sum(values) for values in gaps]
    return [name, phase, spread(seconds, 1), *(spread(values, 1) for values in (*quantiles, slow))]


if __name__ == "__main__":
    main(run)
