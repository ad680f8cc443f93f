"""Runs jobs in QThreads: the only threading code of the window."""

import logging
import sys
import threading
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from covid_desktop.errors import Interrupted, Stopped, UserError

STACK_BYTES = 8 * 2**20  # macOS gives a QThread 512 KB, too little for TensorFlow
Job = Callable[..., Any]
log = logging.getLogger(__name__)


class Task(QThread):
    """One job, run once: ``job(emit=..., should_stop=...)``.

    Says exactly one of ``succeeded`` (its result), ``failed`` (a UserError) or ``stopped``, and then
    ``ended``.
    ``may_be_left`` is of jobs that write nothing and can take long without asking whether to stop: the
    program may end while one goes on.
    Connect only ``@Slot`` methods of QObjects that live in the main thread. It outlives whoever
    started it, and deletes itself with its job once it has ended.
    """

    reported = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    stopped = Signal()
    ended = Signal()

    def __init__(self, job: Job) -> None:
        super().__init__(QCoreApplication.instance())
        self._job = job
        self.may_be_left = False
        self._stop = threading.Event()
        self._leave = threading.Event()
        self._go_on = threading.Event()
        self._go_on.set()
        self.setStackSize(STACK_BYTES)
        _running.add(self)
        self.finished.connect(self._forget)

    @property
    def is_paused(self) -> bool:
        return not self._go_on.is_set()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def pause(self) -> None:
        """Let the job wait the next time it asks whether to stop."""
        if not self.is_stopping:
            self._go_on.clear()

    def resume(self) -> None:
        self._go_on.set()

    def stop(self) -> None:
        """Ask the job to end soon; what it has so far may still come as ``succeeded``."""
        self._stop.set()
        self._go_on.set()

    def leave(self) -> None:
        """Ask the job to end soon; one that can be resumed another time leaves what it has for that."""
        self._leave.set()
        self.stop()

    def _should_stop(self) -> bool:
        self._go_on.wait()
        if self._leave.is_set():
            raise Interrupted
        return self._stop.is_set()

    def run(self) -> None:
        try:
            result = self._job(emit=self.reported.emit, should_stop=self._should_stop)
        except Stopped:
            self.stopped.emit()
        except UserError as error:
            self.failed.emit(error)
        except Exception as error:
            log.exception("A job failed")
            self.failed.emit(_unexpected(error))
        else:
            self.succeeded.emit(result)

    @Slot()
    def _forget(self) -> None:
        """In the main thread: the thread may still be telling others that it has finished."""
        self.wait()
        _running.discard(self)
        self.ended.emit()
        self.deleteLater()


_running: set[Task] = set()  # a QThread that is destroyed while it runs aborts the process


def running_tasks() -> tuple[Task, ...]:
    """Tasks that have not ended yet."""
    return tuple(_running)


def end_tasks() -> bool:
    """Stop all tasks and wait for them, when no event loop is left that they could tell.

    Not for those that may be left: whether one of them still runs.
    """
    tasks = running_tasks()
    for task in tasks:
        task.stop()
    for task in tasks:
        if not task.may_be_left:
            task.wait()
    return any(not task.isFinished() for task in tasks)


def _unexpected(error: Exception) -> UserError:
    if isinstance(error, MemoryError):
        return UserError("There is not enough memory.", "Choose a smaller image size or batch size.")
    return UserError(
        "Something went wrong inside the program.",
        "Try again; the log file has the details (Help > Open log folder).",
        f"{type(error).__name__}: {error}",
    )


class Background(QThread):
    """Answers many small requests in a thread of its own, the newest first.

    ``answered`` carries the request and what ``answer`` made of it. The oldest of more than
    ``capacity`` waiting requests are forgotten: nobody looks at them any more.
    """

    answered = Signal(object, object)

    def __init__(self, answer: Callable[[Any], Any], parent: QObject, capacity: int = 256) -> None:
        super().__init__(parent)
        self._answer = answer
        self._capacity = capacity
        self._waiting: dict[Hashable, None] = {}
        self._changed = threading.Condition()
        self._closing = False
        self.setStackSize(STACK_BYTES)

    def ask(self, request: Hashable) -> None:
        """Put ``request`` first; asking again for one that waits only moves it."""
        with self._changed:
            self._waiting.pop(request, None)
            self._waiting[request] = None
            while len(self._waiting) > self._capacity:
                del self._waiting[next(iter(self._waiting))]
            self._changed.notify()
        if not self._closing and not self.isRunning():
            self.start(QThread.Priority.LowPriority)

    def forget(self) -> None:
        """Drop every request that waits."""
        with self._changed:
            self._waiting.clear()

    def close(self) -> None:
        """End the thread and wait for it; takes at most as long as one answer."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self.wait()

    def run(self) -> None:
        while (request := self._next()) is not None:
            try:
                answer = self._answer(request)
            except Exception:  # noqa: BLE001 (the thread lives on for the next request)
                sys.excepthook(*sys.exc_info())
            else:
                self.answered.emit(request, answer)

    def _next(self) -> Hashable | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return None if self._closing else self._waiting.popitem()[0]
