"""What an image file says of itself, and how large an image may be."""

from dataclasses import dataclass

from covid_desktop.errors import ImageError

MAX_PIXELS = 40_000_000
"""Twice the largest digital radiograph; a file that claims more would fill the memory."""

_LABEL_LENGTH = 64

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
