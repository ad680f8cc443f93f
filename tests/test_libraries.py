"""What the loader says about libraries of the system, in plain words."""

import shutil
import sys
from pathlib import Path

import pytest

from covid_desktop import libraries
from covid_desktop.libraries import (
    LibraryError,
    explain,
    explained_imports,
    not_found,
    not_loaded,
    package_of,
)

LDD = """
	libGL.so.1 => /lib/x86_64-linux-gnu/libGL.so.1 (0x00007f05)
	libxcb-icccm.so.4 => not found
	libxcb-cursor.so.0 => not found
	libxcb-icccm.so.4 => not found
	/lib64/ld-linux-x86-64.so.2 (0x00007f05)
"""


def test_not_found_reads_ldd() -> None:
    assert not_found(LDD) == ["libxcb-cursor.so.0", "libxcb-icccm.so.4"]


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libGL.so.1", "libgl1"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
        ("libwayland-cursor.so.0", "libwayland-cursor0"),
        ("libgcc_s.so.1", "libgcc-s1"),
    ],
)
def test_package_of(soname: str, package: str) -> None:
    assert package_of(soname) == package


def only(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == program else None)


@pytest.mark.parametrize(
    ("program", "fix"),
    [
        ("apt-get", "Install what is missing: sudo apt-get install libegl1 libxcb-cursor0"),
        (
            "dnf",
            "Install what is missing: sudo dnf install 'libEGL.so.1()(64bit)' 'libxcb-cursor.so.0()(64bit)'",
        ),
        ("pacman", "Install what is missing with the system's package manager."),
    ],
)
def test_how_to_install(monkeypatch: pytest.MonkeyPatch, program: str, fix: str) -> None:
    only(monkeypatch, program)
    error = libraries.missing(["libxcb-cursor.so.0", "libEGL.so.1"])
    assert error.what == "This system lacks libEGL.so.1, libxcb-cursor.so.0."
    assert error.fix == fix


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        (
            "libGL.so.1: cannot open shared object file: No such file or directory",
            "This system lacks libGL.so.1.",
        ),
        (
            "libtensorflow_framework.so.2: cannot open shared object file: No such file or directory",
            "The program is not whole: libtensorflow_framework.so.2 is missing.",
        ),
        (
            "Traceback (most recent call last):\nImportError: libstdc++.so.6: "
            "cannot open shared object file: "
            "No such file or directory\n\nFailed to load the native TensorFlow runtime.",
            "This system lacks libstdc++.so.6.",
        ),
        (
            "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /a/libQt6Core.so)",
            "This system is too old: its C library (glibc) lacks version 2.34, which this program needs.",
        ),
        (
            "/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by /opt/a/b.so)",
            "This system is too old: its C++ library (libstdc++) lacks version 3.4.30, "
            "which this program needs.",
        ),
        (
            "DLL load failed while importing _pywrap_tensorflow: The specified module could not be found.",
            "Windows lacks a library that this program needs.",
        ),
    ],
)
def test_a_loaders_sentence_is_explained(sentence: str, what: str) -> None:
    error = explain(sentence)
    assert error is not None
    assert error.what == what
    assert error.fix.endswith((".", "1", "6"))


def test_an_import_that_fails_by_a_library_is_explained() -> None:
    with pytest.raises(LibraryError, match=r"This system lacks libGL\.so\.1\."), explained_imports():
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")


def test_an_import_that_fails_otherwise_is_left_alone() -> None:
    with pytest.raises(ModuleNotFoundError), explained_imports():
        raise ModuleNotFoundError("No module named 'no_such_module'")


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux")
def test_what_can_be_loaded_lacks_nothing(tmp_path: Path) -> None:
    assert not_loaded(Path("libc.so.6")) == []
    (tmp_path / "plugin.so").write_text("not a library")
    assert not_loaded(tmp_path / "plugin.so") == []


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux")
def test_what_cannot_be_loaded_names_all_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_ldd", lambda _: LDD)
    missing = not_loaded(Path("libnowhere.so.1"))
    assert missing == ["libnowhere.so.1", "libxcb-cursor.so.0", "libxcb-icccm.so.4"]


def test_a_system_without_ldd_names_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("subprocess.run", run)
    assert libraries._ldd([Path("a.so")]) == ""
