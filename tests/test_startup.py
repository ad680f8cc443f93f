"""The program as it is started: on what, once or twice, what is loaded when, and that it ends."""

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from covid_desktop import __main__ as program
from covid_desktop import app, cli
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.task import running_tasks

SECONDS = 60

# Runs the program, with what the window does 50 ms after it is shown replaced by ``begin``.
PROGRAM = """
import json, sys, threading
from covid_desktop.paths import prepare_environment
prepare_environment()
from covid_desktop.__main__ import main
from covid_desktop.gui.main_window import MainWindow
from PySide6.QtCore import QTimer
{begin}
MainWindow.load_in_background = begin
sys.argv[0] = "covid-desktop"
sys.exit(main())
"""

LOOK = """
def begin(window):
    heavy = [name for name in ("tensorflow", "keras") if name in sys.modules]
    print(json.dumps({"visible": window.isVisible(), "heavy": heavy}))
    window.close()
"""

CLOSE_WHILE_LOADING = """
go_on = threading.Event()
load_in_background = MainWindow.load_in_background

def load(emit, should_stop):
    go_on.wait(60)

def begin(window):
    window._load_tensorflow = load
    load_in_background(window)
    print(json.dumps({"closed": window.close(), "visible": window.isVisible()}))
    QTimer.singleShot(0, go_on.set)
"""

CLOSE_AND_WAIT = """
from covid_desktop.gui.task import running_tasks
load_in_background = MainWindow.load_in_background

def load(emit, should_stop):
    sys.stdin.readline()

def begin(window):
    window._load_tensorflow = load
    load_in_background(window)
    for task in running_tasks():
        task.may_be_left = False
    window.close()
    print("ready", flush=True)
"""

SHOW_LIST = """
from PySide6.QtCore import QCoreApplication, QEventLoop
from covid_desktop.gui.task import running_tasks

def begin(window):
    while any(task.objectName() == "listing" for task in running_tasks()):
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    worklist = window.predict.worklist
    listed = [str(worklist.path(row)) for row in range(worklist.rowCount())]
    print(json.dumps({"tab": window.current_tab, "listed": listed}))
    window.close()
"""

OPEN_BY_EVENT = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
opened = []
MainWindow.open_files = lambda window, files: opened.extend(map(str, files))

def begin(window):
    QCoreApplication.sendEvent(QCoreApplication.instance(), QFileOpenEvent(sys.executable))
    print(json.dumps({"opened": opened}))
    window.close()
"""

WAIT_FOR_A_REQUEST = """
def take_request(window, request):
    print(json.dumps({"files": [str(file) for file in request.files], "demo": request.demo}))
    window.close()

MainWindow.take_request = take_request

def begin(window):
    print("ready", flush=True)
"""

# Runs the program as it is, and says what it has imported.
HAND_OVER = """
import json, sys
from covid_desktop.__main__ import main
sys.argv[0] = "covid-desktop"
status = main()
heavy = ("covid_desktop.gui.main_window", "PySide6.QtWidgets", "matplotlib", "numpy", "tensorflow")
print(json.dumps({"heavy": [name for name in heavy if name in sys.modules]}))
sys.exit(status)
"""


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(home)}


def start(
    begin: str, home: Path, *arguments: str, code: str = PROGRAM
) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """What ``begin`` printed, and how the program ended; it is started inside ``home``."""
    ended = subprocess.run(
        [sys.executable, "-c", code.replace("{begin}", begin), *arguments],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return json.loads(ended.stdout), ended


@contextmanager
def started(begin: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """The program while it runs, from where ``begin`` prints that it is ready."""
    command = [sys.executable, "-c", PROGRAM.replace("{begin}", begin)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(home), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as running:
        try:
            assert running.stdout
            assert running.stdout.readline() == "ready\n"
            yield running
        finally:
            running.kill()


def test_the_window_opens_without_tensorflow_and_closes(tmp_path: Path) -> None:
    told, ended = start(LOOK, tmp_path)
    assert told == {"visible": True, "heavy": []}
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    (log,) = (tmp_path / "log").iterdir()
    assert " INFO " in log.read_text(encoding="utf-8")
    assert "ERROR" not in log.read_text(encoding="utf-8")


def test_the_program_ends_when_it_is_closed_while_tensorflow_loads(tmp_path: Path) -> None:
    told, ended = start(CLOSE_WHILE_LOADING, tmp_path)
    assert told == {"closed": False, "visible": False}
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr


def test_tensorflow_is_loaded_in_the_background(qtbot: QtBot, tmp_path: Path) -> None:
    threads: list[threading.Thread] = []
    window = MainWindow(
        Settings(tmp_path / "settings.ini"),
        load_tensorflow=lambda **_: threads.append(threading.current_thread()),
    )
    qtbot.addWidget(window)
    window.show()
    window.load_in_background()
    qtbot.waitUntil(lambda: not running_tasks())
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert window.close()


# --- on files


def test_a_file_is_opened_by_its_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    told, ended = start(SHOW_LIST, tmp_path, "a.png")
    assert told == {"tab": "predict", "listed": [str(tmp_path / "a.png")]}
    assert ended.returncode == 0


def test_a_file_that_the_system_asks_to_open_is_opened(tmp_path: Path) -> None:
    told, ended = start(OPEN_BY_EVENT, tmp_path)
    assert told == {"opened": [sys.executable]}
    assert ended.returncode == 0


class Ran:
    """What the program ran instead of the window and the commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window: tuple[list[Path], bool] | None = None
        self.command: list[str] | None = None
        monkeypatch.setattr(app, "run", self._open_window)
        monkeypatch.setattr(cli, "main", self._run_command)

    def _open_window(self, files: list[Path], demo: bool) -> int:
        self.window = files, demo
        return 0

    def _run_command(self, arguments: list[str]) -> int:
        self.command = arguments
        return 0


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ran:
    """In a folder that holds a.png, a folder named like a command, and a file named like an option."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    (tmp_path / "--json").touch()
    (tmp_path / "train").mkdir()
    return Ran(monkeypatch)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["covid-desktop", *arguments])
    return program.main()


@pytest.mark.parametrize(
    ("arguments", "files", "demo"),
    [
        ([], [], False),
        (["--demo"], [], True),
        (["a.png"], ["a.png"], False),
        (["./train", "a.png"], ["train", "a.png"], False),
        (["a.png", "train"], ["a.png", "train"], False),
        (["--demo", "a.png"], ["a.png"], True),
    ],
)
def test_without_a_command_the_window_opens(
    ran: Ran, monkeypatch: pytest.MonkeyPatch, arguments: list[str], files: list[str], demo: bool
) -> None:
    assert call(monkeypatch, *arguments) == 0
    assert ran.window == ([Path.cwd() / file for file in files], demo)
    assert ran.command is None


@pytest.mark.parametrize("arguments", [["train"], ["train", "a.png"], ["--json"], ["--help"]])
def test_commands_and_options_are_not_files(
    ran: Ran, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert call(monkeypatch, *arguments) == 0
    assert ran.command == arguments
    assert ran.window is None


@pytest.mark.parametrize("arguments", [["trian", "a.png"], ["a.png", "trian"], ["--demo", "trian"]])
def test_what_is_neither_a_command_nor_a_file_is_named(
    ran: Ran, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert capsys.readouterr().err == (
        "There is neither a command nor a file or folder called trian. "
        "The commands are listed by covid-desktop --help.\n"
    )
    assert (ran.window, ran.command) == (None, None)


def test_every_command_is_known_before_the_command_line_is_loaded() -> None:
    parsers = [one for one in cli._parser()._actions if isinstance(one, argparse._SubParsersAction)]
    assert set(parsers[0].choices) == program.COMMANDS


# --- once or twice


def test_a_second_start_hands_its_files_to_the_first_and_ends(tmp_path: Path) -> None:
    (tmp_path / "a b.png").touch()
    with started(WAIT_FOR_A_REQUEST, tmp_path) as first:
        told, second = start("", tmp_path, "a b.png", "--demo", code=HAND_OVER)
        output, errors = first.communicate(timeout=SECONDS)
    assert (told, second.returncode, second.stderr) == ({"heavy": []}, 0, "")
    assert json.loads(output) == {"files": [str(tmp_path / "a b.png")], "demo": True}
    assert (first.returncode, errors) == (0, "")
    log = (tmp_path / "log" / "covid-desktop.log").read_text(encoding="utf-8")
    assert log.count(" INFO covid_desktop: ") == 1  # the line a start begins with
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["settings.ini"]


def test_a_start_after_a_crash_opens_the_window(tmp_path: Path) -> None:
    with started(WAIT_FOR_A_REQUEST, tmp_path) as first:
        first.kill()
        first.wait()
        assert list((tmp_path / "config").glob("instance-*.lock"))
        told, ended = start(LOOK, tmp_path)
    assert told["visible"]
    assert ended.returncode == 0


def test_a_start_while_the_last_window_closes_opens_a_new_one(tmp_path: Path) -> None:
    with started(CLOSE_AND_WAIT, tmp_path) as first:
        told, ended = start(LOOK, tmp_path)
        assert first.poll() is None
        first.communicate("\n", timeout=SECONDS)
    assert told["visible"]
    assert (first.returncode, ended.returncode) == (0, 0)
