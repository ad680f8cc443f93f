"""What the entries of a menu do, and when they can be chosen."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from covid_desktop.gui.task import Job

RunJob = Callable[[str, Job, Any], None]
Notify = Callable[..., None]


class Menu(QObject):
    """``names`` are entries of the menus, and its slots that they call."""

    names: ClassVar[tuple[str, ...]] = ()

    def show_state(self, actions: Mapping[str, QAction]) -> None:
        """Enable what can be done now."""
        for name, is_possible in self._possible().items():
            actions[name].setEnabled(is_possible)

    def _possible(self) -> Mapping[str, bool]:
        """Whether each entry that cannot always be chosen can be now."""
        return {}
