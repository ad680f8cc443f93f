"""Drawn images in class folders, and networks trained on them once for all tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Dataset, Split
from covid_desktop.core.events import Event, ShouldStop, never
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.scan import scan
from covid_desktop.core.split import split
from covid_desktop.learning import frozen
from covid_desktop.learning.training import TrainedModel, train

COUNTS = {"train": 6, "val": 3, "test": 2}
SETTINGS: dict[str, dict[str, Any]] = {
    "small-cnn": {"epochs": 2, "batch_size": 4, "learning_rate": 0.01},
    "efficientnet-lite0": {"epochs": 3, "batch_size": 4},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A folder of drawn images, looked through and divided."""

    folder: Path
    dataset: Dataset
    split: Split

    @property
    def test_images(self) -> list[Path]:
        return [sample.path for sample in self.split.test]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A training run and what it said."""

    trained: TrainedModel
    events: list[Event]
    images_read: int

    @property
    def curves(self) -> list[dict[str, float]]:
        """Every number of the history but the seconds."""
        return [
            {name: value for name, value in epoch.items() if name != "seconds"}
            for epoch in self.trained.history.to_json()["epochs"]
        ]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


StartRun = Callable[..., Run]


def config_of(architecture: str, **settings: Any) -> TrainingConfig:
    values = {"architecture": architecture, "image_size": 40, **SETTINGS[architecture], **settings}
    return TrainingConfig(**values)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("images")
    seed = 0
    for part, count in COUNTS.items():
        for name in ("Healthy", "COVID-19"):
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                seed += 1
                pixels = draw_phantom(seed, positive=name == "COVID-19", size=64).pixels
                Image.fromarray(pixels).save(place / f"{number}.png")
    dataset = scan(folder)
    return Data(folder=folder, dataset=dataset, split=split(dataset))


@contextmanager
def counted_features() -> Iterator[list[int]]:
    """The number of images in each call of the frozen network."""
    calls: list[int] = []
    original = frozen.feature_function

    def counting(model: Any) -> Any:
        features_of = original(model)

        def count(pixels: Any) -> Any:
            calls.append(len(pixels))
            return features_of(pixels)

        return count

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frozen, "feature_function", counting)
        yield calls


@pytest.fixture(scope="session")
def start_run(data: Data) -> StartRun:
    """Trains on the drawn images: ``start_run(config, store, should_stop=..., split=...)``."""

    def start(
        config: TrainingConfig,
        store: Path,
        *,
        should_stop: ShouldStop = never,
        split: Split | None = None,
        emit: Callable[[Event], None] | None = None,
    ) -> Run:
        events: list[Event] = []

        def hear(event: Event) -> None:
            events.append(event)
            if emit:
                emit(event)

        with counted_features() as calls:
            trained = train(data.dataset, split or data.split, config, store, hear, should_stop)
        return Run(trained=trained, events=events, images_read=sum(calls))

    return start


@pytest.fixture(scope="session")
def make_config() -> Callable[..., TrainingConfig]:
    """``make_config(architecture, **settings)``: tiny and quick."""
    return config_of


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs below keep features."""
    return tmp_path_factory.mktemp("features")


@pytest.fixture(scope="session")
def runs(start_run: StartRun, store: Path) -> Callable[[str], Run]:
    """The one run of each architecture that tests share."""
    done: dict[str, Run] = {}

    def run(architecture: str) -> Run:
        if architecture not in done:
            done[architecture] = start_run(config_of(architecture), store)
        return done[architecture]

    return run


@pytest.fixture(scope="session")
def noise() -> Callable[..., np.ndarray]:
    """``noise(count, height, width, channels)``: uint8 pixels, the same each time."""

    def make(*shape: int) -> np.ndarray:
        return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)

    return make
