"""Photographic formats, odd and hostile files, fitting, threads."""

import hashlib
import os
import random
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from covid_desktop.core import image
from covid_desktop.core.depth import to_8_bits
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError

DAMAGED = "Damaged, cut off, or of a kind that is not supported."
LOSSLESS = {
    "PNG": {},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "WEBP": {"lossless": True},
    "JPEG2000": {"irreversible": False},
}


@pytest.fixture
def save(tmp_path: Path) -> Any:
    """Writes pixels or a Pillow image; the name says nothing about the format."""

    def write(picture: Any, kind: str = "PNG", **options: Any) -> Path:
        path = tmp_path / f"picture{len(list(tmp_path.iterdir()))}.txt"
        picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
        picture.save(path, kind, **options)
        return path

    return write


def reason(path: Path, read: Any = image.decode) -> str:
    with pytest.raises(ImageError) as raised:
        read(path)
    assert raised.value.what.endswith(".")
    assert str(path) not in str(raised.value)
    return raised.value.what


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats(kind, save, grey, colour) -> None:
    path = save(colour, kind, **LOSSLESS[kind])
    assert np.array_equal(image.decode(path), colour)
    assert image.describe(path) == image.ImageInfo(format=kind, width=60, height=40)
    assert np.array_equal(image.decode(save(grey, kind, **LOSSLESS[kind])), grey)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_jpeg_is_near(options, save, colour) -> None:
    path = save(colour, "JPEG", quality=95, subsampling=0, **options)
    assert np.abs(image.decode(path).astype(int) - colour).max() <= 8
    assert image.describe(path).format == "JPEG"


def test_gif_shows_its_first_frame(save, grey) -> None:
    others = [Image.fromarray(255 - grey)]
    path = save(grey, "GIF", save_all=True, append_images=others)
    assert np.array_equal(image.decode(path), grey)
    assert image.describe(path).frames == 2


def test_tiff_with_several_pages_shows_its_first(save, grey) -> None:
    path = save(grey, "TIFF", save_all=True, append_images=[Image.fromarray(255 - grey)])
    assert np.array_equal(image.decode(path), grey)
    assert image.describe(path).frames == 2


def test_equal_channels_are_grey(save, grey) -> None:
    assert np.array_equal(image.decode(save(np.stack([grey] * 3, axis=2))), grey)


def test_one_bit_and_palette(save, grey, colour) -> None:
    black_and_white = Image.fromarray(grey > 127)
    assert np.array_equal(image.decode(save(black_and_white)), np.where(grey > 127, 255, 0))
    assert np.array_equal(image.decode(save(black_and_white, "TIFF")), np.where(grey > 127, 255, 0))
    palette = Image.fromarray(colour).quantize(16)
    assert np.array_equal(image.decode(save(palette)), np.array(palette.convert("RGB")))


def test_transparent_parts_are_over_black(save) -> None:
    rgba = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 51]]], np.uint8)
    assert image.decode(save(rgba)).tolist() == [[[200, 100, 50], [0, 0, 0], [40, 20, 10]]]
    grey_alpha = Image.fromarray(rgba[..., [0, 3]], "LA")
    assert image.decode(save(grey_alpha)).tolist() == [[200, 0, 40]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([9, 9, 9, 80, 90, 100])
    palette.putpixel((1, 0), 1)
    assert image.decode(save(palette, transparency=0)).tolist() == [[[0, 0, 0], [80, 90, 100]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation, save, colour) -> None:
    seen = {
        1: colour,
        2: colour[:, ::-1],
        3: colour[::-1, ::-1],
        4: colour[::-1],
        5: colour.transpose(1, 0, 2),
        6: colour.transpose(1, 0, 2)[:, ::-1],
        7: colour[::-1, ::-1].transpose(1, 0, 2),
        8: colour.transpose(1, 0, 2)[::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("PNG", "TIFF", "JPEG"):
        path = save(colour, kind, exif=exif)
        assert np.abs(image.decode(path).astype(int) - seen).max() <= (30 if kind == "JPEG" else 0)
        info = image.describe(path)
        assert (info.height, info.width) == seen.shape[:2]


def without_adobe_marker(data: bytes) -> bytes:
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) :]


def test_cmyk_jpeg_of_adobe_and_of_others(save, colour) -> None:
    inks = np.dstack([colour, 255 - colour[..., 1]])
    path = save(Image.fromarray(inks, "CMYK"), "JPEG", quality=95)
    expected = np.array(Image.fromarray(inks, "CMYK").convert("RGB"))
    assert np.abs(image.decode(path).astype(int) - expected).max() <= 8
    # Without Adobe's marker the stored values are ink as it is, not inverted.
    path.write_bytes(without_adobe_marker(path.read_bytes()))
    expected = np.array(Image.fromarray(255 - inks, "CMYK").convert("RGB"))
    assert np.abs(image.decode(path).astype(int) - expected).max() <= 8


def test_16_bit_png_of_an_8_bit_one_reads_equal(save, grey) -> None:
    assert np.array_equal(image.decode(save(grey.astype(np.uint16) * 257)), grey)


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_tiff_of_either_byte_order(order, tmp_path, grey) -> None:
    path = tmp_path / "deep.tif"
    path.write_bytes(tiff(grey.astype(np.uint16) * 257, order, white_is_zero=False))
    assert np.array_equal(image.decode(path), grey)


def test_white_is_zero_in_8_and_16_bits(tmp_path, grey) -> None:
    path = tmp_path / "white.tif"
    for pixels in (grey, grey.astype(np.uint16) * 257):
        path.write_bytes(tiff(pixels, "<", white_is_zero=True))
        assert np.array_equal(image.decode(path), 255 - grey)


def tiff(pixels: np.ndarray, order: str, *, white_is_zero: bool) -> bytes:
    """An uncompressed grey TIFF, written by hand because Pillow writes neither kind."""
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    rows, columns = pixels.shape
    tags = [(256, columns), (257, rows), (258, 8 * pixels.itemsize), (259, 1), (262, int(not white_is_zero))]
    tags += [(273, 8), (277, 1), (278, rows), (279, len(data))]
    byteorder = "little" if order == "<" else "big"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, byteorder)

    directory = b"".join(
        number(tag, 2) + number(4, 2) + number(1, 4) + number(value, 4) for tag, value in tags
    )
    start = (b"II" if order == "<" else b"MM") + number(42, 2) + number(8 + len(data), 4)
    return start + data + number(len(tags), 2) + directory + number(0, 4)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_depth_in_use(bits, save, grey) -> None:
    levels = np.rint(grey * ((2**bits - 1) / 255)).astype(np.uint16)
    assert np.array_equal(image.decode(save(levels)), grey)


def test_float_tiff(save) -> None:
    fractions = np.array([[0, 0.5, 1]], np.float32)
    assert image.decode(save(fractions, "TIFF")).tolist() == [[0, 128, 255]]
    others = np.array([[-100, 0, 100, np.nan, np.inf]], np.float32)
    assert image.decode(save(others, "TIFF")).tolist() == [[0, 128, 255, 0, 0]]
    assert image.decode(save(np.full((2, 2), np.nan, np.float32), "TIFF")).tolist() == [[0, 0], [0, 0]]


def test_other_numbers_are_stretched() -> None:
    assert to_8_bits(np.array([-10, 0, 10])).tolist() == [0, 128, 255]
    assert to_8_bits(np.array([0, 100_000])).tolist() == [0, 255]
    extremes = np.finfo(np.float64)
    assert to_8_bits(np.array([extremes.min, extremes.max])).tolist() == [0, 255]


def preprocessing(**changes: Any) -> Preprocessing:
    return Preprocessing(**{"width": 24, "height": 16, "channels": 3, **changes})


def test_fit_has_the_shape_asked_for(grey, colour) -> None:
    for picture in (grey, colour):
        for way in ("stretch", "pad", "crop"):
            for channels in (1, 3):
                asked = preprocessing(channels=channels, fit=way, width=31)
                fitted = image.fit(picture, asked)
                assert fitted.shape == asked.shape
                assert fitted.dtype == np.uint8


def test_fit_is_antialiased() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 64))
    fitted = image.fit(stripes, preprocessing(width=16, height=16, channels=1))
    assert 120 <= fitted.min() <= fitted.max() <= 135


def test_pad_adds_black_and_crop_cuts() -> None:
    wide = np.full((10, 30), 200, np.uint8)
    square = preprocessing(width=30, height=30, channels=1)
    padded = image.fit(wide, preprocessing(width=30, height=30, channels=1, fit="pad"))[..., 0]
    assert (padded[10:20] == 200).all()
    assert (padded[:10] == 0).all()
    assert (padded[20:] == 0).all()
    wide[:, :10] = 0
    assert (image.fit(wide, preprocessing(width=10, height=10, channels=1, fit="crop")) == 200).all()
    assert not image.fit(wide, square)[:, 0].any()


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_a_line_of_pixels_can_be_fitted(fit) -> None:
    assert image.fit(np.zeros((1, 3000), np.uint8), preprocessing(fit=fit)).shape == (16, 24, 3)


def test_read_image_is_fit_of_decode(save, colour) -> None:
    path = save(colour)
    asked = preprocessing()
    assert np.array_equal(image.read_image(path, asked), image.fit(colour, asked))


def test_content_hash(save, grey, tmp_path) -> None:
    path = save(grey)
    assert image.content_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reason(tmp_path / "none", image.content_hash) == "Cannot be opened: no such file or directory."


@pytest.mark.parametrize("read", [image.decode, image.describe])
def test_what_cannot_be_opened(read, tmp_path) -> None:
    path = tmp_path / "file"
    assert reason(path, read) == "Cannot be opened: no such file or directory."
    path.touch()
    assert reason(path, read) == "Empty file."
    path.write_bytes(b"Dear colleague, " * 20)
    assert reason(path, read) == "Not an image."
    path.write_bytes(b"BMI and other values")
    assert reason(path, read) == "Not an image."
    assert reason(tmp_path, read) == "A folder, not an image."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_pipe_is_not_opened(tmp_path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for read in (image.decode, image.describe, image.content_hash):
        assert reason(path, read) == "A pipe or a device, not an image."


def test_permission(save, grey, monkeypatch) -> None:
    path = save(grey)

    def denied(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    assert reason(path) == "Cannot be opened: permission denied."


def test_memory(save, grey, monkeypatch) -> None:
    def full(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("covid_desktop.core.raster.decode", full)
    assert reason(save(grey)) == "Too large for the memory of this computer."


@pytest.mark.parametrize("kind", [*LOSSLESS, "JPEG", "GIF"])
def test_cut_off_file_is_an_error(kind, save) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60), np.uint8)
    path = save(noise, kind, **LOSSLESS.get(kind, {}))
    data = path.read_bytes()
    for length in (len(data) * 9 // 10, len(data) // 2, 30):
        path.write_bytes(data[:length])
        assert reason(path) == DAMAGED


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + zlib.crc32(chunk).to_bytes(4) + b"\0\0\0\0IDAT"


@pytest.mark.parametrize("side", [6_500, 11_000, 60_000])
def test_decompression_bomb_is_refused(side, tmp_path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(side, side))
    for read in (image.decode, image.describe):
        assert reason(path, read) == "Larger than 40 megapixels."


def test_damaged_exif_does_no_harm(save, grey) -> None:
    path = save(grey, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert image.decode(path).shape == grey.shape
    assert (image.describe(path).height, image.describe(path).width) == grey.shape


def test_warnings_of_the_libraries_are_silent(save, grey) -> None:
    path = save(grey, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        image.decode(path)
    assert seen == []


def test_threads_give_the_same_as_one_after_the_other(save, write_dicom, grey, colour) -> None:
    encoded = imagecodecs.jpeg8_encode(grey, lossless=True, predictor=1)
    paths = [
        *(save(picture, kind) for picture in (grey, colour) for kind in ("PNG", "JPEG", "TIFF", "WEBP")),
        write_dicom(grey, name="a.dcm"),
        write_dicom(grey, uid.JPEGLosslessSV1, [encoded], name="b.dcm"),
    ]
    asked = preprocessing()
    expected = [image.read_image(path, asked) for path in paths]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            read = pool.map(lambda path: image.read_image(path, asked), paths)
            assert all(np.array_equal(one, other) for one, other in zip(read, expected, strict=True))


def small_files(save: Any, write_dicom: Any, grey: np.ndarray) -> list[bytes]:
    small = grey[:12, :16].copy()
    files = [save(small, kind) for kind in (*LOSSLESS, "JPEG", "GIF")]
    files += [save(small.astype(np.uint16) * 257), save(small.astype(np.float32), "TIFF")]
    encoded = imagecodecs.jpeg8_encode(small, lossless=True, predictor=1)
    files += [
        write_dicom(small, name="a", WindowCenter="100", WindowWidth="50"),
        write_dicom(small, uid.JPEGLosslessSV1, [encoded], "b"),
        write_dicom(small, uid.JPEGLSLossless, [imagecodecs.jpegls_encode(small)], "c"),
        write_dicom(small, uid.JPEG2000Lossless, [imagecodecs.jpeg2k_encode(small, codecformat="j2k")], "d"),
        write_dicom(small, uid.DeflatedExplicitVRLittleEndian, name="e"),
    ]
    return [path.read_bytes() for path in files]


def test_mutated_files_give_a_picture_or_a_reason(save, write_dicom, grey, tmp_path) -> None:
    rng = random.Random(0)
    path = tmp_path / "mutated"
    outcomes = set()
    for data in small_files(save, write_dicom, grey):
        for _ in range(25):
            path.write_bytes(mutated(data, rng))
            try:
                image.describe(path)
                outcomes.add(image.read_image(path, preprocessing()).shape)
            except ImageError as error:
                outcomes.add(error.what)
    assert {(16, 24, 3), DAMAGED} <= outcomes


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, and now and then the end cut off."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randrange(len(changed))] if rng.random() < 0.2 else changed)


def test_import_is_light() -> None:
    """The window must paint before these are loaded."""
    code = "import sys, covid_desktop.core.image; print({'pydicom', 'imagecodecs'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_describe_reads_little_of_the_file(save) -> None:
    """The header is enough: the pixels may be missing."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)
    for kind in ("PNG", "JPEG"):
        path = save(noise, kind)
        path.write_bytes(path.read_bytes()[:1000])
        assert image.describe(path) == image.ImageInfo(format=kind, width=300, height=200)
