"""Files are taken when they are complete and new; real folders, a clock that the test moves."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from covid_desktop.core import watch as watch_module
from covid_desktop.core import watch_store
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch import FolderWatch
from covid_desktop.core.watch_store import open_watch_store

UNLINKABLE = os.name != "posix"


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Instance:
    """A start of the program: what it scores is in ``scored``, what it is told instead in ``told``."""

    def __init__(self, watch: FolderWatch, clock: Clock) -> None:
        self.watch = watch
        self.scored: list[str] = []
        self.told: list[str] = []
        self._clock = clock
        self.broken: set[bytes] = set()

    def look(self, seconds: float = 2.0) -> list[str]:
        """Let time pass and look; the names that are ready."""
        self._clock.seconds += seconds
        return [self.name(path) for path in self.watch.look()]

    def run(self, seconds: float = 2.0) -> list[str]:
        """Look and score; the names that got a result."""
        self._clock.seconds += seconds
        before = len(self.scored)
        for path in self.watch.look():
            if self.claim(path):
                self.settle(path)
        self.watch.release()
        return self.scored[before:]

    def claim(self, path: Path) -> bool:
        return self.watch.claim(path, lambda result: self.told.append(self.name(result.path)))

    def settle(self, path: Path) -> bool:
        is_broken = path.exists() and path.read_bytes() in self.broken
        error = "Damaged." if is_broken or not path.exists() else None
        result = Prediction(path=path, label=None, score=None if error else 0.5, threshold=0.5, error=error)
        is_final = self.watch.settle(result)
        if is_final:
            self.scored.append(self.name(path))
        return is_final

    def name(self, path: Path) -> str:
        return path.relative_to(self.watch.folder).as_posix()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Exports"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path: Path, folder: Path) -> Iterator[Callable[..., Instance]]:
    """Starts an instance of the program; all of them share the time and what is kept."""
    clock = Clock()
    place = tmp_path / "kept"
    place.mkdir()
    with ExitStack() as stack:

        def begin(*, include_existing: bool = True, model: str = "a model") -> Instance:
            store = stack.enter_context(open_watch_store(place, folder, model, now=clock))
            watch = FolderWatch(folder, store, include_existing=include_existing, clock=clock)
            return Instance(watch, clock)

        yield begin


Start = Callable[..., Instance]


def put(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or path.name.encode())
    return path


def touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


# --- complete


def test_a_file_is_taken_at_the_second_look(start: Start, folder: Path) -> None:
    one = start()
    assert one.look() == []
    put(folder / "1.png")
    assert one.look() == []
    assert one.look() == ["1.png"]
    assert one.run() == ["1.png"]
    assert one.run() == []


def test_the_folder_is_not_listed_more_often_than_each_two_seconds(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[float] = []
    real = watch_module.changed_files

    def counted(*arguments: object) -> object:
        listed.append(one._clock.seconds)
        return real(*arguments)

    monkeypatch.setattr(watch_module, "changed_files", counted)
    one = start()
    put(folder / "1.png")
    for _ in range(40):
        one.look(0.25)
    assert len(listed) == 5
    assert min(after - before for before, after in pairwise(listed)) >= 2


def test_a_slow_drive_is_left_alone_for_longer(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, listed = start(), []

    def slow(*_: object) -> dict[str, tuple[int, int]]:
        listed.append(one._clock.seconds)
        one._clock.seconds += 3
        return {}

    monkeypatch.setattr(watch_module, "changed_files", slow)
    for _ in range(17):
        one.look(1)
    assert [round(time - listed[0]) for time in listed] == [0, 15]


def test_a_growing_file_waits(start: Start, folder: Path) -> None:
    one = start()
    path = put(folder / "1.dcm")
    for _ in range(10):
        assert one.look() == []
        with path.open("ab") as file:
            file.write(b"more")
    assert one.look() == []
    assert one.look() == ["1.dcm"]


def test_a_file_that_is_written_in_place_waits(start: Start, folder: Path) -> None:
    """Its size is there at once, as with some copying programs."""
    one = start()
    path = put(folder / "1.dcm", b"0" * 1000)
    for second in range(5):
        touch(path, 10**9 + second)
        assert one.look() == []
    assert one.look() == ["1.dcm"]


def test_an_empty_file_waits(start: Start, folder: Path) -> None:
    one = start()
    (folder / "1.dcm").touch()
    assert [one.look() for _ in range(40)] == [[]] * 40
    put(folder / "1.dcm", b"content")
    assert one.look() == []
    assert one.look() == ["1.dcm"]


def test_an_export_that_is_renamed_in_the_end(start: Start, folder: Path) -> None:
    one = start()
    path = put(folder / "1.dcm.tmp", b"content")
    assert [one.look() for _ in range(5)] == [[]] * 5
    path.rename(folder / "1.dcm")
    assert one.look() == []
    assert one.look() == ["1.dcm"]


def test_a_file_that_cannot_be_opened_yet_waits(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = start()
    put(folder / "1.dcm")
    real = Path.open

    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "It is used by another process")

    monkeypatch.setattr(Path, "open", locked)
    assert [one.run() for _ in range(50)] == [[]] * 50
    monkeypatch.setattr(Path, "open", real)
    assert one.run() == ["1.dcm"]


def test_a_file_that_changes_between_look_and_claim_waits(start: Start, folder: Path) -> None:
    one = start()
    path = put(folder / "1.dcm")
    one.look()
    one.look()
    put(path, b"other content")
    assert not one.claim(path)
    assert one.run() == []
    assert one.run() == ["1.dcm"]


@pytest.mark.parametrize("happens", [lambda path: put(path, b"other content"), Path.unlink])
def test_a_result_of_a_file_that_changed_meanwhile_is_none(
    start: Start, folder: Path, happens: Callable[[Path], object]
) -> None:
    one = start()
    path = put(folder / "1.dcm")
    one.look()
    one.look()
    assert one.claim(path)
    happens(path)
    assert not one.settle(path)
    one.watch.release()
    assert one.run() == []
    assert one.run() == (["1.dcm"] if path.exists() else [])


# --- cut off


def test_a_file_whose_end_is_missing_is_given_a_minute(start: Start, folder: Path) -> None:
    one = start()
    one.broken = {b"header"}
    put(folder / "1.png", b"header")
    one.look(2)  # seen as it is
    assert one.run(2) == []  # tried
    assert [one.look(2) for _ in range(28)] == [[]] * 28
    assert one.run(2) == ["1.png"]  # 60 seconds as it is
    assert [one.look(2) for _ in range(40)] == [[]] * 40
    assert start().watch.results()[0].error == "Damaged."


def test_a_file_whose_end_comes_late_is_scored_when_it_is_whole(start: Start, folder: Path) -> None:
    one = start()
    one.broken = {b"header", b"header, more"}
    path = put(folder / "1.png", b"header")
    for content in (b"header, more", b"header, more, end"):
        for _ in range(20):
            assert one.run() == []
        put(path, content)
    assert one.run() == []
    assert one.run() == ["1.png"]
    assert [result.score for result in start().watch.results()] == [0.5]


# --- which files


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.png",
        "1.dcm.part",
        "1.PARTIAL",
        "1.tmp",
        "1.png.crdownload",
        "1.png~",
        "~1.png",
        "Thumbs.db",
        "desktop.ini",
        "DICOMDIR",
        "covid-desktop.json",
        ".folder/1.png",
        "upload.part/1.png",
    ],
)
def test_hidden_and_temporary_names_are_left_out(start: Start, folder: Path, name: str) -> None:
    put(folder / name)
    one = start()
    assert [one.look() for _ in range(40)] == [[]] * 40


def test_sub_folders_and_any_other_name_count_and_the_oldest_is_first(start: Start, folder: Path) -> None:
    for second, name in enumerate(("b/c d/1.png", "IM0001", "b/ä.DCM", "1.2.840.10008")):
        touch(put(folder / name), 10**9 - second)
    one = start()
    one.look()
    assert one.look() == ["1.2.840.10008", "b/ä.DCM", "IM0001", "b/c d/1.png"]


@pytest.mark.skipif(UNLINKABLE, reason="links need rights there")
def test_links_are_not_followed(start: Start, folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "private.png")
    put(folder / "sub" / "1.png")
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "itself").symlink_to(folder / "itself")
    (folder / "out").symlink_to(tmp_path / "elsewhere")
    (folder / "out.png").symlink_to(tmp_path / "elsewhere" / "private.png")
    (folder / "broken.png").symlink_to(folder / "nothing")
    one = start()
    one.look()
    assert one.look() == ["sub/1.png"]


@pytest.mark.skipif(UNLINKABLE, reason="there are no such files")
def test_pipes_are_left_out(start: Start, folder: Path) -> None:
    os.mkfifo(folder / "pipe.dcm")
    one = start()
    assert [one.look() for _ in range(5)] == [[]] * 5


@pytest.mark.skipif(UNLINKABLE, reason="links need rights there")
def test_the_folder_itself_may_be_a_link(start: Start, folder: Path, tmp_path: Path) -> None:
    shutil.move(folder, tmp_path / "real")
    folder.symlink_to(tmp_path / "real")
    put(tmp_path / "real" / "1.png")
    one = start()
    one.look()
    assert one.look() == ["1.png"]


def test_a_sub_folder_that_cannot_be_read_hides_nothing_else(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder / "locked" / "1.png")
    put(folder / "open" / "2.png")
    real = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    one = start()
    one.look()
    assert one.look() == ["open/2.png"]
    assert one.watch.is_reachable


def test_a_file_that_vanishes_is_forgotten(start: Start, folder: Path) -> None:
    one = start()
    put(folder / "1.png").touch()
    one.look()
    (folder / "1.png").unlink()
    assert [one.look() for _ in range(3)] == [[]] * 3
    put(folder / "1.png")
    assert one.look() == []
    assert one.look() == ["1.png"]
    path = folder / "1.png"
    path.unlink()
    assert not one.claim(path)
    assert one.run() == []


# --- once


def test_a_file_is_scored_once_across_restarts(start: Start, folder: Path) -> None:
    for number in range(3):
        put(folder / f"{number}.png")
    one = start()
    one.run()
    assert sorted(one.run()) == ["0.png", "1.png", "2.png"]
    two = start()
    assert sorted(two.name(result.path) for result in two.watch.results()) == ["0.png", "1.png", "2.png"]
    put(folder / "3.png")
    two.run()
    assert two.run() == ["3.png"]
    assert two.told == []


def test_a_copy_a_moved_and_a_touched_file_are_not_scored_again(start: Start, folder: Path) -> None:
    first = put(folder / "1.png", b"content")
    one = start()
    one.run()
    assert one.run() == ["1.png"]
    put(folder / "copy.png", b"content")
    touch(first, 10**9)
    assert [one.run() for _ in range(3)] == [[]] * 3
    first.rename(put(folder / "done" / "x").parent / "1.png")
    put(folder / "done" / "x", b"content")
    assert [one.run() for _ in range(3)] == [[]] * 3
    assert one.told == []
    assert [start().run() for _ in range(3)] == [[]] * 3


def test_copies_that_come_together_are_scored_once(start: Start, folder: Path) -> None:
    for number in range(5):
        put(folder / f"{number}.png", b"content")
    one = start()
    one.run()
    paths = one.watch.look()
    assert paths == []
    one._clock.seconds += 2
    paths = one.watch.look()
    assert len(paths) == 5
    assert [one.claim(path) for path in paths] == [True, False, False, False, False]
    one.settle(paths[0])
    one.watch.release()
    assert [one.run() for _ in range(3)] == [[]] * 3
    assert (len(one.scored), one.told) == (1, [])


def test_a_replaced_file_is_scored_again(start: Start, folder: Path) -> None:
    path = put(folder / "1.png", b"first")
    one = start()
    one.run()
    assert one.run() == ["1.png"]
    put(path, b"other")
    one.run()
    assert one.run() == ["1.png"]
    results = start().watch.results()
    assert len(results) == 1
    put(path, b"first")  # known: told again, since the list says what the other was
    one.run()
    assert one.run() == []
    assert one.told == ["1.png"]


def test_a_file_that_was_replaced_while_nobody_watched_is_scored(start: Start, folder: Path) -> None:
    path = put(folder / "1.png", b"first")
    one = start()
    one.run()
    assert one.run() == ["1.png"]
    put(path, b"second")
    two = start(include_existing=False)
    two.run()
    assert two.run() == ["1.png"]


def test_another_model_scores_for_itself(start: Start, folder: Path) -> None:
    put(folder / "1.png")
    for model in ("one", "other"):
        instance = start(model=model)
        instance.run()
        assert instance.run() == ["1.png"]


def test_what_is_there_already_may_be_left_out(start: Start, folder: Path) -> None:
    put(folder / "old.png")
    growing = put(folder / "growing.png")
    one = start(include_existing=False)
    assert one.run() == []
    put(growing, b"its end comes after the start")
    put(folder / "new.png")
    one.run()
    assert sorted(one.run()) == ["growing.png", "new.png"]
    two = start(include_existing=False)
    assert [two.run() for _ in range(3)] == [[]] * 3
    three = start(include_existing=True)
    three.run()
    assert three.run() == ["old.png"]


def test_what_came_before_the_program_ended_is_not_left_out(start: Start, folder: Path) -> None:
    """A crash while a file waits, or while it is scored, does not lose it."""
    one = start(include_existing=False)
    one.look()
    put(folder / "waiting.png")
    put(folder / "claimed.png")
    one.look()
    one.look()
    assert one.claim(folder / "claimed.png")
    two = start(include_existing=False)
    two.run()
    assert two.run() == ["waiting.png"]
    two.run(60)
    assert two.scored == ["waiting.png", "claimed.png"]


def test_two_instances_share_the_work(start: Start, folder: Path) -> None:
    one, other = start(), start()
    for number in range(4):
        put(folder / f"{number}.png")
    one.look()
    other.look(0)
    one._clock.seconds += 2
    mine, theirs = one.watch.look(), other.watch.look()
    assert len(mine) == len(theirs) == 4
    claimed = [one.claim(mine[0]), other.claim(theirs[0]), other.claim(theirs[1]), one.claim(mine[1])]
    assert claimed == [True, False, True, False]
    one.settle(mine[0])
    other.settle(theirs[1])
    one.run()
    other.run()
    names = [f"{number}.png" for number in range(4)]
    assert sorted(one.scored + other.scored) == names
    assert sorted(one.scored + one.told) == sorted(other.scored + other.told) == names


# --- the folder away


def test_a_folder_that_goes_and_comes_back(start: Start, folder: Path, tmp_path: Path) -> None:
    one = start()
    put(folder / "1.png")
    one.run()
    assert one.run() == ["1.png"]
    put(folder / "half.png")
    one.look()
    shutil.move(folder, tmp_path / "away")
    assert one.look() == []
    assert not one.watch.is_reachable
    shutil.move(tmp_path / "away", folder)
    assert one.run() == []  # the copy may have been cut off: it must be still anew
    assert one.watch.is_reachable
    assert one.run() == ["half.png"]


def test_nothing_in_the_folder_is_changed(start: Start, folder: Path) -> None:
    def state() -> dict[str, tuple[bytes, int, int]]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in files
        }

    for name in ("1.png", "copy.png", "sub/2.dcm", "x.tmp", ".y"):
        put(folder / name, b"content" if name == "copy.png" else b"")
    before = state()
    for include_existing in (False, True, True):
        one = start(include_existing=include_existing)
        for _ in range(4):
            one.run()
    assert state() == before
    assert len(before) == 5


def test_a_thousand_files_at_once(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_store, "SYNCHRONOUS", "OFF")  # thousands of commits take seconds on a slow disk
    one = start()
    one.look()
    for number in range(1000):
        put(folder / f"{number % 7}" / f"{number}.dcm")
    one.run()
    assert len(set(one.run())) == 1000
    assert one.run() == []
    assert start().look() == []
