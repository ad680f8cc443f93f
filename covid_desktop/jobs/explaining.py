"""Shows where a model looked: in one image, or in those of a report."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop import scoring
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.heatmap import central_share
from covid_desktop.core.image import decode, fit
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.worklist_sections import ReportedImage, most_telling
from covid_desktop.errors import ModelError, Stopped, UserError
from covid_desktop.jobs.models import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap:
    """Where a model looked in an image.

    ``pixels`` (height, width, channels) are what it saw, ``score`` is the positive class's. ``values``
    (height, width), 0 to 1, are what speaks for the class that it calls, ``central_share`` the share of them
    in the centre; None where nothing does.
    """

    path: Path
    pixels: NDArray[np.uint8]
    values: NDArray[np.float32]
    score: float
    central_share: float | None


def heatmap(
    model: Model,
    path: Path,
    adjustment: Adjustment = AS_IT_IS,
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> Heatmap:
    """Where the model looks in an image, turned or inverted first. Raises ImageError, ModelError, Stopped."""
    emit(Progress(stage="Looking where the model looks"))
    pixels = fit(adjustment.applied(decode(path)), model.card.preprocessing)
    if should_stop():
        raise Stopped
    score = float(model.classifier.scores(pixels[None])[0])
    if not math.isfinite(score):
        raise ModelError(scoring.NO_NUMBER, "Copy the model again.")
    values = model.classifier.heatmap(pixels, score)
    return Heatmap(path=path, pixels=pixels, values=values, score=score, central_share=central_share(values))


def explained(
    model: Model,
    predictions: Sequence[Prediction],
    *,
    chosen: Collection[Path] = (),
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> list[ReportedImage]:
    """The images of a report, in their order and without marks.

    At most 24 of those ``chosen``, or of all, come as the model saw them; those with a score have a heatmap.
    What cannot be read any more has its result alone. Raises Stopped.
    """
    images = [ReportedImage(name=each.path.name, prediction=each) for each in predictions]
    places = most_telling(predictions, model.card.positive_class, chosen)
    for done, place in enumerate(places):
        if should_stop():
            raise Stopped
        emit(Progress(stage="Looking where the model looks", done=done, total=len(places)))
        one = predictions[place]
        with suppress(UserError):
            if one.score is None:
                seen = fit(one.adjustment.applied(decode(one.path)), model.card.preprocessing)
                images[place] = replace(images[place], pixels=seen)
                continue
            found = heatmap(model, one.path, one.adjustment, should_stop=should_stop)
            images[place] = replace(
                images[place], pixels=found.pixels, heatmap=found.values, central_share=found.central_share
            )
    return images
