"""Small pictures, and files made of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

Pixels = NDArray[Any]
WriteDicom = Callable[..., Path]


@pytest.fixture
def grey() -> NDArray[np.uint8]:
    """40 rows, 60 columns, all levels, no symmetry."""
    return ((np.add.outer(np.arange(40) * 3, np.arange(60)) * 37) % 256).astype(np.uint8)


@pytest.fixture
def colour() -> NDArray[np.uint8]:
    """Smooth, so that lossy compression keeps it near."""
    rows, columns = np.mgrid[0:40, 0:60]
    return np.stack([rows * 6, columns * 4, 240 - rows * 3 - columns], axis=2).astype(np.uint8)


@pytest.fixture
def write_dicom(tmp_path: Path) -> WriteDicom:
    """Writes (rows, columns[, 3]) pixels in a syntax; ``encoded`` are the frames of a compressed one."""

    def write(
        pixels: Pixels,
        syntax: UID = ExplicitVRLittleEndian,
        encoded: list[bytes] | None = None,
        name: str = "image.dcm",
        bits: int = 0,
        **elements: Any,
    ) -> Path:
        dataset = dicom_dataset(pixels, syntax, bits)
        dataset.PixelData = encapsulate(encoded) if encoded else pixel_bytes(pixels, syntax)
        dataset["PixelData"].VR = "OB" if encoded or pixels.itemsize == 1 else "OW"
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        path = tmp_path / name
        dcmwrite(path, dataset, enforce_file_format=True)
        return path

    return write


def pixel_bytes(pixels: Pixels, syntax: UID) -> bytes:
    data = pixels.astype(pixels.dtype.newbyteorder("<" if syntax.is_little_endian else ">")).tobytes()
    return data + b"\0" * (len(data) % 2)


def dicom_dataset(pixels: Pixels, syntax: UID, bits: int) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["image"])
    dataset.PatientID = "P 1"
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.itemsize
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    return dataset
