"""What the pretrained network sees for a shortcut audit: whole, without its centre, and once for all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core import sights as core_sights
from covid_desktop.core.events import Progress, ignore, never
from covid_desktop.core.image import content_hash, read_image
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.errors import Stopped
from covid_desktop.learning import sights
from covid_desktop.learning.sights import PREPROCESSING, see

FeatureFunction = Callable[[Any], Any]


@pytest.fixture(scope="module")
def network() -> FeatureFunction:
    return sights._network()


class Looks:
    """How many pictures the network was shown at once."""

    def __init__(self) -> None:
        self.pictures: list[int] = []


@pytest.fixture
def looks(network: FeatureFunction, monkeypatch: pytest.MonkeyPatch) -> Looks:
    made = Looks()

    def counting(pixels: Any) -> Any:
        made.pictures.append(len(pixels))
        return network(pixels)

    monkeypatch.setattr(sights, "_network", lambda: counting)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five different radiographs."""
    folder = tmp_path_factory.mktemp("sights")
    for number in range(5):
        pixels = draw_phantom(number, positive=number % 2 == 1, size=64).pixels
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def hashes(folder: Path) -> dict[Path, str]:
    return {path: content_hash(path) for path in sorted(folder.iterdir())}


def no_file(*_: object) -> Iterator[object]:
    raise AssertionError("a file was read")


def test_each_image_is_seen_whole_and_without_its_centre(
    hashes: dict[Path, str], tmp_path: Path, network: FeatureFunction, looks: Looks
) -> None:
    seen = see(hashes, tmp_path, ignore, never)
    assert list(seen) == list(hashes)
    pixels = np.stack([read_image(path, PREPROCESSING) for path in hashes])
    for part, shown in enumerate((pixels, core_sights.blacked_out(pixels))):
        vectors = np.stack([one[part] for one in seen.values()])
        assert vectors.shape == (5, 1280)
        np.testing.assert_allclose(vectors, network(shown), atol=1e-4)
        assert len(np.unique(vectors, axis=0)) == 5
    assert looks.pictures == [5, 5]


def test_what_is_blacked_out_is_not_seen(folder: Path, tmp_path: Path, looks: Looks) -> None:
    """Two pictures that differ in the centre alone."""
    with Image.open(folder / "0.png") as picture:
        one, other = np.asarray(picture), np.array(picture)
    other[20:44, 20:44] = 255 - other[20:44, 20:44]
    paths = [tmp_path / "one.png", tmp_path / "other.png"]
    for path, pixels in zip(paths, (one, other), strict=True):
        Image.fromarray(pixels).save(path)
    first, second = see({path: content_hash(path) for path in paths}, tmp_path, ignore, never).values()
    assert np.abs(first[0] - second[0]).max() > 0.1
    np.testing.assert_allclose(first[1], second[1], atol=1e-5)
    assert np.abs(first[0] - first[1]).max() > 0.1


def test_what_was_seen_is_known_by_its_content(
    hashes: dict[Path, str], tmp_path: Path, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the file is now; neither the network nor a file is needed."""
    before = see(hashes, tmp_path, ignore, never)
    monkeypatch.setattr(sights, "read_each", no_file)
    moved = {Path("/elsewhere") / path.name: image for path, image in hashes.items()}
    after = see(moved, tmp_path, ignore, never)
    assert looks.pictures == [5, 5]
    for (old, one), (new, other) in zip(before.items(), after.items(), strict=True):
        assert old.name == new.name
        np.testing.assert_array_equal(one, other)


def test_only_what_is_new_is_looked_at(hashes: dict[Path, str], tmp_path: Path, looks: Looks) -> None:
    some = dict(list(hashes.items())[:2])
    see(some, tmp_path, ignore, never)
    heard: list[Any] = []
    assert len(see(hashes, tmp_path, heard.append, never)) == 5
    assert looks.pictures == [2, 2, 3, 3]
    assert heard[1:] == [Progress(stage="Looking for shortcuts", done=2, total=5)]


def test_what_cannot_be_read_any_more_is_left_out(
    hashes: dict[Path, str], tmp_path: Path, looks: Looks
) -> None:
    gone, broken = tmp_path / "gone.png", tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    seen = see({gone: "a", **hashes, broken: "b"}, tmp_path, ignore, never)
    assert list(seen) == list(hashes)
    assert see({gone: "a", broken: "b"}, tmp_path, ignore, never) == {}
    assert looks.pictures == [5, 5]


def test_nothing_to_look_at_needs_no_network(tmp_path: Path, looks: Looks) -> None:
    assert see({}, tmp_path, ignore, never) == {}
    assert looks.pictures == []


def test_a_stop_keeps_what_was_seen(
    hashes: dict[Path, str], tmp_path: Path, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights, "_READ_BATCH", 2)
    heard: list[Any] = []
    with pytest.raises(Stopped):
        see(hashes, tmp_path, heard.append, lambda: len(heard) == 3)
    assert [event.done for event in heard[1:]] == [0, 2]
    assert looks.pictures == [2, 2, 2, 2]
    assert len(see(hashes, tmp_path, ignore, never)) == 5
    assert looks.pictures[4:] == [1, 1]
    with pytest.raises(Stopped):
        see(hashes, tmp_path / "another store", ignore, lambda: True)
    assert len(looks.pictures) == 6


def test_the_network_is_said_to_be_loaded(hashes: dict[Path, str], tmp_path: Path) -> None:
    heard: list[Any] = []
    seen = see(hashes, tmp_path, heard.append, never)
    assert heard[0] == Progress(stage="Loading the pretrained network")
    assert all(part.shape == (1280,) for one in seen.values() for part in one)
    heard.clear()
    see(hashes, tmp_path, heard.append, never)
    assert heard == []
