"""Areas under ROC curves with their covariance, after E. R. DeLong and others (1988)."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from covid_desktop.core.intervals import Z, auroc_interval

Floats = NDArray[np.float64]


def delong(labels: ArrayLike, *scores: ArrayLike) -> tuple[Floats, Floats]:
    """Areas (k,) under the ROC curves of k models' scores of the same images, and their covariance (k, k).

    By midranks, in the time of a sort (X. Sun and W. Xu, Fast implementation of DeLong's algorithm, 2014).
    The covariance is NaN where a class has one image only. Raises ValueError where a class has none.
    """
    truth = np.asarray(labels) == 1
    if truth.all() or not truth.any():
        raise ValueError("an area under a ROC curve needs images of both classes")
    values = np.array([np.asarray(each, dtype=float) for each in scores])
    above, below = _placements(values[:, truth], values[:, ~truth])
    return above.mean(axis=1), _mean_covariance(above) + _mean_covariance(below)


def auroc_interval_delong(labels: ArrayLike, scores: ArrayLike) -> tuple[float, float, float]:
    """An area under the ROC curve with its 95 % interval: auroc, low, high.

    On the logit scale, so that the interval stays within 0 and 1 (M. S. Pepe, The statistical evaluation of
    medical tests, 2003). Where DeLong's variance says nothing (see ``has_variance``) it is Newcombe's
    interval. Raises ValueError where a class has no images.
    """
    areas, covariance = delong(labels, scores)
    auroc, variance = float(areas[0]), float(covariance[0, 0])
    if has_variance(variance):
        return auroc, *_on_logit_scale(auroc, variance)
    positives = int(np.sum(np.asarray(labels) == 1))
    return auroc, *auroc_interval(auroc, positives, np.size(labels) - positives)


def has_variance(variance: float) -> bool:
    """Whether DeLong's ``variance`` of an area says how sure it is.

    It is 0 where the area is 0 or 1 or all scores are the same, however few images there are; and NaN where
    a class has one image only.
    """
    return variance > 0


def _placements(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """The share of the other class that is in order with each positive (k, m) and negative image (k, n).

    A tie counts half.
    """
    from scipy.stats import rankdata

    m, n = positive.shape[1], negative.shape[1]
    ranks = rankdata(np.hstack([positive, negative]), axis=1)
    above = (ranks[:, :m] - rankdata(positive, axis=1)) / n
    below = 1 - (ranks[:, m:] - rankdata(negative, axis=1)) / m
    return above, below


def _mean_covariance(placements: NDArray[Any]) -> Floats:
    """Of the means over images, (k, k)."""
    k, count = placements.shape
    if count < 2:
        return np.full((k, k), np.nan)
    covariance: Floats = np.cov(placements).reshape(k, k) / count
    return covariance


def _on_logit_scale(auroc: float, variance: float) -> tuple[float, float]:
    from scipy.special import expit, logit

    distance = Z * math.sqrt(variance) / (auroc * (1 - auroc))
    centre = logit(auroc)
    return float(expit(centre - distance)), float(expit(centre + distance))
