"""What nobody foresaw, in the running program: it is logged once and shown once, and the window lives on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 100

# Runs the program; instead of loading TensorFlow it does ``code``, says what the banner said, and closes.
PROGRAM = """
import faulthandler, gc, json, logging, sys, threading, time
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot, qCritical, qWarning
from PySide6.QtWidgets import QLabel, QWidget
from covid_desktop.__main__ import main
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.task import Background, Task, running_tasks
SECRET = "Smith^John.dcm"
shown = []

class Painted(QWidget):
    def paintEvent(self, event):
        raise ValueError(SECRET)

class Failing(QObject):
    @Slot()
    def fail(self):
        raise ValueError(SECRET)

class Unraisable:
    def __del__(self):
        raise ValueError(SECRET)

def in_thread():
    raise ValueError(SECRET)

def events(count=20):
    for _ in range(count):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents()

def begin(window):
    show_notice = window.banner.show_notice
    def note(kind, what, *others):
        shown.append(what)
        show_notice(kind, what, *others)
    window.banner.show_notice = note
    {code}
    QTimer.singleShot(300, lambda: finish(window))

def finish(window):
    print(json.dumps({"shown": shown, "visible": window.isVisible(), "banner": window.banner.isVisible()}))
    window.close()

MainWindow.load_in_background = begin
sys.argv = ["covid-desktop"]
sys.exit(main())
"""

IN_A_SLOT = """
    window.failing = Failing()
    QTimer.singleShot(0, window.failing.fail)
"""
IN_A_VIRTUAL_METHOD = """
    window.painted = Painted(window)
    window.painted.resize(50, 50)
    window.painted.show()
    QTimer.singleShot(100, window.painted.update)  # from Python, repaint() would raise the error here
"""
IN_A_THREAD = """
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
"""
IN_A_DESTRUCTOR = """
    Unraisable()
    gc.collect()
"""
IN_A_READER = """
    window.reader = Background(lambda request: in_thread(), window)
    answers = []
    window.reader._answer = lambda request: in_thread() if request == 1 else answers.append(request)
    for request in (1, 2):
        window.reader.ask(request)
        while request in window.reader._waiting:
            time.sleep(0.01)
    window.reader.close()
"""
A_STORM = """
    failing = window.failing = Failing()
    timer = QTimer(window, interval=0)
    timer.timeout.connect(failing.fail)
    timer.start()
    events(2000)
    timer.stop()
"""
CRITICAL = """
    for _ in range(30):
        qCritical("It is broken at /srv/Smith^John.dcm")
"""


PYSIDE = "Error calling Python override of QWidget::paintEvent(): "


def run(code: str, home: Path) -> tuple[dict[str, Any], str]:
    """What the program showed, and its log."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("    {code}\n", code.lstrip("\n"))],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (ended.returncode, ended.stderr.replace(PYSIDE, "")) == (0, "")
    return json.loads(ended.stdout), (home / "log" / "covid-desktop.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (IN_A_SLOT, "in Failing.fail"),
        (IN_A_VIRTUAL_METHOD, "in Painted.paintEvent"),
        (IN_A_THREAD, "in in_thread"),
        (IN_A_DESTRUCTOR, "in Unraisable.__del__"),
        (IN_A_READER, "in in_thread"),
        (A_STORM, "in Failing.fail"),
    ],
    ids=["slot", "virtual method", "thread", "destructor", "reader", "storm"],
)
def test_it_is_logged_and_shown_once_and_the_window_lives_on(code: str, place: str, tmp_path: Path) -> None:
    told, log = run(code, tmp_path)
    assert told == {
        "shown": ["Something went wrong inside the program (ValueError)."],
        "visible": True,
        "banner": True,
    }
    assert log.count("ERROR covid_desktop: An error nobody handled\n") == 1
    assert log.count(place) == 1
    assert "Smith" not in log
    assert len(log.encode()) < 5_000


def test_what_qt_calls_critical_is_logged_and_shown_once(tmp_path: Path) -> None:
    told, log = run(CRITICAL, tmp_path)
    assert told["shown"] == ["Something went wrong in the window."]
    assert log.count("ERROR covid_desktop.qt") == 2  # the first and the tenth
    assert "Smith" not in log


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends with another status")
def test_a_crash_of_native_code_leaves_where_python_was_in_the_log(tmp_path: Path) -> None:
    code = PROGRAM.replace("    {code}\n", "    faulthandler._sigsegv()\n")
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(tmp_path)},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode < 0
    log = (tmp_path / "log" / "covid-desktop.log").read_text(encoding="utf-8")
    assert "Fatal Python error: Segmentation fault" in log
    assert "in begin" in log
