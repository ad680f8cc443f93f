"""What reading and writing DICOM headers share."""

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom import Dataset, FileDataset
from pydicom.errors import BytesLengthException
from pydicom.filereader import read_partial

from covid_desktop.core import dicom
from covid_desktop.core.image import opened

SOP_CLASS, SOP_INSTANCE = 0x00080016, 0x00080018
_HEAD_BYTES = 2**16
DAMAGED = (
    *(BytesLengthException, ValueError, TypeError, LookupError, AttributeError, NotImplementedError),
    *(OverflowError, RecursionError, EOFError, OSError),
)
"""What pydicom raises where an element is damaged; it decodes each when it is asked for."""


def read_dataset(path: Path) -> FileDataset | None:
    """A DICOM file without its pixels; None where it is no DICOM file. Raises ImageError."""
    with opened(path) as (file, kind):
        if kind != "DICOM":
            return None
        dicom.check_inflated_size(file)
        return pydicom.dcmread(file, force=True, stop_before_pixels=True)


def read_elements(path: Path, tags: Sequence[int]) -> FileDataset | None:
    """Some elements of a DICOM file, which is read no further than the last of them.

    None where it is no DICOM file. Raises ImageError.
    """
    with opened(path) as (file, kind):
        if kind != "DICOM":
            return None
        dicom.check_inflated_size(file)
        # pydicom asks a file where it is at each element, and threads then wait for one another.
        head = io.BytesIO(file.read(_HEAD_BYTES))
        with suppress(Exception):  # an element that does not end within the head
            dataset, is_whole = _partly(head, tags)
            if is_whole or len(head.getbuffer()) < _HEAD_BYTES:
                return dataset
        file.seek(0)
        return _partly(file, tags)[0]


def _partly(file: BinaryIO, tags: Sequence[int]) -> tuple[FileDataset, bool]:
    """The elements, and whether the file goes on behind the last of them."""
    last = max(tags)
    is_behind = False

    def stop(tag: int, _: str | None, __: int) -> bool:
        nonlocal is_behind
        is_behind = int(tag) > last  # comparing tags as pydicom does takes a fifth of the time
        return is_behind

    dataset = read_partial(file, stop_when=stop, force=True, specific_tags=list(tags))
    return dataset, is_behind


def value_of(dataset: Dataset, tag: int) -> Any:
    """An element's decoded value; None where it is missing, empty or damaged."""
    try:
        element = dataset.get(tag)
    except DAMAGED:
        return None
    return None if element is None or element.is_empty else element.value


def text_of(dataset: Dataset, tag: int) -> str:
    """A value as text; empty likewise."""
    value = value_of(dataset, tag)
    return "" if value is None else str(value).strip()


def sop_class_of(dataset: FileDataset) -> str:
    """The SOP Class UID, of the file's meta information where the data set has none."""
    return text_of(dataset, SOP_CLASS) or text_of(dataset.file_meta, 0x00020002)


def sop_instance_of(dataset: FileDataset) -> str:
    """The SOP Instance UID, likewise."""
    return text_of(dataset, SOP_INSTANCE) or text_of(dataset.file_meta, 0x00020003)
