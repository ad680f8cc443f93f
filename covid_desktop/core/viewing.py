"""A picture with the values it was made from, so that a viewer can show them in another window."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.depth import finite, from_fraction

Values = NDArray[np.float32] | NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels from the top left corner of the picture."""

_NARROWEST = 1e-6  # as a window: everything is black or white
_NEAREST_FROM = 4.0  # screen pixels for each pixel: from here on single pixels are to be seen
_MARGIN = 2  # pixels around a part that smoothing looks at
_FLOAT32 = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One image file as a viewer shows it.

    ``values`` are (height, width) float32 for deep grey pictures, in ``unit`` ("HU" or ""); otherwise they
    are the picture, (height, width) or (height, width, 3). ``picture`` is the look by default, as
    ``image.decode`` gives it: ``low`` is black in it and ``high`` white (above ``low``, or below where
    high values are dark). ``step`` is 1 where a window counts whole values as DICOM does, else 0.
    ``frames`` is how many the file has; this is its first.
    """

    values: Values
    picture: NDArray[np.uint8]
    low: float
    high: float
    unit: str = ""
    step: float = 1.0
    frames: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.picture.shape[:2]
        return width, height

    def shown(self, low: float, high: float) -> NDArray[np.uint8]:
        """The picture with ``low`` black and ``high`` white, whichever is larger."""
        if (low, high) == (self.low, self.high):
            return self.picture
        if (high, low) == (self.low, self.high):
            return np.asarray(255 - self.picture)
        return self._windowed(low, high) if low <= high else np.asarray(255 - self._windowed(high, low))

    def part(self, box: Box, size: tuple[int, int], low: float, high: float) -> NDArray[np.uint8]:
        """What is inside ``box`` as ``shown``, in ``size`` (width, height) pixels."""
        left, top = (max(0, int(edge) - _MARGIN) for edge in box[:2])
        right, bottom = (int(edge) + 1 + _MARGIN for edge in box[2:])
        image = Image.fromarray(
            np.ascontiguousarray(self._cropped(left, top, right, bottom).shown(low, high))
        )
        inside = (
            box[0] - left,
            box[1] - top,
            min(box[2] - left, image.width),
            min(box[3] - top, image.height),
        )
        magnified = size[0] / (inside[2] - inside[0])
        way = Image.Resampling.NEAREST if magnified >= _NEAREST_FROM else Image.Resampling.BILINEAR
        return np.asarray(image.resize(size, way, box=inside))

    def reduced(self, factor: int) -> "View":
        """Each square of ``factor`` pixels as one, by its mean; at the right and bottom from what is left."""
        if factor == 1:
            return self
        picture = _reduced(self.picture, factor)
        values = picture if self.values is self.picture else _reduced(self.values, factor)
        return replace(self, values=values, picture=picture)

    def adjusted(self, adjustment: Adjustment) -> "View":
        """Turned and inverted as it is scored."""
        turns = adjustment.quarter_turns
        picture = adjustment.applied(self.picture)
        if self.values is self.picture:
            return replace(self, values=picture, picture=picture)
        low, high = (self.high, self.low) if adjustment.is_inverted else (self.low, self.high)
        values: Any = np.ascontiguousarray(np.rot90(self.values, turns))
        return replace(self, values=values, picture=picture, low=low, high=high)

    def width_and_level(self, low: float, high: float) -> tuple[float, float]:
        """The window between two values as DICOM numbers it, in ``unit``."""
        return abs(high - low) + self.step, (low + high + self.step) / 2

    def limits(self, width: float, level: float) -> tuple[float, float]:
        """The values that a window shows black and white, high values dark where they are by default."""
        half, middle = max(width - self.step, _NARROWEST) / 2, level - self.step / 2
        return (middle - half, middle + half) if self.low <= self.high else (middle + half, middle - half)

    def window_words(self, low: float, high: float) -> str:
        """Such as "W 1500 L -600 HU"."""
        width, level = self.width_and_level(low, high)
        return f"W {self._number(width)} L {self._number(level)} {self.unit}".rstrip()

    def value_words(self, row: int, column: int) -> str:
        """The value of a pixel, such as "-812 HU", or its red, green and blue."""
        value = self.values[row, column]
        if value.ndim:
            return ", ".join(map(str, value))
        return f"{float(value):.6g} {self.unit}".rstrip()

    def _number(self, value: float) -> str:
        return str(round(value)) if self.step or abs(value) >= 100 else f"{value:.3g}"

    def _windowed(self, low: float, high: float) -> NDArray[np.uint8]:
        width = max(high - low, _NARROWEST)
        if self.values.dtype == np.uint8:
            table = from_fraction((np.arange(256) - low) / width)
            return np.asarray(table[self.picture])
        with np.errstate(all="ignore"):  # a damaged header's values may be near the end of what a float holds
            greys = self.values - np.float32(low)
            greys *= np.float32(255 / width)
            np.clip(greys, 0, 255, out=greys)
            return np.asarray(np.rint(greys, out=greys), dtype=np.uint8)

    def _cropped(self, left: int, top: int, right: int, bottom: int) -> "View":
        place = np.s_[top:bottom, left:right]
        return replace(self, values=self.values[place], picture=self.picture[place])


def view_of_picture(picture: NDArray[np.uint8], frames: int = 1) -> View:
    """What a picture of 8 bits, (height, width) or (height, width, 3), is to a viewer."""
    return View(values=picture, picture=picture, low=0.0, high=255.0, frames=frames)


def view_of_values(
    values: NDArray[np.float32], picture: NDArray[np.uint8], low: float, high: float, **fields: Any
) -> View:
    """``values`` (height, width) and their look; the look alone where the window is not of finite numbers."""
    if not np.isfinite([low, high]).all():
        return view_of_picture(picture, fields.get("frames", 1))
    if low == high:  # one value everywhere, and black
        high = low + 1
    return View(values=values, picture=picture, low=float(low), high=float(high), **fields)


def as_float32(values: NDArray[Any]) -> NDArray[np.float32]:
    """Finite numbers that float32 can hold."""
    if values.dtype.kind == "f":
        values = np.clip(finite(values), -_FLOAT32, _FLOAT32)
    return values.astype(np.float32)


def black_and_white(values: NDArray[Any]) -> tuple[float, float]:
    """The values that ``depth.to_8_bits`` shows black and white."""
    if values.dtype.kind == "f":
        values = finite(values)
    lowest, highest = values.min(), values.max()
    if values.dtype.kind == "f":
        return (0.0, 1.0) if lowest >= 0 and highest <= 1 else (float(lowest), float(highest))
    if lowest < 0 or highest > 65535:
        return float(lowest), float(highest)
    bits = max(8, int(highest).bit_length())
    return 0.0, 2.0 ** (bits + bits % 2) - 1


def _reduced(pixels: Values, factor: int) -> Any:
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).reduce(factor))
