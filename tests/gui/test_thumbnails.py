"""The grid of thumbnails and its model."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.gui import thumbnails
from covid_desktop.gui.pictures import THUMBNAIL_SIDE, read_thumbnail
from covid_desktop.gui.thumbnails import ThumbnailGrid, ThumbnailModel
from covid_desktop.gui.tokens import LIGHT

ROLE = Qt.ItemDataRole


class Grid(QWidget):
    """Holds a grid, so that its reader is found as in a tab."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = ThumbnailGrid(self)
        self.grid.resize(600, 400)

    def close_threads(self) -> None:
        self.grid.images.close()


@pytest.fixture
def holder(tasks: Any, show: Any) -> Any:
    return show(Grid())


@pytest.fixture
def images(holder: Grid) -> ThumbnailModel:
    return holder.grid.images


def colour(pixmap: QPixmap) -> int:
    return pixmap.toImage().pixelColor(THUMBNAIL_SIDE // 2, THUMBNAIL_SIDE // 2).red()


def test_a_picture_is_blank_until_it_is_read(
    holder: Grid, images: ThumbnailModel, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    paths = draw(tmp_path, 3)
    images.set_paths(paths)
    index = images.index(2)
    blank = colour(images.data(index, ROLE.DecorationRole))
    tasks.answer(holder)
    assert colour(images.data(index, ROLE.DecorationRole)) != blank
    assert images.data(index, ROLE.AccessibleTextRole) == "002.png"
    assert images.data(index, ROLE.ToolTipRole) == str(paths[2])
    assert images.data(index) is None


def test_a_picture_is_read_once(
    holder: Grid, images: ThumbnailModel, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    paths = draw(tmp_path, 2)
    images.set_paths(paths)
    QApplication.processEvents()
    assert set(tasks.answer(holder)) == set(paths)
    images.set_paths(paths[::-1])
    QApplication.processEvents()
    assert tasks.answer(holder) == []


def test_a_file_that_cannot_be_read_is_told_and_explained(
    holder: Grid, images: ThumbnailModel, tasks: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(b"nothing")
    images.set_paths([path])
    images.data(images.index(0), ROLE.DecorationRole)
    with qtbot.waitSignal(images.unreadable) as told:
        tasks.answer(holder)
    assert told.args[0] == path
    assert str(told.args[1]) in images.data(images.index(0), ROLE.ToolTipRole)
    assert images.data(images.index(0), ROLE.DecorationRole).width() < THUMBNAIL_SIDE


def test_an_answer_for_a_picture_that_is_gone_from_the_grid_is_no_news(
    images: ThumbnailModel, tmp_path: Path, draw: Any, qtbot: QtBot
) -> None:
    old, new = draw(tmp_path, 2)
    images.set_paths([new])
    with qtbot.assertNotEmitted(images.dataChanged):
        images._on_reader_answered(old, read_thumbnail(old))


def test_only_the_newest_pictures_are_kept(
    images: ThumbnailModel, tmp_path: Path, draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "_REMEMBERED", 2)
    paths = draw(tmp_path, 3)
    for path in paths:
        images._on_reader_answered(path, read_thumbnail(path))
    assert list(images._pictures) == paths[1:]


def test_what_waits_for_another_class_is_forgotten(
    holder: Grid, images: ThumbnailModel, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path, 2)
    images.set_paths([first])
    QApplication.processEvents()
    images.set_paths([second])
    QApplication.processEvents()
    assert tasks.answer(holder) == [second]


def test_a_picture_is_opened_with_return(
    holder: Grid, images: ThumbnailModel, person: Any, tmp_path: Path, draw: Any, qtbot: QtBot
) -> None:
    paths = draw(tmp_path, 3)
    images.set_paths(paths)
    holder.grid.setFocus()
    holder.grid.setCurrentIndex(images.index(0))
    person.press(holder.grid, Qt.Key.Key_Right)
    with qtbot.waitSignal(holder.grid.opened) as opened:
        person.press(holder.grid, Qt.Key.Key_Return)
    assert opened.args == [paths[1]]


def test_the_model_keeps_to_qt_s_rules(images: ThumbnailModel, tmp_path: Path, draw: Any) -> None:
    tester = QAbstractItemModelTester(images, QAbstractItemModelTester.FailureReportingMode.Warning)
    images.set_paths(draw(tmp_path, 3))
    images.set_paths([])
    assert images.rowCount(QModelIndex()) == 0
    assert tester.model() is images


def test_pictures_that_belong_together_say_so_on_a_common_ground(
    images: ThumbnailModel, tmp_path: Path, draw: Any
) -> None:
    images.set_paths(draw(tmp_path, 5), groups=[1, 1, 2, 2, 3])
    rows = [images.index(row) for row in range(5)]
    assert [images.data(index) for index in rows] == ["Group 1", "Group 1", "Group 2", "Group 2", "Group 3"]
    grounds = [images.data(index, ROLE.BackgroundRole) for index in rows]
    assert grounds[0] == grounds[1] == grounds[4]
    assert grounds[2] is grounds[3] is None
    assert grounds[0].name() == LIGHT.picture_band


def test_without_groups_there_are_no_captions(images: ThumbnailModel, tmp_path: Path, draw: Any) -> None:
    paths = draw(tmp_path, 2)
    images.set_paths(paths, groups=[1, 1])
    images.set_paths(paths)
    assert images.data(images.index(0)) is None
    assert images.data(images.index(0), ROLE.BackgroundRole) is None


def test_captions_have_room_below_the_pictures(holder: Grid, tmp_path: Path, draw: Any) -> None:
    paths = draw(tmp_path, 2)
    holder.grid.show_paths(paths)
    plain = holder.grid.gridSize()
    holder.grid.show_paths(paths, groups=[1, 1])
    captioned = holder.grid.gridSize()
    line = holder.grid.fontMetrics().height()
    assert captioned.width() == plain.width()
    assert captioned.height() >= plain.height() + line
    holder.grid.show_paths(paths)
    assert holder.grid.gridSize() == plain


def test_a_note_stands_below_the_path(
    holder: Grid, images: ThumbnailModel, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path, 2)
    second.write_bytes(b"nothing")
    images.set_paths([first, second], notes={second: "The same file"})
    assert images.data(images.index(0), ROLE.ToolTipRole) == str(first)
    assert images.data(images.index(1), ROLE.ToolTipRole) == f"{second}\nThe same file"
    images.data(images.index(1), ROLE.DecorationRole)
    tasks.answer(holder)
    assert images.data(images.index(1), ROLE.ToolTipRole).startswith(f"{second}\nThe same file\n")


def test_the_same_pictures_are_not_shown_anew(
    holder: Grid, images: ThumbnailModel, tmp_path: Path, draw: Any, qtbot: QtBot
) -> None:
    paths = draw(tmp_path, 3)
    shown = (paths, [1, 1, 2], {paths[0]: "The same file"})
    holder.grid.show_paths(*shown)
    holder.grid.selectAll()
    with qtbot.assertNotEmitted(images.modelReset):
        holder.grid.show_paths(*shown)
    assert holder.grid.selected_paths() == paths


@pytest.mark.parametrize("change", ["paths", "groups", "notes"])
def test_other_pictures_groups_or_notes_are_shown_and_nothing_is_selected(
    holder: Grid, tmp_path: Path, draw: Any, qtbot: QtBot, change: str
) -> None:
    paths = draw(tmp_path, 3)
    shown: dict[str, Any] = {"paths": paths, "groups": [1, 1, 2], "notes": {paths[0]: "The same file"}}
    other: dict[str, Any] = {"paths": paths[::-1], "groups": [1, 2, 2], "notes": {}}
    holder.grid.show_paths(**shown)
    holder.grid.selectAll()
    with qtbot.waitSignal(holder.grid.selected) as selected:
        holder.grid.show_paths(**shown | {change: other[change]})
    assert selected.args == [[]]
    assert holder.grid.selected_paths() == []


def test_selected_pictures_are_told_in_their_order(
    holder: Grid, person: Any, tmp_path: Path, draw: Any, qtbot: QtBot
) -> None:
    paths = draw(tmp_path, 4)
    holder.grid.show_paths(paths)
    person.select(holder.grid, 3)
    with qtbot.waitSignal(holder.grid.selected) as selected:
        QTest.mouseClick(
            holder.grid.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ControlModifier,
            holder.grid.visualRect(holder.grid.images.index(1)).center(),
        )
    assert selected.args == [[paths[1], paths[3]]]
