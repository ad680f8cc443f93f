"""The last words of the program, and where they are said."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from covid_desktop import __main__, alert, cli
from covid_desktop.errors import UserError
from covid_desktop.libraries import LibraryError
from covid_desktop.log import package_log
from covid_desktop.paths import HOME_VARIABLE

ERROR = UserError("It is broken.", "Mend it.")


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A log in a folder of its own, which is closed and taken away after the test."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    yield
    for handler in list(package_log.handlers):
        package_log.removeHandler(handler)
        handler.close()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were started; every tool is there, and a display."""
    commands: list[list[str]] = []
    monkeypatch.setattr(alert, "start_tool", commands.append)
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(sys, "platform", "linux")
    return commands


def test_the_message_is_the_last_argument_of_the_first_tool(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    alert.alert(ERROR)
    assert capsys.readouterr() == ("", "It is broken. Mend it.\n")
    ((tool, *_, text),) = started
    assert (tool, text) == ("zenity", "It is broken.\n\nMend it.")


def test_a_tool_that_is_not_there_is_passed_over(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name if name == "xmessage" else None)
    alert.alert(ERROR)
    assert [command[0] for command in started] == ["xmessage"]


def test_no_dialog_without_a_display(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    alert.alert(ERROR)
    assert started == []


def test_no_dialog_for_who_reads_the_terminal(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    alert.alert(ERROR)
    assert (terminal.getvalue(), started) == ("It is broken. Mend it.\n", [])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, started: list[list[str]]) -> Callable[..., int]:
    """Runs the program's command line, which does nothing but raise what it is given."""

    def run(error: BaseException) -> int:
        def fail(_: object) -> int:
            raise error

        monkeypatch.setattr(cli, "main", fail)
        monkeypatch.setattr(sys, "argv", ["covid-desktop", "check", "somewhere"])
        return __main__.main()

    return run


def test_ctrl_c_before_anybody_hears_it_leaves_no_traceback(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(KeyboardInterrupt()) == 1
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "log").exists()


def test_a_fault_of_a_command_is_a_sentence_and_a_traceback_in_the_log(
    run: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    started: list[list[str]],
) -> None:
    assert run(ZeroDivisionError("Smith^John")) == 1
    (file,) = (tmp_path / "log").iterdir()
    assert capsys.readouterr().err == (
        f"Something went wrong inside the program (ZeroDivisionError). The details are in {file}\n"
    )
    text = file.read_text(encoding="utf-8")
    assert "builtins.ZeroDivisionError\n" in text
    assert ".fail\n" in text
    assert "Smith" not in text
    assert started == []


def test_a_library_that_is_missing_is_named(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], started: list[list[str]]
) -> None:
    assert run(ImportError("libGL.so.1: cannot open shared object file: No such file or directory")) == 1
    assert capsys.readouterr().err.startswith("This system lacks libGL.so.1. Install")
    assert run(LibraryError("Windows lacks a library.")) == 1
    assert started == []


def test_who_leaves_is_not_held_up(run: Callable[..., int]) -> None:
    with pytest.raises(SystemExit):
        run(SystemExit(2))


def test_the_dialog_opens_where_nobody_reads_standard_error(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken())
    alert.alert(ERROR)
    assert [command[0] for command in started] == ["zenity"]
