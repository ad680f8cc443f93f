"""Every test has places of its own, no screen, and leaves no window behind."""

import gc
import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["COVID_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="covid-desktop-tests-")

from covid_desktop import paths

paths.prepare_environment()


def pytest_sessionfinish() -> None:
    """Windows that Python still holds go before the application does, or Qt ends the process."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets.QApplication.instance() if widgets else None
    if app:
        import shiboken6

        gc.collect()
        for window in app.topLevelWidgets():
            if shiboken6.isValid(window):
                shiboken6.delete(window)
