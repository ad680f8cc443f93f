"""The real program closed while it is busy: a small share of what tests/campaigns/closing.py does."""

import importlib.util
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from covid_desktop.core.phantom import write_demo_dataset
from covid_desktop.gui import leaving
from covid_desktop.gui.leaving import Leaving
from covid_desktop.gui.task import Task, end_tasks

FILE = Path(__file__).with_name("campaigns") / "closing.py"
SECONDS = 60.0
"""Of the clock, on a machine that may be busy with other tests; that it ends within 5 s is the campaign's."""


@pytest.fixture(scope="module")
def campaign() -> ModuleType:
    spec = importlib.util.spec_from_file_location("closing", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["closing"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "way", "milliseconds"),
    [
        ("loading", "window", 400),
        ("opening", "window", 100),
        ("opening", "signal", 5),
        ("loading", "signal", 1500),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there a signal ends a process without a word")
def test_it_ends_well_whatever_it_is_busy_with(
    campaign: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    way: str,
    milliseconds: int,
) -> None:
    monkeypatch.setattr(campaign, "LIMIT", SECONDS)
    monkeypatch.setattr(campaign, "PATIENCE", SECONDS)
    images = write_demo_dataset(tmp_path / "images", training=3, validation=1, test=1, size=128)
    home = tmp_path / "home"
    home.mkdir()
    closing = campaign.close_once(campaign.Case(what=what, way=way, milliseconds=milliseconds), home, images)
    assert closing.wrong == ()


def test_cases_follow_from_the_seed(campaign: ModuleType) -> None:
    cases = campaign.draw_cases(26, 1)
    assert cases == campaign.draw_cases(26, 1)
    assert cases != campaign.draw_cases(26, 2)
    assert {case.what for case in cases} == set(campaign.ACTIVITIES)


# --- what may be left


class Tasks:
    """What runs, and how often the loop was ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running: list[Any] = []
        self.ended = 0
        monkeypatch.setattr(leaving, "running_tasks", lambda: tuple(self.running))
        monkeypatch.setattr(leaving.QApplication, "exit", self._exit)

    def _exit(self, status: int) -> None:
        self.ended += 1


def test_the_program_leaves_only_jobs_that_write_nothing(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks, one = Tasks(monkeypatch), Leaving()
    one.begin()
    tasks.running = [_job(may_be_left=True), _job(may_be_left=False)]
    one._on_timeout()
    assert tasks.ended == 0
    tasks.running.pop()
    one._on_timeout()
    assert tasks.ended == 1


def test_what_may_be_left_is_not_waited_for(qtbot: Any) -> None:
    go_on = threading.Event()
    task = Task(lambda **_: go_on.wait(60))
    task.may_be_left = True
    task.start()
    assert end_tasks()
    go_on.set()
    with qtbot.waitSignal(task.ended):
        pass
    assert not end_tasks()


def _job(*, may_be_left: bool) -> Any:
    return SimpleNamespace(may_be_left=may_be_left)
