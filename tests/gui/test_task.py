"""Jobs in real threads: how they end, pause and stop, and where their news arrives."""

import gc
import logging
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from covid_desktop.errors import ModelError, Stopped, UserError
from covid_desktop.gui.task import Background, Job, Task, end_tasks, running_tasks

SECONDS = 60  # no test waits so long, unless it fails


class Listener(QObject):
    """Keeps what it hears, and the thread it heard it in."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, Any]] = []
        self.threads: set[QThread] = set()

    def listen(self, task: Task) -> Task:
        task.reported.connect(self.on_reported)
        task.succeeded.connect(self.on_succeeded)
        task.failed.connect(self.on_failed)
        task.stopped.connect(self.on_stopped)
        return task

    def hear(self, name: str, value: Any) -> None:
        self.heard.append((name, value))
        self.threads.add(QThread.currentThread())

    @Slot(object)
    def on_reported(self, value: object) -> None:
        self.hear("reported", value)

    @Slot(object)
    def on_succeeded(self, value: object) -> None:
        self.hear("succeeded", value)

    @Slot(object)
    def on_failed(self, value: object) -> None:
        self.hear("failed", value)

    @Slot()
    def on_stopped(self) -> None:
        self.hear("stopped", None)


class Steps:
    """A job that asks whether to stop at each step; the test lets it come to the next."""

    def __init__(self) -> None:
        self._next, self._passed = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, *, emit: Any, should_stop: Any) -> None:
        while self._next.acquire(timeout=SECONDS):
            if should_stop():
                raise Stopped
            self._passed.release()

    def step(self) -> None:
        self._next.release()

    def has_passed(self, seconds: float = SECONDS) -> bool:
        return self._passed.acquire(timeout=seconds)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def stepping(listener: Listener, steps: Steps) -> Task:
    task = listener.listen(Task(steps))
    task.start()
    steps.step()
    assert steps.has_passed()
    return task


def wait_for_all(qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not running_tasks())


def finish(qtbot: QtBot, job: Job, listener: Listener) -> None:
    listener.listen(Task(job)).start()
    wait_for_all(qtbot)


def test_a_result_and_reports_arrive_in_order_in_the_main_thread(qtbot: QtBot, listener: Listener) -> None:
    def job(*, emit: Any, should_stop: Any) -> str:
        emit(threading.current_thread() is threading.main_thread())
        emit(2)
        return "result"

    finish(qtbot, job, listener)
    assert listener.heard == [("reported", False), ("reported", 2), ("succeeded", "result")]
    assert listener.threads == {QCoreApplication.instance().thread()}


def test_a_user_error_arrives_as_it_is(qtbot: QtBot, listener: Listener) -> None:
    error = ModelError("The model is damaged.", "Copy it again.")

    def job(**_: Any) -> None:
        raise error

    finish(qtbot, job, listener)
    assert listener.heard == [("failed", error)]


def test_an_unexpected_error_is_one_sentence_and_goes_to_the_log(
    qtbot: QtBot, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    def job(**_: Any) -> None:
        raise ZeroDivisionError("division by zero")

    finish(qtbot, job, listener)
    ((name, error),) = listener.heard
    assert name == "failed"
    assert isinstance(error, UserError)
    assert error.what == "Something went wrong inside the program."
    assert "log" in error.fix
    assert error.details == "ZeroDivisionError: division by zero"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    caplog.clear()


def test_too_little_memory_says_what_helps(
    qtbot: QtBot, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    def job(**_: Any) -> None:
        raise MemoryError

    finish(qtbot, job, listener)
    ((_, error),) = listener.heard
    assert "memory" in error.what
    assert "batch size" in error.fix
    caplog.clear()


def test_a_stopped_job_has_no_result(qtbot: QtBot, listener: Listener, stepping: Task, steps: Steps) -> None:
    stepping.stop()
    steps.step()
    wait_for_all(qtbot)
    assert listener.heard == [("stopped", None)]


def test_a_pause_holds_the_job_and_it_goes_on_after(qtbot: QtBot, stepping: Task, steps: Steps) -> None:
    stepping.pause()
    assert stepping.is_paused
    steps.step()
    assert not steps.has_passed(0.05)
    stepping.resume()
    assert not stepping.is_paused
    assert steps.has_passed()
    stepping.stop()
    steps.step()
    wait_for_all(qtbot)


def test_a_paused_job_can_be_stopped(qtbot: QtBot, listener: Listener, stepping: Task, steps: Steps) -> None:
    stepping.pause()
    steps.step()
    stepping.stop()
    wait_for_all(qtbot)
    assert listener.heard == [("stopped", None)]


def test_a_pause_after_stop_does_not_hold_the_job_for_ever(
    qtbot: QtBot, listener: Listener, stepping: Task, steps: Steps
) -> None:
    stepping.stop()
    stepping.pause()
    assert stepping.is_stopping
    assert not stepping.is_paused
    steps.step()
    wait_for_all(qtbot)
    assert listener.heard == [("stopped", None)]


def test_a_running_task_outlives_whoever_started_it(qtbot: QtBot) -> None:
    go_on, done = threading.Event(), threading.Event()

    def job(**_: Any) -> None:
        go_on.wait(SECONDS)
        done.set()

    owner = Listener()
    owner.listen(Task(job)).start()
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(running_tasks()) == 1
    go_on.set()
    wait_for_all(qtbot)
    assert done.is_set()
    assert owner.heard == []


def test_a_task_that_has_ended_lets_its_job_go(qtbot: QtBot, listener: Listener) -> None:
    def job(**_: Any) -> None:
        pass

    held = weakref.ref(job)
    finish(qtbot, job, listener)
    del job
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert held() is None


class Answers(QObject):
    """A reader whose answers wait for the test's word; ``order`` is the order it was asked in."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[Any] = []
        self.answered: list[tuple[Any, Any]] = []
        self.began, self.go_on = threading.Event(), threading.Event()

    def answer(self, request: Any) -> str:
        self.order.append(request)
        self.began.set()
        self.go_on.wait(SECONDS)
        return f"answer to {request}"

    @Slot(object, object)
    def on_answered(self, request: object, answer: object) -> None:
        self.answered.append((request, answer))


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def reader(answers: Answers) -> Iterator[Background]:
    """It is busy with ``first``, so that what is asked next has to wait."""
    reader = Background(answers.answer, answers, capacity=3)
    reader.answered.connect(answers.on_answered)
    reader.ask("first")
    assert answers.began.wait(SECONDS)
    yield reader
    answers.go_on.set()
    reader.close()


def requests(answers: Answers) -> list[Any]:
    return [request for request, _ in answers.answered]


def test_the_newest_request_is_answered_first(qtbot: QtBot, reader: Background, answers: Answers) -> None:
    for request in ("a", "b", "a", "c"):
        reader.ask(request)
    answers.go_on.set()
    qtbot.waitUntil(lambda: len(answers.answered) == 4)
    assert requests(answers) == ["first", "c", "a", "b"]
    assert answers.answered[1] == ("c", "answer to c")


def test_the_oldest_of_too_many_requests_are_forgotten(
    qtbot: QtBot, reader: Background, answers: Answers
) -> None:
    for request in range(5):
        reader.ask(request)
    answers.go_on.set()
    qtbot.waitUntil(lambda: len(answers.answered) == 4)
    assert requests(answers) == ["first", 4, 3, 2]


def test_forgotten_requests_are_not_answered(qtbot: QtBot, reader: Background, answers: Answers) -> None:
    reader.ask("a")
    reader.forget()
    reader.ask("b")
    answers.go_on.set()
    qtbot.waitUntil(lambda: len(answers.answered) == 2)
    assert requests(answers) == ["first", "b"]


def test_closing_while_it_answers_waits_for_that_answer_alone(
    reader: Background, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.ask("a")
    wait = reader.wait

    def let_go_and_wait() -> bool:
        answers.go_on.set()
        return wait()

    monkeypatch.setattr(reader, "wait", let_go_and_wait)
    reader.close()
    assert reader.isFinished()
    assert answers.order == ["first"]


def test_a_closed_reader_stays_closed(reader: Background, answers: Answers) -> None:
    answers.go_on.set()
    reader.close()
    reader.ask("a")
    assert not reader.isRunning()
    assert "a" not in answers.order


def test_all_tasks_are_ended_without_an_event_loop(qtbot: QtBot) -> None:
    def wait_for_stop(emit: Any, should_stop: Any) -> None:
        while not should_stop():
            pass

    tasks = [Task(wait_for_stop) for _ in range(2)]
    for task in tasks:
        task.start()
    tasks[0].pause()
    end_tasks()
    assert [task.isFinished() for task in tasks] == [True, True]
    qtbot.waitUntil(lambda: not running_tasks())
