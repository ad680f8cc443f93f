"""A worker of the campaign: reads damaged files in every way there is, and tells how that went.

A line "images 17" on standard input is answered by a line of JSON on standard output.
"""

import json
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from cases import Cases

from covid_desktop.core import image
from covid_desktop.core.dicom_header import read_header
from covid_desktop.errors import ImageError

WAYS: dict[str, Callable[[Path], Any]] = {
    "describe": image.describe,
    "decode": image.decode,
    "view": image.view,
    "examine": image.examine,
    "read_header": read_header,
}
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How one file was read: processor seconds of the slowest way, and bytes above the resting process."""

    failures: list[str] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak: int = 0
    reason: str = ""
    pixels: int = 0


def read(path: Path) -> Outcome:
    """Every way to read a file."""
    outcome = Outcome()
    for name, way in WAYS.items():
        began = time.process_time()
        try:
            outcome.results[name] = way(path)
        except ImageError as error:
            outcome.reason = error.what
            if not error.what.endswith(".") or str(path) in str(error):
                outcome.failures.append(f"{name}: {error.what}")
        except BaseException as error:  # noqa: BLE001 (this is what the campaign looks for)
            outcome.failures.append(f"{name}: {type(error).__name__}: {error}")
        outcome.seconds = max(outcome.seconds, time.process_time() - began)
    outcome.failures += _disagreements(outcome.results)
    return outcome


def _disagreements(results: dict[str, Any]) -> list[str]:
    """What one way says and another does not."""
    picture, view, facts, info = (results.get(name) for name in ("decode", "view", "examine", "describe"))
    ways = {"decode": picture, "view": view, "examine": facts}
    if any(found is None for found in ways.values()):
        works = [name for name, found in ways.items() if found is not None]
        return [f"only {' and '.join(works)} can read it"] if works else []
    found = []
    if not np.array_equal(picture, view.picture):
        found.append("view shows another picture than decode")
    sizes = [(facts.height, facts.width), *([(info.height, info.width)] if info else [])]
    if any(size != picture.shape[:2] for size in sizes):
        found.append(f"sizes differ: {picture.shape}, {sizes}")
    if info is None:
        found.append("decode can read it, describe cannot")
    return found


def status(name: str) -> int:
    """Bytes; 0 where the system does not tell."""
    if not _STATUS.exists():
        return 0
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text())
    return 1024 * int(found[1]) if found else 0


def forget_peak() -> None:
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def main(seed: str, folder: str) -> None:
    cases = Cases(int(seed), Path(folder) if folder else None)
    warned: list[str] = []
    warnings.showwarning = lambda message, category, *_: warned.append(f"{category.__name__}: {message}")
    warnings.simplefilter("always")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "damaged")
        for data in (*cases.files["images"].values(), *cases.files["dicom"].values()):
            path.write_bytes(data)
            read(path)
        warned.clear()
        base = status("VmRSS")
        for line in sys.stdin:
            kind, number = line.split()
            path.write_bytes(cases.case(kind, int(number))[1])
            forget_peak()
            before = status("VmRSS")
            outcome = read(path)
            outcome.failures += [f"warned: {warning}" for warning in warned]
            warned.clear()
            answer = {
                "failures": outcome.failures,
                "seconds": outcome.seconds,
                "peak": max(0, status("VmHWM") - before),
                "kept": max(0, before - base),
                "pixels": _claimed(outcome),
                "reason": outcome.reason if "decode" not in outcome.results else "",
            }
            outcome.results.clear()
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def _claimed(outcome: Outcome) -> int:
    """The pixels that the header claims."""
    info = outcome.results.get("describe")
    return info.width * info.height if info else 0


if __name__ == "__main__":
    main(*sys.argv[1:])
