"""Which patient an image is of: by ``patients.csv`` beside the class folders, or by its file's name."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from covid_desktop.errors import DatasetError

PATIENTS_FILE = "patients.csv"
DICOM = "DICOM "
"""Stands before the hash of a DICOM Patient ID, where that is what the patient is known by."""
PATIENT = "{patient}"
_FIX = "Save it as CSV in UTF-8 with the columns path and patient, or remove it."


class Patients:
    """What the file in ``root`` says, nothing where there is none; its paths are relative to ``root``.

    Raises DatasetError for a file that cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._table = _read_table(root / PATIENTS_FILE)
        self._used = False

    def of(self, path: Path) -> str | None:
        """The patient of an image, or None where the file does not name it."""
        if not self._table:
            return None
        patient = self._table.get(path.relative_to(self._root).as_posix())
        self._used = self._used or patient is not None
        return patient

    def require_use(self) -> None:
        """Raise DatasetError if the file named none of the images asked for: its paths are wrong then."""
        if self._table and not self._used:
            raise DatasetError(
                "The file patients.csv names none of the images.",
                "Write its paths relative to its own folder, such as train/COVID-19/1.png, or remove it.",
            )


class Pattern:
    """Finds the patient in a file's name: ``{patient}_*`` finds P7 in P7_2.png.

    ``{patient}`` stands for the patient, as short as it can be, ``*`` for any text and ``?`` for one
    character. A pattern with a slash is held against the path within the data's folder. The ending, and
    capital or small letters, do not matter. Raises DatasetError for one without ``{patient}``, or with two.
    """

    def __init__(self, text: str) -> None:
        text = text.strip().replace("\\", "/")
        if text.count(PATIENT) != 1:
            raise DatasetError(
                f"The pattern must have {PATIENT} once.",
                f"Write it where the patient's number or name stands, such as {PATIENT}_*.",
            )
        wild = {PATIENT: "(?P<patient>.+?)", "*": ".*?", "?": "."}
        parts = re.split(r"(\{patient\}|[*?])", text)
        self._expression = re.compile("".join(wild.get(part) or re.escape(part) for part in parts), re.I)
        self._is_of_paths = "/" in text

    def patient(self, name: str) -> str | None:
        """The patient of the image ``name`` (its path within the data's folder), None if it does not fit."""
        path = PurePosixPath(name)
        whole = path if self._is_of_paths else PurePosixPath(path.name)
        for text in (str(whole.with_suffix("")), str(whole)):
            if found := self._expression.fullmatch(text):
                return found["patient"].strip() or None
        return None


def caught(pattern: str, paths: Sequence[Path], root: Path) -> list[str | None]:
    """The patient that ``pattern`` finds in each path below ``root``. Raises DatasetError."""
    compiled = Pattern(pattern)
    return [compiled.patient(path.relative_to(root).as_posix()) for path in paths]


def salted(patient: str, salt: str) -> str:
    """The hash of a DICOM Patient ID once more with the project's salt: the ID cannot be guessed from it."""
    return DICOM + hashlib.sha256(f"{salt}{patient}".encode()).hexdigest()[:16]


def _read_table(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        header, *rows = _read_rows(path.read_text(encoding="utf-8-sig")) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError("The file patients.csv cannot be read.", _FIX) from error
    columns = [name.strip().casefold() for name in header]
    if not {"path", "patient"} <= set(columns):
        raise DatasetError("The file patients.csv lacks the column path or patient.", _FIX)
    records = [dict(zip(columns, map(str.strip, row), strict=False)) for row in rows]
    return {
        PurePosixPath(record["path"].replace("\\", "/")).as_posix(): record["patient"]
        for record in records
        if record.get("path") and record.get("patient")
    }


def _read_rows(text: str) -> list[list[str]]:
    """Separated by semicolons where the first line has one: German and French spreadsheets write them."""
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
