"""Where the threshold is put, and what that means for patients."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.evaluation import Evaluation

Preset = Literal["sensitivity-95", "specificity-95", "youden", "half"]

PRESETS: dict[Preset, str] = {
    "sensitivity-95": "Sensitivity 95 %",
    "specificity-95": "Specificity 95 %",
    "youden": "Youden index",
    "half": "Threshold 0.5",
}

LEAST = 0.95
"""What the first two presets ask for; more is taken where the scores leave no choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How many of ``of`` patients, of whom a share ``prevalence`` is ill, come to what; not rounded."""

    of: int
    prevalence: float
    ill_found: float
    ill_missed: float
    well_flagged: float
    well_cleared: float

    @property
    def ppv(self) -> float | None:
        """Share of the ill among those called positive; None where nobody is."""
        called = self.ill_found + self.well_flagged
        return self.ill_found / called if called else None

    @property
    def npv(self) -> float | None:
        """Share of the well among those called negative; None where nobody is."""
        called = self.well_cleared + self.ill_missed
        return self.well_cleared / called if called else None


def threshold_for(preset: Preset, evaluation: Evaluation) -> float | None:
    """The threshold of a preset on these images; None where it cannot be reached or a class has no images.

    The highest threshold with a sensitivity of 95 % or more; the lowest with such a specificity; the one with
    the highest sum of both (W. J. Youden, Index for rating diagnostic tests, 1950), and of several such the
    most sensitive. It lies in the middle between two neighbouring scores, or between a score and 0 or 1.
    One half is one half whatever the images.
    """
    if preset == "half":
        return 0.5
    if len(set(evaluation.labels)) < 2:
        return None
    thresholds, found, flagged = _cuts(evaluation)
    positives, negatives = found[-1], flagged[-1]
    if preset == "sensitivity-95":
        return float(thresholds[np.argmax(found / positives >= LEAST)])
    if preset == "specificity-95":
        reached = np.flatnonzero((negatives - flagged) / negatives >= LEAST)
        return float(thresholds[reached[-1]]) if len(reached) else None
    index = found * negatives - flagged * positives
    return float(thresholds[np.flatnonzero(index == index.max())[-1]])


def _cuts(evaluation: Evaluation) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Falling thresholds, one for each set of images that can be called positive: their number of each class.

    The first calls none, unless a score is 1; the last calls all.
    """
    labels = np.asarray(evaluation.labels)
    scores, place = np.unique(np.asarray(evaluation.scores, dtype=float), return_inverse=True)
    found, flagged = (
        np.append(0, np.cumsum(np.bincount(place[labels == label], minlength=len(scores))[::-1]))
        for label in (1, 0)
    )
    edges = np.concatenate([[max(1.0, scores[-1])], scores[::-1], [min(0.0, scores[0])]])
    thresholds = _middle(edges[1:], edges[:-1])
    first = int(scores[-1] >= 1)
    return thresholds[first:], found[first:], flagged[first:]


def _middle(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between two scores; the higher one where they are too near to have anything between them."""
    middle = low + (high - low) / 2
    return np.where(middle > low, middle, high)


def frequencies(sensitivity: float, specificity: float, prevalence: float, of: int = 1000) -> Frequencies:
    """What becomes of ``of`` patients (U. Hoffrage and G. Gigerenzer, Using natural frequencies to improve
    diagnostic inferences, 1998). Raises ValueError for a share that is not from 0 to 1.
    """
    if not all(0 <= share <= 1 for share in (sensitivity, specificity, prevalence)):
        raise ValueError(f"no shares: {sensitivity}, {specificity}, {prevalence}")
    ill, well = of * prevalence, of * (1 - prevalence)
    return Frequencies(
        of=of,
        prevalence=prevalence,
        ill_found=ill * sensitivity,
        ill_missed=ill * (1 - sensitivity),
        well_flagged=well * (1 - specificity),
        well_cleared=well * specificity,
    )


def ppv_at(sensitivity: float, specificity: float, prevalence: float) -> float | None:
    """PPV among patients of whom a share ``prevalence`` is ill; None where nobody is called positive."""
    return frequencies(sensitivity, specificity, prevalence).ppv


def npv_at(sensitivity: float, specificity: float, prevalence: float) -> float | None:
    """NPV among patients of whom a share ``prevalence`` is ill; None where nobody is called negative."""
    return frequencies(sensitivity, specificity, prevalence).npv


def frequency_words(frequencies: Frequencies, class_names: tuple[str, str]) -> str:
    """Whole numbers of patients that add up, in a sentence; the second class is the positive one."""
    healthy, disease = class_names
    ill = round(frequencies.ill_found + frequencies.ill_missed)
    well = frequencies.of - ill
    found = _part(ill, frequencies.ill_found, frequencies.ill_missed)
    flagged = _part(well, frequencies.well_flagged, frequencies.well_cleared)
    prevalence = f"{100 * frequencies.prevalence:.3g} %"
    return (
        f"Of {frequencies.of:,} patients like these, with a prevalence of {prevalence}: "
        f"of {ill:,} with {disease}, {found:,} {_are(found)} found and {ill - found:,} missed; "
        f"of {well:,} {healthy}, {flagged:,} {_are(flagged)} wrongly called {disease}."
    )


def _part(whole: int, one: float, other: float) -> int:
    """As much of a rounded whole as ``one`` is of both."""
    return round(whole * one / (one + other)) if one + other else 0


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
