"""Reads one image file: the only decoding and resizing code.

Training, prediction, the command line and every export read files here, under the same ``Preprocessing``.
All functions are safe to call from several threads.
"""

import errno
import hashlib
import re
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from covid_desktop.core import raster
from covid_desktop.core.duplicates import perceptual_hash
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.image_info import MAX_FILE_BYTES, TOO_LARGE, ImageInfo, Origin
from covid_desktop.core.picture import coloured_share, mean_and_contrast, thumbnail
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.core.viewing import View, view_of_picture
from covid_desktop.errors import ImageError

__all__ = [
    "ImageInfo",
    "content_hash",
    "decode",
    "describe",
    "examine",
    "fit",
    "opened",
    "read_hashed_image",
    "read_image",
    "view",
]

_SIGNATURES = {
    # A slide scanner's DICOM file may begin as a TIFF file, so DICOM comes first. Without the preamble
    # it begins with an element of group 2 or 8: explicit VR (either byte order) or a short implicit one.
    "DICOM": rb".{128}DICM|[\x02\x08]\0.\0[A-Z]{2}|\0\x08\0.[A-Z]{2}|\x08\0[\0-\x18]\0..\0\0",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "BMP": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "GIF": rb"GIF8[79]a",
    "WEBP": rb"RIFF.{4}WEBP",
    "JPEG2000": rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
}
_SIGNATURE = re.compile(
    b"|".join(b"(?P<%s>%s)" % (name.encode(), pattern) for name, pattern in _SIGNATURES.items()), re.DOTALL
)


class _Reader(Protocol):
    """The formats of one library."""

    def describe(self, file: BinaryIO, kind: str) -> ImageInfo: ...
    def decode(self, file: BinaryIO, kind: str) -> NDArray[np.uint8]: ...
    def view(self, file: BinaryIO, kind: str) -> View: ...
    def examine(self, file: BinaryIO, kind: str) -> tuple[Origin, NDArray[np.uint8]]: ...


_DAMAGED = "Damaged, cut off, or of a kind that is not supported."
_LIBRARIES = r"(PIL|pydicom)\b"
_filter_lock = threading.Lock()


def describe(path: Path) -> ImageInfo:
    """Format and size from the header alone. Raises ImageError."""
    with opened(path) as (file, kind):
        return _reader(kind).describe(file, kind)


def decode(path: Path) -> NDArray[np.uint8]:
    """The full picture as seen: (height, width) if grey, else (height, width, 3) RGB. Raises ImageError."""
    with opened(path) as (file, kind):
        return _grey_if_grey(_reader(kind).decode(file, kind))


def view(path: Path) -> View:
    """What ``decode`` gives, with the values it was made from, for a viewer. Raises ImageError."""
    with opened(path) as (file, kind):
        found = _reader(kind).view(file, kind)
    if found.picture.ndim == 2:
        return found
    return view_of_picture(_grey_if_grey(found.picture), found.frames)


def examine(path: Path) -> ImageFacts:
    """All that the checks of the data ask about a file, which is decoded once. Raises ImageError."""
    with opened(path) as (file, kind):
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file_bytes = file.tell()
        file.seek(0)
        origin, picture = _reader(kind).examine(file, kind)
        return _facts(sha256, file_bytes, kind, origin, _grey_if_grey(picture))


def fit(picture: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """``picture``, grey or RGB, as ``preprocessing.shape``; antialiased bilinear, padded with black."""
    image = Image.fromarray(picture)
    if preprocessing.channels == 1:
        image = image.convert("L")
    pixels = np.array(_resized(image, preprocessing))
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], preprocessing.channels, axis=2)


def read_image(path: Path, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """One file as ``preprocessing.shape``. Raises ImageError."""
    return fit(decode(path), preprocessing)


def read_hashed_image(path: Path, preprocessing: Preprocessing) -> tuple[NDArray[np.uint8], str]:
    """``read_image`` and ``content_hash`` of the same open file. Raises ImageError."""
    with opened(path) as (file, kind):
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        return fit(_grey_if_grey(_reader(kind).decode(file, kind)), preprocessing), sha256


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes in hex. Raises ImageError."""
    with _reasons():
        _check_file(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _facts(sha256: str, file_bytes: int, kind: str, origin: Origin, picture: NDArray[np.uint8]) -> ImageFacts:
    height, width = picture.shape[:2]
    grey = Image.fromarray(picture).convert("L")
    mean, contrast = mean_and_contrast(grey)
    small = thumbnail(grey)
    return ImageFacts(
        sha256=sha256,
        format=kind,
        file_bytes=file_bytes,
        width=width,
        height=height,
        frames=origin.frames,
        bits=origin.bits,
        make=origin.make,
        view=origin.view,
        mean=mean,
        contrast=contrast,
        colour=coloured_share(picture),
        phash=perceptual_hash(small),
        thumbnail=small.tobytes(),
    )


def _resized(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    size = preprocessing.width, preprocessing.height
    match preprocessing.fit:
        case "pad":
            return ImageOps.pad(image, size, Image.Resampling.BILINEAR)
        case "crop":
            return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
        case "stretch":
            return image.resize(size, Image.Resampling.BILINEAR)


def _grey_if_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width) where the three channels are equal."""
    if picture.ndim == 2:
        return picture
    # Broadcasting one channel against two takes nine times as long.
    red, green, blue = (picture[..., channel] for channel in range(3))
    if (red == green).all() and (red == blue).all():
        return np.ascontiguousarray(red)
    return picture


def _reader(kind: str) -> _Reader:
    if kind != "DICOM":
        return raster
    # pydicom takes a quarter of a second to import, and most folders have no DICOM.
    from covid_desktop.core import dicom

    return dicom


@contextmanager
def opened(path: Path) -> Iterator[tuple[BufferedReader, str]]:
    """The open file at its beginning, and its format, told by its content.

    Whatever goes wrong inside is an ImageError.
    """
    with _reasons():
        _check_file(path)
        _ignore_warnings()
        with path.open("rb") as file:
            signature = _SIGNATURE.match(file.read(132))
            if signature is None or signature.lastgroup is None:
                raise ImageError("Not an image.")
            file.seek(0)
            with _nowhere():
                yield file, signature.lastgroup


@contextmanager
def _nowhere() -> Iterator[None]:
    """Damaged offsets lead before the beginning of the file, and the system then says "invalid argument"."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise ImageError(_DAMAGED) from error
        raise


def _check_file(path: Path) -> None:
    """Opening a pipe or a device could wait for ever."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise ImageError("A folder, not an image.")
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("A pipe or a device, not an image.")
    if status.st_size == 0:
        raise ImageError("Empty file.")
    if status.st_size > MAX_FILE_BYTES:
        raise ImageError(f"Larger than {MAX_FILE_BYTES // 2**30} gigabytes.")


@contextmanager
def _reasons() -> Iterator[None]:
    """Everything that goes wrong inside becomes an ImageError in plain words."""
    try:
        yield
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(TOO_LARGE) from error
    except MemoryError as error:
        raise ImageError("Too large for the memory of this computer.") from error
    except RecursionError as error:
        raise ImageError("Nested too deeply.") from error
    except Exception as error:  # codecs raise almost anything on damaged files
        # Only the operating system's errors have a text; Pillow raises OSError without one.
        text = error.strerror if isinstance(error, OSError) else None
        if text:
            raise ImageError(f"Cannot be opened: {text.lower()}.") from error
        raise ImageError(_DAMAGED) from error


def _ignore_warnings() -> None:
    """What the libraries warn of is nothing to act on, and may name a patient.

    ``warnings.catch_warnings`` is not safe in threads, so the filter is set and stays.
    """
    with _filter_lock:
        if not any(getattr(module, "pattern", None) == _LIBRARIES for *_, module, _ in warnings.filters):
            warnings.filterwarnings("ignore", module=_LIBRARIES)
