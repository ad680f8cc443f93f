"""What the benchmarks share: options, timing, statistics and Markdown.

Each benchmark is a script with a function ``run(options) -> Markdown`` and a process of its own, started by
``run.py``: what one leaves in memory does not touch the next.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image

from covid_desktop import paths
from covid_desktop.core.loading import Images, read_images
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.curation import OpenedDataset

ROOT = Path(__file__).parents[2]
SIDE, DRAWN_SIDE = 1024, 512
CLASSES = ("Healthy", "COVID-19")
NAMES = (
    *("start", "size", "prediction", "feeding", "window"),
    *("check", "refusal", "worklist", "busy", "notebook", "accuracy"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``data`` holds train/ and val/; it is the demo's images where ``is_demo``."""

    names: tuple[str, ...]
    data: Path
    is_demo: bool
    external: Path | None
    reference_epochs: int
    images: int


def parse(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(description="Measure, and print the results as Markdown.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--data", type=Path, help="folder with train/ and val/ (the demo's images)")
    parser.add_argument("--external", type=Path, help="folder of other patients, for accuracy")
    parser.add_argument("--reference-epochs", type=int, default=1, help="of reference-cnn, for accuracy")
    parser.add_argument("--images", type=int, default=10_000, help="how many to draw, for check and worklist")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no benchmark {min(unknown)}")
    return Options(
        names=tuple(given.names) or NAMES,
        data=(given.data or paths.demo_folder() / "images").absolute(),
        is_demo=given.data is None,
        external=given.external and given.external.absolute(),
        reference_epochs=given.reference_epochs,
        images=given.images,
    )


def main(run: Callable[[Options], str]) -> None:
    """Run one benchmark with this process's arguments and print its section."""
    paths.prepare_environment()
    before = _load_average()
    body = run(parse(sys.argv[1:]))
    title = Path(sys.argv[0]).stem.capitalize()
    show(f"## {title}\n\n{body}\n\nLoad average {before} before, {_load_average()} after.\n")


def show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median, and smallest to largest."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def read_split(opened: OpenedDataset, preprocessing: Preprocessing) -> tuple[Images, Images]:
    """Training and validation images."""
    split = opened.split
    first, second = (
        read_images(samples, preprocessing, "", lambda event: None, lambda: False)
        for samples in (split.training, split.validation)
    )
    return first, second


@contextmanager
def drawn_images(options: Options) -> Iterator[Path]:
    """The folder that was named, or a new one of ``options.images`` simulated radiographs."""
    if not options.is_demo:
        yield options.data
        return
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        for name in CLASSES:
            (folder / name).mkdir()
        with Pool() as pool:
            pool.map(_draw, [(folder, number) for number in range(options.images)], chunksize=20)
        yield folder


def _draw(place: tuple[Path, int]) -> None:
    folder, number = place
    small = draw_phantom(number, positive=bool(number % 2), size=DRAWN_SIDE).pixels
    large = np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    noise = np.random.default_rng(number).integers(-3, 4, large.shape, dtype=np.int16)
    noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(folder / CLASSES[number % 2] / f"{number:06}.png", compress_level=1)


def _load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
