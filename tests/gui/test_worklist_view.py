"""The worklist in the window: by keyboard, filtered, marked, and while it fills."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import NOT_REVIEWED, Review
from covid_desktop.core.worklist_file import Entry
from covid_desktop.gui.reviewing import Reviewing
from covid_desktop.gui.theme import apply_theme, icon
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_cells import MARKED, SCORE
from covid_desktop.gui.worklist_foot import ProgressLine
from covid_desktop.gui.worklist_table import WorklistTable
from covid_desktop.gui.worklist_view import WorklistView

COUNT = 60
PATHS = [Path(f"images/{number:02}.png") for number in range(COUNT)]


def scored(path: Path, score: float) -> Prediction:
    label = "COVID-19" if score >= 0.5 else "Healthy"
    return Prediction(path=path, label=label, score=score, threshold=0.5)


def score_of(number: int) -> float:
    """All different; the first ten are Healthy, then every other one is."""
    return (number * 37 % COUNT) / COUNT / 2 + (0.5 if number >= 10 and number % 2 else 0)


class Told:
    """What a view told, in order."""

    def __init__(self, view: WorklistView) -> None:
        self.current: list[Path | None] = []
        self.reviewed: list[Path] = []
        view.current_changed.connect(self.current.append)
        view.reviewed.connect(self.reviewed.append)


@pytest.fixture
def worklist(qapp: QApplication) -> Worklist:
    return Worklist(qapp)


@pytest.fixture
def empty(worklist: Worklist, show: Callable[[Any], Any]) -> WorklistView:
    view = show(WorklistView(worklist))
    view.resize(480, 500)
    return view


@pytest.fixture
def view(empty: WorklistView, worklist: Worklist) -> WorklistView:
    """60 images that wait; the table has the focus."""
    worklist.forget_results("COVID-19", "Healthy")
    worklist.add(PATHS)
    empty.focus_table()
    return empty


@pytest.fixture
def full(view: WorklistView, worklist: Worklist) -> WorklistView:
    fill(worklist, range(COUNT))
    view.refresh()
    return view


@pytest.fixture
def told(view: WorklistView) -> Told:
    return Told(view)


def fill(worklist: Worklist, numbers: Sequence[int]) -> None:
    for number in numbers:
        worklist.set_done(scored(PATHS[number], score_of(number)))
    worklist._tell()


def table(view: WorklistView) -> WorklistTable:
    return view.findChild(WorklistTable, "worklist")


def names(view: WorklistView) -> list[str]:
    model = table(view).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def press(view: WorklistView, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(table(view), key)


def part(view: QWidget, kind: type[Any], name: str) -> Any:
    return view.findChild(kind, name)


def filter_by(view: WorklistView, words: str) -> None:
    box = part(view, QComboBox, "filter_result")
    box.setCurrentText(words)
    assert box.currentText() == words


def counts(view: WorklistView) -> str:
    return part(view, QLabel, "worklist_counts").text()


def place_of_current(view: WorklistView) -> int:
    return table(view).visualRect(table(view).currentIndex()).top()


# --- which image


def test_the_first_image_is_looked_at_first(view: WorklistView) -> None:
    assert view.current == PATHS[0]
    assert table(view).selectionModel().isRowSelected(0)


def test_keys_go_to_the_next_and_the_previous_image(view: WorklistView, told: Told) -> None:
    key = Qt.Key
    press(view, key.Key_Down, key.Key_N, key.Key_P, key.Key_Up, key.Key_P, key.Key_End, key.Key_N)
    assert told.current == [PATHS[number] for number in (1, 2, 1, 0, COUNT - 1)]
    assert view.current == PATHS[-1]
    view.previous_image()
    view.next_image()
    view.next_image()
    assert view.current == PATHS[-1]


def test_other_letters_leave_the_image(view: WorklistView) -> None:
    press(view, Qt.Key.Key_3)
    assert view.current == PATHS[0]


def test_an_empty_list_has_no_image_and_nothing_to_do(empty: WorklistView) -> None:
    assert empty.current is None
    empty.next_image()
    empty.agree()
    enabled = [action.objectName() for action in empty.menu_actions if action.isEnabled()]
    assert enabled == ["action_find_image"]
    assert counts(empty) == ""
    assert table(empty).isVisible()


def test_a_list_that_is_emptied_tells_that_nothing_is_looked_at(
    view: WorklistView, worklist: Worklist, told: Told
) -> None:
    worklist.clear()
    assert told.current == [None]
    worklist.add(PATHS[:3])
    assert told.current == [None, PATHS[0]]


def test_another_model_leaves_the_image_that_is_looked_at(
    full: WorklistView, worklist: Worklist, told: Told
) -> None:
    full.choose(PATHS[30])
    worklist.forget_results("COVID-19", "Healthy")
    assert (full.current, told.current) == (PATHS[30], [PATHS[30]])
    assert table(full).selectionModel().isRowSelected(30)


def test_the_actions_have_their_keys_and_are_in_the_context_menu(view: WorklistView) -> None:
    keys = {action.objectName(): action.shortcut().toString() for action in view.menu_actions}
    assert keys == {
        "action_next_image": "N",
        "action_previous_image": "P",
        "action_agree": "A",
        "action_disagree": "D",
        "action_unmark": "U",
        "action_comment": "C",
        "action_find_image": "Ctrl+F",
    }
    assert list(view.menu_actions) == table(view).actions()
    assert table(view).contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu


# --- marks


def test_keys_mark_and_stay(full: WorklistView, worklist: Worklist, told: Told) -> None:
    press(full, Qt.Key.Key_A)
    assert worklist.review(PATHS[0]) == Review(verdict="agreed")
    press(full, Qt.Key.Key_D, Qt.Key.Key_D)
    assert worklist.review(PATHS[0]) == Review(verdict="disagreed")
    press(full, Qt.Key.Key_U)
    assert worklist.review(PATHS[0]) == NOT_REVIEWED
    assert told.current == []
    assert told.reviewed == [PATHS[0]] * 3


def test_an_image_that_waits_can_have_a_comment_but_no_mark(view: WorklistView, worklist: Worklist) -> None:
    press(view, Qt.Key.Key_A)
    assert worklist.review(PATHS[0]) == NOT_REVIEWED
    press(view, Qt.Key.Key_C)
    assert part(view, QLineEdit, "comment").isVisible()
    fill(worklist, [0])
    assert all(action.isEnabled() for action in view.menu_actions if action.objectName() != "action_unmark")


def test_marks_are_undone_and_done_again_where_they_were(
    full: WorklistView, worklist: Worklist, told: Told
) -> None:
    press(full, Qt.Key.Key_A, Qt.Key.Key_N, Qt.Key.Key_D)
    assert full.steps.undoText() == "Disagree, 01.png"
    full.steps.undo()
    full.steps.undo()
    assert worklist.review(PATHS[0]) == worklist.review(PATHS[1]) == NOT_REVIEWED
    assert full.current == PATHS[0]
    full.steps.redo()
    full.steps.redo()
    assert worklist.review(PATHS[1]) == Review(verdict="disagreed")
    assert full.current == PATHS[1]
    assert len(told.reviewed) == 6


def test_what_is_undone_is_shown_though_a_filter_hid_it(full: WorklistView, worklist: Worklist) -> None:
    filter_by(full, "Disagreed")
    assert names(full) == []
    filter_by(full, "Not marked")
    press(full, Qt.Key.Key_A, Qt.Key.Key_N)
    full.refresh()
    assert names(full)[0] == "01.png"
    full.steps.undo()
    assert full.current == PATHS[0]
    assert names(full)[0] == "00.png"


def test_nothing_is_left_to_undo_in_another_list(full: WorklistView, worklist: Worklist) -> None:
    press(full, Qt.Key.Key_A)
    worklist.load([Entry(path=PATHS[0])])
    assert not full.steps.canUndo()


def test_who_and_when_are_kept_only_if_asked_for(full: WorklistView, worklist: Worklist) -> None:
    full.set_reviewer("R. Frank")
    press(full, Qt.Key.Key_A)
    review = worklist.review(PATHS[0])
    assert review.who == "R. Frank"
    assert datetime.fromisoformat(review.when).tzinfo is not None
    full.set_reviewer(None)
    press(full, Qt.Key.Key_D)
    assert worklist.review(PATHS[0]) == Review(verdict="disagreed")
    full.steps.undo()
    assert worklist.review(PATHS[0]) == review


def test_the_time_is_kept_with_its_zone(worklist: Worklist) -> None:
    worklist.add(PATHS[:1])
    reviewing = Reviewing(worklist, lambda: datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    reviewing.set_reviewer("")
    reviewing.comment(PATHS[0], "Line")
    assert worklist.review(PATHS[0]) == Review(comment="Line", when="2026-01-02T03:04:05+00:00")
    reviewing.comment(PATHS[0], "")
    assert worklist.review(PATHS[0]) == NOT_REVIEWED
    reviewing.mark(Path("other.png"), "agreed")
    assert reviewing.steps.count() == 2


# --- comments


def comment(view: WorklistView) -> QLineEdit:
    press(view, Qt.Key.Key_C)
    found: QLineEdit = part(view, QLineEdit, "comment")
    assert found.hasFocus()
    return found


def test_a_comment_is_written_below_the_table(full: WorklistView, worklist: Worklist) -> None:
    edit = comment(full)
    QTest.keyClicks(edit, "adn blurred")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert worklist.review(PATHS[0]) == Review(comment="adn blurred")
    assert table(full).hasFocus()
    assert not edit.isVisible()
    press(full, Qt.Key.Key_A)
    assert worklist.review(PATHS[0]) == Review(verdict="agreed", comment="adn blurred")
    press(full, Qt.Key.Key_U)
    assert worklist.review(PATHS[0]) == Review(comment="adn blurred")
    assert comment(full).text() == "adn blurred"


def test_esc_leaves_a_comment_as_it_was(full: WorklistView, worklist: Worklist, told: Told) -> None:
    edit = comment(full)
    QTest.keyClicks(edit, "oops")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert table(full).hasFocus()
    assert (worklist.review(PATHS[0]), told.reviewed) == (NOT_REVIEWED, [])
    assert not full.steps.canUndo()


def test_a_comment_is_kept_with_its_image_when_another_one_is_looked_at(
    full: WorklistView, worklist: Worklist, person: Any
) -> None:
    QTest.keyClicks(comment(full), "first")
    person.select(table(full), 3)
    assert worklist.review(PATHS[0]).comment == "first"
    assert full.current == PATHS[3]
    assert not part(full, QLineEdit, "comment").isVisible()


def test_a_comment_on_an_image_that_is_gone_is_let_go(full: WorklistView, worklist: Worklist) -> None:
    QTest.keyClicks(comment(full), "late")
    worklist.clear()
    assert not part(full, QLineEdit, "comment").isVisible()
    assert not full.steps.canUndo()


# --- filters and order


def test_results_can_be_filtered(full: WorklistView) -> None:
    box = part(full, QComboBox, "filter_result")
    assert [box.itemText(row) for row in range(box.count())] == [
        "All results",
        "COVID-19",
        "Healthy",
        "Indeterminate",
        "Not scored",
        "Not like training images",
        "Disagreed",
        "Not marked",
    ]
    filter_by(full, "COVID-19")
    assert len(names(full)) == 25
    assert counts(full) == "25 COVID-19, 35 Healthy; 25 shown"
    assert full.current == PATHS[11]
    part(full, QLineEdit, "filter_text").setText("1")
    assert names(full)[:3] == ["11.png", "13.png", "15.png"]


def test_the_shapes_of_the_classes_follow_the_theme(full: WorklistView, qapp: QApplication) -> None:
    def shape() -> object:
        box = part(full, QComboBox, "filter_result")
        return box.itemIcon(1).pixmap(32).toImage()

    assert shape() == icon("marker-positive", "positive").pixmap(32).toImage()
    light = shape()
    apply_theme(qapp, "dark")
    assert shape() == icon("marker-positive", "positive").pixmap(32).toImage() != light


def test_a_range_of_scores_is_never_upside_down(full: WorklistView) -> None:
    low, high = (part(full, QDoubleSpinBox, f"filter_{end}") for end in ("low", "high"))
    high.setValue(0.3)
    in_range = [path.name for number, path in enumerate(PATHS) if round(score_of(number), 3) <= 0.3]
    assert 0 < len(in_range) < COUNT
    assert names(full) == in_range
    low.setValue(0.6)
    assert (low.value(), high.value()) == (0.6, 0.6)
    high.setValue(0.2)
    assert (low.value(), high.value()) == (0.2, 0.2)


def test_where_nothing_fits_it_says_so_and_shows_all_again(
    full: WorklistView, person: Any, told: Told
) -> None:
    part(full, QDoubleSpinBox, "filter_low").setValue(0.5)
    part(full, QLineEdit, "filter_text").setText("nothing")
    assert "No image of the list fits these filters." in person.reads(full)
    assert not table(full).isVisible()
    assert told.current[-1] is None
    person.click(full, "show_all")
    assert table(full).isVisible()
    assert len(names(full)) == COUNT
    assert full.current == PATHS[0]
    assert part(full, QLineEdit, "filter_text").text() == ""


def test_ctrl_f_goes_to_the_search_from_the_table_and_letters_are_typed_there(
    full: WorklistView, worklist: Worklist
) -> None:
    QTest.keyClick(table(full), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = part(full, QLineEdit, "filter_text")
    assert search.hasFocus()
    QTest.keyClicks(search, "and")
    assert search.text() == "and"
    assert worklist.review(PATHS[0]) == NOT_REVIEWED


def click_header(view: WorklistView, column: int) -> None:
    header = table(view).horizontalHeader()
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    place = header.viewport().rect().center()
    place.setX(x)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_header_sorts_and_at_the_third_click_gives_the_list_s_order(full: WorklistView) -> None:
    full.choose(PATHS[30])
    by_score = sorted(PATHS, key=lambda path: score_of(PATHS.index(path)))
    click_header(full, SCORE)
    assert names(full) == [path.name for path in by_score]
    click_header(full, SCORE)
    assert names(full) == [path.name for path in by_score[::-1]]
    assert full.current == PATHS[30]
    assert table(full).rect().contains(table(full).visualRect(table(full).currentIndex()))
    click_header(full, SCORE)
    assert names(full) == [path.name for path in PATHS]
    assert full.current == PATHS[30]


# --- while it fills


def test_the_row_that_is_looked_at_stays_in_its_place_while_others_come(
    view: WorklistView, worklist: Worklist
) -> None:
    fill(worklist, range(20, 50))
    click_header(view, SCORE)
    view.choose(PATHS[33])
    place = place_of_current(view)
    before = table(view).currentIndex().row()
    fill(worklist, [*range(20), *range(50, 60)])
    view.refresh()
    assert view.current == PATHS[33]
    assert table(view).currentIndex().row() > before
    assert place_of_current(view) == place
    assert table(view).selectionModel().isRowSelected(table(view).currentIndex().row())


def test_where_the_chosen_row_is_out_of_sight_the_uppermost_stays(
    view: WorklistView, worklist: Worklist
) -> None:
    filter_by(view, "Healthy")
    fill(worklist, range(20, 60))
    view.refresh()
    bar = table(view).verticalScrollBar()
    bar.setValue(bar.maximum())
    top = table(view).indexAt(table(view).rect().topLeft()).data()
    fill(worklist, range(20))
    view.refresh()
    assert table(view).indexAt(table(view).rect().topLeft()).data() == top


def test_rows_that_fit_come_by_themselves(view: WorklistView, worklist: Worklist, qtbot: QtBot) -> None:
    filter_by(view, "COVID-19")
    assert not table(view).isVisible()
    for number in (11, 13, 14):
        worklist.set_done(scored(PATHS[number], score_of(number)))
    qtbot.waitUntil(lambda: names(view) == ["11.png", "13.png"])
    assert table(view).isVisible()
    assert view.current == PATHS[11]
    assert counts(view) == "2 COVID-19, 1 Healthy, 57 waiting; 2 shown"


def test_a_row_that_does_not_fit_any_more_goes_when_it_is_left(
    full: WorklistView, worklist: Worklist, qtbot: QtBot
) -> None:
    filter_by(full, "Not marked")
    press(full, Qt.Key.Key_A)
    full.refresh()
    assert (names(full)[0], full.current) == ("00.png", PATHS[0])
    press(full, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: names(full)[0] == "01.png")
    assert full.current == PATHS[1]
    assert table(full).hasFocus()


def test_images_that_are_added_leave_the_one_that_is_looked_at(
    full: WorklistView, worklist: Worklist, told: Told
) -> None:
    full.choose(PATHS[5])
    worklist.add([Path("new.png")])
    assert (full.current, told.current) == (PATHS[5], [PATHS[5]])
    assert counts(full) == "25 COVID-19, 35 Healthy, 1 waiting"
    full.choose(Path("new.png"))
    assert full.current == Path("new.png")
    full.choose(Path("other.png"))
    assert full.current == Path("new.png")


def test_the_mark_has_its_word_where_there_is_room(full: WorklistView, qtbot: QtBot) -> None:
    full.resize(700, 500)
    qtbot.waitUntil(lambda: table(full).columnWidth(MARKED) > 100)
    wide = table(full).columnWidth(MARKED)
    full.resize(380, 500)
    qtbot.waitUntil(lambda: table(full).columnWidth(MARKED) < wide)
    press(full, Qt.Key.Key_D)
    assert not full.grab().isNull()


# --- progress


def test_progress_has_a_line_with_a_button_to_cancel(view: WorklistView, person: Any, qtbot: QtBot) -> None:
    assert not person.sees(view, "worklist_progress")
    view.show_progress(Progress(stage="Scoring images", done=12, total=1200))
    assert "Scoring images 12 of 1,200" in person.reads(view)
    with qtbot.waitSignal(view.cancel_requested):
        person.click(view, "cancel_scoring")
    assert not part(view, QPushButton, "cancel_scoring").isEnabled()
    view.show_progress(None)
    assert not person.sees(view, "worklist_progress")
    assert part(view, QPushButton, "cancel_scoring").isEnabled()


def test_the_time_left_is_worked_out_of_what_was_done_since_it_began(show: Any) -> None:
    now = [100.0]
    line = show(ProgressLine(lambda: now[0]))
    words = part(line, QLabel, "worklist_progress_words")
    line.show_progress(Progress(stage="Scoring images", done=500, total=1000))
    assert words.text() == "Scoring images 500 of 1,000"
    now[0] = 101.0
    line.show_progress(Progress(stage="Scoring images", done=510, total=1000))
    assert words.text() == "Scoring images 510 of 1,000"
    now[0] = 110.0
    line.show_progress(Progress(stage="Scoring images", done=600, total=1000))
    assert words.text() == "Scoring images 600 of 1,000, about 40 s left"
    line.show_progress(Progress(stage="Loading the model"))
    assert words.text() == "Loading the model"
