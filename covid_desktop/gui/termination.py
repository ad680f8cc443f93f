"""Ends the window properly when the system, or Ctrl+C, asks the program to end."""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

_ASKING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]


class Termination(QObject):
    """``asked`` says that the program is to end. Make it in the main thread.

    Python itself would hear of the signal only when Qt next runs some of its code.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._hears, self._tells = socket.socketpair()
        for end in (self._hears, self._tells):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._hears.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)
        signal.set_wakeup_fd(self._tells.fileno(), warn_on_full_buffer=False)
        asking = [number for number in _ASKING if signal.getsignal(number) != signal.SIG_IGN]  # as nohup does
        self._before = {number: signal.signal(number, lambda *_: None) for number in asking}

    def release(self) -> None:
        """Leave signals to what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        for end in (self._hears, self._tells):
            end.close()

    @Slot()
    def _on_activated(self) -> None:
        self._hears.recv(64)
        self.asked.emit()
