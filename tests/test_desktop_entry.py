"""The menu entry, the icons and the model file type in the user's own Linux desktop."""

import configparser
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from covid_desktop import cli, desktop_entry, paths
from covid_desktop.desktop_command import exec_value, program_command, string_value
from covid_desktop.desktop_entry import IMAGE_TYPES, MODEL_TYPE, install, uninstall
from covid_desktop.errors import UserError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a Linux desktop's paths")

NASTY_PATHS = [
    "/opt/covid-desktop/covid-desktop",
    "/home/Ana María/🫁/covid-desktop",
    "/a  b /c",
    '/a"b"/c',
    "/a'b/c",
    "/a$HOME/$(id)/`id`",
    "/100%/c",
    "/%F %f%%/c",
    "/a\\b/c\\",
    "/a\\\\n\\s/c",
    "/a=b/c",
    "/a=b/100% $x/c",
    "/a;b&c|d>e<f(g)h#i~j*k?l/c",
    "/a\nb\tc\rd/e",
]
RESERVED = set(" \t\n\"'\\><~|&;$*?#()`")
UNESCAPED = {"\\": "\\", "s": " ", "n": "\n", "t": "\t", "r": "\r"}


# --- the Exec key, read as the Desktop Entry Specification says


def unescape(value: str) -> str:
    """A value of type string as it stands in the file."""
    assert "\n" not in value
    return re.sub(r"\\(.?)", lambda match: UNESCAPED[match[1]], value)


def split_arguments(line: str) -> list[str]:
    arguments = []
    while line:
        match = re.match(r'"((?:\\["`$\\]|[^"`$\\])*)"(?: |$)|([^ ]+)(?: |$)', line)
        assert match, f"not quoted as it must be: {line}"
        quoted, plain = match.groups()
        assert not (plain and RESERVED & set(plain))
        arguments.append(plain or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        line = line[match.end() :]
    return arguments


def expand(argument: str) -> str:
    assert re.fullmatch(r"(?:[^%]|%%)*", argument, re.DOTALL)
    return argument.replace("%%", "%")


def read_command(value: str) -> list[str]:
    """The arguments that a desktop starts for ``Exec=value``, without the files."""
    *arguments, files = split_arguments(unescape(value))
    assert files == "%F"
    assert not set(arguments[0]) & set("%=")  # a desktop looks for this file before it expands anything
    return [expand(argument) for argument in arguments]


@pytest.mark.parametrize("program", NASTY_PATHS, ids=ascii)
def test_quoting(program: str) -> None:
    command = [program, "-m", "covid_desktop"]
    arguments = read_command(exec_value(command))
    assert arguments[-3:] == command
    assert arguments[:-3] in ([], ["/bin/sh", "-c", 'exec "$0" "$@"'])
    assert unescape(string_value(program)) == program


def test_an_ordinary_path_stays_readable() -> None:
    assert exec_value(["/opt/covid-desktop"]) == "/opt/covid-desktop %F"
    assert exec_value(["/a $b"]) == r'"/a \\$b" %F'
    assert exec_value(["/a\\b"]) == r'"/a\\\\b" %F'


@pytest.mark.parametrize("name", ["a b", "100% $HOME=`id`'\"\\"], ids=ascii)
def test_the_command_starts_the_program_with_its_files(tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text('#!/bin/sh\nprintf "%s|" "$0" "$@"\n')
    program.chmod(0o755)
    files = ["a b.keras", "$c.png"]
    shown = subprocess.check_output([*read_command(exec_value([str(program)])), *files], text=True)
    assert shown.split("|") == [str(program), *files, ""]


def test_what_starts_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = str(tmp_path / "python")
    monkeypatch.setattr(sys, "executable", python)
    assert program_command() == [python, "-m", "covid_desktop"]
    (tmp_path / "covid-desktop").touch()
    assert program_command() == [str(tmp_path / "covid-desktop")]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program_command() == [python]


# --- what is installed


class Tools:
    """In place of the tools that write the desktop's caches: they leave a file each."""

    def __init__(self) -> None:
        self.works = True
        self.called: list[str] = []

    def run(self, command: list[object]) -> bool:
        tool, folder = str(command[0]), Path(str(command[-1]))
        self.called.append(tool)
        if self.works and tool == "update-desktop-database":
            (folder / "mimeinfo.cache").touch()
        if self.works and tool == "update-mime-database":
            self._describe_type(folder)
            (folder / "mime.cache").touch()
        return self.works

    def _describe_type(self, folder: Path) -> None:
        description = folder / "application/x-keras.xml"
        if (folder / "packages/covid-desktop.xml").exists():
            description.parent.mkdir(exist_ok=True)
            description.touch()
        else:
            description.unlink()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data home, in a system without anything."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DATA_HOME", "DATA_DIRS", "CONFIG_HOME", "CONFIG_DIRS"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name))
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "Ubuntu:GNOME")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "own"))
    return tmp_path / "DATA_HOME"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    fake = Tools()
    monkeypatch.setattr(desktop_entry, "run_tool", fake.run)
    return fake


@pytest.fixture
def others(home: Path) -> Path:
    """What other programs and the user have put there."""
    for name in ("applications/viewer.desktop", "mime/packages/viewer.xml", "mime/image/x.xml"):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for cache in ("applications/mimeinfo.cache", "mime/mime.cache"):
        (home / cache).touch()
    return home


def read_entry(home: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(home / "applications/covid-desktop.desktop", encoding="utf-8")
    assert parser.sections() == ["Desktop Entry"]
    return parser["Desktop Entry"]


def tree(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_the_entry(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = '/opt/100% "x"\\n/covid-desktop'
    monkeypatch.setattr(sys, "executable", program)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    list(install())
    entry = read_entry(home)
    assert read_command(entry["Exec"])[-1] == program
    assert unescape(entry["TryExec"]) == program
    assert (entry["Type"], entry["Icon"], entry["StartupWMClass"]) == (
        "Application",
        "covid-desktop",
        "covid-desktop",
    )
    assert entry["MimeType"] == f"{MODEL_TYPE};"
    assert "research use" in entry["Comment"]
    assert all(entry[key].endswith(";") for key in ("Categories", "Keywords", "MimeType"))


def test_the_file_type(home: Path) -> None:
    list(install())
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    root = ET.parse(home / "mime/packages/covid-desktop.xml").getroot()
    (mime_type,) = root
    assert (root.tag, mime_type.tag) == (f"{space}mime-info", f"{space}mime-type")
    assert mime_type.get("type") == MODEL_TYPE
    assert [glob.get("pattern") for glob in mime_type.iter(f"{space}glob")] == ["*.keras"]
    assert [parent.get("type") for parent in mime_type.iter(f"{space}sub-class-of")] == ["application/zip"]
    icon = mime_type.find(f"{space}generic-icon")
    assert icon is not None
    assert (home / f"icons/hicolor/scalable/mimetypes/{icon.get('name')}.svg").is_file()


def test_the_icons(home: Path) -> None:
    list(install())
    for name in ("apps/covid-desktop.svg", "mimetypes/application-x-keras.svg"):
        assert ET.parse(home / "icons/hicolor/scalable" / name).getroot().tag.endswith("svg")
    with Image.open(home / "icons/hicolor/256x256/apps/covid-desktop.png") as icon:
        assert icon.size == (256, 256)


def test_a_sentence_for_each_thing_done(home: Path, tools: Tools) -> None:
    written = {line.removeprefix("Wrote ") for line in install() if line.startswith("Wrote ")}
    assert written == {str(home / name) for name in desktop_entry._FILES}
    assert tools.called == ["update-desktop-database", "update-mime-database"]


def test_an_icon_cache_is_refreshed_where_there_is_one(home: Path, tools: Tools) -> None:
    cache = home / "icons/hicolor/icon-theme.cache"
    cache.parent.mkdir(parents=True)
    cache.touch()
    list(install())
    assert "gtk-update-icon-cache" in tools.called


def test_installing_again_from_another_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list(install())
    before = tree(home)
    monkeypatch.setattr(sys, "executable", "/moved/covid-desktop")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    list(install())
    assert tree(home) == before
    assert read_entry(home)["Exec"] == "/moved/covid-desktop %F"


def test_without_the_tools(home: Path, tools: Tools) -> None:
    tools.works = False
    *_, last = install()
    assert last.startswith("Without update-desktop-database and update-mime-database the menu entry works")
    assert not any(line.startswith("Without") for line in uninstall())
    assert tree(home) == []


def test_uninstall_leaves_the_folder_as_it_was(others: Path) -> None:
    before = tree(others)
    list(install())
    assert len(tree(others)) > len(before) + 5
    removed = [line for line in uninstall() if line.startswith("Removed ")]
    assert len(removed) == 5
    assert tree(others) == before


def test_uninstall_leaves_nothing(home: Path) -> None:
    list(install())
    list(uninstall())
    assert tree(home) == []


def test_uninstall_where_nothing_is_installed(others: Path, tools: Tools) -> None:
    before = tree(others)
    assert list(uninstall()) == [f"Nothing is installed in {others}."]
    assert tree(others) == before
    assert tools.called == []


def test_a_data_home_that_is_not_absolute_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "share")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    list(install())
    assert (tmp_path / "user/.local/share/applications/covid-desktop.desktop").is_file()


# --- image types: "Open with" only


@pytest.mark.parametrize(
    ("name", "text", "listed"),
    [
        ("CONFIG_HOME/mimeapps.list", "[Default Applications]\nimage/png=viewer.desktop\n", True),
        (
            "CONFIG_DIRS/gnome-mimeapps.list",
            "# x\n[Default Applications]\nimage/png = gone;viewer.desktop;",
            True,
        ),
        ("DATA_DIRS/applications/mimeapps.list", "[Default Applications]\nimage/png=kde-paint.desktop", True),
        ("CONFIG_HOME/mimeapps.list", "[Default Applications]\nimage/png=gone.desktop\n", False),
        ("CONFIG_HOME/mimeapps.list", "[Added Associations]\nimage/png=viewer.desktop\n", False),
        ("CONFIG_HOME/mimeapps.list", "[Default Applications]\nimage/jpeg\nimage/gif=\n", False),
        ("CONFIG_HOME/kde-mimeapps.list", "[Default Applications]\nimage/png=viewer.desktop\n", False),
        ("CONFIG_HOME/other.list", "", False),
    ],
)
def test_an_image_type_that_something_else_opens(
    tmp_path: Path, home: Path, name: str, text: str, listed: bool
) -> None:
    applications = tmp_path / "DATA_DIRS/applications"
    (applications / "kde").mkdir(parents=True)
    (applications / "viewer.desktop").touch()
    (applications / "kde/paint.desktop").touch()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    list(install())
    assert read_entry(home)["MimeType"] == f"{MODEL_TYPE};" + "image/png;" * listed
    assert (tmp_path / name).read_text() == text
    assert "image/png" in IMAGE_TYPES


# --- errors


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for run in (install, uninstall):
        with pytest.raises(UserError, match="Only a Linux desktop needs this"):
            list(run())
    assert not home.exists()


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    home.touch()
    with pytest.raises(UserError, match=r"The folder .*apps could not be made: Not a directory\."):
        list(install())


def test_a_disk_that_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(UserError, match=r"covid-desktop.svg could not be written: No space left on device\."):
        list(install())
    assert not any(path.is_file() for path in tree(home))


def test_a_file_that_cannot_be_removed(home: Path) -> None:
    (home / "applications/covid-desktop.desktop").mkdir(parents=True)
    with pytest.raises(UserError, match=r"covid-desktop\.desktop could not be removed"):
        list(uninstall())


def test_a_path_that_is_not_unicode(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", os.fsdecode(b"/opt/\xff/python"))
    with pytest.raises(UserError, match="not Unicode"):
        list(install())
    assert not home.exists()


# --- on the command line


def test_the_commands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["install"]) == 0
    assert capsys.readouterr().out.count("Wrote ") == 5
    assert cli.main(["uninstall"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert (
        last == f"Models, settings and runs stay in {paths.data_folder()} and {paths.settings_file().parent}"
    )
    assert cli.main(["uninstall"]) == 0
    assert capsys.readouterr().out.startswith(f"Nothing is installed in {home}.\n")


def test_the_commands_elsewhere(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert cli.main(["install"]) == 1
    assert "pin it to Start" in capsys.readouterr().err
