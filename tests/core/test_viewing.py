"""What a viewer shows: by default what is scored, and the values behind it."""

import random
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, uid

from covid_desktop.core import image
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.viewing import View, view_of_picture, view_of_values
from covid_desktop.errors import ImageError

WINDOW = {"WindowCenter": "100", "WindowWidth": "301"}
DEEP = {
    "CT without a window": {"Modality": "CT", "RescaleSlope": "1", "RescaleIntercept": "-1024"},
    "linear window": WINDOW,
    "exact window": {**WINDOW, "VOILUTFunction": "LINEAR_EXACT"},
    "fractions": {**WINDOW, "RescaleSlope": "0.1", "RescaleIntercept": "0.05"},
    "dark is high": {**WINDOW, "PhotometricInterpretation": "MONOCHROME1"},
    "step": {"WindowCenter": "100", "WindowWidth": "1"},
    "no window": {},
    "falling slope": {"RescaleSlope": "-2", "RescaleIntercept": "0"},
}


@pytest.fixture
def deep(grey: np.ndarray) -> np.ndarray:
    return (grey.astype(np.int16) * 8) - 300


@pytest.fixture
def save(tmp_path: Path) -> Any:
    def write(pixels: Any, kind: str = "PNG", **options: Any) -> Path:
        path = tmp_path / f"picture{len(list(tmp_path.iterdir()))}.{kind.lower()}"
        Image.fromarray(pixels).save(path, kind, **options)
        return path

    return write


def check_default(path: Path) -> View:
    """The default is what is scored; the window between low and high is no other."""
    view, picture = image.view(path), image.decode(path)
    shown = view.shown(view.low, view.high)
    assert shown.dtype == np.uint8
    assert np.array_equal(shown, picture)
    turned = view.shown(view.high, view.low)
    assert np.array_equal(turned, 255 - picture)
    worked_out = replace(view, picture=np.zeros_like(picture), low=view.low - 1, high=view.high + 2)
    assert np.abs(worked_out.shown(view.low, view.high).astype(int) - picture).max() <= (
        1 if view.values.dtype == np.float32 else 255
    )
    return view


def test_8_bit_pictures_are_their_own_values(save, grey, colour) -> None:
    for pixels in (grey, colour):
        for kind in ("PNG", "TIFF", "BMP", "JPEG"):
            view = check_default(save(pixels, kind))
            assert view.values is view.picture
            assert (view.low, view.high, view.unit, view.frames) == (0, 255, "", 1)
    assert check_default(save(np.stack([grey] * 3, axis=2))).values.ndim == 2


@pytest.mark.parametrize("bits", [8, 9, 10, 12, 13, 16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_pictures_keep_their_values(bits, kind, save, grey) -> None:
    levels = np.rint(grey * ((2**bits - 1) / 255)).astype(np.uint16)
    view = check_default(save(levels, kind))
    assert view.values.dtype == np.float32
    assert np.array_equal(view.values, levels)
    assert (view.low, view.high) == (0, 2 ** (bits + bits % 2) - 1)


def test_white_is_zero(save, grey) -> None:
    path = save(grey.astype(np.uint16) * 257, "TIFF")
    entry = struct.pack("<HHIHH", 262, 3, 1, 1, 0)
    data = path.read_bytes()
    assert data.count(entry) == 1
    path.write_bytes(data.replace(entry, struct.pack("<HHIHH", 262, 3, 1, 0, 0)))
    view = check_default(path)
    assert (view.low, view.high) == (65535, 0)


@pytest.mark.parametrize("values", [[0, 0.5, 1], [-100, 0, 100, np.nan, np.inf], [7, 7], [np.nan, np.nan]])
def test_float_pictures(values, save) -> None:
    view = check_default(save(np.array([values], np.float32), "TIFF"))
    assert np.isfinite(view.values).all()
    assert view.step == 0


@pytest.mark.parametrize("elements", DEEP.values(), ids=DEEP)
def test_dicom_has_the_values_behind_the_window(elements, write_dicom, deep) -> None:
    view = check_default(write_dicom(deep, **elements))
    slope, intercept = (
        float(elements.get(name, usual)) for name, usual in (("RescaleSlope", 1), ("RescaleIntercept", 0))
    )
    assert np.allclose(view.values, deep * slope + intercept)
    assert view.unit == ("HU" if elements.get("Modality") == "CT" else "")


def test_the_lung_window_is_called_by_its_numbers(write_dicom, deep) -> None:
    view = image.view(write_dicom(deep, **DEEP["CT without a window"]))
    assert view.width_and_level(view.low, view.high) == (1500, -600)
    assert view.limits(1500, -600) == (view.low, view.high)
    assert view.window_words(view.low, view.high) == "W 1500 L -600 HU"
    assert view.value_words(0, 0) == f"{int(deep[0, 0]) - 1024} HU"


@pytest.mark.parametrize("name", ["linear window", "exact window", "dark is high"])
def test_a_window_is_called_by_the_headers_numbers(name, write_dicom, deep) -> None:
    view = image.view(write_dicom(deep, **DEEP[name]))
    assert view.window_words(view.low, view.high) == "W 301 L 100"
    assert view.limits(301, 100) == pytest.approx((view.low, view.high))


def test_units_other_than_hounsfields_are_not_called_so(write_dicom, deep) -> None:
    assert image.view(write_dicom(deep, Modality="CT", RescaleType="US")).unit == ""
    assert image.view(write_dicom(deep, Modality="OT", RescaleType="HU")).unit == "HU"


def test_where_no_linear_window_is_asked_for_the_picture_is_the_values(write_dicom, deep) -> None:
    table = Dataset()
    table.LUTDescriptor = [3, 10, 12]
    table.add_new("LUTData", "US", [0, 4095, 2048])
    infinite = {"WindowCenter": "1e308", "WindowWidth": "1e999"}
    for elements in ({"VOILUTSequence": [table]}, {**WINDOW, "VOILUTFunction": "SIGMOID"}, infinite):
        view = check_default(write_dicom(deep, **elements))
        assert view.values is view.picture
        assert (view.low, view.high) == (0, 255)


def test_dicom_in_colour(write_dicom, colour) -> None:
    view = check_default(write_dicom(colour, uid.ExplicitVRLittleEndian))
    assert view.values is view.picture
    assert view.value_words(3, 5) == ", ".join(map(str, colour[3, 5]))


def test_frames_are_counted(write_dicom, save, grey) -> None:
    path = write_dicom(grey, NumberOfFrames=3, PixelData=grey.tobytes() * 3)
    assert check_default(path).frames == 3
    assert (
        check_default(save(grey, "GIF", save_all=True, append_images=[Image.fromarray(255 - grey)])).frames
        == 2
    )


def test_errors_are_those_of_decode(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"Dear colleague, " * 20)
    with pytest.raises(ImageError, match="Not an image"):
        image.view(path)


def test_mutated_files_are_viewed_as_they_are_decoded(save, write_dicom, grey, tmp_path) -> None:
    small = grey[:12, :16].copy()
    files = [
        save(small.astype(np.uint16) * 257),
        save(small.astype(np.float32), "TIFF"),
        write_dicom(small.astype(np.int16), name="a", Modality="CT", RescaleSlope="1", RescaleIntercept="-9"),
        write_dicom(small, name="b", **WINDOW),
    ]
    rng, path, seen = random.Random(0), tmp_path / "mutated", set()
    for data in [file.read_bytes() for file in files]:
        for _ in range(60):
            changed = bytearray(data)
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            path.write_bytes(changed)
            outcomes = [outcome(read, path) for read in (image.decode, image.view)]
            assert outcomes[0] == outcomes[1]
            seen.add(type(outcomes[0]))
    assert seen == {str, bytes}


def outcome(read: Any, path: Path) -> str | bytes:
    try:
        found = read(path)
    except ImageError as error:
        return error.what
    return bytes(found.shown(found.low, found.high) if isinstance(found, View) else found)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("is_inverted", [False, True])
def test_adjusted_as_it_is_scored(turns, is_inverted, write_dicom, deep, colour) -> None:
    adjustment = Adjustment(quarter_turns=turns, is_inverted=is_inverted)
    path = write_dicom(deep, **WINDOW)
    view = image.view(path).adjusted(adjustment)
    assert np.array_equal(view.shown(view.low, view.high), adjustment.applied(image.decode(path)))
    assert np.array_equal(view.values, np.rot90(deep, turns))
    assert view.window_words(view.low, view.high) == "W 301 L 100"
    other = view.shown(*view.limits(200, 90))
    expected = image.view(path)
    assert np.array_equal(other, adjustment.applied(expected.shown(*expected.limits(200, 90))))
    coloured = view_of_picture(colour).adjusted(adjustment)
    assert np.array_equal(coloured.shown(0, 255), adjustment.applied(colour))


def test_another_window() -> None:
    values = np.array([[-1000, 0, 50, 100, 3000]], np.float32)
    view = view_of_values(values, np.zeros((1, 5), np.uint8), -1000, 3000)
    assert view.shown(0, 100).tolist() == [[0, 0, 128, 255, 255]]
    assert view.shown(100, 0).tolist() == [[255, 255, 127, 0, 0]]
    assert view.shown(50, 50).tolist() == [[0, 0, 0, 255, 255]]
    picture = view_of_picture(np.array([[[0, 100, 150]], [[200, 255, 125]]], np.uint8))
    assert picture.shown(100, 200).tolist() == [[[0, 0, 128]], [[255, 255, 64]]]


def test_values_near_the_end_of_a_float_do_no_harm() -> None:
    most = np.finfo(np.float32).max
    view = view_of_values(np.array([[-most, 0, most]], np.float32), np.zeros((1, 3), np.uint8), -1.0, 1.0)
    assert view.shown(-2, 2).tolist() == [[0, 128, 255]]
    assert view.shown(-1e308, 1e308).shape == (1, 3)


@pytest.mark.parametrize("deep_values", [True, False])
def test_a_part_at_its_own_size_is_cut_out(deep_values, grey) -> None:
    view = view_of_picture(grey)
    if deep_values:
        view = view_of_values(grey.astype(np.float32), grey, 0.0, 255.0)
    assert np.array_equal(view.part((10, 5, 40, 25), (30, 20), 0, 255), grey[5:25, 10:40])
    assert np.array_equal(view.part((0, 0, 60, 40), (60, 40), 0, 255), grey)
    assert np.array_equal(view.part((57, 37, 60, 40), (3, 3), 20, 200), view.shown(20, 200)[37:, 57:])


def test_single_pixels_are_seen_when_much_magnified(grey) -> None:
    part = view_of_picture(grey).part((2, 3, 5, 5), (24, 16), 0, 255)
    assert np.array_equal(part, np.kron(grey[3:5, 2:5], np.ones((8, 8), np.uint8)))


def test_reduced_by_means(grey) -> None:
    view = view_of_values(grey.astype(np.float32) * 4, grey, 0.0, 1020.0, unit="HU", frames=2)
    half = view.reduced(2)
    assert np.allclose(half.values, view.values.reshape(20, 2, 30, 2).mean(axis=(1, 3)))
    assert (half.picture.shape, half.low, half.high, half.unit, half.frames) == ((20, 30), 0, 1020, "HU", 2)
    assert view.reduced(1) is view
    assert view.reduced(7).picture.shape == (6, 9)


def test_fractions_are_called_by_few_digits() -> None:
    view = view_of_values(np.array([[0.25, 0.5]], np.float32), np.zeros((1, 2), np.uint8), 0, 1, step=0.0)
    assert view.window_words(0, 1) == "W 1 L 0.5"
    assert view.value_words(0, 0) == "0.25"
