"""The shapes of a simulated chest, as outlines in a body's own coordinates.

x runs from -1 (the patient's right, on the left of the picture) to 1 and y from -1 (chin) to 1 (belly).
An outline or a path is an array of shape (points, 2).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
RIGHT, LEFT = -1, 1
RIBS = 10
_WALL_Y = (-0.78, -0.70, -0.55, -0.35, -0.10, 0.15, 0.40, 0.70)
_WALL_X = (0.20, 0.33, 0.47, 0.57, 0.64, 0.68, 0.70, 0.72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What differs from one simulated person to the next; lengths in body coordinates."""

    chest: float
    diaphragm: float
    heart: float
    shoulder: float
    breast: float
    fat: float
    rib_spacing: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        return cls(
            chest=rng.uniform(0.90, 1.07),
            diaphragm=rng.uniform(0.16, 0.42),
            heart=rng.uniform(0.34, 0.50),
            shoulder=rng.uniform(-0.03, 0.07),
            breast=max(0.0, rng.uniform(-0.14, 0.20)),
            fat=rng.uniform(0.0, 1.0),
            rib_spacing=rng.uniform(0.108, 0.124),
        )

    def wall(self, y: float | Points) -> Points:
        """How far the inside of the chest wall is from the middle, at a height."""
        return np.asarray(self.chest * np.interp(y, _WALL_Y, _WALL_X), dtype=np.float64)

    def dome(self, side: int) -> float:
        """The height of the diaphragm's dome; the liver pushes the right one up."""
        return self.diaphragm + (0.05 if side == LEFT else 0.0)

    def torso(self) -> Points:
        waist, armpit = 0.84 + 0.10 * self.fat, 0.93 + 0.05 * self.fat
        neck = [(0.20, -1.3), (0.20, -0.98), (0.32, -0.88 + self.shoulder)]
        arm = [(0.72, -0.82 + self.shoulder), (1.08, -0.74 + self.shoulder), (1.22, -0.25), (1.30, 0.08)]
        half = [*neck, *arm, (armpit, 0.13), (waist, 0.5), (waist + 0.04, 2.4)]
        return smooth(np.array(half + [(-x, y) for x, y in reversed(half)]))

    def lung(self, side: int) -> Points:
        y = np.linspace(-0.70, 0.36, 9) + (self.diaphragm - 0.30)
        y[0] = -0.72
        lateral = np.column_stack([self.wall(y), y])
        dome, angle = self.dome(side), self.dome(side) + 0.20
        corner = (float(self.wall(angle)) - 0.01, angle)
        base = [corner, corner, (0.58, dome + 0.05), (0.42, dome), (0.26, dome + 0.02), (0.10, dome + 0.10)]
        inner = [(0.09, 0.0), (0.10, -0.35), (0.08, -0.55), (0.12, -0.74), (0.23, -0.79)]
        return smooth(np.concatenate([lateral, base, inner])) * (side, 1)

    def heart_outline(self) -> Points:
        """Heart, aortic knob and great vessels in one outline."""
        floor, width = self.dome(LEFT) + 0.06, self.heart
        left = [(0.10, -0.85), (0.11, -0.56), (0.17, -0.44), (0.18, -0.34), (0.13, -0.24), (0.17, -0.12)]
        left += [(0.24, floor - 0.38), (width - 0.07, floor - 0.20)]
        left += [(width, floor - 0.06), (width - 0.06, floor + 0.04)]
        right = [(-0.10, floor + 0.05), (-0.20, floor - 0.10), (-0.21, floor - 0.28), (-0.12, -0.18)]
        return smooth(np.array([*left, *right, (-0.10, -0.45), (-0.11, -0.85)]))

    def posterior_rib(self, number: int, side: int) -> Points:
        """From the spine out to the chest wall."""
        y = -0.70 + self.rib_spacing * number
        drop = 0.10 + 0.016 * number
        edge = float(self.wall(y + drop)) + 0.015
        return bezier((0.06, y), (0.55 * edge, y - 0.09), (edge, y - 0.02), (edge, y + drop)) * (side, 1)

    def anterior_rib(self, number: int, side: int) -> Points:
        """From the chest wall forward, down and in, to where the cartilage begins."""
        y = -0.70 + self.rib_spacing * number + 0.10 + 0.016 * number
        edge = float(self.wall(y)) + 0.015
        end = 0.20 + 0.025 * number
        return bezier((edge, y), (edge, y + 0.14), (0.72 * edge, y + 0.27), (end, y + 0.25)) * (side, 1)

    def clavicle(self, side: int) -> Points:
        y = -0.66 + self.shoulder
        return bezier((0.07, y), (0.28, y - 0.01), (0.44, y - 0.20), (0.86, y - 0.11)) * (side, 1)

    def scapula(self, side: int) -> Points:
        y = self.shoulder
        inner = [(0.80, -0.72 + y), (0.70, -0.66 + y), (0.67, -0.40 + y)]
        outer = [(0.72, -0.06 + y), (0.78, -0.30 + y), (0.86, -0.55 + y)]
        return smooth(np.array(inner + outer)) * (side, 1)

    def humerus(self, side: int) -> Points:
        y = self.shoulder
        head = [(0.86, -0.66 + y), (0.92, -0.70 + y), (0.99, -0.66 + y), (1.02, -0.57 + y)]
        shaft = [(1.09, -0.40 + y), (1.24, 0.0 + y), (1.15, 0.02 + y), (0.98, -0.42 + y)]
        return smooth(np.array([*head, *shaft, (0.87, -0.54 + y)])) * (side, 1)

    def stomach_gas(self) -> Points:
        return ellipse(0.30, self.dome(LEFT) + 0.13, 0.07 + 0.07 * self.fat, 0.035 + 0.02 * self.fat)

    def breast_outline(self, side: int) -> Points:
        return ellipse(side * 0.44, self.diaphragm - 0.04, 0.32, 0.28)

    def vertebrae(self) -> list[Points]:
        tops = np.arange(-1.2, 1.5, self.rib_spacing)
        return [rectangle(0.0, top + 0.45 * self.rib_spacing, 0.075, 0.38 * self.rib_spacing) for top in tops]


def vessels(rng: np.random.Generator, side: int) -> list[tuple[Points, float]]:
    """The lung's vessels, forking from the hilum outwards: paths, each with its width."""
    starts = rng.normal((0.15 * side, -0.10), 0.03, (10, 2))
    angles = np.linspace(-1.35, 1.45, 10) + rng.normal(0, 0.12, 10)
    branches: list[tuple[Points, float]] = []
    for width in (0.019, 0.0118, 0.0073, 0.0045):
        bends = angles[:, None] + np.cumsum(rng.normal(0, 0.14, (len(angles), 4)), axis=1)
        lengths = rng.uniform(0.035, 0.06, (len(angles), 1, 1))
        steps = lengths * np.stack([np.cos(bends) * side, np.sin(bends)], axis=2)
        paths = np.cumsum(np.concatenate([starts[:, None], steps], axis=1), axis=1)
        branches += [(path, width) for path in paths]
        starts, angles = np.repeat(paths[:, -1], 2, axis=0), np.repeat(bends[:, -1], 2)
        angles += np.tile((1, -1), len(paths)) * rng.uniform(0.1, 0.45, len(angles))
    return branches


def smooth(outline: Points) -> Points:
    """A closed outline with its corners cut (Chaikin 1974). A corner given twice stays sharper."""
    for _ in range(4):
        following = np.roll(outline, -1, axis=0)
        cut = np.stack([0.75 * outline + 0.25 * following, 0.25 * outline + 0.75 * following], axis=1)
        outline = cut.reshape(-1, 2)
    return outline


def bezier(*controls: tuple[float, float]) -> Points:
    """A cubic Bezier path of 24 points."""
    t = np.linspace(0, 1, 24)[:, None]
    a, b, c, d = (np.array(point) for point in controls)
    return np.asarray(a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3)


def edges(path: Points, width: float) -> tuple[Points, Points]:
    """The two sides of a band around a path."""
    along = np.gradient(path, axis=0)
    across = along[:, ::-1] * (-1, 1) / np.hypot(*along.T)[:, None]
    return path - across * width / 2, path + across * width / 2


def rectangle(x: float, y: float, half_width: float, half_height: float) -> Points:
    return np.array([(x, y)]) + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (half_width, half_height)


def ellipse(x: float, y: float, half_width: float, half_height: float) -> Points:
    t = np.linspace(0, 2 * np.pi, 48)
    return np.column_stack([x + half_width * np.cos(t), y + half_height * np.sin(t)])
