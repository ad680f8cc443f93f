"""What the bundle leaves out, with made-up entries."""

import subprocess
import sys
from pathlib import Path

import pytest

from bundling import contents
from bundling.contents import (
    Entry,
    metadata_of,
    stripped,
    without,
    without_broken_links,
    without_copies,
    without_orphans,
)
from bundling.platforms import INFO_PLIST, version_resource

MODULE = ("numpy/core.so", "/site/numpy/core.so", "EXTENSION")
PYTHON = ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", "BINARY")
NEEDED = ("libz.so.1", "/lib/libz.so.1", "BINARY")
ORPHAN = ("libgtk-3.so.0", "/lib/libgtk-3.so.0", "BINARY")
VENDORED = ("numpy.libs/libblas.so", "/site/numpy.libs/libblas.so", "BINARY")
LINK = ("libblas.so", "numpy.libs/libblas.so", "SYMLINK")
BROKEN_LINK = ("libtheme.so", "plugins/libtheme.so", "SYMLINK")


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run on this Linux, where ldd finds what one module needs."""
    run: list[list[str]] = []

    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        run.append(command)
        return subprocess.CompletedProcess(
            command, 0, "/site/numpy/core.so:\n\tlibz.so.1 => /lib/libz.so.1 (0x7f)\n"
        )

    monkeypatch.setattr(subprocess, "run", answer)
    monkeypatch.setattr(sys, "platform", "linux")
    return run


def test_patterns_leave_out_files_in_any_folder() -> None:
    kept = without([MODULE, VENDORED, NEEDED], ["*.libs/*", "libz*"])
    assert kept == [MODULE]


def test_system_libraries_stay_only_where_something_needs_them(commands: list[list[str]]) -> None:
    assert without_orphans([MODULE, PYTHON, NEEDED, ORPHAN, VENDORED]) == [MODULE, PYTHON, NEEDED, VENDORED]
    assert ORPHAN[1] not in commands[0]


def test_a_library_that_is_loaded_already_is_not_there_twice() -> None:
    again = ("scipy.libs/libblas.so", "/site/scipy.libs/libblas.so", "BINARY")
    other = ("scipy.libs/libother.so", "/site/scipy.libs/libother.so", "BINARY")
    kept = without_copies([MODULE, VENDORED, again, other, LINK], "scipy.libs", "numpy.libs")
    assert kept == [MODULE, VENDORED, other, LINK]


def test_links_stay_only_where_they_lead_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    image = ("app.png", "/source/app.png", "DATA")
    assert without_broken_links([image, LINK, BROKEN_LINK], [MODULE, VENDORED]) == [image, LINK]


def test_copies_without_symbols_take_the_place_of_all_but_vendored_libraries(
    commands: list[list[str]], tmp_path: Path
) -> None:
    copy = str(tmp_path / "numpy/core.so")
    entries: list[Entry] = [MODULE, VENDORED, LINK]
    assert stripped(entries, tmp_path) == [("numpy/core.so", copy, "EXTENSION"), VENDORED, LINK]
    (command,) = commands
    assert (command[0], command[-2:]) == ("strip", [copy, MODULE[1]])


def test_other_systems_keep_what_was_collected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert without_orphans([MODULE, ORPHAN]) == [MODULE, ORPHAN]
    assert stripped([MODULE], tmp_path) == [MODULE]


def test_metadata_are_of_the_installed_one_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "copy_metadata", lambda name: [(f"/site/{name}.dist-info", name)])
    assert metadata_of([("no-such-distribution", "numpy"), ("pillow",)]) == [
        ("/site/numpy.dist-info", "numpy"),
        ("/site/pillow.dist-info", "pillow"),
    ]


def test_only_windows_gets_a_version_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert version_resource("0.1.0", "COVID Desktop") is None


def test_macos_is_told_of_models() -> None:
    (kind,) = INFO_PLIST["CFBundleDocumentTypes"]
    assert kind["CFBundleTypeExtensions"] == ["keras"]
