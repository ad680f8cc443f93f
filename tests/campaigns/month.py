"""A month of use in one process: python tests/campaigns/month.py --runs 30 --predictions 10000

Tiny training runs, by turns of a network that learns from pixels and of a frozen one, then predictions. The
resident memory may grow by 10 MB a run, and by 20 MB in all for the predictions, after a warm-up.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from covid_desktop import curation, jobs, paths
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.paths import HOME_VARIABLE

MOST_A_RUN, MOST_FOR_PREDICTIONS = 10.0, 20.0  # MB
WARM_RUNS, WARM_PREDICTIONS = 6, 500
CONFIGS = (
    TrainingConfig(architecture="small-cnn", image_size=32, epochs=3),
    TrainingConfig(image_size=64, epochs=3, augmentation=AUGMENTATIONS["none"]),
)


def resident() -> float:
    """Megabytes, once Python has cleared up."""
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("The system does not say.")


def train(images: Path, folder: Path, runs: int) -> tuple[list[float], jobs.Model]:
    """Megabytes after each run, and the last model, which lives on; the others are let go."""
    found = []
    for number in range(runs):
        began = time.monotonic()
        config = replace(CONFIGS[number % len(CONFIGS)], seed=number)
        place = folder / f"{number}"
        place.mkdir()
        model = jobs.train(curation.open_dataset(images), config, place / "model.keras").model
        found.append(resident())
        _say(f"run {number + 1}: {found[-1]:.0f} MB, {time.monotonic() - began:.1f} s")
    return found, model


def predict(model: jobs.Model, files: list[Path], count: int) -> list[float]:
    """Megabytes after each hundredth of the predictions, from the warm-up on."""
    few = files * (1 + count // len(files))
    jobs.predict(model, few[:WARM_PREDICTIONS])
    found = [resident()]
    step = max(1, count // 20)
    for start in range(0, count, step):
        jobs.predict(model, few[start : start + step])
        jobs.heatmap(model, few[start])
        found.append(resident())
    return found


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """1 if the memory grew more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--predictions", type=int, default=10_000)
    options = parser.parse_args()
    if options.runs <= WARM_RUNS:
        parser.error(f"the first {WARM_RUNS} runs are the warm-up")
    with tempfile.TemporaryDirectory(prefix="month-", ignore_cleanup_errors=True) as root:
        os.environ[HOME_VARIABLE] = str(Path(root, "home"))
        paths.prepare_environment()
        images = write_demo_dataset(Path(root, "images"), size=128)
        jobs.load_tensorflow()
        after, model = train(images, Path(root), options.runs)
        scored = predict(model, sorted(images.rglob("*.png")), options.predictions)
    a_run = (after[-1] - after[WARM_RUNS - 1]) / (options.runs - WARM_RUNS)
    in_all = scored[-1] - scored[0]
    _say(
        f"{a_run:.1f} MB a run after the first {WARM_RUNS} ({after[WARM_RUNS - 1]:.0f} to {after[-1]:.0f} MB)"
    )
    _say(f"{in_all:.1f} MB for {options.predictions:,} predictions ({scored[0]:.0f} to {scored[-1]:.0f} MB)")
    return int(a_run > MOST_A_RUN or in_all > MOST_FOR_PREDICTIONS)


if __name__ == "__main__":
    sys.exit(main())
