"""What the bundle leaves out of what PyInstaller collects: build.spec says which, this does it."""

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from PyInstaller.utils.hooks import copy_metadata

from bundling.owners import Entry


def without(entries: Iterable[Entry], patterns: Sequence[str]) -> list[Entry]:
    """The entries whose name in the bundle no pattern matches."""
    return [entry for entry in entries if not any(fnmatch(entry[0], pattern) for pattern in patterns)]


def without_copies(entries: Sequence[Entry], folder: str, original: str) -> list[Entry]:
    """Without libraries in ``folder`` that ``original``, which is loaded first, has under the same name."""
    there = {name.rpartition("/")[2] for name, _, _ in entries if name.startswith(f"{original}/")}
    return [
        entry
        for entry in entries
        if not (entry[0].startswith(f"{folder}/") and entry[0].rpartition("/")[2] in there)
    ]


def without_orphans(binaries: Sequence[Entry]) -> list[Entry]:
    """Without system libraries that nothing left needs. Only Linux bundles system libraries."""
    if sys.platform != "linux":
        return list(binaries)
    modules = [source for name, source, kind in binaries if kind != "SYMLINK" and not _is_system(name, kind)]
    listed = subprocess.run(["ldd", *modules], stdout=subprocess.PIPE, check=False, text=True).stdout
    needed = set(re.findall(r"^\s(\S+) => ", listed, re.MULTILINE))
    return [entry for entry in binaries if entry[0] in needed or not _is_system(entry[0], entry[2])]


def without_broken_links(datas: Sequence[Entry], binaries: Iterable[Entry]) -> list[Entry]:
    """Without links to libraries that were left out. On Linux they lie at the top of the bundle."""
    if sys.platform != "linux":
        return list(datas)
    names = {name for name, _, _ in binaries}
    return [entry for entry in datas if entry[2] != "SYMLINK" or entry[1] in names]


def _is_system(name: str, kind: str) -> bool:
    """PyInstaller puts them, and Python's own library, at the top of the bundle."""
    return kind == "BINARY" and "/" not in name and not name.startswith("libpython")


def stripped(binaries: Iterable[Entry], folder: Path) -> list[Entry]:
    """The same entries, with copies in ``folder`` that have no symbols as their sources.

    The wheels' own ``.libs`` stay as they are: auditwheel has rewritten them, and strip breaks that.
    """
    if sys.platform != "linux":
        return list(binaries)
    return [
        (name, source, kind)
        if kind == "SYMLINK" or ".libs/" in name
        else (name, _strip(source, folder / name), kind)
        for name, source, kind in binaries
    ]


def _strip(source: str, copy: Path) -> str:
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", str(copy), source], check=True)
    return str(copy)


def metadata_of(choices: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """What tells ``importlib.metadata`` the versions: of each choice, the distribution that is installed."""
    return [
        pair for choice in choices for name in choice if _is_installed(name) for pair in copy_metadata(name)
    ]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
