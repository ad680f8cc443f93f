"""A worklist as CSV: what is in it, and that it comes back, also from a spreadsheet."""

import csv
import io
import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from covid_desktop.core import worklist_file
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.atomic import write_text
from covid_desktop.core.prediction import INDETERMINATE, RESEARCH_USE, Prediction
from covid_desktop.core.review import Review
from covid_desktop.core.worklist_cells import cell_text, csv_line, text_cell
from covid_desktop.core.worklist_file import Entry, predictions_csv, read_worklist, worklist_csv
from covid_desktop.errors import UserError

HEADER = (
    "path,label,score,threshold,probability,error,refusal,suggestion,adjustment,"
    "verdict,comment,reviewer,reviewed,model,note\n"
)
SCORED = Prediction(path=Path("a.png"), label="COVID-19", score=0.75, threshold=0.5)
UNREADABLE = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, error="Empty file.")
UNSURE = Prediction(
    path=Path("c.png"),
    label=INDETERMINATE,
    score=0.48,
    threshold=0.5,
    probability=0.0,
    is_indeterminate=True,
)
REFUSED = Prediction(
    path=Path("d.png"),
    label=None,
    score=None,
    threshold=0.5,
    refusal="It is upside down.",
    suggestion=Adjustment(quarter_turns=2),
)
ANYWAY = Prediction(
    path=Path("sub/e.png"),
    label="Healthy",
    score=1e-17,
    threshold=0.1 + 0.2,
    probability=math.nextafter(1, 0),
    refusal="It looks inverted.",
    adjustment=Adjustment(quarter_turns=3, is_inverted=True),
)
MARKED = Review(
    verdict="disagreed", comment='Line, "rib" fracture', who="R. Frank", when="2026-01-02T03:04:05+01:00"
)
ENTRIES = (
    Entry(path=SCORED.path, prediction=SCORED, review=Review(verdict="agreed")),
    Entry(path=UNREADABLE.path, prediction=UNREADABLE),
    Entry(path=UNSURE.path, prediction=UNSURE, review=Review(comment="Read again")),
    Entry(path=REFUSED.path, prediction=REFUSED),
    Entry(path=ANYWAY.path, prediction=ANYWAY, review=MARKED),
    Entry(path=Path("waiting.png"), review=Review(comment="Not yet")),
)


@pytest.fixture
def reopened(tmp_path: Path) -> Callable[..., tuple[Entry, ...]]:
    """The entries of a file of a text or of bytes."""

    def reopen(content: str | bytes, name: str = "list.csv") -> tuple[Entry, ...]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_worklist(path)

    return reopen


@pytest.fixture
def complaint(tmp_path: Path) -> Callable[[str | bytes], str]:
    def complain(content: str | bytes) -> str:
        path = tmp_path / "list.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(UserError) as raised:
            read_worklist(path)
        assert raised.value.fix
        return raised.value.what

    return complain


def rows_of(*entries: Entry) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(worklist_csv(entries, "model.keras"), newline="")))


def with_model(entries: tuple[Entry, ...]) -> list[Entry]:
    """As they come back: results with the model that gave them."""
    return [
        Entry(path=one.path, prediction=one.prediction, review=one.review, model="model.keras")
        if one.prediction
        else one
        for one in entries
    ]


def test_a_row_for_each_image() -> None:
    empty = dict.fromkeys(HEADER.strip().split(","), "") | {"threshold": "0.5", "model": "model.keras"}
    empty["note"] = RESEARCH_USE
    assert rows_of(*ENTRIES[:2]) == [
        {**empty, "path": "a.png", "label": "COVID-19", "score": "0.75", "verdict": "agreed"},
        {**empty, "path": "b.png", "error": "Empty file."},
    ]


def test_results_alone_have_a_row_each_that_nobody_marked() -> None:
    (row,) = csv.DictReader(io.StringIO(predictions_csv([SCORED], "model.keras")))
    assert (row["path"], row["score"], row["verdict"], row["model"]) == ("a.png", "0.75", "", "model.keras")


def test_no_image_gives_the_header_alone(reopened: Callable[..., tuple[Entry, ...]]) -> None:
    assert worklist_csv([], "model.keras") == HEADER
    assert reopened(HEADER) == ()


def test_a_score_of_nought_is_a_score() -> None:
    zero = Prediction(path=Path("a.png"), label="Healthy", score=0.0, threshold=0.0, probability=0.0)
    (row,) = rows_of(Entry(path=zero.path, prediction=zero))
    assert (row["score"], row["threshold"], row["probability"]) == ("0.0", "0.0", "0.0")


def test_an_image_that_waits_names_no_model() -> None:
    (row,) = rows_of(ENTRIES[-1])
    assert (row["path"], row["comment"], row["model"]) == ("waiting.png", "Not yet", "")
    assert (row["score"], row["threshold"], row["note"]) == ("", "", RESEARCH_USE)


def test_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_text(path, worklist_csv(ENTRIES, "model.keras"))
    found = read_worklist(path)
    assert list(found) == with_model(ENTRIES)
    write_text(path, worklist_csv(found, "another.keras"))
    assert read_worklist(path) == found  # results are still the first model's


ODD_NAMES = (
    'a,"b".png',
    "two\nlines.png",
    "a\rb.png",
    "a\r\nb.png",
    "a;b.png",
    "🫁.png",
    "\udcff\udc80.png",
    "C:\\udcff\\u005c\\scan.png",
    "\\\\server\\share\\a.png",
    " space .png",
    "'quoted'.png",
    "'=quoted.png",
    "=1+1.png",
    "+a.png",
    "-5",
    "@a.png",
    "\ta.png",
    "\ra.png",
    "\n=a.png",
    "nan",
    "0,5",
    "é.png",
    "e\u0301.png",
    "\u2028.png",
    "…" * 255,
)


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_odd_names_and_comments_stay_whole(name: str, tmp_path: Path) -> None:
    odd = Prediction(path=Path(name), label=name, score=0.5, threshold=0.5)
    entry = Entry(path=odd.path, prediction=odd, review=Review(comment=name, who=name), model=name)
    path = tmp_path / "list.csv"
    write_text(path, worklist_csv([entry, *ENTRIES], "model.keras"))
    assert list(read_worklist(path)) == [entry, *with_model(ENTRIES)]


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode there")
def test_a_name_that_is_not_unicode_still_finds_its_file(tmp_path: Path) -> None:
    name = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.png"))
    try:
        name.write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes Unicode alone")
    path = tmp_path / "list.csv"
    write_text(path, worklist_csv([Entry(path=name)], "model.keras"))
    (entry,) = read_worklist(path)
    assert entry.path.exists()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    assert text_cell(f"{start}cmd") == f"'{start}cmd"
    assert cell_text(f"'{start}cmd") == f"{start}cmd"
    assert cell_text(f"{start}cmd") == f"{start}cmd"


def test_no_part_of_a_cell_is_another_cell_where_semicolons_divide() -> None:
    assert csv_line(["a;=cmd", "b"]) == '"a;=cmd",b\n'


def test_numbers_are_not_given_an_apostrophe() -> None:
    tiny = Prediction(path=Path("a.png"), label="Healthy", score=1e-17, threshold=0.5)
    assert rows_of(Entry(path=tiny.path, prediction=tiny))[0]["score"] == "1e-17"


def resaved(entries: tuple[Entry, ...], *, comma: bool, turned: bool = False) -> str:
    """As a spreadsheet saves it: a BOM, CRLF, semicolons and decimal commas, columns and rows moved."""
    header, *rows = csv.reader(io.StringIO(worklist_csv(entries, "model.keras"), newline=""))
    numbers = {header.index(name) for name in ("score", "threshold", "probability")}
    if comma:
        rows = [[c.replace(".", ",") if n in numbers else c for n, c in enumerate(row)] for row in rows]
    if turned:
        header, rows = header[::-1], [row[::-1] for row in rows[::-1]]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerows([header, *rows])
    return "\ufeff" + text.getvalue()


@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_a_spreadsheet_may_have_saved_it(
    comma: bool, turned: bool, reopened: Callable[..., tuple[Entry, ...]]
) -> None:
    found = reopened(resaved(ENTRIES, comma=comma, turned=turned))
    assert list(found[::-1] if turned else found) == with_model(ENTRIES)


def test_a_spreadsheet_may_have_saved_it_as_unicode_text(reopened: Callable[..., tuple[Entry, ...]]) -> None:
    text = resaved(ENTRIES, comma=True).removeprefix("\ufeff").replace(";", "\t")
    assert list(reopened(text.encode("utf-16"))) == with_model(ENTRIES)


def test_columns_may_be_added_moved_and_taken_away_and_rows_be_empty(
    reopened: Callable[..., tuple[Entry, ...]],
) -> None:
    text = "Ward ; SCORE;Label;path;threshold;\n7;0,75;COVID-19;a.png;0,5;\n;;;;;\n\n8;;;b.png\n"
    assert reopened(text) == (
        Entry(path=Path("a.png"), prediction=SCORED),
        Entry(path=Path("b.png")),
    )


@pytest.mark.parametrize("gone", ["label", "score", "threshold"])
def test_an_image_whose_result_is_not_whole_waits_with_its_marks(
    gone: str, reopened: Callable[..., tuple[Entry, ...]]
) -> None:
    text = worklist_csv(ENTRIES[:1], "model.keras").replace(f",{gone},", f",no {gone},")
    assert reopened(text) == (Entry(path=SCORED.path, review=Review(verdict="agreed")),)


def test_paths_stay_as_they_are_though_no_file_is_there(reopened: Callable[..., tuple[Entry, ...]]) -> None:
    text = "path,label,score,threshold\nsub/a.png,COVID-19,1,0.5\n/gone/b.png,Healthy,0,0.5\n"
    found = reopened(text)
    assert [str(entry.path) for entry in found] == [str(Path("sub/a.png")), str(Path("/gone/b.png"))]
    assert [entry.prediction.score for entry in found if entry.prediction] == [1.0, 0.0]


def test_a_result_alone_has_a_model(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("path,score,label,threshold,model\na,1,x,0,m\nb,1,x,0,n\nd,,,,o\n")
    assert [entry.model for entry in read_worklist(path)] == ["m", "n", ""]


def test_the_same_row_twice_is_one_image_and_two_that_differ_are_an_error(
    reopened: Callable[..., tuple[Entry, ...]], complaint: Callable[[str], str]
) -> None:
    text = "path,score,verdict\na.png,,agreed\na.png,,agreed\n"
    assert len(reopened(text)) == 1
    assert complaint(text + "a.png,,disagreed\n") == (
        "Row 4 of list.csv cannot be read: another row says something else about the same image."
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a.png,x,1.5,0.5,", "its score is 1.5, which is not a number from 0 to 1"),
        ("a.png,x,nan,0.5,", "its score is nan, which is not a number from 0 to 1"),
        ("a.png,x,-0.1,0.5,", "its score is -0.1, which is not a number from 0 to 1"),
        ("a.png,x,0.5,much,", "its threshold is much, which is not a number from 0 to 1"),
        (",x,0.5,0.5,", "it names no image"),
        ("a.png,x,0.5,0.5,perhaps", "its verdict is perhaps, which is neither agreed nor disagreed"),
        ("a.png,x,0.5,0.5,,agreed", "it has more cells than there are columns"),
        ('"a.png"b,x,0.5,0.5,', "a cell is too long or not quoted as it should be"),
        ('"a.png,x,0.5,0.5,', "a cell is too long or not quoted as it should be"),
        (f"{'a' * 200_000},x,0.5,0.5,", "a cell is too long or not quoted as it should be"),
    ],
)
def test_a_damaged_row_is_named_by_its_number(row: str, reason: str, complaint: Callable[[str], str]) -> None:
    header = "path,label,score,threshold,verdict\n"
    good = "ok.png,x,0.5,0.5,agreed\n"
    assert complaint(f"{header}{good}\n{row}\n") == f"Row 4 of list.csv cannot be read: {reason}."


def test_an_adjustment_that_is_none_is_an_error(complaint: Callable[[str], str]) -> None:
    text = "path,score,adjustment\na.png,0.5,painted\n"
    assert complaint(text).endswith("painted is nothing that is done to a picture.")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "list.csv is not a list of results: it has no columns path and score."),
        (b"\n\n", "list.csv is not a list of results: it has no columns path and score."),
        (b"name,age\nA,3\n", "list.csv is not a list of results: it has no columns path and score."),
        (b"path,label\na.png,1\n", "list.csv is not a list of results: it has no columns path and score."),
        (b'"path,score\n', "list.csv is not a list of results: it has no columns path and score."),
        (b"path,score,Score\na.png,1,1\n", "list.csv has the column score twice."),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "list.csv is not a text file in UTF-8."),
        (b"path,score\n\xe9.png,1\n", "list.csv is not a text file in UTF-8."),
        (b"\xff\xfe\x00", "list.csv is not a text file in UTF-8."),
        (b"path,score\n\0,1\n", "list.csv is not a text file."),
    ],
)
def test_what_is_no_worklist_is_said_to_be_none(
    content: bytes, what: str, complaint: Callable[[bytes], str]
) -> None:
    assert complaint(content) == what


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(UserError, match="could not be read"):
            read_worklist(path)


def test_too_large_a_file_is_not_read(
    complaint: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist_file, "MOST_BYTES", 20)
    assert complaint("path,score\n" + "a.png,1\n" * 9).startswith("list.csv is larger than 100 MB")


def test_too_many_rows_are_not_read(
    complaint: Callable[[str], str],
    reopened: Callable[..., tuple[Entry, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert worklist_file.MOST_ROWS == 200_000
    monkeypatch.setattr(worklist_file, "MOST_ROWS", 3)
    text = "path,score\na,1\nb,1\nc,1\n"
    assert len(reopened(text)) == 3
    assert complaint(text + "d,1\n") == "list.csv has more than 3 rows, too many for a list."
