"""The application as the system sees it: its name, its icon, and the files it is told to open."""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent, QIcon
from PySide6.QtWidgets import QApplication

from covid_desktop import __version__, paths


class Application(QApplication):
    """``files_opened`` carries paths: macOS tells of a double-click by an event, not an argument."""

    files_opened = Signal(list)

    def __init__(self) -> None:
        super().__init__(sys.argv[:1])
        self.setApplicationName("covid-desktop")
        self.setApplicationDisplayName("COVID Desktop")
        self.setApplicationVersion(__version__)
        self.setDesktopFileName("covid-desktop")
        self.setWindowIcon(QIcon(str(paths.resource("icons/app.svg"))))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.files_opened.emit([Path(event.file())])
            return True
        return super().event(event)
