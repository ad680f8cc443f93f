"""How a network does when each fifth of the images in turn is kept from it."""

from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from covid_desktop.core.evaluation import Evaluation

SHOWN = ("accuracy", "sensitivity", "specificity", "auroc")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation:
    """``folds`` are the evaluations of each fold's held-out images by the network trained on the others."""

    folds: tuple[Evaluation, ...]

    @property
    def pooled(self) -> Evaluation:
        """All images, each scored by the one network that did not see it."""
        return Evaluation(
            labels=tuple(label for fold in self.folds for label in fold.labels),
            scores=tuple(score for fold in self.folds for score in fold.scores),
            threshold=self.folds[0].threshold,
            paths=tuple(path for fold in self.folds for path in fold.paths),
        )

    def spread(self, key: str) -> tuple[float, float] | None:
        """Mean and standard deviation of a measure over the folds; None where fewer than two have it."""
        values = [value for fold in self.folds if (value := getattr(fold, key)) is not None]
        return (mean(values), stdev(values)) if len(values) > 1 else None

    def to_json(self) -> dict[str, Any]:
        return {
            "folds": [fold.to_json() for fold in self.folds],
            "pooled": self.pooled.to_json(),
            "spread": {key: self.spread(key) for key in SHOWN},
        }

    def words(self) -> str:
        """A line for each measure."""
        lines = [f"Cross-validation, {len(self.folds)} folds, {self.pooled.n:,} images:"]
        spreads = [(key, found) for key in SHOWN if (found := self.spread(key))]
        lines += [f"  {key}: {found[0]:.3f}, standard deviation {found[1]:.3f}" for key, found in spreads]
        if (auroc := self.pooled.auroc) is not None:
            lines.append(f"  AUROC of all folds together: {auroc:.3f}")
        return "\n".join(lines)
