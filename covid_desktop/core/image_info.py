"""What an image file's header says, and how large an image may be."""

from dataclasses import dataclass

from covid_desktop.errors import ImageError

MAX_PIXELS = 40_000_000
"""Twice the largest digital radiograph; a file that claims more would fill the memory."""

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


def check_size(width: int, height: int) -> None:
    """Raises ImageError where decoding would be unwise."""
    if width * height > MAX_PIXELS:
        raise ImageError(TOO_LARGE)
