"""The DICOM files of the zoo."""

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import make_self_test_files as maker
import numpy as np
from make_self_test_files import detector_values, save_dicom
from numpy.typing import NDArray
from pydicom import Dataset, dcmread, uid
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder

Picture = NDArray[Any]
Write = Callable[[Path, Picture], None]

_IDENTITY = {"WindowCenter": "127.5", "WindowWidth": "255", "VOILUTFunction": "LINEAR_EXACT"}


def depth(path: Path, picture: Picture, *, bits: int) -> None:
    """Words of which ``bits`` are stored."""
    save_dicom(path, np.rint(picture * ((2**bits - 1) / 255)).astype(np.uint16), bits=bits)


def few_bits(path: Path, picture: Picture, *, bits: int) -> None:
    """One pixel in each byte."""
    save_dicom(path, picture >> (8 - bits), bits=bits)


def packed_bits(path: Path, picture: Picture) -> None:
    """Eight pixels in each byte, the first in the lowest bit."""
    packed = np.packbits(picture.ravel() > 127, bitorder="little").tobytes()
    data = packed + b"\0" * (len(packed) % 2)
    save_dicom(path, picture, bits=1, BitsAllocated=1, PixelData=data)


def inverted_deep(path: Path, picture: Picture) -> None:
    save_dicom(path, 4095 - detector_values(picture), PhotometricInterpretation="MONOCHROME1")


def signed(path: Path, picture: Picture) -> None:
    values = picture.astype(np.int16) - 128
    save_dicom(path, values, bits=16, PixelRepresentation=1)


def hounsfield(path: Path, picture: Picture) -> None:
    """Rescaled to -1100..175, in a window of just that."""
    window = {"WindowCenter": "-462.5", "WindowWidth": "1275", "VOILUTFunction": "LINEAR_EXACT"}
    rescale = {"RescaleSlope": "5", "RescaleIntercept": "-1100", "Modality": "CT"}
    save_dicom(path, picture, bits=8, **rescale, **window)


def table(entries: Picture, bits: int) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [len(entries), 0, bits]
    item.add_new("LUTData", "OW", struct.pack(f"<{len(entries)}H", *entries))
    return item


def voi_table(path: Path, picture: Picture) -> None:
    """Stored upside down; the VOI LUT turns it over."""
    save_dicom(path, 255 - picture, bits=8, VOILUTSequence=[table(np.arange(256)[::-1], 8)])


def modality_table(path: Path, picture: Picture) -> None:
    save_dicom(path, 255 - picture, bits=8, ModalityLUTSequence=[table(np.arange(256)[::-1] * 16, 12)])


def frames(path: Path, picture: Picture) -> None:
    data = np.stack([picture, 255 - picture, picture[::-1]]).tobytes()
    save_dicom(path, picture, bits=8, NumberOfFrames=3, PixelData=data + b"\0" * (len(data) % 2))


def frames_in_groups(path: Path, picture: Picture) -> None:
    """An enhanced file keeps its window with each frame."""
    window, group = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth, window.VOILUTFunction = _IDENTITY.values()
    group.FrameVOILUTSequence = [window]
    save_dicom(path, picture, bits=8, PerFrameFunctionalGroupsSequence=[group])


def palette(path: Path, picture: Picture) -> None:
    order = np.random.default_rng(0).permutation(256)
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        elements[f"{name}PaletteColorLookupTableData"] = (order * 257).astype("<u2").tobytes()
    save_dicom(path, np.argsort(order).astype(np.uint8)[picture], bits=8, **elements)


def floats(path: Path, picture: Picture) -> None:
    save_dicom(path, picture, bits=8)
    dataset = dcmread(path)
    del dataset.PixelData, dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit
    dataset.FloatPixelData, dataset.BitsAllocated = (picture.astype(np.float32) * 3).tobytes(), 32
    dataset.save_as(path)


def bare(path: Path, picture: Picture, *, implicit: bool, little: bool = True) -> None:
    """Without preamble and meta information, as old archives have them."""
    values = detector_values(picture)
    save_dicom(path, values)
    dataset = Dataset(dcmread(path))
    dataset.PixelData = maker.native_bytes(
        values, uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
    )
    dataset.save_as(path, implicit_vr=implicit, little_endian=little, enforce_file_format=False)


def colour(path: Path, picture: Picture, *, planar: bool = False, rle: bool = False) -> None:
    rgb = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": int(planar)}
    if rle:
        data, syntax = encapsulate([_rle(picture)]), uid.RLELossless
    else:
        plain = (picture.transpose(2, 0, 1) if planar else picture).tobytes()
        data, syntax = plain + b"\0" * (len(plain) % 2), uid.ExplicitVRLittleEndian
    frame = b"\0\0" if rle else b""
    save_dicom(path, picture[..., 0], syntax=syntax, frame=frame, bits=8, **rgb, PixelData=data)


def _rle(picture: Picture) -> bytes:
    return get_encoder(uid.RLELossless).encode(
        picture,
        encoding_plugin="pydicom",
        rows=picture.shape[0],
        columns=picture.shape[1],
        samples_per_pixel=3,
        planar_configuration=0,
        number_of_frames=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="RGB",
    )


_OF_THE_SELF_TEST = {name: write for name, write in maker.FILES.items() if name.endswith(".dcm")}
_LOSSY = {"jpeg.dcm", "jpeg-extended.dcm", "jpeg-ls-near.dcm", "jpeg-2000.dcm"}

DICOM: dict[str, tuple[str, Write]] = {
    **{name: ("" if name in _LOSSY else "grey", write) for name, write in _OF_THE_SELF_TEST.items()},
    **{f"{bits}-bit.dcm": ("grey", partial(depth, bits=bits)) for bits in (10, 14, 16)},
    **{f"{bits}-bit.dcm": (f"{bits} bit", partial(few_bits, bits=bits)) for bits in (1, 2, 4)},
    "packed-bits.dcm": ("1 bit", packed_bits),
    "inverted-12-bit.dcm": ("grey", inverted_deep),
    "signed.dcm": ("grey", signed),
    "hounsfield.dcm": ("grey", hounsfield),
    "voi-lut.dcm": ("grey", voi_table),
    "modality-lut.dcm": ("grey", modality_table),
    "frames.dcm": ("grey", frames),
    "groups.dcm": ("grey", frames_in_groups),
    "palette.dcm": ("grey", palette),
    "floats.dcm": ("grey", floats),
    "IM-implicit": ("grey", partial(bare, implicit=True)),
    "IM-big-endian": ("grey", partial(bare, implicit=False, little=False)),
    "colour.dcm": ("colour", colour),
    "planes.dcm": ("colour", partial(colour, planar=True)),
    "colour-rle.dcm": ("colour", partial(colour, rle=True)),
}
