"""Twelve simulated radiographs, the same on every computer, in the formats that are read most."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.phantom import LABEL, draw_phantom

COUNT = 12
_SIZE = 256
_FIRST_SEED = 7_000_000
_FILM = np.array([0.85, 0.93, 1.0])  # the blue of a film, so that red and blue are not the same

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImage:
    """A file, and the picture that must be read from it: (height, width), or (height, width, 3) RGB."""

    path: Path
    picture: Pixels


def write_fixed_set(folder: Path) -> tuple[FixedImage, ...]:
    """Draw the images into ``folder``, which must exist: six of each class, each format at least once.

    Raises OSError.
    """
    return tuple(_write(folder, number) for number in range(COUNT))


def _write(folder: Path, number: int) -> FixedImage:
    pixels = draw_phantom(_FIRST_SEED + number, positive=number % 2 == 1, size=_SIZE).pixels
    ending, save = _FORMATS[number % len(_FORMATS)]
    path = folder / f"simulated-{number + 1:02}{ending}"
    return FixedImage(path=path, picture=save(path, pixels))


def _save(path: Path, pixels: Pixels) -> Pixels:
    Image.fromarray(pixels).save(path)
    return pixels


def _save_coloured(path: Path, pixels: Pixels) -> Pixels:
    return _save(path, np.rint(pixels[..., np.newaxis] * _FILM).astype(np.uint8))


def _save_deep(path: Path, pixels: Pixels) -> Pixels:
    """16 bits; 257 makes white of 255."""
    Image.fromarray(pixels.astype(np.uint16) * 257).save(path)
    return pixels


def _save_jpeg(path: Path, pixels: Pixels) -> Pixels:
    """The picture is what the compression left."""
    Image.fromarray(pixels).save(path, quality=90)
    with Image.open(path) as image:
        return np.array(image)


def _save_dicom(path: Path, pixels: Pixels) -> Pixels:
    _write_dicom(path, pixels, "MONOCHROME2")
    return pixels


def _save_inverted_dicom(path: Path, pixels: Pixels) -> Pixels:
    _write_dicom(path, 255 - pixels, "MONOCHROME1")
    return pixels


def _write_dicom(path: Path, stored: Pixels, interpretation: str) -> None:
    """8 bits, with the window that changes nothing."""
    from pydicom import Dataset, dcmwrite, uid
    from pydicom.dataset import FileMetaDataset

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = uid.generate_uid(entropy_srcs=[path.name])
    dataset.PatientName = dataset.PatientID = LABEL
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = interpretation
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = 128, 256
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OB"
    dcmwrite(path, dataset, enforce_file_format=True)


_FORMATS: tuple[tuple[str, Callable[[Path, Pixels], Pixels]], ...] = (
    (".png", _save),
    ("-colour.png", _save_coloured),
    ("-16-bit.png", _save_deep),
    (".jpg", _save_jpeg),
    (".tif", _save),
    (".dcm", _save_dicom),
    ("-inverted.dcm", _save_inverted_dicom),
)
