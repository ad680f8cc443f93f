"""Writes a result into the study it belongs to: a picture and a structured report beside each other."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileDataset

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.dicom_common import read_dataset
from covid_desktop.core.dicom_instance import write_instance
from covid_desktop.core.dicom_report import report
from covid_desktop.core.dicom_secondary_capture import secondary_capture
from covid_desktop.core.dicom_study import require_place
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.result_source import ResultSource, SeriesUids
from covid_desktop.errors import ImageError, UserError

__all__ = ["ResultSource", "SavedResults", "SeriesUids", "require_study", "write_results"]

_ENDING = ".dcm"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResults:
    """The files that were written, and the images that have none, each with a reason."""

    written: tuple[Path, ...]
    left_out: tuple[SkippedFile, ...]


def write_results(
    source: Path,
    folder: Path,
    prediction: Prediction,
    about: ResultSource,
    picture: NDArray[np.uint8] | None,
    series: SeriesUids,
) -> tuple[Path | None, Path]:
    """The Secondary Capture of ``picture`` (height, width, 3), None without one, and the structured report.

    Both belong to the patient and the study of ``source``, and are there whole or not at all, named by their
    UIDs. Raises ImageError where ``source`` is no DICOM image or lacks a study, UserError where the
    files cannot be written.
    """
    header = require_study(source)
    datasets = [] if picture is None else [secondary_capture(header, prediction, about, picture, series)]
    datasets.append(report(header, prediction, about, series))
    places = {folder / f"{dataset.SOPInstanceUID}{_ENDING}": dataset for dataset in datasets}
    _write_all(places, header)
    *captures, structured = places
    return (captures[0] if captures else None), structured


def require_study(source: Path) -> FileDataset:
    """The header of an image that has a study to write into. Raises ImageError for others."""
    header = read_dataset(source)
    if header is None:
        raise ImageError("Not a DICOM file: there is no study to write into.")
    require_place(header)
    return header


def _write_all(places: dict[Path, Dataset], header: FileDataset) -> None:
    for path in places:
        if path.exists():
            raise UserError(f"{path.name} exists already.", "Choose another folder.")
    try:
        with ExitStack() as stack:
            for path, dataset in places.items():
                write_instance(stack.enter_context(written_whole(path)), dataset, header)
    except BaseException:  # the first may have been put in place before the second failed
        for path in places:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise
