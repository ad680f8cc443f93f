"""Lets the system refuse at every place where a file of the user's is written, and looks at what is left.

    python tests/campaigns/faults.py --count 500 --seed 1

Draws places, calls of the system and errors by lot. After each fault the old files must be there byte for
byte, no temporary file left, and one sentence said. Ends with 1 where that is not so, and says with what.
"""

import argparse
import builtins
import errno
import io
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image

from covid_desktop import desktop_entry, jobs, paths
from covid_desktop.core import checkpoint, export_place, kept_worklist, phantom, prediction_log, runs
from covid_desktop.core.atomic import write_text
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.decision_file import save_decisions
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.dicom_results import ResultSource, SeriesUids, write_results
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import EpochEnded
from covid_desktop.core.fixed_set import write_fixed_set
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import rewrite_card
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.scan import scan
from covid_desktop.core.worklist_file import Entry, worklist_csv
from covid_desktop.core.worklist_sections import ReportedImage
from covid_desktop.errors import UserError
from covid_desktop.jobs.training import save_curves

OWN_HOME = "COVID_DESKTOP_HOME" not in os.environ
if OWN_HOME:
    os.environ["COVID_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="covid-desktop-faults-")
paths.prepare_environment()

Tree = dict[str, bytes]
Write = Callable[[Path, int], None]
Mode = Literal["once", "from then on", "folder removed"]
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
MODES: tuple[Mode, ...] = ("once", "from then on", "folder removed")


# --- what the system refuses


class Faults:
    """Counts the calls that change something below ``folder``, and lets the one numbered ``fails_at`` fail.

    A write that fails has written a half. What is taken away may always be: a full disk does not forbid it.
    """

    def __init__(self, folder: Path, fails_at: int, number: int, mode: Mode) -> None:
        self.calls: list[str] = []
        self._folder = str(folder)
        self.fails_at, self._number, self._mode = fails_at, number, mode

    def call(self, name: str, path: object) -> None:
        """Raises OSError where it is this one's turn."""
        if isinstance(path, str | bytes | os.PathLike) and not os.fsdecode(path).startswith(self._folder):
            return
        place = len(self.calls)
        self.calls.append(name)
        if place == self.fails_at and self._mode == "folder removed":
            shutil.rmtree(self._folder, ignore_errors=True)
        elif place == self.fails_at or (place > self.fails_at >= 0 and self._mode == "from then on"):
            raise OSError(self._number, os.strerror(self._number), str(path))


class _File(io.FileIO):
    """``faults`` is set once it is open."""

    faults: Faults | None = None

    def write(self, data: Any) -> int:
        if self.faults:
            try:
                self.faults.call("write", self.name)
            except OSError:
                super().write(memoryview(data)[: len(data) // 2])
                raise
        return super().write(data)


@contextmanager
def injected(faults: Faults) -> Iterator[Faults]:
    """Python's own calls of the system, for as long as the block runs."""
    originals = {name: getattr(os, name) for name in ("open", "fsync", "replace", "rename", "mkdir")}
    open_file = io.open

    def patched(name: str) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            writes = name != "open" or (arguments[0] if arguments else 0) & (os.O_WRONLY | os.O_RDWR)
            if writes:
                faults.call(name, path)
            return originals[name](path, *arguments, **options)

        return call

    def opened(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
        if isinstance(file, int) or options.get("opener") or not set(mode) & set("wax+"):
            return open_file(file, mode, buffering, *rest, **options)
        faults.call("open", file)
        raw = _File(os.fspath(file), mode.replace("b", "").replace("t", ""))
        raw.faults = faults
        if buffering == 0:
            return raw
        binary: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return binary
        return io.TextIOWrapper(binary, *rest, **options)

    try:
        for name in originals:
            setattr(os, name, patched(name))
        io.open = builtins.open = opened  # type: ignore[assignment]
        yield faults
    finally:
        for name, original in originals.items():
            setattr(os, name, original)
        io.open = builtins.open = open_file  # type: ignore[assignment]


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file grows over ``size`` bytes, whoever writes it, libraries in C too. On POSIX alone."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- what is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``write`` writes into a folder, another content for another number.

    ``is_together`` where all files are replaced or none; otherwise each is whole by itself. ``grows`` are
    files that are added to. What is there but for the content, such as locks, is in ``beside``.
    """

    name: str
    write: Write
    is_together: bool = True
    grows: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def card(number: int) -> ModelCard:
    config = TrainingConfig(architecture="small-cnn", seed=number).resolved()
    return ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        threshold=0.25 + number / 100,
    )


def history(number: int) -> TrainingHistory:
    values = dict.fromkeys(
        ("accuracy", "auroc", "val_accuracy", "val_auroc", "learning_rate", "seconds"), 0.5
    )
    epochs = (EpochEnded(epoch=one, loss=0.5, val_loss=0.5 + number / one, **values) for one in (1, 2, 3))
    return TrainingHistory(epochs=tuple(epochs))


def judgement(number: int) -> Judgement:
    scores = (0.1, 0.2, 0.3, 0.6, 0.7, 0.8 + number / 100)
    return Judgement(
        folder=Path("/data"),
        subset=None,
        evaluation=Evaluation(labels=(0, 0, 0, 1, 1, 1), scores=scores, threshold=0.5),
    )


def prediction(number: int, path: Path = Path("/data/1.png")) -> Prediction:
    return Prediction(path=path, label="COVID-19", score=0.75 + number / 100, threshold=0.5)


def model_file(path: Path) -> None:
    """With a card, and something in the weights' place."""
    import zipfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5", np.random.default_rng(0).bytes(40_000))
        archive.writestr("card.json", card(0).to_text())


_given: dict[str, Path] = {}
"""What is read and stays as it is."""


def given() -> Path:
    """A folder with a data set, a model, a run and a DICOM image."""
    if "folder" not in _given:
        folder = Path(tempfile.mkdtemp(prefix="covid-desktop-given-"))
        for number in range(4):
            place = folder / "data" / ("Healthy", "COVID-19")[number % 2]
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((9, 9), 40 * number, np.uint8)).save(place / f"{number}.png")
        model_file(folder / "run" / "model.keras")
        write_fixed_set(folder)
        _given["folder"] = folder
    return _given["folder"]


def clean_up() -> None:
    """Take away what ``given`` made, and the home that was made for this run."""
    if folder := _given.pop("folder", None):
        shutil.rmtree(folder)
    if OWN_HOME:
        shutil.rmtree(os.environ["COVID_DESKTOP_HOME"], ignore_errors=True)


def _rewrite_card(folder: Path, number: int) -> None:
    if not (folder / "model.keras").exists():
        shutil.copyfile(given() / "run" / "model.keras", folder / "model.keras")
    rewrite_card(folder / "model.keras", card(number))


def _save_model(folder: Path, number: int) -> None:
    model: Any = jobs.Model(path=given() / "run" / "model.keras", classifier=None)  # type: ignore[arg-type]
    jobs.save_model(model, folder / "copy.keras")


def _decisions(folder: Path, number: int) -> None:
    if not (folder / "Healthy").exists():
        shutil.copytree(given() / "data", folder, dirs_exist_ok=True)
    own = given() / "own"
    own.mkdir(exist_ok=True)
    save_decisions(scan(folder), Decisions(salt=str(number)), own)


def _run_words(folder: Path, number: int) -> None:
    if not (folder / "model.keras").exists():
        shutil.copyfile(given() / "run" / "model.keras", folder / "model.keras")
    runs.annotate(runs.Run(folder=folder), f"note {number}")


def _run_export(ending: str) -> Write:
    def write(folder: Path, number: int) -> None:
        from covid_desktop.gui.run_export import EXPORTS, write_export

        run = runs.Run(folder=folder, history=history(number))
        for export in EXPORTS:
            if export.ending == ending:
                write_export(export, [run, run], folder / f"{export.key}{ending}")

    return write


def _report(name: str) -> Write:
    def write(folder: Path, number: int) -> None:
        from covid_desktop.gui.report_file import write_report

        write_report(folder / name, card(number), [judgement(number)])

    return write


def _worklist_report(name: str) -> Write:
    def write(folder: Path, number: int) -> None:
        from covid_desktop.gui.report_file import write_worklist_report

        image = ReportedImage(name="1.png", prediction=prediction(number))
        write_worklist_report(folder / name, card(number), "model.keras", [image])

    return write


def _dicom(folder: Path, number: int) -> None:
    import pydicom

    source = given() / "study.dcm"
    if not source.exists():
        (first, *_) = sorted(given().glob("*.dcm"))
        dataset = pydicom.dcmread(first)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.4"
        dataset.save_as(source)
    about = ResultSource(
        model_name="Small CNN", model_version="1", class_names=("Healthy", "COVID-19"), program_version="0"
    )
    picture = np.full((40, 50, 3), number, np.uint8)
    write_results(source, folder, prediction(number, source), about, picture, SeriesUids())


def _export_file(folder: Path, number: int) -> None:
    with export_place.export_place(folder / "model.onnx", "onnx", card(number)) as model:
        model.write_bytes(bytes([number]) * 30_000)


def _export_folder(folder: Path, number: int) -> None:
    with export_place.export_place(folder / "exported", "saved_model", card(number)) as place:
        (place / "saved_model.pb").write_bytes(bytes([number]) * 30_000)


def _checkpoint(folder: Path, number: int) -> None:
    kept = checkpoint.Checkpoint(
        config=TrainingConfig(seed=number),
        data_folder=Path("/data"),
        split_seed=0,
        began="2026-01-02T03:04:05",
    )
    arrays = [("weights/0", np.full((90, 90), number, np.float32))]
    checkpoint.write(folder / "epoch-000001.checkpoint", kept, arrays)


def _kept_worklist(folder: Path, number: int) -> None:
    entries = tuple(Entry(path=Path(f"/{one}.png"), prediction=prediction(number)) for one in range(50))
    kept_worklist.keep(folder, kept_worklist.KeptList(entries=entries, sources={}), name="m.keras")


def _log(folder: Path, number: int) -> None:
    said = prediction_log.Logged(time="2026", image="a", model="b", prediction=prediction(number))
    prediction_log.append(folder / "predictions.jsonl", [said] * 40)


PLACES = (
    Place(
        name="results as CSV",
        write=lambda folder, number: write_text(
            folder / "predictions.csv",
            worklist_csv([Entry(path=Path("/1.png"), prediction=prediction(number))], "m"),
        ),
    ),
    Place(name="kept worklist", write=_kept_worklist),
    Place(name="prediction log", write=_log, grows=("predictions.jsonl",), beside=(".head.json", ".lock")),
    Place(
        name="history and curves",
        write=lambda folder, number: save_curves(history(number), folder / "model.keras"),
        is_together=False,
    ),
    Place(name="model card", write=_rewrite_card),
    Place(name="copy of a model", write=_save_model),
    Place(name="decisions", write=_decisions),
    Place(name="words about a run", write=_run_words),
    Place(name="runs as CSV", write=_run_export(".csv"), is_together=False),
    Place(name="curves as PNG", write=_run_export(".png")),
    Place(name="curves as SVG", write=_run_export(".svg")),
    Place(name="report as PDF", write=_report("report.pdf")),
    Place(name="report as HTML", write=_report("report.html")),
    Place(name="card as text", write=_report("card.md")),
    Place(name="list report as PDF", write=_worklist_report("list.pdf")),
    Place(name="list report as HTML", write=_worklist_report("list.html")),
    Place(name="DICOM results", write=_dicom),
    Place(name="export of a file", write=_export_file),
    Place(name="export of a folder", write=_export_folder),
    Place(name="checkpoint", write=_checkpoint),
    Place(
        name="demo image",
        write=lambda folder, number: phantom._write_image(folder / "drawn" / "1.png", number, True, 64),
    ),
    Place(
        name="menu entry",
        write=lambda folder, number: desktop_entry._write(
            folder / "applications" / "a.desktop", bytes([number])
        ),
    ),
)


# --- what is left


def tree(folder: Path) -> Tree:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def count_calls(place: Place, folder: Path) -> tuple[list[str], int]:
    """The calls of an ordinary write, and the bytes of its largest file."""
    place.write(folder, 1)
    with injected(Faults(folder, -1, 0, "once")) as faults:
        place.write(folder, 2)
    return faults.calls, max(map(len, tree(folder).values()))


def complaints(place: Place, folder: Path, fault: Callable[[], Any], mode: str) -> list[str]:
    """Write once, then again with a fault: what is not as it should be afterwards.

    Where no file can be renamed any more after the first, none can be put back: each is whole then.
    """
    place.write(folder, 1)
    before, told, is_together = tree(folder), None, place.is_together
    try:
        with fault() as faults:
            place.write(folder, 2)
    except UserError as error:
        told = error
    except Exception as error:  # noqa: BLE001 (what it is, is the finding)
        return [f"raised {type(error).__name__}: {error}"]
    found = []
    if told and (not told.what.endswith(".") or "\n" in str(told)):
        found.append(f"said {told}")
    if mode == "folder removed":
        return found
    if mode == "from then on" and "replace" in faults.calls[: faults.fails_at + 1]:
        is_together = False
    if told and told.fix.startswith("What was there before is in "):
        place_of_old = Path(told.fix.removeprefix("What was there before is in ").removesuffix("."))
        is_kept = sorted(tree(place_of_old).values()) == sorted(before.values())
        return found if is_kept else [*found, "what was there before is nowhere"]
    after = tree(folder)
    content = {name: data for name, data in after.items() if not name.endswith(place.beside or ("?",))}
    old = {name: before[name] for name in content if name in before}
    if told:
        changed = [
            name for name in before if name not in after or (name in content and content[name] != old[name])
        ]
        new = content.keys() - before.keys()
        if is_together and (changed or new):
            found.append(f"changed although it failed: {[*changed, *new]}")
    left = [name for name in content if Path(name).name.startswith(".")]
    if left:
        found.append(f"left behind: {left}")
    found += [f"{name} does not go on" for name in place.grows if not after[name].startswith(before[name])]
    if "prediction log" in place.name and not prediction_log.check(folder / "predictions.jsonl").is_intact:
        found.append("the log is not intact")
    return found


def try_call(place: Place, folder: Path, fails_at: int, number: int, mode: Mode) -> list[str]:
    return complaints(place, folder, lambda: injected(Faults(folder, fails_at, number, mode)), mode)


def try_limit(place: Place, folder: Path, size: int) -> list[str]:
    return complaints(place, folder, lambda: limited(size), "limit")


def main(count: int, seed: int) -> int:
    rng, calls, failed = random.Random(seed), {}, 0
    root = Path(tempfile.mkdtemp(prefix="covid-desktop-faults-"))
    for turn in range(count):
        place = rng.choice(PLACES)
        folder = root / str(turn)
        folder.mkdir()
        if place.name not in calls:
            counted = root / f"counted {place.name}"
            counted.mkdir()
            calls[place.name] = count_calls(place, counted)
        names, largest = calls[place.name]
        if rng.random() < 0.3 and sys.platform != "win32":
            size = rng.randrange(largest)
            what, found = f"limit of {size} bytes", try_limit(place, folder, size)
        else:
            at, number, mode = rng.randrange(len(names)), rng.choice(ERRORS), rng.choice(MODES)
            what = f"{errno.errorcode[number]} at call {at} ({names[at]}), {mode}"
            found = try_call(place, folder, at, number, mode)
        if found:
            failed += 1
            print(f"turn {turn}, {place.name}, {what}: {'; '.join(found)}")  # noqa: T201
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} faults, {failed} not as they should be (seed {seed})")  # noqa: T201
    shutil.rmtree(root)
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    status = main(options.count, options.seed)
    clean_up()
    sys.exit(status)
