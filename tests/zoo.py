"""A zoo of image files: the same few pictures in every way to store them, drawn here.

Files of one ``kin`` hold the same picture without loss and must be read equal; the others stand alone.
"""

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from make_self_test_files import reference, save, save_cmyk, save_deep, save_palette, save_transparent
from numpy.typing import NDArray
from PIL import ExifTags, Image
from zoo_dicom import DICOM

Picture = NDArray[Any]
Write = Callable[[Path, Picture], None]

SHRUNK = (40, 32)
"""Rows and columns of the files that are drawn to be mutated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """One file; ``kin`` is empty where it is stored with loss."""

    name: str
    kin: str
    write: Write

    def draw(self, folder: Path, pictures: dict[str, Picture]) -> Path:
        path = folder / self.name
        self.write(path, pictures[self.kin or "grey"])
        return path


def pictures(*, small: bool = False) -> dict[str, Picture]:
    """The picture of each kin: (rows, columns), or (rows, columns, 3) for colour, in 8 bits."""
    grey = reference()
    if small:
        grey = np.asarray(Image.fromarray(grey).resize(SHRUNK[::-1]))
        grey = np.where(grey == grey.max(), 255, np.where(grey == grey.min(), 0, grey)).astype(np.uint8)
    few = {f"{bits} bit": np.uint8(255 // (2**bits - 1)) * (grey >> (8 - bits)) for bits in (1, 2, 4)}
    colour = np.stack([grey, grey[::-1], 255 - grey], axis=2)
    return {"grey": grey, "colour": colour, **few}


def draw(folder: Path, *, small: bool = False) -> dict[str, Path]:
    """Every file of the zoo in ``folder``, by name."""
    drawn = pictures(small=small)
    return {animal.name: animal.draw(folder, drawn) for animal in ZOO}


def in_use(path: Path, picture: Picture, *, bits: int, kind: str = "PNG") -> None:
    """Words of 16 bits of which ``bits`` are in use."""
    save(path, np.rint(picture * ((2**bits - 1) / 255)).astype(np.uint16), kind=kind)


def png_of_few_bits(path: Path, picture: Picture, *, bits: int) -> None:
    """Grey levels of 1, 2 or 4 bits; Pillow writes none of 2 or 4."""
    rows, columns = picture.shape
    wide = np.zeros((rows, -(-columns * bits // 8) * 8 // bits), np.uint8)
    wide[:, :columns] = picture >> (8 - bits)
    packed = np.packbits(np.unpackbits(wide[..., None], axis=2)[..., 8 - bits :].reshape(rows, -1), axis=1)
    lines = b"".join(b"\0" + line.tobytes() for line in packed)
    size = columns.to_bytes(4) + rows.to_bytes(4)
    chunks = [(b"IHDR", size + bytes([bits, 0, 0, 0, 0])), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks))


def png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def mode(path: Path, picture: Picture, *, kind: str, mode: str, **options: Any) -> None:
    Image.fromarray(picture).convert(mode).save(path, kind, **options)


def black_and_white(path: Path, picture: Picture, *, kind: str, **options: Any) -> None:
    Image.fromarray(picture > 127).save(path, kind, **options)


def turned(path: Path, picture: Picture, *, orientation: int, kind: str = "PNG") -> None:
    """Stored so that the EXIF orientation turns it back."""
    stored = {
        1: picture,
        2: picture[:, ::-1],
        3: picture[::-1, ::-1],
        4: picture[::-1],
        5: picture.T,
        6: np.rot90(picture),
        7: picture[::-1, ::-1].T,
        8: np.rot90(picture, -1),
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    save(path, np.ascontiguousarray(stored), kind=kind, exif=exif)


def several_frames(path: Path, picture: Picture, *, kind: str, **options: Any) -> None:
    others = [Image.fromarray(255 - picture), Image.fromarray(picture[::-1])]
    save(path, picture, kind=kind, save_all=True, append_images=others, **options)


def tiff_by_hand(path: Path, picture: Picture, *, order: str = "<", deep: bool, white_is_zero: bool) -> None:
    """Uncompressed; Pillow writes neither big endian nor white-is-zero."""
    pixels = 255 - picture if white_is_zero else picture
    pixels = (pixels.astype(np.uint16) * 257).astype(f"{order}u2") if deep else pixels
    data, (rows, columns) = pixels.tobytes(), picture.shape
    tags = [(256, columns), (257, rows), (258, 8 * pixels.itemsize), (259, 1), (262, int(not white_is_zero))]
    tags += [(273, 8), (277, 1), (278, rows), (279, len(data))]
    number = partial(int.to_bytes, byteorder="little" if order == "<" else "big")
    entries = b"".join(number(tag, 2) + number(4, 2) + number(1, 4) + number(it, 4) for tag, it in tags)
    head = (b"II" if order == "<" else b"MM") + number(42, 2) + number(8 + len(data), 4)
    path.write_bytes(head + data + number(len(tags), 2) + entries + number(0, 4))


def tiff_of_floats(path: Path, picture: Picture, *, low: float, high: float) -> None:
    save(path, (low + picture.astype(np.float64) / 255 * (high - low)).astype(np.float32), kind="TIFF")


def tiff_of_inks(path: Path, picture: Picture) -> None:
    """CMYK without black, which is exactly RGB turned over."""
    inks = np.dstack([255 - picture, np.zeros(picture.shape[:2], np.uint8)])
    Image.fromarray(inks, "CMYK").save(path, "TIFF")


def jpeg_2000(path: Path, picture: Picture, *, deep: bool = False) -> None:
    """A bare codestream, without the boxes of a JP2 file."""
    pixels = picture.astype(np.uint16) * 257 if deep else picture
    path.write_bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True))


def jpeg_in_tiff(path: Path, picture: Picture) -> None:
    save(path, picture, kind="TIFF", compression="jpeg")


def jpeg_with_a_comment(path: Path, picture: Picture) -> None:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=80, comment=b"simulated", restart_marker_rows=1)
    path.write_bytes(file.getvalue())


PHOTOGRAPHIC: dict[str, tuple[str, Write]] = {
    "grey.png": ("grey", partial(save, kind="PNG")),
    "16-bit.png": ("grey", partial(save_deep, kind="PNG")),
    **{f"{bits}-bit-in-use.png": ("grey", partial(in_use, bits=bits)) for bits in (10, 12, 14)},
    **{f"{bits}-bit.png": (f"{bits} bit", partial(png_of_few_bits, bits=bits)) for bits in (1, 2, 4)},
    **{f"{bits}-bit-as-8.png": (f"{bits} bit", partial(save, kind="PNG")) for bits in (1, 2, 4)},
    "rgb.png": ("grey", partial(mode, kind="PNG", mode="RGB")),
    "alpha.png": ("grey", partial(mode, kind="PNG", mode="LA")),
    "palette.png": ("grey", save_palette),
    "transparent.png": ("grey", save_transparent),
    "frames.png": ("grey", partial(several_frames, kind="PNG")),
    "png-inside.jpg": ("grey", partial(save, kind="PNG")),
    "tiff-inside.dcm": ("grey", partial(save, kind="TIFF")),
    "no extension": ("grey", partial(save, kind="BMP")),
    **{f"turned-{number}.png": ("grey", partial(turned, orientation=number)) for number in range(1, 9)},
    "turned-6.tif": ("grey", partial(turned, orientation=6, kind="TIFF")),
    "lzw.tif": ("grey", partial(save, kind="TIFF", compression="tiff_lzw")),
    "packbits.tif": ("grey", partial(save, kind="TIFF", compression="packbits")),
    "deflate-16-bit.tif": ("grey", partial(save_deep, kind="TIFF", compression="tiff_adobe_deflate")),
    "big-endian-16-bit.tif": ("grey", partial(tiff_by_hand, order=">", deep=True, white_is_zero=False)),
    "white-is-zero.tif": ("grey", partial(tiff_by_hand, deep=False, white_is_zero=True)),
    "white-is-zero-16-bit.tif": ("grey", partial(tiff_by_hand, deep=True, white_is_zero=True)),
    "big.tif": ("grey", partial(save, kind="TIFF", big_tiff=True)),
    "fractions.tif": ("grey", partial(tiff_of_floats, low=0.0, high=1.0)),
    "floats.tif": ("grey", partial(tiff_of_floats, low=-1024.0, high=1016.0)),
    "pages.tif": ("grey", partial(several_frames, kind="TIFF")),
    "fax.tif": ("1 bit", partial(black_and_white, kind="TIFF", compression="group4")),
    "1-bit.bmp": ("1 bit", partial(black_and_white, kind="BMP")),
    "inks.tif": ("colour", tiff_of_inks),
    "colour.png": ("colour", partial(save, kind="PNG")),
    "colour.tif": ("colour", partial(save, kind="TIFF", compression="tiff_lzw")),
    "colour.bmp": ("colour", partial(save, kind="BMP")),
    "colour.webp": ("colour", partial(save, kind="WEBP", lossless=True)),
    "colour.jp2": ("colour", partial(save, kind="JPEG2000")),
    "grey.gif": ("grey", partial(save, kind="GIF")),
    "frames.gif": ("grey", partial(several_frames, kind="GIF")),
    "frames.webp": ("grey", partial(several_frames, kind="WEBP", lossless=True)),
    "grey.webp": ("grey", partial(mode, kind="WEBP", mode="RGB", lossless=True)),
    "grey.jp2": ("grey", partial(save, kind="JPEG2000")),
    "grey.j2k": ("grey", jpeg_2000),
    "16-bit.j2k": ("grey", partial(jpeg_2000, deep=True)),
    "grey.jpg": ("", jpeg_with_a_comment),
    "progressive.jpg": ("", partial(mode, kind="JPEG", mode="RGB", progressive=True)),
    "inks.jpg": ("", save_cmyk),
    "turned-6.jpg": ("", partial(turned, orientation=6, kind="JPEG")),
    "jpeg.tif": ("", jpeg_in_tiff),
    "lossy.webp": ("", partial(mode, kind="WEBP", mode="RGB", quality=80)),
}

ZOO = [
    Animal(name=name, kin=kin, write=write) for name, (kin, write) in (*PHOTOGRAPHIC.items(), *DICOM.items())
]
