"""Kills what the program does, at moments drawn by lot, and asserts that nothing was lost or torn.

``python tests/campaigns/kill.py --count 200`` kills so many processes (SIGKILL, or what ends a process on
Windows): training runs, which are resumed and end as one that was never killed, and processes that save a
model, check data, and save a worklist. Prints its seed and what it did; ends with 1 at the first failure.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOME_VARIABLE = "COVID_DESKTOP_HOME"
HERE = Path(__file__)
EPOCHS = 8
RUNS = {"small-cnn": {"image_size": 48}, "efficientnet-lite0": {"image_size": 64}}
CSV_ROWS = 3000
MOST_KILLS_OF_A_RUN = 4


# --- what is killed; each says "ready" once, and how far it is


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def work_train(data: Path, architecture: str) -> None:
    """Go on with the run that was interrupted, or else begin one."""
    from covid_desktop import curation, jobs, paths
    from covid_desktop.core.events import EpochEnded

    def tell(event: Any) -> None:
        if isinstance(event, EpochEnded):
            say(f"epoch {event.epoch}")

    jobs.load_tensorflow()
    say("ready")
    unfinished = jobs.unfinished_runs()
    if unfinished:
        jobs.resume(unfinished[0], emit=tell)
    else:
        model = paths.new_run_folder(architecture) / "model.keras"
        jobs.train(curation.open_dataset(data), config(architecture), model, emit=tell)
    say("done")


def work_save(place: Path) -> None:
    """Save two models over each other, and rewrite the card of a third, again and again."""
    from dataclasses import replace
    from types import SimpleNamespace
    from typing import cast

    from covid_desktop import jobs
    from covid_desktop.core.model_file import read_card, rewrite_card

    card = read_card(place / "carded.keras")
    say("ready")
    number = 0
    while True:
        number += 1
        source = place / f"source-{number % 2}.keras"
        model = jobs.Model(path=source, classifier=cast(Any, SimpleNamespace()))
        jobs.save_model(model, place / "saved.keras")
        rewrite_card(place / "carded.keras", replace(card, threshold=0.2 + 0.1 * (number % 5)))


def work_check(data: Path) -> None:
    from covid_desktop import curation

    say("ready")
    curation.check(curation.open_dataset(data))
    say("done")


def work_worklist(place: Path) -> None:
    """Save one worklist over another, again and again."""
    from covid_desktop.core.atomic import write_text

    texts = [worklist_text(number) for number in range(2)]
    say("ready")
    number = 0
    while True:
        number += 1
        write_text(place / "worklist.csv", texts[number % 2])


def config(architecture: str) -> Any:
    from covid_desktop.core.config import TrainingConfig

    settings = RUNS[architecture]
    return TrainingConfig(architecture=architecture, epochs=EPOCHS, batch_size=4, patience=4, **settings)


def worklist_text(number: int) -> str:
    from covid_desktop.core.prediction import Prediction
    from covid_desktop.core.worklist_file import predictions_csv

    rows = [
        Prediction(
            path=Path(f"/images/{row}.png"),
            label="Healthy",
            score=(number + row) / (2 * CSV_ROWS),
            threshold=0.5,
        )
        for row in range(CSV_ROWS)
    ]
    return predictions_csv(rows, f"model {number}")


# --- killing


@dataclass(slots=True)
class Killed:
    """How far a process came: the last epoch that it told, and whether it ended by itself."""

    epoch: int = 0
    is_done: bool = False
    lines: list[str] = field(default_factory=list)


def killed(home: Path, work: str, *arguments: str, after: float) -> Killed:
    """Run a worker and kill it so many seconds after it was ready."""
    command = [sys.executable, str(HERE), "--work", work, *arguments]
    environment = os.environ | {HOME_VARIABLE: str(home), "PYTHONPATH": str(HERE.parents[2])}
    killed = Killed()
    ready = threading.Event()

    def listen(output: Any) -> None:
        for line in output:
            killed.lines.append(line.strip())
            ready.set()
        ready.set()

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        listener = threading.Thread(target=listen, args=(process.stdout,))
        listener.start()
        ready.wait()
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
        listener.join()
    assert killed.lines[:1] == ["ready"], f"{work} did not begin"
    killed.epoch = max([int(line.split()[1]) for line in killed.lines if line.startswith("epoch")], default=0)
    killed.is_done = killed.lines[-1] == "done"
    assert killed.is_done or process.returncode != 1, f"{work} failed by itself"
    return killed


def killed_after_line(home: Path, words: str, work: str, *arguments: str) -> Killed:
    """Run a worker and kill it as soon as it says so."""
    command = [sys.executable, str(HERE), "--work", work, *arguments]
    environment = os.environ | {HOME_VARIABLE: str(home), "PYTHONPATH": str(HERE.parents[2])}
    found = Killed()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        for line in process.stdout:
            found.lines.append(line.strip())
            if line.strip() == words:
                process.kill()
    assert words in found.lines, f"{work} ended before it said {words}"
    found.epoch = max(int(line.split()[1]) for line in found.lines if line.startswith("epoch"))
    return found


class Campaign:
    """Kills by lot. ``home`` is used for references; each victim has a home of its own."""

    def __init__(self, place: Path, seed: int) -> None:
        self.place, self.rng = place, random.Random(seed)
        self.counts: dict[str, int] = {}
        self.kills = 0
        self.lost = 0
        self._references: dict[str, tuple[Any, float]] = {}
        self._data: Path | None = None

    @property
    def data(self) -> Path:
        """Drawn images, the same each time."""
        if self._data is None:
            self._data = draw(self.place / "data")
        return self._data

    def train(self, architecture: str, most: int = MOST_KILLS_OF_A_RUN) -> None:
        """Kill a run up to so many times, resume it each time, and compare what it leaves."""
        expected, seconds = self.reference(architecture)
        home = self.new_home()
        for _ in range(self.rng.randint(1, most)):
            after = self.rng.uniform(0, seconds)
            gone = killed(home, "train", str(self.data), architecture, after=after)
            if gone.is_done:
                break
            self.count(f"train {architecture}")
            self.require_resumable(home, gone.epoch, after)
        self.assert_same(finish_run(home, self.data, architecture), expected)
        left = [path for path in (home / "data" / "runs").rglob("*") if "checkpoint" in path.name]
        assert not left, f"checkpoints are left: {left}"

    def require_resumable(self, home: Path, told: int, after: float) -> None:
        """At most one epoch is lost. A run may be gone where it was killed before it began, or had ended."""
        from covid_desktop.core.checkpoints import unfinished_runs

        runs = unfinished_runs(home / "data" / "runs")
        reached = max((run.checkpoint.epoch for run in runs), default=0)
        models = list((home / "data" / "runs").glob("*/model.keras"))
        if not runs and models:
            return
        assert told - reached <= 1, f"{told - reached} epochs were lost, killed {after:.3f} s after the start"
        self.lost += max(0, told - reached)

    def save(self) -> None:
        """Of two models saved over each other one is whole, and a card can be read, whenever it is killed."""
        place = self.new_home()
        sources = [make_model(place / f"source-{number}.keras", number) for number in range(2)]
        make_model(place / "carded.keras", 0)
        (place / "saved.keras").write_bytes(sources[0])
        killed(place, "save", str(place), after=self.rng.uniform(0, 0.5))
        self.count("save")
        assert (place / "saved.keras").read_bytes() in sources, "the saved model is torn"
        assert_model_whole(place / "carded.keras")

    def check(self) -> None:
        """A check that is killed leaves the data as it was; the next one finds what it would have found."""
        home, seconds = self.new_home(), self.reference("check")[1]
        data = draw(home / "images")
        before = content(data)
        gone = killed(home, "check", str(data), after=self.rng.uniform(0, seconds))
        if not gone.is_done:
            self.count("check")
        with at_home(home):
            found = checked(data)
        assert {name: value for name, value in content(data).items() if name in before} == before
        assert found == self.reference("check")[0], "the check finds other things"

    def worklist(self) -> None:
        place = self.new_home()
        texts = [worklist_text(number) for number in range(2)]
        (place / "worklist.csv").write_text(texts[0], encoding="utf-8", newline="")
        killed(place, "worklist", str(place), after=self.rng.uniform(0, 0.3))
        self.count("worklist")
        with (place / "worklist.csv").open(encoding="utf-8", newline="") as file:
            assert file.read() in texts, "the worklist is torn"

    # --- what it should have been

    def reference(self, name: str) -> tuple[Any, float]:
        """What one that is not killed leaves, and how many seconds it takes."""
        if name not in self._references:
            home = self.new_home()
            began = time.monotonic()
            if name == "check":
                with at_home(home):
                    found: Any = checked(draw(home / "images"))
                self._references[name] = found, time.monotonic() - began
            else:
                seconds = timed(home, self.data, name)
                self._references[name] = outcome(home), seconds
        return self._references[name]

    def assert_same(self, found: dict[str, Any], expected: dict[str, Any]) -> None:
        different = [key for key in expected if found.get(key) != expected[key]]
        assert not different, f"a resumed run ends with another {', '.join(different)}"

    def count(self, name: str) -> None:
        self.kills += 1
        self.counts[name] = self.counts.get(name, 0) + 1

    def new_home(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.place))

    def one(self) -> None:
        """One victim, drawn by lot."""
        kinds: list[Callable[[], None]] = [
            lambda: self.train("small-cnn"),
            lambda: self.train("efficientnet-lite0"),
            self.save,
            self.check,
            self.worklist,
        ]
        self.rng.choice(kinds)()


class at_home:  # noqa: N801
    """The program's places are in ``home`` while the block runs."""

    def __init__(self, home: Path) -> None:
        self._home, self._before = home, os.environ.get(HOME_VARIABLE)

    def __enter__(self) -> None:
        os.environ[HOME_VARIABLE] = str(self._home)

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = self._before


def timed(home: Path, data: Path, architecture: str) -> float:
    """An unbroken run in a process of its own; the seconds from its being ready to its end."""
    began: list[float] = []
    command = [sys.executable, str(HERE), "--work", "train", str(data), architecture]
    environment = os.environ | {HOME_VARIABLE: str(home), "PYTHONPATH": str(HERE.parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        for line in process.stdout:
            began += [time.monotonic()] if line == "ready\n" else []
    assert process.returncode == 0, "a run that nobody killed failed"
    return time.monotonic() - began[0]


def finish_run(home: Path, data: Path, architecture: str) -> dict[str, Any]:
    """Resume what is unfinished, or do all of it where nothing is left of it, and say what came out."""
    if not list((home / "data" / "runs").glob("*/model.keras")) or unfinished_in(home):
        timed(home, data, architecture)
    return outcome(home)


def unfinished_in(home: Path) -> bool:
    from covid_desktop.core.checkpoints import unfinished_runs

    return bool(unfinished_runs(home / "data" / "runs"))


def outcome(home: Path) -> dict[str, Any]:
    """What must be the same: the weights, the history but for seconds, the scores of validation images."""
    (model,) = (home / "data" / "runs").glob("*/model.keras")
    with zipfile.ZipFile(model) as archive:
        assert archive.testzip() is None
        card = json.loads(archive.read("card.json"))
        weights = archive.read("model.weights.h5")
    epochs = [
        {name: value for name, value in epoch.items() if name != "seconds"}
        for epoch in card["history"].pop("epochs")
    ]
    return {
        "weights": weight_hashes(weights),
        "epochs": epochs,
        "history": card["history"],
        "validation": model.with_suffix(".validation.csv").read_text(encoding="utf-8"),
        "curves": model.with_suffix(".curves.png").is_file(),
    }


def weight_hashes(weights: bytes) -> dict[str, str]:
    import io

    import h5py

    found: dict[str, str] = {}
    with h5py.File(io.BytesIO(weights)) as file:

        def note(name: str, item: Any) -> None:
            if hasattr(item, "shape"):
                found[name] = hashlib.sha256(item[()].tobytes()).hexdigest()

        file.visititems(note)
    return found


def checked(data: Path) -> Any:
    """What a check finds, without what differs from place to place."""
    from covid_desktop import curation

    found = curation.check(curation.open_dataset(data))
    sets = {path.relative_to(data).as_posix(): name for path, name in found.opened.split.subset_of().items()}
    written = curation.open_dataset(data).decisions.sets
    assert written == sets, "the sets are not written down"
    return [finding.summary() for finding in found.findings], sets


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.png")
    }


def draw(folder: Path, count: int = 10) -> Path:
    """Simulated radiographs in two class folders."""
    from PIL import Image

    from covid_desktop.core.phantom import draw_phantom

    for label, name in enumerate(("Healthy", "COVID-19")):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = draw_phantom(2 * number + label, positive=bool(label), size=64).pixels
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def make_model(path: Path, number: int) -> bytes:
    """A file with a card and something like weights, 4 MB."""
    from covid_desktop.core.model_card import ModelCard

    settings = config("small-cnn").resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=settings.preprocessing,
        config=settings,
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("card.json", card.to_text())
        archive.writestr("model.weights.h5", random.Random(number).randbytes(4 * 2**20))
    return path.read_bytes()


def assert_model_whole(path: Path) -> None:
    from covid_desktop.core.model_file import read_card

    read_card(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("model.weights.h5") == random.Random(0).randbytes(4 * 2**20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="how many processes to kill")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    from covid_desktop import paths

    if options.work:
        paths.prepare_environment()
        name, *arguments = options.work
        works = {"train": work_train, "save": work_save, "check": work_check, "worklist": work_worklist}
        first, *others = arguments
        works[name](Path(first), *others)  # type: ignore[operator]
        return 0
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    say(f"Seed {seed}")
    with tempfile.TemporaryDirectory(prefix="kill-") as place:
        campaign = Campaign(Path(place), seed)
        while campaign.kills < options.count:
            try:
                campaign.one()
            except AssertionError as error:
                say(f"FAILED, seed {seed}, after {campaign.kills} kills: {error}")
                return 1
            say(f"{campaign.kills} kills: {campaign.counts}")
    say(f"{campaign.kills} kills, 0 torn or missing files, {campaign.lost} epochs repeated. Seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
