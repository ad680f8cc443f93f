"""Progress on a terminal: one line on stderr that is drawn over itself."""

import shutil
import sys
import time
from typing import Self

from covid_desktop.core.events import BatchEnded, EpochEnded, Event, FilesSkipped, Notice, Progress
from covid_desktop.core.history import TrainingHistory, duration

_BAR = 24
_REDRAW_SECONDS = 0.1


class ProgressLine:
    """An ``emit`` that shows what it hears; silent where stderr is no terminal, but for skipped files."""

    def __init__(self) -> None:
        self._visible = sys.stderr is not None and sys.stderr.isatty()
        self._history = TrainingHistory()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, event: object) -> None:
        if isinstance(event, FilesSkipped) and sys.stderr is not None:
            self.clear()
            for file in event.files:
                sys.stderr.write(f"Skipped {file.path}: {file.reason}\n")
        if isinstance(event, Notice) and sys.stderr is not None:
            self.clear()
            sys.stderr.write(f"{event.what} {event.fix}".rstrip() + "\n")
        if self._visible and isinstance(event, Event):
            self._show(event)

    def clear(self) -> None:
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _show(self, event: Event) -> None:
        self._history = self._history.with_event(event)
        soon = time.monotonic() - self._drawn < _REDRAW_SECONDS
        if isinstance(event, Progress):
            finished = event.done == event.total
            if soon and not finished and event.done:
                return
            share = event.done / event.total if event.total else None
            self._draw(share, f"{event.stage} {event.done}/{event.total}" if event.total else event.stage)
        elif isinstance(event, EpochEnded) or (isinstance(event, BatchEnded) and not soon):
            self._draw(self._history.fraction, self._history.story() + _left(self._history.seconds_left))

    def _draw(self, share: float | None, text: str) -> None:
        self._drawn = time.monotonic()
        done = round(_BAR * (share or 0))
        bar = "" if share is None else f"[{'=' * done}{' ' * (_BAR - done)}] "
        line = (bar + text)[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f" {duration(seconds)} left."
