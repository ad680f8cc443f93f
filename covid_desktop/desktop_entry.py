"""The program in the user's own Linux desktop: an entry in the menu, icons, and the model file type.

All of it goes below the user's data home. The user's mimeapps.list is left alone: an entry in that place
comes before the system's, so it is the default for model files unless the user has chosen another.
For the same reason the entry names an image type only where a mimeapps.list already says what opens it:
there it adds itself to "Open with", elsewhere it would take the double-click over.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template

from covid_desktop import mime_apps, paths
from covid_desktop.core.atomic import written_whole
from covid_desktop.desktop_command import exec_value, program_command, string_value
from covid_desktop.errors import UserError
from covid_desktop.external import run_tool

MODEL_TYPE = "application/x-keras"
IMAGE_TYPES = (
    "application/dicom",
    "image/bmp",
    "image/gif",
    "image/jp2",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
)
_ENTRY = "applications/covid-desktop.desktop"
# What is installed below the data home, and the resource it is made of; the entry comes after all it names.
_FILES = {
    "icons/hicolor/scalable/apps/covid-desktop.svg": "icons/app.svg",
    "icons/hicolor/256x256/apps/covid-desktop.png": "icons/app.png",
    "icons/hicolor/scalable/mimetypes/application-x-keras.svg": "icons/model-file.svg",
    "mime/packages/covid-desktop.xml": "desktop/covid-desktop.xml",
    _ENTRY: "desktop/covid-desktop.desktop",
}
_MIME_CACHES = (
    "XMLnamespaces",
    "aliases",
    "application/x-keras.xml",
    "generic-icons",
    "globs",
    "globs2",
    "icons",
    "magic",
    "mime.cache",
    "subclasses",
    "treemagic",
    "types",
    "version",
)
# Tool, its folder, what it reads there, what it writes there.
_TOOLS = (
    ("update-desktop-database", "applications", "**/*.desktop", ("mimeinfo.cache",)),
    ("update-mime-database", "mime", "packages/*.xml", _MIME_CACHES),
)
_REFRESHED = "Refreshed the desktop's lists of programs and file types."
_ELSEWHERE = {
    "win32": "Only a Linux desktop needs this; on Windows, right-click the program to pin it to Start, "
    "and a model file to choose Open with.",
    "darwin": "Only a Linux desktop needs this; on macOS, keep the program in the Dock, "
    "and use Open With in the Finder for a model file.",
}


def install() -> Iterator[str]:
    """Write or replace everything; a sentence for each thing done.

    Raises UserError on another system, or where the data home cannot be written.
    """
    home = _data_home()
    for name, content in _contents().items():
        _write(home / name, content)
        yield f"Wrote {home / name}"
    if failed := _refresh(home):
        tools = " and ".join(failed)
        yield f"Without {tools} the menu entry works, but a double-click on a model file may not."
    else:
        yield _REFRESHED


def uninstall() -> Iterator[str]:
    """Remove what ``install`` wrote, and folders left empty; a sentence for each thing done.

    Raises UserError on another system, or where a file cannot be removed.
    """
    home = _data_home()
    installed = [home / name for name in _FILES if os.path.lexists(home / name)]
    if not installed:
        yield f"Nothing is installed in {home}."
        return
    for path in installed:
        _remove(path)
        yield f"Removed {path}"
    if not _refresh(home):
        yield _REFRESHED
    _remove_empty_folders(home)


def _data_home() -> Path:
    if sys.platform in _ELSEWHERE:
        raise UserError(_ELSEWHERE[sys.platform])
    return mime_apps.data_folders()[0]


def _contents() -> dict[str, bytes]:
    contents = {name: paths.resource(source).read_bytes() for name, source in _FILES.items()}
    return contents | {_ENTRY: _filled(contents[_ENTRY].decode())}


def _filled(template: str) -> bytes:
    command = program_command()
    types = [MODEL_TYPE, *filter(mime_apps.has_default, IMAGE_TYPES)]
    entry = Template(template).substitute(
        program=string_value(command[0]), command=exec_value(command), types=";".join(types)
    )
    try:
        return entry.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            "The program lies in a folder whose name is not Unicode, which a menu entry cannot hold.",
            "Move it to another folder.",
        ) from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"The folder {path.parent} could not be made: {reason}.") from error
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{path} could not be removed: {reason}.") from error


def _refresh(home: Path) -> list[str]:
    """Bring the desktop's caches up to date; the tools that are missing or failed."""
    _refresh_icons(home / "icons/hicolor")
    failed = []
    for tool, name, entries, caches in _TOOLS:
        folder = home / name
        if not any(folder.glob(entries)):
            _remove_caches(folder, caches)
        elif not run_tool([tool, folder]):
            failed.append(tool)
    return failed


def _refresh_icons(folder: Path) -> None:
    with suppress(OSError):
        os.utime(folder)  # how a running desktop notices
    if (folder / "icon-theme.cache").exists():
        run_tool(["gtk-update-icon-cache", "--quiet", "--force", "--ignore-theme-index", folder])


def _remove_caches(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()


def _remove_empty_folders(home: Path) -> None:
    for name in (*_FILES, "mime/application/x-keras.xml"):
        for folder in (home / name).parents:
            if folder == home:
                break
            with suppress(OSError):  # what others put there stays
                folder.rmdir()
