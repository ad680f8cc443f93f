"""What the desktop has been told about which program opens a type of file.

After the XDG Base Directory Specification and the Association between MIME types and applications.
"""

import os
from collections.abc import Iterator
from pathlib import Path

_GROUP = "[Default Applications]"


def data_folders() -> list[Path]:
    """The user's own data home first, then those of the system."""
    return _folders("XDG_DATA", ".local/share", "/usr/local/share:/usr/share")


def has_default(mime_type: str) -> bool:
    """Whether a mimeapps.list of the user, the system or the desktop names an installed program."""
    return any(_is_installed(name) for path in _lists() for name in _defaults(path, mime_type))


def _folders(prefix: str, home: str, system: str) -> list[Path]:
    own = os.environ.get(f"{prefix}_HOME", "")
    others = os.environ.get(f"{prefix}_DIRS") or system
    folders = [Path(own) if Path(own).is_absolute() else Path.home() / home, *map(Path, others.split(":"))]
    return [folder for folder in folders if folder.is_absolute()]


def _lists() -> Iterator[Path]:
    desktops = os.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    names = [*(f"{desktop}-mimeapps.list" for desktop in desktops if desktop), "mimeapps.list"]
    folders = _folders("XDG_CONFIG", ".config", "/etc/xdg") + _application_folders()
    return (folder / name for folder in folders for name in names)


def _application_folders() -> list[Path]:
    return [folder / "applications" for folder in data_folders()]


def _defaults(path: Path, mime_type: str) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    group = ""
    for line in lines:
        if line.startswith("["):
            group = line.strip()
        key, _, value = line.partition("=")
        if group == _GROUP and key.strip() == mime_type:
            return [name for name in value.strip().split(";") if name]
    return []


def _is_installed(name: str) -> bool:
    """An entry in a subfolder has the folder in its name: kde/viewer.desktop is kde-viewer.desktop."""
    names = (name, name.replace("-", "/", 1))
    return any((folder / name).is_file() for folder in _application_folders() for name in names)
