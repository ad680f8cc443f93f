"""The log of predictions: it survives a crash at any byte, and shows what was done to it afterwards."""

import errno
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from covid_desktop.core import hash_chain
from covid_desktop.core.file_lock import hold
from covid_desktop.core.hash_chain import CUT_OFF, END_MISSING, HEAD_MISSING, head_of, line_hash
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.prediction_log import Logged, LogState, append, check
from covid_desktop.errors import UserError

Lines = list[bytes]
INTACT = "The log is intact: {} lines."


def logged(number: int, **changes: Any) -> Logged:
    values: dict[str, Any] = {"label": "COVID-19", "score": number / 1000, "threshold": 0.5, **changes}
    prediction = Prediction(path=Path(f"/ward/Smith^John/{number}.dcm"), **values)
    return Logged(
        time=f"2026-01-02T03:04:{number % 60:02}+00:00",
        image=f"{number:064x}",
        model="ab" * 32,
        prediction=prediction,
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twenty lines, written in batches of one, nine and ten."""
    path = tmp_path / "predictions.jsonl"
    for batch in (range(1), range(1, 10), range(10, 20)):
        append(path, [logged(number) for number in batch])
    return path


def lines_of(log: Path) -> Lines:
    return log.read_bytes().splitlines(keepends=True)


def test_a_line_says_what_was_said_of_which_content_and_nothing_of_its_file(log: Path) -> None:
    first, second = (json.loads(line) for line in lines_of(log)[:2])
    assert first == {
        "line": 1,
        "time": "2026-01-02T03:04:00+00:00",
        "image": "0" * 64,
        "model": "ab" * 32,
        "score": 0.0,
        "label": "COVID-19",
        "threshold": 0.5,
        "refusal": None,
        "is_readable": True,
        "before": "0" * 64,
    }
    assert second["before"] == line_hash(lines_of(log)[0][:-1])
    assert b"Smith" not in log.read_bytes()
    assert b"ward" not in log.read_bytes()


def test_images_that_were_refused_or_cannot_be_read_are_told_apart(tmp_path: Path) -> None:
    log = tmp_path / "predictions.jsonl"
    refused = logged(1, label=None, score=None, refusal="It is blank.")
    broken = logged(2, label=None, score=None, error="Smith^John.dcm is damaged.")
    append(log, [refused, broken])
    one, other = (json.loads(line) for line in lines_of(log))
    assert (one["refusal"], one["score"], one["is_readable"]) == ("It is blank.", None, True)
    assert (other["refusal"], other["is_readable"]) == (None, False)
    assert b"Smith" not in log.read_bytes()


def test_what_was_written_in_batches_is_intact(log: Path) -> None:
    assert check(log) == LogState(intact=20, is_intact=True, words=INTACT.format(20))


def test_a_log_that_was_never_begun(tmp_path: Path) -> None:
    state = check(tmp_path / "predictions.jsonl")
    assert state == LogState(intact=0, is_intact=True, words="There is nothing in the log yet.")
    append(tmp_path / "predictions.jsonl", [])
    assert check(tmp_path / "predictions.jsonl").is_intact


# --- what is done to it afterwards


def change(lines: Lines, at: int) -> Lines:
    lines[at] = lines[at].replace(b'"COVID-19"', b'"Healthy"')
    return lines


def change_hash(lines: Lines, at: int) -> Lines:
    values = json.loads(lines[at])
    lines[at] = json.dumps({**values, "before": "f" * 64}).encode() + b"\n"
    return lines


def spoil(lines: Lines, at: int) -> Lines:
    lines[at] = b"\0" * 40 + b"\n"
    return lines


def remove(lines: Lines, at: int) -> Lines:
    return lines[:at] + lines[at + 1 :]


def insert(lines: Lines, at: int) -> Lines:
    return [*lines[:at], lines[3], *lines[at:]]


def swap(lines: Lines, at: int) -> Lines:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return lines


@pytest.mark.parametrize("edit", [change, change_hash, spoil, remove, insert, swap])
@pytest.mark.parametrize("at", [0, 1, 9, 18])
def test_one_alteration_is_told_with_its_line(
    log: Path, edit: Callable[[Lines, int], Lines], at: int
) -> None:
    log.write_bytes(b"".join(edit(lines_of(log), at)))
    state = check(log)
    assert state.words == f"The log was altered at line {at + 1}."
    assert (state.intact, state.is_intact) == (at, False)


@pytest.mark.parametrize("edit", [change, change_hash, spoil])
def test_the_last_line_is_vouched_for_by_the_head(log: Path, edit: Callable[[Lines, int], Lines]) -> None:
    log.write_bytes(b"".join(edit(lines_of(log), 19)))
    assert check(log).words == "The log was altered at line 20."


def test_a_large_number_is_easy_to_read(tmp_path: Path) -> None:
    log = tmp_path / "predictions.jsonl"
    append(log, [logged(number) for number in range(1200)])
    log.write_bytes(b"".join(change(lines_of(log), 1099)))
    assert check(log).words == "The log was altered at line 1,100."


@pytest.mark.parametrize(("left", "words"), [(17, "17 are left"), (1, "1 are left"), (0, "none is left")])
def test_lines_missing_at_the_end_are_told(log: Path, left: int, words: str) -> None:
    log.write_bytes(b"".join(lines_of(log)[:left]))
    state = check(log)
    assert state.words == f"The end of the log is missing: it had 20 lines, and {words}."
    assert (state.intact, state.is_intact) == (left, False)


def test_a_log_that_is_gone_is_told(log: Path) -> None:
    log.unlink()
    assert check(log).words == "The end of the log is missing: it had 20 lines, and none is left."


@pytest.mark.parametrize("text", [None, "", "{}", '{"lines": -1, "bytes": 0, "last": ""}', "[" * 99999])
def test_a_head_that_is_missing_or_damaged_is_told(log: Path, text: str | None) -> None:
    head_of(log).unlink()
    if text is not None:
        head_of(log).write_text(text)
    state = check(log)
    assert state.words == "The log has 20 lines, but what says how many there should be is missing."
    assert (state.intact, state.is_intact) == (20, False)


def test_going_on_does_not_hide_that_the_end_was_missing(log: Path) -> None:
    log.write_bytes(b"".join(lines_of(log)[:17]))
    append(log, [logged(1)])
    assert check(log).words == f"The log was altered at line 18. {END_MISSING}"


def test_going_on_does_not_hide_that_the_head_was_missing(log: Path) -> None:
    head_of(log).unlink()
    append(log, [logged(1)])
    assert check(log).words == f"The log was altered at line 21. {HEAD_MISSING}"


def test_going_on_does_not_hide_that_the_last_line_was_changed(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b'"score": 0.019', b'"score": 0.991'))
    append(log, [logged(1), logged(2)])
    assert check(log).words == "The log was altered at line 20."


@pytest.mark.parametrize("seed", range(40))
def test_any_byte_that_is_changed_shows(log: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(log.read_bytes())
    place = rng.randrange(len(data))
    line = bytes(data[:place]).count(b"\n") + 1
    data[place] ^= rng.randrange(1, 256)
    log.write_bytes(data)
    state = check(log)
    assert not state.is_intact
    assert state.intact in {line - 1, line - 2, line}, "the line is found, or the one beside it"


# --- a crash while it is written


def test_a_crash_at_any_byte_of_a_line_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    whole = tmp_path / "whole.jsonl"
    append(whole, [logged(1), logged(2)])
    before, data = head_of(whole).read_bytes(), whole.read_bytes()
    append(whole, [logged(3)])
    added = whole.read_bytes()[len(data) :]
    log = tmp_path / "predictions.jsonl"
    for cut in range(1, len(added), 4):
        log.write_bytes(data + added[:cut])
        head_of(log).write_bytes(before)  # it is written after the lines
        state = check(log)
        assert state.words == "The log is intact: 2 lines. The last line was cut off while it was written."
        append(log, [logged(4)])
        marker = json.loads(lines_of(log)[3])
        assert (marker["marker"], marker["line"]) == (CUT_OFF, 4)
        assert check(log) == LogState(intact=5, is_intact=True, words=INTACT.format(5)), cut


def test_a_crash_before_the_head_was_written_is_no_alteration(log: Path) -> None:
    before = head_of(log).read_bytes()
    append(log, [logged(1), logged(2)])
    head_of(log).write_bytes(before)
    assert check(log).words == INTACT.format(22)
    append(log, [logged(3)])
    assert check(log).words == INTACT.format(23)


def test_an_alteration_before_a_line_that_was_cut_off_shows(log: Path) -> None:
    log.write_bytes(log.read_bytes() + b'{"line": 21, "ti')
    append(log, [logged(1)])
    assert check(log).words == INTACT.format(23)
    log.write_bytes(b"".join(change(lines_of(log), 19)))
    assert not check(log).is_intact
    assert check(log).intact in {19, 20}


# --- what the system refuses


def test_a_full_disk_leaves_the_log_as_it_was(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = log.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError) as caught:
        append(log, [logged(1)])
    assert caught.value.what == "The log of predictions could not be written: No space left on device."
    assert log.read_bytes() == before
    monkeypatch.undo()
    append(log, [logged(1)])
    assert check(log).words == INTACT.format(21)


def test_another_process_is_waited_for_and_not_for_ever(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_chain, "WAIT_SECONDS", 0.0)
    lock = hold(log.with_suffix(".lock"))
    assert lock is not None
    with lock, pytest.raises(UserError, match="another window writes it"):
        append(log, [logged(1)])
    append(log, [logged(1)])
    assert check(log).words == INTACT.format(21)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"could not be written: No such file or directory\."):
        append(tmp_path / "nowhere" / "predictions.jsonl", [logged(1)])
    (tmp_path / "predictions.jsonl").mkdir()
    with pytest.raises(UserError, match=r"could not be read: Is a directory\."):
        check(tmp_path / "predictions.jsonl")
