"""The log file: it tells where in the code something went wrong, and no name of a patient or a file."""

import errno
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from covid_desktop import __version__, log, paths
from covid_desktop.log import log_fault, package_log, start_log
from covid_desktop.unhandled import log_unhandled

NAME = "Smith^John"
SECRET = f"/srv/x-ray/{NAME}.dcm"


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A log in a folder of its own, which is closed and taken away after the test."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    yield
    for handler in list(package_log.handlers):
        package_log.removeHandler(handler)
        handler.close()


def written() -> str:
    return paths.log_file().read_text(encoding="utf-8")


def read_patient(name: str = NAME) -> None:
    try:
        raise KeyError(name)
    except KeyError:
        raise ValueError(f"{SECRET} is damaged")  # noqa: B904 (its context is part of the test)


def caught() -> Exception:
    try:
        read_patient()
    except ValueError as error:
        return error
    raise AssertionError


def test_the_first_line_says_what_runs() -> None:
    start_log()
    (line,) = written().splitlines()
    assert f" INFO covid_desktop: covid-desktop {__version__}, Python 3." in line
    assert "TensorFlow" in line


def test_an_exception_is_logged_without_its_message() -> None:
    start_log()
    logging.getLogger("covid_desktop.anything").error("A job failed", exc_info=caught())
    text = written()
    assert "ERROR covid_desktop.anything: A job failed" in text
    assert "builtins.KeyError\n" in text
    assert "builtins.ValueError\n" in text
    assert text.count("in read_patient") == 2
    assert f"{__name__}, line " in text
    for secret in ("Smith", "John", "srv", "damaged", str(Path(__file__).parent)):
        assert secret not in text


def test_the_systems_words_are_kept_and_the_file_is_not() -> None:
    start_log()
    package_log.error("No", exc_info=FileNotFoundError(errno.ENOENT, NAME, SECRET))
    assert "builtins.FileNotFoundError: No such file or directory\n" in written()
    assert "Smith" not in written()


def test_a_cause_that_was_hidden_stays_hidden() -> None:
    start_log()
    try:
        try:
            read_patient()
        except ValueError:
            raise RuntimeError from None
    except RuntimeError as error:
        package_log.error("No", exc_info=error)
    assert "RuntimeError" in written()
    assert "ValueError" not in written()


def test_other_libraries_write_nothing() -> None:
    start_log()
    logging.getLogger("pydicom").error("(0010,0010) PN: %s", NAME)
    logging.getLogger().error(NAME)
    assert len(written().splitlines()) == 1


def test_what_nobody_handles_is_logged_in_every_thread() -> None:
    start_log()
    log_unhandled()
    error = caught()
    sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=int, args=(NAME,))
    thread.start()
    thread.join()
    assert written().count("ERROR covid_desktop: An error nobody handled\n") == 2
    assert "in read_patient" in written()
    assert "Smith" not in written()


def test_a_fault_is_told_in_a_sentence_that_says_where_the_details_are() -> None:
    told = log_fault(caught())
    assert told.what == "Something went wrong inside the program (ValueError)."
    assert told.fix == f"The details are in {paths.log_file()}"
    assert len(package_log.handlers) == 1
    assert "in read_patient" in written()


def test_a_fault_where_no_log_can_be_written_is_told_all_the_same(
    tmp_path: Path,
) -> None:
    (tmp_path / "log").write_text("in the way of the folder")
    assert log_fault(ZeroDivisionError("division by zero")).fix == "division by zero"


def test_a_log_that_cannot_be_written_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    paths.log_file().mkdir()
    start_log()
    package_log.error("No")
    assert capsys.readouterr() == ("", "")


def fill(text: str, times: int) -> None:
    for _ in range(times):
        package_log.info(text)


def test_old_logs_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_BYTES", 2000)
    start_log()
    fill("x" * 500, 40)
    sizes = {file.name: file.stat().st_size for file in paths.log_file().parent.iterdir()}
    assert sorted(sizes) == [paths.log_file().name + ending for ending in ("", ".1", ".2", ".3")]
    assert max(sizes.values()) <= 2000


def test_a_file_that_cannot_be_renamed_is_written_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where another process has it open."""

    def rename(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(log, "_BYTES", 2000)
    monkeypatch.setattr("os.rename", rename)
    start_log()
    fill("x" * 500, 8)
    assert written().count("x" * 500) == 8
    assert len(list(paths.log_file().parent.iterdir())) == 1
