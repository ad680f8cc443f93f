"""The program as it is started: what is loaded when, and that it ends."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

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
sys.argv = ["covid-desktop"]
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


def start(begin: str, home: Path) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """What ``begin`` printed, and how the program ended."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(home)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{begin}", begin)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return json.loads(ended.stdout), ended


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
    qtbot.waitUntil(lambda: not running_tasks(), timeout=SECONDS * 1000)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert window.close()
