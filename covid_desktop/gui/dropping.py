"""What a drop on the window would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MODEL_SUFFIX = ".keras"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPlan:
    """What would be opened as data, loaded and scored, the tab that takes it, and a sentence for the user."""

    folder: Path | None = None
    model: Path | None = None
    images: tuple[Path, ...] = ()
    tab: str = "predict"
    sentence: str


def plan_drop(paths: Sequence[Path], current_tab: str) -> DropPlan | None:
    """A folder opens as data, or is scored where the Predict tab is shown; None for nothing usable.

    Of several models the first is loaded, and scores what came with it.
    """
    existing = [path for path in paths if path.exists()]
    if not existing:
        return None
    if len(existing) == 1 and existing[0].is_dir() and current_tab != "predict":
        return DropPlan(folder=existing[0], tab="data", sentence=f"Open {existing[0].name} as data")
    models = [path for path in existing if path.suffix.casefold() == MODEL_SUFFIX]
    images = tuple(path for path in existing if path not in models)
    loading = [f"Load the model {models[0].name}"] if models else []
    sentence = " and ".join([*loading, *_scoring(images)])
    return DropPlan(
        model=next(iter(models), None), images=images, sentence=sentence[0].upper() + sentence[1:]
    )


def _scoring(images: Sequence[Path]) -> list[str]:
    if not images:
        return []
    if len(images) > 1:
        return [f"score {len(images):,} files and folders"]
    return [f"score the images in {images[0].name}" if images[0].is_dir() else f"score {images[0].name}"]
