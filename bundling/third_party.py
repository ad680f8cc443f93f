"""THIRD_PARTY.md: the software of others in a bundle, and its licenses.

Software without a known owner, license or text, or under the GPL alone, stops the build.
"""

import importlib.metadata
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution
from pathlib import Path

from bundling.components import Component, component
from bundling.owners import TABLE, Entry, is_module, owners

INTRODUCTION = """\
# Software of others in COVID Desktop

COVID Desktop is under the Apache License 2.0. It contains the software named here, each under its own
license. The texts of the licenses follow the table.

- Nothing here is under the GPL or the AGPL alone. PyInstaller's bootloader, which starts the program, and
  GCC's runtime libraries are under the GPL with an exception: they may be distributed in programs under any
  license. A text of the GPL below is there because the LGPL or such an exception refers to it, because it may
  be declined for another license, or because it is that of build scripts, which are not in the bundle.
- Libraries under the LGPL, Qt and PySide6 among them, are shared libraries in files of their own, whose code
  is unchanged. They may be replaced by other builds with the same interface, and the program may be examined
  to do so.
- Source code: Qt and PySide6, https://download.qt.io/official_releases/; libraries from Debian,
  https://snapshot.debian.org/, under the version given; all else, at its home page.

| Name | Version | License | Where | Home page |
| --- | --- | --- | --- | --- |"""

WITHOUT_FILE = ("SYMLINK", "EXECUTABLE")


class LicenseError(Exception):
    """The bundle contains what may not be in it; each line names one file or component and says why."""


def third_party(entries: Iterable[Entry], installed: Iterable[Distribution] | None = None) -> str:
    """The text of THIRD_PARTY.md, for entries as PyInstaller collected them: a stripped copy has no owner.

    ``installed`` are the distributions of this environment. Raises LicenseError.
    """
    files = [each for each in entries if each[2] not in WITHOUT_FILE and each[1] not in ("", "-")]
    found = importlib.metadata.distributions() if installed is None else installed
    known = {canonical(each.name): each for each in found}
    owned, problems = owners(files, known)
    owned["python"] = {"the interpreter", "its standard library"}
    owned["pyinstaller"] = {"the bootloader"}
    places = {component(owner, names, known): names for owner, names in owned.items()}
    problems += [*forbidden(files), *(fault for each in places for fault in each.faults)]
    if problems:
        raise LicenseError("\n".join(sorted(problems)))
    components = sorted(places, key=lambda each: each.name.lower())
    rows = [row(each, places[each]) for each in components]
    return "\n".join([INTRODUCTION, *rows, "", "# Licenses", "", *license_texts(components)])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def forbidden(entries: Iterable[Entry]) -> list[str]:
    """Files, told by their names, under the GPL or AGPL without an exception for programs like this."""
    rules = [(pattern, license_) for license_, patterns in TABLE["forbidden"].items() for pattern in patterns]
    return [
        f"{name}: {license_}"
        for name, _, kind in entries
        for pattern, license_ in rules
        if not is_module(kind) and re.search(pattern, Path(name).name)
    ]


def row(each: Component, places: Iterable[str]) -> str:
    named = sorted(place for place in places if not place.endswith(".dist-info"))
    where = [*named[:4], *(["…"] if named[4:] else [])]
    cells = (each.name, each.version, each.license, ", ".join(where), each.home)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def license_texts(components: Sequence[Component]) -> list[str]:
    """Each text once, under the names of all it belongs to."""
    shared: dict[str, list[tuple[str, str, str]]] = {}
    for each in components:
        for file, text in each.texts:
            shared.setdefault(" ".join(text.split()), []).append((each.name, file, text))
    return [section(uses) for uses in shared.values()]


def section(uses: Sequence[tuple[str, str, str]]) -> str:
    names = ", ".join(dict.fromkeys(name for name, _, _ in uses))
    files = ", ".join(dict.fromkeys(file for _, file, _ in uses))
    text = uses[0][2]
    fence = "~" * (max(map(len, re.findall("~+", text)), default=2) + 1)
    return f"## {names}\n\n{files}\n\n{fence}text\n{text}\n{fence}\n"
