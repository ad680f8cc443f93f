"""Libraries of the system that are missing or too old, in plain words. Knows the standard library alone."""

import ctypes
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from covid_desktop.errors import UserError

_NOT_OPENED = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")
_TOO_OLD = re.compile(r"(\S+\.so[.\d]*): version [`'](\w+?)_([\d.]+)' not found")
_OURS = re.compile("tensorflow|Qt6|pyside|shiboken")
_NO_DLL = re.compile(r"DLL load failed|Could not find the DLL")
_SYSTEM = {
    "GLIBC": "C library (glibc)",
    "GLIBCXX": "C++ library (libstdc++)",
    "CXXABI": "C++ library (libstdc++)",
}


class LibraryError(UserError):
    """A library of the system that the program needs is missing or too old."""


@contextmanager
def explained_imports() -> Iterator[None]:
    """Raise LibraryError for imports inside that fail because of a library of the system."""
    try:
        yield
    except ImportError as error:
        if explained := explain(str(error)):
            raise explained from error
        raise


def explain(sentence: str) -> LibraryError | None:
    """What the loader's sentence means; None where it is about something else."""
    if found := _NOT_OPENED.search(sentence):
        return missing([Path(found[1]).name])
    if found := _TOO_OLD.search(sentence):
        return _too_old(found[2], found[3], sentence)
    if _NO_DLL.search(sentence):
        return LibraryError(
            "Windows lacks a library that this program needs.",
            "Install the Microsoft Visual C++ Redistributable for Visual Studio 2015-2022 (x64).",
            sentence,
        )
    return None


def missing(sonames: Iterable[str]) -> LibraryError:
    """That the system lacks these shared libraries, and how to install them where that is known."""
    names = sorted(sonames)
    if any(_OURS.search(name) for name in names):
        return LibraryError(f"The program is not whole: {', '.join(names)} is missing.", "Install it again.")
    return LibraryError(f"This system lacks {', '.join(names)}.", _how_to_install(names))


def _how_to_install(sonames: list[str]) -> str:
    if shutil.which("apt-get"):
        return (
            f"Install what is missing: sudo apt-get install {' '.join(sorted({*map(package_of, sonames)}))}"
        )
    if shutil.which("dnf"):
        provided = " ".join(f"'{name}()(64bit)'" for name in sonames)
        return f"Install what is missing: sudo dnf install {provided}"
    return "Install what is missing with the system's package manager."


def _too_old(library: str, version: str, sentence: str) -> LibraryError:
    name = _SYSTEM.get(library, library)
    return LibraryError(
        f"This system is too old: its {name} lacks version {version}, which this program needs.",
        "Use a newer release of the operating system.",
        sentence,
    )


def not_loaded(file: Path) -> list[str]:
    """The sonames that a shared library needs and the system lacks; empty where it can be loaded."""
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        found = _NOT_OPENED.search(str(error))
        first = {Path(found[1]).name} if found else set()
        return sorted(first | set(not_found(_ldd([file]))))
    return []


def _ldd(files: Iterable[Path]) -> str:
    try:
        done = subprocess.run(["ldd", *files], capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def not_found(ldd_output: str) -> list[str]:
    """The sonames that ldd did not find, sorted."""
    return sorted(set(re.findall(r"(\S+) => not found", ldd_output)))


def package_of(soname: str) -> str:
    """The Debian package of a shared library: libxcb-icccm.so.4 is in libxcb-icccm4."""
    if soname.startswith(("libglib-", "libgthread-")):
        return "libglib2.0-0"
    name, _, version = soname.lower().replace("_", "-").partition(".so.")
    return f"{name}-{version}" if name[-1].isdigit() else f"{name}{version}"
