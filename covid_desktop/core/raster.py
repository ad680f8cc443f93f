"""Photographic formats, read by Pillow. Called by ``image`` alone, which handles errors."""

from contextlib import suppress
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, ImageOps
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, TiffImageFile

from covid_desktop.core.depth import to_8_bits
from covid_desktop.core.image_info import ImageInfo, Origin, as_label, check_size
from covid_desktop.core.viewing import View, as_float32, black_and_white, view_of_picture, view_of_values

_TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""


def describe(file: BinaryIO, kind: str) -> ImageInfo:
    """Size as seen, and frames; ``kind`` is Pillow's name of the format."""
    image = _open(file, kind)
    width, height = image.size
    # Asking a PNG for EXIF data that is not in its header would decode it.
    if "exif" in image.info and image.getexif().get(ExifTags.Base.Orientation) in _TURNED:
        width, height = height, width
    return ImageInfo(format=kind, width=width, height=height, frames=_frames(image))


def decode(file: BinaryIO, kind: str) -> NDArray[np.uint8]:
    """The first frame as seen, (height, width) or (height, width, 3); transparent parts over black."""
    return _picture(_open(file, kind))


def view(file: BinaryIO, kind: str) -> View:
    """The first frame with its values, which are deeper than 8 bits in some grey pictures."""
    image = _open(file, kind)
    white_is_zero = _is_white_zero(image)
    picture = _picture(image)
    if not _is_deep(image):
        return view_of_picture(picture, _frames_found(image))
    values = np.array(image)
    low, high = black_and_white(values)
    if white_is_zero:
        low, high = high, low
    step, frames = float(values.dtype.kind != "f"), _frames_found(image)
    return view_of_values(as_float32(values), picture, low, high, step=step, frames=frames)


def examine(file: BinaryIO, kind: str) -> tuple[Origin, NDArray[np.uint8]]:
    """Where the picture comes from, and as ``decode`` gives it."""
    bits = _png_bits(file) if kind == "PNG" else None
    image = _open(file, kind)
    frames, bits = _frames(image), bits or _bits(image)
    picture = _picture(image)
    # EXIF may follow the pixels.
    exif = image.getexif()
    make = as_label(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    return Origin(frames=frames, bits=bits, make=make), picture


def _picture(image: Image.Image) -> NDArray[np.uint8]:
    white_is_zero = _is_white_zero(image)
    ImageOps.exif_transpose(image, in_place=True)
    if _is_deep(image):
        greys = to_8_bits(np.asarray(image))
        # Pillow turns white-is-zero over only where it has 8 bits or fewer.
        return 255 - greys if white_is_zero else greys
    return np.array(_grey_or_rgb(image))


def _is_white_zero(image: Image.Image) -> bool:
    return isinstance(image, TiffImageFile) and image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0


def _is_deep(image: Image.Image) -> bool:
    """Grey, with more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def _open(file: BinaryIO, kind: str) -> Image.Image:
    image = Image.open(file, formats=[kind])
    check_size(*image.size)
    return image


def _frames(image: Image.Image) -> int:
    return getattr(image, "n_frames", 1)


def _frames_found(image: Image.Image) -> int:
    """1 where the other frames are damaged; asked last, because it may leave the image at one of those."""
    with suppress(Exception):  # codecs raise almost anything
        return _frames(image)
    return 1


def _png_bits(file: BinaryIO) -> int:
    """Of each channel, or of the palette's indices; Pillow does not tell."""
    depth = int(file.read(25)[-1])
    file.seek(0)
    return depth


def _bits(image: Image.Image) -> int:
    """Of each channel, in other formats."""
    if isinstance(image, TiffImageFile):
        return int(max(image.tag_v2.get(BITSPERSAMPLE, (1,))))
    if image.mode == "1":
        return 1
    return 16 if image.mode.startswith("I") else 8


def _grey_or_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        black = Image.new("RGBA", image.size, "black")
        return Image.alpha_composite(black, image.convert("RGBA")).convert("RGB")
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        # Pillow takes every CMYK JPEG for one of Adobe's, which store their colours inverted.
        image = ImageChops.invert(image)
    return image.convert("L" if image.mode in ("1", "L") else "RGB")
