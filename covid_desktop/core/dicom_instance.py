"""What every DICOM file that the program writes has in common: UIDs, series, equipment, character set."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydicom import Dataset, FileDataset, dcmwrite
from pydicom.charset import convert_encodings, decode_bytes, encode_string, python_encoding
from pydicom.dataset import FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import TEXT_VR_DELIMS

from covid_desktop.core.dicom_common import sop_class_of, sop_instance_of, text_of, value_of
from covid_desktop.core.dicom_study import TEXT_VRS, study_of
from covid_desktop.core.result_source import Kind, ResultSource, SeriesUids, uid_of

IMPLEMENTATION_UID = UID("2.25.71210292707137352768669674381387303751")
IMPLEMENTATION_VERSION = "COVID_DESKTOP"  # at most 16 characters
SERIES_DESCRIPTION = "COVID Desktop research result, not for diagnosis"
_PROGRAM = "COVID Desktop"
_UNICODE = "ISO_IR 192"
_LATIN = "ISO_IR 100"
_SERIES_NUMBERS: dict[Kind, int] = {"picture": 9901, "report": 9902}  # behind the scanner's own
_CHARACTER_SET, _SERIES, _FRAMES = 0x00080005, 0x0020000E, 0x00280008


def new_instance(
    source: FileDataset, sop_class: UID, kind: Kind, about: ResultSource, series: SeriesUids
) -> Dataset:
    """A new instance in the study of ``source``, in the series of its kind, as yet without content."""
    dataset = study_of(source)
    study, now = dataset.StudyInstanceUID, datetime.now()
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid_of(uuid.uuid4())
    dataset.SeriesInstanceUID = series.series(study, kind)
    dataset.SeriesNumber = _SERIES_NUMBERS[kind]
    dataset.InstanceNumber = series.next_number(study, kind)
    dataset.SeriesDescription = SERIES_DESCRIPTION
    for name, moment in (("Series", series.began), ("Content", now), ("InstanceCreation", now)):
        setattr(dataset, f"{name}Date", moment.strftime("%Y%m%d"))
        setattr(dataset, f"{name}Time", moment.strftime("%H%M%S"))
    dataset.Manufacturer = _PROGRAM
    dataset.ManufacturerModelName = _PROGRAM
    dataset.SoftwareVersions = about.program_version
    return dataset


def reference_to(source: FileDataset) -> Dataset:
    """Of the image that was scored; in a file of several frames, of the first one."""
    reference = Dataset()
    reference.ReferencedSOPClassUID = sop_class_of(source)
    reference.ReferencedSOPInstanceUID = sop_instance_of(source)
    if text_of(source, _FRAMES) not in ("", "1"):
        reference.ReferencedFrameNumber = 1
    return reference


def series_of(source: FileDataset) -> str:
    return text_of(source, _SERIES)


def coded(value: str, scheme: str, meaning: str) -> list[Dataset]:
    """A code sequence of one item."""
    code = Dataset()
    code.CodeValue = value
    code.CodingSchemeDesignator = scheme
    code.CodeMeaning = meaning
    return [code]


def write_instance(path: Path, dataset: Dataset, source: FileDataset) -> None:
    """Explicit VR little endian, in the character set of ``source`` where that has all letters."""
    _set_character_set(dataset, source)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    dataset.file_meta = meta
    dcmwrite(path, dataset, enforce_file_format=True)


def _set_character_set(dataset: Dataset, source: FileDataset) -> None:
    """Not every file that declares no character set, or an unknown one, keeps to ASCII."""
    value = value_of(source, _CHARACTER_SET)
    names = [str(name or "") for name in (value if isinstance(value, MultiValue) else [value])]
    texts = list(_texts(dataset))
    if names == [""]:
        if all(text.isascii() for text in texts):
            return
        names = [_LATIN]  # as the source was read
    if not all(name in python_encoding for name in names) or not _can_hold(texts, names):
        names = [_UNICODE]
    dataset.SpecificCharacterSet = names if len(names) > 1 else names[0]


def _can_hold(texts: list[str], names: list[str]) -> bool:
    encodings = convert_encodings(names)
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    if not all(any(_has(encoding, letter) for encoding in encodings) for letter in letters):
        return False
    try:
        return all(
            decode_bytes(encode_string(text, encodings), encodings, TEXT_VR_DELIMS) == text for text in texts
        )
    except (ValueError, LookupError):
        return False


def _has(encoding: str, letter: str) -> bool:
    try:
        return bool(letter.encode(encoding))
    except (UnicodeError, LookupError):
        return False


def _texts(dataset: Dataset) -> Iterator[str]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _texts(item)
        elif element.VR in TEXT_VRS:
            yield from map(str, _each(element.value))


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, MultiValue | list) else [] if value is None else [value]
