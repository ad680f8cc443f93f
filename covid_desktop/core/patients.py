"""Which patient an image is of, from ``patients.csv`` beside the class folders."""

import csv
import io
from pathlib import Path, PurePosixPath

from covid_desktop.errors import DatasetError

PATIENTS_FILE = "patients.csv"
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
