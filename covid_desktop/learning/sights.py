"""What the frozen pretrained network sees: whole pictures, and for a shortcut audit without their centre."""

import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from covid_desktop.core.config import AUGMENTATIONS
from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.feature_store import Features, Reading, open_store
from covid_desktop.core.loading import Pixels, read_each
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.sights import blacked_out
from covid_desktop.errors import ImageError, Stopped
from covid_desktop.learning.architectures import build
from covid_desktop.learning.pretrained import (
    WEIGHTS,
    FeatureFunction,
    feature_function,
    load_imagenet_weights,
)

PREPROCESSING = Preprocessing(width=160, height=160, channels=3)
"""Half the pixels that training sees, in half the time; the classes are told apart about as well."""

_READ_BATCH = 32
_WHOLE, _BLACKED_OUT = (
    Reading(
        weights=WEIGHTS,
        preprocessing=PREPROCESSING,
        augmentation=AUGMENTATIONS["none"],
        copy=0,
        is_blacked_out=is_blacked_out,
    )
    for is_blacked_out in (False, True)
)

_loading = threading.Lock()

Seen = tuple[Features, Features]
"""Of the whole picture and of the one without its centre, (1280,) each."""


def see(hashes: Mapping[Path, str], folder: Path, emit: Emit, should_stop: ShouldStop) -> dict[Path, Seen]:
    """What is seen in each image, by path; without those that cannot be read any more.

    ``hashes`` are those of the files' contents. What was seen before is known from ``folder``. Raises
    Stopped.
    """
    readings = {_WHOLE: lambda pixels: pixels, _BLACKED_OUT: blacked_out}
    seen = _seen(hashes, readings, folder, "Looking for shortcuts", emit, should_stop)
    return {path: (whole, blacked) for path, (whole, blacked) in seen.items()}


def see_whole(
    hashes: Mapping[Path, str], folder: Path, emit: Emit, should_stop: ShouldStop
) -> dict[Path, Features]:
    """The same of whole pictures alone."""
    readings = {_WHOLE: lambda pixels: pixels}
    seen = _seen(hashes, readings, folder, "Remembering the training images", emit, should_stop)
    return {path: whole for path, (whole,) in seen.items()}


def features_of(pixels: Pixels) -> Features:
    """What is seen in pixels (n, 160, 160, 3): (n, 1280). Safe to call from several threads."""
    return _network()(pixels)


def _seen(
    hashes: Mapping[Path, str],
    readings: Mapping[Reading, Callable[[Pixels], Pixels]],
    folder: Path,
    stage: str,
    emit: Emit,
    should_stop: ShouldStop,
) -> dict[Path, list[Features]]:
    """By path, in the order of ``readings``, each with what it does to the pixels."""
    with open_store(folder) as store:
        known = {reading: store.get(reading, hashes.values()) for reading in readings}
        missing = [
            path for path, image in hashes.items() if any(image not in seen for seen in known.values())
        ]
        if missing:
            emit(Progress(stage="Loading the pretrained network"))
        for start in range(0, len(missing), _READ_BATCH):
            if should_stop():
                raise Stopped
            done = len(hashes) - len(missing) + start
            emit(Progress(stage=stage, done=done, total=len(hashes)))
            paths, pixels = _read(missing[start : start + _READ_BATCH])
            images = [hashes[path] for path in paths]
            if not images:
                continue
            for reading, change in readings.items():
                vectors = features_of(change(pixels))
                store.put(reading, images, vectors)
                known[reading].update(zip(images, vectors, strict=True))
    everything = list(known.values())
    return {
        path: [seen[image] for seen in everything]
        for path, image in hashes.items()
        if all(image in seen for seen in everything)
    }


def _network() -> FeatureFunction:
    """Loaded once for all."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> FeatureFunction:
    model = build("efficientnet-lite0", PREPROCESSING)
    load_imagenet_weights(model)
    return feature_function(model)


def _read(paths: list[Path]) -> tuple[list[Path], Pixels]:
    """Those that can be read, and their pixels."""
    results = zip(paths, read_each(paths, PREPROCESSING), strict=True)
    readable = [(path, pixels) for path, pixels in results if not isinstance(pixels, ImageError)]
    blank = np.empty((0, *PREPROCESSING.shape), np.uint8)
    return [path for path, _ in readable], np.stack([pixels for _, pixels in readable]) if readable else blank
