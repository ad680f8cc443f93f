"""Asks a model for the scores of a fixed set of images in every way there is, and compares them."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from covid_desktop import jobs
from covid_desktop.another_process import predict_in_another_process
from covid_desktop.core.events import Event, Progress, ShouldStop, ignore, never
from covid_desktop.core.export import FORMATS, ExportKind
from covid_desktop.core.fixed_set import FixedImage, write_fixed_set
from covid_desktop.core.image import fit
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.verification import (
    BATCH,
    COMMAND_LINE,
    FILE,
    PANEL,
    PIXELS,
    WAYS,
    Check,
    Verification,
    Way,
    compared,
    failed,
)
from covid_desktop.errors import ModelError, Stopped, UserError

EmitCheck = Callable[[Check | Event], None]
Scores = NDArray[np.float64]
log = logging.getLogger(__name__)


def verify_model(
    model: jobs.Model, *, emit: EmitCheck = ignore, should_stop: ShouldStop = never
) -> Verification:
    """Score twelve simulated radiographs in every way and export, and compare with the panel's scores.

    Emits a Progress with the name of each check as it begins, and the Check when it has ended; one that
    fails does not keep the others from going on. Leaves nothing on the disk. Raises Stopped, and UserError
    when the images cannot be written.
    """
    with _drawn() as (images, folder):
        asking = _Asking(model, images, folder, should_stop)
        checks = []
        for number, way in enumerate(WAYS):
            if should_stop():
                raise Stopped
            emit(Progress(stage=way.name, done=number, total=len(WAYS)))
            check = _checked(way, asking)
            checks.append(check)
            emit(check)
    scores = () if asking.reference is None else tuple(map(float, asking.reference))
    return Verification(checks=tuple(checks), scores=scores)


@contextmanager
def _drawn() -> Iterator[tuple[tuple[FixedImage, ...], Path]]:
    """The fixed set in a folder that goes away, and that folder."""
    try:
        place = TemporaryDirectory(prefix="covid-desktop-verify-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_room(error) from error
    with place as name:
        try:
            images = write_fixed_set(Path(name))
        except OSError as error:
            raise _no_room(error) from error
        yield images, Path(name)


def _no_room(error: OSError) -> UserError:
    return UserError(
        "The simulated radiographs cannot be written to the temporary folder.",
        "Make room on the disk, or set the variable TMPDIR to another folder.",
        str(error),
    )


def _checked(way: Way, asking: "_Asking") -> Check:
    try:
        difference = asking.exported(way.export) if way.export else asking.difference(way)
        if not math.isfinite(difference):
            raise ModelError("It gives a score that is no number.")
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it raises is what this check found)
        log.warning("Verification, %s: %s", way.name, type(error).__name__)
        words = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        return failed(way, " ".join(words.split()) or "It failed.")
    return compared(way, difference)


class _Asking:
    """Asks one model for the scores of the fixed set. ``reference`` is the panel's, once there."""

    def __init__(
        self, model: jobs.Model, images: Sequence[FixedImage], folder: Path, should_stop: ShouldStop
    ) -> None:
        self.reference: Scores | None = None
        self._model, self._images, self._folder = model, images, folder
        self._files = [image.path for image in images]
        self._should_stop = should_stop
        self._scores: dict[Way, Callable[[], Scores]] = {
            PANEL: self._panel,
            BATCH: lambda: _scores_of(jobs.predict(self._model, self._files, anyway=True)),
            PIXELS: self._pixels,
            COMMAND_LINE: self._command_line,
            FILE: self._file,
        }

    def difference(self, way: Way) -> float:
        """The largest difference from the panel's scores; of the panel, from its own when asked again."""
        if way is PANEL:
            self.reference = self._panel()
        if self.reference is None:
            raise ModelError("There is nothing to compare with: the panel gave no scores.")
        return float(np.abs(self._scores[way]() - self.reference).max())

    def exported(self, kind: ExportKind) -> float:
        """The largest difference that the export itself finds, on images of its own."""
        target = self._folder / f"exported{FORMATS[kind].ending}"
        return jobs.export_model(
            self._model, target, kind, emit=ignore, should_stop=self._should_stop
        ).largest_difference

    def _panel(self) -> Scores:
        return _scores_of(jobs.predict(self._model, [path], anyway=True)[0] for path in self._files)

    def _pixels(self) -> Scores:
        preprocessing = self._model.card.preprocessing
        pixels = np.stack([fit(image.picture, preprocessing) for image in self._images])
        return self._model.classifier.scores(pixels)

    def _command_line(self) -> Scores:
        rows = predict_in_another_process(self._model.path, self._files, self._should_stop)
        return _numbers((Path(row["path"]), row.get("score"), row.get("error")) for row in rows)

    def _file(self) -> Scores:
        return _scores_of(jobs.predict(jobs.load_model(self._model.path), self._files, anyway=True))


def _scores_of(predictions: Iterable[Prediction]) -> Scores:
    return _numbers((one.path, one.score, one.error or one.refusal) for one in predictions)


def _numbers(scored: Iterable[tuple[Path, float | None, str | None]]) -> Scores:
    scores = []
    for path, score, reason in scored:
        if score is None:
            raise ModelError(f"{path.name} is not scored.", reason or "")
        scores.append(score)
    return np.array(scores, np.float64)
