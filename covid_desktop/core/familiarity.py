"""Whether an image is like those that a model learnt from: judged before it is scored.

Its features are compared with those of training images by cosine, and the distance to the nearest few is what
counts (Sun et al. 2022, "Out-of-distribution detection with deep nearest neighbors", arXiv:2204.06507).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.facts import BLANK, THUMBNAIL_SIDE
from covid_desktop.core.picture import coloured_share
from covid_desktop.core.registration import unit

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

MOST_KEPT = 2000
"""Training images that are compared with; more would not change it and make the model's file larger."""

REFUSED_AT_MOST = 0.02
"""The share of validation images that may lie beyond the limit."""

_NEAREST = 5
_MARGIN = 1.1  # beyond what validation images reach
_ALIKE = 0.3  # median correlation with the typical picture, from which there is such a thing
_INVERTED = -0.15  # chest images and CT slices lie above 0, whatever their disease
_TURN_MARGIN = 0.05  # a turn that costs more likeness than this is not looked into
_TURN_GAIN = 0.9  # what a turn that is right leaves of the distance, at most
_COLOURED = 0.05  # share of pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A training image: its class (0 negative, 1 positive), content (SHA-256), likeness up to 1, picture."""

    label: int
    sha256: str
    likeness: float
    thumbnail: Pixels | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Familiarity:
    """What a model remembers of the images that it learnt from.

    ``features`` (n, m) have length 1; ``labels`` and ``hashes`` (SHA-256) belong to them. ``limit`` is the
    largest distance of an image that is scored, 0 to 1. ``typical`` (64 x 64) is what most images look like,
    of nobody; None where they are not alike. ``thumbnails`` (n, 64, 64) are None unless the user wanted them
    kept. ``is_grey`` where no training image had colours.
    """

    features: Floats
    labels: NDArray[np.int64]
    hashes: tuple[str, ...]
    limit: float
    typical: Floats | None
    thumbnails: Pixels | None = None
    is_grey: bool = True

    def distance(self, features: Floats) -> float:
        """Of an image's features (m,) from the nearest training images: 0 is alike, 1 nothing in common."""
        likeness = self.features @ _normal(features)
        count = min(_NEAREST, len(likeness))
        return float(1 - np.partition(likeness, -count)[-count:].mean())

    def similar(self, features: Floats, count: int = 4) -> tuple[Similar, ...]:
        """The training images most like an image of these features (m,), the nearest first."""
        likeness = self.features @ _normal(features)
        return tuple(
            Similar(
                label=int(self.labels[index]),
                sha256=self.hashes[index],
                likeness=float(likeness[index]),
                thumbnail=None if self.thumbnails is None else self.thumbnails[index],
            )
            for index in np.argsort(-likeness, kind="stable")[:count]
        )

    def adjustments_to_try(self, pixels: Pixels, is_far: bool) -> tuple[Adjustment, ...]:
        """What may make ``pixels`` (side, side, 3) like the others, by their outlines; the likeliest first.

        ``is_far`` for an image that is beyond the limit as it is.
        """
        if self.typical is None:
            return ()
        likeness = self._likeness(thumbnail_of(pixels))
        found = []
        if likeness[0] <= _INVERTED:
            found.append(Adjustment(is_inverted=True))
        turn = int(np.argmax(likeness[1:])) + 1
        if likeness[turn] >= likeness[0] - (1 if is_far else _TURN_MARGIN):
            found.append(Adjustment(quarter_turns=turn))
        return tuple(found)

    def is_better(self, adjustment: Adjustment, adjusted: float, as_it_is: float) -> bool:
        """Whether the distance after ``adjustment`` says that the image was inverted or turned."""
        if adjusted > self.limit:
            return False
        return adjustment.is_inverted or adjusted <= _TURN_GAIN * as_it_is

    def reason(self, pixels: Pixels) -> str:
        """Why an image beyond the limit is not scored, in a sentence."""
        if is_blank(pixels):
            return "The picture is blank, or nearly so."
        if self.is_grey and coloured_share(pixels) >= _COLOURED:
            return "It is a colour picture; the model learnt from grey ones."
        return "It is like none of the images that the model learnt from."

    def _likeness(self, thumbnail: Pixels) -> Floats:
        """The correlation with the typical picture, of the image turned back by 0 to 3 quarters."""
        if self.typical is None:
            return np.zeros(4, np.float32)
        wanted = np.stack([np.rot90(self.typical, -quarters).ravel() for quarters in range(4)])
        return np.asarray(wanted @ unit(thumbnail[None])[0], np.float32)


def thumbnail_of(pixels: Pixels) -> Pixels:
    """Pixels (height, width, 3) as a grey (64, 64)."""
    side = THUMBNAIL_SIDE, THUMBNAIL_SIDE
    return np.asarray(Image.fromarray(pixels).convert("L").resize(side, Image.Resampling.BILINEAR))


def is_blank(pixels: Pixels) -> bool:
    """Whether nothing is to be seen in pixels (height, width, 3)."""
    return bool(thumbnail_of(pixels).std() < BLANK)


def learnt(
    features: Floats,
    labels: NDArray[np.int64],
    hashes: Sequence[str],
    pixels: Sequence[Pixels],
    validation: Floats,
    *,
    keep_thumbnails: bool = False,
) -> Familiarity:
    """From features (n, m), labels, content hashes and pixels of training images, and validation features.

    The limit is such that at most REFUSED_AT_MOST of the validation images lie beyond it.
    """
    normal = np.stack([_normal(one) for one in features])
    thumbnails = np.stack([thumbnail_of(one) for one in pixels])
    known = Familiarity(
        features=normal, labels=labels, hashes=tuple(hashes), limit=1.0, typical=typical(thumbnails)
    )
    reached = [_most(np.array([known.distance(one) for one in validation])), _most(_among_themselves(normal))]
    return Familiarity(
        features=normal,
        labels=labels,
        hashes=tuple(hashes),
        limit=float(min(1.0, _MARGIN * max(reached))),
        typical=known.typical,
        thumbnails=thumbnails if keep_thumbnails else None,
        is_grey=not any(coloured_share(one) >= _COLOURED for one in pixels),
    )


def typical(thumbnails: Pixels) -> Floats | None:
    """What most thumbnails (n, 64, 64) look like, as (64, 64) of length 1; None if they are not alike."""
    seen = thumbnails[thumbnails.std(axis=(1, 2)) >= BLANK]
    if not len(seen):
        return None
    outlines = unit(seen)
    middle = unit(np.median(outlines, axis=0)[None])[0]
    if np.median(outlines @ middle) < _ALIKE:
        return None
    return np.asarray(middle, np.float32).reshape(THUMBNAIL_SIDE, THUMBNAIL_SIDE)


def _most(distances: NDArray[np.floating]) -> float:
    """The largest of the distances but for the share that may be refused; 0 of none."""
    beyond = int(REFUSED_AT_MOST * len(distances))
    return float(np.sort(distances)[-1 - beyond]) if len(distances) else 0.0


def _among_themselves(normal: Floats) -> Floats:
    """The distance of each training image from the others."""
    if len(normal) < 2:
        return np.zeros(0, np.float32)
    likeness = normal @ normal.T
    np.fill_diagonal(likeness, -np.inf)
    count = min(_NEAREST, len(normal) - 1)
    return np.asarray(1 - np.partition(likeness, -count, axis=1)[:, -count:].mean(axis=1))


def _normal(features: Floats) -> Floats:
    length = float(np.linalg.norm(features))
    return np.asarray(features / length if length else features, np.float32)
