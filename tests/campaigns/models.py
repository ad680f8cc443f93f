"""Loads damaged and forged model files: python tests/campaigns/models.py --count 3000 --seed 1

Bytes of the archive are changed, or bytes of the HDF5 file or values of the card; then hashes and checksums
are written anew, as an attacker does. A file must be refused as no model, or give a model whose card every
report can read; within two seconds, without memory that grows, and without the end of the process.
"""

import argparse
import collections
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "learning"))

from hostile_packages import CARD, WEIGHTS, Files, archive_of, base_model, contents, peak, with_card

SLOW = 2.0  # seconds
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**62, 0.5, 1e300, -1e-300, float("nan"), float("inf")),
    *(
        "",
        "x",
        "\ud800",
        "\0",
        "a" * 5000,
        [],
        {},
        [[]],
        [{}],
        {"": None},
        [0] * 4,
        ["a", "b"],
        {"training": 1},
    ),
]
Damage = Callable[[Files, random.Random], bytes]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def scattered(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 2, 8, 40])):
        place = rng.choice([rng.randrange(len(damaged)), -1 - rng.randrange(min(600, len(damaged)))])
        damaged[place] = rng.choice([0, 1, 0x7F, 0xFF, rng.randrange(256)])
    return bytes(damaged)


def in_archive(files: Files, rng: random.Random) -> bytes:
    return scattered(archive_of(files), rng)


def in_weights(files: Files, rng: random.Random) -> bytes:
    """Mostly where the file says what is in it, which is not even a tenth of it."""
    weights = bytearray(files[WEIGHTS])
    for _ in range(rng.choice([1, 1, 2, 10])):
        weights[rng.randrange(rng.choice([2048, 16_384, len(weights)]))] = rng.choice(
            [0, 1, 0xFF, rng.randrange(256)]
        )
    digest = hashlib.sha256(weights).hexdigest()
    return archive_of(
        with_card(files | {WEIGHTS: bytes(weights)}, lambda card: card.update(weights_sha256=digest))
    )


def in_card(files: Files, rng: random.Random) -> bytes:
    def change(card: dict[str, Any]) -> None:
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            table: Any = card
            while True:
                key = rng.choice(list(table) if isinstance(table, dict) else range(len(table)))
                if not isinstance(table[key], dict | list) or not table[key] or rng.random() < 0.3:
                    break
                table = table[key]
            if rng.random() < 0.15:
                del table[key]
            else:
                table[key] = rng.choice(VALUES)
            if not card:
                return

    return archive_of(with_card(files, change, forged=rng.random() < 0.9))


DAMAGES: dict[str, Damage] = {"archive": in_archive, "weights": in_weights, "card": in_card}


def outcome(path: Path) -> str:
    """In a word what came of loading it, or the error that nobody caught."""
    from covid_desktop.core.card_text import card_text
    from covid_desktop.core.model_section import model_section
    from covid_desktop.errors import ModelError
    from covid_desktop.learning.classifier import Classifier

    try:
        card = Classifier.load(path).card
    except ModelError as error:
        return "refused" if error.what.endswith(".") and error.fix else f"no sentence: {error}"
    except Exception as error:  # noqa: BLE001 (it is what is looked for)
        return f"ERROR in loading: {error!r}"
    try:
        card_text(card, [])
        model_section(card, "model.keras")
        card.label_of(0.5)
        card.probability_of(0.5)
        set(card.data.get("training", {}).get("sha256", ()))
    except Exception as error:  # noqa: BLE001
        return f"ERROR in a report: {error!r}"
    return "loaded"


def load_some(folder: Path, seed: int, start: int, stop: int) -> None:
    """In a process of its own: prints what came of each case before and after it."""
    base = folder / "base.keras"
    files = contents(base if base.exists() else base_model(folder))
    card = json.loads(files[CARD])
    card |= {
        "data": {
            name: {"negative": 3, "positive": 3, "sha256": ["ab" * 32]} for name in ("training", "validation")
        },
        "metrics": {
            "validation": {"n": 6, "auroc": 0.9, "intervals": {"auroc": [0.8, 1.0]}, "threshold": 0.5}
        },
        "findings": [{"kind": "leak", "severity": "serious", "files": 2}],
        "audit": {
            "verdict": "amber",
            "sentence": "Partly told apart.",
            "fix": "Look.",
            "areas": {"file": {"auroc": 0.8, "low": 0.7, "high": 0.9, "n": 6}},
            "n": 6,
            "total": 6,
            "validation": {},
        },
        "history": {"best_epoch": 1, "epochs": [], "ended": "finished"},
        "versions": {"keras": "3"},
        "calibration": {"slope": 1.1, "intercept": 0.1},
        "indeterminate": [0.4, 0.6],
        "threshold_origin": "Youden index",
    }
    files = with_card(files | {CARD: json.dumps(card).encode()}, lambda one: None)
    path = folder / "model.keras"
    path.write_bytes(archive_of(files))
    assert outcome(path) == "loaded", outcome(path)
    for number in range(start, stop):
        kind = list(DAMAGES)[number % len(DAMAGES)]
        path.write_bytes(DAMAGES[kind](files, random.Random(f"{seed} {number}")))
        say(json.dumps({"number": number, "kind": kind}))
        before, began = peak(), time.perf_counter()
        result = {
            "outcome": outcome(path),
            "seconds": time.perf_counter() - began,
            "megabytes": peak() - before,
        }
        say(json.dumps({"number": number, "kind": kind, **result}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--some", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.some:
        folder, start, stop = options.some
        load_some(Path(folder), options.seed, int(start), int(stop))
        return 0
    tally: collections.Counter[tuple[str, str]] = collections.Counter()
    slowest, grown, start, bad = 0.0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while start < options.count:
            command = [sys.executable, __file__, "--seed", str(options.seed), "--some", folder]
            command += [str(start), str(options.count)]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
            for line in lines:
                if "outcome" in line:
                    tally[line["kind"], line["outcome"]] += 1
                    slowest, grown = max(slowest, line["seconds"]), grown + line["megabytes"]
                    bad += line["outcome"] not in ("refused", "loaded") or line["seconds"] > SLOW
                    if line["outcome"] not in ("refused", "loaded"):
                        say(str(line))
            if done.returncode == 0:
                break
            if not lines:
                say("No case could be begun.")
                return 1
            say(f"The process ended with {done.returncode} in {lines[-1]}.")
            bad, start = bad + 1, lines[-1]["number"] + 1
    for (kind, result), count in sorted(tally.items()):
        say(f"{kind:8} {result:10} {count}")
    say(f"{sum(tally.values())} files; the slowest took {slowest:.2f} s; memory grew by {grown} MB in all.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
