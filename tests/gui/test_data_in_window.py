"""The Data tab in its window: menus and keys for what is decided, the rail's badge, and what runs tell."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop import curation, jobs
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.findings import Remedy
from covid_desktop.curation import CheckedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.locked_tile import LockedTile
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.patients_dialog import PatientsDialog
from covid_desktop.gui.thumbnails import ThumbnailGrid

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def with_data(window: MainWindow, tasks: Any, folder: Path) -> MainWindow:
    """Opened and checked."""
    window.open_folder(folder)
    tasks.run_all()
    return window


@pytest.fixture
def decided(with_data: MainWindow, tasks: Any, folder: Path) -> MainWindow:
    """One image is excluded, and the data checked again."""
    with_data.data.deciding.exclude([folder / "COVID-19" / "000.png"])
    tasks.run_all()
    return with_data


def action(window: MainWindow, name: str) -> QAction:
    return window.findChild(QAction, f"action_{name}")


def trigger(window: MainWindow, name: str) -> None:
    assert action(window, name).isEnabled(), f"{name} is not enabled"
    action(window, name).trigger()


def steps(window: MainWindow) -> dict[str, bool]:
    """What can be undone and done again, as the menu has it."""
    return {action(window, name).text(): action(window, name).isEnabled() for name in ("undo", "redo")}


def activate(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def banners(window: MainWindow) -> list[str]:
    return [banner.accessibleName() for banner in window.findChildren(Banner) if banner.isVisible()]


def badge(window: MainWindow) -> str:
    return window.findChild(QWidget, "tab_data").accessibleDescription()


def images(window: MainWindow) -> int:
    return len(window.data.opened.dataset.samples)


def excluded(folder: Path) -> dict[str, str]:
    """As it stands beside the data."""
    return json.loads((folder / DECISIONS_FILE).read_text())["excluded"]


def chosen_finding(window: MainWindow) -> str:
    return window.findChild(QListWidget, "findings").currentItem().text()


# --- undo and redo


def test_a_remedy_is_undone_by_key_and_the_file_follows(
    with_data: MainWindow,
    tasks: Any,
    person: Any,
    check: Any,
    make_finding: Any,
    folder: Path,
    qtbot: QtBot,
) -> None:
    groups = [(folder / "COVID-19" / f"00{number}.png",) for number in range(2)]
    check.findings = (make_finding("blank", groups=groups, remedies=("exclude",)),)
    person.click(with_data, "check_data")
    tasks.run()
    person.click(with_data.data, "banner_action")
    person.click(with_data, "exclude")
    assert banners(with_data) == ["2 files are excluded."]
    assert images(with_data) == 9
    assert len(excluded(folder)) == 2
    activate(with_data, qtbot)
    person.press(with_data, "Z", CONTROL)
    assert images(with_data) == 11
    assert excluded(folder) == {}
    assert banners(with_data) == []
    redo = action(with_data, "redo").shortcut()[0]  # not the same on every system
    person.press(with_data, redo.key(), redo.keyboardModifiers())
    assert images(with_data) == 9
    assert len(excluded(folder)) == 2


def test_the_menu_names_the_steps(decided: MainWindow) -> None:
    assert steps(decided) == {"&Undo: exclude 1 file": True, "&Redo": False}
    trigger(decided, "undo")
    assert steps(decided) == {"&Undo": False, "&Redo: exclude 1 file": True}
    trigger(decided, "redo")
    assert steps(decided) == {"&Undo: exclude 1 file": True, "&Redo": False}


def test_an_undo_from_another_tab_shows_what_it_did(decided: MainWindow) -> None:
    decided.show_tab("train")
    trigger(decided, "undo")
    assert decided.current_tab == "data"
    assert images(decided) == 11


def test_on_the_predict_tab_undo_is_about_marks_and_leaves_the_data_alone(
    decided: MainWindow, tasks: Any, folder: Path, make_model: Any
) -> None:
    decided._set_model(make_model())
    decided.score([folder / "COVID-19" / "005.png"])
    tasks.run_all()
    assert steps(decided) == {"&Undo": False, "&Redo": False}
    decided.predict.view.agree()
    assert steps(decided) == {"&Undo: Agree, 005.png": True, "&Redo": False}
    trigger(decided, "undo")
    assert steps(decided) == {"&Undo": False, "&Redo: Agree, 005.png": True}
    assert decided.current_tab == "predict"
    assert images(decided) == 10
    trigger(decided, "redo")
    assert decided.predict.worklist.review(folder / "COVID-19" / "005.png").verdict == "agreed"
    decided.show_tab("data")
    assert steps(decided) == {"&Undo: exclude 1 file": True, "&Redo": False}


def test_what_is_typed_is_undone_where_it_is_typed(
    decided: MainWindow, tasks: Any, person: Any, qtbot: QtBot
) -> None:
    decided.show_tab("train")
    activate(decided, qtbot)
    epochs = person.find(decided, QSpinBox, "epochs")
    epochs.setFocus()
    person.press(epochs, "Z", CONTROL)
    assert images(decided) == 10
    assert decided.current_tab == "train"


def test_a_name_with_an_ampersand_is_named_as_it_is(
    window: MainWindow, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    for name in ("Lungs & heart", "Healthy"):
        draw(tmp_path / "named" / name, 4)
    window.open_folder(tmp_path / "named")
    tasks.run_all()
    for name in ("Healthy", "Lungs & heart"):
        window.data.deciding.make_positive(name)
    assert steps(window) == {"&Undo: make Lungs && heart positive": True, "&Redo": False}


@pytest.mark.parametrize("name", ["undo", "redo"])
def test_a_step_that_fails_is_offered_no_more(
    decided: MainWindow, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: Any) -> None:
        raise UserError("The disk is full.", "Free some space.")

    if name == "redo":
        trigger(decided, "undo")
    before = images(decided)
    monkeypatch.setattr(curation, "save_decisions", fail)
    trigger(decided, name)
    assert banners(decided) == ["The disk is full. Free some space."]
    assert images(decided) == before
    assert steps(decided) == {"&Undo": False, "&Redo": False}


def test_of_another_folder_nothing_is_left_to_undo(
    decided: MainWindow, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    for name in ("A", "B"):
        draw(tmp_path / "other" / name, 4)
    decided.open_folder(tmp_path / "other")
    tasks.run_all()
    assert steps(decided) == {"&Undo": False, "&Redo": False}


# --- other entries of the menu


def test_entries_are_enabled_only_when_they_can_do_something(
    window: MainWindow, tasks: Any, folder: Path
) -> None:
    names = ("run_audit", "choose_patients", "set_test_aside")

    def enabled() -> list[str]:
        return [name for name in names if action(window, name).isEnabled()]

    assert enabled() == []
    window.open_folder(folder)
    tasks.run_all()
    assert enabled() == list(names)
    trigger(window, "set_test_aside")
    assert enabled() == ["run_audit", "choose_patients"]
    trigger(window, "undo")
    assert enabled() == list(names)
    tasks.run_all()
    trigger(window, "run_audit")
    assert enabled() == ["choose_patients", "set_test_aside"]


def test_the_audit_is_asked_for_from_anywhere(
    with_data: MainWindow, tasks: Any, person: Any, make_audit: Any
) -> None:
    with_data.show_tab("train")
    trigger(with_data, "run_audit")
    assert with_data.current_tab == "data"
    assert person.find(with_data, QPushButton, "run_audit").text() == "Running the audit"
    assert person.find(with_data, QLabel, "status_now").text() == "Auditing for shortcuts"
    tasks.succeed(tasks.take(), make_audit("amber"))
    assert "A sentence for amber." in person.reads(with_data)
    assert person.find(with_data, QLabel, "status_now").text() == "Ready"


def test_a_test_set_is_set_aside_from_anywhere(with_data: MainWindow, person: Any) -> None:
    with_data.show_tab("train")
    trigger(with_data, "set_test_aside")
    assert with_data.current_tab == "data"
    assert with_data.findChild(LockedTile).accessibleName().startswith("Test: COVID-19 1, Healthy 1")
    assert person.sees(with_data, "test_lock")


def test_patients_are_asked_for_from_anywhere(with_data: MainWindow, person: Any) -> None:
    with_data.show_tab("train")
    trigger(with_data, "choose_patients")
    assert with_data.current_tab == "data"
    (dialog,) = with_data.findChildren(PatientsDialog)
    assert dialog.isVisible()
    person.click(dialog, "cancel_pattern")


# --- the badge


def test_the_badge_says_what_must_not_be_overlooked(
    with_data: MainWindow, tasks: Any, person: Any, check: Any, make_finding: Any, make_audit: Any
) -> None:
    assert badge(with_data) == "1 skipped"
    check.findings = (make_finding("leak"), make_finding("blank", "warning"))
    person.click(with_data, "check_data")
    tasks.run()
    assert badge(with_data) == "1 serious finding"
    with_data.data.show_audit(make_audit("red"), with_data.data.opened)
    assert badge(with_data) == "2 serious findings"
    check.findings = ()
    person.click(with_data, "check_data")
    tasks.run()
    with_data.data.show_audit(make_audit("green"), with_data.data.opened)
    assert badge(with_data) == "1 skipped"


def test_without_anything_to_say_there_is_no_badge(window: MainWindow, tasks: Any, folder: Path) -> None:
    (folder / "Healthy" / "notes.txt").unlink()
    window.open_folder(folder)
    tasks.run_all()
    assert badge(window) == ""


# --- training runs


def test_what_a_run_finds_is_shown_on_the_data_tab(
    with_data: MainWindow,
    tasks: Any,
    person: Any,
    make_finding: Any,
    make_audit: Any,
    result: jobs.TrainingResult,
) -> None:
    trigger(with_data, "start_training")
    training = tasks.take()
    opened = with_data.data.opened
    training.reported.emit(CheckedDataset(opened=opened, facts={}, findings=(make_finding("leak"),)))
    assert badge(with_data) == "1 serious finding"
    tasks.succeed(training, replace(result, audit=make_audit("red")))
    assert badge(with_data) == "2 serious findings"
    assert with_data.current_tab == "train"
    person.click(with_data, "explain_audit")
    assert with_data.current_tab == "data"
    assert chosen_finding(with_data) == "Shortcut audit: red"
    assert "The data has changed since" not in person.reads(with_data)


def test_a_run_s_audit_is_outdated_by_a_decision_made_meanwhile(
    with_data: MainWindow, tasks: Any, person: Any, make_audit: Any, folder: Path, result: jobs.TrainingResult
) -> None:
    trigger(with_data, "start_training")
    training = tasks.take()
    with_data.data.deciding.exclude([folder / "COVID-19" / "000.png"])
    tasks.succeed(training, replace(result, audit=make_audit("red")))
    person.click(with_data, "explain_audit")
    assert "The data has changed since this audit was made." in person.reads(with_data)
    assert badge(with_data) == "1 skipped"


def test_a_decision_is_for_the_next_run(with_data: MainWindow, person: Any, folder: Path) -> None:
    with_data.data.deciding.exclude([folder / "COVID-19" / "000.png"])
    with_data.show_tab("train")
    split = with_data.data.opened.split
    training, validation = len(split.training), len(split.validation)
    assert training + validation == 10
    assert f"Ready to train on {training} images, judged on {validation} others." in person.reads(with_data)


# --- room


def test_no_finding_widens_a_small_window(
    with_data: MainWindow, tasks: Any, person: Any, check: Any, make_finding: Any, folder: Path
) -> None:
    remedies: tuple[tuple[Remedy, ...], ...] = (
        ("exclude", "relabel"),
        ("same-set", "keep-one", "exclude"),
        ("keep-one", "exclude"),
    )
    files = sorted((folder / "COVID-19").glob("*.png"))
    check.findings = tuple(
        make_finding(f"kind {n}", groups=[files], remedies=r) for n, r in enumerate(remedies)
    )
    person.click(with_data, "check_data")
    tasks.run()
    with_data.resize(QSize(1, 1))
    person.click(with_data, "choose_findings")
    entries = with_data.findChild(QListWidget, "findings")
    grid = with_data.findChild(ThumbnailGrid, "finding_images")
    for row in (0, 1, 2, 3, 2, 1):
        entries.setCurrentRow(row)
        grid.selectAll()
        QApplication.processEvents()
        assert with_data.width() <= 1024
        assert with_data.height() <= 700


def test_images_of_a_finding_have_room_in_the_smallest_window(
    with_data: MainWindow, tasks: Any, person: Any, check: Any, make_finding: Any, folder: Path
) -> None:
    """Below its words, and below a notice."""
    finding = make_finding("leak", groups=[sorted(folder.glob("*/*.png"))], remedies=("exclude",))
    words = (
        "A network knows such a picture from training, so that validation and test look better than they are."
    )
    check.findings = (replace(finding, why=words, fix=words),)
    person.click(with_data, "check_data")
    tasks.run()
    with_data.data.show_audit_entry()
    with_data.findChild(QListWidget, "findings").setCurrentRow(1)
    assert len(banners(with_data)) == 1
    with_data.resize(QSize(1, 1))
    QApplication.processEvents()
    grid = with_data.findChild(ThumbnailGrid, "finding_images")
    assert grid.isVisible()
    assert grid.height() >= grid.minimumSizeHint().height()


# --- closing


def test_closing_while_a_check_runs_waits_for_it_and_begins_nothing_more(
    window: MainWindow, tasks: Any, folder: Path
) -> None:
    window.open_folder(folder)
    tasks.run()
    checking = tasks.take()
    window.data.start_audit()
    window.close()
    assert checking.is_stopping
    assert window.isHidden()
    tasks.succeed(checking, CheckedDataset(opened=window.data.opened, facts={}, findings=()))
    assert tasks.waiting == []
