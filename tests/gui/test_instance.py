"""One running window: who holds the lock listens, later starts hand over, and nobody waits for ever."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSysInfo
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from covid_desktop.gui import instance
from covid_desktop.gui.instance import MESSAGE_BYTES, Instance, Request, read_request

MakeInstance = Callable[..., Instance]
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="a pipe is no file")


@pytest.fixture
def make_instance(tmp_path: Path) -> Iterator[MakeInstance]:
    made: list[Instance] = []

    def make(folder: Path = tmp_path) -> Instance:
        made.append(Instance(folder))
        return made[-1]

    yield make
    for one in made:
        one.release()


@pytest.fixture
def first(make_instance: MakeInstance) -> Instance:
    """An instance that listens."""
    first = make_instance()
    assert not first.hand_over(Request())
    first.listen()
    return first


LATER = """
import sys
from pathlib import Path
from covid_desktop.gui.instance import Instance, read_request
connect = Instance._connect

def tell(instance):
    socket = connect(instance)
    print("connected" if socket else "refused", flush=True)
    return socket

Instance._connect = tell
instance = Instance(Path(sys.argv[1]))
handed_over = instance.hand_over(read_request(sys.stdin.buffer.read()))
instance.release()
sys.exit(0 if handed_over else 3)
"""


class Later:
    """Another start of the program, in a process of its own; a thread would hold Python's lock."""

    def __init__(self, folder: Path, request: Request) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LATER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin
        self._process.stdin.write(request.to_line())
        self._process.stdin.close()

    def wait_for(self, told: bytes) -> None:
        """Go on once it was told whether somebody listens."""
        assert self._process.stdout
        assert told in iter(self._process.stdout.readline, b"")

    @property
    def handed_over(self) -> bool:
        assert self._process.stdout
        with self._process.stdout:
            status = self._process.wait(30)
        assert status in {0, 3}
        return status == 0


def requested(qtbot: QtBot, first: Instance, act: Callable[[], Any]) -> Any:
    """What ``first`` is asked for by what ``act`` does, and what ``act`` gave."""
    with qtbot.waitSignal(first.requested) as waiting:
        done = act()
    return waiting.args[0], done


# --- the message


@pytest.fixture
def odd_files(tmp_path: Path) -> tuple[Path, ...]:
    """Names with what a message, a line or a path could stumble over."""
    names = ["a b.png", "é ü 肺.dcm", "-x.png", '"quoted".png']
    names += ["line\nend.png", os.fsdecode(b"\xff\xfe.png")] if sys.platform == "linux" else []
    for name in names:
        (tmp_path / name).touch()
    return tuple(tmp_path / name for name in names)


def test_a_request_survives_its_journey(odd_files: tuple[Path, ...]) -> None:
    request = Request(files=odd_files, demo=True, activation="token-1")
    line = request.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_request(line) == request


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"\xff\xfe\n",
        b"null\n",
        b"[]\n",
        b"{}\n",
        b'{"files": "a.png"}\n',
        b'{"files": null, "demo": true}\n',
        b"[" * 100_000,
    ],
)
def test_what_is_no_request_is_none(line: bytes) -> None:
    assert read_request(line) is None


def test_of_files_only_absolute_ones_that_exist_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.png").touch()
    monkeypatch.chdir(tmp_path)
    listed = [str(tmp_path / "gone.png"), "here.png", 7, None, ["x"], "\0", "\ud800", "", "x" * 5000]
    line = json.dumps({"files": [*listed, str(tmp_path / "here.png")], "demo": "yes"}).encode()
    assert read_request(line) == Request(files=(tmp_path / "here.png",))


@pytest.mark.parametrize("token", ["a\0b", "\ud800", "lung\nA=1", 5, None])
def test_an_activation_that_no_environment_holds_is_left_out(token: Any) -> None:
    assert read_request(json.dumps({"files": [], "activation": token}).encode()) == Request()


# --- handing over


def test_a_later_start_hands_its_files_to_the_first(
    qtbot: QtBot, first: Instance, tmp_path: Path, odd_files: tuple[Path, ...]
) -> None:
    request = Request(files=odd_files, demo=True, activation="token-1")
    taken, later = requested(qtbot, first, lambda: Later(tmp_path, request))
    assert taken == request
    assert later.handed_over


def test_nearly_as_much_as_a_message_holds_arrives(qtbot: QtBot, first: Instance, tmp_path: Path) -> None:
    files = (tmp_path,) * ((MESSAGE_BYTES - 200) // (len(str(tmp_path)) + 4))
    request = Request(files=files)
    assert MESSAGE_BYTES - 400 < len(request.to_line()) < MESSAGE_BYTES
    taken, later = requested(qtbot, first, lambda: Later(tmp_path, request))
    assert taken == request
    assert later.handed_over


def test_more_than_a_message_holds_gets_a_window_of_its_own(
    first: Instance, make_instance: MakeInstance, tmp_path: Path
) -> None:
    assert not make_instance().hand_over(Request(files=(tmp_path,) * (MESSAGE_BYTES // 20)))


def test_who_comes_before_the_first_listens_is_heard(
    qtbot: QtBot, make_instance: MakeInstance, tmp_path: Path
) -> None:
    first = make_instance()
    first.hand_over(Request())
    later = Later(tmp_path, Request(demo=True))
    later.wait_for(b"refused\n")
    taken, _ = requested(qtbot, first, first.listen)
    assert taken == Request(demo=True)
    assert later.handed_over


def test_each_folder_has_an_instance_of_its_own(
    first: Instance, make_instance: MakeInstance, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_instance(tmp_path / "other")
    assert not other.hand_over(Request())
    assert other._lock.isLocked()


def test_a_first_one_that_is_closing_leaves_the_next_a_window(
    first: Instance, make_instance: MakeInstance
) -> None:
    first.release()
    second = make_instance()
    assert not second.hand_over(Request())
    second.listen()
    first.release()  # once more, which takes nothing from the second
    assert second._lock.isLocked()
    assert second._connect() is not None


def test_who_waits_when_the_first_closes_gets_a_window(first: Instance, tmp_path: Path, qtbot: QtBot) -> None:
    later = Later(tmp_path, Request())
    later.wait_for(b"connected\n")
    with qtbot.assertNotEmitted(first.requested):
        first.release()
    assert not later.handed_over


def test_a_first_one_that_hangs_does_not_stop_the_next(
    first: Instance, make_instance: MakeInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_TAKES_MS", 50)
    second = make_instance()
    assert not second.hand_over(Request())
    assert not second._lock.isLocked()
    assert first._lock.isLocked()
    second.listen()
    assert second._server is None


# --- locks


def lock_file(folder: Path) -> Path:
    return folder / f"{instance._name()}.lock"


def test_another_computer_has_a_window_of_its_own(
    first: Instance, make_instance: MakeInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSysInfo, "machineHostName", lambda: "another-computer")
    there, later = make_instance(), make_instance()
    assert not there.hand_over(Request())
    there.listen()
    assert there._lock.isLocked()
    assert first._lock.isLocked()
    assert later._connect() is not None
    first.release()
    assert there._lock.isLocked()
    there.release()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_hold_a_lock_is_no_obstacle(make_instance: MakeInstance, tmp_path: Path) -> None:
    one = make_instance(tmp_path / "gone")
    assert not one.hand_over(Request())
    one.listen()
    one.release()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_lock_with_the_number_of_a_living_process_is_taken(
    make_instance: MakeInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_LISTENS_MS", 0)
    lock_file(tmp_path).write_text(
        f"{os.getpid()}\n{Path(sys.executable).resolve().name}\n{QSysInfo.machineHostName()}\n"
    )
    one = make_instance()
    assert not one.hand_over(Request())
    assert one._lock.isLocked()


# --- the socket


def socket_file(folder: Path) -> Path:
    return folder / f"{instance._name()}.socket"


@unix_only
def test_the_socket_is_the_users_alone_and_goes_with_its_window(first: Instance, tmp_path: Path) -> None:
    assert socket_file(tmp_path).stat().st_mode & 0o777 == 0o700
    first.release()
    assert list(tmp_path.iterdir()) == []


@unix_only
def test_a_socket_left_by_a_crash_is_replaced(
    qtbot: QtBot, make_instance: MakeInstance, tmp_path: Path
) -> None:
    socket_file(tmp_path).touch()
    first = make_instance()
    first.hand_over(Request())
    first.listen()
    _, later = requested(qtbot, first, lambda: Later(tmp_path, Request()))
    assert later.handed_over


@unix_only
def test_a_path_too_long_for_a_socket_uses_the_runtime_folder(
    qtbot: QtBot, make_instance: MakeInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long " * 20)
    folder.mkdir()
    runtime = Path(tempfile.mkdtemp(prefix="run-"))  # tmp_path may be too long itself
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    first = make_instance(folder)
    first.hand_over(Request())
    first.listen()
    assert list(folder.iterdir()) == [lock_file(folder)]
    assert len(list(runtime.iterdir())) == 1
    _, later = requested(qtbot, first, lambda: Later(folder, Request()))
    assert later.handed_over
    first.release()
    runtime.rmdir()


@unix_only
def test_names_of_files_are_not_told_to_another_user(
    first: Instance, make_instance: MakeInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = make_instance()
    assert later._connect() is not None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert later._connect() is None


def server(first: Instance) -> QLocalServer:
    assert first._server
    return first._server


def connect_to(folder: Path) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(instance._addresses(folder)[0])
    assert socket.waitForConnected(1000)
    return socket


@pytest.mark.parametrize("data", [b"nonsense\n", b'{"files": 1}\n', b"x" * (MESSAGE_BYTES + 1)])
def test_what_is_no_message_is_cut_off_and_the_next_is_heard(
    qtbot: QtBot, first: Instance, tmp_path: Path, data: bytes
) -> None:
    socket = connect_to(tmp_path)
    with (
        qtbot.assertNotEmitted(first.requested),
        qtbot.waitSignal(socket.disconnected),
    ):
        socket.write(data)
    assert socket.readAll() == b""
    _, later = requested(qtbot, first, lambda: Later(tmp_path, Request()))
    assert later.handed_over


def test_a_message_may_come_in_pieces(qtbot: QtBot, first: Instance, tmp_path: Path) -> None:
    line = Request(demo=True).to_line()
    socket = connect_to(tmp_path)
    with qtbot.assertNotEmitted(first.requested), qtbot.waitSignal(server(first).newConnection):
        socket.write(line[:10])
        socket.flush()
    taken, _ = requested(qtbot, first, lambda: socket.write(line[10:]))
    assert taken == Request(demo=True)


def test_who_gave_up_is_not_served_twice(qtbot: QtBot, first: Instance, tmp_path: Path) -> None:
    socket = connect_to(tmp_path)
    socket.write(Request(demo=True).to_line())
    socket.flush()
    socket.abort()
    taken, later = requested(qtbot, first, lambda: Later(tmp_path, Request()))
    assert taken == Request()
    assert later.handed_over


def test_a_message_that_is_whole_only_when_the_window_closes_is_not_taken(
    qtbot: QtBot, first: Instance, tmp_path: Path
) -> None:
    line = Request(demo=True).to_line()
    socket = connect_to(tmp_path)
    with qtbot.waitSignal(server(first).newConnection):
        socket.write(line[:10])
        socket.flush()
    with qtbot.assertNotEmitted(first.requested), qtbot.waitSignal(socket.disconnected):
        first.release()
        socket.write(line[10:])
    assert socket.readAll() == b""
