"""What the header of a DICOM file says about the picture, its series, and whose it is."""

import math
from dataclasses import dataclass, field
from datetime import date
from itertools import starmap
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING

from covid_desktop.errors import ImageError

if TYPE_CHECKING:
    from pydicom import Dataset

_TAGS = {
    "SOPClassUID": 0x00080016,
    "StudyDate": 0x00080020,
    "AccessionNumber": 0x00080050,
    "Modality": 0x00080060,
    "StudyDescription": 0x00081030,
    "SeriesDescription": 0x0008103E,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "BodyPartExamined": 0x00180015,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SeriesNumber": 0x00200011,
    "InstanceNumber": 0x00200013,
    "ImagePositionPatient": 0x00200032,
    "ImageOrientationPatient": 0x00200037,
    "NumberOfFrames": 0x00280008,
    "Rows": 0x00280010,
    "Columns": 0x00280011,
}
_LONGEST = 200  # characters of a text that is shown; the standard's longest has 64 in each of three scripts
_COSINE_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose picture it is, for the screen and nothing else: it is in no ``repr``, so in no log."""

    name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    accession: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomHeader:
    """Texts are printable and in one line, empty where the header says nothing.

    ``position`` is the image's in millimetres along the normal of its plane, whose six direction cosines are
    ``orientation``, rounded; None where the file does not tell. Sizes are 0 in a file without a picture.
    """

    sop_class: str = ""
    study_uid: str = ""
    series_uid: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    position: float | None = None
    orientation: tuple[float, ...] | None = None
    modality: str = ""
    series_description: str = ""
    study_description: str = ""
    study_date: date | None = None
    body_part: str = ""
    frames: int = 1
    rows: int = 0
    columns: int = 0
    identity: Identity = field(default_factory=Identity, repr=False)


def read_header(path: Path) -> DicomHeader | None:
    """The header of a DICOM file, without its pixels; None of any other file, or where it is damaged."""
    # pydicom takes a quarter of a second to import, and most folders have no DICOM.
    from covid_desktop.core.dicom_common import read_elements, sop_class_of, value_of

    try:
        dataset = read_elements(path, list(_TAGS.values()))
    except ImageError:
        return None
    if dataset is None or (len(dataset) == 0 and not sop_class_of(dataset)):
        return None
    orientation, position = _place(dataset)
    return DicomHeader(
        sop_class=sop_class_of(dataset),
        study_uid=_plain(dataset, "StudyInstanceUID"),
        series_uid=_plain(dataset, "SeriesInstanceUID"),
        series_number=_whole(_plain(dataset, "SeriesNumber")),
        instance_number=_whole(_plain(dataset, "InstanceNumber")),
        position=position,
        orientation=orientation,
        modality=_text(dataset, "Modality"),
        series_description=_text(dataset, "SeriesDescription"),
        study_description=_text(dataset, "StudyDescription"),
        study_date=_date(_plain(dataset, "StudyDate")),
        body_part=_text(dataset, "BodyPartExamined"),
        frames=max(1, _whole(_plain(dataset, "NumberOfFrames")) or 1),
        rows=max(0, _whole(value_of(dataset, _TAGS["Rows"])) or 0),
        columns=max(0, _whole(value_of(dataset, _TAGS["Columns"])) or 0),
        identity=_identity(dataset),
    )


def _identity(dataset: "Dataset") -> Identity:
    return Identity(
        name=_name(dataset),
        patient_id=_text(dataset, "PatientID"),
        birth_date=_date(_plain(dataset, "PatientBirthDate")),
        sex=_text(dataset, "PatientSex"),
        accession=_text(dataset, "AccessionNumber"),
    )


def _name(dataset: "Dataset") -> str:
    """Family name, other names; in another script after a stroke, where there is one."""
    return " / ".join(filter(None, map(_spoken, _text(dataset, "PatientName").split("="))))


def _spoken(name: str) -> str:
    family, *others = name.split("^")
    return ", ".join(filter(None, (family.strip(), " ".join(" ".join(others).split()))))


def _text(dataset: "Dataset", keyword: str) -> str:
    from covid_desktop.core.dicom_common import text_of

    text = text_of(dataset, _TAGS[keyword])[: 2 * _LONGEST]
    if not text.isprintable():  # it could turn the writing round or break the line
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:_LONGEST]


def _plain(dataset: "Dataset", keyword: str) -> str:
    """A value that is ASCII in every character set, as in the file: pydicom takes twice as long."""
    from covid_desktop.core.dicom_common import DAMAGED

    try:
        element = dataset.get_item(_TAGS[keyword])
    except DAMAGED:
        return ""
    value = None if element is None else element.value
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text[: 2 * _LONGEST].strip(" \0")


def _whole(value: object) -> int | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and abs(number) < 2**31 else None


def _date(digits: str) -> date | None:
    """Of YYYYMMDD, or of YYYY.MM.DD as in files of the nineties."""
    digits = digits.replace(".", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) if len(digits) == 8 else None
    except ValueError:
        return None


def _place(dataset: "Dataset") -> tuple[tuple[float, ...] | None, float | None]:
    """Orientation, and position along the normal."""
    corner, cosines = (_numbers(dataset, f"Image{name}Patient") for name in ("Position", "Orientation"))
    if len(corner) != 3 or len(cosines) != 6:
        return None, None
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    position = sum(starmap(mul, zip(normal, corner, strict=True)))
    if not math.isfinite(position):
        return None, None
    return tuple(round(cosine, _COSINE_DIGITS) + 0.0 for cosine in cosines), position


def _numbers(dataset: "Dataset", keyword: str) -> list[float]:
    try:
        return [float(number) for number in _plain(dataset, keyword).split("\\")]
    except ValueError:
        return []
