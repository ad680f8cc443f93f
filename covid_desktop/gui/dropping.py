"""What a drop on the window would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MODEL_SUFFIX = ".keras"


@dataclass(frozen=True, slots=True)
class DropPlan:
    """What would happen, the tab that takes it, and a sentence for the user."""

    action: Literal["open folder", "load model", "score"]
    tab: str
    sentence: str


def plan_drop(paths: Sequence[Path], current_tab: str) -> DropPlan | None:
    """A folder opens as data, or is scored where the Predict tab is shown; None for nothing usable."""
    existing = [path for path in paths if path.exists()]
    if not existing:
        return None
    first = existing[0]
    if len(existing) == 1 and first.suffix.casefold() == MODEL_SUFFIX:
        return DropPlan("load model", "predict", f"Load the model {first.name}")
    if len(existing) == 1 and first.is_dir() and current_tab != "predict":
        return DropPlan("open folder", "data", f"Open {first.name} as data")
    if len(existing) > 1:
        return DropPlan("score", "predict", f"Score {len(existing):,} files and folders")
    return DropPlan(
        "score", "predict", f"Score the images in {first.name}" if first.is_dir() else f"Score {first.name}"
    )
