"""Closes the real program at random moments: python tests/campaigns/closing.py --count 50 --seed 1

Each time it starts in a place of its own with a model and a folder of simulated radiographs, is made busy,
and is closed by its window or by a signal of the system. It must end by itself within five seconds, with
status 0, without a word on standard error or a warning of Qt in its log, and without a temporary file that
stays. Where the machine is busy with other things, the processor's seconds say more than the clock's.
"""

import argparse
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from covid_desktop import curation, jobs, paths
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.gui.settings import Settings
from covid_desktop.paths import HOME_VARIABLE

LIMIT = 5.0  # seconds
PATIENCE = 120.0  # until a program that hangs is ended, before its close or after it
ACTIVITIES = {
    "loading": 5.0,
    "opening": 0.5,
    "checking": 2.0,
    "auditing": 4.0,
    "training:small-cnn": 6.0,
    "training:efficientnet-lite0": 8.0,
    "training:reference-cnn": 12.0,
    "predicting": 2.0,
    "watching": 3.0,
    "verifying": 15.0,
    "exporting:saved_model": 4.0,
    "exporting:litert": 4.0,
    "exporting:onnx": 8.0,
}
"""What it is busy with, and within how many seconds of the beginning it is closed."""

_OFFSCREEN = "This plugin does not support"
_NOISE = re.compile(r" ERROR |WARNING covid_desktop\.qt| CRITICAL ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One closing: busy with what, closed how and after how many milliseconds."""

    what: str
    way: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How one closing went: seconds from the close to the end, by the clock and of the processor."""

    case: Case
    seconds: float
    processor: float
    wrong: tuple[str, ...]


def draw_cases(count: int, seed: int, only: str = "") -> list[Case]:
    """Each activity by turns, at moments that follow from the seed."""
    rng = random.Random(seed)
    names = [name for name in ACTIVITIES if name.startswith(only)]
    ways = ("window", "signal") if os.name == "posix" else ("window",)
    return [
        Case(
            what=names[number % len(names)],
            way=rng.choice(ways),
            milliseconds=int(1000 * rng.uniform(0, ACTIVITIES[names[number % len(names)]])),
        )
        for number in range(count)
    ]


def make_template(root: Path) -> tuple[Path, Path]:
    """A home with a model that is loaded at the start, and the images. Must run with a home of its own."""
    images = write_demo_dataset(root / "images", training=30, validation=6, test=2)
    config = TrainingConfig(epochs=1, image_size=128, augmentation=AUGMENTATIONS["none"])
    model = paths.new_run_folder(config.architecture) / "model.keras"
    jobs.train(curation.open_dataset(images), config, model)
    settings = Settings(paths.settings_file())
    settings.add_recent("models", model)
    settings.save()
    return Path(os.environ[HOME_VARIABLE]), images


def close_once(case: Case, template: Path, images: Path) -> Closing:
    """Start the program, close it, and look at what it left."""
    with tempfile.TemporaryDirectory(prefix="closing-") as root:
        home, temporary, out, data = (Path(root, name) for name in ("home", "temporary", "out", "images"))
        shutil.copytree(template, home)
        shutil.rmtree(home / "cache" / "survey", ignore_errors=True)
        shutil.copytree(images, data)
        temporary.mkdir()
        out.mkdir()
        seconds, processor, status, errors = _ended(case, home, temporary, out, data)
        wrong = [*_left(home, temporary, out), *_logged(home)]
    if status is None:
        wrong.insert(0, f"did not end within {PATIENCE:.0f} s")
    elif status:
        wrong.insert(0, f"status {status}")
    if seconds > LIMIT:
        wrong.insert(0, f"took {seconds:.1f} s")
    if errors:
        wrong.append(f"standard error: {errors[-600:]}")
    return Closing(case=case, seconds=seconds, processor=processor, wrong=tuple(wrong))


def _ended(
    case: Case, home: Path, temporary: Path, out: Path, data: Path
) -> tuple[float, float, int | None, str]:
    """Seconds by the clock and of the processor from the close on, the status, and standard error."""
    script = Path(__file__).with_name("closing_once.py")
    arguments = [case.what, case.way, str(case.milliseconds), str(data), str(out)]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        HOME_VARIABLE: str(home),
        "TMPDIR": str(temporary),
    }
    spent, used = _processor_of_children(), 0.0
    with subprocess.Popen(
        [sys.executable, str(script), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        began = time.monotonic()
        with _killed_after(process, PATIENCE):
            for line in process.stdout:
                if line.startswith("closing "):
                    began, used = time.monotonic(), float(line.split()[1])
                    break
        try:
            _, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return PATIENCE, PATIENCE, None, process.communicate()[1]
        seconds = time.monotonic() - began
        return seconds, _processor_of_children() - spent - used, process.returncode, errors


@contextmanager
def _killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Unless the block ends before."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _processor_of_children() -> float:
    """Seconds of all that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _left(home: Path, temporary: Path, out: Path) -> list[str]:
    """Temporary files; an export is whole or not there."""
    found = [path for path in temporary.rglob("*") if path.is_file()]
    found += [path for folder in (home, out) for path in folder.rglob(".*") if path.name != ".lock"]
    return [f"left behind: {path.name}" for path in found]


def _logged(home: Path) -> list[str]:
    text = (home / "log" / "covid-desktop.log").read_text(encoding="utf-8")
    lines = text.splitlines()
    return [
        "log: " + " | ".join(lines[number : number + 8])
        for number, line in enumerate(lines)
        if _NOISE.search(line) and _OFFSCREEN not in line
    ]


def report(closings: list[Closing]) -> str:
    """A line for each activity: how often, median and longest seconds, of the processor too, and failures."""
    by_activity: dict[str, list[Closing]] = defaultdict(list)
    for one in closings:
        by_activity[one.case.what].append(one)
    by_activity["all"] = closings
    lines = []
    for what, found in by_activity.items():
        clock = [one.seconds for one in found]
        processor = [one.processor for one in found]
        parts = [f"{statistics.median(times):5.2f} {max(times):5.2f} s" for times in (clock, processor)]
        bad = sum(bool(one.wrong) for one in found)
        lines.append(f"{what:28} {len(found):3}  {parts[0]}  processor {parts[1]}  {bad} failed")
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """1 if a closing failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="activities that begin so")
    options = parser.parse_args()
    closings = []
    with tempfile.TemporaryDirectory(prefix="closing-", ignore_cleanup_errors=True) as root:
        os.environ[HOME_VARIABLE] = str(Path(root, "template"))
        paths.prepare_environment()
        template, images = make_template(Path(root))
        for number, case in enumerate(draw_cases(options.count, options.seed, options.only), 1):
            one = close_once(case, template, images)
            closings.append(one)
            words = "; ".join(one.wrong) or "well"
            seconds = f"{one.seconds:.2f} s (processor {one.processor:.2f})"
            _say(f"{number:3} {case.what} {case.way} {case.milliseconds} ms: {seconds}, {words}")
    _say(report(closings))
    return int(any(one.wrong for one in closings))


if __name__ == "__main__":
    sys.exit(main())
