"""The software of others in a bundle: name, version, license, home page, and the texts of its licenses."""

import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from bundling.owners import TABLE, dpkg_query, matches

OUR_TEXTS = Path(__file__).with_name("licenses")
DOCUMENTS = Path("/usr/share/doc")
COMMON_LICENSES = Path("/usr/share/common-licenses")
LICENSE_FILE = re.compile(r"\.dist-info/licenses/|(^|/)(licen[cs]e|copying|notice|third_party_)[^/]*$", re.I)
NO_TEXT = (".py", ".pyc", ".pyi", ".so", ".h", ".js", ".json")
STRONG_COPYLEFT = re.compile(r"\bA?GPL|(?<!Lesser )(?<!Library )General Public License")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """``texts`` are pairs of the file a text is from and the text."""

    name: str
    version: str
    license: str
    home: str
    texts: tuple[tuple[str, str], ...]

    @property
    def faults(self) -> list[str]:
        """Why it may not be in a bundle."""
        checks = {
            "no license is known; add it to bundling/licenses.toml": not self.license,
            "no text of its license is known; add it to bundling/licenses.toml": not self.texts,
            self.license: is_forbidden(self.license),
        }
        return [f"{self.name}: {fault}" for fault, holds in checks.items() if holds]


def is_forbidden(license_: str) -> bool:
    """Whether the GPL or AGPL is the only choice and makes no exception."""
    choices = [license_] if "(" in license_ else license_.split(" OR ")
    return all(STRONG_COPYLEFT.search(choice) and " WITH " not in choice for choice in choices)


def component(owner: str, places: Iterable[str], known: Mapping[str, Distribution]) -> Component:
    """What is known of an owner of files, which lie at these places in the bundle."""
    if owner.startswith("debian:"):
        return of_debian(owner.removeprefix("debian:"), places)
    special = {"python": of_python, "microsoft": of_microsoft}
    return special[owner]() if owner in special else of_distribution(owner, known[owner])


def of_distribution(name: str, distribution: Distribution) -> Component:
    files = [file for file in distribution.files or () if LICENSE_FILE.search(file.as_posix())]
    carried = {
        re.sub(r"^[^/]*\.dist-info/(licenses/)?", "", file.as_posix()): read(Path(str(file.locate())))
        for file in sorted(files)
        if file.suffix.lower() not in NO_TEXT
    }
    return Component(
        name=distribution.name,
        version=distribution.version,
        license=TABLE["distributions"].get(name) or declared_license(distribution),
        home=home_page(distribution),
        texts=texts({**carried, **own_texts(name)}),
    )


def declared_license(distribution: Distribution) -> str:
    """The SPDX expression, or what older metadata say: in a line, not in a whole text, or by classifiers."""
    lines = [*fields(distribution, "License-Expression"), *fields(distribution, "License")]
    short = [line for line in lines if len(line) < 60 and line not in ("", "UNKNOWN")]
    classifiers = [each for each in fields(distribution, "Classifier") if each.startswith("License ::")]
    return short[0] if short else " OR ".join(each.rpartition(" :: ")[2] for each in classifiers)


def home_page(distribution: Distribution) -> str:
    urls = [url.partition(", ") for url in fields(distribution, "Project-URL")]
    links = {label.lower(): link for label, _, link in urls}
    labels = [
        label for label in ("homepage", "home", "source", "repository", "documentation") if label in links
    ]
    named = [*fields(distribution, "Home-page"), *(links[label] for label in labels)]
    there = [link for link in named if link.startswith("http")]
    return there[0] if there else f"https://pypi.org/project/{distribution.name}/"


def fields(distribution: Distribution, name: str) -> list[str]:
    return [str(value) for value in distribution.metadata.get_all(name) or ()]


def of_python() -> Component:
    """Python, whose license lies with its library, or on Windows in its folder."""
    folders = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    found = [folder / "LICENSE.txt" for folder in folders if (folder / "LICENSE.txt").exists()]
    return Component(
        name="Python",
        version=platform.python_version(),
        license="PSF-2.0",
        home="https://www.python.org/",
        texts=texts({**{file.name: read(file) for file in found[:1]}, **own_texts("python")}),
    )


def of_microsoft() -> Component:
    rows = TABLE["microsoft"]
    return Component(
        name="Microsoft Visual C++ runtime",
        version="",
        license=rows["license"],
        home=rows["home"],
        texts=texts({"terms": rows["text"]}),
    )


def of_debian(package: str, libraries: Iterable[str]) -> Component:
    answer = dpkg_query("--show", "--showformat=${Version} ${source:Package} ${Homepage}\n", package)
    version, source, *home = answer.splitlines()[0].split()
    licenses = {each: library_license(each) for each in libraries}
    copyright_file = DOCUMENTS / package / "copyright"
    return Component(
        name=package,
        version=version,
        license=" AND ".join(sorted(set(licenses.values()))) if all(licenses.values()) else "",
        home=home[0] if home else f"https://tracker.debian.org/pkg/{source}",
        texts=texts(with_common_licenses(read(copyright_file))) if copyright_file.exists() else (),
    )


def library_license(name: str) -> str:
    """The license of a system's shared library; nothing if no one has looked it up."""
    return next((license_ for license_, patterns in TABLE["system"].items() if matches(name, patterns)), "")


def with_common_licenses(copyright_text: str) -> dict[str, str]:
    """A Debian copyright file, and the licenses it refers to instead of quoting them."""
    names = sorted(set(re.findall(rf"{COMMON_LICENSES}/([\w.-]*\w)", copyright_text)))
    common = {name: COMMON_LICENSES / name for name in names if (COMMON_LICENSES / name).is_file()}
    return {"copyright": copyright_text, **{name: read(file) for name, file in common.items()}}


def own_texts(name: str) -> dict[str, str]:
    """Texts that we keep for what is distributed without them."""
    return {file: read(OUR_TEXTS / file) for file in TABLE["texts"].get(name, ())}


def texts(by_file: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((file, text) for file, text in by_file.items() if text.strip())


def read(file: Path) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")
