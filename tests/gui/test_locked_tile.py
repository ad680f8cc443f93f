"""The tile of the test set."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from covid_desktop import curation
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.locked_tile import LockedTile, lock_words


@pytest.fixture
def tile(show: Any) -> Any:
    return show(LockedTile())


def test_without_a_test_set_it_offers_one(
    tile: LockedTile, opened: OpenedDataset, person: Any, qtbot: QtBot
) -> None:
    tile.show_state(opened)
    assert "A fifth of the images can be set aside" in person.reads(tile)
    assert not person.sees(tile, "test_lock")
    with qtbot.waitSignal(tile.set_aside_requested):
        person.click(tile, "set_test_aside")


def test_with_a_test_set_it_is_locked(tile: LockedTile, opened: OpenedDataset, person: Any) -> None:
    tile.show_state(opened)
    tile.show_state(curation.set_test_aside(opened))
    assert person.find(tile, QLabel, "test_lock").text() == "Locked. Not used by Evaluate yet."
    assert person.sees(tile, "test_lock")
    assert not person.sees(tile, "set_test_aside")


def test_its_uses_are_counted(tile: LockedTile, opened: OpenedDataset, person: Any) -> None:
    aside = curation.set_test_aside(opened)
    used = replace(aside, decisions=replace(aside.decisions, test_uses=("once", "twice")))
    tile.show_state(used)
    assert person.find(tile, QLabel, "test_lock").text() == "Locked. Used by Evaluate 2 times."


def test_a_test_set_that_is_given_up_is_offered_again(
    tile: LockedTile, opened: OpenedDataset, person: Any
) -> None:
    tile.show_state(curation.set_test_aside(opened))
    tile.show_state(opened)
    assert not person.sees(tile, "test_lock")
    assert person.sees(tile, "set_test_aside")


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        (0, "Locked. Not used by Evaluate yet."),
        (1, "Locked. Used by Evaluate once."),
        (2, "Locked. Used by Evaluate 2 times."),
        (1200, "Locked. Used by Evaluate 1,200 times."),
    ],
)
def test_words_for_uses(uses: int, words: str) -> None:
    assert lock_words(uses) == words
