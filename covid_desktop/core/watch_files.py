"""Which files of a watched folder count, and which of them are new or changed. Only looks, never writes."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from covid_desktop.core.decision_file import DECISIONS_FILE

Stamp = tuple[int, int]
"""A file's size in bytes and its time of change in nanoseconds."""

_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", "~")
_NO_IMAGES = {"thumbs.db", "desktop.ini", "dicomdir", DECISIONS_FILE}
_JUNCTION = 0xA0000003  # stat.IO_REPARSE_TAG_MOUNT_POINT, which Python has on Windows alone


def changed_files(folder: Path, known: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """The regular files below ``folder`` that are not as ``known``, by name relative to it with slashes.

    Hidden and temporary names and all links are left out, and so are sub-folders that cannot be read.
    Raises OSError when the folder itself cannot be read.
    """
    found = {}
    for name, entry in _files(folder):
        with suppress(OSError):  # gone meanwhile
            status = entry.stat(follow_symlinks=False)
            if known.get(name) == stamp_of(status) or _is_hidden(status):
                continue
            # Windows lists a file that is being written as it was when it was opened.
            stamp = stamp_of(os.lstat(entry.path))
            if known.get(name) != stamp:
                found[name] = stamp
    return found


def stamp_of(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns


def _files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Raises OSError when the folder itself cannot be read."""
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        for entry in _entries(folder, prefix):
            with suppress(OSError):
                if _is_left_out(entry.name):
                    continue
                if entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name, entry
                elif entry.is_dir(follow_symlinks=False) and not _is_elsewhere(entry):
                    prefixes.append(f"{prefix}{entry.name}/")


def _entries(folder: Path, prefix: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder / prefix) as entries:
            return list(entries)
    except OSError:
        if not prefix:
            raise
        return []


def _is_left_out(name: str) -> bool:
    name = name.lower()
    return name.startswith((".", "~")) or name.endswith(_UNFINISHED) or name in _NO_IMAGES


def _is_hidden(status: os.stat_result) -> bool:
    return bool(getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN)


def _is_elsewhere(folder: os.DirEntry[str]) -> bool:
    """Windows' junctions are links, too, but not told as such."""
    status = folder.stat(follow_symlinks=False)
    return _is_hidden(status) or getattr(status, "st_reparse_tag", 0) == _JUNCTION
