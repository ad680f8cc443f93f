"""A worklist as a CSV file, and back again, also where a spreadsheet has saved it in between."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.prediction import INDETERMINATE, RESEARCH_USE, Prediction
from covid_desktop.core.review import NOT_REVIEWED, Review, Verdict
from covid_desktop.core.worklist_cells import cell_share, cell_text, csv_line, number_cell, text_cell
from covid_desktop.errors import UserError

MOST_BYTES = 100_000_000
MOST_ROWS = 200_000
_SCORES = ("score", "threshold", "probability")
_COLUMNS = (
    *("path", "label", *_SCORES, "error", "refusal", "suggestion", "adjustment"),
    *("verdict", "comment", "reviewer", "reviewed", "model", "note"),
)
_ADJUSTMENTS = {
    made.words: made
    for turns in range(4)
    for made in (
        Adjustment(quarter_turns=turns),
        Adjustment(quarter_turns=turns, is_inverted=True),
    )
}
_VERDICTS: dict[str, Verdict | None] = {"": None, "agreed": "agreed", "disagreed": "disagreed"}
_ANOTHER = "Choose a CSV file of results that was saved with this program."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An image of a worklist; its prediction is None while it waits.

    ``model`` names the model that gave the prediction; empty for the one that is loaded.
    """

    path: Path
    prediction: Prediction | None = None
    review: Review = NOT_REVIEWED
    model: str = ""


def predictions_csv(predictions: Iterable[Prediction], model_name: str) -> str:
    """A row per result, as in ``worklist_csv``; nothing was marked."""
    return worklist_csv((Entry(path=one.path, prediction=one) for one in predictions), model_name)


def worklist_csv(entries: Iterable[Entry], model_name: str) -> str:
    """A row per image, and in each that has a result the model named; to be written as UTF-8."""
    return "".join([csv_line(list(_COLUMNS)), *(_line(entry, model_name) for entry in entries)])


def read_worklist(path: Path) -> tuple[Entry, ...]:
    """Open what ``worklist_csv`` wrote. Columns and rows may have been moved, taken away and added.

    An image whose result is not whole (its label, score or threshold was taken away) waits again. Raises
    UserError for what is not such a file, naming the row where one is damaged.
    """
    entries: dict[Path, Entry] = {}
    for number, row in _rows(_text(path), path.name):
        try:
            entry = _entry(row)
            if entries.setdefault(entry.path, entry) != entry:
                raise ValueError("another row says something else about the same image")
        except ValueError as error:
            raise _damaged(path.name, number, str(error)) from error
    return tuple(entries.values())


def _line(entry: Entry, model_name: str) -> str:
    found, review = entry.prediction, entry.review
    result = [""] * 8
    if found:
        numbers = [number_cell(getattr(found, name)) for name in _SCORES]
        suggestion = found.suggestion.words if found.suggestion else ""
        texts = (found.error or "", found.refusal or "", suggestion, found.adjustment.words)
        result = [text_cell(found.label or ""), *numbers, *map(text_cell, texts)]
    model = (entry.model or model_name) if found else ""
    said = (review.verdict or "", review.comment, review.who, review.when, model, RESEARCH_USE)
    return csv_line([text_cell(str(entry.path)), *result, *map(text_cell, said)])


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{path.name} could not be read: {reason}.", _ANOTHER) from error
    if len(data) > MOST_BYTES:
        raise UserError(f"{path.name} is larger than 100 MB, too large for a list of results.", _ANOTHER)
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        fix = f"{_ANOTHER} If a spreadsheet has saved it, save it there again as CSV in UTF-8."
        raise UserError(f"{path.name} is not a text file in UTF-8.", fix, str(error)) from error
    if "\0" in text:
        raise UserError(f"{path.name} is not a text file.", _ANOTHER)
    return text


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by their numbers, as a spreadsheet counts them; empty ones are left out."""
    lines = io.StringIO(text, newline="")
    header = lines.readline()
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 1
    try:
        columns = _columns(next(csv.reader([header], delimiter=delimiter), []), name)
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS + 1:
                raise UserError(f"{name} has more than {MOST_ROWS:,} rows, too many for a list.", _ANOTHER)
            if any(cells):
                yield number, _row(columns, cells, name, number)
    except csv.Error as error:
        raise _damaged(
            name, number + 1, "a cell is too long or not quoted as it should be", str(error)
        ) from error


def _columns(header: list[str], name: str) -> list[str]:
    columns = [column.strip().casefold() for column in header]
    if "path" not in columns or not {"score", "verdict"} & set(columns):
        raise UserError(f"{name} is not a list of results: it has no columns path and score.", _ANOTHER)
    for column in _COLUMNS:
        if columns.count(column) > 1:
            raise UserError(f"{name} has the column {column} twice.", "Take one of them away.")
    return columns


def _row(columns: list[str], cells: list[str], name: str, number: int) -> dict[str, str]:
    """A spreadsheet may leave empty cells at the end out, or add some."""
    if any(cells[len(columns) :]):
        raise _damaged(name, number, "it has more cells than there are columns")
    given = dict(zip(columns, cells, strict=False))
    return {column: given.get(column, "") for column in _COLUMNS}


def _entry(row: dict[str, str]) -> Entry:
    texts = {name: cell if name in _SCORES else cell_text(cell) for name, cell in row.items()}
    if not texts["path"]:
        raise ValueError("it names no image")
    path, verdict = Path(texts["path"]), texts["verdict"].strip().casefold()
    if verdict not in _VERDICTS:
        raise ValueError(f"its verdict is {verdict}, which is neither agreed nor disagreed")
    review = Review(
        verdict=_VERDICTS[verdict], comment=texts["comment"], who=texts["reviewer"], when=texts["reviewed"]
    )
    prediction = _prediction(path, texts)
    return Entry(path=path, prediction=prediction, review=review, model=texts["model"] if prediction else "")


def _prediction(path: Path, texts: dict[str, str]) -> Prediction | None:
    score, threshold, probability = (_share(texts, name) for name in _SCORES)
    label, error, refusal = (texts[name] or None for name in ("label", "error", "refusal"))
    adjustment = _adjustment(texts["adjustment"])
    suggestion = _adjustment(texts["suggestion"])
    is_whole = (error or refusal) if score is None else label
    if threshold is None or not is_whole:
        return None
    return Prediction(
        path=path,
        label=label,
        score=score,
        threshold=threshold,
        probability=probability,
        error=error,
        is_indeterminate=label == INDETERMINATE,
        refusal=refusal,
        suggestion=None if suggestion == AS_IT_IS else suggestion,
        adjustment=adjustment,
    )


def _share(texts: dict[str, str], name: str) -> float | None:
    try:
        return cell_share(texts[name])
    except ValueError as error:
        raise ValueError(f"its {name} is {texts[name]}, which is not a number from 0 to 1") from error


def _adjustment(words: str) -> Adjustment:
    if words.strip() not in _ADJUSTMENTS:
        raise ValueError(f"{words} is nothing that is done to a picture")
    return _ADJUSTMENTS[words.strip()]


def _damaged(name: str, number: int, reason: str, details: str = "") -> UserError:
    return UserError(
        f"Row {number:,} of {name} cannot be read: {reason}.",
        "Mend that row in a spreadsheet, or delete it.",
        details,
    )
