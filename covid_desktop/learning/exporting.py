"""Writes a model in another format, and sees to it that its scores are the same."""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.export import FORMATS, Export, ExportKind
from covid_desktop.core.export_place import export_place
from covid_desktop.core.image import fit
from covid_desktop.core.model_file import read_card
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError, Stopped, UserError
from covid_desktop.learning.classifier import Classifier
from covid_desktop.learning.onnx_format import onnx_scores, write_onnx
from covid_desktop.learning.tensorflow_formats import (
    litert_scores,
    saved_model_scores,
    write_litert,
    write_saved_model,
)

LARGEST_DIFFERENCE: Mapping[ExportKind, float] = {
    "keras": 1e-5,
    "saved_model": 1e-5,
    "litert": 1e-4,
    "onnx": 1e-4,
}
"""Of scores. The last two add in another order than TensorFlow, which a steep score makes visible."""

RADIOGRAPHS = 8
ONNX_PICTURES = 5  # ONNX's reference implementation takes 1.5 s for each at 224 x 224 pixels
_DRAWN_SIZE = 256

Scores = NDArray[np.float64] | NDArray[np.float32]
_one_at_a_time = threading.Lock()  # each takes several times the memory of the weights


def export(
    classifier: Classifier,
    source: Path,
    target: Path,
    kind: ExportKind,
    emit: Emit,
    should_stop: ShouldStop,
) -> Export:
    """Write the model, whose file is ``source``, to ``target``, with its readme and card.

    Raises ModelError for other scores than the classifier's or where the format cannot hold the model,
    UserError where the place cannot be written, Stopped. Nothing is left then.
    """
    title = FORMATS[kind].title
    with _one_at_a_time, export_place(target, kind, classifier.card) as temporary:
        try:
            emit(Progress(stage=f"Writing {title}"))
            _write(classifier, source, temporary, kind)
            if should_stop():
                raise Stopped
            emit(Progress(stage=f"Checking {title}"))
            difference = _largest_difference(classifier, temporary, kind, should_stop)
        except (UserError, Stopped, OSError, MemoryError):
            raise
        except Exception as error:  # converters raise all kinds
            raise ModelError(
                f"The model could not be exported as {title}.",
                "Choose another format, or another place with more space.",
                f"{type(error).__name__}: {error}",
            ) from error
        if should_stop():
            raise Stopped
    return Export(path=target, kind=kind, largest_difference=difference)


def check_pictures(preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """What an export is checked with (9, height, width, channels): simulated radiographs, noise last."""
    drawn = [
        fit(draw_phantom(seed, positive=seed % 2 == 1, size=_DRAWN_SIZE).pixels, preprocessing)
        for seed in range(RADIOGRAPHS)
    ]
    noise = np.random.default_rng(0).integers(0, 256, preprocessing.shape, np.uint8)
    return np.stack([*drawn, noise])


def _write(classifier: Classifier, source: Path, path: Path, kind: ExportKind) -> None:
    match kind:
        case "keras":
            read_card(source)
            shutil.copyfile(source, path)
        case "saved_model":
            write_saved_model(classifier.model, path)
        case "litert":
            write_litert(classifier.model, path)
        case "onnx":
            write_onnx(classifier.model, path)


def _keras_scores(path: Path, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return Classifier.load(path).scores(pixels)


def _until_stopped(pixels: NDArray[np.uint8], should_stop: ShouldStop) -> Iterator[NDArray[np.uint8]]:
    """One picture after the other, since each may take a second. Raises Stopped."""
    for image in pixels:
        if should_stop():
            raise Stopped
        yield image


_SCORES: Mapping[ExportKind, Callable[[Path, Any], Scores]] = {
    "keras": _keras_scores,
    "saved_model": saved_model_scores,
    "litert": litert_scores,
    "onnx": onnx_scores,
}


def _largest_difference(
    classifier: Classifier, path: Path, kind: ExportKind, should_stop: ShouldStop
) -> float:
    """Raises ModelError where it is too large, or no number, and Stopped."""
    pixels = check_pictures(classifier.card.preprocessing)
    if kind == "onnx":
        pixels = pixels[-ONNX_PICTURES:]
    by_one = kind in ("litert", "onnx")
    scores = _SCORES[kind](path, _until_stopped(pixels, should_stop) if by_one else pixels)
    difference = float(np.abs(scores - classifier.scores(pixels)).max())
    if not difference <= LARGEST_DIFFERENCE[kind]:
        raise ModelError(
            f"The model gives other scores as {FORMATS[kind].title}, by up to {difference:.2g}.",
            "It was not exported. Load the model again, or choose another format.",
        )
    return difference
