"""95 % intervals of what few images can show."""

import math

Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations
_LEAST = 1e-9


def proportion_interval(part: int, whole: int) -> tuple[float, float]:
    """Of a share, after E. B. Wilson (1927); (0, 1) where ``whole`` is 0."""
    from scipy.stats import binomtest

    if whole == 0:
        return 0.0, 1.0
    interval = binomtest(part, whole).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def auroc_interval(auroc: float, positives: int, negatives: int) -> tuple[float, float]:
    """Of an area under the ROC curve over so many images, or patients, of each class.

    Where the distance of the true area to ``auroc`` is 1.96 of its standard errors, by which the interval
    stays within 0 and 1 and has a width even at 1.0 (R. G. Newcombe, Confidence intervals for an effect
    size measure based on the Mann-Whitney statistic, part 2, 2006, method 5).
    """
    from scipy.optimize import brentq

    def excess(true: float) -> float:
        return Z * math.sqrt(_variance(true, positives, negatives)) - abs(auroc - true)

    # A true area of 0 or 1 has no standard error: found to be just that, its interval would have no width.
    inside = min(max(auroc, _LEAST), 1 - _LEAST)
    return float(brentq(excess, 0.0, inside)), float(brentq(excess, inside, 1.0))


def _variance(auroc: float, positives: int, negatives: int) -> float:
    """Of an estimated area, after J. A. Hanley and B. J. McNeil (1982), as Newcombe has it."""
    spread = (positives + negatives) / 2 - 1
    both = (1 - auroc) / (2 - auroc) + auroc / (1 + auroc)
    return auroc * (1 - auroc) * (1 + spread * both) / (positives * negatives)
