"""The JPEG kinds that pydicom cannot decode by itself: a decoder plugin with the names pydicom asks for."""

from typing import TYPE_CHECKING

from pydicom.uid import UID, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1

from covid_desktop.core.bombs import check_scans

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import DecodeRunner

DECODER_DEPENDENCIES = dict.fromkeys((JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1), ("imagecodecs",))

_FRAME_HEADERS = (0xC0, 0xC1, 0xC2, 0xC3, 0xF7)


def is_available(uid: UID) -> bool:
    return uid in DECODER_DEPENDENCIES


def decode_frame(source: bytes, runner: "DecodeRunner") -> bytes:
    """The pixels of one JPEG, row by row; tells ``runner`` how they are laid out."""
    # Imported for the few files that need it: it brings a library for every codec it knows.
    import imagecodecs

    # The codec would make room for whatever size the JPEG claims.
    if size(source) != (runner.rows, runner.columns, runner.samples_per_pixel):
        raise ValueError("size of the JPEG")
    check_scans(source, runner.rows * runner.columns)
    # The codec does not see that the end is missing. imagecodecs' other one for lossless JPEG is no way out:
    # in a damaged file it reads on beyond the end, into whatever memory is there.
    if not is_whole(source):
        raise ValueError("end of the JPEG")
    lossless = runner.transfer_syntax != JPEGExtended12Bit
    # A lossless JPEG's colours are taken as they are: the DICOM header says what they mean.
    stored = "RGB" if lossless and runner.samples_per_pixel == 3 else None
    pixels = imagecodecs.jpeg8_decode(source, colorspace=stored, outcolorspace=stored)
    runner.set_option("bits_allocated", 8 * pixels.itemsize)
    if pixels.ndim == 3:
        runner.set_option("planar_configuration", 0)
    if pixels.ndim == 3 and not lossless:
        runner.set_option("photometric_interpretation", "RGB")
    return bytes(pixels.tobytes())


def is_whole(source: bytes) -> bool:
    """Whether a JPEG or JPEG-LS ends as one does; it may be padded."""
    return source.rstrip(b"\0").endswith(b"\xff\xd9")


def size(source: bytes) -> tuple[int, int, int]:
    """Rows, columns and samples of a pixel in the frame header of a JPEG or JPEG-LS, or zeros."""
    at = 2
    while at + 10 <= len(source) and source[at] == 0xFF:
        if source[at + 1] in _FRAME_HEADERS:
            rows, columns = (int.from_bytes(source[at + place : at + place + 2]) for place in (5, 7))
            return rows, columns, source[at + 9]
        at += 2 + int.from_bytes(source[at + 2 : at + 4])
    return 0, 0, 0
