"""The loop of a watch: look, score what is new, tell, wait a little."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from covid_desktop.core.events import Event, Progress, ShouldStop
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch import FolderWatch, Tell

_POLL_SECONDS = 0.2
_AT_ONCE = 2  # a stop waits for what is being read

EmitWatch = Callable[[Prediction | Event], None]


class Score(Protocol):
    """Scores images in their order and emits the Prediction of each as it is done."""

    def __call__(self, images: list[Path], *, emit: EmitWatch, should_stop: ShouldStop) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchInterrupted(Progress):
    """Files cannot be looked for at present; ``stage`` says why. The watch goes on by itself."""

    stage: str = "The folder cannot be reached; it is tried again"


def keep_watching(
    watch: FolderWatch,
    score: Score,
    *,
    emit: EmitWatch,
    should_stop: ShouldStop,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Emit earlier results, then those of new files, until ``should_stop``; how many, as Progress."""
    words = f"Watching {watch.folder.name or watch.folder}"
    told = 0

    def tell(prediction: Prediction) -> None:
        nonlocal told
        told += 1
        emit(prediction)

    for prediction in watch.results():
        if should_stop():
            return
        tell(prediction)
    emit(Progress(stage=words, done=told))
    was_reachable = True
    while not should_stop():
        ready = watch.look()
        if watch.is_reachable != was_reachable:
            was_reachable = watch.is_reachable
            emit(Progress(stage=words, done=told) if was_reachable else WatchInterrupted(done=told))
        while ready and not should_stop():
            group, ready = ready[:_AT_ONCE], ready[_AT_ONCE:]
            _score_group(watch, group, score, tell, emit, should_stop)
            emit(Progress(stage=words, done=told, total=told + len(ready) if ready else 0))
        sleep(_POLL_SECONDS)


def _score_group(
    watch: FolderWatch, group: list[Path], score: Score, tell: Tell, emit: EmitWatch, should_stop: ShouldStop
) -> None:
    def on_event(event: Prediction | Event) -> None:
        if not isinstance(event, Prediction):
            emit(event)
        elif watch.settle(event):
            tell(event)

    try:
        claimed = [path for path in group if watch.claim(path, tell)]
        if claimed:
            score(claimed, emit=on_event, should_stop=should_stop)
    finally:
        watch.release()
