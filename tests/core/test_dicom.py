"""DICOM: every transfer syntax gives the same pixels, and every way to say grey is understood."""

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, uid
from pydicom.pixels import get_encoder

from covid_desktop.core import image
from covid_desktop.core.depth import stretch
from covid_desktop.errors import ImageError

NATIVE = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
]
LOSSLESS = [
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000Lossless,
    uid.JPEG2000,
]
LUNG_WINDOW = (-600, 1500)


def encode(pixels: np.ndarray, syntax: uid.UID, bits: int) -> bytes:
    """One frame without loss, by other code than decodes it wherever there is some."""
    if syntax == uid.RLELossless:
        planes = pixels.shape[2] if pixels.ndim == 3 else 1
        return get_encoder(syntax).encode(
            pixels,
            encoding_plugin="pydicom",
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=planes,
            planar_configuration=0,
            number_of_frames=1,
            bits_allocated=8 * pixels.itemsize,
            bits_stored=bits,
            pixel_representation=0,
            photometric_interpretation="RGB" if planes == 3 else "MONOCHROME2",
        )
    if syntax in (uid.JPEGLossless, uid.JPEGLosslessSV1):
        predictor = 1 if syntax == uid.JPEGLosslessSV1 else 5
        return jpeg_lossless(pixels, predictor, bits)
    if syntax in (uid.JPEGLSLossless, uid.JPEGLSNearLossless):
        return imagecodecs.jpegls_encode(pixels)
    return imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True, bitspersample=bits)


def jpeg_lossless(pixels: np.ndarray, predictor: int, bits: int) -> bytes:
    colours = {"colorspace": "RGB", "outcolorspace": "RGB"} if pixels.ndim == 3 else {}
    return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=predictor, bitspersample=bits, **colours)


@pytest.fixture
def deep(grey: np.ndarray) -> np.ndarray:
    """12 bits in words, from 0 to 4095."""
    return np.rint(grey * (4095 / 255)).astype(np.uint16)


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.keyword)
def test_native_syntaxes_give_the_stored_pixels(syntax, write_dicom, grey, deep, colour) -> None:
    assert np.array_equal(image.decode(write_dicom(grey, syntax)), grey)
    assert np.array_equal(image.decode(write_dicom(deep, syntax, bits=12)), grey)
    assert np.array_equal(image.decode(write_dicom(colour, syntax)), colour)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.keyword)
def test_lossless_syntaxes_give_the_stored_pixels(syntax, write_dicom, grey, deep, colour) -> None:
    for pixels, bits, expected in ((grey, 8, grey), (deep, 12, grey), (colour, 8, colour)):
        path = write_dicom(pixels, syntax, [encode(pixels, syntax, bits)], bits=bits)
        assert np.array_equal(image.decode(path), expected)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_jpeg_lossless_knows_all_predictors(predictor, write_dicom, deep, grey) -> None:
    encoded = jpeg_lossless(deep, predictor, 12)
    assert np.array_equal(image.decode(write_dicom(deep, uid.JPEGLossless, [encoded], bits=12)), grey)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_jpeg_lossless_by_another_encoder(bits, write_dicom, grey) -> None:
    pixels = np.rint(grey * ((2**bits - 1) / 255)).astype(np.uint8 if bits == 8 else np.uint16)
    encoded = imagecodecs.ljpeg_encode(pixels, bitspersample=bits)
    path = write_dicom(pixels, uid.JPEGLosslessSV1, [encoded], bits=bits)
    assert np.array_equal(image.decode(path), grey)


def test_jpeg_lossless_of_signed_values(write_dicom, deep) -> None:
    hounsfield = deep.astype(np.int16) - 1024
    encoded = jpeg_lossless(hounsfield.view(np.uint16), 1, 16)
    compressed = write_dicom(hounsfield, uid.JPEGLosslessSV1, [encoded], "a.dcm", Modality="CT")
    native = write_dicom(hounsfield, name="b.dcm", Modality="CT")
    assert np.array_equal(image.decode(compressed), image.decode(native))


def test_jpeg_baseline_and_extended_are_near(write_dicom, colour) -> None:
    file = io.BytesIO()
    Image.fromarray(colour).save(file, "JPEG", quality=95)
    path = write_dicom(
        colour, uid.JPEGBaseline8Bit, [file.getvalue()], PhotometricInterpretation="YBR_FULL_422"
    )
    assert np.abs(image.decode(path).astype(int) - colour).max() <= 8

    smooth = colour[..., 0].astype(np.uint16) * 17
    encoded = imagecodecs.jpeg8_encode(smooth, level=98, bitspersample=12)
    path = write_dicom(smooth, uid.JPEGExtended12Bit, [encoded], bits=12)
    assert np.abs(image.decode(path).astype(int) - stretch(smooth)).max() <= 2


def test_jpeg_extended_in_colour(write_dicom, colour) -> None:
    encoded = imagecodecs.jpeg8_encode(colour.astype(np.uint16) * 16, level=98, bitspersample=12)
    path = write_dicom(
        colour.astype(np.uint16),
        uid.JPEGExtended12Bit,
        [encoded],
        bits=12,
        PhotometricInterpretation="YBR_FULL",
    )
    assert np.abs(image.decode(path).astype(int) - colour).max() <= 8


def test_first_of_several_frames(write_dicom, grey) -> None:
    frames = [grey, 255 - grey, grey // 2]
    native = write_dicom(
        grey, name="a.dcm", NumberOfFrames=3, PixelData=b"".join(frame.tobytes() for frame in frames)
    )
    encoded = [encode(frame, uid.RLELossless, 8) for frame in frames]
    compressed = write_dicom(grey, uid.RLELossless, encoded, "b.dcm", NumberOfFrames=3)
    for path in (native, compressed):
        assert image.describe(path).frames == 3
        assert np.array_equal(image.decode(path), grey)


def test_monochrome1_is_inverted(write_dicom, grey) -> None:
    path = write_dicom(grey, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(image.decode(path), 255 - grey)


def levels_of(write_dicom: Any, values: list[int], **elements: Any) -> list[int]:
    pixels = np.array([values], np.int16)
    return image.decode(write_dicom(pixels, **elements))[0].tolist()


def test_linear_window_follows_the_standard(write_dicom) -> None:
    # PS3.3 C.11.2.1.2.1: black up to (width - 1) / 2 below centre - 0.5, white from as much above it.
    window = {"WindowCenter": "100", "WindowWidth": "101"}
    assert levels_of(write_dicom, [-500, 49, 50, 100, 149, 150, 900], **window) == [
        *(0, 0, 1, 129, 254, 255, 255)
    ]
    step = {"WindowCenter": "100", "WindowWidth": "1"}
    assert levels_of(write_dicom, [98, 99, 100, 101], **step) == [0, 0, 255, 255]


def test_exact_linear_and_sigmoid_windows(write_dicom) -> None:
    window = {"WindowCenter": "100", "WindowWidth": "100"}
    values = [0, 50, 100, 150, 200]
    exact = levels_of(write_dicom, values, **window, VOILUTFunction="LINEAR_EXACT")
    assert exact == [0, 0, 128, 255, 255]
    sigmoid = levels_of(write_dicom, values, **window, VOILUTFunction="SIGMOID")
    assert sigmoid == [round(255 / (1 + np.exp(-4 * (value - 100) / 100))) for value in values]


def test_window_is_in_rescaled_units_and_the_first_counts(write_dicom) -> None:
    rescaled = levels_of(
        write_dicom,
        [0, 500, 1000],
        RescaleSlope="2",
        RescaleIntercept="-1000",
        WindowCenter=["0", "5000"],
        WindowWidth=["1000", "1"],
        VOILUTFunction="LINEAR_EXACT",
    )
    assert rescaled == [0, 128, 255]


def test_ct_without_a_window_gets_the_lung_window(write_dicom) -> None:
    centre, width = LUNG_WINDOW
    values = [-2000, centre - width // 2, centre, centre + width // 2, 3000]
    shown = levels_of(write_dicom, values, Modality="CT", RescaleSlope="1", RescaleIntercept="0")
    assert shown == [0, 0, 128, 255, 255]


@pytest.mark.parametrize("width", ["0", "-5"])
def test_others_and_senseless_windows_are_stretched(width, write_dicom) -> None:
    assert levels_of(write_dicom, [-100, 0, 100]) == [0, 128, 255]
    assert levels_of(write_dicom, [-100, 0, 100], WindowCenter="0", WindowWidth=width) == [0, 128, 255]


def test_one_value_everywhere_is_black(write_dicom) -> None:
    assert levels_of(write_dicom, [7, 7, 7]) == [0, 0, 0]


def lut(table: list[int], first: int, bits: int, vr: str) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [len(table), first, bits]
    item.add_new("LUTData", vr, struct.pack(f"<{len(table)}H", *table) if vr == "OW" else table)
    return item


@pytest.mark.parametrize("vr", ["OW", "US"])
def test_voi_lut_comes_before_the_window(vr, write_dicom) -> None:
    table = lut([0, 4095, 2048], first=10, bits=12, vr=vr)
    shown = levels_of(
        write_dicom, [0, 10, 11, 12, 99], VOILUTSequence=[table], WindowCenter="0", WindowWidth="1"
    )
    assert shown == [0, 0, 255, 128, 128]


def test_modality_lut_comes_before_the_window(write_dicom) -> None:
    table = lut([1000, 2000, 3000], first=0, bits=12, vr="US")
    assert levels_of(write_dicom, [0, 1, 2], ModalityLUTSequence=[table]) == [0, 128, 255]


def test_enhanced_file_keeps_its_window_in_the_frames_group(write_dicom) -> None:
    rescale, window, group = Dataset(), Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept = "1", "-1000"
    window.WindowCenter, window.WindowWidth, window.VOILUTFunction = "0", "1000", "LINEAR_EXACT"
    group.PixelValueTransformationSequence, group.FrameVOILUTSequence = [rescale], [window]
    shown = levels_of(write_dicom, [500, 1000, 1500], PerFrameFunctionalGroupsSequence=[group])
    assert shown == [0, 128, 255]


@pytest.mark.parametrize("bits", [8, 16])
def test_palette_colour(bits, write_dicom) -> None:
    entries = np.array([[0, 0, 0], [255, 0, 10], [40, 200, 30]], np.uint8)
    scale, kind = (1, "<u1") if bits == 8 else (257, "<u2")
    palette: dict[str, Any] = {}
    for channel, name in enumerate(("Red", "Green", "Blue")):
        data = (entries[:, channel].astype(int) * scale).astype(kind).tobytes()
        palette[f"{name}PaletteColorLookupTableDescriptor"] = [len(entries), 0, bits]
        palette[f"{name}PaletteColorLookupTableData"] = data
    pixels = np.array([[0, 1, 2, 1]], np.uint8)
    if bits == 8:
        palette = {
            key: value + b"\0" if isinstance(value, bytes) else [4, *value[1:]]
            for key, value in palette.items()
        }
    path = write_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **palette)
    assert np.array_equal(image.decode(path), entries[pixels])


def test_ybr_and_planes_become_rgb(write_dicom, colour) -> None:
    ybr = np.array(Image.fromarray(colour).convert("YCbCr"))
    path = write_dicom(ybr, PhotometricInterpretation="YBR_FULL")
    assert np.abs(image.decode(path).astype(int) - colour).max() <= 4
    path = write_dicom(colour, PlanarConfiguration=1, PixelData=colour.transpose(2, 0, 1).tobytes())
    assert np.array_equal(image.decode(path), colour)


def test_float_pixels(write_dicom) -> None:
    values = np.array([[np.nan, 1.0, 2.0, 3.0, np.inf]], np.float32)
    path = write_dicom(np.zeros((1, 5), np.uint8))
    dataset = dcmread(path)
    del dataset.PixelData, dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit
    dataset.FloatPixelData, dataset.BitsAllocated = values.tobytes(), 32
    dataset.save_as(path)
    assert image.decode(path)[0].tolist() == [0, 0, 128, 255, 0]


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_no_preamble_and_no_extension(implicit, little, write_dicom, deep, grey) -> None:
    syntax = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
    path = write_dicom(deep, syntax, bits=12)
    dataset = Dataset(dcmread(path))
    path = path.with_name("IM000001")
    dataset.save_as(path, implicit_vr=implicit, little_endian=little, enforce_file_format=False)
    assert path.read_bytes()[128:132] != b"DICM"
    assert image.describe(path).format == "DICOM"
    assert np.array_equal(image.decode(path), grey)


def test_describe_hashes_the_patient(write_dicom, grey) -> None:
    info = image.describe(write_dicom(grey))
    expected = hashlib.sha256(b"P 1").hexdigest()[:16]
    assert info == image.ImageInfo(format="DICOM", width=60, height=40, frames=1, patient=expected)
    assert image.describe(write_dicom(grey, PatientID="")).patient is None


def reason(path: Path) -> str:
    with pytest.raises(ImageError) as raised:
        image.decode(path)
    return raised.value.what


def test_file_without_an_image(write_dicom, grey) -> None:
    path = write_dicom(grey)
    dataset = dcmread(path)
    del dataset.PixelData
    dataset.save_as(path)
    assert reason(path) == "DICOM file without an image."
    del dataset.Rows
    dataset.save_as(path)
    assert reason(path) == "DICOM file without an image."
    with pytest.raises(ImageError, match="DICOM file without an image"):
        image.describe(path)


def test_too_large_is_refused_before_decoding(write_dicom, grey) -> None:
    path = write_dicom(grey, Rows=65535, Columns=65535)
    assert reason(path) == "Larger than 40 megapixels."
    with pytest.raises(ImageError, match="Larger than 40 megapixels"):
        image.describe(path)


def test_deflated_bomb_is_refused(write_dicom, grey, monkeypatch) -> None:
    path = write_dicom(grey, uid.DeflatedExplicitVRLittleEndian)
    data = path.read_bytes()
    start = 144 + int.from_bytes(data[140:144], "little")
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    path.write_bytes(data[:start] + deflate.compress(bytes(80_000)) + deflate.flush())
    monkeypatch.setattr("covid_desktop.core.dicom.MAX_PIXELS", 1000)
    assert reason(path) == "Larger than 40 megapixels."


def test_unknown_transfer_syntax(write_dicom, grey) -> None:
    path = write_dicom(grey, uid.MPEG2MPML, [b"\0\0"])
    assert reason(path) == f"DICOM transfer syntax {uid.MPEG2MPML} is not supported."


@pytest.mark.parametrize("syntax", [*NATIVE, *LOSSLESS, uid.JPEGExtended12Bit], ids=lambda uid: uid.keyword)
def test_cut_off_file_is_an_error(syntax, write_dicom, deep) -> None:
    encoded = None
    if syntax in LOSSLESS:
        encoded = [encode(deep, syntax, 12)]
    elif syntax == uid.JPEGExtended12Bit:
        encoded = [imagecodecs.jpeg8_encode(deep, bitspersample=12)]
    data = write_dicom(deep, syntax, encoded, bits=12).read_bytes()
    path = write_dicom(deep, syntax, encoded, bits=12)
    for length in (len(data) * 9 // 10, len(data) // 2):
        path.write_bytes(data[:length])
        assert "cut off" in reason(path).lower()


def test_jpeg_2000_bomb_is_refused(write_dicom, grey) -> None:
    encoded = bytearray(encode(grey, uid.JPEG2000, 8))
    encoded[8:16] = encoded[24:32] = (12_000).to_bytes(4) * 2
    path = write_dicom(grey, uid.JPEG2000, [bytes(encoded)])
    assert reason(path) == "Larger than 40 megapixels."


def test_jpeg_that_claims_another_size_is_not_decoded(write_dicom, grey) -> None:
    encoded = bytearray(encode(grey, uid.JPEGLosslessSV1, 8))
    at = encoded.index(b"\xff\xc3")
    encoded[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    path = write_dicom(grey, uid.JPEGLosslessSV1, [bytes(encoded)])
    assert reason(path) == "Damaged, cut off, or of a kind that is not supported."
