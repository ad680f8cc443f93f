"""Writes resources/self-test: one simulated radiograph in every format that the program reads.

Run it again with ``python tests/make_self_test_files.py``. The names are those that ``self_test`` asks for.
"""

import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from pydicom import Dataset, dcmwrite, uid
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder

from covid_desktop.core.depth import stretch
from covid_desktop.core.phantom import LABEL, draw_phantom

FOLDER = Path(__file__).parents[1] / "resources" / "self-test"

Picture = NDArray[Any]
Write = Callable[[Path, Picture], None]


def write_files(folder: Path) -> None:
    """Put ``reference.npy``, the picture as it should be read, and every file of ``FILES`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = reference()
    np.save(folder / "reference.npy", picture)
    for name, write in FILES.items():
        write(folder / name, picture)


def reference() -> NDArray[np.uint8]:
    """0 to 255, air black; the odd sizes are there to find wrong padding, the two sides wrong turning."""
    pixels = draw_phantom(1, positive=True, size=96).pixels[:95, :79]
    return stretch(np.where(pixels < 24, 0, pixels))


# --- photographic formats


def save(path: Path, picture: Picture, *, kind: str, **options: Any) -> None:
    Image.fromarray(picture).save(path, kind, **options)


def deep_of(picture: Picture) -> NDArray[np.uint16]:
    """The same in 16 bits."""
    return picture.astype(np.uint16) * 257


def save_deep(path: Path, picture: Picture, *, kind: str, **options: Any) -> None:
    save(path, deep_of(picture), kind=kind, **options)


def save_float(path: Path, picture: Picture) -> None:
    save(path, picture.astype(np.float32) / 255, kind="TIFF", compression="tiff_adobe_deflate")


def save_colour(path: Path, picture: Picture, *, kind: str, **options: Any) -> None:
    save(path, np.stack([picture] * 3, axis=2), kind=kind, **options)


def save_palette(path: Path, picture: Picture) -> None:
    """Indices in any order, so that they cannot be taken for grey levels."""
    order = np.random.default_rng(0).permutation(256).astype(np.uint8)
    image = Image.fromarray(np.argsort(order).astype(np.uint8)[picture])
    image.putpalette(np.repeat(order, 3).tobytes())
    image.save(path, "PNG")


def save_transparent(path: Path, picture: Picture) -> None:
    """What is black is white instead and wholly transparent."""
    alpha = np.where(picture == 0, 0, 255).astype(np.uint8)
    image = Image.fromarray(np.where(picture == 0, 255, picture))
    image.putalpha(Image.fromarray(alpha))
    image.save(path, "PNG")


def save_cmyk(path: Path, picture: Picture) -> None:
    inks = np.zeros((*picture.shape, 4), np.uint8)
    inks[..., 3] = 255 - picture
    Image.fromarray(inks, "CMYK").save(path, "JPEG", quality=90)


def save_turned(path: Path, picture: Picture) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    save(path, np.rot90(picture), kind="JPEG", quality=90, exif=exif)


# --- DICOM


def save_dicom(
    path: Path,
    pixels: Picture,
    *,
    syntax: uid.UID = uid.ExplicitVRLittleEndian,
    frame: bytes = b"",
    bits: int = 12,
    **elements: Any,
) -> None:
    """Grey ``pixels`` as they are, or ``frame``, which is the same compressed."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = uid.generate_uid(entropy_srcs=[path.name])
    dataset.PatientName = dataset.PatientID = LABEL
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 8 * pixels.itemsize
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = encapsulate([frame]) if frame else native_bytes(pixels, syntax)
    dataset["PixelData"].VR = "OB" if frame or pixels.itemsize == 1 else "OW"
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dcmwrite(path, dataset, enforce_file_format=True)


def native_bytes(pixels: Picture, syntax: uid.UID) -> bytes:
    data = pixels.astype(pixels.dtype.newbyteorder("<" if syntax.is_little_endian else ">")).tobytes()
    return data + b"\0" * (len(data) % 2)


def detector_values(picture: Picture) -> NDArray[np.uint16]:
    """12 bits in words, from 0 to 4095."""
    return np.rint(picture * (4095 / 255)).astype(np.uint16)


def dicom(path: Path, picture: Picture, *, syntax: uid.UID = uid.ExplicitVRLittleEndian) -> None:
    save_dicom(path, detector_values(picture), syntax=syntax)


def dicom_8_bits(path: Path, picture: Picture) -> None:
    save_dicom(path, picture, bits=8)


def dicom_inverted(path: Path, picture: Picture) -> None:
    save_dicom(path, 255 - picture, bits=8, PhotometricInterpretation="MONOCHROME1")


def dicom_window(path: Path, picture: Picture) -> None:
    """From 300 to 810 is the window; black and white lie far beyond it."""
    values = 300 + 2 * picture.astype(np.uint16)
    values[picture == 0], values[picture == 255] = 0, 4095
    save_dicom(path, values, WindowCenter="555.5", WindowWidth="511")


def dicom_rle(path: Path, picture: Picture) -> None:
    frame = get_encoder(uid.RLELossless).encode(
        detector_values(picture),
        encoding_plugin="pydicom",
        rows=picture.shape[0],
        columns=picture.shape[1],
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=16,
        bits_stored=12,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )
    save_dicom(path, detector_values(picture), syntax=uid.RLELossless, frame=frame)


def dicom_jpeg(path: Path, picture: Picture) -> None:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=90)
    save_dicom(path, picture, syntax=uid.JPEGBaseline8Bit, frame=file.getvalue(), bits=8)


def dicom_jpeg_12_bits(path: Path, picture: Picture, *, syntax: uid.UID, **options: Any) -> None:
    values = detector_values(picture)
    frame = imagecodecs.jpeg8_encode(values, bitspersample=12, **options)
    save_dicom(path, values, syntax=syntax, frame=frame)


def dicom_jpeg_ls(path: Path, picture: Picture) -> None:
    values = detector_values(picture)
    save_dicom(path, values, syntax=uid.JPEGLSLossless, frame=imagecodecs.jpegls_encode(values))


def dicom_jpeg_ls_near(path: Path, picture: Picture) -> None:
    frame = imagecodecs.jpegls_encode(picture, level=2)
    save_dicom(path, picture, syntax=uid.JPEGLSNearLossless, frame=frame, bits=8)


def dicom_jpeg_2000(path: Path, picture: Picture) -> None:
    values = detector_values(picture)
    frame = imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, bitspersample=12)
    save_dicom(path, values, syntax=uid.JPEG2000Lossless, frame=frame)


def dicom_jpeg_2000_lossy(path: Path, picture: Picture) -> None:
    file = io.BytesIO()
    options: dict[str, Any] = {"irreversible": True, "quality_mode": "dB", "quality_layers": [42]}
    Image.fromarray(picture).save(file, "JPEG2000", no_jp2=True, **options)
    save_dicom(path, picture, syntax=uid.JPEG2000, frame=file.getvalue(), bits=8)


FILES: dict[str, Write] = {
    "grey.png": partial(save, kind="PNG"),
    "grey-16-bit.png": partial(save_deep, kind="PNG"),
    "palette.png": save_palette,
    "transparent.png": save_transparent,
    "png-inside.jpg": partial(save, kind="PNG"),
    "grey.jpg": partial(save, kind="JPEG", quality=90),
    "progressive.jpg": partial(save_colour, kind="JPEG", quality=90, progressive=True),
    "cmyk.jpg": save_cmyk,
    "turned.jpg": save_turned,
    "grey.tif": partial(save, kind="TIFF", compression="tiff_lzw"),
    "grey-16-bit.tif": partial(save_deep, kind="TIFF"),
    "float.tif": save_float,
    "grey.bmp": partial(save, kind="BMP"),
    "lossless.webp": partial(save_colour, kind="WEBP", lossless=True),
    "lossy.webp": partial(save_colour, kind="WEBP", quality=90),
    "grey.gif": partial(save, kind="GIF"),
    "grey.jp2": partial(save, kind="JPEG2000"),
    "implicit.dcm": partial(dicom, syntax=uid.ImplicitVRLittleEndian),
    "explicit.dcm": dicom,
    "8-bit.dcm": dicom_8_bits,
    "big-endian.dcm": partial(dicom, syntax=uid.ExplicitVRBigEndian),
    "deflated.dcm": partial(dicom, syntax=uid.DeflatedExplicitVRLittleEndian),
    "rle.dcm": dicom_rle,
    "jpeg.dcm": dicom_jpeg,
    "jpeg-extended.dcm": partial(dicom_jpeg_12_bits, syntax=uid.JPEGExtended12Bit, level=95),
    "jpeg-lossless-57.dcm": partial(dicom_jpeg_12_bits, syntax=uid.JPEGLossless, lossless=True, predictor=5),
    "jpeg-lossless-70.dcm": partial(
        dicom_jpeg_12_bits, syntax=uid.JPEGLosslessSV1, lossless=True, predictor=1
    ),
    "jpeg-ls.dcm": dicom_jpeg_ls,
    "jpeg-ls-near.dcm": dicom_jpeg_ls_near,
    "jpeg-2000-lossless.dcm": dicom_jpeg_2000,
    "jpeg-2000.dcm": dicom_jpeg_2000_lossy,
    "inverted.dcm": dicom_inverted,
    "window.dcm": dicom_window,
    "IM000001": dicom_8_bits,
}

if __name__ == "__main__":
    write_files(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
