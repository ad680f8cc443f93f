"""Small files that would take long or fill the memory: what is counted before a codec sees them.

All functions raise ImageError where there is more than any camera, scanner or archive writes.
"""

from collections.abc import Callable
from typing import BinaryIO

from covid_desktop.core.image_info import MAX_PIXELS, TOO_LARGE
from covid_desktop.errors import ImageError

OTHER_SIZE = "The picture has another size than its header says."

_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
"""The DICOM elements that may hold the pixels, of which a file has one."""

_MAX_ELEMENTS = 20_000
"""At the top level; the standard knows 5,000."""
_MAX_ELEMENT_BYTES = 2**20
_TABLES = (0x00283000, 0x00283010)
_MAX_CHUNKS = 10_000
_MAX_SCANNED_PIXELS = 1_000_000_000
_MAX_GROWN_BYTES = 40_000_000
_MAX_WEBP_BYTES = 8 * MAX_PIXELS

StopWhen = Callable[[int, str | None, int], bool]


def counting(*, header_only: bool) -> StopWhen:
    """For ``pydicom.filereader.read_partial``: refuses too many elements and too long ones."""
    count = 0

    def stop(tag: int, _: str | None, length: int) -> bool:
        nonlocal count
        count += 1
        if count > _MAX_ELEMENTS:
            raise ImageError("The DICOM header has too many elements.")
        number = int(tag)
        if number >> 16 == 0x0028 and number not in _TABLES and length < 2**32 - 1:
            check_length(length)
        return header_only and number in _PIXELS

    return stop


def check_length(length: int) -> None:
    """Of a value that is asked for: a million numbers in words take seconds."""
    if length > _MAX_ELEMENT_BYTES:
        raise ImageError("The DICOM header has an element that is too long.")


def check_run_lengths(frame: bytes, pixels: int) -> None:
    """An RLE segment may grow to 64 times its length, and pydicom lets it."""
    starts = [int.from_bytes(frame[at : at + 4], "little") for at in range(4, 64, 4)]
    segments = min(int.from_bytes(frame[:4], "little"), len(starts))
    for start, end in zip(starts[:segments], [*starts[1:segments], len(frame)], strict=True):
        segment = frame[start:end]
        if 64 * len(segment) > _MAX_GROWN_BYTES and _grown_bytes(segment, 2 * pixels) > 2 * pixels:
            raise ImageError(OTHER_SIZE)


def _grown_bytes(segment: bytes, limit: int) -> int:
    """Of a segment of RLE, counted until they are over ``limit``."""
    grown, at, length = 0, 0, len(segment)
    while at < length and grown <= limit:
        count = segment[at]
        if count < 128:
            grown, at = grown + count + 1, at + count + 2
        else:  # 128 stands for nothing
            grown, at = grown + (257 - count) * (count > 128), at + 1 + (count > 128)
    return grown


def check_scans(jpeg: bytes, pixels: int) -> None:
    """A progressive JPEG may go over its picture any number of times, for a few bytes each."""
    # Within the scans each FF is followed by a zero or is a marker.
    if jpeg.count(b"\xff\xda") * pixels > max(_MAX_SCANNED_PIXELS, 25 * MAX_PIXELS):
        raise ImageError("The JPEG goes over its picture too often.")


def check_png_chunks(file: BinaryIO, *, header_only: bool) -> None:
    """Pillow keeps each chunk that it does not know; those behind the first pixels are read by decoding."""
    at, others = file.seek(8), 0
    while len(head := file.read(8)) == 8 and not (header_only and head[4:] == b"IDAT"):
        others += head[4:] not in (b"IDAT", b"fdAT", b"fcTL")
        at += 12 + int.from_bytes(head[:4])
        if others > _MAX_CHUNKS:
            raise ImageError("The PNG has too many parts.")
        file.seek(at)
    file.seek(0)


def check_webp_length(file: BinaryIO) -> None:
    """Pillow reads the whole of a WebP file to see how large the picture is."""
    if file.seek(0, 2) > _MAX_WEBP_BYTES:
        raise ImageError(TOO_LARGE)
    file.seek(0)
