"""Tries every part of the program on drawn images, in a temporary folder: ``covid-desktop self-test``.

It shows that an installation is whole: each library is there, reads what it should and gives the same
numbers. Everything is imported inside the check that needs it, so that a missing part fails that check.
"""

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.config import TrainingConfig
from covid_desktop.errors import ImageError, UserError
from covid_desktop.paths import HOME_VARIABLE, resource

Check = Callable[[], None]

IMAGES = {
    "grey.png": "PNG",
    "grey-16-bit.png": "PNG, 16 bits",
    "palette.png": "PNG, palette",
    "transparent.png": "PNG, transparent",
    "png-inside.jpg": "PNG under a JPEG's name",
    "grey.jpg": "JPEG",
    "progressive.jpg": "JPEG, progressive",
    "cmyk.jpg": "JPEG, CMYK",
    "turned.jpg": "JPEG, turned by EXIF",
    "grey.tif": "TIFF",
    "grey-16-bit.tif": "TIFF, 16 bits",
    "float.tif": "TIFF, floating point",
    "grey.bmp": "BMP",
    "lossless.webp": "WebP, lossless",
    "lossy.webp": "WebP",
    "grey.gif": "GIF",
    "grey.jp2": "JPEG 2000",
    "implicit.dcm": "DICOM, implicit VR",
    "explicit.dcm": "DICOM, explicit VR",
    "8-bit.dcm": "DICOM, 8 bits",
    "big-endian.dcm": "DICOM, big endian",
    "deflated.dcm": "DICOM, deflated",
    "rle.dcm": "DICOM, RLE",
    "jpeg.dcm": "DICOM, JPEG Baseline",
    "jpeg-extended.dcm": "DICOM, JPEG Extended, 12 bits",
    "jpeg-lossless-57.dcm": "DICOM, JPEG Lossless",
    "jpeg-lossless-70.dcm": "DICOM, JPEG Lossless, first-order prediction",
    "jpeg-ls.dcm": "DICOM, JPEG-LS",
    "jpeg-ls-near.dcm": "DICOM, JPEG-LS near-lossless",
    "jpeg-2000-lossless.dcm": "DICOM, JPEG 2000 lossless",
    "jpeg-2000.dcm": "DICOM, JPEG 2000",
    "inverted.dcm": "DICOM, MONOCHROME1",
    "window.dcm": "DICOM with a window",
    "IM000001": "DICOM without an extension",
}
"""File in ``resources/self-test`` -> what it is. All show the picture in ``reference.npy``."""

_LOSSY = {"grey.jpg", "progressive.jpg", "cmyk.jpg", "turned.jpg", "lossy.webp"}
_LOSSY |= {"jpeg.dcm", "jpeg-extended.dcm", "jpeg-ls-near.dcm", "jpeg-2000.dcm"}
_LOSSY_DIFFERENCE = 3.0
"""Grey levels, on average; a wrong turn or window makes ten times that."""

_SCORE_DIFFERENCE = 1e-5
_TRAININGS = (
    TrainingConfig(architecture="small-cnn", epochs=2, image_size=32),
    TrainingConfig(architecture="efficientnet-lite0", epochs=2, image_size=64),
)


class _Wrong(UserError):
    """A check came out wrong; the text says how."""


def run_checks() -> Iterator[tuple[str, str]]:
    """Each check's name and its problem in a line, "" when all is well. Leaves nothing behind."""
    with _own_places() as folder:
        for name, check in _checks(folder):
            yield name, _problem(check)


@contextmanager
def _own_places() -> Iterator[Path]:
    """A temporary folder, which takes the place of the user's own folders."""
    before = os.environ.get(HOME_VARIABLE)
    with TemporaryDirectory(prefix="covid-desktop-self-test-", ignore_cleanup_errors=True) as name:
        os.environ[HOME_VARIABLE] = name
        try:
            yield Path(name)
        finally:
            del os.environ[HOME_VARIABLE]
            if before is not None:
                os.environ[HOME_VARIABLE] = before


def _problem(check: Check) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 (whatever a part of the program raises is its problem)
        text = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        return " ".join(text.split()) or "It failed."
    return ""


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Wrong(otherwise)


def _checks(folder: Path) -> Iterator[tuple[str, Check]]:
    for file, title in IMAGES.items():
        yield title, partial(_read_image, file)
    yield "Damaged files are refused", partial(_refuse_damaged, folder)
    yield "Curves are drawn", partial(_draw_curves, folder)
    yield "Division into training and validation", _divide
    yield "Evaluation", _evaluate
    yield "TensorFlow", _load_tensorflow
    yield "Pretrained weights", _read_weights
    yield "Simulated radiographs", partial(_draw_radiographs, folder)
    yield "Check of the data", partial(_check_data, folder)
    for config in _TRAININGS:
        title = ARCHITECTURES[config.architecture].title
        yield f"Training, {title}", partial(_train, folder, config)
        yield f"Saved model gives the same scores, {title}", partial(_load, folder, config)
        yield f"Plain Keras gives the same scores, {title}", partial(_load_in_keras, folder, config)
    yield "Every format that a model is exported in gives the same scores", partial(_export, folder)
    # Last, because Qt ends the program where it has no platform plugin.
    yield "Window", partial(_show_window, folder)


# --- images


def _read_image(name: str) -> None:
    from covid_desktop.core.image import decode

    picture = decode(resource("self-test") / name)
    reference = np.load(resource("self-test/reference.npy"))
    greys = picture.mean(axis=2) if picture.ndim == 3 else picture
    _require(greys.shape == reference.shape, f"The picture has the size {greys.shape}.")
    difference = float(np.abs(greys - reference.astype(float)).mean())
    allowed = _LOSSY_DIFFERENCE if name in _LOSSY else 0.0
    _require(difference <= allowed, f"The picture is {difference:.2f} grey levels off on average.")


def _refuse_damaged(folder: Path) -> None:
    from covid_desktop.core.image import decode

    damaged = folder / "damaged"
    for name in IMAGES:
        whole = (resource("self-test") / name).read_bytes()
        damaged.write_bytes(whole[: len(whole) // 2])
        try:
            decode(damaged)
        except ImageError as error:
            _require(error.what.endswith("."), f"{name}, cut in half, is refused without a sentence.")
        else:
            raise _Wrong(f"{name}, cut in half, was read.")


# --- the parts


def _draw_curves(folder: Path) -> None:
    from covid_desktop.core.events import EpochEnded
    from covid_desktop.core.history import TrainingHistory
    from covid_desktop.core.image import decode
    from covid_desktop.figures.training_curves import training_figure

    values = {"accuracy": 0.9, "auroc": 0.9, "val_accuracy": 0.8, "val_auroc": 0.8, "seconds": 1.0}
    epochs = [
        EpochEnded(epoch=epoch, loss=1 / epoch, val_loss=1.2 / epoch, learning_rate=1e-3, **values)
        for epoch in (1, 2, 3)
    ]
    training_figure(TrainingHistory(epochs=tuple(epochs))).savefig(folder / "curves.png")
    _require(decode(folder / "curves.png").std() > 0, "The picture of the curves is empty.")


def _divide() -> None:
    from covid_desktop.core.dataset import Dataset, Sample
    from covid_desktop.core.split import split

    samples = tuple(Sample(path=Path(f"{number}.png"), label=number % 2) for number in range(20))
    divided = split(Dataset(folder=Path(), class_names=("Healthy", "COVID-19"), samples=samples))
    sizes = len(divided.training), len(divided.validation)
    _require(sizes == (16, 4), f"20 images were divided into {sizes[0]} and {sizes[1]}.")


def _evaluate() -> None:
    from covid_desktop.core.evaluation import Evaluation

    evaluation = Evaluation(labels=(0, 0, 1, 1), scores=(0.1, 0.6, 0.4, 0.9), threshold=0.5)
    found = evaluation.accuracy, evaluation.sensitivity, evaluation.specificity, evaluation.auroc
    _require(found == (0.5, 0.5, 0.5, 0.75), f"Four known scores were judged as {found}.")


def _load_tensorflow() -> None:
    from covid_desktop import jobs

    jobs.load_tensorflow()


def _read_weights() -> None:
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.pretrained import feature_function, load_imagenet_weights

    preprocessing = ARCHITECTURES["efficientnet-lite0"].preprocessing(64)
    model = build("efficientnet-lite0", preprocessing)
    load_imagenet_weights(model)
    features = feature_function(model)(_pixels(preprocessing.shape))
    _require(features.shape == (1, 1280), f"The features have the shape {features.shape}.")
    _require(bool(np.isfinite(features).all() and features.std() > 0), "The features are not numbers.")


def _pixels(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (1, *shape), np.uint8)


# --- training


def _draw_radiographs(folder: Path) -> None:
    from covid_desktop.core.phantom import write_demo_dataset

    write_demo_dataset(folder / "images", training=6, validation=2, test=0, size=64)


def _check_data(folder: Path) -> None:
    """A smaller JPEG of a radiograph is found to be a copy of it."""
    from PIL import Image

    from covid_desktop import curation

    images = Path(shutil.copytree(folder / "images" / "train", folder / "copied"))
    original = min(images.rglob("*.png"))
    copy = original.with_suffix(".jpg")
    with Image.open(original) as picture:
        picture.resize((56, 56)).save(copy)
    checked = curation.check(curation.open_dataset(images))
    found = [finding.groups for finding in checked.findings if finding.kind == "duplicates"]
    _require(found == [((copy, original),)], "A copy of a picture was not found.")


def _train(folder: Path, config: TrainingConfig) -> None:
    """Leaves the model and, as CSV, the scores it gives before it is saved and loaded."""
    from covid_desktop import curation, jobs
    from covid_desktop.core.atomic import write_text
    from covid_desktop.core.worklist_file import predictions_csv

    model_path = folder / f"{config.architecture}.keras"
    result = jobs.train(curation.open_dataset(folder / "images"), config, model_path)
    epochs = len(result.history.epochs)
    _require(epochs == config.epochs, f"{epochs} epochs were trained, not {config.epochs}.")
    _require(result.audit is not None, "The shortcut audit was not made.")
    predictions = jobs.predict(result.model, _radiographs(folder))
    write_text(model_path.with_suffix(".csv"), predictions_csv(predictions, result.model.name))


def _load(folder: Path, config: TrainingConfig) -> None:
    from covid_desktop import jobs

    model = jobs.load_model(folder / f"{config.architecture}.keras")
    predictions = jobs.predict(model, _radiographs(folder))
    _require_scores([prediction.score or 0.0 for prediction in predictions], folder, config)


def _load_in_keras(folder: Path, config: TrainingConfig) -> None:
    _load_tensorflow()  # says it where Keras would end the process
    import keras

    from covid_desktop.core.image import read_image

    model = keras.models.load_model(folder / f"{config.architecture}.keras", compile=False)
    pixels = np.stack([read_image(path, config.preprocessing) for path in _radiographs(folder)])
    _require_scores(model.predict(pixels, verbose=0)[:, 0].tolist(), folder, config)


def _require_scores(scores: list[float], folder: Path, config: TrainingConfig) -> None:
    """The same scores as the CSV of the training check has."""
    with (folder / f"{config.architecture}.csv").open(encoding="utf-8", newline="") as file:
        before = {Path(row["path"]): float(row["score"]) for row in csv.DictReader(file)}
    _require(list(before) == _radiographs(folder), "The CSV of predictions has other images.")
    difference = float(np.abs(np.array(scores) - list(before.values())).max())
    _require(difference <= _SCORE_DIFFERENCE, f"The scores differ by {difference:.2g}.")


def _export(folder: Path) -> None:
    from covid_desktop import jobs
    from covid_desktop.core.export import FORMATS

    for config in _TRAININGS:
        model = jobs.load_model(folder / f"{config.architecture}.keras")
        for kind, format_ in FORMATS.items():
            done = jobs.export_model(model, folder / f"exported {config.architecture}", kind)
            difference = done.largest_difference
            _require(difference <= _SCORE_DIFFERENCE, f"{format_.title} differs by {difference:.2g}.")


def _radiographs(folder: Path) -> list[Path]:
    return sorted((folder / "images").rglob("*.png"))


# --- window


def _show_window(folder: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import shiboken6
    from PySide6.QtWidgets import QApplication

    from covid_desktop.core.image import decode
    from covid_desktop.gui.display import watch_qt
    from covid_desktop.gui.main_window import MainWindow
    from covid_desktop.gui.settings import Settings
    from covid_desktop.gui.theme import apply_theme

    watch_qt()
    app = QApplication.instance() or QApplication(["covid-desktop"])
    if not isinstance(app, QApplication):
        raise _Wrong("Another kind of Qt application is running.")
    apply_theme(app, "light")
    window = MainWindow(Settings(folder / "settings.ini"))
    window.show()
    # What matplotlib left for the event loop must be drawn before the window is gone.
    app.processEvents()
    window.grab().save(str(folder / "window.png"))
    window.close()
    shiboken6.delete(window)  # before the application, in whichever order Python lets go of them
    _require(decode(folder / "window.png").std() > 0, "The window is empty.")
