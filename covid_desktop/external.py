"""Starting programs of the system, such as update-desktop-database or zenity."""

import logging
import os
import subprocess
from collections.abc import Sequence

from covid_desktop.bundled import is_bundled

_TIMEOUT = 60  # seconds
_SEARCH_PATH = "LD_LIBRARY_PATH"
# Set for the bundle's own Qt without keeping what was there before.
_QT_PLACES = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
log = logging.getLogger(__name__)


def system_environment() -> dict[str, str]:
    """The environment for a program that is not ours.

    In a bundle PyInstaller makes every process look for libraries among the bundle's own, and keeps the
    user's search path as LD_LIBRARY_PATH_ORIG where there was one. A program of the system would
    load the bundle's libraries and fail.
    """
    environment = dict(os.environ)
    if is_bundled():
        original = environment.pop(f"{_SEARCH_PATH}_ORIG", None)
        for name in (_SEARCH_PATH, *_QT_PLACES):
            environment.pop(name, None)
        if original is not None:
            environment[_SEARCH_PATH] = original
    return environment


def start_tool(command: Sequence[str | os.PathLike[str]]) -> bool:
    """Start a program that goes on by itself; whether it is there."""
    null = subprocess.DEVNULL
    try:
        subprocess.Popen(
            command,
            env=system_environment(),
            stdin=null,
            stdout=null,
            stderr=null,
            start_new_session=True,
        )
    except OSError as error:
        log.info("%s: %s", command[0], type(error).__name__)
        return False
    return True


def run_tool(command: Sequence[str | os.PathLike[str]]) -> bool:
    """Run a program to its end, at most a minute; whether it is there and says that it did its work."""
    try:
        done = subprocess.run(
            command,
            env=system_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.info("%s: %s", command[0], type(error).__name__)
        return False
    if done.returncode:
        log.info("%s: status %d", command[0], done.returncode)
    return done.returncode == 0
