"""Whose a file of a bundle is: ours, a Python distribution's, Python's, Microsoft's, a Debian package's."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from importlib.metadata import Distribution
from pathlib import Path

Owned = dict[str, set[str]]
Entry = tuple[str, str, str]  # PyInstaller's: name in the bundle, the file it comes from, kind of file

ROOT = Path(__file__).resolve().parents[1]
OUR_FOLDERS = ("bundling", "covid_desktop", "resources")
OURS = tuple(os.path.normcase(ROOT / folder) + os.sep for folder in OUR_FOLDERS)
OUR_NAME = "covid-desktop"
TABLE = tomllib.loads(Path(__file__).with_name("licenses.toml").read_text(encoding="utf-8"))


def owners(files: Sequence[Entry], known: Mapping[str, Distribution]) -> tuple[Owned, list[str]]:
    """The owners of files with where in the bundle their files lie, and a sentence on each file without one.

    An owner is a key of ``known``, "python", "microsoft", or "debian:" and a package.
    """
    owned: Owned = defaultdict(set)
    system: dict[str, str] = {}
    recorded = records(known)
    for name, source, kind in files:
        owner = recorded.get(real(source)) or owner_outside(name, real(source))
        if owner is None:
            system[os.path.realpath(source)] = name
        elif owner != OUR_NAME:
            owned[owner].add(place(name, kind))
    packages = debian_packages(system)
    for source, package in packages.items():
        owned[f"debian:{package}"].add(system[source])
    unknown = {source: name for source, name in system.items() if source not in packages}
    return owned, [f"{name}: no owner is known ({source})" for source, name in unknown.items()]


def place(name: str, kind: str) -> str:
    """Where in the bundle, at its top, a file lies."""
    return name.partition(".")[0] if is_module(kind) else Path(name).parts[0]


def is_module(kind: str) -> bool:
    """Whether it is a Python module, "PYMODULE-2" if optimized, whose name is that of an import."""
    return kind.startswith("PYMODULE")


def records(known: Mapping[str, Distribution]) -> dict[str, str]:
    """The distribution of each file that one has installed."""
    return {
        os.path.normcase(os.path.normpath(folder / str(file))): name
        for name, distribution in known.items()
        for folder in [Path(str(distribution.locate_file(""))).resolve()]
        for file in distribution.files or ()
    }


def real(source: str) -> str:
    """The path in its real folder. Not the real file: some installers make each file a link."""
    folder, name = os.path.split(source)
    return os.path.normcase(Path(os.path.realpath(folder), name))


def owner_outside(name: str, source: str) -> str | None:
    """The owner of a file that is in no distribution and, as far as is known here, in no Debian package."""
    if source.startswith(OURS):
        return OUR_NAME
    if name == "base_library.zip" or is_pythons(Path(source)):
        return "python"
    return "microsoft" if matches(source.lower(), TABLE["microsoft"]["files"]) else None


def is_pythons(file: Path) -> bool:
    if {"site-packages", "dist-packages"} & set(file.parts):
        return False
    shares_folders = sys.base_prefix in ("/usr", "/usr/local")
    folders = [sysconfig.get_path("stdlib"), *([] if shares_folders else [sys.base_prefix])]
    roots = [os.path.normcase(os.path.realpath(folder)) for folder in folders]
    return file.name.startswith("libpython") or any(file.is_relative_to(root) for root in roots)


def matches(file: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(Path(file).name, pattern) for pattern in patterns)


def debian_packages(files: Iterable[str]) -> dict[str, str]:
    """The package of each file that dpkg knows, by its path now or from before /lib became /usr/lib."""
    paths = {path: file for file in files for path in (file, file.removeprefix("/usr"))}
    lines = dpkg_query("--search", *paths).splitlines() if paths else []
    answers = [line.rpartition(": ") for line in lines]
    return {paths[path]: re.split("[:,]", packages)[0] for packages, _, path in answers if path in paths}


def dpkg_query(*arguments: str) -> str:
    """What dpkg-query prints; nothing where there is none."""
    if shutil.which("dpkg-query") is None:
        return ""
    environment = {**os.environ, "LC_ALL": "C"}
    command = ["dpkg-query", *arguments]
    return subprocess.run(command, capture_output=True, check=False, env=environment).stdout.decode()
