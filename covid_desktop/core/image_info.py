"""What an image file says of itself, and how large an image may be."""

import os
from contextlib import suppress
from dataclasses import dataclass

from covid_desktop.errors import ImageError

MEGAPIXELS_VARIABLE = "COVID_DESKTOP_MAX_MEGAPIXELS"

_MEGAPIXELS = 40
_LABEL_LENGTH = 64


def _most_megapixels() -> int:
    """What the environment asks for; the default where that is no whole number from 1 to 10,000."""
    with suppress(ValueError):
        asked = int(os.environ.get(MEGAPIXELS_VARIABLE, _MEGAPIXELS))
        if 1 <= asked <= 10_000:
            return asked
    return _MEGAPIXELS


MAX_PIXELS = 1_000_000 * _most_megapixels()
"""Twice the largest digital radiograph; a file that claims more would fill the memory.

The environment variable COVID_DESKTOP_MAX_MEGAPIXELS, read at the start of the program, allows more (or
less): a whole number of millions of pixels. A picture takes up to 45 bytes for each of its pixels while it
is read.
"""

MAX_FRAMES = 1_000
"""Frames are counted no further: going through those of a TIFF file takes the square of their number."""

MAX_FILE_BYTES = 2**31

TOO_LARGE = f"Larger than {MAX_PIXELS // 1_000_000} megapixels."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """Format, size in pixels as seen, number of frames.

    ``patient`` is only known for DICOM: the start of the SHA-256 of the Patient ID in hex, never the ID.
    """

    format: str
    width: int
    height: int
    frames: int = 1
    patient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How a picture was stored (frames, bits of each channel), and by which machine, from which view."""

    frames: int
    bits: int
    make: str = ""
    view: str = ""


def as_label(*parts: object) -> str:
    """What a header says, as one line of at most 64 characters; empty where it says nothing."""
    words = " ".join(str(part) for part in parts if part).replace("\0", " ").split()
    return " ".join(words)[:_LABEL_LENGTH].strip().encode(errors="replace").decode()


def check_size(width: int, height: int) -> None:
    """Raises ImageError where decoding would be unwise."""
    if width * height > MAX_PIXELS:
        raise ImageError(TOO_LARGE)
