"""Folds the events of a training run into curves, the best epoch and the story in words."""

import csv
import io
import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from covid_desktop.core.events import (
    BatchEnded,
    EpochEnded,
    Event,
    LearningRateReduced,
    TrainingEnded,
    TrainingResumed,
    TrainingStarted,
)

MAX_BATCH_POINTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPoint:
    """A batch on the curves; ``position`` is in epochs (1.5 is the middle of the second epoch)."""

    position: float
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingHistory:
    """All that is known of a run so far. Immutable: ``with_event`` gives the next one."""

    started: TrainingStarted | None = None
    epochs: tuple[EpochEnded, ...] = ()
    batches: tuple[BatchPoint, ...] = ()
    reductions: tuple[LearningRateReduced, ...] = ()
    ended: str | None = None
    latest_position: float = 0.0
    batch_stride: int = 1

    def with_event(self, event: Event) -> Self:
        changed: dict[str, Any] = {}
        match event:
            case TrainingStarted():
                return type(self)(started=event)
            case TrainingResumed():
                changed = {one.name: getattr(event.history, one.name) for one in fields(self)}
            case BatchEnded() if self.started:
                return self._with_batch(event, self.started.batches)
            case EpochEnded():
                changed = {"epochs": (*self.epochs, event), "latest_position": float(event.epoch)}
            case LearningRateReduced():
                changed = {"reductions": (*self.reductions, event)}
            case TrainingEnded():
                changed = {"ended": event.reason}
        return replace(self, **changed)

    def _with_batch(self, event: BatchEnded, batches_per_epoch: int) -> Self:
        position = event.epoch - 1 + event.batch / batches_per_epoch
        history = replace(self, latest_position=position)
        if round(position * batches_per_epoch) % self.batch_stride:
            return history
        point = BatchPoint(position=position, loss=event.loss, accuracy=event.accuracy)
        points = (*self.batches, point)
        if len(points) <= MAX_BATCH_POINTS:
            return replace(history, batches=points)
        return replace(history, batches=points[1::2], batch_stride=self.batch_stride * 2)

    @property
    def best(self) -> EpochEnded | None:
        """The epoch with the lowest validation loss, the first of equals; NaN and infinity never win."""
        valid = [epoch for epoch in self.epochs if epoch.val_loss < math.inf]  # false of NaN, too
        return min(valid, key=lambda epoch: epoch.val_loss, default=None)

    @property
    def best_epoch(self) -> int | None:
        return self.best.epoch if self.best else None

    @property
    def fraction(self) -> float:
        """The share of the planned epochs that is done, 0 to 1."""
        if self.ended:
            return 1.0
        return self.latest_position / self.started.epochs if self.started else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the mean pace of the epochs so far, if all are run; None before the first has ended."""
        if not self.epochs or not self.started or self.ended:
            return None
        pace = sum(epoch.seconds for epoch in self.epochs) / len(self.epochs)
        return max(0.0, self.started.epochs - self.latest_position) * pace

    def story(self) -> str:
        """One sentence about where the run stands."""
        if not self.started:
            return ""
        if self.ended:
            return f"{self._ending()} {self._best_sentence()}".strip()
        epoch = min(self.started.epochs, int(self.latest_position) + 1)
        return f"Epoch {epoch} of {self.started.epochs}. {self._best_sentence()}".strip()

    def _ending(self) -> str:
        done = self.epochs[-1].epoch if self.epochs else 0
        if self.ended == "stopped early" and self.best_epoch:
            waited = done - self.best_epoch
            return f"Stopped early after epoch {done}: validation loss had not improved for {waited} epochs."
        if self.ended == "stopped by the user":
            return f"Stopped by you after {_epochs(done)}."
        return f"Finished {_epochs(done)}."

    def _best_sentence(self) -> str:
        best = self.best
        if best is None:
            return ""
        verb = "Kept" if self.ended else "Best so far"
        numbers = f"validation loss {best.val_loss:.3f}, accuracy {best.val_accuracy:.3f}"
        return f"{verb}: epoch {best.epoch}, {numbers}."

    def to_csv(self) -> str:
        """One row per epoch, with a header."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [field.name for field in fields(EpochEnded)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(epoch) for epoch in self.epochs)
        return text.getvalue()

    def to_json(self) -> dict[str, Any]:
        return {
            "epochs": [_finite(asdict(epoch)) for epoch in self.epochs],
            "learning_rate_reductions": [asdict(reduction) for reduction in self.reductions],
            "best_epoch": self.best_epoch,
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The epochs of a run that has ended, as ``to_json`` gave them. Raises ValueError."""
        try:
            epochs = [EpochEnded(**_numbers(one)) for one in values.get("epochs", [])]
            reductions = [
                LearningRateReduced(**_numbers(one)) for one in values.get("learning_rate_reductions", [])
            ]
        except (TypeError, AttributeError, KeyError, OverflowError) as error:
            raise ValueError("no history of a run") from error
        return cls(
            epochs=tuple(epochs),
            reductions=tuple(reductions),
            ended=str(values.get("ended") or "finished"),
            latest_position=float(epochs[-1].epoch) if epochs else 0.0,
        )


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no NaN and no infinity: None stands for them."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    """The inverse of ``_finite``, of numbers alone."""
    numbers = {name: math.nan if value is None else float(value) for name, value in values.items()}
    return numbers | {"epoch": int(values["epoch"])}


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def duration(seconds: float) -> str:
    """A length of time in words: "12 s", "3 min"."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
