"""The list of files that are not used, and those among them that can be used again."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.decisions import EXCLUDED
from covid_desktop.gui.skipped_view import SkippedView, is_excluded


@pytest.fixture
def view(show: Any) -> Any:
    return show(SkippedView())


def damaged(path: Path) -> SkippedFile:
    return SkippedFile(path=path, reason="Damaged.")


def excluded(path: Path, reason: str = "By hand.") -> SkippedFile:
    return SkippedFile(path=path, reason=EXCLUDED + reason)


def tree(view: SkippedView) -> QTreeWidget:
    return view.findChild(QTreeWidget, "skipped_files")


def can_use_again(view: SkippedView) -> bool:
    return view.findChild(QToolButton, "use_again").isEnabled()


def test_files_are_named_by_their_place_with_their_reasons(view: SkippedView, tmp_path: Path) -> None:
    elsewhere = tmp_path.parent / "elsewhere.png"
    view.show_files([damaged(tmp_path / "A" / "1.png"), excluded(elsewhere)], tmp_path)
    rows = [tree(view).topLevelItem(row) for row in range(tree(view).topLevelItemCount())]
    assert [(Path(row.text(0)), row.text(1)) for row in rows] == [
        (Path("A/1.png"), "Damaged."),
        (elsewhere, "Excluded: By hand."),
    ]


def test_excluded_files_that_are_selected_can_be_used_again(
    view: SkippedView, person: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second, third = (tmp_path / f"{number}.png" for number in range(3))
    view.show_files([excluded(first), excluded(second), excluded(third)], tmp_path)
    person.select(tree(view), 0, 2)
    with qtbot.waitSignal(view.use_again_chosen) as chosen:
        person.click(view, "use_again")
    assert chosen.args == [[first, third]]


def test_only_those_that_were_excluded_are_used_again(
    view: SkippedView, person: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    bad, left_out = tmp_path / "bad.png", tmp_path / "left out.png"
    view.show_files([damaged(bad), excluded(left_out)], tmp_path)
    tree(view).selectAll()
    with qtbot.waitSignal(view.use_again_chosen) as chosen:
        person.click(view, "use_again")
    assert chosen.args == [[left_out]]


def test_it_offers_nothing_for_a_file_that_cannot_be_read(
    view: SkippedView, person: Any, tmp_path: Path
) -> None:
    view.show_files([damaged(tmp_path / "bad.png"), excluded(tmp_path / "left out.png")], tmp_path)
    assert not can_use_again(view)
    person.select(tree(view), 0)
    assert not can_use_again(view)
    person.select(tree(view), 1)
    assert can_use_again(view)


def test_once_the_list_is_another_nothing_is_selected(view: SkippedView, person: Any, tmp_path: Path) -> None:
    view.show_files([excluded(tmp_path / "0.png")], tmp_path)
    person.select(tree(view), 0)
    view.show_files([excluded(tmp_path / "1.png")], tmp_path)
    assert not can_use_again(view)


def test_the_context_menu_offers_it_too(view: SkippedView, person: Any, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "0.png"
    view.show_files([excluded(path)], tmp_path)
    assert tree(view).contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    (action,) = tree(view).actions()
    assert not action.isEnabled()
    person.select(tree(view), 0)
    assert isinstance(action, QAction)
    with qtbot.waitSignal(view.use_again_chosen) as chosen:
        action.trigger()
    assert chosen.args == [[path]]


def test_a_list_that_is_shown_anew_stays_in_its_place(view: SkippedView, tmp_path: Path) -> None:
    files = [excluded(tmp_path / f"{number:03}.png") for number in range(300)]
    view.show_files(files, tmp_path)
    bar = tree(view).verticalScrollBar()
    bar.setValue(100)
    view.show_files(files[1:], tmp_path)
    assert bar.value() == 100


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("Excluded: Blank or nearly so.", True), ("Damaged.", False), ("The file was excluded.", False)],
)
def test_who_left_a_file_out(tmp_path: Path, reason: str, expected: bool) -> None:
    assert is_excluded(SkippedFile(path=tmp_path, reason=reason)) is expected
