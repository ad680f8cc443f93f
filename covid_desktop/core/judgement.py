"""How a model does on a set of images, and how far that can be trusted."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from covid_desktop.core.dataset import Subset
from covid_desktop.core.evaluation import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``subset`` is None where all images of a folder were judged.

    ``in_training`` and ``in_validation`` count the images, by content, that the model learnt from or that
    chose its epoch.
    """

    folder: Path
    subset: Subset | None
    evaluation: Evaluation
    in_training: int = 0
    in_validation: int = 0

    @property
    def name(self) -> str:
        """Short, for the head of a column."""
        return self.folder.name if self.subset is None else f"{self.folder.name}, {self.subset}"

    @property
    def caution(self) -> str:
        """Why the numbers are too good, in a sentence; empty where nothing speaks against them."""
        if self.in_training:
            return (
                f"The model was trained on {self.in_training:,} of these {self.evaluation.n:,} images: "
                "these numbers say nothing about new patients."
            )
        if self.in_validation:
            return "The best epoch was chosen on these images: the numbers are optimistic."
        return ""

    def at(self, threshold: float) -> Self:
        """The same scores at another threshold."""
        return replace(self, evaluation=self.evaluation.at(threshold))
