"""How long the window does not answer while it trains, scores a worklist and checks a data set at once."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from bench import Options, drawn_images, main, spread, table

from covid_desktop import curation, jobs
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.paths import HOME_VARIABLE

ARCHITECTURES = ("small-cnn", "efficientnet-lite0")
ROUNDS, SECONDS = 3, 30
TIMEOUT = 600


def run(options: Options) -> str:
    with drawn_images(options) as folder, tempfile.TemporaryDirectory() as root:
        model = Path(root) / "model.keras"
        config = TrainingConfig(epochs=1, augmentation=AUGMENTATIONS["none"])
        jobs.train(curation.open_dataset(options.data), config, model)
        rounds = [{name: _once(folder, model, name) for name in ARCHITECTURES} for _ in range(ROUNDS)]
    rows = []
    where: Counter[str] = Counter()
    for name in ARCHITECTURES:
        gaps = [one[name]["gaps"] for one in rounds]
        quantiles = [[float(np.quantile(values, share)) for values in gaps] for share in (0.5, 0.99, 1)]
        rows.append([name, *(spread(values, 1) for values in quantiles)])
        for one in rounds:
            where.update(one[name]["where"])
    places = ", ".join(f"{place} ({count})" for place, count in where.most_common(6)) or "none"
    note = (
        f"A timer of 5 ms in the real window, {ROUNDS} runs of {SECONDS} s by turns, each in a new process "
        f"with TensorFlow loaded, ten seconds on each tab; Qt platform {os.environ['QT_QPA_PLATFORM']}. "
        f"Median (smallest to largest). What the window's thread was at in gaps over 50 ms: {places}."
    )
    return f"{table(('network that trains', 'p50, ms', 'p99, ms', 'longest, ms'), rows)}\n\n{note}"


def _once(folder: Path, model: Path, architecture: str) -> dict[str, Any]:
    script = Path(__file__).with_name("busy_once.py")
    command = [sys.executable, str(script), str(folder), str(model), architecture, str(SECONDS)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {**os.environ, HOME_VARIABLE: home}
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT, env=environment)
    return dict(json.loads(answer.stdout))


if __name__ == "__main__":
    main(run)
