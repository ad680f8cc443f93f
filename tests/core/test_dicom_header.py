"""What a DICOM header says, and the order of series, on good, odd, damaged and hostile files."""

import os
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, uid

from covid_desktop.core import dicom
from covid_desktop.core.dicom_header import DicomHeader, Identity, read_header
from covid_desktop.core.dicom_series import (
    SeriesPlace,
    in_series_order,
    read_headers,
    series_label,
    series_of,
)
from covid_desktop.errors import Stopped

AXIAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]
TINY = np.zeros((2, 3), np.uint8)


def header_of(path: Path) -> DicomHeader:
    header = read_header(path)
    assert header is not None
    return header


def test_a_header_is_read(write_dicom) -> None:
    path = write_dicom(
        TINY,
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.4",
        SeriesNumber=3,
        InstanceNumber=12,
        ImagePositionPatient=[10, 20, -30.5],
        ImageOrientationPatient=AXIAL,
        Modality="CT",
        SeriesDescription="Lung  1.0 ",
        StudyDescription="CT chest",
        StudyDate="20260102",
        BodyPartExamined="CHEST",
        PatientName="Muster^Eva^Maria",
        PatientBirthDate="19600517",
        PatientSex="F",
        AccessionNumber="A 7",
    )
    header = header_of(path)
    assert (header.study_uid, header.series_uid) == ("1.2.3", "1.2.4")
    assert (header.series_number, header.instance_number) == (3, 12)
    assert header.position == -30.5
    assert header.orientation == tuple(AXIAL)
    assert (header.modality, header.series_description, header.study_description) == (
        *("CT", "Lung 1.0"),
        "CT chest",
    )
    assert (header.study_date, header.body_part) == (date(2026, 1, 2), "CHEST")
    assert (header.frames, header.rows, header.columns) == (1, 2, 3)
    assert header.sop_class == uid.SecondaryCaptureImageStorage
    assert header.identity == Identity(
        name="Muster, Eva Maria",
        patient_id="P 1",
        birth_date=date(1960, 5, 17),
        sex="F",
        accession="A 7",
    )


def test_no_log_gets_the_identity_by_accident(write_dicom) -> None:
    header = header_of(write_dicom(TINY, PatientName="Muster^Eva", PatientID="P 99"))
    for text in (repr(header), str(header), repr(header.identity), f"{header.identity}"):
        assert "Muster" not in text
        assert "P 99" not in text


@pytest.mark.parametrize(
    ("character_set", "name", "expected"),
    [
        ("ISO_IR 100", "Äneas^Rüdiger", "Äneas, Rüdiger"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東", "Wang, XiaoDong / 王, 小東"),
        ("GB18030", "Wang^XiaoDong=王^小东", "Wang, XiaoDong / 王, 小东"),
        (
            ["", "ISO 2022 IR 87"],
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "Yamada, Tarou / 山田, 太郎 / やまだ, たろう",
        ),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong / 洪, 吉洞 / 홍, 길동"),
    ],
)
def test_names_in_every_writing(write_dicom, character_set, name, expected) -> None:
    path = write_dicom(TINY, SpecificCharacterSet=character_set, PatientName=name)
    assert header_of(path).identity.name == expected


def test_an_unknown_character_set_is_no_obstacle(write_dicom) -> None:
    path = write_dicom(TINY, PatientName="Eva", SeriesDescription="Lung")
    path.write_bytes(
        path.read_bytes().replace(
            b"\x08\x00\x16\x00UI", b"\x08\x00\x05\x00CS\x08\x00NO_SUCH \x08\x00\x16\x00UI", 1
        )
    )
    assert b"NO_SUCH " in path.read_bytes()
    assert header_of(path).series_description == "Lung"


def test_texts_are_printable_short_and_in_one_line(write_dicom) -> None:
    path = write_dicom(
        TINY,
        SpecificCharacterSet="ISO_IR 192",
        SeriesDescription="Lung\r\n\x1b[31mred\u202eturned\0",
        StudyDescription="x" * 5000,
    )
    header = header_of(path)
    assert header.series_description == "Lung [31mred turned"
    assert header.study_description == "x" * 200


@pytest.mark.parametrize(
    ("text", "expected"), [("1994.03.07", date(1994, 3, 7)), ("20261340", None), ("soon", None)]
)
def test_dates(write_dicom, text, expected) -> None:
    assert header_of(write_dicom(TINY, StudyDate=text)).study_date == expected


def test_an_enhanced_file_tells_its_frames(write_dicom) -> None:
    per_frame = [Dataset() for _ in range(40)]
    path = write_dicom(
        TINY, NumberOfFrames=40, PixelData=bytes(240), PerFrameFunctionalGroupsSequence=per_frame
    )
    assert header_of(path).frames == 40


@pytest.mark.parametrize(
    "position", [["nan", "0", "0"], ["1", "2"], ["a", "b", "c"], ["1e308", "1e308", "1e308"]]
)
def test_a_position_that_is_none(write_dicom, position) -> None:
    path = write_dicom(TINY, ImagePositionPatient=["0", "0", "0"], ImageOrientationPatient=[9e307] * 6)
    text = "\\".join(position).encode()
    raw = path.read_bytes()
    start = raw.index(b"\x20\x00\x32\x00DS")
    text += b" " * (len(text) % 2)
    path.write_bytes(raw[: start + 6] + len(text).to_bytes(2, "little") + text + raw[start + 8 + 6 :])
    assert header_of(path).position is None


@pytest.mark.parametrize(
    "syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian]
)
def test_other_syntaxes(write_dicom, syntax) -> None:
    header = header_of(write_dicom(TINY, syntax, SeriesNumber=4))
    assert (header.rows, header.columns, header.series_number) == (2, 3, 4)


def test_a_header_longer_than_what_is_read_at_once(write_dicom) -> None:
    long = write_dicom(TINY, SeriesNumber=4, PatientComments="x" * 10_000, TextString="x" * 10)
    dataset = dcmread(long)
    block = dataset.private_block(0x0013, "LONG", create=True)
    block.add_new(1, "OB", bytes(200_000))
    dataset.save_as(long)
    header = header_of(long)
    assert (header.series_number, header.columns) == (4, 3)


def test_files_that_are_no_dicom_have_no_header(tmp_path: Path, grey) -> None:
    picture, text, empty = (tmp_path / name for name in ("a.png", "a.txt", "a.dcm"))
    Image.fromarray(grey).save(picture)
    text.write_text("Not a picture.")
    empty.touch()
    pipe = tmp_path / "pipe"
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
    for path in (picture, text, empty, pipe, tmp_path, tmp_path / "none.dcm"):
        assert read_header(path) is None


def test_damaged_files_never_raise(write_dicom, tmp_path: Path) -> None:
    whole = write_dicom(
        TINY, StudyInstanceUID="1.2.3", PatientName="Eva", ImagePositionPatient=[0, 0, 1], InstanceNumber=1
    ).read_bytes()
    path = tmp_path / "damaged.dcm"
    random = np.random.default_rng(0)
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        read_header(path)
    for _ in range(400):
        changed = bytearray(whole)
        for place in random.integers(132, len(whole), 4):
            changed[place] = random.integers(256)
        path.write_bytes(changed)
        read_header(path)


def test_a_deflated_bomb_is_not_inflated(write_dicom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom, "MAX_PIXELS", 1000)
    path = write_dicom(TINY, uid.DeflatedExplicitVRLittleEndian)
    assert read_header(path) is not None
    whole = path.read_bytes()
    meta = 144 + int.from_bytes(whole[140:144], "little")
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    inflated = zlib.decompress(whole[meta:], -zlib.MAX_WBITS) + bytes(8001)
    path.write_bytes(whole[:meta] + deflater.compress(inflated) + deflater.flush())
    assert read_header(path) is None


@pytest.fixture
def write_slice(write_dicom) -> Any:
    def write(
        name: str, series: int = 1, number: int | None = None, z: float | None = None, **more: Any
    ) -> Path:
        elements: dict[str, Any] = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": f"1.2.{series}"}
        elements |= {"SeriesNumber": series, "Modality": "CT"}
        if number is not None:
            elements["InstanceNumber"] = number
        if z is not None:
            elements |= {"ImagePositionPatient": [0, 0, z], "ImageOrientationPatient": AXIAL}
        return write_dicom(TINY, name=name, **elements | more)

    return write


def names(paths: list[Path]) -> str:
    return " ".join(path.name for path in paths)


def test_slices_are_in_the_order_of_their_place(write_slice) -> None:
    shuffled = [write_slice(name, z=z) for name, z in (("b", -5), ("d", 20.5), ("a", -10), ("c", 3))]
    assert names(in_series_order(shuffled)) == "a b c d"


def test_the_scan_begins_where_the_scanner_began(write_slice) -> None:
    shuffled = [write_slice(name, number=n, z=z) for name, n, z in (("b", 2, 20), ("a", 1, 30), ("c", 3, 10))]
    assert names(in_series_order(shuffled)) == "a b c"


def test_phases_and_mixed_planes_are_in_the_order_of_their_numbers(write_slice) -> None:
    phases = [write_slice(name, number=n, z=z) for name, n, z in (("c", 3, 1), ("a", 1, 1), ("b", 2, 2))]
    assert names(in_series_order(phases)) == "a b c"
    planes = [
        write_slice("f", 2, 2, 5.0),
        write_slice("e", 2, 1, 9.0, ImageOrientationPatient=SAGITTAL),
    ]
    assert names(in_series_order(planes)) == "e f"


def test_without_places_the_number_decides_and_files_without_one_are_last(write_slice) -> None:
    shuffled = [write_slice("c"), write_slice("b", number=10), write_slice("a", number=9)]
    assert names(in_series_order(shuffled)) == "a b c"


def test_series_are_in_the_order_of_their_numbers_within_a_study(write_slice) -> None:
    paths = [
        write_slice("e", 1, 1, StudyInstanceUID="9.9"),
        write_slice("d", 10, 1),
        write_slice("b", 2, 2),
        write_slice("a", 2, 1),
        write_slice("c", 3, 1),
    ]
    assert names(in_series_order(paths)) == "e a b c d"


def test_other_files_keep_their_places_and_a_dicomdir_is_left_out(write_slice, tmp_path: Path, grey) -> None:
    first, second = tmp_path / "1.png", tmp_path / "2.png"
    for picture in (first, second):
        Image.fromarray(grey).save(picture)
    directory = write_slice("DICOMDIR", SOPClassUID=uid.MediaStorageDirectoryStorage)
    b, a = write_slice("b", number=2), write_slice("a", number=1)
    paths = [first, b, directory, second, a, tmp_path / "none"]
    assert names(in_series_order(paths)) == "1.png a 2.png b none"
    assert set(series_of(paths)) == {a, b}


def test_the_same_file_twice_stays_twice(write_slice) -> None:
    b, a = write_slice("b", number=2), write_slice("a", number=1)
    assert names(in_series_order([b, a, b])) == "a b b"
    assert series_of([b, a, b])[b] == SeriesPlace(label="CT 1", number=2, total=2)


def test_each_image_has_a_place_in_its_series(write_slice) -> None:
    lungs = [write_slice(f"l{n}", 3, n, SeriesDescription="Lung 1.0") for n in (3, 1, 2)]
    other = write_slice("o", 4, 7)
    places = series_of([*lungs, other])
    assert places[lungs[0]] == SeriesPlace(label="CT 3: Lung 1.0", number=3, total=3)
    assert places[lungs[1]].number == 1
    assert places[other] == SeriesPlace(label="CT 4", number=1, total=1)
    headers = read_headers([*lungs, other])
    assert series_of([*lungs, other], headers) == places


def test_a_series_that_says_nothing_has_a_label() -> None:
    assert series_label(DicomHeader()) == "Series"
    assert series_label(DicomHeader(series_description="Lung")) == "Series: Lung"


def test_reading_headers_can_be_stopped(write_slice) -> None:
    with pytest.raises(Stopped):
        read_headers([write_slice("a")], should_stop=lambda: True)
