"""The frozen network reads an image once: what it saw is kept, whatever happens."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.dataset import Sample
from covid_desktop.core.events import Event, Progress, ShouldStop, never
from covid_desktop.core.loading import Images
from covid_desktop.errors import Stopped
from covid_desktop.learning import frozen
from covid_desktop.learning.frozen import fit_frozen

SIDE = 32
Arrays = tuple[np.ndarray, ...]


class FakeFeatures:
    """Instead of the network: features (n, 1280) of the pixels, and what it was given."""

    def __init__(self) -> None:
        self.calls: list[np.ndarray] = []

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        self.calls.append(np.array(pixels, np.float32))
        return self.calls[-1].reshape(len(pixels), -1)[:, :1280]

    @property
    def images(self) -> int:
        return sum(len(pixels) for pixels in self.calls)


@pytest.fixture
def features(monkeypatch: pytest.MonkeyPatch) -> FakeFeatures:
    features = FakeFeatures()
    monkeypatch.setattr(frozen, "feature_function", lambda model: features)
    monkeypatch.setattr(frozen, "load_imagenet_weights", lambda model: None)
    monkeypatch.setattr(frozen, "build", lambda *arguments: None)
    monkeypatch.setattr(frozen, "head_of", lambda model: None)
    monkeypatch.setattr(frozen, "standardize", lambda *arguments: None)
    monkeypatch.setattr(frozen, "READ_BATCH", 4)
    return features


@pytest.fixture(autouse=True)
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Arrays]:
    """Instead of training: what the head is given."""
    fits: list[Arrays] = []
    monkeypatch.setattr(
        frozen, "fit", lambda head, training, validation, *rest: fits.append((*training, *validation))
    )
    return fits


def images_of(*numbers: int) -> Images:
    """Noise; the number decides the picture and its content hash."""
    pixels = [
        np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for number in numbers
    ]
    samples = tuple(Sample(path=Path(f"{number}.png"), label=number % 2) for number in numbers)
    return Images(
        samples=samples, pixels=np.stack(pixels), hashes=tuple(f"{number:064x}" for number in numbers)
    )


TRAINING, VALIDATION = images_of(*range(10)), images_of(*range(10, 14))
COPIES = 3
ALL = len(TRAINING.samples) * COPIES + len(VALIDATION.samples)


def flat(images: Images) -> np.ndarray:
    """What ``FakeFeatures`` makes of the images as they are."""
    return images.pixels.reshape(len(images.pixels), -1)[:, :1280]


def read(
    folder: Path,
    training: Images = TRAINING,
    emit: Callable[[Event], None] = lambda event: None,
    should_stop: ShouldStop = never,
    **settings: object,
) -> None:
    config = TrainingConfig(image_size=SIDE, **settings)
    fit_frozen(training, VALIDATION, config, folder, emit, should_stop)


def test_every_copy_of_every_image_is_read_once(features: FakeFeatures, tmp_path: Path) -> None:
    read(tmp_path)
    assert features.images == ALL
    read(tmp_path, epochs=7, learning_rate=0.1, patience=9, batch_size=3, seed=5, class_weights=False)
    assert features.images == ALL


def test_other_augmentation_reads_the_copies_alone(features: FakeFeatures, tmp_path: Path) -> None:
    read(tmp_path, augmentation=AUGMENTATIONS["none"])
    assert features.images == len(TRAINING.samples) + len(VALIDATION.samples)
    read(tmp_path)
    assert features.images == ALL
    read(tmp_path, augmentation=AUGMENTATIONS["notebook"])
    assert features.images == ALL + len(TRAINING.samples) * (COPIES - 1)


def test_one_image_more_is_the_only_one_read(features: FakeFeatures, tmp_path: Path) -> None:
    read(tmp_path)
    features.calls.clear()
    read(tmp_path, images_of(*range(10), 77))
    assert features.images == COPIES
    first, *_ = features.calls
    np.testing.assert_array_equal(first, images_of(77).pixels)


def test_a_stop_keeps_what_was_read(features: FakeFeatures, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        read(tmp_path, should_stop=lambda: features.images >= 14)
    before = features.images
    assert 14 <= before < 14 + 4
    read(tmp_path)
    assert features.images == ALL


def test_a_crash_keeps_what_was_read(
    features: FakeFeatures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(pixels: np.ndarray) -> np.ndarray:
        if features.images >= 20:
            raise KeyboardInterrupt
        return features(pixels)

    with monkeypatch.context() as patch:
        patch.setattr(frozen, "feature_function", lambda model: crash)
        with pytest.raises(KeyboardInterrupt):
            read(tmp_path)
    read(tmp_path)
    assert features.images == ALL


def test_progress_counts_every_copy(features: FakeFeatures, tmp_path: Path) -> None:
    for _ in range(2):
        events: list[Event] = []
        read(tmp_path, emit=events.append)
        done = [event.done for event in events if isinstance(event, Progress) and event.total]
        assert done == sorted(done)
        assert done[-1] == ALL
        assert {event.total for event in events if isinstance(event, Progress)} == {0, ALL}


def test_the_head_learns_what_was_read(features: FakeFeatures, fits: list[Arrays], tmp_path: Path) -> None:
    """Each copy in the images' order, the first as the images are; validation images are never augmented."""
    for _ in range(2):  # fresh, and from the store
        read(tmp_path)
    inputs, labels, judging, truth = fits[0]
    plain = flat(TRAINING)
    np.testing.assert_array_equal(inputs[:10], plain)
    assert not (inputs[10:20] == plain).all(axis=1).any()
    assert not (inputs[10:20] == inputs[20:]).all(axis=1).any()
    np.testing.assert_array_equal(labels, np.tile(TRAINING.labels, COPIES))
    np.testing.assert_array_equal(judging, flat(VALIDATION))
    np.testing.assert_array_equal(truth, VALIDATION.labels)
    for fresh, stored in zip(*fits, strict=True):
        np.testing.assert_array_equal(fresh, stored)


def test_a_copy_follows_from_the_image_whatever_is_beside_it(
    features: FakeFeatures, fits: list[Arrays], tmp_path: Path
) -> None:
    for name, training in (("many", TRAINING), ("few", images_of(5, 3))):
        folder = tmp_path / name
        folder.mkdir()
        read(folder, training)
    (many, *_), (few, *_) = fits
    np.testing.assert_allclose(few, many[[5, 3, 15, 13, 25, 23]], atol=1e-3)
