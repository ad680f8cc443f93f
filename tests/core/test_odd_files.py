"""Files as disks have them: odd names, links that lead nowhere, pipes, devices, and files that change."""

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop import jobs
from covid_desktop.core import image
from covid_desktop.core.dataset import Sample
from covid_desktop.core.dicom_header import read_header
from covid_desktop.core.events import FilesSkipped, ignore, never
from covid_desktop.core.loading import read_each, read_images
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.scan import scan
from covid_desktop.core.survey import survey
from covid_desktop.errors import DatasetError, ImageError

SMALL = Preprocessing(width=8, height=8, channels=1)
PIPE = "A pipe or a device, not an image."
posix_only = pytest.mark.skipif(os.name != "posix", reason="files as Linux and macOS have them")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="names in any bytes")

NAMES = {
    "emoji": "🫁 lungs ❤.png",
    "long": "x" * 246 + ".png",
    "newline": "first\nsecond.png",
    "quotes": 'it\'s "so" `here`; $(true) %s {0} \\n.png',
    "right to left": "\u202egnp.exe",
    "spaces": "  .png ",
}
READS: list[Callable[[Path], Any]] = [image.describe, image.decode, image.view, image.examine]


@pytest.fixture(scope="module")
def png(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("drawn") / "phantom.png"
    Image.fromarray(draw_phantom(1, positive=False, size=32).pixels).save(path)
    return path.read_bytes()


@pytest.fixture
def data(tmp_path: Path, png: bytes) -> Path:
    """Two class folders with an image each; the odd files come into the first."""
    root = tmp_path / "data"
    for name in ("COVID-19", "Healthy"):
        (root / name).mkdir(parents=True)
        (root / name / "0.png").write_bytes(png)
    return root


def seen(folder: Path) -> tuple[set[str], dict[str, str]]:
    """Names of what a scan keeps, and of what it skips with the reasons."""
    dataset = scan(folder)
    return {sample.path.name for sample in dataset.samples}, {
        file.path.name: file.reason for file in dataset.skipped
    }


def reason(path: Path, read: Callable[[Path], Any] = image.decode) -> str:
    with pytest.raises(ImageError) as raised:
        read(path)
    return raised.value.what


def reasons(paths: list[Path], tmp_path: Path) -> dict[str, str]:
    """Why files of a worklist and of a check cannot be read; both must say the same."""
    listed = jobs.list_images(paths).paths
    asked = list(listed)
    said = dict(zip(asked, map(str, read_each(asked, SMALL)), strict=True))
    surveyed = survey(asked, tmp_path / "cache")
    assert {path: str(result) for path, result in surveyed.items()} == said
    return {path.name: words for path, words in said.items()}


@posix_only
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_of_any_kind(name: str, data: Path, png: bytes, tmp_path: Path) -> None:
    path = data / "COVID-19" / name
    path.write_bytes(png)
    assert seen(data) == ({"0.png", name}, {})
    assert path in jobs.list_images([data]).paths
    assert image.decode(path).shape == (32, 32)
    assert list(survey([path], tmp_path / "cache")) == [path]


@linux_only
def test_names_that_are_no_text(data: Path, png: bytes, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(data / "COVID-19") + b"/\xff\xfe\x80.png"))
    path.write_bytes(png)
    assert seen(data) == ({"0.png", path.name}, {})
    assert path in jobs.list_images([data]).paths
    facts = survey([path], tmp_path / "cache")[path]
    assert survey([path], tmp_path / "cache")[path] == facts
    assert not isinstance(facts, ImageError)


def test_a_name_with_a_null_character(data: Path, tmp_path: Path) -> None:
    path = data / "a\0b.png"
    for read in READS:
        assert isinstance(reason(path, read), str)
    assert read_header(path) is None
    assert jobs.list_images([path]).paths == (path,)
    assert isinstance(survey([path], tmp_path / "cache")[path], ImageError)


@posix_only
def test_links(data: Path, tmp_path: Path) -> None:
    folder = data / "COVID-19"
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "nowhere.png").symlink_to(folder / "gone.png")
    (folder / "linked.png").symlink_to(folder / "0.png")
    (folder / "up").symlink_to(data)
    (folder / "round").symlink_to(folder)
    kept, skipped = seen(data)
    assert kept == {"0.png", "linked.png"}
    assert set(skipped) == {"loop.png", "nowhere.png"}
    assert "no such file" in skipped["nowhere.png"]
    assert skipped["loop.png"].startswith("Cannot be opened: ")
    odd = [folder / name for name in skipped]
    assert reasons(odd, tmp_path) == skipped
    assert [path.name for path in jobs.list_images([folder]).paths] == [
        *("0.png", "linked.png", "loop.png", "nowhere.png")
    ]
    assert jobs.list_images([folder / "loop.png"]).paths == (folder / "loop.png",)


@pytest.fixture
def pipes(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a pipe, a socket and links to devices."""
    folder = data / "COVID-19"
    os.mkfifo(folder / "pipe.png")
    for device in ("zero", "full", "random", "null", "tty"):
        (folder / f"{device}.png").symlink_to(f"/dev/{device}")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # a socket's name has at most 108 bytes
        listening.bind("socket.png")
        yield folder


@posix_only
@pytest.mark.timeout(20)
def test_pipes_sockets_and_devices_are_not_opened(data: Path, pipes: Path, tmp_path: Path) -> None:
    kept, skipped = seen(data)
    assert kept == {"0.png"}
    odd = {"pipe.png", "socket.png", "zero.png", "full.png", "random.png", "null.png", "tty.png"}
    assert {name for name, why in skipped.items() if why == PIPE} >= odd - {"full.png"}
    assert set(skipped) == odd
    assert reasons([pipes / name for name in odd], tmp_path) == skipped
    for name in odd:
        assert read_header(pipes / name) is None
        for read in READS:
            assert reason(pipes / name, read) == skipped[name]
        assert reason(pipes / name, image.content_hash) == skipped[name]
    assert len(jobs.list_images([data]).paths) == 2 + len(odd)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no files of the kernel")
@pytest.mark.timeout(20)
def test_files_of_the_kernel_end() -> None:
    for name in ("/proc/self/mem", "/proc/self/status", "/proc/kmsg", "/sys/kernel/mm"):
        assert isinstance(reason(Path(name)), str)


def test_a_file_that_vanishes_between_listing_and_reading(data: Path, tmp_path: Path, png: bytes) -> None:
    gone = data / "COVID-19" / "gone.png"
    gone.write_bytes(png)
    dataset = scan(data)
    gone.unlink()
    events: list[Any] = []
    images = read_images(dataset.samples, SMALL, "Reading", events.append, never)
    assert [sample.path.name for sample in images.samples] == ["0.png", "0.png"]
    (told,) = (event for event in events if isinstance(event, FilesSkipped))
    assert [(file.path, "no such file" in file.reason) for file in told.files] == [(gone, True)]
    assert isinstance(survey([gone], tmp_path / "cache")[gone], ImageError)


def test_a_file_that_vanishes_once_it_was_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hash is of what was read: the file is not opened again."""
    path = data / "Healthy" / "0.png"
    expected = image.content_hash(path)
    original = image.fit

    def fit(*args: Any) -> Any:
        with suppress(OSError):  # Windows keeps a file that is open
            path.unlink(missing_ok=True)
        return original(*args)

    monkeypatch.setattr(image, "fit", fit)
    images = read_images([Sample(path=path, label=0)], SMALL, "Reading", ignore, never)
    assert images.hashes == (expected,)


@pytest.mark.timeout(60)
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, png: bytes) -> None:
    """Grown, cut, overwritten and replaced while another thread reads: a picture or a reason each time."""
    path, other, done = tmp_path / "restless.png", tmp_path / "next.png", threading.Event()
    path.write_bytes(png)
    picture = image.decode(path)
    changes = [png[: len(png) // 2], png + b"\0" * 5000, b"", b"words", png]

    def change() -> None:
        number = 0
        while not done.is_set():
            data = changes[number % len(changes)]
            number += 1
            with suppress(OSError):  # Windows: the other thread has it open
                if number % 2:
                    path.write_bytes(data)
                else:
                    other.write_bytes(data)
                    other.replace(path)
                    path.unlink()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(150):
            for read in (*READS, read_header, image.content_hash):
                with suppress(ImageError):
                    found = read(path)
                    if read is image.decode:
                        assert np.array_equal(found, picture)
    finally:
        done.set()
        thread.join()


def test_a_folder_of_thousands(data: Path, png: bytes, tmp_path: Path) -> None:
    folder = data / "Healthy"
    for number in range(5000):
        (folder / f"{number:05}.txt").write_bytes(b"words")
    assert len(jobs.list_images([folder]).paths) == 5001
    kept, skipped = seen(data)
    assert kept == {"0.png"}
    assert len(skipped) == 5000
    assert set(skipped.values()) == {"Not an image."}


def test_a_folder_that_may_not_be_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = data / "COVID-19" / "locked"
    locked.mkdir()
    real = os.scandir

    def scandir(place: Any = ".") -> Any:
        if Path(place) == locked:
            raise PermissionError(13, "Permission denied", str(place))
        return real(place)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(DatasetError, match="locked cannot be read: Permission denied"):
        scan(data)
    assert [path.name for path in jobs.list_images([data]).paths] == ["0.png", "0.png"]


@posix_only
def test_a_place_inside_a_locked_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = data / "locked" / "image.png"
    real = os.stat

    def denied(path: Any, *args: Any, **options: Any) -> Any:
        if str(path) == str(inside):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(os, "stat", denied)
    assert jobs.list_images([inside]).paths == (inside,)
    assert reason(inside) == "Cannot be opened: permission denied."


@posix_only
def test_a_folder_too_deep_for_calls_within_calls(data: Path, png: bytes) -> None:
    levels = 1200
    start = Path.cwd()
    try:
        os.chdir(data / "COVID-19")
        for _ in range(levels):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.png").write_bytes(png)
    finally:
        os.chdir(start)
    deep = data.joinpath("COVID-19", *("d",) * levels, "deep.png")
    assert image.decode(deep).shape == (32, 32)
    assert seen(data) == ({"0.png", "deep.png"}, {})
    assert deep in jobs.list_images([data]).paths
    remove_deep(data / "COVID-19", levels)


def remove_deep(folder: Path, levels: int) -> None:
    """shutil.rmtree calls itself for each level, and pytest clears up with it."""
    path = folder.joinpath(*("d",) * levels)
    (path / "deep.png").unlink()
    for _ in range(levels):
        path.rmdir()
        path = path.parent


@posix_only
def test_a_folder_deeper_than_a_path_can_be(data: Path) -> None:
    start, levels = Path.cwd(), 30
    name = "d" * 200
    try:
        os.chdir(data / "COVID-19")
        for _ in range(levels):
            Path(name).mkdir()
            os.chdir(name)
    finally:
        os.chdir(start)
    with pytest.raises(DatasetError, match="cannot be read: File name too long"):
        scan(data)
    assert len(jobs.list_images([data]).paths) == 2
