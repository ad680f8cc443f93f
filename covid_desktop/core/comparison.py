"""Whether a model does worse elsewhere than at home, or one model worse than another."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from numpy.typing import ArrayLike

from covid_desktop.core.delong import auroc_interval_delong, delong
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.intervals import Z, proportion_interval
from covid_desktop.core.words import counted, percent

Triple = tuple[float, float, float]
"""A value with its 95 % interval."""

MATTERS = 0.05
"""A drop that would matter, of AUROC or of a share. Images are few where it may be there and not be seen."""

_NONE = 1e-12  # a variance this small beside those it is the difference of is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first value less the second, with its 95 % interval; ``p`` is under 0.05 where that excludes 0."""

    value: float
    low: float
    high: float
    p: float
    method: str


def auroc_difference(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> Difference:
    """AUROC of one model's scores less that of another's, of the same images (DeLong and others, 1988).

    Where the two order all pairs of images alike, as two perfect ones do, that method would be sure of no
    difference however few the images: then it is the wider interval of independent areas. Raises ValueError
    where a class has no images.
    """
    areas, covariance = delong(labels, first, second)
    apart = float(covariance[0, 0] + covariance[1, 1])
    variance = apart - 2 * float(covariance[0, 1])
    if not variance > _NONE * apart:
        return _apart(auroc_interval_delong(labels, first), auroc_interval_delong(labels, second))
    value, reach = float(areas[0] - areas[1]), Z * math.sqrt(variance)
    return _difference(value, value - reach, value + reach, "95 % interval: DeLong, paired")


def independent_auroc_difference(first: Evaluation, second: Evaluation) -> Difference:
    """AUROC on some images less that on others; raises ValueError where one has a class without images.

    The interval is made of those of the two areas (see ``_apart``), so that two perfect areas of few images
    may still differ.
    """
    return _apart(
        auroc_interval_delong(first.labels, first.scores), auroc_interval_delong(second.labels, second.scores)
    )


def share_difference(part: int, whole: int, other_part: int, other_whole: int) -> Difference:
    """One share less another, of other images (Newcombe's method 10); neither whole may be 0."""
    return _apart(
        (part / whole, *proportion_interval(part, whole)),
        (other_part / other_whole, *proportion_interval(other_part, other_whole)),
    )


def _apart(first: Triple, second: Triple) -> Difference:
    """Of two independent values, from their own intervals.

    The distances to the ends are squared and added (R. G. Newcombe, Interval estimation for the difference
    between independent proportions, 1998, method 10; G. Y. Zou and A. Donner, 2008, for any two values).
    """
    value = first[0] - second[0]
    low = value - math.hypot(first[0] - first[1], second[2] - second[0])
    high = value + math.hypot(first[2] - first[0], second[0] - second[1])
    return _difference(value, low, high, "95 % interval: Newcombe, independent images")


def _difference(value: float, low: float, high: float, method: str) -> Difference:
    """``p`` takes the distance to the end of the interval on the side of 0 for 1.96 standard errors."""
    reach = value - low if value > 0 else high - value
    p = 2 * NormalDist().cdf(-abs(value) / reach * Z) if value else 1.0
    return Difference(value=value, low=max(low, -1.0), high=min(high, 1.0), p=p, method=method)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drop:
    """A measure at home (``before``) and elsewhere (``after``), in words, and its drop."""

    name: str
    before: str
    after: str
    drop: Difference

    def size(self, drop: float) -> str:
        """Of an AUROC as it is, of a percentage in points."""
        if self.name == "AUROC":
            return f"{max(drop, 0.0):.3f}"
        points = round(100 * drop)
        return counted(points, "point") if points > 0 else "under 1 point"

    @property
    def words(self) -> str:
        return f"{self.name} {self.after} against {self.before}"

    @property
    def words_with_interval(self) -> str:
        value, low, high = (self.size(drop) for drop in (self.drop.value, self.drop.low, self.drop.high))
        return f"{self.words} (a drop of {value}; 95 % interval {low.removesuffix(' points')} to {high})"


def drop_words(home_name: str, home: Evaluation, away_name: str, away: Evaluation) -> str:
    """Whether AUROC, sensitivity and specificity dropped from home to other images, in two sentences.

    Both are taken at the home's threshold. A drop is told where its 95 % interval leaves out a drop of zero.
    """
    drops = _drops(home, away.at(home.threshold))
    if not drops:
        return f"{away_name} cannot be compared with {home_name}: they have images of no class in common."
    at = f"at the same threshold of {home.threshold:.3f}"
    if any(each.drop.low > 0 for each in drops):
        return f"The model does worse on {away_name} than on {home_name}, {at}: {_shown(drops)}"
    values = _listed([each.words for each in drops])
    most = _listed([f"{each.size(each.drop.high)} in {each.name}" for each in drops])
    if max(each.drop.high for each in drops) > MATTERS:
        few = f"with so few images ({home.n:,} and {away.n:,})"
        return (
            f"No drop from {home_name} to {away_name} can be shown {few}, {at}: {values}. "
            f"The 95 % intervals include no drop at all, but also drops of {most}."
        )
    return (
        f"No drop from {home_name} to {away_name} is seen, {at}: {values}. "
        f"By the 95 % intervals it is at most {most}."
    )


def _shown(drops: list[_Drop]) -> str:
    """The drops that are more than chance, and the names of the others."""
    shown = [each for each in drops if each.drop.low > 0]
    rest = " or ".join(each.name for each in drops if each.drop.low <= 0)
    leave = "interval leaves" if len(shown) == 1 else "intervals leave"
    return (
        f"{_listed([each.words_with_interval for each in shown])}. The {leave} out a drop of zero, "
        f"so chance alone is an unlikely reason{f'; no drop in {rest} can be shown' if rest else ''}."
    )


def _drops(home: Evaluation, away: Evaluation) -> list[_Drop]:
    """Of what both have the images for."""
    drops = []
    if home.auroc is not None and away.auroc is not None:
        drop = independent_auroc_difference(home, away)
        drops.append(_Drop(name="AUROC", before=f"{home.auroc:.3f}", after=f"{away.auroc:.3f}", drop=drop))
    for name in ("sensitivity", "specificity"):
        (part, whole), (other_part, other_whole) = _counts(home, name), _counts(away, name)
        if whole and other_whole:
            drop = share_difference(part, whole, other_part, other_whole)
            before, after = percent(part / whole), percent(other_part / other_whole)
            drops.append(_Drop(name=name, before=before, after=after, drop=drop))
    return drops


def _counts(evaluation: Evaluation, name: str) -> tuple[int, int]:
    """Images of a class that are called right, and all of it."""
    counts = evaluation.confusion
    if name == "sensitivity":
        return counts.true_positive, counts.true_positive + counts.false_negative
    return counts.true_negative, counts.true_negative + counts.false_positive


def _listed(words: list[str]) -> str:
    """One, two and three."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
