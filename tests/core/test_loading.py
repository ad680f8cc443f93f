"""Many images into one array: in order, a few at a time, and stopped at once."""

import hashlib
import io
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core import loading
from covid_desktop.core.dataset import Sample, SkippedFile
from covid_desktop.core.events import Event, FilesSkipped, Progress, ignore, never
from covid_desktop.core.image import read_image
from covid_desktop.core.loading import Images, Pixels, read_ahead, read_each, read_images
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError, Stopped

SMALL = Preprocessing(width=8, height=6, channels=1)
BROKEN = {3, 7}


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Twelve images, two of which are broken."""
    return [
        Sample(path=write(tmp_path / f"{number:02}.png", number), label=number % 2) for number in range(12)
    ]


def write(path: Path, number: int) -> Path:
    if number in BROKEN:
        path.write_text("These are words and no image.")
    else:
        path.write_bytes(drawn(number))
    return path


@cache
def drawn(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_phantom(seed, positive=False, size=32).pixels).save(file, "PNG")
    return file.getvalue()


def load(samples: list[Sample], events: list[Event] | None = None) -> Images:
    emit = ignore if events is None else events.append
    return read_images(samples, SMALL, "Reading", emit, never)


def test_what_can_be_read_is_read_in_order(samples: list[Sample]) -> None:
    images = load(samples)
    readable = [sample for number, sample in enumerate(samples) if number not in BROKEN]
    assert images.samples == tuple(readable)
    assert images.pixels.shape == (10, 6, 8, 1)
    assert images.pixels.dtype == np.uint8
    assert np.array_equal(images.pixels, [read_image(sample.path, SMALL) for sample in readable])
    assert images.labels.tolist() == [sample.label for sample in readable]
    assert images.hashes == tuple(hashlib.sha256(one.path.read_bytes()).hexdigest() for one in readable)


def test_what_cannot_be_read_is_told(samples: list[Sample]) -> None:
    events: list[Event] = []
    load(samples, events)
    skipped = tuple(SkippedFile(path=samples[n].path, reason="Not an image.") for n in sorted(BROKEN))
    assert events == [
        Progress(stage="Reading", done=0, total=12),
        Progress(stage="Reading", done=10, total=12),
        FilesSkipped(files=skipped),
    ]


def test_nothing_to_read() -> None:
    images = load([])
    assert (images.samples, images.hashes) == ((), ())
    assert images.pixels.shape == (0, 6, 8, 1)
    assert images.labels.shape == (0,)


def test_nothing_that_can_be_read(samples: list[Sample]) -> None:
    assert load([samples[n] for n in BROKEN]).pixels.shape == (0, 6, 8, 1)


def test_stops_at_the_next_image(samples: list[Sample]) -> None:
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        read_images(samples, SMALL, "Reading", ignore, lambda: next(answers))
    assert next(answers, None) is None


def test_each_path_gives_pixels_or_the_reason(samples: list[Sample]) -> None:
    paths = [*(sample.path for sample in samples), Path("nowhere.png")]
    results = list(read_each(paths, SMALL))
    errors = {number for number, result in enumerate(results) if isinstance(result, ImageError)}
    assert errors == {*BROKEN, 12}
    assert str(results[12]).startswith("Cannot be opened: no such file")
    assert list(read_each([], SMALL)) == []


def test_only_a_few_are_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest would fill the memory, and be read in vain when the job is stopped."""
    read: list[Path] = []

    def noting(path: Path, preprocessing: Preprocessing) -> Pixels:
        read.append(path)
        return np.zeros(preprocessing.shape, np.uint8)

    monkeypatch.setattr(loading, "read_image", noting)
    results = read_each([Path(str(number)) for number in range(1000)], SMALL)
    for _ in range(3):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert 3 <= len(read) <= 2 * (os.cpu_count() or 1) + 3


def test_an_unforeseen_error_is_not_swallowed(samples: list[Sample], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, preprocessing: Preprocessing) -> None:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(loading, "read_hashed_image", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        load(samples)


def test_anything_can_be_read_ahead(samples: list[Sample]) -> None:
    def read(path: Path) -> str:
        if path.stem == "01":
            raise ImageError("Blurred.")
        return path.stem

    first, second, third = read_ahead([sample.path for sample in samples[:3]], read)
    assert (first, str(second), third) == ("00", "Blurred.", "02")
    assert isinstance(second, ImageError)
