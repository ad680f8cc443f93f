"""What training runs left in their folders, and the names and notes that they were given since."""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.atomic import write_text
from covid_desktop.core.audit import Verdict
from covid_desktop.core.checkpoints import has_epochs
from covid_desktop.core.events import Emit, Progress, ShouldStop, TrainingStarted, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.facts_store import file_key, open_facts
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import read_card
from covid_desktop.errors import ModelError, Stopped, UserError

MODEL = "model.keras"
VALIDATION = ".validation.csv"
"""The ending beside the model of what ``run_comparison.validation_csv`` gives."""

TRASH = ".trash"
_WORDS = "run.json"
_MOST_WORDS = 2**16  # bytes
_NO_MODEL = "There is no model in it: the run goes on, or ended before there was anything to keep."
_CHECKPOINTS = (
    "There is no model in it yet: the run goes on, or was interrupted and can be resumed on the Train tab."
)
_ODD_SETTINGS = "The settings in its card are none that this program can have."
_VERDICTS: tuple[Verdict, ...] = ("red", "amber", "green")
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The folder of a run. ``card`` is None where no model in it can be used; ``problem`` says why.

    ``name`` and ``note`` are the user's, empty where none were given.
    """

    folder: Path
    card: ModelCard | None = None
    problem: str = ""
    name: str = ""
    note: str = ""
    history: TrainingHistory = field(default_factory=TrainingHistory)

    @property
    def model(self) -> Path:
        return self.folder / MODEL

    @property
    def title(self) -> str:
        """Its name, or else its network and when it began."""
        if self.name or not (self.card and self.began):
            return self.name or self.folder.name
        return f"{ARCHITECTURES[self.card.architecture].title}, {self.began:%Y-%m-%d %H:%M}"

    @property
    def began(self) -> datetime | None:
        """In the time of this place, by the folder's name; by the card where it was renamed."""
        try:
            return datetime.strptime(self.folder.name[:19], "%Y-%m-%d %H.%M.%S").astimezone()
        except ValueError:
            return _time(self.card.created) if self.card else None

    @property
    def auroc(self) -> float | None:
        return _finite(self._validation.get("auroc"))

    @property
    def accuracy(self) -> float | None:
        return _finite(self._validation.get("accuracy"))

    @property
    def n(self) -> int | None:
        """How many validation images there were."""
        found = self._validation.get("n")
        return found if isinstance(found, int) else None

    @property
    def verdict(self) -> Verdict | None:
        """That of the shortcut audit, where one was made."""
        found = self.card.audit.get("verdict") if self.card else None
        return next((verdict for verdict in _VERDICTS if verdict == found), None)

    @property
    def training_hashes(self) -> frozenset[str]:
        """SHA-256 of the images it learnt from."""
        part = self.card.data.get("training") if self.card else None
        found = part.get("sha256") if isinstance(part, dict) else None
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()

    @property
    def data(self) -> str:
        """A short name for the images it learnt from: the same for the same images. Empty if not known."""
        hashes = sorted(self.training_hashes)
        return hashlib.sha256("".join(hashes).encode()).hexdigest()[:6] if hashes else ""

    def is_of(self, images: Iterable[str]) -> bool:
        """Whether at least half of what it learnt from is among ``images``, by SHA-256."""
        hashes = self.training_hashes
        return bool(hashes) and len(hashes.intersection(images)) >= _HALF * len(hashes)

    @property
    def _validation(self) -> dict[str, Any]:
        found = self.card.metrics.get("validation") if self.card else None
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """The runs, the newest first, and the folders of those that learnt from the open data."""

    runs: list[Run]
    here: frozenset[Path] = frozenset()


def list_runs(root: Path, emit: Emit = ignore, should_stop: ShouldStop = never) -> list[Run]:
    """The runs in the folders of ``root``, the newest first; one that is damaged has a ``problem``.

    Reads cards and no weights. Raises UserError where ``root`` cannot be read, Stopped.
    """
    try:
        folders = [folder for folder in root.iterdir() if folder.is_dir() and folder.name[0] != "."]
    except OSError as error:
        reason = _reason(error)
        raise UserError(f"The runs in {root} cannot be read: {reason}.", "Make it readable.") from error
    found = []
    for done, folder in enumerate(folders):
        if should_stop():
            raise Stopped
        if done % 50 == 0:
            emit(Progress(stage="Looking through the runs", done=done, total=len(folders)))
        found.append(read_run(folder))
    return sorted(found, key=_age, reverse=True)


def read_run(folder: Path) -> Run:
    """What is in the folder of a run."""
    words = _read_words(folder / _WORDS)
    run = Run(folder=folder, name=words.get("name", ""), note=words.get("note", ""))
    if not run.model.is_file():
        return replace(run, problem=_CHECKPOINTS if has_epochs(run.model) else _NO_MODEL)
    try:
        card = read_card(run.model)
        history = _history(card)
    except ModelError as error:
        return replace(run, problem=str(error))
    except (UserError, TypeError, ValueError):
        return replace(run, problem=_ODD_SETTINGS)
    return replace(run, card=card, history=history)


def known_hashes(images: Iterable[Path], cache: Path) -> frozenset[str]:
    """SHA-256 of those ``images`` that a check has read and that did not change since."""
    found = set()
    with open_facts(cache) as store:
        for path in images:
            key = file_key(path)
            facts = store.get(key) if key else None
            if isinstance(facts, ImageFacts):
                found.add(facts.sha256)
    return frozenset(found)


# --- what the user does with them


def rename(run: Run, name: str) -> Run:
    """Give the run a name; none gives it its folder's back. Raises UserError."""
    return _with_words(run, name, run.note)


def annotate(run: Run, note: str) -> Run:
    """Write something about the run. Raises UserError."""
    return _with_words(run, run.name, note)


def delete(run: Run) -> Path:
    """Move the run's folder to the trash beside it, which nobody empties; its place there.

    Raises UserError.
    """
    trash = run.folder.parent / TRASH
    try:
        trash.mkdir(exist_ok=True)
        return run.folder.rename(_free_place(trash, run.folder.name))
    except OSError as error:
        raise UserError(
            f"{run.title} could not be moved to the trash: {_reason(error)}.",
            "Close what has its files open, and try again.",
        ) from error


def restore(trashed: Path, folder: Path) -> None:
    """Move what ``delete`` moved back to ``folder``. Raises UserError."""
    try:
        if folder.exists():
            raise FileExistsError(17, "there is another run in its place")
        trashed.rename(folder)
    except OSError as error:
        raise UserError(
            f"{folder.name} could not be brought back: {_reason(error)}.", f"It is in {trashed}."
        ) from error


def _free_place(trash: Path, name: str) -> Path:
    place, number = trash / name, 1
    while place.exists():
        number += 1
        place = trash / f"{name} ({number})"
    return place


def _with_words(run: Run, name: str, note: str) -> Run:
    name, note = " ".join(name.split()), " ".join(note.split())
    write_text(run.folder / _WORDS, json.dumps({"name": name, "note": note}, indent=1))
    return replace(run, name=name, note=note)


def _read_words(file: Path) -> dict[str, str]:
    """Name and note; nothing where there are none, or the file is damaged."""
    try:
        if file.stat().st_size > _MOST_WORDS:
            return {}
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = values.items() if isinstance(values, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


# --- what is in a card


def _history(card: ModelCard) -> TrainingHistory:
    """No epochs where they cannot be read. Raises UserError, TypeError, ValueError for odd settings."""
    started = _started(card)
    try:
        return replace(TrainingHistory.from_json(card.history), started=started)
    except ValueError:
        return TrainingHistory(started=started)


def _started(card: ModelCard) -> TrainingStarted:
    config = card.config.resolved()
    training, validation = (_count(card, subset) for subset in ("training", "validation"))
    return TrainingStarted(
        epochs=config.epochs,
        batches=max(1, -(-training // (config.batch_size or 1))),
        training=training,
        validation=validation,
        learning_rate=config.learning_rate or 0.0,
    )


def _count(card: ModelCard, subset: str) -> int:
    part = card.data.get(subset)
    counts = [part.get(label) for label in ("negative", "positive")] if isinstance(part, dict) else []
    return sum(count for count in counts if isinstance(count, int))


def _finite(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone()


def _age(run: Run) -> tuple[datetime, str]:
    return run.began or datetime.min.replace(tzinfo=UTC), run.folder.name


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
