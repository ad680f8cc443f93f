"""What the frozen pretrained network sees for a shortcut audit: whole pictures, and without their centre."""

from collections.abc import Mapping
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

Seen = tuple[Features, Features]
"""Of the whole picture and of the one without its centre, (1280,) each."""


def see(hashes: Mapping[Path, str], folder: Path, emit: Emit, should_stop: ShouldStop) -> dict[Path, Seen]:
    """What is seen in each image, by path; without those that cannot be read any more.

    ``hashes`` are those of the files' contents. What was seen before is known from ``folder``. Raises
    Stopped.
    """
    with open_store(folder) as store:
        whole, blacked = (store.get(reading, hashes.values()) for reading in (_WHOLE, _BLACKED_OUT))
        missing = [path for path, image in hashes.items() if image not in whole or image not in blacked]
        features_of = _network(emit) if missing else None
        for start in range(0, len(missing), _READ_BATCH):
            if should_stop():
                raise Stopped
            done = len(hashes) - len(missing) + start
            emit(Progress(stage="Looking for shortcuts", done=done, total=len(hashes)))
            paths, pixels = _read(missing[start : start + _READ_BATCH])
            images = [hashes[path] for path in paths]
            if not features_of or not images:
                continue
            for reading, known, seen in (
                (_WHOLE, whole, pixels),
                (_BLACKED_OUT, blacked, blacked_out(pixels)),
            ):
                vectors = features_of(seen)
                store.put(reading, images, vectors)
                known.update(zip(images, vectors, strict=True))
    return {path: (whole[image], blacked[image]) for path, image in hashes.items() if image in blacked}


def _network(emit: Emit) -> FeatureFunction:
    emit(Progress(stage="Loading the pretrained network"))
    model = build("efficientnet-lite0", PREPROCESSING)
    load_imagenet_weights(model)
    return feature_function(model)


def _read(paths: list[Path]) -> tuple[list[Path], Pixels]:
    """Those that can be read, and their pixels."""
    results = zip(paths, read_each(paths, PREPROCESSING), strict=True)
    readable = [(path, pixels) for path, pixels in results if not isinstance(pixels, ImageError)]
    blank = np.empty((0, *PREPROCESSING.shape), np.uint8)
    return [path for path, _ in readable], np.stack([pixels for _, pixels in readable]) if readable else blank
