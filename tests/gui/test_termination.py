"""Signals of the system end the window in an orderly way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from covid_desktop.gui.termination import Termination

SECONDS = 60
NUMBERS = (signal.SIGTERM, signal.SIGINT)

# Runs the program; once a job goes on that ends only when it is told to, it says so.
PROGRAM = """
import sys
from covid_desktop.__main__ import main
from covid_desktop.gui.main_window import MainWindow
load_in_background = MainWindow.load_in_background

def load(emit, should_stop):
    print("ready", flush=True)
    while not should_stop():
        pass

def begin(window):
    window._load_tensorflow = load
    load_in_background(window)

MainWindow.load_in_background = begin
sys.argv = ["covid-desktop"]
sys.exit(main())
"""


@pytest.fixture(autouse=True)
def heard_signals() -> Iterator[None]:
    """A shell tells what it runs beside it to hear no Ctrl+C, and so do the tests then."""
    before = [signal.signal(number, signal.default_int_handler) for number in NUMBERS]
    yield
    for number, handler in zip(NUMBERS, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def termination() -> Iterator[Termination]:
    one = Termination()
    yield one
    one.release()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_is_heard_once_while_qt_waits(
    qtbot: QtBot, termination: Termination, number: signal.Signals
) -> None:
    heard: list[None] = []
    termination.asked.connect(lambda: heard.append(None))
    with qtbot.waitSignal(termination.asked):
        os.kill(os.getpid(), number)
    for _ in range(3):
        with qtbot.waitCallback() as later:
            QTimer.singleShot(0, later)
    assert len(heard) == 1


def test_it_leaves_signals_as_they_were() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    one = Termination()
    assert [signal.getsignal(number) for number in NUMBERS] != before
    one.release()
    assert [signal.getsignal(number) for number in NUMBERS] == before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends a process without a word")
def test_the_program_ends_its_jobs_and_saves_its_settings(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COVID_DESKTOP_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=pipe, stderr=pipe, text=True
    ) as running:
        try:
            assert running.stdout
            assert running.stdout.readline() == "ready\n"
            running.send_signal(signal.SIGTERM)
            told = running.communicate(timeout=SECONDS)
        finally:
            running.kill()
    assert (running.returncode, told) == (0, ("", ""))
    assert [file.name for file in (tmp_path / "config").iterdir()] == ["settings.ini"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal")
def test_a_signal_that_is_ignored_stays_so() -> None:
    """As nohup wants it for the end of its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        one = Termination()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        one.release()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
