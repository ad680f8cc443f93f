"""Files appear whole or not at all, whatever goes wrong in between."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from covid_desktop.core.atomic import all_written_whole, write_text, written_whole
from covid_desktop.errors import UserError

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions and folders as POSIX has them")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Path]:
    """A file that must be whole after each test, and alone in its folder."""
    path = tmp_path / "model.keras"
    path.write_text("old")
    yield path
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def failing(number: int) -> Any:
    def fail(*arguments: object, **options: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


def test_replaces_the_file(old: Path) -> None:
    with written_whole(old) as temporary:
        temporary.write_text("new")
        assert old.read_text() == "old"
        assert (temporary.parent, temporary.suffix) == (old.parent, old.suffix)
        assert temporary.name.startswith(".")
    assert old.read_text() == "new"


def test_makes_a_file(tmp_path: Path) -> None:
    write_text(tmp_path / "new.csv", "ü\r\nß\n")
    assert (tmp_path / "new.csv").read_bytes() == "ü\r\nß\n".encode()


@pytest.mark.parametrize("error", [RuntimeError("crash"), KeyboardInterrupt()])
def test_a_crash_leaves_the_old_file(old: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write_half(old, error)
    assert old.read_text() == "old"


@pytest.mark.parametrize(
    ("place", "name", "number"),
    [
        (tempfile, "mkstemp", errno.EACCES),
        (os, "fsync", errno.ENOSPC),
        (os, "fsync", errno.EIO),
        (Path, "replace", errno.EPERM),
    ],
)
def test_what_the_system_refuses_is_said_and_the_old_file_stays(
    old: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, number: int
) -> None:
    monkeypatch.setattr(place, name, failing(number))
    with pytest.raises(UserError) as caught:
        write_text(old, "new")
    assert caught.value.what == f"model.keras could not be written: {os.strerror(number)}."
    assert caught.value.fix == "Choose another place or free some space."
    assert old.read_text() == "old"


def test_a_full_disk_in_the_middle_of_writing(old: Path) -> None:
    with pytest.raises(UserError, match="No space left"):
        write_half(old, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert old.read_text() == "old"


def write_half(path: Path, error: BaseException) -> None:
    with written_whole(path) as temporary:
        temporary.write_text("half")
        raise error


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^a\.csv could not be written: No such file"):
        write_text(tmp_path / "nowhere" / "a.csv", "")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    with pytest.raises(UserError, match="results could not be written"):
        write_text(tmp_path / "results", "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["results"]


@posix_only
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_are_as_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "a.csv", "")
        assert os.umask(umask) == umask, "the process keeps its umask"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == mode


@posix_only
def test_a_file_system_without_permissions_or_flushed_folders(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As memory sticks and network drives have them."""
    fsync = os.fsync

    def flush_files_alone(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            failing(errno.EINVAL)()
        fsync(descriptor)

    monkeypatch.setattr(Path, "chmod", failing(errno.EPERM))
    monkeypatch.setattr(os, "fsync", flush_files_alone)
    write_text(old, "new")
    assert old.read_text() == "new"


@posix_only
def test_the_content_is_on_the_disk_before_it_gets_its_name(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def note(place: Any, name: str) -> None:
        original = getattr(place, name)

        def noting(*arguments: Any) -> Any:
            order.append(name)
            return original(*arguments)

        monkeypatch.setattr(place, name, noting)

    note(os, "fsync")
    note(Path, "replace")
    write_text(old, "new")
    assert order == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize("length", [200, 255])
def test_a_name_as_long_as_may_be(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("x" * (length - 4) + ".csv")
    write_text(path, "whole")
    assert path.read_text() == "whole"


def test_what_is_not_unicode_is_escaped(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", os.fsdecode(b"\xff.png"))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == r"\udcff.png"


# --- files that belong together


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """Two that are there, and one that is not."""
    paths = [tmp_path / name for name in ("model.onnx", "card.json", "readme.txt")]
    for path in (paths[0], paths[2]):
        path.write_text(f"old {path.name}")
    return paths


def write_three(paths: list[Path]) -> None:
    with all_written_whole(*paths) as temporaries:
        for temporary, path in zip(temporaries, paths, strict=True):
            temporary.write_text(f"new {path.name}")


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_of_them_are_replaced(three: list[Path], tmp_path: Path) -> None:
    write_three(three)
    assert content(tmp_path) == {path.name: f"new {path.name}" for path in three}


@pytest.mark.parametrize("fails_at", range(3))
def test_or_none_of_them(
    three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    before, replace, calls = content(tmp_path), Path.replace, []

    def replace_some(path: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == fails_at + 1:
            failing(errno.EACCES)()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_some)
    with pytest.raises(UserError, match=r"^model\.onnx could not be written: Permission denied\."):
        write_three(three)
    assert content(tmp_path) == before


def test_no_room_for_a_copy_of_the_old_ones(
    three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(tmp_path)
    monkeypatch.setattr(shutil, "copy2", failing(errno.ENOSPC))
    with pytest.raises(UserError, match="No space left"):
        write_three(three)
    assert content(tmp_path) == before


def test_a_temporary_file_that_cannot_be_closed_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = os.close

    def close_and_fail(descriptor: int) -> None:
        close(descriptor)
        failing(errno.EIO)()

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", close_and_fail)
        with pytest.raises(UserError, match="Input/output error"):
            write_text(tmp_path / "a.csv", "")
    assert content(tmp_path) == {}
