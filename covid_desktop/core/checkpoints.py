"""The checkpoints of training runs: the last two of each, held by who trains, and found again."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from covid_desktop.core.checkpoint import Array, Checkpoint, DamagedCheckpoint, read, read_arrays, write
from covid_desktop.core.events import Notice
from covid_desktop.core.file_lock import hold, is_held
from covid_desktop.errors import UserError

ENDING = ".checkpoints"
"""That of the folder of checkpoints beside the model."""

KEPT = 2
_FILES = "epoch-*.checkpoint"
_LOCK = "lock"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A checkpoint and its arrays by name."""

    checkpoint: Checkpoint
    arrays: dict[str, Array]


class Checkpoints:
    """The checkpoints of one run, in a folder of their own. Make it with ``kept``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: BinaryIO | None = None

    def write(self, checkpoint: Checkpoint, arrays: Iterable[tuple[str, Array]] = ()) -> None:
        """Write one, whole or not at all, and remove all but it and the one before. Raises UserError."""
        self._hold()
        path = self._folder / _name(checkpoint.epoch)
        write(path, checkpoint, arrays)
        before = [other for other in _files(self._folder) if other.name < path.name]
        for other in _files(self._folder):
            if other != path and other not in before[: KEPT - 1]:
                with suppress(OSError):
                    other.unlink()

    def load(self) -> Stored | None:
        """The newest one that is whole; None where there is none. Damaged ones are logged and left alone."""
        for path in _files(self._folder):
            try:
                checkpoint, arrays = read_arrays(path)
            except DamagedCheckpoint as error:
                _log_damaged(path, error)
            else:
                return Stored(checkpoint=checkpoint, arrays=arrays)
        return None

    @property
    def has_epochs(self) -> bool:
        """Whether there is one of an epoch that has ended."""
        return _has_epochs(self._folder)

    def discard(self) -> None:
        """Remove all of them, and the folder."""
        self.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def release(self) -> None:
        """Let others have the run."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def take(self) -> None:
        """Hold the folder, if there is one. Raises UserError where another process does."""
        if self._folder.is_dir():
            self._hold()

    def _hold(self) -> None:
        if self._lock:
            return
        try:
            self._folder.mkdir(exist_ok=True)
            self._lock = hold(self._folder / _LOCK)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UserError(
                f"The folder {self._folder.name} cannot be written: {reason}.", "Free some space."
            ) from error
        if self._lock is None:
            raise UserError(
                "This run goes on in another window or command.", "Wait until it has ended, or end it there."
            )
        for left in self._folder.glob(".epoch-*"):  # of a process that was killed while it wrote
            with suppress(OSError):
                left.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where a run keeps checkpoints, what is the same in each, and the one it goes on from.

    ``is_told`` if the user knows already that they cannot be written.
    """

    checkpoints: Checkpoints
    plan: Checkpoint
    start: Stored | None = None
    is_told: bool = False


def no_checkpoint(error: UserError) -> Notice:
    """What the user is told when a checkpoint cannot be written."""
    return Notice(
        what=f"The run goes on, but it could not be resumed if it were interrupted: {error.what}",
        fix="Free some space: the next epoch is tried again.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedRun:
    """A run that was interrupted: where its model would be, and how far it came."""

    model: Path
    checkpoint: Checkpoint

    @property
    def next_epoch(self) -> int:
        return self.checkpoint.epoch + 1

    @property
    def sentence(self) -> str:
        """What happened to it, in one sentence."""
        began = datetime.fromisoformat(self.checkpoint.began)
        is_today = began.date() == datetime.now(began.tzinfo).date()
        when = f"{began:%H:%M}" if is_today else f"{began:%Y-%m-%d, %H:%M}"
        return f"The run of {when} on {self.checkpoint.data_folder.name} was interrupted {self._where}."

    @property
    def _where(self) -> str:
        if self.checkpoint.ended:
            return "after its last epoch, before its model was saved"
        if self.checkpoint.epoch == 0:
            return "before its first epoch had ended"
        return f"after epoch {self.checkpoint.epoch} of {self.checkpoint.config.epochs}"


def folder_of(model: Path) -> Path:
    """Where the checkpoints of a run are whose model goes to ``model``."""
    return model.with_suffix(ENDING)


def has_epochs(model: Path) -> bool:
    """Whether there is a checkpoint, of an epoch that has ended, of the run whose model goes to ``model``."""
    return _has_epochs(folder_of(model))


@contextmanager
def kept(model: Path) -> Iterator[Checkpoints]:
    """The checkpoints of the run whose model goes to ``model``, held while the block runs.

    Raises UserError where the run goes on in another process.
    """
    checkpoints = Checkpoints(folder_of(model))
    checkpoints.take()
    try:
        yield checkpoints
    finally:
        checkpoints.release()


def unfinished_run(model: Path) -> UnfinishedRun | None:
    """The interrupted run whose model would be at ``model``; None where none was, or it goes on elsewhere."""
    folder = folder_of(model)
    if is_held(folder / _LOCK):
        return None
    for path in _files(folder):
        try:
            return UnfinishedRun(model=model, checkpoint=read(path))
        except DamagedCheckpoint as error:
            _log_damaged(path, error)
    return None


def unfinished_runs(root: Path) -> tuple[UnfinishedRun, ...]:
    """The interrupted runs in the folders of ``root``, the newest first."""
    found = [unfinished_run(folder.with_suffix(".keras")) for folder in root.glob(f"[!.]*/*{ENDING}")]
    return tuple(sorted((run for run in found if run), key=lambda run: run.checkpoint.began, reverse=True))


def discard(run: UnfinishedRun) -> None:
    """Remove the checkpoints of a run, and its folder where there is nothing else in it.

    Raises UserError where the run goes on in another process by now.
    """
    with kept(run.model) as checkpoints:
        checkpoints.discard()
    with suppress(OSError):
        run.model.parent.rmdir()


def _has_epochs(folder: Path) -> bool:
    return any(path.name != _name(0) for path in _files(folder))


def _name(epoch: int) -> str:
    return f"epoch-{epoch:06}.checkpoint"


def _files(folder: Path) -> list[Path]:
    """The newest first."""
    return sorted(folder.glob(_FILES), reverse=True)


def _log_damaged(path: Path, error: DamagedCheckpoint) -> None:
    log.warning("The checkpoint %s is not used: %s", path.name, error)
