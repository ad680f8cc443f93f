"""A test that leaves a window or a running task behind fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from covid_desktop.gui.task import running_tasks
from covid_desktop.gui.theme import apply_theme


@pytest.fixture(autouse=True)
def no_leftovers(qapp: QApplication, qtbot: Any) -> Iterator[None]:
    apply_theme(qapp, "light")
    before = set(qapp.topLevelWidgets())
    yield
    for task in running_tasks():
        task.stop()
        task.wait()
    assert not running_tasks_after(qapp), "a task still runs"
    left = [widget for widget in qapp.topLevelWidgets() if widget not in before and widget.isVisible()]
    assert not left, f"windows left open: {left}"


def running_tasks_after(qapp: QApplication) -> tuple[Any, ...]:
    """Tasks that run once the event loop has told everybody what has ended."""
    qapp.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return running_tasks()
