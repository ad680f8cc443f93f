"""The shortcut audit on simulated sets: it fires where a shortcut was planted, and stays quiet elsewhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from covid_desktop import curation, jobs
from covid_desktop.core.dataset import Dataset, Sample
from covid_desktop.core.phantom import draw_phantom

SETS, ENOUGH = 20, 19  # 0.95 of them must be judged right
POOL, DRAWN = 120, 40  # images of each class: there are so many, and so many are in each set
SIZE = 128
Pixels = NDArray[np.uint8]


def with_mark(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A bright square in a corner, as a technician's letter of lead."""
    side = int(rng.integers(8, 13))
    marked = pixels.copy()
    marked[4 : 4 + side, -4 - side : -4] = 245
    return marked


def of_another_size(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    side = int(rng.integers(96, 123))
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


def of_another_scanner(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Noisier."""
    noisy = pixels + rng.normal(0, rng.uniform(4, 8), pixels.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


PLANTS: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "mark": with_mark,
    "size": of_another_size,
    "noise": of_another_scanner,
}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Healthy and positive radiographs, and the positive ones once more with each shortcut planted."""
    root = tmp_path_factory.mktemp("pool")
    for number in range(POOL):
        save(root / "healthy" / f"{number}.png", draw_phantom(2 * number, positive=False, size=SIZE).pixels)
        positive = draw_phantom(2 * number + 1, positive=True, size=SIZE).pixels
        save(root / "positive" / f"{number}.png", positive)
        for seed, (name, plant) in enumerate(PLANTS.items()):
            save(root / name / f"{number}.png", plant(positive, np.random.default_rng([number, seed])))
    return root


def save(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path)


def verdict(pool: Path, positives: str, seed: int) -> str:
    rng = np.random.default_rng(seed)
    samples = tuple(
        Sample(path=pool / name / f"{number}.png", label=label)
        for label, name in enumerate(("healthy", positives))
        for number in rng.choice(POOL, DRAWN, replace=False)
    )
    dataset = Dataset(folder=pool, class_names=("Healthy", "COVID-19"), samples=samples)
    return jobs.audit(curation.arranged(dataset)).verdict


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("positives", "wanted"), [("positive", "green"), *((plant, "red") for plant in PLANTS)]
)
def test_seeded_sets_are_judged_right(pool: Path, positives: str, wanted: str) -> None:
    verdicts = [verdict(pool, positives, seed) for seed in range(SETS)]
    assert verdicts.count(wanted) >= ENOUGH, verdicts
