"""Paints outlines as soft planes, in the position a simulated person has on the picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from covid_desktop.core.anatomy import Points

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a person stands before the detector: turned in degrees, shifted in half widths of the picture."""

    turn: float
    zoom: float
    breadth: float
    shift: tuple[float, float]

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        return cls(
            turn=rng.normal(0, 2.0),
            zoom=rng.uniform(0.84, 1.0),
            breadth=rng.uniform(0.96, 1.06),
            shift=(rng.uniform(-0.08, 0.08), rng.uniform(-0.08, 0.08)),
        )


class Easel:
    """Paints a body's outlines as soft planes of values from 0 to 1."""

    def __init__(self, size: int, pose: Pose) -> None:
        self.size = size
        cos, sin = np.cos(np.radians(pose.turn)), np.sin(np.radians(pose.turn))
        self._scale = size / 2 * pose.zoom
        self._matrix = self._scale * np.array([[cos, sin], [-sin, cos]]) * (pose.breadth, 1)
        self._middle = size / 2 * (1 + np.array(pose.shift))

    def to_pixels(self, points: Points) -> Points:
        return np.asarray(points @ self._matrix + self._middle)

    def length(self, length: float) -> float:
        """A length in pixels."""
        return float(length * self._scale)

    def fill(self, outlines: Iterable[Points], *, blur: float) -> Plane:
        image, draw = self._blank()
        for outline in outlines:
            draw.polygon(self._flat(outline), fill=255)
        return self._soften(image, blur)

    def strokes(self, paths: Iterable[tuple[Points, float]], *, blur: float) -> Plane:
        """Lines of a width; those thinner than a pixel are drawn paler."""
        image, draw = self._blank()
        for path, width in paths:
            pixels = self.length(width)
            draw.line(self._flat(path), fill=int(255 * min(1, pixels)), width=max(1, round(pixels)))
        return self._soften(image, blur)

    def _blank(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        image = Image.new("L", (self.size, self.size))
        return image, ImageDraw.Draw(image)

    def _flat(self, points: Points) -> list[float]:
        flat: list[float] = self.to_pixels(points).ravel().tolist()
        return flat

    def _soften(self, image: Image.Image, blur: float) -> Plane:
        """A Gaussian blur; a wide one on a smaller picture, a narrow one by a box: alike, but fast."""
        radius = self.length(blur)
        factor = max(1, int(radius / 1.2))
        kernel = ImageFilter.GaussianBlur(radius / factor) if factor > 1 else ImageFilter.BoxBlur(radius)
        small = image.reduce(factor).filter(kernel)
        box = (0, 0, image.width / factor, image.height / factor)
        soft = np.asarray(small.resize(image.size, Image.Resampling.BILINEAR, box))
        return soft * np.float32(1 / 255)


def clouds(rng: np.random.Generator, cells: int, size: int) -> Plane:
    """Smooth noise of unit scale with about this many spots along a side, whatever the size."""
    grid = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32))
    return np.asarray(grid.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32)


def enlarge(plane: Plane, size: int) -> Plane:
    """The plane at another size; for what is smooth and need not be painted at full size."""
    return np.array(Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR))
