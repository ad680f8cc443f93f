"""DICOM files, read by pydicom. Called by ``image`` alone, which handles errors.

Importing this sets pydicom up for the whole program: values that break the standard are taken as they are,
its messages are silent (they may name a patient), and the JPEG codecs it lacks are added.
"""

import hashlib
import io
import logging
import re
import zlib
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, FileDataset
from pydicom.encaps import get_frame
from pydicom.filereader import read_partial
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.tag import Tag
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from covid_desktop.core import dicom_jpeg
from covid_desktop.core.bombs import OTHER_SIZE, check_run_lengths, check_scans, counting
from covid_desktop.core.depth import to_8_bits
from covid_desktop.core.dicom_greys import to_greys, to_view, word
from covid_desktop.core.image_info import MAX_PIXELS, TOO_LARGE, ImageInfo, Origin, as_label, check_size
from covid_desktop.core.viewing import View, view_of_picture
from covid_desktop.errors import ImageError

_CODECS = {
    ImplicitVRLittleEndian: "",
    ExplicitVRLittleEndian: "",
    ExplicitVRBigEndian: "",
    DeflatedExplicitVRLittleEndian: "",
    RLELossless: "pydicom",
    JPEGBaseline8Bit: "pillow",
    JPEGExtended12Bit: "imagecodecs",
    JPEGLossless: "imagecodecs",
    JPEGLosslessSV1: "imagecodecs",
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
    JPEG2000Lossless: "pillow",
    JPEG2000: "pillow",
}
"""Each transfer syntax's one decoder, so that the pixels do not depend on what else is installed."""

_MOST_FRAMES = 2**31 - 1
_CUT_OFF = "Cut off: the end of the file is missing."

_HEADER = ["SOPClassUID", "Rows", "Columns", "NumberOfFrames", "PatientID"]

logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
for _uid in dicom_jpeg.DECODER_DEPENDENCIES:
    get_decoder(_uid).add_plugin("imagecodecs", (dicom_jpeg.__name__, dicom_jpeg.decode_frame.__name__))


def describe(file: BinaryIO, kind: str) -> ImageInfo:
    """Size, frames and the hashed Patient ID, without reading the pixels."""
    check_inflated_size(file)
    header = read_partial(file, counting(header_only=True), force=True, specific_tags=[*map(Tag, _HEADER)])
    _check_header(header)
    return ImageInfo(
        format=kind,
        width=header.Columns,
        height=header.Rows,
        frames=_frames(header),
        patient=_hashed(word(header, "PatientID")),
    )


def decode(file: BinaryIO, kind: str) -> NDArray[np.uint8]:  # noqa: ARG001
    """The first frame, (height, width) or (height, width, 3)."""
    return _picture(_read(file))


def view(file: BinaryIO, kind: str) -> View:  # noqa: ARG001
    """The first frame with the values it was made from."""
    dataset = _read(file)
    pixels = _pixels(dataset)
    if _is_grey(pixels, dataset):
        return to_view(pixels, dataset, _frames(dataset))
    return view_of_picture(_as_picture(pixels, dataset), _frames(dataset))


def examine(file: BinaryIO, kind: str) -> tuple[Origin, NDArray[np.uint8]]:  # noqa: ARG001
    """Where the picture comes from, and as ``decode`` gives it."""
    dataset = _read(file)
    return _origin(dataset), _picture(dataset)


def _origin(header: Dataset) -> Origin:
    return Origin(
        frames=_frames(header),
        bits=int(header.get("BitsStored") or header.get("BitsAllocated") or 8),
        make=as_label(word(header, "Manufacturer"), word(header, "ManufacturerModelName")),
        view=as_label(word(header, "ViewPosition")),
    )


def _read(file: BinaryIO) -> FileDataset:
    check_inflated_size(file)
    dataset = read_partial(file, counting(header_only=False), force=True)
    _check_header(dataset)
    if not any(name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ImageError("DICOM file without an image.")
    return dataset


def _picture(dataset: FileDataset) -> NDArray[np.uint8]:
    return _as_picture(_pixels(dataset), dataset)


def _pixels(dataset: FileDataset) -> NDArray[Any]:
    """The first frame as it is stored."""
    codec = _CODECS[_transfer_syntax(dataset)]
    if codec:
        _check_frame(dataset, codec)
    return pixel_array(dataset, index=0, decoding_plugin=codec)


def _is_grey(pixels: NDArray[Any], dataset: FileDataset) -> bool:
    return pixels.ndim == 2 and dataset.PhotometricInterpretation != "PALETTE COLOR"


def _as_picture(pixels: NDArray[Any], dataset: FileDataset) -> NDArray[np.uint8]:
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return to_8_bits(apply_color_lut(pixels, dataset)[..., :3])
    if pixels.ndim == 3:
        return to_8_bits(pixels)
    return to_greys(pixels, dataset)


def _frames(header: Dataset) -> int:
    """At most what the standard allows."""
    return min(int(header.get("NumberOfFrames") or 1), _MOST_FRAMES)


def check_inflated_size(file: BinaryIO) -> None:
    """pydicom inflates a deflated file whole, whatever it grows to. Raises ImageError."""
    head = file.read(1024)
    if DeflatedExplicitVRLittleEndian.encode() in head:
        # Behind preamble, DICM and the 12 bytes of the element that holds the length of the meta group.
        file.seek(144 + int.from_bytes(head[140:144], "little"))
        limit = 8 * MAX_PIXELS
        if len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(), limit + 1)) > limit:
            raise ImageError(TOO_LARGE)
    file.seek(0)


def _check_header(header: Dataset) -> None:
    # pydicom keeps nothing of compressed pixels, or of a header, whose end is missing.
    if len(header) == 0:
        raise ImageError(_CUT_OFF)
    if not header.get("Rows") or not header.get("Columns"):
        raise ImageError("DICOM file without an image.")
    if not (isinstance(header.Columns, int) and isinstance(header.Rows, int)):
        raise ValueError("several sizes")  # whose product is a list of that length
    check_size(header.Columns, header.Rows)


def _check_frame(dataset: Dataset, codec: str) -> None:
    """The compressed frame may claim another size than the header, and the codec would make room for it."""
    frame = get_frame(dataset.PixelData, 0, number_of_frames=_frames(dataset))
    size = dataset.Columns, dataset.Rows
    match codec:
        case "pydicom":
            check_run_lengths(frame, size[0] * size[1])
        case "pyjpegls":
            if dicom_jpeg.size(frame) != (*size[::-1], dataset.SamplesPerPixel):
                raise ImageError(OTHER_SIZE)
            if not dicom_jpeg.is_whole(frame):  # the codec would look for the end for ten seconds
                raise ImageError(_CUT_OFF)
        case "pillow":
            claimed = Image.open(io.BytesIO(frame), formats=["JPEG", "JPEG2000"]).size
            check_size(*claimed)
            if claimed != size:
                raise ImageError(OTHER_SIZE)
            check_scans(frame, size[0] * size[1])


def _transfer_syntax(dataset: FileDataset) -> UID:
    """As declared, else as found by pydicom, which then wants to be told."""
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _native_syntax(*dataset.original_encoding)
    syntax: UID = dataset.file_meta.TransferSyntaxUID
    if syntax not in _CODECS:
        named = f" {syntax}" if re.fullmatch(r"[0-9.]{1,64}", syntax) else ""
        raise ImageError(f"DICOM transfer syntax{named} is not supported.")
    return syntax


def _native_syntax(implicit: bool | None, little_endian: bool | None) -> UID:
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little_endian else ExplicitVRBigEndian


def _hashed(patient: object) -> str | None:
    text = str(patient or "").strip()
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16] if text else None
