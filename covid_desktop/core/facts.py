"""What an image file and its picture are like, as far as the checks of the data ask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THUMBNAIL_SIDE = 64
BLANK = 3.0  # standard deviation in grey levels, of the thumbnail: noise is averaged away in it


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """One file that could be decoded.

    ``width`` and ``height`` are in pixels as seen, ``bits`` those stored of each channel. ``make`` is the
    maker of the machine by EXIF or DICOM and ``view`` DICOM's View Position, both empty where unknown.
    ``mean`` and ``contrast`` (standard deviation) are in grey levels 0 to 255, ``colour`` is the share of
    pixels that are clearly not grey. ``thumbnail`` holds the grey picture stretched to 64 x 64, row by row.
    """

    sha256: str
    format: str
    file_bytes: int
    width: int
    height: int
    frames: int
    bits: int
    make: str
    view: str
    mean: float
    contrast: float
    colour: float
    phash: bytes
    thumbnail: bytes

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The thumbnail as (64, 64)."""
        return np.frombuffer(self.thumbnail, np.uint8).reshape(THUMBNAIL_SIDE, THUMBNAIL_SIDE)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is to be seen in it, or hardly anything."""
        return bool(self.picture.std() < BLANK)
