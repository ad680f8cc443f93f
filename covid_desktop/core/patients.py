"""Which patient an image is of, from ``patients.csv`` beside the class folders."""

import csv
import io
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from covid_desktop.errors import DatasetError

PATIENTS_FILE = "patients.csv"
_FIX = "Save it as CSV in UTF-8 with the columns path and patient, or remove it."


def read_patients(root: Path) -> Callable[[Path], str | None]:
    """A function from an image's path to its patient; ``path`` in the file is relative to ``root``.

    Knows no patient where there is no such file. Raises DatasetError for a file that cannot be used.
    """
    table = _read_table(root / PATIENTS_FILE)

    def patient_of(path: Path) -> str | None:
        return table.get(path.relative_to(root).as_posix())

    return patient_of


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
