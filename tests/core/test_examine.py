"""All that the checks of the data ask about a file: the same picture as everywhere, and where it is from."""

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image
from pydicom import dcmread, uid

from covid_desktop.core.duplicates import perceptual_hash
from covid_desktop.core.image import content_hash, decode, describe, examine
from covid_desktop.core.image_info import as_label
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.picture import coloured_share, mean_and_contrast, thumbnail
from covid_desktop.errors import ImageError

Pixels = NDArray[Any]
Save = Callable[..., Path]
KINDS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 80},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "GIF": {},
    "WEBP": {"quality": 80},
    "JPEG2000": {},
}


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes pixels or a Pillow image; the name says nothing about the format."""

    def write(picture: Pixels | Image.Image, kind: str = "PNG", **options: Any) -> Path:
        path = tmp_path / f"picture{len(list(tmp_path.iterdir()))}.txt"
        image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
        image.save(path, kind, **options)
        return path

    return write


@pytest.fixture(scope="module")
def phantom() -> NDArray[np.uint8]:
    """Higher than wide."""
    return draw_phantom(1, positive=True, size=96).pixels[:, 8:88].copy()


def sees_what_decode_sees(path: Path) -> bool:
    facts, picture = examine(path), decode(path)
    grey = Image.fromarray(picture).convert("L")
    return (
        (facts.height, facts.width) == picture.shape[:2]
        and (facts.mean, facts.contrast) == mean_and_contrast(grey)
        and facts.colour == coloured_share(picture)
        and np.array_equal(facts.picture, thumbnail(grey))
        and facts.phash == perceptual_hash(thumbnail(grey))
    )


# --- the picture


@pytest.mark.parametrize("kind", KINDS)
def test_photographic_formats(kind: str, save: Save, phantom: Pixels, colour: Pixels) -> None:
    for picture in (phantom, colour):
        path = save(picture, kind, **KINDS[kind])
        facts = examine(path)
        assert sees_what_decode_sees(path)
        assert (facts.width, facts.height) == (picture.shape[1], picture.shape[0])
        assert (facts.format, facts.frames, facts.bits) == (kind, 1, 8)
        assert (facts.make, facts.view) == ("", "")
        assert facts.sha256 == content_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()
        assert facts.file_bytes == path.stat().st_size


def test_what_is_known_without_decoding_is_the_same(save: Save, phantom: Pixels, write_dicom: Any) -> None:
    paths = [save(phantom, kind, **options) for kind, options in KINDS.items()] + [write_dicom(phantom)]
    for path in paths:
        facts, info = examine(path), describe(path)
        assert (facts.format, facts.width, facts.height, facts.frames) == (
            *(info.format, info.width, info.height, info.frames),
        )


def test_numbers_of_a_picture(save: Save) -> None:
    picture = np.zeros((64, 64), np.uint8)
    picture[:, 32:] = 200
    facts = examine(save(picture))
    assert (facts.mean, facts.contrast, facts.colour) == (100, 100, 0)
    assert np.array_equal(facts.picture, picture)
    assert not facts.is_blank


def test_colour_is_seen_and_equal_channels_are_grey(save: Save, colour: Pixels, phantom: Pixels) -> None:
    assert examine(save(colour)).colour > 0.5
    grey, in_three_channels = examine(save(phantom)), examine(save(np.dstack([phantom] * 3)))
    assert in_three_channels.colour == 0
    assert in_three_channels.thumbnail == grey.thumbnail


def test_blank_pictures(save: Save) -> None:
    """Noise does not make a picture of one; something to be seen does."""
    noise = np.random.default_rng(0).normal(128, 15, (512, 512)).astype(np.uint8)
    assert examine(save(noise)).is_blank
    assert examine(save(np.full((64, 64), 255, np.uint8))).is_blank
    noise[:256] += 30
    assert not examine(save(noise)).is_blank


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_examined_as_seen(orientation: int, save: Save, phantom: Pixels) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Agfa"
    for kind in ("PNG", "TIFF", "JPEG", "WEBP"):
        path = save(phantom, kind, exif=exif)
        facts = examine(path)
        assert sees_what_decode_sees(path)
        assert (facts.width, facts.height) == ((80, 96) if orientation < 5 else (96, 80))
        assert facts.make == "Agfa"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1)])
def test_odd_shapes(shape: tuple[int, int], save: Save) -> None:
    path = save(np.full(shape, 77, np.uint8))
    assert (examine(path).height, examine(path).width) == shape
    assert sees_what_decode_sees(path)


def test_ink_and_transparency(save: Save, colour: Pixels) -> None:
    inks = Image.fromarray(np.dstack([colour, 255 - colour[..., 1]]), "CMYK")
    transparent = Image.fromarray(np.dstack([colour, colour[..., 0]]), "RGBA")
    for path in (save(inks, "JPEG"), save(inks, "TIFF"), save(transparent), save(transparent, "WEBP")):
        assert sees_what_decode_sees(path)
        assert examine(path).bits == 8


# --- bits


def bits_of(path: Path) -> int:
    assert sees_what_decode_sees(path)
    return examine(path).bits


def test_bits_of_png(save: Save, phantom: Pixels, colour: Pixels) -> None:
    assert bits_of(save(Image.fromarray(phantom > 100))) == 1
    assert bits_of(save(Image.fromarray(phantom).quantize(16), bits=4)) == 4
    assert bits_of(save(phantom)) == bits_of(save(colour)) == 8
    assert bits_of(save(phantom.astype(np.uint16) * 257)) == 16


def test_bits_of_tiff(save: Save, phantom: Pixels, colour: Pixels) -> None:
    assert bits_of(save(Image.fromarray(phantom > 100), "TIFF")) == 1
    assert bits_of(save(phantom, "TIFF")) == bits_of(save(colour, "TIFF")) == 8
    assert bits_of(save(phantom.astype(np.uint16) * 16, "TIFF")) == 16
    assert bits_of(save((phantom / 255).astype(np.float32), "TIFF")) == 32


def test_bits_of_others(save: Save, phantom: Pixels) -> None:
    assert bits_of(save(Image.fromarray(phantom > 100), "BMP")) == 1
    assert bits_of(save(phantom.astype(np.uint16) * 257, "JPEG2000")) == 16


def test_bits_of_dicom(write_dicom: Any, grey: Pixels) -> None:
    assert bits_of(write_dicom(grey)) == 8
    for bits in (10, 12, 14, 16):
        assert bits_of(write_dicom(grey.astype(np.uint16), bits=bits)) == bits


def test_16_bits_look_like_8(save: Save, phantom: Pixels) -> None:
    deep, flat = examine(save(phantom.astype(np.uint16) * 257)), examine(save(phantom))
    assert (deep.thumbnail, deep.phash, deep.mean) == (flat.thumbnail, flat.phash, flat.mean)
    assert deep.sha256 != flat.sha256


# --- frames


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG", "MPO"])
def test_of_several_frames_the_first_is_examined(kind: str, save: Save, phantom: Pixels) -> None:
    others = [Image.fromarray(255 - phantom), Image.fromarray(phantom // 2)]
    options = {"lossless": True} if kind == "WEBP" else {}
    path = save(phantom, kind, save_all=True, append_images=others, **options)
    facts = examine(path)
    assert facts.frames == describe(path).frames == 3
    assert sees_what_decode_sees(path)
    assert facts.mean == pytest.approx(phantom.mean(), abs=3)


def test_frames_of_dicom(write_dicom: Any, grey: Pixels) -> None:
    frames = b"".join(frame.tobytes() for frame in (grey, 255 - grey, grey // 2))
    path = write_dicom(grey, NumberOfFrames=3, PixelData=frames)
    assert examine(path).frames == 3
    assert sees_what_decode_sees(path)
    assert examine(path).mean == pytest.approx(grey.mean(), abs=1e-3)


def test_a_number_of_frames_that_no_file_can_have(write_dicom: Any, grey: Pixels) -> None:
    """Decoders do not mind, the store of facts would."""
    encoded = imagecodecs.jpegls_encode(grey)
    path = write_dicom(grey, uid.JPEGLSLossless, [encoded], NumberOfFrames="1")
    element = b"\x28\0\x08\0IS"
    data = path.read_bytes()
    assert data.count(element) == 1
    path.write_bytes(data.replace(element + b"\x02\x001 ", element + b"\x14\x00" + b"9" * 20))
    assert decode(path).shape == grey.shape
    assert examine(path).frames == describe(path).frames == 2**31 - 1


# --- where it is from


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_the_make_by_exif(kind: str, save: Save, phantom: Pixels) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "  Siemens \n"
    assert examine(save(phantom, kind, exif=exif)).make == "Siemens"
    exif[ExifTags.Base.Model] = "Mobilett\0\0"
    assert examine(save(phantom, kind, exif=exif)).make == "Siemens Mobilett"


def test_the_make_may_follow_the_pixels(save: Save, phantom: Pixels) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Siemens"
    path = save(phantom)
    data = path.read_bytes()
    chunk = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = data.rindex(b"\0\0\0\0IEND")
    path.write_bytes(data[:end] + whole + data[end:])
    assert examine(path).make == "Siemens"
    assert sees_what_decode_sees(path)


def test_damaged_exif_does_no_harm(save: Save, phantom: Pixels) -> None:
    for exif in (b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x0f", b"Exif\0\0no EXIF at all", b"Exif\0\0"):
        path = save(phantom, "JPEG", exif=exif)
        assert examine(path).make == ""
        assert sees_what_decode_sees(path)


def test_make_and_view_by_dicom(write_dicom: Any, grey: Pixels) -> None:
    path = write_dicom(grey, Manufacturer="GE", ManufacturerModelName="Optima XR220", ViewPosition="AP")
    facts = examine(path)
    assert (facts.format, facts.make, facts.view) == ("DICOM", "GE Optima XR220", "AP")
    assert sees_what_decode_sees(path)
    assert (examine(write_dicom(grey)).make, examine(write_dicom(grey)).view) == ("", "")
    model_alone = write_dicom(grey, ManufacturerModelName="Optima", ViewPosition="")
    assert (examine(model_alone).make, examine(model_alone).view) == ("Optima", "")


def test_a_make_in_another_script(write_dicom: Any, grey: Pixels) -> None:
    path = write_dicom(grey, SpecificCharacterSet="ISO_IR 192", Manufacturer="島津製作所")
    assert examine(path).make == "島津製作所"


@pytest.mark.parametrize("kind", [b"ZZ", b"L\x11", b"FD"], ids=["unknown", "no letters", "of 8 bytes"])
def test_a_damaged_make_does_no_harm(kind: bytes, write_dicom: Any, grey: Pixels) -> None:
    """The picture can be used: it is no reason to leave it out."""
    path = write_dicom(grey, Manufacturer="GEMS", ViewPosition="AP")
    make, data = b"\x08\0\x70\0%s\x04\0GEMS", path.read_bytes()
    assert data.count(make % b"LO") == 1
    path.write_bytes(data.replace(make % b"LO", make % kind))
    assert sees_what_decode_sees(path)
    assert (examine(path).make, examine(path).view) == ("", "AP")


def test_no_fact_names_the_patient(write_dicom: Any, grey: Pixels) -> None:
    path = write_dicom(grey, PatientID="X 4711", PatientName="Mustermann^Erika", Manufacturer="GE")
    said = repr(asdict(examine(path)))
    hashed = describe(path).patient
    assert hashed
    for secret in ("4711", "Mustermann", "Erika", hashed, str(path), path.name):
        assert secret not in said


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        ((), ""),
        ((None, ""), ""),
        (("GE", None), "GE"),
        (("GE", "Optima"), "GE Optima"),
        (("  GE\n\tMedical \0 Systems\0",), "GE Medical Systems"),
        ((5,), "5"),
        (("a" * 63 + " b",), "a" * 63),
        (("a" * 100, "b"), "a" * 64),
        (("\udcff",), "?"),
        (("\0\0",), ""),
    ],
)
def test_what_a_header_says_becomes_one_line(parts: tuple[object, ...], label: str) -> None:
    assert as_label(*parts) == label


# --- DICOM's ways to say grey


@pytest.mark.parametrize(
    "elements",
    [
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"WindowCenter": "100", "WindowWidth": "50"},
        {"Modality": "CT", "RescaleSlope": "8", "RescaleIntercept": "-1024"},
        {"NumberOfFrames": "1"},
    ],
)
def test_dicom_is_examined_as_shown(elements: dict[str, Any], write_dicom: Any, grey: Pixels) -> None:
    assert sees_what_decode_sees(write_dicom(grey, **elements))


@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian],
    ids=lambda syntax: syntax.keyword,
)
def test_dicom_in_other_syntaxes(syntax: uid.UID, write_dicom: Any, grey: Pixels, colour: Pixels) -> None:
    for pixels in (grey, colour):
        path = write_dicom(pixels, syntax, Manufacturer="GE")
        assert sees_what_decode_sees(path)
        assert examine(path).make == "GE"


def test_dicom_of_compressed_pixels(write_dicom: Any, grey: Pixels) -> None:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG")
    for syntax, encoded in (
        (uid.JPEGLosslessSV1, imagecodecs.jpeg8_encode(grey, lossless=True, predictor=1)),
        (uid.JPEGBaseline8Bit, file.getvalue()),
    ):
        assert sees_what_decode_sees(write_dicom(grey, syntax, [encoded]))


# --- what cannot be examined


def outcome(read: Callable[[Path], Any], path: Path) -> str:
    try:
        read(path)
    except ImageError as error:
        return str(error)
    return "read"


def test_reasons_are_those_of_decode(save: Save, phantom: Pixels, write_dicom: Any, tmp_path: Path) -> None:
    whole = save(phantom).read_bytes()
    dicom = write_dicom(phantom).read_bytes()
    contents = [b"", b"words", whole[:-300], whole[:8], dicom[:-300], dicom[:200], b"\xff\xd8\xff", b"GIF89a"]
    path = tmp_path / "odd"
    reasons = set()
    for content in contents:
        path.write_bytes(content)
        assert outcome(examine, path) == outcome(decode, path) != "read"
        reasons.add(outcome(examine, path))
    assert len(reasons) > 3
    assert outcome(examine, tmp_path) == "A folder, not an image."
    assert outcome(examine, tmp_path / "none") == "Cannot be opened: no such file or directory."


def test_dicom_without_an_image(write_dicom: Any, grey: Pixels) -> None:
    path = write_dicom(grey)
    dataset = dcmread(path)
    del dataset.PixelData
    dataset.save_as(path)
    assert outcome(examine, path) == "DICOM file without an image."


def test_what_can_be_used_can_be_examined(save: Save, write_dicom: Any, grey: Pixels, tmp_path: Path) -> None:
    """Damage to what is of no use for the picture leaves no picture out."""
    small, exif = grey[:12, :16].copy(), Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Siemens", 6
    files = [save(small, kind, exif=exif) for kind in ("PNG", "JPEG", "WEBP", "TIFF")]
    files += [save(small, "GIF", save_all=True, append_images=[Image.fromarray(255 - small)])]
    files += [write_dicom(small, Manufacturer="GE", ViewPosition="PA", NumberOfFrames="1")]
    rng, path, used, unused = random.Random(0), tmp_path / "mutated", 0, 0
    for data in [file.read_bytes() for file in files]:
        for _ in range(40):
            changed = bytearray(data)
            for _ in range(rng.randint(1, 4)):
                changed[rng.randrange(min(len(data), 600))] = rng.randrange(256)
            path.write_bytes(changed)
            if outcome(describe, path) == outcome(decode, path) == "read":
                assert sees_what_decode_sees(path)
                used += 1
            else:
                unused += 1
    assert min(used, unused) > 40


def test_threads_find_the_same_as_one_after_the_other(save: Save, write_dicom: Any, phantom: Pixels) -> None:
    paths = [save(phantom, kind, **options) for kind, options in KINDS.items()] + [write_dicom(phantom)]
    expected = [examine(path) for path in paths]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(examine, paths)) == expected
