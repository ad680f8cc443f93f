"""The user's places: where they are, and what is said when they cannot be written."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from covid_desktop import paths
from covid_desktop.errors import UserError

PLACES = (paths.data_folder, paths.cache_folder, paths.config_folder, paths.settings_file, paths.log_file)


def places() -> set[Path]:
    return {place() for place in PLACES}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home folder, without the variable that puts everything elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith("XDG_") or name == paths.HOME_VARIABLE:
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    if sys.platform == "win32":  # there the system is asked
        for kind in ("data", "cache", "config", "log"):
            monkeypatch.setattr(platformdirs, f"user_{kind}_path", lambda *_, **__: home / "platform")
    return home


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundled program on a stick."""
    program = tmp_path / "stick" / "covid-desktop" / "covid-desktop"
    program.parent.mkdir(parents=True)
    frozen(program, monkeypatch)
    return program


def frozen(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))


def test_the_places_are_below_the_home_folder(home: Path) -> None:
    assert all(place.is_relative_to(home) for place in places())


def test_the_variable_puts_all_places_into_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(paths.HOME_VARIABLE, "chosen")
    assert {place.relative_to(tmp_path / "chosen").parts[0] for place in places()} == {
        "data",
        "cache",
        "config",
        "log",
    }


# --- portable


def test_a_portable_program_keeps_its_files_beside_it(home: Path, program: Path) -> None:
    (program.parent / "portable").touch()
    assert all(place.is_relative_to(program.parent / "covid-desktop-files") for place in places())
    assert list(home.iterdir()) == []


def test_a_bundle_without_the_file_is_not_portable(home: Path, program: Path) -> None:
    assert all(place.is_relative_to(home) for place in places())
    assert list(program.parent.iterdir()) == []


def test_a_program_that_is_no_bundle_is_not_portable(
    home: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program.parent / "portable").touch()
    monkeypatch.delattr(sys, "frozen")
    assert all(place.is_relative_to(home) for place in places())


def test_the_variable_comes_before_the_file(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program.parent / "portable").touch()
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "chosen"))
    assert all(place.is_relative_to(tmp_path / "chosen") for place in places())


def test_on_macos_the_file_stands_beside_the_app(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen(tmp_path / "COVID Desktop.app" / "Contents" / "MacOS" / "covid-desktop", monkeypatch)
    monkeypatch.setattr(sys, "platform", "darwin")
    (tmp_path / "portable").touch()
    assert paths.config_folder() == tmp_path / "covid-desktop-files" / "config"


# --- places that cannot be written


def refusal() -> UserError:
    with pytest.raises(paths.PlaceError) as refused:
        paths.prepare_environment()
    return refused.value


@pytest.fixture
def without_libraries_places(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KERAS_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("without_libraries_places")
def test_a_home_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file"))
    error = refusal()
    assert error.what == f"The program cannot write to its folder {tmp_path / 'file' / 'cache'}."
    assert error.fix == "Make it writable, or set the variable COVID_DESKTOP_HOME to a folder that is."


@pytest.mark.usefixtures("without_libraries_places")
def test_a_folder_that_is_there_and_read_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may write everywhere
    assert "cannot write" in refusal().what


@pytest.mark.usefixtures("without_libraries_places")
def test_a_user_without_a_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/.cache/covid-desktop"))
    monkeypatch.chdir(tmp_path)
    assert "cannot write" in refusal().what
    assert not (tmp_path / "~").exists()


@pytest.mark.usefixtures("without_libraries_places")
def test_a_portable_program_where_nothing_can_be_written(home: Path, program: Path) -> None:
    (program.parent / "portable").touch()
    (program.parent / "covid-desktop-files").touch()
    error = refusal()
    assert str(program.parent / "covid-desktop-files") in error.what
    assert "delete the file named portable" in error.fix


@pytest.mark.parametrize("arguments", [["check", "."], []], ids=["command line", "window"])
def test_the_program_says_so_in_a_sentence(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").touch()
    environment: dict[str, Any] = {**os.environ, paths.HOME_VARIABLE: str(tmp_path / "file")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "KERAS_HOME", "MPLCONFIGDIR"):
        environment.pop(name, None)
    ended = subprocess.run(
        [sys.executable, "-m", "covid_desktop", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"The program cannot write to its folder {tmp_path / 'file'}")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["", "x" * 5000, "\0", "\ud800", "gone"])
def test_no_text_is_too_odd_to_be_asked_for(text: str) -> None:
    assert not paths.is_there(text)
    assert paths.is_there(str(Path(__file__)))
