"""Damages image files and reads them: python tests/campaigns/images.py --images 100000 --dicom 20000 --seed 1

Reads drawn files of every format, and those of ``--seeds FOLDER``, after bits were flipped, ends cut off,
chunks swapped, headers and sizes changed and files spliced. Nothing may end or hang a process; all that is
raised must be an ImageError; every way to read a file must say the same. What fails is kept in a temporary
folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from cases import Cases
from PIL import Image

from covid_desktop import jobs
from covid_desktop.core.scan import scan

MOST_SECONDS = 2.0  # of the processor, for each way to read a file
HANG_SECONDS = 60.0  # of wall time; the machine may be busy
MOST_BYTES = 50_000_000  # more than before the file; what a process keeps after thousands is told apart
BYTES_PER_PIXEL = 45
"""A viewer's values, their levels and the picture: what a legal size may take besides."""

DIED = "the process ended with"

Case = tuple[str, int]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was seen."""

    cases: int = 0
    pictures: int = 0
    deaths: int = 0
    failures: list[tuple[Case, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    peak: int = 0
    kept: int = 0

    def add(self, case: Case, answer: dict[str, Any]) -> None:
        self.cases += 1
        self.slowest = max(self.slowest, answer["seconds"])
        self.peak = max(self.peak, answer["peak"])
        self.kept = max(self.kept, answer["kept"])
        self.pictures += not answer["reason"]
        self.reasons[answer["reason"] or "a picture"] += 1
        found = list(answer["failures"])
        if answer["seconds"] > MOST_SECONDS:
            found.append(f"took {answer['seconds']:.1f} s")
        if answer["peak"] > MOST_BYTES + BYTES_PER_PIXEL * answer["pixels"]:
            found.append(f"took {answer['peak'] / 1e6:.0f} MB for {answer['pixels']} pixels")
        self.failures += [(case, failure) for failure in found]


class Reader:
    """A process that reads cases, started anew when it has died."""

    def __init__(self, seed: int, folder: Path | None) -> None:
        script = str(Path(__file__).with_name("reader.py"))
        self._command = [sys.executable, "-X", "faulthandler", script, str(seed), str(folder or "")]
        self._process: subprocess.Popen[str] | None = None

    def read(self, case: Case) -> dict[str, Any] | str:
        """The answer, or how the process ended."""
        process = self._process = self._process or subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        watch = threading.Timer(HANG_SECONDS, process.kill)
        watch.start()
        try:
            process.stdin.write("{} {}\n".format(*case))
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watch.cancel()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._process = None
        return f"{DIED} {process.wait()}"

    def close(self) -> None:
        if self._process:
            self._process.communicate()


def run(images: int, dicom: int, seed: int, folder: Path | None, workers: int) -> Tally:
    """Every case, by some processes."""
    cases = chain((("images", n) for n in range(images)), (("dicom", n) for n in range(dicom)))
    tally, lock = Tally(), threading.Lock()

    def work() -> None:
        reader = Reader(seed, folder)
        while True:
            with lock:
                case = next(cases, None)
            if case is None:
                break
            answer = reader.read(case)
            with lock:
                if isinstance(answer, str):
                    tally.deaths += 1
                    tally.failures.append((case, answer))
                else:
                    tally.add(case, answer)
        reader.close()

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    return tally


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def list_files(count: int) -> str:
    """How long a folder of so many files takes, as a data set and as a worklist."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for name in ("COVID-19", "Healthy"):
            (root / name).mkdir()
            Image.new("L", (8, 8)).save(root / name / "image.png")
        for number in range(count):
            (root / "Healthy" / f"{number}.txt").write_bytes(b"words")
        began = time.monotonic()
        dataset = scan(root)
        scanned = time.monotonic()
        listed = jobs.list_images([root])
        ended = time.monotonic()
    assert (len(dataset.samples), len(dataset.skipped), len(listed.paths)) == (2, count, count + 2)
    return f"{count} files looked through in {scanned - began:.1f} s, listed in {ended - scanned:.1f} s"


def keep(failures: list[tuple[Case, str]], cases: Cases) -> None:
    """The files that failed, for whoever mends the program."""
    place = Path(tempfile.mkdtemp(prefix="covid-desktop-damaged-"))
    for case, failure in sorted(failures, key=lambda one: not one[1].startswith(DIED))[:200]:
        name, data = cases.case(*case)
        path = place / "{}-{}".format(*case)
        path.write_bytes(data)
        say(f"{path} (of {name}): {failure}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--dicom", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=Path, metavar="FOLDER")
    parser.add_argument("--files", type=int, default=0, help="files in one folder, to be listed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    if asked.files:
        say(list_files(asked.files))
    began = time.monotonic()
    tally = run(asked.images, asked.dicom, asked.seed, asked.seeds, asked.workers)
    seconds = time.monotonic() - began
    say(f"seed {asked.seed}: {tally.cases} files in {seconds:.0f} s, {tally.pictures} read as pictures")
    say(f"{tally.deaths} processes died, {len(tally.failures)} failures, slowest {tally.slowest:.2f} s")
    say(f"memory: a file took at most {tally.peak / 1e6:.0f} MB, a process grew by {tally.kept / 1e6:.0f} MB")
    for reason, count in tally.reasons.most_common():
        say(f"{count:8} {reason}")
    if tally.failures:
        keep(tally.failures, Cases(asked.seed, asked.seeds))
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main())
