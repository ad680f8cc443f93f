"""Stops training runs at random moments: python tests/campaigns/stopping.py --stops 20 --seed 1

Prints, for each network and stage, how long after the stop was asked for the network no longer learnt, and
how long until the job had ended, its best epoch scored and saved where there was one: median, 95th
percentile and longest.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from covid_desktop import curation, jobs, paths
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress, TrainingEnded
from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.errors import Stopped
from covid_desktop.paths import HOME_VARIABLE

LONGEST = {"small-cnn": 12.0, "efficientnet-lite0": 20.0, "reference-cnn": 40.0}
"""The stop is asked for within so many seconds of the processor from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop, what the run was at, and seconds until it learnt no more and until it had ended."""

    architecture: str
    stage: str
    learning: float
    ending: float


class Stopping:
    """Asks a run to stop at a moment; knows what it was at then, and how long it took."""

    def __init__(self, at: float) -> None:
        self._at = at
        self._began = time.process_time()
        self._asked: float | None = None
        self._learnt_until: float | None = None
        self._stage = "start"
        self.asked_in = ""
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._wait)
        self._watch.start()

    def _wait(self) -> None:
        while not self._done.wait(0.005):
            if time.process_time() - self._began >= self._at:
                self.asked_in = self._stage
                self._asked = time.monotonic()
                return

    def should_stop(self) -> bool:
        return self._asked is not None

    def hear(self, event: Any) -> None:
        self._stage = event.stage if isinstance(event, Progress) else type(event).__name__
        if isinstance(event, TrainingEnded):
            self._learnt_until = time.monotonic()

    def took(self) -> tuple[float, float] | None:
        """Seconds until it learnt no more and until now; None where it had ended before."""
        now = time.monotonic()
        self._done.set()
        self._watch.join()
        if self._asked is None:
            return None
        return max(0.0, (self._learnt_until or now) - self._asked), now - self._asked


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
    if took is None:
        return None
    return Stop(architecture=architecture, stage=stopping.asked_in, learning=took[0], ending=took[1])


def report(stops: list[Stop]) -> str:
    by_stage: dict[tuple[str, str], list[Stop]] = defaultdict(list)
    for one in stops:
        by_stage[one.architecture, one.stage].append(one)
        by_stage[one.architecture, "all stages"].append(one)
        by_stage["all", "all stages"].append(one)
    lines = []
    for (architecture, stage), found in sorted(by_stage.items()):
        learning, ending = ([getattr(one, name) for one in found] for name in ("learning", "ending"))
        lines.append(
            f"{architecture:20} {stage:32} {len(found):3}  {_spread(learning)}  ended {_spread(ending)}"
        )
    return "\n".join(lines)


def _spread(seconds: list[float]) -> str:
    return " ".join(f"{value:5.2f}" for value in np.quantile(seconds, (0.5, 0.95, 1))) + " s"


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
                    words = f"{stop.learning:.2f} s, ended {stop.ending:.2f} s"
                    sys.stdout.write(f"{number} {stop.architecture}, {stop.stage}: {words}\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{report(stops)}\n")


if __name__ == "__main__":
    main()
