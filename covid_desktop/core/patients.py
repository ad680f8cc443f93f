"""Which patient an image is of, from ``patients.csv`` beside the class folders."""

import csv
from collections.abc import Callable
from pathlib import Path

from covid_desktop.errors import DatasetError

PATIENTS_FILE = "patients.csv"
_FIX = "Give it a first line with the columns path and patient, or remove it."


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
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError("The file patients.csv cannot be read.", _FIX) from error
    first_line = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in first_line else ",")
    if not {"path", "patient"} <= set(rows.fieldnames or ()):
        raise DatasetError("The file patients.csv lacks the column path or patient.", _FIX)
    pairs = ((row["path"], row["patient"]) for row in rows)
    return {path.strip().replace("\\", "/"): patient.strip() for path, patient in pairs if path and patient}
