"""Carries what went wrong inside the program from any thread to the window."""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from covid_desktop.errors import UserError
from covid_desktop.gui.notices import Banner


class Faults(QObject):
    """``tell`` may be called in any thread, and while something is painted; the ``banner`` shows it later.

    Errors of before there was a banner are shown first.
    """

    _told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._banner: Banner | None = None
        self._early: list[UserError] = []
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def tell(self, error: UserError) -> None:
        self._told.emit(error)

    def set_banner(self, banner: Banner) -> None:
        self._banner = banner
        for error in self._early:
            banner.show_error(error)
        self._early.clear()

    @Slot(object)
    def _on_told(self, error: UserError) -> None:
        if self._banner is None:
            self._early.append(error)
        else:
            self._banner.show_error(error)
