"""Simulated chest radiographs: for the demo and for tests, so that neither needs a patient's image."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from covid_desktop.core import anatomy
from covid_desktop.core.anatomy import LEFT, RIBS, RIGHT, Body, Points
from covid_desktop.core.atomic import write_text, written_whole
from covid_desktop.core.easel import Easel, Plane, Pose, clouds, enlarge
from covid_desktop.errors import DatasetError

LABEL = "SIMULATED"
MIN_SIZE = 32
SIDES = (RIGHT, LEFT)
CLASS_NAMES = ("COVID-19", "Healthy")
_DESCRIPTION = "Simulated chest radiograph. Drawn by a program; no patient's image."
_README = """These chest radiographs are simulated: a program drew them, and no patient's image was used.

Opacities were drawn into the lungs of those in the COVID-19 folders; nothing else tells the classes apart.
They are for trying the program out. A model trained on them knows nothing about real radiographs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opacity:
    """A simulated ground-glass opacity: nothing of it lies outside this circle. In pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A simulated radiograph (height, width) and where its opacities are; none in a healthy one."""

    pixels: NDArray[np.uint8]
    opacities: tuple[Opacity, ...]


def draw_phantom(seed: int, *, positive: bool, size: int = 512) -> Phantom:
    """Draws a square radiograph of a simulated person.

    The same seed gives the same person, position, exposure and noise; ``positive`` adds opacities
    and changes nothing else. Raises ValueError for a size under 32 pixels.
    """
    if size < MIN_SIZE:
        raise ValueError(f"size {size} is under {MIN_SIZE} pixels")
    person, film, disease = (np.random.default_rng([seed, part]) for part in range(3))
    body, pose = Body.random(person), Pose.random(person)
    fine, coarse = Easel(size, pose), Easel(size // 2, pose)
    ribcage = coarse.fill([body.lung(side) for side in SIDES], blur=0.08)
    air = _air(coarse, body, ribcage)
    density = enlarge(_soft_tissue(coarse, body, person) - air * (0.66 - _hila(coarse, person)), size)
    air = enlarge(air, size)
    density += 0.17 * air * _vessels(fine, person)
    density += _bones(fine, body) * enlarge(0.6 + 0.4 * ribcage, size)
    opacities = _place_opacities(fine, body, disease) if positive else ()
    if opacities:
        density += air * _clouding(opacities, disease, size)
    return Phantom(pixels=_expose(density, film), opacities=opacities)


def write_demo_dataset(
    folder: Path,
    *,
    training: int = 40,
    validation: int = 10,
    test: int = 10,
    size: int = 512,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Writes the folders train, val and test, each with so many simulated images per class.

    What is there already stays, so a half-written folder is completed and a complete one is left alone.
    ``progress`` is told the images done and their total; it may raise to stop. Returns the folder.
    Raises DatasetError for a folder that holds other files, UserError if it cannot be written.
    """
    plan = _demo_plan(folder, {"train": training, "val": validation, "test": test}, seed)
    missing = [path for path in plan if not path.is_file()]
    if missing:
        _refuse_other_files(folder, plan)
    for done, path in enumerate(missing, start=len(plan) - len(missing) + 1):
        _write_image(path, *plan[path], size)
        if progress:
            progress(done, len(plan))
    if missing:
        write_text(folder / "README.txt", _README)
    return folder


def _demo_plan(folder: Path, per_class: dict[str, int], seed: int) -> dict[Path, tuple[int, bool]]:
    """Each image's path, the seed to draw it with, and whether it is positive.

    Every image has its own seed, and its number in the file name is drawn by lot.
    """
    places = [
        (folder / part / name, name == CLASS_NAMES[0])
        for part, count in per_class.items()
        for name in CLASS_NAMES
        for _ in range(count)
    ]
    numbers = 1 + np.random.default_rng(seed).permutation(len(places))
    return {
        place / f"simulated-{number:04}.png": (seed * 100_000 + int(number), positive)
        for (place, positive), number in zip(places, numbers, strict=True)
    }


def _refuse_other_files(folder: Path, plan: Iterable[Path]) -> None:
    ours = {*plan, folder / "README.txt"}
    if any(path not in ours for path in folder.rglob("[!.]*") if path.is_file()):
        raise DatasetError(
            f"The folder {folder.name} holds other files.", "Choose an empty folder for the demo."
        )


def _write_image(path: Path, seed: int, positive: bool, size: int) -> None:
    text = PngInfo()
    text.add_text("Description", _DESCRIPTION)
    image = Image.fromarray(draw_phantom(seed, positive=positive, size=size).pixels)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError("The folder for the demo cannot be made.", "Choose another place.") from error
    with written_whole(path) as temporary:
        image.save(temporary, pnginfo=text, compress_level=1)


def _air(easel: Easel, body: Body, ribcage: Plane) -> Plane:
    """How much air the rays meet in the lungs: less at the wall and least behind the heart."""
    lungs = easel.fill([body.lung(side) for side in SIDES], blur=0.008)
    heart = easel.fill([body.heart_outline()], blur=0.012)
    return np.asarray(lungs * (0.4 + 0.6 * ribcage) * (1 - 0.8 * heart))


def _soft_tissue(easel: Easel, body: Body, rng: np.random.Generator) -> Plane:
    """All but the lungs and the thin bones."""
    torso = easel.fill([body.torso()], blur=0.028)
    trunk = easel.fill([anatomy.ellipse(0, 0.45, 0.85, 1.2)], blur=0.25)
    heart = easel.fill([body.heart_outline()], blur=0.012)
    breasts = easel.fill([body.breast_outline(side) for side in SIDES], blur=0.05)
    hollows = easel.fill([anatomy.rectangle(0.005, -0.8, 0.04, 0.42), body.stomach_gas()], blur=0.016)
    thick = easel.fill([*body.vertebrae(), *(body.humerus(side) for side in SIDES)], blur=0.011)
    muscle = 0.02 * clouds(rng, 9, easel.size) + 0.012 * clouds(rng, 45, easel.size)
    flesh = torso * (0.60 + (0.30 + 0.14 * body.fat) * trunk + muscle) + body.breast * breasts
    return np.asarray(flesh + 0.12 * heart + 0.12 * thick - 0.15 * hollows)


def _bones(easel: Easel, body: Body) -> Plane:
    """Ribs, clavicles and shoulder blades: their rims are brighter than their inside."""
    posterior = [body.posterior_rib(number, side) for number in range(RIBS) for side in SIDES]
    anterior = [body.anterior_rib(number, side) for number in range(RIBS - 3) for side in SIDES]
    clavicles = [body.clavicle(side) for side in SIDES]
    back = [anatomy.edges(path, 0.045) for path in posterior + clavicles]
    front = [anatomy.edges(path, 0.054) for path in anterior]
    blades = [body.scapula(side) for side in SIDES]
    rims = [(rim, 0.008) for pair in back + front for rim in pair] + [(blade, 0.01) for blade in blades]
    density = 0.12 * easel.strokes(rims, blur=0.004)
    density += 0.11 * easel.fill(map(_band, back), blur=0.006)
    density += 0.08 * easel.fill([*map(_band, front), *blades], blur=0.006)
    return density


def _band(rims: tuple[Points, Points]) -> Points:
    return np.vstack([rims[0], rims[1][::-1]])


def _vessels(easel: Easel, rng: np.random.Generator) -> Plane:
    branches = [branch for side in SIDES for branch in anatomy.vessels(rng, side)]
    return easel.strokes(branches, blur=0.005)


def _hila(easel: Easel, rng: np.random.Generator) -> Plane:
    """The roots of the lungs, and texture too fine to draw."""
    roots = easel.fill([anatomy.ellipse(side * 0.15, -0.09, 0.06, 0.13) for side in SIDES], blur=0.04)
    texture = 0.016 * clouds(rng, 60, easel.size) + 0.02 * clouds(rng, 12, easel.size)
    return np.asarray(0.15 * roots + texture)


def _place_opacities(easel: Easel, body: Body, rng: np.random.Generator) -> tuple[Opacity, ...]:
    """Some on both sides, near the chest wall, more of them low than high."""
    sides = [RIGHT, LEFT, *rng.choice([RIGHT, LEFT], rng.integers(1, 4))]
    heights = rng.triangular(-0.40, body.diaphragm - 0.05, body.diaphragm, len(sides))
    across = sides * (body.wall(heights) - rng.uniform(0.10, 0.24, len(sides)))
    radii = rng.uniform(0.15, 0.28, len(sides))
    centres = easel.to_pixels(np.column_stack([across, heights]))
    return tuple(
        Opacity(x=float(x), y=float(y), radius=easel.length(radius))
        for (x, y), radius in zip(centres, radii, strict=True)
    )


def _clouding(opacities: Iterable[Opacity], rng: np.random.Generator, size: int) -> Plane:
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[:size, :size])
    depth: Plane = np.zeros((size, size), dtype=np.float32)
    for opacity in opacities:
        distance = ((columns - opacity.x) ** 2 + (rows - opacity.y) ** 2) / np.float32(opacity.radius**2)
        depth += np.float32(rng.uniform(0.18, 0.34)) * np.maximum(1 - distance, 0)
    depth *= 0.75 + 0.25 * np.tanh(clouds(rng, 40, size))
    return depth


def _expose(density: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Density to grey levels: the film's S-curve at some exposure, noise, and the label."""
    contrast, middle = rng.uniform(4.0, 5.8), rng.uniform(0.50, 0.65)
    brightness = 1 / (1 + np.exp(contrast * (middle - density)))
    pixels = rng.standard_normal(density.shape, dtype=np.float32)
    pixels *= rng.uniform(1.5, 4.5)
    pixels += 252 * brightness - 2
    return _label(np.clip(pixels, 0, 255).astype(np.uint8))


def _label(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image, size = Image.fromarray(pixels), len(pixels)
    font = ImageFont.load_default(max(6, size // 36))
    draw = ImageDraw.Draw(image)
    draw.text((size // 50, size // 50), LABEL, fill=230, font=font, stroke_width=1, stroke_fill=0)
    return np.array(image)
