"""Stops training runs at random moments: python tests/campaigns/stopping.py --stops 20 --seed 1

Prints, for each network and stage, how long after the stop was asked for the job ended: median, 95th
percentile and longest, by the clock and of the processor. On a machine that is busy with other things the
latter, which is an upper limit of what an idle one takes, says more.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from covid_desktop import curation, jobs, paths
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress
from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.errors import Stopped
from covid_desktop.paths import HOME_VARIABLE

LONGEST = {"small-cnn": 12.0, "efficientnet-lite0": 20.0, "reference-cnn": 40.0}
"""The stop is asked for within so many seconds of the processor from the beginning."""

Stop = tuple[str, str, float, float]


class Stopping:
    """Asks a run to stop at a moment; knows what it was at then, and how long it took."""

    def __init__(self, at: float) -> None:
        self._at = at
        self._began = time.process_time()
        self._asked: tuple[float, float] | None = None
        self._stage = "start"
        self.asked_in = ""
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._wait)
        self._watch.start()

    def _wait(self) -> None:
        while not self._done.wait(0.005):
            if time.process_time() - self._began >= self._at:
                self._asked = time.monotonic(), time.process_time()
                self.asked_in = self._stage
                return

    def should_stop(self) -> bool:
        return self._asked is not None

    def hear(self, event: Any) -> None:
        self._stage = event.stage if isinstance(event, Progress) else type(event).__name__

    def took(self) -> tuple[float, float] | None:
        """Seconds by the clock and of the processor; None where it ended before."""
        now = time.monotonic(), time.process_time()
        self._done.set()
        self._watch.join()
        return (now[0] - self._asked[0], now[1] - self._asked[1]) if self._asked else None


def stop_once(architecture: str, images: Path, at: float, folder: Path) -> Stop | None:
    """None where the run had ended before."""
    opened = curation.open_dataset(images)
    config = TrainingConfig(architecture=architecture, epochs=4, patience=4)
    stopping = Stopping(at)
    with suppress(Stopped):
        jobs.train(
            opened, config, folder / "model.keras", emit=stopping.hear, should_stop=stopping.should_stop
        )
    took = stopping.took()
    return None if took is None else (architecture, stopping.asked_in, *took)


def report(stops: list[Stop]) -> str:
    by_stage: dict[tuple[str, str], list[Stop]] = defaultdict(list)
    for one in stops:
        by_stage[one[0], one[1]].append(one)
        by_stage[one[0], "all stages"].append(one)
        by_stage["all", "all stages"].append(one)
    lines = []
    for (architecture, stage), found in sorted(by_stage.items()):
        parts = []
        for index in (2, 3):
            values = np.quantile([one[index] for one in found], (0.5, 0.95, 1))  # type: ignore[arg-type]
            parts.append(" ".join(f"{value:5.2f}" for value in values))
        lines.append(f"{architecture:20} {stage:32} {len(found):3}  {parts[0]} s  processor {parts[1]} s")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=20, help="for each network")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=ARCHITECTURES, help="one network")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    stops = []
    with tempfile.TemporaryDirectory(prefix="stopping-", ignore_cleanup_errors=True) as root:
        os.environ[HOME_VARIABLE] = str(Path(root, "home"))
        paths.prepare_environment()
        images = write_demo_dataset(Path(root, "images"))
        jobs.load_tensorflow()
        for number in range(options.stops):
            for architecture in [options.only] if options.only else ARCHITECTURES:
                at = rng.uniform(0, LONGEST[architecture])
                folder = Path(root, f"{number} {architecture}")
                folder.mkdir()
                if number % 2:  # the features are read anew
                    for file in paths.features_folder().iterdir():
                        file.unlink()
                if stop := stop_once(architecture, images, at, folder):
                    stops.append(stop)
                    sys.stdout.write(f"{number} {stop[0]}, {stop[1]}: {stop[2]:.2f} ({stop[3]:.2f}) s\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{report(stops)}\n")


if __name__ == "__main__":
    main()
