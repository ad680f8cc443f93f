"""Scores images: those of a list, or all that come into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from covid_desktop import paths, scoring
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.events import Emit, Event, ShouldStop, ignore, never
from covid_desktop.core.familiarity import Similar
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.walking import is_folder
from covid_desktop.errors import UserError
from covid_desktop.jobs.models import Model

EmitPrediction = Callable[[Prediction | Event], None]


def predict(
    model: Model,
    images: Sequence[Path],
    *,
    adjustments: Mapping[Path, Adjustment] | None = None,
    anyway: bool = False,
    emit: EmitPrediction = ignore,
    should_stop: ShouldStop = never,
) -> list[Prediction]:
    """Score images in their order; each is emitted as it is done. Stopping leaves the rest out.

    An image unlike the training images is refused, unless ``anyway``. Those in ``adjustments`` are turned or
    inverted first.
    """
    predictions = []
    for prediction in scoring.score_each(model.classifier, images, adjustments or {}, anyway, should_stop):
        predictions.append(prediction)
        emit(prediction)
    return predictions


def similar_images(
    model: Model,
    path: Path,
    adjustment: Adjustment = AS_IT_IS,
    *,
    emit: Emit = ignore,  # noqa: ARG001
    should_stop: ShouldStop = never,  # noqa: ARG001
) -> tuple[Similar, ...]:
    """The training images most like an image; none where the model remembers none. Raises ImageError."""
    return scoring.similar_images(model.classifier, path, adjustment)


def watch(
    model: Model,
    folder: Path,
    *,
    include_existing: bool,
    emit: EmitPrediction = ignore,
    should_stop: ShouldStop = never,
) -> None:
    """Score each file that appears in or below a folder once, when it is complete, until ``should_stop``.

    What this model said of its files before is emitted first. Files that are there at the start are left out
    unless ``include_existing``. Progress counts the results; while the folder is away it is a
    ``WatchInterrupted``. Raises UserError where there is no folder, ModelError.
    """
    from covid_desktop.core.watch import FolderWatch
    from covid_desktop.core.watch_store import model_id, open_watch_store
    from covid_desktop.core.watching import keep_watching

    if not is_folder(folder):
        raise UserError(f"There is no folder {folder}.", "Choose another folder to watch.")
    with open_watch_store(paths.watch_folder(), folder, model_id(model.card)) as store:
        files = FolderWatch(folder, store, include_existing=include_existing)
        keep_watching(files, partial(predict, model), emit=emit, should_stop=should_stop)
