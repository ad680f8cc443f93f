"""Scores the images of the worklist that wait, and single ones again as the user wants them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop import jobs
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import UserError
from covid_desktop.gui.task import Task
from covid_desktop.gui.worklist import Worklist


class Scoring(QObject):
    """``scored`` carries each Prediction, ``progressed`` a Progress or None, ``failed`` a UserError.

    ``ended`` comes when nothing is being scored any more.
    """

    scored = Signal(object)
    progressed = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, worklist: Worklist, predict: Callable[..., Any]) -> None:
        super().__init__(worklist)
        self._worklist = worklist
        self._predict = predict
        self._task: Task | None = None
        self._again: set[Task] = set()
        self._adjustments: dict[Path, Adjustment] = {}
        self._closing = False
        self._is_wanted = False
        self.model: jobs.Model | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None

    def set_model(self, model: jobs.Model | None) -> None:
        """Score with ``model`` from now on, or nothing; what waits is not scored before ``start``."""
        self.stop()
        self.model = model

    def start(self) -> None:
        """Score what waits, after what is being scored."""
        waiting = self._worklist.waiting
        if self._closing or not self.model or not waiting:
            return
        if self._task:
            self._is_wanted = True
            return
        self._task = Task(partial(self._predict, self.model, waiting, **self._adjusting(waiting)))
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_stopped)
        self._task.start()
        self._tell()

    def again(self, images: Sequence[Path], *, anyway: bool = False) -> None:
        """Score images once more at once, even such as are not like the training images."""
        if self._closing or not self.model or not images:
            return
        job = partial(self._predict, self.model, list(images), anyway=anyway, **self._adjusting(images))
        task = Task(job)
        self._again.add(task)
        task.reported.connect(self._on_reported)
        task.failed.connect(self._on_again_failed)
        task.ended.connect(self._on_again_ended)
        task.start()

    def adjust(self, image: Path, adjustment: Adjustment) -> None:
        """Score an image turned or inverted from now on."""
        self._adjustments[image] = adjustment
        if adjustment == AS_IT_IS:
            del self._adjustments[image]
        self.again([image])

    def adjustment_of(self, image: Path) -> Adjustment:
        return self._adjustments.get(image, AS_IT_IS)

    def set_adjustments(self, adjustments: Mapping[Path, Adjustment]) -> None:
        """How the images of another list are scored from now on; those that are left out, as they are."""
        self._adjustments = {path: one for path, one in adjustments.items() if one != AS_IT_IS}

    @Slot()
    def stop(self) -> None:
        """What waits then waits for the next ``start``."""
        self._is_wanted = False
        for task in (self._task, *self._again):
            if task:
                task.stop()

    def close(self) -> None:
        """Stop, and begin nothing any more."""
        self._closing = True
        self.stop()

    def _adjusting(self, images: Sequence[Path]) -> dict[str, Any]:
        chosen = {path: self._adjustments[path] for path in images if path in self._adjustments}
        return {"adjustments": chosen} if chosen else {}

    def _tell(self) -> None:
        done, total = self._worklist.done, self._worklist.rowCount()
        self.progressed.emit(Progress(stage="Scoring images", done=done, total=total))

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        task = self.sender()
        if not isinstance(event, Prediction) or not isinstance(task, Task) or task.is_stopping:
            return  # a stopped task's model may have another threshold by now
        if event.adjustment != self.adjustment_of(event.path):
            return  # it was turned or inverted since, and is scored again as it is now
        self._worklist.set_done(event)
        if task is self._task:
            self._tell()
        self.scored.emit(event)

    @Slot(object)
    def _on_succeeded(self, _: object) -> None:
        if self._task and not self._task.is_stopping:
            self._is_wanted = True  # what was added meanwhile
        self._go_on()

    @Slot()
    def _on_stopped(self) -> None:
        self._go_on()

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        is_old = self._task is not None and self._task.is_stopping
        self._is_wanted = self._is_wanted and is_old
        self._go_on()
        if not is_old:
            self.failed.emit(error)

    def _go_on(self) -> None:
        self._task = None
        self.progressed.emit(None)
        self.ended.emit()
        if self._is_wanted:
            self._is_wanted = False
            self.start()

    @Slot(object)
    def _on_again_failed(self, error: UserError) -> None:
        task = self.sender()
        if isinstance(task, Task) and not task.is_stopping:
            self.failed.emit(error)

    @Slot()
    def _on_again_ended(self) -> None:
        task = self.sender()
        if isinstance(task, Task):
            self._again.discard(task)
