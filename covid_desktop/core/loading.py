"""Reads many images into memory, a few at a time."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.dataset import Sample, SkippedFile
from covid_desktop.core.events import Emit, FilesSkipped, Progress, ShouldStop
from covid_desktop.core.image import read_hashed_image, read_image
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError, Stopped

Pixels = NDArray[np.uint8]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Samples that could be read, with pixels (n, height, width, channels) and content hashes (SHA-256)."""

    samples: tuple[Sample, ...]
    pixels: Pixels
    hashes: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.array([sample.label for sample in self.samples], np.int64)


def read_each(paths: Sequence[Path], preprocessing: Preprocessing) -> Iterator[Pixels | ImageError]:
    """The pixels of each path in order, or why it cannot be read; a few are read ahead."""
    return read_ahead(paths, lambda path: read_image(path, preprocessing))


def read_in_batches(
    paths: Sequence[Path], read: Callable[[Path], T], size: int
) -> Iterator[list[tuple[Path, T | ImageError]]]:
    """Each path in order with what ``read`` makes of it, ``size`` together; the first alone and at once."""
    results = zip(paths, read_ahead(paths, read, ahead=2 * size), strict=True)
    count = 1
    while batch := list(islice(results, count)):
        yield batch
        count = size


def read_ahead(paths: Sequence[Path], read: Callable[[Path], T], ahead: int = 0) -> Iterator[T | ImageError]:
    """What ``read`` makes of each path in order, or why it cannot be read; a few are read ahead.

    ``ahead`` is how many, if more than twice the processors.
    """

    def attempt(path: Path) -> T | ImageError:
        try:
            return read(path)
        except ImageError as error:
            return error

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        waiting = [pool.submit(attempt, path) for path in paths[: max(ahead, 2 * workers)]]
        try:
            for following in range(len(waiting), len(paths) + len(waiting)):
                result = waiting.pop(0).result()
                if following < len(paths):
                    waiting.append(pool.submit(attempt, paths[following]))
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody asks for the rest


def read_images(
    samples: Sequence[Sample], preprocessing: Preprocessing, stage: str, emit: Emit, should_stop: ShouldStop
) -> Images:
    """Decode every sample once, with ``stage`` as the words for the progress.

    Files that cannot be read are left out and emitted as FilesSkipped. Raises Stopped.
    """
    pixels = np.empty((len(samples), *preprocessing.shape), np.uint8)
    kept: list[Sample] = []
    skipped: list[SkippedFile] = []
    hashes: list[str] = []
    read = read_ahead(
        [sample.path for sample in samples], lambda path: read_hashed_image(path, preprocessing)
    )
    for done, (sample, result) in enumerate(zip(samples, read, strict=True)):
        if should_stop():
            raise Stopped
        if done % 10 == 0:
            emit(Progress(stage=stage, done=done, total=len(samples)))
        if isinstance(result, ImageError):
            skipped.append(SkippedFile(path=sample.path, reason=str(result)))
        else:
            pixels[len(kept)], sha256 = result
            kept.append(sample)
            hashes.append(sha256)
    if skipped:
        emit(FilesSkipped(files=tuple(skipped)))
    return Images(samples=tuple(kept), pixels=pixels[: len(kept)], hashes=tuple(hashes))
