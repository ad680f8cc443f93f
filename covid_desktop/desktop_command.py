"""The command that starts this program, as a desktop entry writes it down."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from covid_desktop.bundled import is_bundled

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def program_command() -> list[str]:
    """What starts this program: the bundle, else the script beside Python, else Python."""
    if is_bundled():
        return [sys.executable]
    script = Path(sys.executable).with_name("covid-desktop")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "covid_desktop"]


def exec_value(command: Sequence[str]) -> str:
    """The value of the key Exec that starts ``command`` with the files it is given.

    After the Desktop Entry Specification 1.5, section 7: quoting, then the escapes of any string.
    """
    if set(command[0]) & set("%="):
        # GLib and KDE look for the program before they turn %% into %, and = is not allowed in its path.
        command = ("/bin/sh", "-c", 'exec "$0" "$@"', *command)
    return string_value(" ".join([*map(_quoted, command), "%F"]))


def string_value(text: str) -> str:
    """``text`` as the value of a key of type string."""
    return text.translate(_ESCAPES)


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if re.fullmatch(r"[\w@%+,./:-]+", argument):
        return argument
    escaped = re.sub(r'(["`$\\])', r"\\\1", argument)
    return f'"{escaped}"'
