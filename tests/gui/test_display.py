"""What the program says where Qt can show no window."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QtMsgType

from covid_desktop.errors import UserError
from covid_desktop.gui import display
from covid_desktop.gui.display import why_no_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Platform -> the libraries it lacks."""
    lacking: dict[str, list[str]] = {}
    monkeypatch.setattr(display, "not_loaded", lambda file: lacking.get(file.stem, []))
    return lacking


@pytest.mark.parametrize(
    ("environment", "what"),
    [
        ({}, "There is no display to show the window on."),
        ({"DISPLAY": ""}, "There is no display to show the window on."),
        ({"DISPLAY": ":7"}, "The display :7 cannot be reached."),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "The display wayland-0 cannot be reached."),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":7"}, "The display :7 cannot be reached."),
        ({"QT_QPA_PLATFORM": "fly", "DISPLAY": ":7"}, "Qt cannot use the platform fly."),
    ],
)
def test_why_no_window(lacking: dict[str, list[str]], environment: dict[str, str], what: str) -> None:
    error = why_no_window(environment)
    assert error.what == what
    assert error.fix.endswith(".")


def test_missing_libraries_are_named(lacking: dict[str, list[str]]) -> None:
    lacking["libqxcb"] = ["libxcb-cursor.so.0"]
    assert why_no_window({"DISPLAY": ":7"}).what == "This system lacks libxcb-cursor.so.0."
    assert why_no_window({"WAYLAND_DISPLAY": "wayland-0"}).what.startswith("The display")


def test_what_qt_says_is_logged_without_paths(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    context: Any = SimpleNamespace(category="qt.gui")
    display._on_message(QtMsgType.QtWarningMsg, context, "Cannot open /home/x/Smith John.png: it is gone")
    display._on_message(QtMsgType.QtInfoMsg, context, 'No theme "a"')
    display._on_message(QtMsgType.QtDebugMsg, context, "Nothing")
    assert [(record.name, record.levelname, record.getMessage()) for record in caplog.records] == [
        ("covid_desktop.qt", "WARNING", "qt.gui: Cannot open …"),
        ("covid_desktop.qt", "INFO", 'qt.gui: No theme "a"'),
    ]
    caplog.clear()


def test_a_fatal_message_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[UserError] = []
    ended: list[int] = []
    monkeypatch.setattr(display, "alert", said.append)
    monkeypatch.setattr(os, "_exit", ended.append)
    context: Any = SimpleNamespace(category="default")
    display._on_message(QtMsgType.QtFatalMsg, context, "Cannot mix incompatible Qt libraries")
    assert [error.what for error in said] == ["The window cannot go on."]
    assert ended == [1]
    caplog.clear()


def test_without_a_display_the_program_says_so(tmp_path: Path) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    ended = subprocess.run(
        [sys.executable, "-m", "covid_desktop"],
        env={**environment, "COVID_DESKTOP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "There is no display to show the window on. "
        "Log in to a desktop, or use the commands: covid-desktop --help.\n"
    )
    (log,) = (tmp_path / "log").iterdir()
    assert "ERROR covid_desktop.qt: There is no display" in log.read_text(encoding="utf-8")
