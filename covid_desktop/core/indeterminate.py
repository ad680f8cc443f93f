"""Scores too near the threshold to call: the band in which most of the errors lie."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from covid_desktop.core.calibration import logits
from covid_desktop.core.words import counted, percent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Scores from ``low`` to ``high``, both included."""

    low: float
    high: float

    def holds(self, score: float) -> bool:
        return self.low <= score <= self.high


def band_for(labels: ArrayLike, scores: ArrayLike, threshold: float, share: float) -> Band | None:
    """The band around ``threshold`` with the fewest images that catches a share (0 to 1) of the errors there.

    It grows on either side from one error to the next. Of bands with as few images it is the one whose
    farther end is nearer to the threshold, by the distance of logits. None where nothing is to be caught.
    Raises ValueError for a share that is none.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"no share: {share}")
    values, missed, flagged = _errors(labels, scores, threshold)
    # Rounding must not ask for one error more: 0.07 times 100 is a little over 7.
    wanted = math.ceil(round(share * (len(missed) + len(flagged)), 9))
    if not wanted:
        return None
    bands = _bands(missed, flagged, threshold, wanted)
    return min(bands, key=lambda band: (_held(values, band), _reach(band, threshold), band.low))


def band_words(labels: ArrayLike, scores: ArrayLike, threshold: float, band: Band) -> str:
    """How many of the images, and of the errors at the threshold, a band holds, in a sentence."""
    values, missed, flagged = _errors(labels, scores, threshold)
    wrong = np.concatenate([missed, flagged])
    images, errors = _held(values, band), _held(wrong, band)
    words = (
        f"Scores from {band.low:.3f} to {band.high:.3f} are indeterminate: "
        f"{images:,} of {counted(len(values), 'image')}"
    )
    if len(values):
        words += f" ({percent(images / len(values))})"
    if not len(wrong):
        return f"{words}; there are no errors."
    return f"{words}, with {errors:,} of {counted(len(wrong), 'error')} ({percent(errors / len(wrong))})."


def _errors(labels: ArrayLike, scores: ArrayLike, threshold: float) -> tuple[Floats, Floats, Floats]:
    """All scores; those of missed positive images and of flagged negative ones, the nearest first."""
    truth, values = np.asarray(labels), np.asarray(scores, dtype=float)
    missed = values[(truth == 1) & (values < threshold)]
    flagged = values[(truth != 1) & (values >= threshold)]
    return values, np.sort(missed)[::-1], np.sort(flagged)


def _bands(missed: Floats, flagged: Floats, threshold: float, wanted: int) -> Iterator[Band]:
    """Every way to catch ``wanted`` errors with as many of either side as need be."""
    for below in range(max(0, wanted - len(flagged)), min(wanted, len(missed)) + 1):
        above = wanted - below
        low = float(missed[below - 1]) if below else threshold
        high = float(flagged[above - 1]) if above else threshold
        yield Band(low=low, high=high)


def _held(values: Floats, band: Band) -> int:
    return int(np.sum((values >= band.low) & (values <= band.high)))


def _reach(band: Band, threshold: float) -> float:
    """How far the farther end is from the threshold."""
    low, centre, high = logits([band.low, threshold, band.high])
    return float(max(centre - low, high - centre))
