"""Folders of training runs: what is read of them, and what is done with them."""

import json
import math
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from covid_desktop.core.image import content_hash
from covid_desktop.core.runs import (
    annotate,
    delete,
    known_hashes,
    list_runs,
    read_run,
    rename,
    restore,
)
from covid_desktop.core.survey import survey
from covid_desktop.errors import Stopped, UserError

MakeRun = Callable[..., Path]


# --- reading


def test_a_run_is_read_from_its_card(tmp_path: Path, make_run: MakeRun) -> None:
    run = read_run(make_run(tmp_path, audit={"verdict": "amber"}))
    assert run.problem == ""
    assert run.began == datetime(2026, 1, 2, 3, 4, 5).astimezone()
    assert (run.auroc, run.accuracy, run.n, run.verdict) == (0.875, 0.75, 4, "amber")
    assert [epoch.val_loss for epoch in run.history.epochs] == [0.5, 0.25]
    assert run.history.story().startswith("Finished 2 epochs. Kept: epoch 2, validation loss 0.250")


def test_a_run_without_a_name_is_called_by_its_network_and_time(tmp_path: Path, make_run: MakeRun) -> None:
    folder = make_run(tmp_path)
    assert read_run(folder).title == "Small CNN, 2026-01-02 03:04"
    assert rename(read_run(folder), "Second try").title == "Second try"


def test_the_newest_run_comes_first(tmp_path: Path, make_run: MakeRun) -> None:
    for day in (2, 9, 5):
        make_run(tmp_path, f"2026-01-0{day} 10.00.00 small-cnn")
    assert [run.folder.name[9] for run in list_runs(tmp_path)] == ["9", "5", "2"]


def test_a_folder_of_another_name_has_its_time_from_the_card(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "2026-01-02 10.00.00 small-cnn")
    make_run(tmp_path, "renamed", created="2026-01-03T10:00:00+00:00")
    make_run(tmp_path, "timeless", created="long ago")
    assert [run.folder.name[:6] for run in list_runs(tmp_path)] == ["rename", "2026-0", "timele"]
    assert read_run(tmp_path / "timeless").began is None


def test_what_is_hidden_or_no_folder_is_no_run(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path / ".trash")
    (tmp_path / "notes.txt").write_text("not a run")
    assert list_runs(tmp_path) == []


def with_settings(folder: Path, **values: Any) -> None:
    """Put other settings into the card, as nobody but a stranger would."""
    import zipfile

    with zipfile.ZipFile(folder / "model.keras") as archive:
        card = json.loads(archive.read("card.json"))
    card["config"] |= values
    with zipfile.ZipFile(folder / "model.keras", "w") as archive:
        archive.writestr("card.json", json.dumps(card))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "model.keras").unlink(), "There is no model in it"),
        (lambda folder: (folder / "model.keras").write_bytes(b"half"), "is damaged"),
        (lambda folder: with_settings(folder, epochs=0), "settings in its card"),
        (lambda folder: with_settings(folder, epochs="many"), "settings in its card"),
        (lambda folder: with_settings(folder, patience=[]), "settings in its card"),
    ],
    ids=["no model", "half a model", "no epochs", "epochs in words", "a list of patience"],
)
def test_a_damaged_run_is_a_row_with_the_reason_and_hides_no_other(
    tmp_path: Path, make_run: MakeRun, damage: Callable[[Path], object], words: str
) -> None:
    make_run(tmp_path, "good")
    damage(make_run(tmp_path, "bad"))
    runs = {run.folder.name: run for run in list_runs(tmp_path)}
    assert runs["good"].card is not None
    assert runs["bad"].card is None
    assert words in runs["bad"].problem


@pytest.mark.parametrize(
    "card",
    [
        {"metrics": {"validation": 3}, "data": {"training": 3}, "history": {"epochs": 3}},
        {
            "metrics": {"validation": {"auroc": "good", "accuracy": True, "n": "4"}},
            "data": {"training": {"sha256": 3}},
            "history": {"epochs": [{"epoch": "first"}]},
            "audit": {"verdict": "blue"},
        },
        {"metrics": {"validation": {"auroc": math.nan, "accuracy": math.inf}}, "data": {}, "history": {}},
    ],
    ids=["no tables", "odd values", "no numbers"],
)
def test_what_cannot_be_understood_of_a_card_is_left_out(
    tmp_path: Path, make_run: MakeRun, card: dict[str, Any]
) -> None:
    run = read_run(make_run(tmp_path, **card))
    assert run.problem == ""
    assert (run.auroc, run.accuracy, run.n, run.verdict, run.data) == (None, None, None, None, "")
    assert run.history.epochs == ()


def test_listing_can_be_stopped(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path)
    with pytest.raises(Stopped):
        list_runs(tmp_path, should_stop=lambda: True)


def test_runs_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file or directory"):
        list_runs(tmp_path / "nowhere")


# --- of which data


def test_the_same_images_have_the_same_short_name(tmp_path: Path, make_run: MakeRun) -> None:
    first, same, other = (
        read_run(make_run(tmp_path, name, training=images)).data
        for name, images in (("1", ("a", "b")), ("2", ("b", "a")), ("3", ("a", "c")))
    )
    assert first == same != other
    assert len(first) == 6


@pytest.mark.parametrize(
    ("images", "expected"), [("abcd", True), ("abxyz", True), ("axyz", False), ("", False)]
)
def test_a_run_is_of_the_data_that_has_half_of_its_images(
    tmp_path: Path, make_run: MakeRun, images: str, expected: bool
) -> None:
    run = read_run(make_run(tmp_path, training=("a", "b", "c", "d")))
    assert run.is_of(images) is expected


def test_a_run_that_knows_no_images_is_of_no_data(tmp_path: Path, make_run: MakeRun) -> None:
    assert not read_run(make_run(tmp_path, data={})).is_of("ab")


def test_images_that_a_check_has_read_are_known_by_content(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in ("read", "changed", "unread", "damaged", "gone")]
    for shade, path in enumerate(paths[:3]):
        Image.new("L", (8, 8), shade).save(path)
    paths[3].write_bytes(b"no image")
    read, changed, _, damaged, _ = paths
    survey([read, changed, damaged], tmp_path)
    Image.new("L", (9, 9)).save(changed)
    assert known_hashes(paths, tmp_path) == {content_hash(read)}


# --- names and notes


def test_name_and_note_are_kept_with_the_run(tmp_path: Path, make_run: MakeRun) -> None:
    folder = make_run(tmp_path)
    named = rename(read_run(folder), "  Without\naugmentation ✓ ")
    both = annotate(named, "Overfits")
    assert (both.name, both.note) == ("Without augmentation ✓", "Overfits")
    assert read_run(folder) == both


def test_a_name_can_be_taken_away(tmp_path: Path, make_run: MakeRun) -> None:
    run = annotate(rename(read_run(make_run(tmp_path)), "First"), "A note")
    assert rename(run, " ").title == "Small CNN, 2026-01-02 03:04"
    assert read_run(run.folder).note == "A note"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"name": 3, "note": null}', "[" * 30_000, '{"name": "' + "x" * 2**17 + '"}']
)
def test_damaged_words_are_none(tmp_path: Path, make_run: MakeRun, text: str) -> None:
    folder = make_run(tmp_path)
    (folder / "run.json").write_text(text)
    run = read_run(folder)
    assert (run.name, run.note, run.problem) == ("", "", "")


def test_a_name_for_a_run_that_is_gone_is_refused(tmp_path: Path, make_run: MakeRun) -> None:
    run = read_run(make_run(tmp_path))
    shutil.rmtree(run.folder)
    with pytest.raises(UserError, match=r"run\.json could not be written"):
        rename(run, "Too late")


# --- the trash


def test_a_run_that_is_deleted_can_be_brought_back_whole(tmp_path: Path, make_run: MakeRun) -> None:
    run = rename(read_run(make_run(tmp_path)), "Mine")
    place = delete(run)
    assert list_runs(tmp_path) == []
    assert place.parent == tmp_path / ".trash"
    restore(place, run.folder)
    assert list_runs(tmp_path) == [run]


def test_two_runs_of_one_name_share_the_trash(tmp_path: Path, make_run: MakeRun) -> None:
    places = [delete(read_run(make_run(tmp_path, "again"))) for _ in range(3)]
    assert [place.name for place in places] == ["again", "again (2)", "again (3)"]
    assert all((place / "model.keras").is_file() for place in places)


def test_nothing_is_put_over_another_run(tmp_path: Path, make_run: MakeRun) -> None:
    place = delete(read_run(make_run(tmp_path, "again")))
    other = tmp_path / "again"
    other.mkdir()
    with pytest.raises(UserError, match="there is another run in its place"):
        restore(place, other)
    assert list(other.iterdir()) == []
    assert (place / "model.keras").is_file()


def test_a_run_that_cannot_be_moved_is_said(tmp_path: Path, make_run: MakeRun) -> None:
    run = read_run(make_run(tmp_path))
    shutil.rmtree(run.folder)
    with pytest.raises(UserError, match="could not be moved to the trash: No such file"):
        delete(run)
