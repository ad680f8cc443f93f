"""Photographic formats, read by Pillow. Called by ``image`` alone, which handles errors."""

from contextlib import suppress
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, ImageOps
from PIL.GifImagePlugin import GifImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, TiffImageFile

from covid_desktop.core.bombs import check_png_chunks, check_scans, check_webp_length
from covid_desktop.core.depth import to_8_bits
from covid_desktop.core.image_info import MAX_FRAMES, MAX_PIXELS, ImageInfo, Origin, as_label, check_size
from covid_desktop.core.viewing import View, as_float32, black_and_white, view_of_picture, view_of_values

_TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""

# Pillow refuses twice as much as this, whatever the program allows.
Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS, Image.MAX_IMAGE_PIXELS or 0)


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
    return _picture(_open_to_decode(file, kind))


def view(file: BinaryIO, kind: str) -> View:
    """The first frame with its values, which are deeper than 8 bits in some grey pictures."""
    image = _open_to_decode(file, kind)
    white_is_zero = _is_white_zero(image)
    picture = _picture(image)
    if not _is_deep(image):
        return view_of_picture(picture, _frames(image))
    values = np.array(image)
    low, high = black_and_white(values)
    if white_is_zero:
        low, high = high, low
    step, frames = float(values.dtype.kind != "f"), _frames(image)
    return view_of_values(as_float32(values), picture, low, high, step=step, frames=frames)


def examine(file: BinaryIO, kind: str) -> tuple[Origin, NDArray[np.uint8]]:
    """Where the picture comes from, and as ``decode`` gives it."""
    bits = _png_bits(file) if kind == "PNG" else None
    image = _open_to_decode(file, kind)
    bits = bits or _bits(image)
    picture = _picture(image)
    make = _make(image)
    return Origin(frames=_frames(image), bits=bits, make=make), picture


def _make(image: Image.Image) -> str:
    """Empty where the EXIF data is damaged, which may follow the pixels."""
    with suppress(Exception):  # Pillow raises almost anything
        exif = image.getexif()
        return as_label(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    return ""


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
    if kind == "PNG":
        check_png_chunks(file, header_only=True)
    elif kind == "WEBP":
        check_webp_length(file)
    image = Image.open(file, formats=[kind])
    check_size(*image.size)
    return image


def _open_to_decode(file: BinaryIO, kind: str) -> Image.Image:
    if kind == "PNG":
        check_png_chunks(file, header_only=False)
    image = _open(file, kind)
    if kind == "JPEG":
        file.seek(0)
        check_scans(file.read(), image.width * image.height)
    return image


def _frames(image: Image.Image) -> int:
    """Frames that can be found, at most ``MAX_FRAMES``; asked last, since it leaves the image at one."""
    if isinstance(image, (TiffImageFile, GifImageFile)):  # which Pillow counts by going through them
        found = 1
        with suppress(Exception):  # at the end, or where the rest is damaged
            while found < MAX_FRAMES:
                image.seek(found)
                found += 1
        return found
    with suppress(Exception):
        return min(int(getattr(image, "n_frames", 1)), MAX_FRAMES)
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
