"""The check of many images against merely decoding them once; listing very many; the shortcut audit."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench import CLASSES, DRAWN_SIDE, SIDE, Options, drawn_images, main, spread, table

from covid_desktop.paths import HOME_VARIABLE

LISTED, AUDITED = 100_000, 2000
ROUNDS = 3
TIMEOUT = 3600


def run(options: Options) -> str:
    with drawn_images(options) as folder:
        count = sum(1 for _ in folder.rglob("*.png"))
        rounds = [_round(folder) for _ in range(ROUNDS)]
        window = _measured("window", folder, _new_home())
        listed = [_listed(folder) for _ in range(ROUNDS)]
        audit = _audited(folder)
    ratio = [(one["open"] + one["check"]) / one["decode"] for one in rounds]
    rows = [
        ("decoding each once, s", spread([one["decode"] for one in rounds], 1)),
        ("opening, s", spread([one["open"] for one in rounds], 1)),
        ("checking, s", spread([one["check"] for one in rounds], 1)),
        ("**opening and checking / decoding**", spread(ratio)),
        ("opening and checking again, s", spread([one["again"] for one in rounds], 1)),
        ("most memory while checking, MB", spread([one["megabytes"] for one in rounds], 0)),
        ("window while opening and checking: gaps p50, p99, longest, ms", _gaps(window["gaps"])),
        ("time of that in gaps over 50 ms, %", f"{_slow_share(window['gaps']):.1f}"),
        (f"listing {LISTED:,} files, s", spread(listed, 1)),
        (
            f"shortcut audit of {audit['n']:,} images, s, TensorFlow's import included",
            f"{audit['seconds']:.0f}",
        ),
        ("most memory in the audit, MB", f"{audit['megabytes']:.0f}"),
    ]
    note = (
        f"{count:,} simulated radiographs of {SIDE} x {SIDE} (drawn at {DRAWN_SIDE}, enlarged, with noise), "
        f"each measurement in a new process; {ROUNDS} rounds by turns, median (smallest to largest). "
        "A round decodes, opens, checks with nothing known, and opens and checks again."
    )
    return f"{table(('', ''), rows)}\n\n{note}"


def _round(folder: Path) -> dict[str, Any]:
    (folder / "covid-desktop.json").unlink(missing_ok=True)
    home = _new_home()
    return {
        **_measured("decode", folder, home),
        **_measured("check", folder, home),
        "again": sum(_measured("check", folder, home)[part] for part in ("open", "check")),
    }


def _listed(folder: Path) -> float:
    """Seconds for very many files, which are links to the images at hand."""
    files = [(name, file) for name in CLASSES for file in sorted((folder / name).iterdir())]
    with tempfile.TemporaryDirectory(dir=folder.parent) as root:
        for name in CLASSES:
            (Path(root) / name).mkdir()
        for number in range(LISTED):
            name, file = files[number % len(files)]
            os.link(file, Path(root) / name / f"{number:06}.png")
        return float(_measured("list", Path(root), _new_home())["list"])


def _audited(folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=folder.parent) as root:
        for name in CLASSES:
            (Path(root) / name).mkdir()
            for file in sorted((folder / name).iterdir())[: AUDITED // 2]:
                os.link(file, Path(root) / name / file.name)
        return _measured("audit", Path(root), _new_home())


def _new_home() -> str:
    return tempfile.mkdtemp(dir=os.environ[HOME_VARIABLE])


def _measured(what: str, folder: Path, home: str) -> dict[str, Any]:
    script = Path(__file__).with_name("check_once.py")
    command = [sys.executable, str(script), what, str(folder)]
    environment = {**os.environ, HOME_VARIABLE: home}
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT, env=environment)
    return dict(json.loads(answer.stdout))


def _gaps(gaps: list[float]) -> str:
    return ", ".join(f"{np.quantile(gaps, share):.0f}" for share in (0.5, 0.99, 1))


def _slow_share(gaps: list[float]) -> float:
    return 100 * sum(gap for gap in gaps if gap > 50) / sum(gaps)


if __name__ == "__main__":
    main(run)
