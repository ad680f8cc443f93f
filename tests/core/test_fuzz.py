"""Damaged and hostile files: each is a picture or a reason, soon, and no process dies of one."""

import io
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, uid

from covid_desktop.core import image
from covid_desktop.core.dicom_header import read_header
from covid_desktop.core.image_info import MEGAPIXELS_VARIABLE
from covid_desktop.errors import ImageError

CAMPAIGN = Path(__file__).parents[1] / "campaigns" / "images.py"
SECONDS = 2.0  # of the processor; most take a hundredth
DAMAGED = "Damaged, cut off, or of a kind that is not supported."
OTHER_SIZE = "The picture has another size than its header says."
READS: list[Callable[[Path], Any]] = [image.describe, image.decode, image.view, image.examine, read_header]


@pytest.mark.timeout(300)
def test_thousands_of_damaged_files() -> None:
    """The campaign in small; what fails is named in its output and kept."""
    command = [sys.executable, str(CAMPAIGN), "--images", "5000", "--dicom", "1000", "--seed", "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "6000 files" in done.stdout
    assert "0 processes died, 0 failures" in done.stdout


def outcomes(path: Path) -> dict[str, str]:
    """What each way to read says: empty where it gives something. None may take long."""
    said = {}
    for read in READS:
        began = time.process_time()
        try:
            said[read.__name__] = "" if read(path) is not None else "nothing"
        except ImageError as error:
            said[read.__name__] = error.what
        assert time.process_time() - began < SECONDS, read.__name__
    return said


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "hostile"
        path.write_bytes(data)
        return path

    return write


def encoded(pixels: Any, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def tiff_of_pages(count: int) -> bytes:
    """Pages of 8 x 8 pixels, which share their pixels."""
    tags = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 8), (279, 64)]
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags)
    size = 2 + len(entries) + 4
    pages = [
        struct.pack("<H", len(tags)) + entries + struct.pack("<L", 72 + size * (number + 1))
        for number in range(count)
    ]
    return b"II*\0" + struct.pack("<L", 72) + bytes(64) + b"".join(pages)[:-4] + bytes(4)


def test_tens_of_thousands_of_pages(write: Any) -> None:
    """Pillow takes a minute to count them."""
    path = write(tiff_of_pages(60_000))
    assert set(outcomes(path).values()) == {"", "nothing"}
    assert image.describe(path).frames == image.examine(path).frames == 1000


def test_hundreds_of_thousands_of_frames(write: Any) -> None:
    gif = encoded(np.zeros((2, 2), np.uint8), "GIF")
    at = gif.index(b"\x2c")
    path = write(gif[:at] + gif[at:-1] * 400_000 + b";")
    assert set(outcomes(path).values()) == {"", "nothing"}
    assert image.view(path).frames == 1000


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_later_frames_may_be_damaged(kind: str, grey: Any, write: Any) -> None:
    """The first is all that is read: what can be predicted can be trained with."""
    data = bytearray(encoded(grey, kind, save_all=True, append_images=[Image.fromarray(255 - grey)] * 2))
    if kind == "TIFF":
        first = int.from_bytes(data[4:8], "little")
        count = int.from_bytes(data[first : first + 2], "little")
        at = first + 2 + 12 * count
        data[at : at + 4] = (len(data) - 3).to_bytes(4, "little")
    else:
        del data[-60:]
    path = write(bytes(data))
    assert np.array_equal(image.decode(path), grey)
    assert np.array_equal(image.view(path).picture, grey)
    assert image.describe(path).frames == image.examine(path).frames == image.view(path).frames


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


@pytest.mark.parametrize("at", ["before the pixels", "behind the pixels"])
def test_a_million_chunks(at: str, grey: Any, write: Any) -> None:
    png = encoded(grey, "PNG")
    place = 33 if at == "before the pixels" else png.index(b"IEND") - 4
    said = outcomes(write(png[:place] + chunk(b"abCd", b"") * 1_000_000 + png[place:]))
    assert said["decode"] == said["examine"] == said["view"] == "The PNG has too many parts."


def test_a_compressed_profile_and_texts_are_not_blown_up(grey: Any, write: Any) -> None:
    png = encoded(grey, "PNG")
    profile = chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(300_000_000)))
    assert outcomes(write(png[:33] + profile + png[33:]))["decode"] == DAMAGED


def test_a_jpeg_of_thousands_of_scans(write: Any) -> None:
    jpeg = encoded(np.zeros((6300, 6300), np.uint8), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    path = write(jpeg[:last] + jpeg[last:-2] * 1000 + jpeg[-2:])
    said = outcomes(path)
    assert said["decode"] == said["view"] == said["examine"] == "The JPEG goes over its picture too often."


def test_a_jpeg_of_many_scans_is_read_where_it_is_small(write: Any, grey: Any) -> None:
    jpeg = encoded(grey, "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    path = write(jpeg[:last] + jpeg[last:-2] * 3 + jpeg[-2:])
    assert image.decode(path).shape == grey.shape


def test_a_webp_that_goes_on_for_ever(tmp_path: Path, colour: Any) -> None:
    webp = encoded(colour, "WEBP", lossless=True)
    path = tmp_path / "long.webp"
    with path.open("wb") as file:
        file.write(webp[:4] + (400_000_000).to_bytes(4, "little") + webp[8:])
        file.truncate(400_000_000)
    assert outcomes(path)["decode"] == "Larger than 40 megapixels."


def test_a_file_of_gigabytes(tmp_path: Path, grey: Any) -> None:
    path = tmp_path / "endless.png"
    with path.open("wb") as file:
        file.write(encoded(grey, "PNG"))
        file.truncate(2**31 + 1)
    assert outcomes(path)["decode"] == "Larger than 2 gigabytes."


def with_elements(path: Path, elements: bytes) -> Path:
    """A DICOM file with more in front of its pixels."""
    data = path.read_bytes()
    at = data.index(b"\xe0\x7f\x10\0")
    path.write_bytes(data[:at] + elements + data[at:])
    return path


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sHL", group, number, vr, 0, len(value)) + value


def test_sequences_nested_by_the_thousand(write_dicom: Any, grey: Any) -> None:
    start = struct.pack("<HH2sHL", 0x0040, 0x0275, b"SQ", 0, 2**32 - 1)
    start += struct.pack("<HHL", 0xFFFE, 0xE000, 2**32 - 1)
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    said = outcomes(with_elements(write_dicom(grey), start * 5000 + end * 5000))
    assert said["describe"] == said["decode"] == said["view"] == "Nested too deeply."


def test_sequences_nested_as_in_life(write_dicom: Any, grey: Any) -> None:
    start = struct.pack("<HH2sHL", 0x0040, 0x0275, b"SQ", 0, 2**32 - 1)
    start += struct.pack("<HHL", 0xFFFE, 0xE000, 2**32 - 1)
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    assert set(outcomes(with_elements(write_dicom(grey), start * 12 + end * 12)).values()) == {""}


def test_hundreds_of_thousands_of_elements(write_dicom: Any, grey: Any) -> None:
    many = b"".join(
        struct.pack("<HH2sH", 0x0031 + 2 * (number // 60_000), 0x0100 + number % 60_000, b"CS", 0)
        for number in range(400_000)
    )
    said = outcomes(with_elements(write_dicom(grey), many))
    assert said["describe"] == said["decode"] == "The DICOM header has too many elements."


def test_a_window_of_a_million_numbers(write_dicom: Any, grey: Any) -> None:
    numbers = b"1\\" * 2_000_000
    said = outcomes(with_elements(write_dicom(grey), element(0x0028, 0x1050, b"UN", numbers)))
    assert said["decode"] == "The DICOM header has an element that is too long."


def test_a_window_of_a_million_numbers_with_the_frame(write_dicom: Any, grey: Any) -> None:
    window, group = Dataset(), Dataset()
    window.add_new("WindowCenter", "UN", b"1\\" * 2_000_000)
    group.FrameVOILUTSequence = [window]
    path = write_dicom(grey, PerFrameFunctionalGroupsSequence=[group])
    assert outcomes(path)["view"] == "The DICOM header has an element that is too long."


@pytest.mark.parametrize("length", [2**32 - 2, 2**31, 10**6])
def test_an_element_that_claims_to_be_long(length: int, write_dicom: Any, grey: Any) -> None:
    lie = struct.pack("<HH2sHL", 0x0040, 0x0300, b"OB", 0, length)
    assert outcomes(with_elements(write_dicom(grey), lie))["decode"] != ""


def test_run_lengths_that_grow(write_dicom: Any, grey: Any) -> None:
    frame = struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\0" * 4_000_000
    said = outcomes(write_dicom(grey, uid.RLELossless, [frame]))
    assert said["decode"] == said["view"] == OTHER_SIZE


def test_a_lossless_jpeg_that_ends_early(tmp_path: Path, write_dicom: Any, grey: Any) -> None:
    """A codec read beyond its end: other pixels each time, and in the end its process died."""
    jpeg = bytearray(imagecodecs.jpeg8_encode(grey.astype(np.uint16), lossless=True, bitspersample=12))
    at = jpeg.index(b"\xff\xc3")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 4000, 4000)
    path = write_dicom(grey, uid.JPEGLosslessSV1, [bytes(jpeg)], Rows=4000, Columns=4000)
    code = (
        "import sys, hashlib; from pathlib import Path; from covid_desktop.core import image\n"
        "for read in (image.decode, lambda path: image.view(path).picture):\n"
        "    print(hashlib.sha256(read(Path(sys.argv[1]))).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(set(done.stdout.split())) == 1


def test_a_frame_of_another_size(write_dicom: Any, grey: Any) -> None:
    frames = {
        uid.JPEG2000Lossless: imagecodecs.jpeg2k_encode(grey, codecformat="j2k", reversible=True),
        uid.JPEGBaseline8Bit: encoded(grey, "JPEG"),
    }
    for syntax, frame in frames.items():
        assert outcomes(write_dicom(grey[:20], syntax, [frame]))["decode"] == OTHER_SIZE


def test_a_jpeg_ls_of_another_size(write_dicom: Any, grey: Any) -> None:
    """Its codec makes room for gigabytes."""
    frame = bytearray(imagecodecs.jpegls_encode(grey))
    at = frame.index(b"\xff\xf7")
    for place, value in ((5, b"\xff\xff"), (7, b"\xff\xff"), (9, b"\xff")):
        hostile = frame[: at + place] + value + frame[at + place + len(value) :]
        path = write_dicom(grey, uid.JPEGLSLossless, [bytes(hostile)])
        assert outcomes(path)["decode"] == OTHER_SIZE


def test_a_jpeg_ls_without_its_end(write_dicom: Any, grey: Any) -> None:
    """Its codec would look for the end for ten seconds, or take what it has for a picture."""
    frame = imagecodecs.jpegls_encode(grey)
    for cut in (3, 40):
        path = write_dicom(grey, uid.JPEGLSLossless, [frame[:-cut]])
        assert outcomes(path)["decode"] == "Cut off: the end of the file is missing."
    assert outcomes(write_dicom(grey, uid.JPEGLSLossless, [frame]))["decode"] == ""


def test_a_number_of_frames_of_no_kind(write_dicom: Any, grey: Any) -> None:
    path = write_dicom(grey, NumberOfFrames="1")
    path.write_bytes(path.read_bytes().replace(b"\x28\0\x08\0IS", b"\x28\0\x08\0I\x80"))
    assert outcomes(path)["read_header"] == ""


def test_two_widths_at_once(write_dicom: Any, grey: Any) -> None:
    assert outcomes(write_dicom(grey, Columns=[60, 60]))["decode"] == DAMAGED


def test_a_patient_id_that_is_damaged(write_dicom: Any, grey: Any) -> None:
    path = write_dicom(grey)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x10\0\x20\0LO", b"\x10\0\x20\0DS"))
    assert image.describe(path).width == image.decode(path).shape[1]


def test_a_syntax_is_named_as_text(write_dicom: Any, grey: Any) -> None:
    path = write_dicom(grey)
    syntax = uid.ExplicitVRLittleEndian.encode()
    path.write_bytes(path.read_bytes().replace(syntax, syntax[:7] + b"\x1b\xff" + syntax[9:]))
    assert outcomes(path)["decode"] == "DICOM transfer syntax is not supported."


@pytest.mark.parametrize("elements", [{"WindowCenter": "1e400"}, {"WindowWidth": "1e400"}, {}])
def test_nothing_by_nothing_is_black(elements: dict[str, str], write_dicom: Any, grey: Any) -> None:
    """What a cast makes of it differs between processors."""
    window = {"WindowCenter": "1e400", "WindowWidth": "1e400"} | elements
    path = write_dicom(grey, **window)
    assert np.array_equal(image.decode(path), image.view(path).picture)


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    header = b"IHDR" + (15_000).to_bytes(4) * 2 + b"\x08\0\0\0\0"
    path = tmp_path / "large.png"
    png = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + zlib.crc32(header).to_bytes(4) + b"\0\0\0\0IDAT"
    path.write_bytes(png)
    code = "import sys; from pathlib import Path; from covid_desktop.core import image\n"
    code += "try: print(image.describe(Path(sys.argv[1])).width)\nexcept image.ImageError as e: print(e)"
    said = {}
    for limit in ("300", "2", "none", "-3", ""):
        done = subprocess.run(
            [sys.executable, "-c", code, path],
            env=os.environ | {MEGAPIXELS_VARIABLE: limit},
            capture_output=True,
            text=True,
            check=True,
        )
        said[limit] = done.stdout.strip()
    assert said.pop("300") == "15000"
    assert said.pop("2") == "Larger than 2 megapixels."
    assert set(said.values()) == {"Larger than 40 megapixels."}
