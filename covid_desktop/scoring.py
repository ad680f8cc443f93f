"""Scores images, after a look at whether each is like those that the model learnt from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.events import ShouldStop
from covid_desktop.core.familiarity import Familiarity, Similar, is_blank
from covid_desktop.core.image import decode, fit
from covid_desktop.core.loading import read_in_batches
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import ImageError

if TYPE_CHECKING:
    from covid_desktop.learning.classifier import Classifier

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

NO_NUMBER = "The model gives no number: its weights are damaged."
_BATCH_SIZE = 8  # twice as fast as one by one; more is hardly faster and comes later


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An image as the network sees it, and as it is compared with training images."""

    pixels: Pixels
    checked: Pixels


def read(path: Path, classifier: Classifier, adjustment: Adjustment = AS_IT_IS) -> Read:
    """Decode once. Raises ImageError."""
    picture = adjustment.applied(decode(path))
    preprocessing, checked_as = classifier.card.preprocessing, classifier.checked_as
    pixels = fit(picture, preprocessing)
    return Read(pixels=pixels, checked=pixels if checked_as == preprocessing else fit(picture, checked_as))


def score_each(
    classifier: Classifier,
    images: Sequence[Path],
    adjustments: Mapping[Path, Adjustment],
    anyway: bool,
    should_stop: ShouldStop,
) -> Iterator[Prediction]:
    """One result for each image, in order; stopping leaves the rest out.

    Images unlike the training images are refused, unless ``anyway``. Those in ``adjustments`` are turned or
    inverted first, and then nothing else is suggested.
    """
    for batch in read_in_batches(images, partial(_read, classifier, adjustments), _BATCH_SIZE):
        if should_stop():
            return
        card = classifier.card  # the window may put another one into the model's place meanwhile
        readable = [found for _, found in batch if not isinstance(found, ImageError)]
        looked = iter(_look(classifier, readable))
        for path, found in batch:
            adjustment = adjustments.get(path, AS_IT_IS)
            if isinstance(found, ImageError):
                yield Prediction(
                    path=path,
                    label=None,
                    score=None,
                    threshold=card.threshold,
                    error=str(found),
                    adjustment=adjustment,
                )
                continue
            score, features = next(looked)
            refusal = _refusal(classifier, found.checked, features, adjustment)
            yield _prediction(card, path, score, refusal, adjustment, anyway)


def similar_images(classifier: Classifier, path: Path, adjustment: Adjustment) -> tuple[Similar, ...]:
    """The training images most like an image; none where the model remembers none. Raises ImageError."""
    if not classifier.familiarity:
        return ()
    (features,) = classifier.features(read(path, classifier, adjustment).checked[None])
    return classifier.familiarity.similar(features)


def _read(classifier: Classifier, adjustments: Mapping[Path, Adjustment], path: Path) -> Read:
    return read(path, classifier, adjustments.get(path, AS_IT_IS))


def _look(classifier: Classifier, images: Sequence[Read]) -> list[tuple[float, Floats | None]]:
    if not images:
        return []
    checked = np.stack([image.checked for image in images]) if classifier.familiarity else None
    scores, features = classifier.look(np.stack([image.pixels for image in images]), checked)
    return list(zip(scores.tolist(), features if features is not None else [None] * len(images), strict=True))


_Refusal = tuple[str, Adjustment | None]


def _refusal(
    classifier: Classifier, checked: Pixels, features: Floats | None, adjustment: Adjustment
) -> _Refusal | None:
    """Why an image is not like the training images, and what would make it like them."""
    known = classifier.familiarity
    if known is None or features is None:
        return None
    distance = known.distance(features)
    is_far = distance > known.limit
    if is_blank(checked):
        return known.reason(checked), None
    if adjustment == AS_IT_IS and (better := _better(classifier, known, checked, distance)):
        return f"It seems to be {better.words}.", better.undone
    return (known.reason(checked), None) if is_far else None


def _better(
    classifier: Classifier, known: Familiarity, checked: Pixels, distance: float
) -> Adjustment | None:
    """How the image was inverted or turned, if it was."""
    found: list[tuple[float, Adjustment]] = []
    for adjustment in known.adjustments_to_try(checked, distance > known.limit):
        adjusted = adjustment.applied(checked)
        if adjusted.shape != checked.shape:
            continue
        (features,) = classifier.features(adjusted[None])
        reached = known.distance(features)
        if known.is_better(adjustment, reached, distance):
            found.append((reached, adjustment.undone))
    return min(found, key=itemgetter(0))[1] if found else None


def _prediction(
    card: ModelCard,
    path: Path,
    score: float,
    refusal: _Refusal | None,
    adjustment: Adjustment,
    anyway: bool,
) -> Prediction:
    reason, suggestion = refusal or (None, None)
    unscored = Prediction(
        path=path,
        label=None,
        score=None,
        threshold=card.threshold,
        refusal=reason,
        suggestion=suggestion,
        adjustment=adjustment,
    )
    if not math.isfinite(score):
        return replace(unscored, error=NO_NUMBER)
    if reason and not anyway:
        return unscored
    return replace(
        unscored,
        label=card.label_of(score),
        score=score,
        probability=card.probability_of(score),
        is_indeterminate=card.is_indeterminate(score),
    )
