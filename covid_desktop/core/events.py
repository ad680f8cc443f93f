"""What a training run tells the world while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covid_desktop.core.dataset import SkippedFile

if TYPE_CHECKING:
    from covid_desktop.core.history import TrainingHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A stretch of work in words, ``done`` of ``total`` steps; ``total`` 0 where it is not known."""

    stage: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSkipped:
    """Files of the data set that could not be read after all."""

    files: tuple[SkippedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStarted:
    epochs: int
    batches: int
    training: int
    validation: int
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResumed:
    """The run that was announced goes on from what it was; ``history`` is what it had told by then."""

    history: TrainingHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the user should know of, while the run goes on: what happened, and what to do."""

    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEnded:
    """``epoch`` and ``batch`` count from 1; ``loss`` and ``accuracy`` are of the epoch so far."""

    epoch: int
    batch: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochEnded:
    """``epoch`` counts from 1; ``seconds`` is the epoch's duration."""

    epoch: int
    loss: float
    accuracy: float
    auroc: float
    val_loss: float
    val_accuracy: float
    val_auroc: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateReduced:
    """After ``epoch`` the optimizer goes on with ``learning_rate``."""

    epoch: int
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEnded:
    """``reason`` is "finished", "stopped early" or "stopped by the user"."""

    reason: str


Event = (
    Progress
    | FilesSkipped
    | Notice
    | TrainingStarted
    | TrainingResumed
    | BatchEnded
    | EpochEnded
    | LearningRateReduced
    | TrainingEnded
)
Emit = Callable[[Event], None]
ShouldStop = Callable[[], bool]


def ignore(event: object) -> None:
    """An ``emit`` for whoever does not listen."""


def never() -> bool:
    """A ``should_stop`` for whoever does not stop."""
    return False
