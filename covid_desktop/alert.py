"""The last words of a program that cannot go on."""

import ctypes
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress

from covid_desktop.errors import UserError
from covid_desktop.external import start_tool

_TITLE = "COVID Desktop"
_ERROR_ICON = 0x10
_TOOLS = {
    "darwin": (("osascript", "-e", "on run a", "-e", "display alert (item 1 of a)", "-e", "end run"),),
    "linux": (
        ("zenity", "--error", f"--title={_TITLE}", "--no-markup", "--text"),
        ("kdialog", "--title", _TITLE, "--error"),
        ("xmessage", "-center"),
    ),
}
"""Commands that show a message, which is their last argument; the first that is there is used."""


def alert(error: UserError, *, dialog: bool = True) -> None:
    """Say what happened on standard error; where nobody reads that, in a ``dialog`` too."""
    with suppress(OSError, ValueError):  # its reader may be gone
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
    if dialog and not sys.stderr.isatty():
        _show(f"{error.what}\n\n{error.fix}".strip())


def _show(text: str) -> None:
    """The dialog stays when the program has ended."""
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, _TITLE, _ERROR_ICON)
    elif command := _tool(_TOOLS.get(sys.platform, ())):
        start_tool([*command, text])


def _tool(commands: Sequence[Sequence[str]]) -> Sequence[str] | None:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    return next((command for command in commands if shutil.which(command[0])), None)
