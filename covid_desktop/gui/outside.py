"""Opens files and folders in the programs that the desktop has for them."""

import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from covid_desktop.bundled import is_bundled
from covid_desktop.external import start_tool


def open_outside(path: Path) -> bool:
    """Show ``path`` as a double-click would; whether there is a program for it.

    A bundle's own libraries are not for that program.
    """
    needs_tool = sys.platform == "linux" and is_bundled()
    if needs_tool and start_tool(["xdg-open", path]):
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
