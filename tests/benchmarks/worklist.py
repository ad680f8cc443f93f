"""A worklist of large images: how fast it fills next to decoding and the network alone, and its memory."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import Options, drawn_images, main, spread, table

from covid_desktop import curation, jobs
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.paths import HOME_VARIABLE

ROUNDS, SPED = 5, 1000
TIMEOUT = 3600


def run(options: Options) -> str:
    with drawn_images(options) as folder, tempfile.TemporaryDirectory() as root:
        model = _model(options, Path(root))
        files = sorted(folder.rglob("*.png"))
        rounds = [_measured("speed", model, folder, min(SPED, len(files))) for _ in range(ROUNDS)]
        drops = _measured("drop", model, folder, 40)
        memory = _measured("memory", model, folder, len(files))["megabytes"]
    one = [round_["one"] for round_ in rounds]
    rows = [
        ("decoding and resizing alone, one thread, images/s", spread(one, 1)),
        ("decoding and resizing alone, all cores, images/s", _rate(rounds, "decode")),
        ("network alone, all cores, images/s", _rate(rounds, "network")),
        ("**worklist, images/s**", _rate(rounds, "worklist")),
        ("worklist / slower of one-thread decoding and network", _ratio(rounds, "one")),
        ("worklist / slower of all-core decoding and network", _ratio(rounds, "decode")),
        ("worklist / what both need of all cores, one after the other", _shared(rounds)),
        ("dropped image to picture and answer on screen, ms", spread(drops["screen"], 0)),
        ("heatmap after that, ms", spread(drops["heatmap"], 0)),
        (
            "memory after 1,000, 2,000, 5,000 and 10,000 images, MB",
            ", ".join(f"{memory[thousands]:.0f}" for thousands in (1, 2, 5, 10)),
        ),
    ]
    note = (
        f"Simulated radiographs of 1024 x 1024 (PNG); {min(SPED, len(files)):,} in each of {ROUNDS} rounds, "
        "each round in a new process with the model loaded and warm, the ways by turns; 40 images dropped on "
        f"the real window, Qt platform {os.environ['QT_QPA_PLATFORM']}. Median (smallest to largest)."
    )
    return f"{table(('', ''), rows)}\n\n{note}"


def _model(options: Options, folder: Path) -> Path:
    """Speed does not ask how well it has learnt."""
    path = folder / "model.keras"
    config = TrainingConfig(epochs=1, augmentation=AUGMENTATIONS["none"])
    jobs.train(curation.open_dataset(options.data), config, path)
    return path


def _measured(what: str, model: Path, folder: Path, count: int) -> dict[str, Any]:
    script = Path(__file__).with_name("worklist_once.py")
    command = [sys.executable, str(script), what, str(model), str(folder), str(count)]
    home = tempfile.mkdtemp(dir=os.environ[HOME_VARIABLE])
    environment = {**os.environ, HOME_VARIABLE: home}
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT, env=environment)
    return dict(json.loads(answer.stdout))


def _rate(rounds: list[dict[str, Any]], key: str) -> str:
    return spread([one[key] for one in rounds], 1)


def _ratio(rounds: list[dict[str, Any]], decoding: str) -> str:
    return spread([one["worklist"] / min(one[decoding], one["network"]) for one in rounds])


def _shared(rounds: list[dict[str, Any]]) -> str:
    return spread([one["worklist"] * (1 / one["decode"] + 1 / one["network"]) for one in rounds])


if __name__ == "__main__":
    main(run)
