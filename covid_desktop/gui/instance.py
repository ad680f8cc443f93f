"""One running window: a later start hands over what it was to open, and ends."""

import ctypes
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QSysInfo, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from covid_desktop.paths import is_there

MESSAGE_BYTES = 1_000_000
_TAKEN = b"taken\n"
_LISTENS_MS = 3_000  # between its lock and its listening the first one loads Qt's widgets
_TAKES_MS = 15_000  # it may be loading its window
_RETRY_MS = 50
_ANYBODY = -1  # ASFW_ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one start of the program asks of the window.

    ``activation`` is the desktop's permission to come to the front (XDG_ACTIVATION_TOKEN), or empty.
    """

    files: tuple[Path, ...] = ()
    demo: bool = False
    activation: str = ""

    def to_line(self) -> bytes:
        """The request as JSON, in one line."""
        files = [str(file) for file in self.files]
        return json.dumps({"files": files, "demo": self.demo, "activation": self.activation}).encode() + b"\n"


def read_request(line: bytes) -> Request | None:
    """The request that anybody may have written: None where it is none, and only files that exist."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("files"), list):
        return None
    activation = fields.get("activation")
    return Request(
        files=tuple(_existing(fields["files"])),
        demo=fields.get("demo") is True,
        activation=activation if isinstance(activation, str) and _is_token(activation) else "",
    )


def _existing(files: Iterable[Any]) -> list[Path]:
    there = [Path(file) for file in files if isinstance(file, str) and is_there(file)]
    return [path for path in there if path.is_absolute()]


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable()


class Instance(QObject):
    """This start of the program among others on this computer that keep their settings in ``folder``.

    The one that holds the lock listens, and says by ``requested`` what others ask for. Another
    computer that shares the folder, or had it on a stick, has a lock and a window of its own.
    """

    requested = Signal(object)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._lock = QLockFile(str(folder / f"{_name()}.lock"))
        self._lock.setStaleLockTime(0)  # a lock does not age, it ends with its process
        self._server: QLocalServer | None = None

    def hand_over(self, request: Request) -> bool:
        """Whether a window that runs already has taken ``request``; otherwise open one and listen.

        Where nobody answers in time, or the lock cannot be had, that window is one on its own. Needs
        no application.
        """
        line = request.to_line()
        listens, takes = QDeadlineTimer(_LISTENS_MS), QDeadlineTimer(_TAKES_MS)
        if self._lock.tryLock(0) or len(line) >= MESSAGE_BYTES:
            return False
        while self._is_held_by_another():
            socket = self._connect()
            if socket and _ask(socket, line, takes):
                return True
            if self._lock.tryLock(_RETRY_MS):
                return False
            if (takes if socket else listens).hasExpired():
                self._take_over()
                break
        return False

    def listen(self) -> None:
        """Take the requests of later starts, once the event loop runs. Needs the application."""
        if not self._lock.isLocked():
            return
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        any(self._server.listen(address) for address in _addresses(self._folder))

    @Slot()
    def release(self) -> None:
        """Take no more requests: the next start has a window of its own."""
        if self._server:
            self._server.close()
        self._lock.unlock()

    # --- the later start

    def _is_held_by_another(self) -> bool:
        """Not where the folder cannot be written."""
        return self._lock.error() == QLockFile.LockError.LockFailedError

    def _connect(self) -> QLocalSocket | None:
        for address in _addresses(self._folder):
            socket = QLocalSocket()
            if _is_mine(address):
                socket.connectToServer(address)
                if socket.waitForConnected(_RETRY_MS):
                    return socket
        return None

    def _take_over(self) -> None:
        """Take the lock of a dead process whose number another one has by now; a living one keeps its own."""
        if self._lock.removeStaleLockFile():
            self._lock.tryLock(0)

    # --- the first start

    @Slot()
    def _on_new_connection(self) -> None:
        while self._server and (socket := self._server.nextPendingConnection()):
            socket.setReadBufferSize(MESSAGE_BYTES)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(self._on_ready_read)
            self._read(socket)

    @Slot()
    def _on_ready_read(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= MESSAGE_BYTES:
                socket.abort()
            return
        request = read_request(bytes(socket.readLine().data()))
        if request is None or not self._lock.isLocked():
            socket.abort()
            return
        if _tell_taken(socket):
            self.requested.emit(request)


def _tell_taken(socket: QLocalSocket) -> bool:
    """Whether who asked still listens; one who gave up has opened a window for it already."""
    socket.write(_TAKEN)
    socket.flush()  # now, since what is opened may keep the event loop busy
    is_there = socket.state() == QLocalSocket.LocalSocketState.ConnectedState
    socket.disconnectFromServer()
    return is_there


def _ask(socket: QLocalSocket, line: bytes, deadline: QDeadlineTimer) -> bool:
    """Whether the request was taken before the deadline."""
    if sys.platform == "win32":  # only who was just started may let another window come to the front
        ctypes.windll.user32.AllowSetForegroundWindow(_ANYBODY)
    socket.write(line)
    is_taken = socket.waitForReadyRead(deadline.remainingTime()) and socket.readAll() == _TAKEN
    if not is_taken:
        socket.abort()  # now, so that it is not taken while a window of one's own is opened
    return is_taken


def _name() -> str:
    """Of what this computer keeps in a folder that others may share."""
    return f"instance-{_digest(QSysInfo.machineHostName())[:8]}"


def _addresses(folder: Path) -> tuple[str, ...]:
    """Where to listen, the best first: a path may be too long for a socket, or its disk hold none."""
    name = f"covid-desktop-{_digest(os.fspath(folder))[:16]}"
    if sys.platform == "win32":
        return (name,)
    elsewhere = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return str(folder / f"{_name()}.socket"), str(Path(elsewhere) / name)


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()


def _is_mine(address: str) -> bool:
    """Anybody can put a socket into the temp folder, to read the names of files."""
    try:
        return sys.platform == "win32" or Path(address).stat().st_uid == os.getuid()
    except OSError:
        return False
