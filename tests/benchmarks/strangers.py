"""A hundred pictures that are no chest images: from what libraries ship, and drawn."""

import gzip
import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pydicom.data
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits

from covid_desktop.core.image import decode

Picture = NDArray[np.uint8]
_PHOTOGRAPHS = ("china", "flower", "grace_hopper", "aero", "ascent", "camera")
_DICOM = (  # abdomen, head, liver, a dose, ultrasound, colour charts
    "CT_small.dcm",
    "MR_small.dcm",
    "liver_1frame.dcm",
    "rtdose_1frame.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "examples_jpeg2k.dcm",
    "693_J2KI.dcm",
    "SC_rgb_rle.dcm",
)


def strangers() -> dict[str, Picture]:
    """Name -> (height, width) grey or (height, width, 3) in colour; always the same hundred."""
    return dict([*_photographs(), *_scans(), *_charts(), *_texts(), *_drawings()])


def _photographs() -> Iterator[tuple[str, Picture]]:
    """Whole, in colour and in grey, and four parts of each in grey: 36."""
    for name in _PHOTOGRAPHS:
        photograph = _photograph(name)
        grey = Image.fromarray(photograph).convert("L")
        yield f"{name} in colour" if photograph.ndim == 3 else f"{name} brighter", _brighter(photograph)
        yield f"{name} in grey", np.asarray(grey)
        for part in range(4):
            left, top = (part % 2) * grey.width // 2, (part // 2) * grey.height // 2
            box = (left, top, left + grey.width // 2, top + grey.height // 2)
            yield f"{name}, part {part + 1}", np.asarray(grey.crop(box))


def _brighter(photograph: Picture) -> Picture:
    if photograph.ndim == 3:
        return photograph
    return (255 * (photograph / 255) ** 0.6).astype(np.uint8)


def _photograph(name: str) -> Picture:
    if name in ("china", "flower"):
        return np.asarray(Image.open(str(files("sklearn.datasets.images") / f"{name}.jpg")))
    if name == "grace_hopper":
        return np.asarray(Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
    with np.load(str(files("pywt.data") / f"{name}.npz")) as stored:
        return np.asarray(stored["data"], np.uint8)


def _scans() -> Iterator[tuple[str, Picture]]:
    """Other body parts and machines: 13."""
    for name in _DICOM:
        yield name, decode(Path(pydicom.data.get_testdata_file(name)))
    with gzip.open(cbook.get_sample_data("s1045.ima.gz", asfileobj=False)) as file:
        yield "head from the side", _scaled(np.frombuffer(file.read(), ">u2").reshape(256, 256))
    with np.load(cbook.get_sample_data("topobathy.npz", asfileobj=False)) as stored:
        yield "relief of the earth", _scaled(stored["topo"])
    with np.load(cbook.get_sample_data("jacksboro_fault_dem.npz", asfileobj=False)) as stored:
        yield "relief of a valley", _scaled(stored["elevation"])


def _scaled(values: NDArray[np.generic]) -> Picture:
    floats = np.asarray(values, np.float64)
    return np.asarray((floats - floats.min()) / np.ptp(floats) * 255, np.uint8)


def _charts() -> Iterator[tuple[str, Picture]]:
    """As matplotlib draws them, half of them white on black: 12."""
    random = np.random.default_rng(0)
    for number, kind in enumerate(("plot", "bar", "scatter", "hist", "pie", "imshow") * 2):
        figure = Figure(figsize=(4, 4), facecolor="black" if number >= 6 else "white")
        axes = figure.add_subplot(facecolor=figure.get_facecolor())
        match kind:
            case "plot":
                axes.plot(random.normal(size=(60, 3)).cumsum(axis=0))
            case "bar":
                axes.bar(range(8), random.random(8))
            case "scatter":
                axes.scatter(*random.normal(size=(2, 200)))
            case "hist":
                axes.hist(random.normal(size=500), 20)
            case "pie":
                axes.pie(random.random(5))
            case _:
                axes.imshow(random.random((8, 8)), cmap="gray")
        axes.set_title(kind)
        drawn = io.BytesIO()
        figure.savefig(drawn)
        yield f"{kind} on {'black' if number >= 6 else 'white'}", np.asarray(Image.open(drawn).convert("RGB"))


def _texts() -> Iterator[tuple[str, Picture]]:
    """Pages, and digits written by hand: 15."""
    words = "The film shows the heart and both lungs in one view. " * 60
    for size in (10, 14, 20, 28, 40):
        for paper, ink in ((255, 0), (0, 255)):
            page = Image.new("L", (600, 700), paper)
            lines = [words[start : start + 900 // size] for start in range(0, 60 * 900 // size, 900 // size)]
            ImageDraw.Draw(page).multiline_text(
                (20, 20), "\n".join(lines), fill=ink, font=ImageFont.load_default(size)
            )
            yield f"text of {size} on {paper}", np.asarray(page)
    digits = load_digits().images
    for digit in range(5):
        small = Image.fromarray((digits[digit] * 15).astype(np.uint8))
        yield f"digit {digit}", np.asarray(small.resize((256, 256), Image.Resampling.BICUBIC))


def _drawings() -> Iterator[tuple[str, Picture]]:
    """Shapes, textures and nothing at all: 24."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:256, 0:256] / 255
    yield "black", np.zeros((256, 256), np.uint8)
    yield "white", np.full((256, 256), 255, np.uint8)
    yield "grey", np.full((256, 256), 128, np.uint8)
    yield "noise", random.integers(0, 256, (256, 256), np.uint8)
    yield "coloured noise", random.integers(0, 256, (256, 256, 3), np.uint8)
    yield "soft noise", _scaled(Image.fromarray(random.random((8, 8)) * 255).resize((256, 256), 3))
    yield "softer noise", _scaled(Image.fromarray(random.random((4, 4)) * 255).resize((256, 256), 3))
    yield "gradient", _scaled(y)
    yield "slanting gradient", _scaled(x + y)
    yield "vignette", _scaled(-((x - 0.5) ** 2 + (y - 0.5) ** 2))
    yield "rings", _scaled(np.sin(60 * np.hypot(x - 0.5, y - 0.5)))
    yield "stripes", _scaled(np.sin(50 * x))
    yield "checks", _scaled((x * 8).astype(int) + (y * 8).astype(int) & 1)
    yield "colours", np.stack([_scaled(x), _scaled(y), _scaled(1 - x)], axis=2)
    for number in range(10):
        page = Image.new("L", (256, 256), 255 if number % 2 else 0)
        pen = ImageDraw.Draw(page)
        for _ in range(4 + 3 * number):
            corners = np.sort(random.integers(0, 256, (2, 2)), axis=0)
            box = [(int(left), int(top)) for left, top in corners]
            shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
            shape(box, fill=int(random.integers(0, 256)), outline=128)
        yield f"shapes {number}", np.asarray(page)
