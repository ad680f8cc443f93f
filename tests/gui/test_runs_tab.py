"""The Runs tab as a person uses it: find a run, compare two, name one, delete one and bring it back."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.core.events import Progress
from covid_desktop.core.runs import RunList, list_runs
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.run_details import RunCurvesCanvas
from covid_desktop.gui.runs_tab import RunsTab
from covid_desktop.gui.runs_table import COLUMNS

NAMES = [f"2026-01-0{day} 10.00.00 small-cnn" for day in (1, 2, 3)]
SCORES = {f"v{number}": (number % 2, number / 10) for number in range(8)}


class Listing:
    """Lists the runs of a folder at once; those in ``here`` are of the open data."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.here: set[str] = set()
        self.given: list[OpenedDataset | None] = []

    def __call__(self, opened: OpenedDataset | None, **_: Any) -> RunList:
        self.given.append(opened)
        here = frozenset(self.root / name for name in self.here)
        return RunList(runs=list_runs(self.root), here=here)


@pytest.fixture
def root(tmp_path: Path, make_run: Callable[..., Path]) -> Path:
    """Three runs: the second has an audit and a better AUROC, the third no scores of its images."""
    folder = tmp_path / "runs"
    make_run(folder, NAMES[0], scores=SCORES)
    good = {"validation": {"n": 20, "auroc": 0.99, "accuracy": 0.9}}
    audit = {"verdict": "red", "sentence": "The frame tells."}
    make_run(folder, NAMES[1], scores=SCORES, metrics=good, audit=audit, config={"epochs": 9})
    make_run(folder, NAMES[2], losses=(0.5, 0.4, 0.6))
    return folder


@pytest.fixture
def listing(root: Path) -> Listing:
    return Listing(root)


@pytest.fixture
def tab(listing: Listing, dialogs: Any, tasks: Any, show: Any) -> RunsTab:
    """All runs are listed, the newest is first and selected."""
    shown: RunsTab = show(RunsTab(listing, dialogs))
    tasks.run()
    return shown


def table(tab: RunsTab) -> QTableView:
    found = tab.findChild(QTableView, "runs")
    assert isinstance(found, QTableView)
    return found


def column(tab: RunsTab, name: str) -> list[str]:
    model = table(tab).model()
    return [model.index(row, COLUMNS.index(name)).data() for row in range(model.rowCount())]


def action(tab: RunsTab, name: str) -> QAction:
    found = tab.findChild(QAction, f"action_{name}")
    assert isinstance(found, QAction)
    return found


def banner(tab: RunsTab) -> str:
    found = tab.findChild(Banner)
    return found.accessibleName() if found.isVisible() else ""


def reads(tab: RunsTab, person: Any) -> str:
    """What is new in a grid is shown a moment later."""
    QApplication.processEvents()
    words: str = person.reads(tab)
    return words


def type_into_cell(tab: RunsTab, text: str) -> None:
    editor = table(tab).findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


# --- the table


def test_the_newest_run_is_first_and_shown(tab: RunsTab, person: Any) -> None:
    assert column(tab, "Began") == [f"2026-01-0{day} 10:00" for day in (3, 2, 1)]
    assert column(tab, "Epochs") == ["3, best 2", "2, best 2", "2, best 2"]
    assert column(tab, "AUROC") == ["0.875", "0.990", "0.875"]
    assert column(tab, "Images") == ["4", "20", "4"]
    assert column(tab, "Audit") == ["-", "Red", "-"]
    assert person.find(tab, QLabel, "run_story").text().startswith("Finished 3 epochs. Kept: epoch 2")


def test_the_verdict_has_a_shape_beside_its_word(tab: RunsTab) -> None:
    model, place = table(tab).model(), COLUMNS.index("Audit")
    marks = [model.index(row, place).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    assert [mark is not None for mark in marks] == [False, True, False]


def test_a_click_on_a_heading_sorts(tab: RunsTab) -> None:
    header, place = table(tab).horizontalHeader(), COLUMNS.index("AUROC")
    middle = header.sectionPosition(place) + header.sectionSize(place) // 2
    for expected in ("0.875", "0.990"):
        at = header.viewport().rect().center()
        at.setX(middle)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert column(tab, "AUROC")[0] == expected


@pytest.mark.parametrize(
    ("words", "days"), [("red", [2]), ("01-03 small", [3]), ("SMALL cnn", [3, 2, 1]), ("small gpu", [])]
)
def test_a_search_keeps_the_runs_with_all_its_words(
    tab: RunsTab, person: Any, words: str, days: list[int]
) -> None:
    QTest.keyClicks(person.find(tab, QLineEdit, "search_runs"), words)
    assert column(tab, "Began") == [f"2026-01-0{day} 10:00" for day in days]


def test_the_runs_of_the_open_data_can_be_shown_alone(
    tab: RunsTab, listing: Listing, tasks: Any, person: Any, opened: OpenedDataset
) -> None:
    assert not person.sees(tab, "choose_runs_here")
    listing.here = {NAMES[1]}
    tab.set_dataset(opened)
    tasks.run()
    assert listing.given == [None, opened]
    person.click(tab, "choose_runs_here")
    assert column(tab, "Began") == ["2026-01-02 10:00"]
    person.click(tab, "choose_all_runs")
    assert len(column(tab, "Began")) == 3


def test_a_damaged_run_is_a_row_with_its_reason(tab: RunsTab, root: Path, tasks: Any, person: Any) -> None:
    (root / NAMES[2] / "model.keras").write_bytes(b"half")
    tab.refresh()
    tasks.run()
    assert column(tab, "Network") == ["Not usable", "Small CNN", "Small CNN"]
    assert "is damaged" in person.find(tab, QLabel, "run_story").text()
    assert not person.sees(tab, "curves_of_run")
    assert not action(tab, "open_run").isEnabled()


def test_an_empty_list_teaches_and_leads_to_training(
    tmp_path: Path, tasks: Any, show: Any, person: Any, qtbot: QtBot
) -> None:
    (tmp_path / "none").mkdir()
    tab = show(RunsTab(Listing(tmp_path / "none")))
    tasks.run()
    assert "Every training run is kept here" in person.reads(tab)
    with qtbot.waitSignal(tab.train_requested):
        person.click(tab, "train_from_runs")


def test_runs_that_cannot_be_listed_are_said(listing: Listing, tasks: Any, show: Any) -> None:
    tab = show(RunsTab(listing))
    tasks.fail(tasks.take(), UserError("No runs.", "Look for them."))
    assert banner(tab) == "No runs. Look for them."


# --- when it looks through them


def test_it_lists_when_it_comes_into_sight_and_only_once(listing: Listing, tasks: Any, show: Any) -> None:
    tab = show(RunsTab(listing))
    tasks.run()
    tab.hide()
    tab.show()
    assert len(listing.given) == 1
    assert tasks.waiting == []


def test_a_run_that_ends_elsewhere_is_listed_when_the_tab_is_shown(
    tab: RunsTab, root: Path, tasks: Any, make_run: Any
) -> None:
    tab.hide()
    tab.set_training(True)
    make_run(root, "2026-01-04 10.00.00 small-cnn")
    tab.set_training(False)
    assert tasks.waiting == []
    tab.show()
    tasks.run()
    assert len(column(tab, "Began")) == 4


def test_what_was_selected_stays_selected(
    tab: RunsTab, root: Path, tasks: Any, make_run: Any, person: Any
) -> None:
    person.select(table(tab), 1)
    make_run(root, "2026-01-04 10.00.00 small-cnn")
    tab.refresh()
    tasks.run()
    assert [run.folder.name for run in tab.selected] == [NAMES[1]]


def test_a_listing_that_comes_late_is_not_shown(tab: RunsTab, tasks: Any) -> None:
    tab.refresh()
    late = tasks.take()
    tab.refresh()
    assert late.is_stopping
    tasks.succeed(late, RunList(runs=[]))
    assert len(column(tab, "Began")) == 3
    tasks.run()


def test_progress_is_told_and_its_end(tab: RunsTab, tasks: Any, qtbot: QtBot) -> None:
    tab.refresh()
    task, progress = tasks.take(), Progress(stage="Looking", done=1, total=2)
    with qtbot.waitSignal(tab.progressed) as told:
        task.reported.emit(progress)
    assert told.args == [progress]
    with qtbot.waitSignal(tab.progressed) as told:
        tasks.succeed(task, RunList(runs=[]))
    assert told.args == [None]


# --- one run, and several


def test_the_run_that_is_selected_shows_its_curves_settings_and_audit(tab: RunsTab, person: Any) -> None:
    person.select(table(tab), 1)
    words = reads(tab, person)
    assert "Shortcut audit: red. The frame tells." in words
    assert "Learning rate\n0.001" in words
    assert person.sees(tab, "curves_of_run")
    person.select(table(tab), 0)
    assert "Shortcut audit" not in person.reads(tab)


def test_two_runs_are_compared(tab: RunsTab, person: Any) -> None:
    person.select(table(tab), 1, 2)
    words = reads(tab, person)
    assert "2 runs compared" in words
    assert "A and B: AUROC 0.625 and 0.625 on the 8 validation images that both have" in words
    assert "Settings that differ\nA\nB\nEpochs\n9\n25" in words
    canvas = person.find(tab, RunCurvesCanvas, "curves_of_runs")
    assert canvas.isVisible()
    assert "A: Small CNN, 2026-01-02 10:00, B: Small CNN, 2026-01-01 10:00" in canvas.accessibleName()


def test_of_many_runs_four_are_compared_and_it_says_so(
    tab: RunsTab, root: Path, tasks: Any, make_run: Any, person: Any
) -> None:
    for day in (4, 5):
        make_run(root, f"2026-01-0{day} 10.00.00 small-cnn")
    tab.refresh()
    tasks.run()
    person.select(table(tab), 0, 1, 2, 3, 4)
    assert "The first 4 of 5 runs compared" in person.reads(tab)
    assert (
        len(person.find(tab, RunCurvesCanvas, "curves_of_runs").figure.axes[0].get_legend().get_texts()) == 4
    )


def test_what_needs_one_run_is_off_for_two_and_for_none(tab: RunsTab, person: Any) -> None:
    names = ("open_run", "rename_run", "annotate_run", "delete_runs")
    assert all(action(tab, name).isEnabled() for name in names)
    person.select(table(tab), 0, 1)
    assert [action(tab, name).isEnabled() for name in names] == [False, False, False, True]
    table(tab).clearSelection()
    assert not any(action(tab, name).isEnabled() for name in names)
    person.select(table(tab), 0)
    assert all(action(tab, name).isEnabled() for name in names)


def test_the_context_menu_offers_what_the_buttons_do(tab: RunsTab, person: Any) -> None:
    assert table(tab).contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [entry.text() for entry in table(tab).actions()] == ["Open model", "Rename", "Annotate", "Delete"]


# --- what is done with runs


def test_the_model_of_a_run_is_opened(tab: RunsTab, person: Any, root: Path, qtbot: QtBot) -> None:
    person.select(table(tab), 2)
    with qtbot.waitSignal(tab.model_chosen) as chosen:
        person.click(tab, "open_run")
    assert chosen.args == [root / NAMES[0] / "model.keras"]


@pytest.mark.parametrize(
    ("button", "name", "field"), [("rename_run", "Name", "name"), ("annotate_run", "Note", "note")]
)
def test_a_run_is_given_a_name_and_a_note_in_its_row(
    tab: RunsTab, person: Any, root: Path, button: str, name: str, field: str
) -> None:
    person.select(table(tab), 1)
    person.click(tab, button)
    type_into_cell(tab, "Without flips")
    assert column(tab, name) == ["", "Without flips", ""]
    assert "Without flips" in person.reads(tab)
    (run,) = [run for run in list_runs(root) if getattr(run, field)]
    assert (run.folder.name, getattr(run, field)) == (NAMES[1], "Without flips")


def test_a_name_that_cannot_be_kept_is_said_and_not_shown(
    tab: RunsTab, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("The disk is full.", "Free some space.")

    monkeypatch.setattr("covid_desktop.core.runs.write_text", refuse)
    person.click(tab, "rename_run")
    type_into_cell(tab, "Lost")
    assert banner(tab) == "The disk is full. Free some space."
    assert column(tab, "Name") == ["", "", ""]


def test_runs_that_are_deleted_come_back_from_the_banner(tab: RunsTab, person: Any, root: Path) -> None:
    person.select(table(tab), 0, 2)
    person.click(tab, "delete_runs")
    assert column(tab, "Began") == ["2026-01-02 10:00"]
    assert (
        banner(tab)
        == f"2 runs moved to the trash. Nothing is erased until you empty {root / '.trash'} yourself."
    )
    person.click(tab, "banner_action")
    assert column(tab, "Began") == [f"2026-01-0{day} 10:00" for day in (3, 2, 1)]
    assert sorted(run.folder.name for run in tab.selected) == [NAMES[0], NAMES[2]]
    assert banner(tab) == ""
    assert len(list_runs(root)) == 3


def test_a_run_that_cannot_be_deleted_stays_and_is_said(
    tab: RunsTab, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    person.click(tab, "delete_runs")
    assert "could not be moved to the trash: Permission denied" in banner(tab)
    assert len(column(tab, "Began")) == 3


def test_after_the_last_run_is_deleted_the_tab_is_empty(tab: RunsTab, person: Any) -> None:
    person.select(table(tab), 0, 1, 2)
    person.click(tab, "delete_runs")
    assert "Every training run is kept here" in person.reads(tab)
    person.click(tab, "banner_action")
    assert len(column(tab, "Began")) == 3


def test_no_run_is_deleted_while_one_goes_on(tab: RunsTab, tasks: Any) -> None:
    tab.set_training(True)
    assert not action(tab, "delete_runs").isEnabled()
    assert action(tab, "open_run").isEnabled()
    tab.set_training(False)
    tasks.run()
    assert action(tab, "delete_runs").isEnabled()


# --- files


def test_the_table_in_sight_is_saved_as_csv(tab: RunsTab, person: Any, dialogs: Any, tmp_path: Path) -> None:
    file = dialogs.answers["save_as"] = tmp_path / "table.csv"
    QTest.keyClicks(person.find(tab, QLineEdit, "search_runs"), "red")
    action(tab, "runs_table").trigger()
    with file.open(encoding="utf-8") as lines:
        assert [row["folder"] for row in csv.DictReader(lines)] == [NAMES[1]]
    assert banner(tab) == f"Saved as table.csv. {tmp_path}"


def test_the_curves_of_the_selected_runs_are_saved_as_csv(
    tab: RunsTab, person: Any, dialogs: Any, tmp_path: Path
) -> None:
    file = dialogs.answers["save_as"] = tmp_path / "curves.csv"
    person.select(table(tab), 0, 1)
    action(tab, "runs_curves_csv").trigger()
    with file.open(encoding="utf-8") as lines:
        assert [row["epoch"] for row in csv.DictReader(lines)] == ["1", "2", "3", "1", "2"]


@pytest.mark.parametrize("rows", [(0,), (0, 1)])
def test_the_curves_are_saved_as_pictures(
    tab: RunsTab, person: Any, dialogs: Any, tmp_path: Path, rows: tuple[int, ...]
) -> None:
    person.select(table(tab), *rows)
    dialogs.answers["save_as"] = tmp_path / "curves.png"
    action(tab, "runs_curves_png").trigger()
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG"
        assert len(set(picture.convert("L").tobytes())) > 10
    dialogs.answers["save_as"] = tmp_path / "curves.svg"
    action(tab, "runs_curves_svg").trigger()
    assert "<svg" in (tmp_path / "curves.svg").read_text(encoding="utf-8")


def test_nothing_is_saved_when_the_question_is_cancelled(tab: RunsTab, dialogs: Any) -> None:
    action(tab, "runs_table").trigger()
    assert dialogs.asked == ["save_as"]
    assert banner(tab) == ""


def test_a_file_that_cannot_be_written_is_said(tab: RunsTab, dialogs: Any, tmp_path: Path) -> None:
    dialogs.answers["save_as"] = tmp_path / "nowhere" / "curves.png"
    action(tab, "runs_curves_png").trigger()
    assert "curves.png could not be written" in banner(tab)


# --- in the window


def refuse(file: Path, **_: Any) -> None:
    raise UserError(f"{file.parent.name} was asked for.")


@pytest.fixture
def in_window(make_window: Any, listing: Listing, dialogs: Any, tasks: Any) -> Any:
    window = make_window(runs=RunsTab(listing, dialogs), load_model=refuse)
    window.show_tab("runs")
    tasks.run("runs")
    return window


def test_the_window_loads_the_model_that_is_chosen(in_window: Any, tasks: Any, person: Any) -> None:
    person.click(in_window, "open_run")
    tasks.run("model")
    banners = [found.accessibleName() for found in in_window.findChildren(Banner) if found.isVisible()]
    assert banners == [f"{NAMES[2]} was asked for."]


def test_the_last_tab_has_a_key(in_window: Any, person: Any, qtbot: QtBot) -> None:
    in_window.show_tab("data")
    in_window.activateWindow()
    qtbot.waitUntil(in_window.isActiveWindow)
    person.press(in_window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert in_window.current_tab == "runs"
    assert in_window.runs.isVisible()


def test_a_run_that_has_ended_in_the_window_is_listed(
    in_window: Any, tasks: Any, folder: Path, result: Any, listing: Listing
) -> None:
    in_window.open_folder(folder)
    tasks.run_all()
    in_window.train.start()
    training = tasks.take()
    in_window.show_tab("runs")
    tasks.run("runs")
    listed = len(listing.given)
    tasks.succeed(training, result)
    tasks.run("runs")
    assert len(listing.given) == listed + 1


def test_the_empty_tab_leads_to_training_in_the_window(
    make_window: Any, tmp_path: Path, tasks: Any, person: Any
) -> None:
    (tmp_path / "none").mkdir()
    window = make_window(runs=RunsTab(Listing(tmp_path / "none")))
    window.show_tab("runs")
    tasks.run("runs")
    person.click(window, "train_from_runs")
    assert window.current_tab == "train"


@pytest.mark.parametrize("size", [(1024, 700), (1200, 800)])
def test_nothing_is_clipped(in_window: Any, person: Any, size: tuple[int, int]) -> None:
    in_window.resize(*size)
    for rows in ((0,), (0, 1)):
        person.select(table(in_window.runs), *rows)
        QApplication.processEvents()
        found = [widget for widget in in_window.runs.findChildren(QWidget) if widget.isVisible()]
        needs = {w: w.minimumSizeHint() for w in found if "Header" not in type(w).__name__}
        clipped = [
            widget.objectName() or type(widget).__name__
            for widget, need in needs.items()
            if need.width() > widget.width() or need.height() > widget.height()
        ]
        assert clipped == []
        assert (in_window.width(), in_window.height()) == size
