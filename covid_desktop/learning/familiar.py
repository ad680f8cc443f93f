"""What a model remembers of the images that it learnt from, to tell others from them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Emit, ShouldStop
from covid_desktop.core.familiarity import MOST_KEPT, Familiarity, learnt
from covid_desktop.core.feature_store import Features
from covid_desktop.core.loading import Images
from covid_desktop.errors import Stopped
from covid_desktop.learning.sights import see_whole

Numbers = NDArray[np.int64]


def remembered(
    training: Images,
    validation: Images,
    features: tuple[Features, Features] | None,
    config: TrainingConfig,
    folder: Path,
    emit: Emit,
    should_stop: ShouldStop,
) -> Familiarity | None:
    """Of at most MOST_KEPT training images, drawn by lot; None where a stop comes before it is known.

    ``features`` are the model's own of both sets, where it has such as tell any image apart; otherwise the
    pretrained network sees them, as far as ``folder`` does not know yet.
    """
    chosen, judged = (_drawn(len(images.samples), config.seed) for images in (training, validation))
    if features:
        seen, seen_in_validation = features[0][chosen], features[1][judged]
    else:
        try:
            chosen, seen = _seen(training, chosen, folder, emit, should_stop)
            _, seen_in_validation = _seen(validation, judged, folder, emit, should_stop)
        except Stopped:
            return None
    if not len(chosen):
        return None
    return learnt(
        seen,
        training.labels[chosen],
        [training.hashes[index] for index in chosen],
        [_in_colour(training.pixels[index]) for index in chosen],
        seen_in_validation,
        keep_thumbnails=config.keep_thumbnails,
    )


def _drawn(count: int, seed: int) -> Numbers:
    return np.sort(np.random.default_rng(seed).permutation(count)[:MOST_KEPT])


def _seen(
    images: Images, chosen: Numbers, folder: Path, emit: Emit, should_stop: ShouldStop
) -> tuple[Numbers, Features]:
    """Those of ``chosen`` that can still be read, and what is seen in them."""
    hashes = {images.samples[index].path: images.hashes[index] for index in chosen}
    seen = see_whole(hashes, folder, emit, should_stop)
    kept = np.array([index for index in chosen if images.samples[index].path in seen], np.int64)
    features = [seen[images.samples[index].path] for index in kept]
    return kept, np.stack(features) if features else np.empty((0, 1), np.float32)


def _in_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
