"""What a check worked out is worked out once, and again whenever something is wrong with the file."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from covid_desktop.core import memory
from covid_desktop.core.dataset import Sample
from covid_desktop.core.memory import Answer, remembered
from covid_desktop.errors import Stopped

ANSWER: Answer = [{"kind": "blank", "files": [["Müller.png"]], "share": 0.25, "none": None}]


def fail() -> Answer:
    raise AssertionError("worked out again")


def always(answer: Answer) -> Callable[[], Answer]:
    return lambda: answer


def test_what_was_worked_out_is_remembered(tmp_path: Path) -> None:
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER
    assert remembered(tmp_path, "question", fail) == ANSWER


def test_nothing_found_is_an_answer_too(tmp_path: Path) -> None:
    assert remembered(tmp_path, "question", always([])) == []
    assert remembered(tmp_path, "question", fail) == []


def sample(**changes: object) -> Sample:
    return Sample(**{"path": Path("a.png"), "label": 0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        (("a", "bc"), ("ab", "c")),
        (1, "1"),
        ([], ()),
        (sample(), sample(label=1)),
        (sample(), sample(path=Path("b.png"))),
        (sample(), sample(subset="test")),
        (Path("\udcff"), Path("\udcfe")),
    ],
)
def test_another_question_has_another_answer(tmp_path: Path, one: object, other: object) -> None:
    remembered(tmp_path, one, always([{"is": "one"}]))
    assert remembered(tmp_path, other, always([{"is": "other"}])) == [{"is": "other"}]
    assert remembered(tmp_path, one, fail) == [{"is": "one"}]
    assert remembered(tmp_path, other, fail) == [{"is": "other"}]


def test_equal_questions_are_the_same(tmp_path: Path) -> None:
    remembered(tmp_path, ("copies", [sample(patient="P")]), always(ANSWER))
    assert remembered(tmp_path, ("copies", [sample(patient="P")]), fail) == ANSWER


def test_names_that_are_not_unicode_come_back(tmp_path: Path) -> None:
    answer = [{"files": ["\udcff.png", "a\0b", "\u2028"]}]
    remembered(tmp_path, Path("\udcff.png"), always(answer))
    assert remembered(tmp_path, Path("\udcff.png"), fail) == answer


def test_another_version_of_the_checks_finds_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered(tmp_path, "question", always([]))
    monkeypatch.setattr(memory, "VERSION", memory.VERSION + 1)
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER


def test_the_file_says_nothing_of_the_question(tmp_path: Path) -> None:
    remembered(tmp_path, Path("/home/Erika Mustermann/images"), always([]))
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert content
    assert b"Mustermann" not in content


def test_what_was_stopped_is_not_remembered(tmp_path: Path) -> None:
    def stop() -> Answer:
        raise Stopped

    with pytest.raises(Stopped):
        remembered(tmp_path, "question", stop)
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER


def test_a_damaged_file_starts_anew(tmp_path: Path) -> None:
    remembered(tmp_path, "question", always([]))
    (tmp_path / "checks.sqlite").write_bytes(b"These are words and no database. " * 200)
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER
    assert remembered(tmp_path, "question", fail) == ANSWER


@pytest.mark.parametrize("answer", ["[{", "", None, 3, b"\xff\xfe", b"\x80"])
def test_a_damaged_answer_is_worked_out_again(tmp_path: Path, answer: object) -> None:
    remembered(tmp_path, "question", always([]))
    with closing(sqlite3.connect(tmp_path / "checks.sqlite")) as connection, connection:
        connection.execute("UPDATE answers SET answer = ?", (answer,))
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER
    assert remembered(tmp_path, "question", fail) == ANSWER


def test_a_place_that_cannot_be_used_loses_the_answer_and_no_more(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for answer in (ANSWER, []):
        assert remembered(nowhere, "question", always(answer)) == answer
    assert not nowhere.exists()


def test_an_answer_that_cannot_be_written_is_given(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The file is damaged while the answer is worked out."""

    def damage() -> Answer:
        with closing(sqlite3.connect(tmp_path / "checks.sqlite")) as other, other:
            other.execute("DROP TABLE answers")
        return ANSWER

    assert remembered(tmp_path, "question", damage) == ANSWER
    assert "Findings are not kept" in caplog.text
    assert remembered(tmp_path, "question", always(ANSWER)) == ANSWER
    assert remembered(tmp_path, "question", fail) == ANSWER


def test_a_question_asked_while_another_is_worked_out(tmp_path: Path) -> None:
    """Two windows on one computer: neither waits for the other's work."""

    def ask_another() -> Answer:
        return remembered(tmp_path, "inner", always(ANSWER))

    assert remembered(tmp_path, "outer", ask_another) == ANSWER
    assert remembered(tmp_path, "inner", fail) == remembered(tmp_path, "outer", fail) == ANSWER


def test_no_name_of_an_image_is_kept(tmp_path: Path) -> None:
    images = [Path("/ward/Smith^John.png"), Path("/ward/0.png")]
    answer: Answer = [{"files": [[str(images[1]), str(images[0])]], "notes": {str(images[0]): "odd"}, "n": 2}]
    assert remembered(tmp_path, "question", always(answer), images) == answer
    assert remembered(tmp_path, "question", fail, images) == answer
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Smith" not in kept
    assert b"ward" not in kept
    assert remembered(tmp_path, "question", always(ANSWER), images[:1]) == ANSWER, "it is of other images"
