"""THIRD_PARTY.md, from made-up entries and distributions."""

import sys
import sysconfig
from collections.abc import Callable
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from bundling import components, owners
from bundling.components import is_forbidden
from bundling.third_party import LicenseError, forbidden, third_party

TERMS = "Do with it what you like, but say from whom it is\n"
Install = Callable[..., list[Distribution]]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site-packages"


@pytest.fixture
def install(site: Path) -> Install:
    """Installs a distribution of one module and license text; gives all that are installed."""

    def add(name: str, license_: str = "MIT", text: str = TERMS, more: str = "") -> list[Distribution]:
        folder = f"{name}-1.0.dist-info"
        files = {
            f"{name}.py": "",
            f"{folder}/METADATA": f"Name: {name}\nVersion: 1.0\nLicense-Expression: {license_}\n{more}",
            f"{folder}/licenses/LICENSE": text,
        }
        for file, content in files.items():
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).write_text(content, encoding="utf-8")
        record = "".join(f"{file},,\n" for file in files)
        (site / folder / "RECORD").write_text(record, encoding="utf-8")
        return list(distributions(path=[str(site)]))

    add("pyinstaller", "GPL-2.0-or-later", "the bootloader's exception")
    return add


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian that has libdemo1 with /lib/libX1.so.1, whose real place is /usr/lib."""
    (tmp_path / "libdemo1").mkdir()
    text = f"License: Expat\nsee {tmp_path}/common/GPL-3.\n"
    (tmp_path / "libdemo1/copyright").write_text(text, encoding="utf-8")
    (tmp_path / "common").mkdir()
    (tmp_path / "common/GPL-3").write_text("GNU GPL", encoding="utf-8")

    def answer(action: str, *arguments: str) -> str:
        if action == "--show":
            return "2.0-1 libdemo https://demo.example\n"
        return "libdemo1:amd64: /lib/libX1.so.1\n" if "/lib/libX1.so.1" in arguments else ""

    monkeypatch.setattr(owners, "dpkg_query", answer)
    monkeypatch.setattr(components, "dpkg_query", answer)
    monkeypatch.setattr(components, "DOCUMENTS", tmp_path)
    monkeypatch.setattr(components, "COMMON_LICENSES", tmp_path / "common")
    return tmp_path


def test_a_module_belongs_to_the_distribution_that_recorded_it(site: Path, install: Install) -> None:
    installed = install("demo", more="Project-URL: Homepage, https://demo.example\n")
    document = third_party([("demo", str(site / "demo.py"), "PYMODULE")], installed)
    assert "| demo | 1.0 | MIT | demo | https://demo.example |" in document
    assert f"## demo\n\nLICENSE\n\n~~~text\n{TERMS}~~~" in document


@pytest.mark.parametrize(
    ("name", "kind", "place"),
    [
        ("demo.part", "PYMODULE", "demo"),
        ("demo.part", "PYMODULE-2", "demo"),
        ("demo.libs/a.so", "BINARY", "demo.libs"),
    ],
)
def test_a_row_says_where_files_lie(name: str, kind: str, place: str, site: Path, install: Install) -> None:
    document = third_party([(name, str(site / "demo.py"), kind)], install("demo"))
    assert f"| MIT | {place} |" in document


def test_an_equal_text_is_there_once_and_names_all_it_belongs_to(site: Path, install: Install) -> None:
    install("demo")
    installed = install("other", text=TERMS.replace(" ", "\n"))
    entries = [(name, str(site / f"{name}.py"), "PYMODULE") for name in ("other", "demo")]
    document = third_party(entries, installed)
    assert "## demo, other\n" in document
    assert document.count("what you like") == 1


def test_the_order_of_entries_does_not_matter(site: Path, install: Install) -> None:
    installed = [*install("demo"), *install("other")]
    entries = [(name, str(site / f"{name}.py"), "PYMODULE") for name in ("demo", "other")]
    assert third_party(entries, installed) == third_party(entries[::-1], installed[::-1])


def test_a_fence_is_longer_than_any_in_the_text(site: Path, install: Install) -> None:
    installed = install("demo", text="~~~~\nterms")
    assert "~~~~~text\n~~~~\nterms\n~~~~~" in third_party(
        [("demo", str(site / "demo.py"), "DATA")], installed
    )


def test_python_and_the_bootloader_are_always_named(install: Install) -> None:
    document = third_party([], install("demo"))
    assert "| Python | 3." in document
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in document
    assert "GPL-2.0-or-later WITH Bootloader-exception | the bootloader |" in document
    assert "| demo |" not in document


def test_what_is_ours_pythons_or_a_link_has_no_row(install: Install) -> None:
    entries = [
        ("covid_desktop/app.py", str(owners.ROOT / "covid_desktop/app.py"), "DATA"),
        ("covid-desktop", str(owners.ROOT / "build/covid-desktop"), "EXECUTABLE"),
        ("base_library.zip", str(owners.ROOT / "build/base_library.zip"), "DATA"),
        ("json", str(Path(sysconfig.get_path("stdlib"), "json/__init__.py")), "PYMODULE"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("google", "-", "PYMODULE"),
    ]
    assert third_party(entries, install("demo")) == third_party([], install("demo"))


def test_a_file_that_no_one_is_known_to_own_is_an_error(install: Install, debian: Path) -> None:
    stray = str(debian / "stray.so")
    with pytest.raises(LicenseError, match=r"libstray\.so: no owner is known \(.*stray\.so\)"):
        third_party([("libstray.so", stray, "BINARY")], install("demo"))


def test_a_module_beside_the_distributions_is_not_pythons(install: Install, debian: Path) -> None:
    stray = Path(sysconfig.get_path("stdlib"), "site-packages", "stray.py")
    with pytest.raises(LicenseError, match="stray: no owner is known"):
        third_party([("stray", str(stray), "PYMODULE")], install("demo"))


def test_every_problem_is_named_at_once(site: Path, install: Install, debian: Path) -> None:
    entries = [("demo", str(site / "demo.py"), "PYMODULE"), ("stray", str(debian / "stray"), "DATA")]
    with pytest.raises(LicenseError) as caught:
        third_party(
            [*entries, ("libreadline.so.8", str(debian / "r"), "BINARY")], install("demo", "AGPL-3.0-only")
        )
    problems = str(caught.value).splitlines()
    assert problems[:2] == ["demo: AGPL-3.0-only", "libreadline.so.8: GPL-3.0-or-later"]
    assert problems[3].startswith("stray: no owner is known")


def test_a_distribution_without_license_text_is_an_error(site: Path, install: Install) -> None:
    with pytest.raises(LicenseError, match="demo: no text of its license is known"):
        third_party([("demo", str(site / "demo.py"), "PYMODULE")], install("demo", text=""))


def test_a_distribution_without_license_is_an_error(site: Path, install: Install) -> None:
    with pytest.raises(LicenseError, match="demo: no license is known"):
        third_party([("demo", str(site / "demo.py"), "PYMODULE")], install("demo", license_=""))


def test_older_metadata_give_the_license_in_a_classifier(site: Path, install: Install) -> None:
    more = "License: UNKNOWN\nClassifier: License :: OSI Approved :: Mozilla Public License\n"
    document = third_party([("demo", str(site / "demo.py"), "DATA")], install("demo", license_="", more=more))
    assert "| demo | 1.0 | Mozilla Public License |" in document


@pytest.mark.skipif(sys.platform == "win32", reason="Debian's paths")
def test_a_system_library_belongs_to_its_debian_package(install: Install, debian: Path) -> None:
    document = third_party([("libX1.so.1", "/usr/lib/libX1.so.1", "BINARY")], install("demo"))
    assert (
        "| libdemo1 | 2.0-1 | MIT AND X11 AND HPND-sell-variant | libX1.so.1 | https://demo.example |"
        in document
    )
    assert "## libdemo1\n\nGPL-3\n\n~~~text\nGNU GPL\n~~~" in document


@pytest.mark.skipif(sys.platform == "win32", reason="Debian's paths")
def test_a_system_library_whose_license_no_one_looked_up_is_an_error(install: Install, debian: Path) -> None:
    with pytest.raises(LicenseError, match="libdemo1: no license is known"):
        third_party([("libunread.so.1", "/usr/lib/libX1.so.1", "BINARY")], install("demo"))


def test_microsofts_runtime_is_named(install: Install, tmp_path: Path) -> None:
    document = third_party(
        [("VCRUNTIME140.dll", str(tmp_path / "VCRUNTIME140.dll"), "BINARY")], install("demo")
    )
    assert "| Microsoft Visual C++ runtime |" in document


def test_every_text_that_is_kept_is_used() -> None:
    used = {file for files in owners.TABLE["texts"].values() for file in files}
    assert used == {file.name for file in components.OUR_TEXTS.iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        "libreadline.so.8",
        "python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so",
        "python3.11/lib-dynload/_gdbm.cpython-311-x86_64-linux-gnu.so",
        "libdb-5.3.so",
        "imagecodecs.libs/libx265-0a1b2c3d.so.199",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/lib/libQt6WaylandCompositor.so.6",
        "PySide6/QtCharts.abi3.so",
        "PySide6/Qt6Quick3D.dll",
    ],
)
def test_forbidden_files_are_told_by_their_names(name: str) -> None:
    [problem] = forbidden(
        [(name, "", "BINARY"), ("libdbus-1.so.3", "", "BINARY"), ("readline.py", "", "PYMODULE-2")]
    )
    assert problem.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("license_", "is_strong"),
    [
        ("GPL-3.0-or-later", True),
        ("MIT AND AGPL-3.0-only", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("GPL-2.0-only OR GPL-3.0-only", True),
        ("MIT AND (BSD-3-Clause OR GPL-2.0-only)", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("LGPL-3.0-only OR GPL-2.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("Apache-2.0", False),
    ],
)
def test_strong_copyleft_needs_another_choice_or_an_exception(license_: str, is_strong: bool) -> None:
    assert is_forbidden(license_) is is_strong
