"""The Data tab's jobs: one at a time, and of one that was dropped nothing more is heard."""

from typing import Any

import pytest
from PySide6.QtCore import QObject, Slot

from covid_desktop.core.events import FilesSkipped, Progress
from covid_desktop.errors import UserError
from covid_desktop.gui.data_jobs import DataJobs


class Listener(QObject):
    """Hears all that is told, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []
        self.jobs = DataJobs(self)
        self.jobs.ended.connect(self._on_ended)
        self.jobs.failed.connect(self._on_failed)
        self.jobs.progressed.connect(self._on_progressed)

    def start(self, kind: Any = "open", stage: str = "Opening") -> None:
        self.jobs.start(kind, stage, lambda **_: "result")

    @Slot(str, object)
    def _on_ended(self, kind: str, result: object) -> None:
        self.heard.append(("ended", kind, result, self.jobs.current))

    @Slot(str, object)
    def _on_failed(self, kind: str, error: object) -> None:
        self.heard.append(("failed", kind, error, self.jobs.current))

    @Slot(object)
    def _on_progressed(self, progress: object) -> None:
        self.heard.append(progress)


@pytest.fixture
def listener(qapp: Any, tasks: Any) -> Listener:
    return Listener()


def test_a_job_is_told_from_its_start_to_its_result(listener: Listener, tasks: Any) -> None:
    assert listener.jobs.current is None
    listener.start("check", "Reading")
    assert listener.jobs.current == "check"
    tasks.run()
    assert listener.heard == [Progress(stage="Reading"), None, ("ended", "check", "result", None)]


def test_its_progress_is_told_and_nothing_else_that_it_reports(listener: Listener, tasks: Any) -> None:
    listener.start()
    task = tasks.take()
    task.reported.emit(Progress(stage="Looking", done=1, total=2))
    task.reported.emit(FilesSkipped(files=()))
    assert listener.heard[1:] == [Progress(stage="Looking", done=1, total=2)]


def test_an_error_is_told_once_it_runs_no_more(listener: Listener, tasks: Any) -> None:
    listener.start("audit")
    error = UserError("Too few images.", "Add some.")
    tasks.fail(tasks.take(), error)
    assert listener.heard[1:] == [None, ("failed", "audit", error, None)]


def test_one_that_stops_by_itself_has_no_result(listener: Listener, tasks: Any) -> None:
    listener.start()
    tasks.take().stopped.emit()
    assert listener.heard[1:] == [None]
    assert listener.jobs.current is None


def test_a_job_takes_the_place_of_the_one_that_runs(listener: Listener, tasks: Any) -> None:
    listener.start("check", "Reading")
    older = tasks.take()
    listener.start("open", "Opening")
    assert older.is_stopping
    assert listener.jobs.current == "open"
    assert listener.heard == [Progress(stage="Reading"), None, Progress(stage="Opening")]


def test_of_a_job_that_was_dropped_nothing_is_heard(listener: Listener, tasks: Any) -> None:
    for end in ("succeeded", "failed", "stopped"):
        listener.start()
        task = tasks.take()
        listener.jobs.drop()
        listener.heard.clear()
        task.reported.emit(Progress(stage="Still looking"))
        getattr(task, end).emit(*([] if end == "stopped" else [UserError("Late.")]))
        assert listener.heard == []
        assert listener.jobs.current is None


def test_a_late_answer_does_not_end_the_job_that_runs_now(listener: Listener, tasks: Any) -> None:
    listener.start("check")
    older = tasks.take()
    listener.start("open")
    listener.heard.clear()
    tasks.succeed(older, "too late")
    assert listener.heard == []
    assert listener.jobs.current == "open"
    tasks.run()
    assert listener.heard == [None, ("ended", "open", "result", None)]


def test_to_drop_nothing_is_no_news(listener: Listener) -> None:
    listener.jobs.drop()
    assert listener.heard == []
