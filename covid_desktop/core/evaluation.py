"""How good the scores of a set of images are."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of images: the truth is the second word."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores of known images (at ``paths``) at a threshold. A share that has no images behind it is None."""

    labels: tuple[int, ...]
    scores: tuple[float, ...]
    threshold: float
    paths: tuple[Path, ...] = ()

    @property
    def n(self) -> int:
        return len(self.labels)

    @property
    def confusion(self) -> Confusion:
        called = [int(score >= self.threshold) for score in self.scores]
        counts = Counter(zip(self.labels, called, strict=True))
        return Confusion(
            true_positive=counts[1, 1],
            false_positive=counts[0, 1],
            true_negative=counts[0, 0],
            false_negative=counts[1, 0],
        )

    @property
    def accuracy(self) -> float | None:
        counts = self.confusion
        return _share(counts.true_positive + counts.true_negative, self.n)

    @property
    def sensitivity(self) -> float | None:
        """Share of the positive images that are called positive (recall)."""
        counts = self.confusion
        return _share(counts.true_positive, counts.true_positive + counts.false_negative)

    @property
    def specificity(self) -> float | None:
        """Share of the negative images that are called negative."""
        counts = self.confusion
        return _share(counts.true_negative, counts.true_negative + counts.false_positive)

    @property
    def ppv(self) -> float | None:
        """Share of the images called positive that are positive (precision)."""
        counts = self.confusion
        return _share(counts.true_positive, counts.true_positive + counts.false_positive)

    @property
    def npv(self) -> float | None:
        """Share of the images called negative that are negative."""
        counts = self.confusion
        return _share(counts.true_negative, counts.true_negative + counts.false_negative)

    @property
    def balanced_accuracy(self) -> float | None:
        """The mean of sensitivity and specificity."""
        sensitivity, specificity = self.sensitivity, self.specificity
        if sensitivity is None or specificity is None:
            return None
        return (sensitivity + specificity) / 2

    @property
    def f1(self) -> float | None:
        """The harmonic mean of PPV and sensitivity; None where one class only is there."""
        if len(set(self.labels)) < 2:
            return None
        counts = self.confusion
        right = 2 * counts.true_positive
        return right / (right + counts.false_positive + counts.false_negative)

    @property
    def brier(self) -> float | None:
        """Mean squared distance of the scores to the truth: 0 at best, 0.25 where every score is 0.5."""
        if not self.labels:
            return None
        return float(np.mean(np.subtract(self.scores, self.labels) ** 2))

    @property
    def auroc(self) -> float | None:
        """Area under the ROC curve; None where one class only is there."""
        # scikit-learn takes over a second to import, and the window opens before anything is evaluated.
        from sklearn.metrics import roc_auc_score

        if len(set(self.labels)) < 2:
            return None
        return float(roc_auc_score(self.labels, self.scores))

    @property
    def auprc(self) -> float | None:
        """Area under the precision-recall curve, as average precision; None where one class only is there."""
        from sklearn.metrics import average_precision_score

        if len(set(self.labels)) < 2:
            return None
        return float(average_precision_score(self.labels, self.scores))

    def at(self, threshold: float) -> Self:
        """The same scores at another threshold."""
        return replace(self, threshold=threshold)

    def roc(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """False and true positive rates of every threshold; both classes must be there."""
        from sklearn.metrics import roc_curve

        false_positive_rate, true_positive_rate, _ = roc_curve(self.labels, self.scores)
        return false_positive_rate, true_positive_rate

    def precision_recall(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Precision (PPV) and recall (sensitivity) of every threshold; both classes must be there."""
        from sklearn.metrics import precision_recall_curve

        precision, recall, _ = precision_recall_curve(self.labels, self.scores)
        return precision, recall

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
            "auroc": self.auroc,
            "ppv": self.ppv,
            "npv": self.npv,
            "balanced_accuracy": self.balanced_accuracy,
            "f1": self.f1,
            "auprc": self.auprc,
            "brier": self.brier,
            "threshold": self.threshold,
            "confusion": self.confusion.to_json(),
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
