"""The files below a folder, in one order everywhere."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Also where a part of the way to it is locked, at which Path.is_dir raises."""
    return os.path.isdir(path)  # noqa: PTH112


def files_below(
    folder: Path, is_left_out: Callable[[str], bool], on_error: Callable[[OSError], None]
) -> Iterator[Path]:
    """Files of a folder by name, then those of its folders by name; ``is_left_out`` is asked for each name.

    Links to folders are not followed. What cannot be listed is told to ``on_error``. Unlike ``os.walk`` this
    does not call itself for each level, so a folder may be as deep as its path can be written.
    """
    waiting = [str(folder)]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(
                    (entry for entry in found if not is_left_out(entry.name)), key=lambda entry: entry.name
                )
        except OSError as error:
            on_error(error)
            continue
        folders: list[str] = []
        for entry in entries:
            if not _is_folder(entry):
                yield Path(entry.path)
            elif not entry.is_symlink():
                folders.append(entry.path)
        waiting += reversed(folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
