"""A model and its file: loaded, copied, exported, and told where it decides."""

from __future__ import annotations

import gc
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covid_desktop import paths
from covid_desktop.core.atomic import written_whole
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.export import FORMATS, Export, ExportKind
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import read_card, rewrite_card
from covid_desktop.errors import ModelError

if TYPE_CHECKING:
    from covid_desktop.learning.classifier import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A classifier and the file it is in."""

    path: Path
    classifier: Classifier

    @property
    def card(self) -> ModelCard:
        return self.classifier.card

    @property
    def name(self) -> str:
        """Its file and the folder that it is in: the files of all runs are called the same."""
        return f"{self.path.absolute().parent.name}/{self.path.name}"


def load_tensorflow(emit: Emit = ignore, should_stop: ShouldStop = never) -> None:  # noqa: ARG001
    """Import all that training and prediction need; seconds the first time, nothing after."""
    emit(Progress(stage="Loading TensorFlow"))
    is_first = "tensorflow" not in sys.modules
    from covid_desktop.learning import training  # noqa: F401

    if is_first:
        # 400,000 objects that stay: each look through them stops the window for a quarter of a second.
        gc.freeze()


def load_model(path: Path, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> Model:  # noqa: ARG001
    """Read a model file. Raises ModelError."""
    load_tensorflow(emit)
    from covid_desktop.learning.classifier import Classifier

    emit(Progress(stage="Loading the model"))
    return Model(path=path, classifier=Classifier.load(path))


def save_model(model: Model, path: Path) -> Model:
    """Put a copy of the model's file at ``path``, whole or not at all. Raises UserError."""
    path = paths.with_ending(path, ".keras")
    with written_whole(path) as temporary:
        shutil.copyfile(model.path, temporary)
    return replace(model, path=path)


def export_model(
    model: Model, target: Path, kind: ExportKind, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> Export:
    """Write the model in another format at ``target``, with a readme and its card; its scores are compared.

    A file gets the format's ending. All of it is there in the end, or nothing. Raises ModelError where the
    scores are others, UserError where the place cannot be written or is a folder with other files, Stopped.
    """
    load_tensorflow(emit)
    from covid_desktop.learning.exporting import export

    ending = FORMATS[kind].ending
    place = paths.with_ending(target, ending) if ending else target
    return export(model.classifier, model.path, place, kind, emit, should_stop)


def save_operating_point(
    model: Model,
    *,
    threshold: float,
    origin: str,
    calibration: dict[str, Any],
    indeterminate: tuple[float, float] | None,
) -> Model:
    """Write into the model's file where it decides, and how that was chosen, in words; from now on it does.

    Raises ModelError for values that no card can have or a file that holds another model by now, and
    UserError when it cannot be written; the model then stays as it is.
    """
    if _run_of(read_card(model.path)) != _run_of(model.card):
        raise ModelError(f"{model.path.name} holds another model by now.", "Open it again.")
    card = replace(
        model.card,
        threshold=threshold,
        threshold_origin=origin,
        calibration=calibration,
        indeterminate=indeterminate,
    )
    rewrite_card(model.path, card)
    model.classifier.card = card
    return model


def _run_of(card: ModelCard) -> tuple[object, ...]:
    """What no other run's card has in common with it."""
    return card.architecture, card.class_names, card.preprocessing, card.created, card.data
