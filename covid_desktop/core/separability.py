"""How well small models tell the classes apart on images they did not learn from."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.audit import Area
from covid_desktop.core.intervals import auroc_interval

FOLDS = 5
MOST_IMAGES = 2000
"""More would tell little more, and take long."""

Inputs = NDArray[Any]
Labels = NDArray[np.int64]


class SmallModel(Protocol):
    """A classifier of scikit-learn."""

    def fit(self, inputs: Inputs, labels: Labels) -> Any: ...
    def decision_function(self, inputs: Inputs) -> NDArray[np.float64]: ...


def of_few_numbers() -> SmallModel:
    """For up to some hundred numbers, which may tell the classes apart by their combinations."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return make_pipeline(StandardScaler(), SVC())  # type: ignore[no-any-return]


def of_features() -> SmallModel:
    """For what a pretrained network sees: as the head of the network itself, one linear layer."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))  # type: ignore[no-any-return]


def can_be_judged(labels: Sequence[int], groups: Sequence[int]) -> bool:
    """Whether each class has images of enough groups (patients) to learn from some and judge on others."""
    return min(_groups_of_each(labels, groups)) >= FOLDS


def drawn(groups: Sequence[int], most: int = MOST_IMAGES, seed: int = 0) -> list[int]:
    """Indices of at most so many images, drawn by lot: a first one of each group, then a second, and so on.

    So that every patient is among them, however many images some have.
    """
    lot = np.random.default_rng(seed).permutation(len(groups))
    seen: Counter[int] = Counter()
    turns = []
    for index in lot:
        turns.append(seen[groups[index]])
        seen[groups[index]] += 1
    return sorted(int(index) for index in lot[np.argsort(turns, kind="stable")][:most])


def cross_validated(
    make_model: Callable[[], SmallModel], inputs: Inputs, labels: Sequence[int], groups: Sequence[int]
) -> NDArray[np.float64]:
    """The score of each image by a model that saw neither it nor its group; ``can_be_judged`` must hold."""
    from sklearn.model_selection import StratifiedGroupKFold

    truth, scores = np.asarray(labels), np.zeros(len(labels))
    folding = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=0)
    for learnt, judged in folding.split(inputs, truth, groups):
        scores[judged] = make_model().fit(inputs[learnt], truth[learnt]).decision_function(inputs[judged])
    return scores


def area(labels: Sequence[int], scores: NDArray[Any], groups: Sequence[int]) -> Area:
    """The AUROC of ``scores``; its interval counts groups, since images of one patient are much alike."""
    from sklearn.metrics import roc_auc_score

    auroc = float(roc_auc_score(labels, scores))
    negatives, positives = _groups_of_each(labels, groups)
    low, high = auroc_interval(auroc, positives, negatives)
    return Area(auroc=auroc, low=low, high=high, n=len(labels))


def _groups_of_each(labels: Sequence[int], groups: Sequence[int]) -> tuple[int, int]:
    """How many groups have negative images, and how many positive ones."""
    pairs = set(zip(labels, groups, strict=True))
    return sum(label == 0 for label, _ in pairs), sum(label == 1 for label, _ in pairs)
