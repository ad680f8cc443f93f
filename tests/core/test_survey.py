"""Every image is read once: what was found is kept, and what cannot be read says why."""

import io
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from covid_desktop import curation, paths
from covid_desktop.core import survey as module
from covid_desktop.core.dataset import Dataset, Sample, SkippedFile
from covid_desktop.core.events import Event, Progress, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.facts_store import Result, file_key, open_facts
from covid_desktop.core.image import examine
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.survey import survey
from covid_desktop.errors import ImageError, Stopped

DAMAGED = "Damaged, cut off, or of a kind that is not supported."
CAUSED = "covid_desktop.core.raster.examine"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where facts are kept."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Twelve, not in the order of their names."""
    names = [f"{number * 5 % 12:02}.png" for number in range(12)]
    return [write(tmp_path / "data" / name, seed) for seed, name in enumerate(names)]


def write(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(drawn(seed))
    return path


@cache
def drawn(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_phantom(seed, positive=False, size=64).pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files were read since the last ``clear``."""
    read: list[Path] = []

    def noting(path: Path) -> ImageFacts:
        read.append(path)
        return examine(path)

    monkeypatch.setattr(module, "examine", noting)
    return read


def test_the_facts_of_each_file_in_the_order_given(images: list[Path], store: Path) -> None:
    found = survey(images, store)
    assert list(found) == images
    assert found == {path: examine(path) for path in images}


def test_a_second_survey_reads_nothing(
    images: list[Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images[5].write_text("These are words and no image.")
    first = survey(images, store)

    def fail(path: Path) -> ImageFacts:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(module, "examine", fail)
    second = survey(images[::-1], store)
    assert list(second) == images[::-1]
    assert {path: said(result) for path, result in second.items()} == {
        path: said(result) for path, result in first.items()
    }


def said(result: Result) -> object:
    """Errors are equal where they say the same."""
    return str(result) if isinstance(result, ImageError) else result


def test_what_changed_or_is_new_is_read_again_and_nothing_else(
    images: list[Path], store: Path, examined: list[Path], tmp_path: Path
) -> None:
    survey(images, store)
    examined.clear()
    changed = write(images[3], seed=99)
    touched = images[7]
    os.utime(touched, ns=(10**18, 10**18))
    new = write(tmp_path / "data" / "new.png", seed=50)
    found = survey([*images, new], store)
    assert sorted(examined) == sorted([changed, touched, new])
    assert found == {path: examine(path) for path in [*images, new]}


def test_another_image_of_the_same_size_is_noticed(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "image.bmp"
    found = []
    for step, level in enumerate((10, 200)):
        Image.new("L", (8, 8), level).save(path)
        os.utime(path, ns=(10**18, 10**18 + step * 10**7))
        found.append(survey([path], store)[path])
    assert [one.mean for one in found if isinstance(one, ImageFacts)] == [10, 200]


def test_the_files_stay_as_they_are(images: list[Path], store: Path) -> None:
    def state() -> list[tuple[bytes, int]]:
        return [(path.read_bytes(), path.stat().st_mtime_ns) for path in images]

    before = state()
    survey(images, store)
    assert state() == before
    assert sorted(images[0].parent.iterdir()) == sorted(images)


def test_no_images(store: Path) -> None:
    assert survey([], store) == {}


def test_a_file_named_twice_is_read_once(images: list[Path], store: Path, examined: list[Path]) -> None:
    assert list(survey([images[0], images[1], images[0]], store)) == images[:2]
    assert len(examined) == 2


def test_without_a_place_to_keep_them_facts_are_found(images: list[Path], tmp_path: Path) -> None:
    assert survey(images[:2], tmp_path / "nowhere") == {path: examine(path) for path in images[:2]}


# --- odd files


def png_header(side: int) -> bytes:
    chunk = b"IHDR" + side.to_bytes(4) * 2 + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + zlib.crc32(chunk).to_bytes(4) + b"\0\0\0\0IDAT"


def replace_with(content: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content(path.read_bytes()))


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (replace_with(lambda _: b""), "Empty file."),
        (replace_with(lambda image: image[: len(image) // 2]), DAMAGED),
        (replace_with(lambda image: image[:30]), DAMAGED),
        (replace_with(lambda image: image[:8]), DAMAGED),
        (replace_with(lambda _: b"Dear colleague, " * 20), "Not an image."),
        (replace_with(lambda _: bytes(5000)), "Not an image."),
        (replace_with(lambda _: png_header(6500)), "Larger than 40 megapixels."),
        (replace_with(lambda _: png_header(2**31 - 1)), "Larger than 40 megapixels."),
        (put_a_folder, "A folder, not an image."),
        (Path.unlink, "Cannot be opened: no such file or directory."),
    ],
    ids=[
        *("zero bytes", "truncated", "header alone", "signature alone", "text", "zeros"),
        *("large header", "huge header", "folder", "vanished"),
    ],
)
def test_an_odd_file_says_why_and_the_others_are_read(
    images: list[Path], store: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(images[4])
    for _ in range(2):  # the second time from what is kept
        found = survey(images, store)
        assert isinstance(found[images[4]], ImageError)
        assert str(found[images[4]]) == reason
        assert list(found) == images
        assert sum(isinstance(result, ImageFacts) for result in found.values()) == 11


def test_an_image_with_a_wrong_ending_is_an_image(images: list[Path], store: Path) -> None:
    path = images[0].rename(images[0].with_suffix(".jpg"))
    found = survey([path], store)[path]
    assert isinstance(found, ImageFacts)
    assert found.format == "PNG"


@pytest.mark.skipif(os.name != "posix", reason="names of files are Unicode elsewhere")
def test_names_that_are_not_unicode(store: Path, tmp_path: Path, examined: list[Path]) -> None:
    path = write(tmp_path / "data" / os.fsdecode(b"\xff\xfe.png"))
    assert survey([path], store) == survey([path], store) == {path: examine(path)}
    assert len(examined) == 1


def test_a_name_that_no_file_can_have(store: Path) -> None:
    path = Path("a\0b.png")
    assert isinstance(survey([path], store)[path], ImageError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_is_not_waited_for(tmp_path: Path, store: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (result,) = survey([tmp_path / "pipe.png"], store).values()
    assert str(result) == "A pipe or a device, not an image."


# --- what may pass


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (PermissionError(13, "Permission denied"), "Cannot be opened: permission denied."),
        (OSError(5, "Input/output error"), "Cannot be opened: input/output error."),
        (TimeoutError(110, "Connection timed out"), "Cannot be opened: connection timed out."),
        (MemoryError(), "Too large for the memory of this computer."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_reason_outside_the_file_is_not_kept(
    images: list[Path], store: Path, monkeypatch: pytest.MonkeyPatch, cause: Exception, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise cause

    with monkeypatch.context() as patched:
        patched.setattr(CAUSED, fail)
        assert {str(result) for result in survey(images, store).values()} == {reason}
    assert survey(images, store) == {path: examine(path) for path in images}


@pytest.mark.skipif(os.name != "posix", reason="permissions are others elsewhere")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_entered(images: list[Path], store: Path) -> None:
    folder = images[0].parent
    folder.chmod(0)
    try:
        reasons = {str(result) for result in survey(images, store).values()}
    finally:
        folder.chmod(0o700)
    assert reasons == {"Cannot be opened: permission denied."}
    assert all(isinstance(result, ImageFacts) for result in survey(images, store).values())


def test_damage_is_kept_though_pillow_calls_it_an_error_of_the_system(
    images: list[Path], store: Path, examined: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("image file is truncated (7 bytes not processed)")

    monkeypatch.setattr(CAUSED, fail)
    for _ in range(2):
        assert str(survey(images[:1], store)[images[0]]) == DAMAGED
    assert len(examined) == 1


def test_a_file_that_comes_back_is_read(images: list[Path], store: Path) -> None:
    content = images[0].read_bytes()
    images[0].unlink()
    assert isinstance(survey(images, store)[images[0]], ImageError)
    images[0].write_bytes(content)
    assert survey(images, store)[images[0]] == examine(images[0])


def test_a_fault_of_the_program_is_not_swallowed(
    images: list[Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And loses nothing that was read before."""

    def fail(path: Path) -> ImageFacts:
        if path == images[6]:
            raise RuntimeError("a fault of the program")
        return examine(path)

    monkeypatch.setattr(module, "examine", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        survey(images, store)
    assert sorted(kept(images, store)) == sorted(images[:6])


def kept(images: list[Path], store: Path) -> list[Path]:
    with open_facts(store) as facts:
        keys = {path: file_key(path) for path in images}
        return [path for path, key in keys.items() if key and facts.get(key)]


# --- stopping, progress


@pytest.mark.parametrize("read", [0, 1, 5, 11])
def test_stopped_keeps_what_was_read(
    images: list[Path], store: Path, examined: list[Path], read: int
) -> None:
    answers = iter([False] * (len(images) + read) + [True])
    with pytest.raises(Stopped):
        survey(images, store, should_stop=lambda: next(answers))
    assert next(answers, None) is None
    assert kept(images, store) == images[:read]
    examined.clear()
    survey(images, store)
    assert sorted(examined) == sorted(images[read:])


def test_stops_before_anything_is_read(images: list[Path], store: Path, examined: list[Path]) -> None:
    with pytest.raises(Stopped):
        survey(images, store, should_stop=lambda: True)
    assert examined == []


def test_progress_counts_what_is_known_at_once(images: list[Path], store: Path) -> None:
    survey(images[:4], store)
    events: list[Event] = []
    survey(images, store, events.append)
    assert all(isinstance(event, Progress) for event in events)
    progress = [event for event in events if isinstance(event, Progress)]
    assert {(event.stage, event.total) for event in progress} == {("Reading every image", 12)}
    assert [event.done for event in progress] == [0, 4, 4]  # looked up: 0 and 10; read: the first of 8


# --- the data set of a survey


@pytest.fixture
def opened(images: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> curation.OpenedDataset:
    """Six images of each class, the first of which cannot be decoded, and a file skipped before."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    images[0].write_bytes(images[0].read_bytes()[:-300])
    dataset = Dataset(
        folder=tmp_path / "data",
        class_names=("Healthy", "COVID-19"),
        samples=tuple(Sample(path=path, label=number % 2) for number, path in enumerate(images)),
        skipped=(SkippedFile(path=tmp_path / "data" / "notes.txt", reason="Not an image."),),
    )
    return curation.arranged(dataset)


def test_what_only_decoding_shows_to_be_damaged_is_left_out(
    opened: curation.OpenedDataset, images: list[Path]
) -> None:
    """The header is whole, the pixels are cut off."""
    surveyed, facts = curation.surveyed(opened, ignore, never)
    assert list(facts) == images[1:]
    damaged = SkippedFile(path=images[0], reason=DAMAGED)
    for dataset, before in ((surveyed.dataset, opened.dataset), (surveyed.scanned, opened.scanned)):
        assert [sample.path for sample in dataset.samples] == images[1:]
        assert dataset.skipped == (*before.skipped, damaged)
    assert set(surveyed.split.subset_of()) == set(images[1:])


def test_a_data_set_without_odd_files_stays_as_it_is(opened: curation.OpenedDataset) -> None:
    whole = curation.arranged(replace(opened.scanned, samples=opened.scanned.samples[1:]))
    surveyed, facts = curation.surveyed(whole, ignore, never)
    assert surveyed == whole
    assert len(facts) == 11


def test_too_few_readable_images_end_no_survey(opened: curation.OpenedDataset, images: list[Path]) -> None:
    """That a class is empty now, the check will say."""
    for path in images[0::2]:
        path.write_text("These are words and no image.")
    surveyed, facts = curation.surveyed(opened, ignore, never)
    assert list(facts) == images[1::2]
    assert {sample.label for sample in surveyed.dataset.samples} == {1}
    assert set(surveyed.split.subset_of()) == set(facts)


def test_excluded_images_are_not_read(
    opened: curation.OpenedDataset, images: list[Path], examined: list[Path]
) -> None:
    fewer = replace(opened, dataset=replace(opened.dataset, samples=opened.dataset.samples[:3]))
    curation.surveyed(fewer, ignore, never)
    assert sorted(examined) == sorted(images[:3])


def test_a_survey_can_be_stopped(opened: curation.OpenedDataset) -> None:
    with pytest.raises(Stopped):
        curation.surveyed(opened, ignore, lambda: True)
