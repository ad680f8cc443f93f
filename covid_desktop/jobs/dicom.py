"""Writes results back for the studies that the images are of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.image import decode, fit
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import ImageError
from covid_desktop.jobs.models import Model

if TYPE_CHECKING:
    from covid_desktop.core.dicom_results import SavedResults
    from covid_desktop.core.result_source import ResultSource


def save_dicom_results(
    model: Model,
    predictions: Sequence[Prediction],
    folder: Path,
    *,
    with_heatmap: bool = True,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> SavedResults:
    """Write each scored DICOM image's result for its study into ``folder``: a picture and a report.

    Other images are left out, with the reason; stopping leaves the rest out. Raises UserError when the folder
    cannot be written; what is written by then stays.
    """
    from covid_desktop.core.dicom_results import SavedResults, SeriesUids, write_results
    from covid_desktop.core.result_source import source_of

    about, series = source_of(model.card, model.classifier.model.get_weights()), SeriesUids()
    written: list[Path] = []
    left_out: list[SkippedFile] = []
    for done, prediction in enumerate(predictions):
        emit(Progress(stage="Writing DICOM results", done=done, total=len(predictions)))
        try:
            if should_stop():
                raise ImageError("Stopped before it was written.")
            _require_result(prediction)
            burnt = _picture(model, prediction, about, with_heatmap=with_heatmap)
            files = write_results(prediction.path, folder, prediction, about, burnt, series)
            written += [path for path in files if path]
        except ImageError as error:
            left_out.append(SkippedFile(path=prediction.path, reason=str(error)))
    return SavedResults(written=tuple(written), left_out=tuple(left_out))


def _require_result(prediction: Prediction) -> None:
    from covid_desktop.core.dicom_results import require_study

    if prediction.score is None:
        raise ImageError(f"Not scored: {prediction.refusal or prediction.error}")
    require_study(prediction.path)


def _picture(
    model: Model, prediction: Prediction, about: ResultSource, *, with_heatmap: bool
) -> NDArray[np.uint8]:
    """The whole picture with the result burnt in, and the heatmap over it."""
    from covid_desktop.core.result_source import result_lines
    from covid_desktop.figures.burnt_in import burnt_in, over_whole

    picture = prediction.adjustment.applied(decode(prediction.path))
    heat = None
    if with_heatmap:
        seen = model.classifier.heatmap(fit(picture, model.card.preprocessing))
        heat = over_whole(seen, picture, model.card.preprocessing)
    return burnt_in(picture, heat, result_lines(prediction, about))
