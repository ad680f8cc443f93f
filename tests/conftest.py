"""Every test has places of its own, no screen, and leaves no window behind."""

import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["COVID_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="covid-desktop-tests-")

import pytest

from covid_desktop import paths

paths.prepare_environment()


_status: list[int] = []


def pytest_sessionfinish(exitstatus: int) -> None:
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave without Python's own clearing up, once all has been said.

    Qt's objects of a thousand tests are then let go of in any order, and Qt does not survive it. The
    program lets go of its window itself; tests/test_startup.py holds that it ends well.
    """
    if _status and "PySide6.QtWidgets" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
