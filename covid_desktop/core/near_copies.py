"""Pairs of near copies among many pictures: by hash, then by tangents, then by their pixels once aligned.

The limits were chosen on simulated and real images, X-rays and CT slices, so that slices next to each
other and two films of one patient are no copies, and those cropped by 3 % of each side are.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.grouping import joined
from covid_desktop.core.registration import Floats, Pictures, agreement, outlines, tangents
from covid_desktop.errors import Stopped

MOST_BITS = 46  # of 144 in the hashes that differ
LEAST_EXPLAINED = 0.994  # of one's outline by the tangents of the other, as a cosine
LEAST_AGREEMENT = 0.988  # correlation of the fine structure, once aligned
_AT_ONCE = 256
Pairs = NDArray[np.int64]
"""(pairs, 2): indices of pictures, the lower first"""


def near_copies(facts: Sequence[ImageFacts], emit: Emit, should_stop: ShouldStop) -> list[tuple[int, int]]:
    """Pairs of indices that join all copies; pairs already joined through others are left out."""
    if not facts:
        return []
    pictures = np.stack([each.picture for each in facts])
    likely = _likely(facts, pictures, emit, should_stop)
    labels, found = joined(len(facts), []), list[tuple[int, int]]()
    for start in range(0, len(likely), _AT_ONCE):
        _go_on("Comparing likely copies", start, len(likely), emit, should_stop)
        pairs = likely[start : start + _AT_ONCE]
        ones, others = pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]].T
        same = agreement(pictures[ones], pictures[others]) >= LEAST_AGREEMENT
        found += zip(ones[same].tolist(), others[same].tolist(), strict=True)
        labels = joined(len(facts), found)
    return found


def _likely(facts: Sequence[ImageFacts], pictures: Pictures, emit: Emit, should_stop: ShouldStop) -> Pairs:
    signs, found = _signs(facts), []
    starts = range(0, len(facts), _AT_ONCE)
    flat = np.concatenate([outlines(pictures[start : start + _AT_ONCE]) for start in starts])
    for start in starts:
        _go_on("Looking for copies", start, len(facts), emit, should_stop)
        part = slice(start, start + _AT_ONCE)
        alike = signs[part] @ signs.T >= signs.shape[1] - 2 * MOST_BITS
        alike &= _explained(tangents(pictures[part]), flat) >= LEAST_EXPLAINED**2
        rows, near = np.nonzero(alike)
        found.append(np.stack([start + rows, near], axis=1))
    pairs = np.sort(np.concatenate(found), axis=1)  # each may come twice: the larger picture explains better
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)


def _explained(bases: Floats, flat: Floats) -> Floats:
    """The squared cosine of each outline with what each basis spans: (bases, outlines)."""
    explained = np.zeros((len(bases), len(flat)), np.float32)
    for vector in np.moveaxis(bases, 2, 0):
        explained += np.square(vector @ flat.T)
    return explained


def _go_on(stage: str, done: int, total: int, emit: Emit, should_stop: ShouldStop) -> None:
    if should_stop():
        raise Stopped
    emit(Progress(stage=stage, done=done, total=total))


def _signs(facts: Sequence[ImageFacts]) -> Floats:
    """The bits of each hash as -1 and 1, so that products count those that agree."""
    hashes = np.frombuffer(b"".join(each.phash for each in facts), np.uint8).reshape(len(facts), -1)
    return np.unpackbits(hashes, axis=1).astype(np.float32) * 2 - 1
