"""Ctrl+C as the end of a job that has something to keep."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from covid_desktop.core.events import ShouldStop


@contextmanager
def stopped_by_interrupt() -> Iterator[ShouldStop]:
    """The first Ctrl+C asks the job to stop and keep what it has; a second one ends the program."""
    asked = threading.Event()

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
