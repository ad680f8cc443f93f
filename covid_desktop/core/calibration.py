"""From a score to a calibrated probability, and how far shares and probabilities agree."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from covid_desktop.core.intervals import proportion_interval

Floats = NDArray[np.float64]

FEWEST = 10
"""Images that a calibration can be fitted on."""

_EDGE = 1e-7
_STEPS = 100
_LEAST_STEP = 1e-10
_LEAST_SPREAD = 1e-6  # of logits: what is less is rounding, and gets a slope of 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A probability's logit is ``slope`` times the score's logit, plus ``intercept``."""

    slope: float
    intercept: float

    def probability(self, scores: ArrayLike) -> Floats:
        """The calibrated probability of the positive class of each score; both are 0 to 1."""
        return _logistic(self.slope * logits(scores) + self.intercept)

    def to_json(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of ``to_json``. Raises ValueError where a number is missing or not finite."""
        try:
            slope, intercept = float(values["slope"]), float(values["intercept"])
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"calibration {values}") from error
        if not (math.isfinite(slope) and math.isfinite(intercept)):
            raise ValueError(f"calibration {values}")
        return cls(slope=slope, intercept=intercept)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """``count`` images with probabilities from ``low`` to below ``high``, the last bin's high included.

    ``share`` of them are positive, with Wilson's 95 % interval.
    """

    low: float
    high: float
    mean_probability: float
    share: float
    share_low: float
    share_high: float
    count: int


def logits(scores: ArrayLike) -> Floats:
    """Of scores, which are kept from 0 and 1 by 1e-7."""
    clipped = np.clip(np.asarray(scores, dtype=float), _EDGE, 1 - _EDGE)
    values: Floats = np.log(clipped) - np.log1p(-clipped)
    return values


def fit_calibration(labels: ArrayLike, scores: ArrayLike) -> Calibration | None:
    """Platt scaling on the logit of the score; None for fewer than 10 images or one class only.

    By Newton's method with halved steps (J. C. Platt, Probabilistic outputs for support vector machines,
    1999; H.-T. Lin, C.-J. Lin and R. C. Weng, A note on Platt's probabilistic outputs, 2007). The images
    must not be those the model was trained on.
    """
    truth = np.asarray(labels)
    if len(truth) < FEWEST or len(np.unique(truth)) < 2:
        return None
    values = logits(scores)
    centre, spread = values.mean(), values.std()
    if spread < _LEAST_SPREAD:
        spread = math.inf
    inputs = np.stack([(values - centre) / spread, np.ones(len(values))], axis=1)
    slope, intercept = _minimum(inputs, _targets(truth))
    return Calibration(slope=float(slope / spread), intercept=float(intercept - slope * centre / spread))


def reliability(labels: ArrayLike, probabilities: ArrayLike, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """How many images of each bin of equal width are positive; empty bins are left out."""
    truth, values = np.asarray(labels), np.asarray(probabilities, dtype=float)
    edges = np.linspace(0, 1, bins + 1)
    places = np.searchsorted(edges[1:-1], values, side="right")
    return tuple(
        _bin(truth[places == place], values[places == place], edges[place], edges[place + 1])
        for place in np.unique(places)
    )


def expected_calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = 10) -> float:
    """Mean distance of probability and share over the bins, weighted by their images; NaN without images.

    0 to 1 (M. P. Naeini and others, Obtaining well calibrated probabilities using Bayesian binning, 2015).
    """
    found = reliability(labels, probabilities, bins)
    total = sum(each.count for each in found)
    gaps = (each.count * abs(each.mean_probability - each.share) for each in found)
    return sum(gaps) / total if total else math.nan


def _targets(truth: NDArray[np.int64]) -> Floats:
    """Labels a little off 0 and 1, as Platt has them, so that the slope stays finite."""
    positives = int(np.sum(truth == 1))
    negatives = len(truth) - positives
    return np.where(truth == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _minimum(inputs: Floats, targets: Floats) -> Floats:
    """Weights (2,) with the least cross-entropy of ``inputs`` (n, 2)."""
    weights = np.zeros(2)
    for _ in range(_STEPS):
        probabilities = _logistic(inputs @ weights)
        spread = probabilities * (1 - probabilities)
        curvature = inputs.T @ (inputs * spread[:, None])
        step = np.linalg.pinv(curvature, hermitian=True) @ (inputs.T @ (targets - probabilities))
        while _loss(inputs, targets, weights + step) > _loss(inputs, targets, weights) + _LEAST_STEP:
            step /= 2
        weights += step
        if np.abs(step).max() < _LEAST_STEP:
            break
    return weights


def _loss(inputs: Floats, targets: Floats, weights: Floats) -> float:
    values = inputs @ weights
    return float(np.sum(np.logaddexp(0, values) - targets * values))


def _logistic(values: Floats) -> Floats:
    """Without an overflow at either end."""
    probabilities: Floats = np.exp(-np.logaddexp(0, -values))
    return probabilities


def _bin(truth: NDArray[np.int64], values: Floats, low: float, high: float) -> ReliabilityBin:
    positives, count = int(np.sum(truth == 1)), len(truth)
    share_low, share_high = proportion_interval(positives, count)
    return ReliabilityBin(
        low=float(low),
        high=float(high),
        mean_probability=float(values.mean()),
        share=positives / count,
        share_low=share_low,
        share_high=share_high,
        count=count,
    )
