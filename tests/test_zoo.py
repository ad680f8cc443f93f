"""An image is read bit for bit the same, whichever way it comes in and however it is stored."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import zoo

from covid_desktop import jobs, scoring
from covid_desktop.core import image
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Sample
from covid_desktop.core.events import ignore, never
from covid_desktop.core.loading import read_each, read_images
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError

NAMES = [animal.name for animal in zoo.ZOO]
KINS = {animal.name: animal.kin for animal in zoo.ZOO}
FITS = [
    Preprocessing(width=48, height=56, channels=3),
    Preprocessing(width=33, height=20, channels=1, fit="pad"),
    Preprocessing(width=24, height=24, channels=3, fit="crop"),
]


class Listening:
    """A classifier that keeps what it is shown."""

    familiarity = None

    def __init__(self, preprocessing: Preprocessing) -> None:
        config = TrainingConfig(architecture="small-cnn")
        self.card = ModelCard(
            architecture="small-cnn",
            class_names=("Healthy", "COVID-19"),
            preprocessing=preprocessing,
            config=config,
            threshold=0.5,
        )
        self.checked_as = preprocessing
        self.shown: list[np.ndarray] = []

    def look(self, pixels: np.ndarray, _: Any) -> tuple[np.ndarray, None]:
        self.shown += list(pixels)
        return np.full(len(pixels), 0.25, np.float32), None


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return zoo.draw(tmp_path_factory.mktemp("zoo"))


@pytest.fixture(scope="module")
def pictures() -> dict[str, Any]:
    return zoo.pictures()


def test_it_is_a_zoo(animals: dict[str, Path]) -> None:
    assert len(animals) >= 60
    formats = {image.describe(path).format for path in animals.values()}
    assert formats == {"BMP", "DICOM", "GIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP"}


@pytest.mark.parametrize("preprocessing", FITS, ids=lambda one: one.fit)
def test_all_ways_give_the_same_pixels(animals: dict[str, Path], preprocessing: Preprocessing) -> None:
    paths = list(animals.values())
    listening: Any = Listening(preprocessing)
    samples = [Sample(path=path, label=0) for path in paths]
    ways = {
        "viewer": [image.fit(image.view(path).picture, preprocessing) for path in paths],
        "preview": [image.fit(image.decode(path), preprocessing) for path in paths],
        "training": read_images(samples, preprocessing, "Reading", ignore, never).pixels,
        "panel": [scoring.read(path, listening).pixels for path in paths],
        "batch": list(read_each(paths, preprocessing)),
    }
    jobs.predict(jobs.Model(path=Path("model.keras"), classifier=listening), paths)
    ways["command line"] = listening.shown
    for name, found in ways.items():
        assert len(found) == len(paths), name
        for path, pixels, expected in zip(paths, found, ways["panel"], strict=True):
            assert not isinstance(pixels, ImageError), (name, path.name, pixels)
            assert pixels.dtype == np.uint8
            assert np.array_equal(pixels, expected), (name, path.name)


@pytest.mark.parametrize("name", [name for name in NAMES if KINS[name]])
def test_the_same_picture_is_read_from_every_file_of_it(
    name: str, animals: dict[str, Path], pictures: dict[str, Any]
) -> None:
    assert np.array_equal(image.decode(animals[name]), pictures[KINS[name]])


@pytest.mark.parametrize("name", [name for name in NAMES if not KINS[name]])
def test_loss_is_small(name: str, animals: dict[str, Path], pictures: dict[str, Any]) -> None:
    found = image.decode(animals[name])
    assert found.shape[:2] == pictures["grey"].shape
    grey = found if found.ndim == 2 else found.mean(axis=2)
    assert np.abs(grey.astype(float) - pictures["grey"]).mean() < 4


def test_sizes_and_frames_are_told_as_they_are_read(animals: dict[str, Path]) -> None:
    for name, path in animals.items():
        info, view, facts = image.describe(path), image.view(path), image.examine(path)
        assert (info.width, info.height) == view.size == (facts.width, facts.height), name
        several = 3 if name.startswith(("frames.", "pages.")) else 1
        assert info.frames == view.frames == facts.frames == several, name


def test_what_is_cut_off_is_an_error_or_nothing_is_missing(animals: dict[str, Path], tmp_path: Path) -> None:
    for name, path in animals.items():
        data, whole = path.read_bytes(), image.decode(path)
        for share in (0.3, 0.6, 0.8, 0.9, 0.97):
            cut = tmp_path / "cut"
            cut.write_bytes(data[: int(len(data) * share)])
            try:
                picture = image.decode(cut)
            except ImageError:
                continue
            assert np.array_equal(picture, whole), (name, share)
