"""What was said of files is kept by content, and two programs may watch one folder."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covid_desktop.core import watch_store
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch_store import KnownFile, WatchStore, model_id, open_watch_store

STAMP = (1234, 1_700_000_000_123_456_789)
FOLDER = Path("/exports").absolute()
SHA, OTHER = "ab" * 32, "cd" * 32
SCORED = Prediction(path=FOLDER / "ct/1.dcm", label="COVID-19", score=0.8125, threshold=0.5, probability=0.75)


class Clock:
    seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., WatchStore]]:
    """Opens a connection, as an instance of the program does."""
    with ExitStack() as stack:

        def opened(folder: Path = FOLDER, model: str = "a model") -> WatchStore:
            return stack.enter_context(open_watch_store(tmp_path, folder, model, now=clock))

        yield opened


Open = Callable[..., WatchStore]


@pytest.mark.parametrize(
    "prediction",
    [
        SCORED,
        replace(SCORED, label="Indeterminate", is_indeterminate=True, probability=None),
        replace(SCORED, label=None, score=None, probability=None, error="Damaged."),
        replace(
            SCORED,
            label=None,
            score=None,
            probability=None,
            refusal="It looks inverted.",
            suggestion=Adjustment(quarter_turns=3, is_inverted=True),
        ),
        replace(SCORED, refusal="Odd.", suggestion=Adjustment(), adjustment=Adjustment(quarter_turns=2)),
    ],
    ids=["scored", "indeterminate", "damaged", "refused", "adjusted"],
)
def test_a_result_comes_back_as_it_was(open_store: Open, prediction: Prediction) -> None:
    open_store().put("ct/1.dcm", STAMP, SHA, prediction)
    again = open_store()
    assert again.results() == [prediction]
    assert type(again.results()[0].is_indeterminate) is bool
    assert again.files() == [KnownFile(name="ct/1.dcm", state="settled", stamp=STAMP, sha256=SHA)]
    assert again.result_of(SHA, "2.dcm") == replace(prediction, path=FOLDER / "2.dcm")
    assert again.result_of(OTHER, "2.dcm") is None


def test_results_come_in_the_order_they_were_given(open_store: Open, clock: Clock) -> None:
    store = open_store()
    for number in (3, 1, 2):
        clock.seconds += 1
        name = f"{number}.png"
        store.put(name, STAMP, f"{number}" * 64, replace(SCORED, path=FOLDER / name))
    assert [result.path.name for result in store.results()] == ["3.png", "1.png", "2.png"]


def test_folders_and_models_know_nothing_of_one_another(open_store: Open) -> None:
    open_store().put("ct/1.dcm", STAMP, SHA, SCORED)
    for other in (open_store(model="another"), open_store(folder=FOLDER / "ct")):
        assert (other.results(), other.files()) == ([], [])
        assert other.claim("ct/1.dcm", SHA) == "mine"


def test_a_replaced_file_has_its_new_result_alone(open_store: Open) -> None:
    store = open_store()
    store.put("ct/1.dcm", STAMP, SHA, SCORED)
    new = replace(SCORED, score=0.25, label="Healthy")
    store.put("ct/1.dcm", (5, 6), OTHER, new)
    assert store.results() == [new]
    assert store.result_of(SHA, "ct/1.dcm") == SCORED  # should it come back


def test_states_of_files(open_store: Open) -> None:
    store = open_store()
    store.leave_out({"old.png": (1, 2)})
    store.expect({"new.png": (3, 4), "copy.png": (5, 6)})
    store.put_copy("copy.png", (7, 8), SHA)
    found = {file.name: file for file in open_store().files()}
    assert found == {
        "old.png": KnownFile(name="old.png", state="left out", stamp=(1, 2), sha256=None),
        "new.png": KnownFile(name="new.png", state="waiting", stamp=(3, 4), sha256=None),
        "copy.png": KnownFile(name="copy.png", state="settled", stamp=(7, 8), sha256=SHA),
    }
    assert store.results() == []


def test_names_that_are_not_unicode_come_back(open_store: Open) -> None:
    store, name = open_store(), "m\udcffller.png"
    store.put(name, STAMP, SHA, replace(SCORED, path=FOLDER / name))
    assert [file.name for file in store.files()] == [name]
    assert store.results()[0].path == FOLDER / name


# --- claims


def test_one_content_is_claimed_once(open_store: Open) -> None:
    one, other = open_store(), open_store()
    assert one.claim("1.png", SHA) == "mine"
    assert one.claim("copy.png", SHA) == "elsewhere"
    assert other.claim("1.png", SHA) == "elsewhere"
    assert other.claim("2.png", OTHER) == "mine"
    one.put("1.png", STAMP, SHA, SCORED)
    assert one.claim("copy.png", SHA) == other.claim("1.png", SHA) == "known"


def test_a_claim_that_was_given_back_can_be_taken(open_store: Open) -> None:
    one, other = open_store(), open_store()
    one.claim("1.png", SHA)
    other.release(SHA)  # not its own
    assert other.claim("1.png", SHA) == "elsewhere"
    one.release(SHA)
    assert other.claim("1.png", SHA) == "mine"
    other.put("1.png", STAMP, SHA, SCORED)
    other.release(SHA)
    assert other.claim("1.png", SHA) == "known"


@pytest.mark.parametrize("seconds", [61, -61], ids=["later", "clock set back"])
def test_a_claim_of_a_program_that_crashed_runs_out(open_store: Open, clock: Clock, seconds: float) -> None:
    open_store().claim("1.png", SHA)
    clock.seconds += 59
    after = open_store()
    assert after.claim("1.png", SHA) == "elsewhere"
    clock.seconds += seconds - 59
    assert after.claim("1.png", SHA) == "mine"
    assert after.results() == []


# --- what may be wrong with the file


def test_old_rows_are_pruned(open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_store, "MAX_ROWS", 5)
    store = open_store()
    for number in range(8):
        store.put(f"{number}.png", STAMP, f"{number}" * 64, replace(SCORED, path=FOLDER / f"{number}.png"))
    store.put("0.png", STAMP, "0" * 64, replace(SCORED, path=FOLDER / "0.png"))
    after = open_store()
    kept = {"0.png", "4.png", "5.png", "6.png", "7.png"}
    assert {file.name for file in after.files()} == kept
    assert {result.path.name for result in after.results()} == kept


def test_a_full_disk_loses_results_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_watch_store(tmp_path, FOLDER, "a model") as store:
        store.put("ct/1.dcm", STAMP, SHA, SCORED)
    with closing(sqlite3.connect(tmp_path / "watched.sqlite")) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        full = WatchStore(connection, FOLDER, "a model")
        full.leave_out({f"{number}.png": STAMP for number in range(2000)})
        assert len(full.files()) == 1
        assert full.results() == [SCORED]
    assert "is not kept: OperationalError" in caplog.text


def test_damage_while_it_is_open_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_watch_store(tmp_path, FOLDER, "a model") as store:
        with closing(sqlite3.connect(tmp_path / "watched.sqlite")) as other, other:
            other.execute("DROP TABLE results")
            other.execute("DROP TABLE files")
        assert (store.files(), store.results(), store.claim("1.png", SHA)) == ([], [], "mine")
        store.put("1.png", STAMP, SHA, SCORED)
    assert "may be given twice" in caplog.text
    assert "cannot be looked up" in caplog.text


def test_a_damaged_store_starts_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "watched.sqlite").write_bytes(b"These are words. " * 500)
    with open_watch_store(tmp_path, FOLDER, "a model") as store:
        store.put("ct/1.dcm", STAMP, SHA, SCORED)
        assert store.results() == [SCORED]
    assert "starts anew" in caplog.text


def test_without_a_place_it_is_kept_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_watch_store(tmp_path / "nowhere", FOLDER, "a model") as store:
        store.put("ct/1.dcm", STAMP, SHA, SCORED)
        assert store.results() == [SCORED]
    assert "in memory alone" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_another_one_when_it_decides_elsewhere(reported: Any) -> None:
    card: ModelCard = reported.card
    assert model_id(card) == model_id(replace(card))
    others = [
        replace(card, threshold=0.3),
        replace(card, created="2026-01-03"),
        replace(card, indeterminate=None),
    ]
    assert len({model_id(card), *map(model_id, others)}) == 4
