"""The Data tab: open a folder, look at what it holds, check it."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QToolButton,
    QTreeWidget,
)
from pytestqt.qtbot import QtBot

from covid_desktop import curation
from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, Split
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.events import Progress
from covid_desktop.core.findings import Finding
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.class_widgets import CountTile
from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.patients_dialog import PatientsDialog
from covid_desktop.gui.task import Background
from covid_desktop.gui.thumbnails import ThumbnailGrid


class FakeAudit:
    """Finds at once what it was made with; ``given`` says what it audited."""

    def __init__(self, result: ShortcutAudit) -> None:
        self.result = result
        self.given: list[OpenedDataset] = []

    def __call__(self, opened: OpenedDataset, **_: Any) -> ShortcutAudit:
        self.given.append(opened)
        return self.result


@pytest.fixture
def audit(make_audit: Any) -> FakeAudit:
    return FakeAudit(make_audit("red"))


@pytest.fixture
def tab(tasks: Any, show: Any, check: Any, audit: FakeAudit) -> Any:
    return show(DataTab(check=check, audit=audit))


@pytest.fixture
def full_tab(tab: DataTab, tasks: Any, folder: Path) -> DataTab:
    tab.open_folder(folder)
    tasks.run_all()
    return tab


def banner(tab: DataTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def tiles(tab: DataTab) -> list[str]:
    return [tile.accessibleName() for tile in tab.findChildren(CountTile)]


def skipped(tab: DataTab) -> dict[str, str]:
    tree: QTreeWidget = tab.findChild(QTreeWidget, "skipped_files")
    rows = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    return {row.text(0): row.text(1) for row in rows}


def findings(tab: DataTab) -> list[str]:
    entries: QListWidget = tab.findChild(QListWidget, "findings")
    return [entries.item(row).text() for row in range(entries.count())]


def chosen(tab: DataTab) -> str:
    return tab.findChild(QListWidget, "findings").currentItem().text()


def written(tab: DataTab) -> dict[str, Any]:
    """What was decided, as it stands beside the data."""
    return json.loads((tab.opened.scanned.folder / DECISIONS_FILE).read_text())


def kinds(tasks: Any) -> list[str]:
    """What the tasks that wait were given to do."""
    names = {"FakeCheck": "check", "FakeAudit": "audit", "function": "open"}
    return [names[type(task._job.func).__name__] for task in tasks.waiting]


def names_in_grid(tab: DataTab) -> list[str]:
    images = tab.findChild(ThumbnailGrid, "thumbnails").images
    return [images.path(images.index(row)).name for row in range(images.rowCount())]


def made_up(folder: Path, count: int, skipped: tuple[SkippedFile, ...] = ()) -> OpenedDataset:
    """A data set of files that are not there."""
    samples = tuple(Sample(path=folder / f"{number}.png", label=number % 2) for number in range(count))
    names = ("Healthy", "COVID-19")
    dataset = Dataset(folder=folder, class_names=names, samples=samples, skipped=skipped)
    split = Split(training=samples[2:], validation=samples[:2])
    return OpenedDataset(scanned=dataset, decisions=Decisions(), dataset=dataset, split=split)


def test_before_there_is_a_folder_it_says_what_comes_here(tab: DataTab, person: Any, qtbot: QtBot) -> None:
    assert "Choose a folder of images" in person.reads(tab)
    with qtbot.waitSignal(tab.choose_requested):
        person.click(tab, "choose_first_folder")
    with qtbot.waitSignal(tab.demo_requested):
        person.click(tab, "try_demo")


def test_a_folder_is_shown_with_counts_names_and_skipped_files(full_tab: DataTab, person: Any) -> None:
    assert full_tab.opened is not None
    read = person.reads(full_tab)
    assert "chest / 11 images" in read
    assert "COVID-19" in read
    training, validation, test = tiles(full_tab)
    assert training.startswith("Training: COVID-19 ")
    assert validation.startswith("Validation: COVID-19 ")
    assert test.startswith("Test: None")
    assert person.find(full_tab, QPushButton, "choose_positive").text() == "COVID-19  6"
    assert person.find(full_tab, QPushButton, "choose_negative").text() == "Healthy  5"
    assert person.find(full_tab, QPushButton, "choose_skipped").text() == "Skipped  1"
    assert len(names_in_grid(full_tab)) == 6


def test_skipped_files_are_listed_with_their_reasons(full_tab: DataTab, person: Any) -> None:
    assert "1 file is not used." in banner(full_tab)
    person.click(full_tab, "banner_action")
    assert person.sees(full_tab, "skipped_files")
    ((name, reason),) = skipped(full_tab).items()
    assert Path(name) == Path("Healthy/notes.txt")
    assert reason.endswith(".")


def test_the_filter_shows_the_other_class(full_tab: DataTab, person: Any) -> None:
    person.click(full_tab, "choose_negative")
    assert len(names_in_grid(full_tab)) == 5
    person.click(full_tab, "choose_skipped")
    assert not person.sees(full_tab, "thumbnails")
    person.click(full_tab, "choose_positive")
    assert len(names_in_grid(full_tab)) == 6


def test_the_positive_class_can_be_changed(full_tab: DataTab, person: Any, qtbot: QtBot) -> None:
    positive = person.find(full_tab, QComboBox, "positive_class")
    assert [positive.itemText(number) for number in range(positive.count())] == ["COVID-19", "Healthy"]
    assert positive.currentText() == "COVID-19"
    before = full_tab.opened
    with qtbot.waitSignal(full_tab.dataset_changed) as changed:
        person.press(positive, "H")
    (after,) = changed.args
    assert after is full_tab.opened
    assert after.dataset.class_names == ("COVID-19", "Healthy")
    assert {sample.path for sample in after.split.validation} == {
        sample.path for sample in before.split.validation
    }
    assert person.find(full_tab, QPushButton, "choose_positive").text() == "Healthy  5"
    assert len(names_in_grid(full_tab)) == 5


@pytest.mark.parametrize(
    ("classes", "what"),
    [
        ((), "There are no class folders here."),
        (("COVID-19",), "There is only one class folder, COVID-19."),
        (("A", "B", "C"), "There are 3 class folders: A, B, C."),
    ],
)
def test_a_folder_that_cannot_be_used_says_what_to_do(
    tab: DataTab,
    tasks: Any,
    person: Any,
    tmp_path: Path,
    draw: Any,
    qtbot: QtBot,
    classes: tuple[str, ...],
    what: str,
) -> None:
    for name in classes:
        draw(tmp_path / "wrong" / name, 2)
    (tmp_path / "wrong").mkdir(exist_ok=True)
    tab.open_folder(tmp_path / "wrong")
    tasks.run()
    assert banner(tab).startswith(what)
    assert len(banner(tab)) > len(what) + 20
    assert tab.opened is None
    with qtbot.waitSignal(tab.choose_requested):
        person.click(tab, "banner_action")


def test_a_missing_folder_is_named(tab: DataTab, tasks: Any, tmp_path: Path) -> None:
    tab.open_folder(tmp_path / "gone")
    tasks.run()
    assert "gone does not exist. Choose another folder." in banner(tab)


def test_a_folder_that_fails_leaves_the_one_before(full_tab: DataTab, tasks: Any, tmp_path: Path) -> None:
    before = full_tab.opened
    full_tab.open_folder(tmp_path / "gone")
    tasks.run()
    assert full_tab.opened is before
    assert "does not exist" in banner(full_tab)


def test_opening_shows_that_it_works_and_can_be_cancelled(
    tab: DataTab, tasks: Any, person: Any, folder: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(tab.progressed) as progressed:
        tab.open_folder(folder)
    assert progressed.args == [Progress(stage="Opening the folder")]
    with qtbot.waitSignal(tab.progressed) as progressed:
        person.click(tab, "cancel_first_folder")
    assert progressed.args == [None]
    task = tasks.take()
    assert task.is_stopping
    tasks.succeed(task, made_up(folder, 8))
    assert tab.opened is None
    assert not person.sees(tab, "cancel_first_folder")


def test_progress_is_passed_on(tab: DataTab, tasks: Any, folder: Path, qtbot: QtBot) -> None:
    tab.open_folder(folder)
    progress = Progress(stage="Looking through the folder", done=1, total=2)
    with qtbot.waitSignal(tab.progressed) as progressed:
        tasks.take().reported.emit(progress)
    assert progressed.args == [progress]


def test_an_answer_to_an_older_request_is_dropped(
    tab: DataTab, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    tab.open_folder(tmp_path / "older")
    older = tasks.take()
    tab.open_folder(folder)
    assert older.is_stopping
    tasks.succeed(older, made_up(tmp_path / "older", 8))
    assert tab.opened is None
    assert person.sees(tab, "cancel_first_folder")
    tasks.run_all()
    assert tab.opened.dataset.folder == folder


def test_news_under_way_from_an_older_request_is_dropped(
    show: Any, check: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    """In real threads, an answer may wait in the event queue when the next folder is asked for."""
    answers = {"older": made_up(tmp_path / "older", 8), "newer": made_up(tmp_path / "newer", 8)}
    tab = show(DataTab(lambda folder, **_: answers[folder.name], check))
    changes: list[OpenedDataset] = []
    tab.dataset_changed.connect(changes.append)
    tab.open_folder(tmp_path / "older")
    assert tab._jobs._task is not None
    tab._jobs._task.wait()
    tab.open_folder(tmp_path / "newer")
    qtbot.waitUntil(lambda: bool(changes))
    assert changes == [answers["newer"]]


def test_the_same_folder_twice_is_the_same_data(full_tab: DataTab, tasks: Any, folder: Path) -> None:
    before = full_tab.opened
    full_tab.open_folder(folder)
    full_tab.open_folder(folder)
    tasks.run_all()
    assert (full_tab.opened.dataset, full_tab.opened.split) == (before.dataset, before.split)
    assert len(names_in_grid(full_tab)) == 6


def test_check_finds_files_that_cannot_be_read(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any, qtbot: QtBot
) -> None:
    check.unreadable = (SkippedFile(path=folder / "COVID-19" / "000.png", reason="Damaged."),)
    person.click(full_tab, "check_data")
    assert not person.find(full_tab, QPushButton, "check_data").isEnabled()
    with qtbot.waitSignal(full_tab.dataset_changed):
        tasks.run()
    assert len(full_tab.opened.dataset.samples) == 10
    assert len(skipped(full_tab)) == 2
    assert person.find(full_tab, QPushButton, "check_data").isEnabled()


def test_check_that_finds_nothing_says_so(full_tab: DataTab, tasks: Any, person: Any, folder: Path) -> None:
    (folder / "Healthy" / "notes.txt").unlink()
    full_tab.open_folder(folder)
    tasks.run_all()
    assert banner(full_tab) == ""
    person.click(full_tab, "check_data")
    tasks.run()
    assert banner(full_tab) == "All 11 images can be read; nothing to complain of."


def test_check_can_be_cancelled(full_tab: DataTab, tasks: Any, person: Any) -> None:
    before = full_tab.opened
    person.click(full_tab, "check_data")
    task = tasks.take()
    person.click(full_tab, "cancel_data_job")
    assert task.is_stopping
    task.stopped.emit()
    assert full_tab.opened is before
    assert not person.sees(full_tab, "cancel_data_job")
    assert person.find(full_tab, QPushButton, "check_data").isEnabled()


def test_a_check_and_a_run_that_skip_the_same_files_skip_them_once(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any
) -> None:
    gone = [folder / "COVID-19" / f"00{number}.png" for number in range(3)]
    files = tuple(SkippedFile(path=path, reason="Not there.") for path in gone)
    check.unreadable = files[:2]
    person.click(full_tab, "check_data")
    full_tab.show_skipped(files[1:])
    assert tasks.take().is_stopping
    tasks.run()
    assert len(skipped(full_tab)) == 4
    assert len(full_tab.opened.dataset.samples) == 8


def test_files_skipped_in_another_folder_are_none_of_this_one(full_tab: DataTab, tmp_path: Path) -> None:
    before = full_tab.opened
    full_tab.show_skipped((SkippedFile(path=tmp_path / "elsewhere.png", reason="Damaged."),))
    assert full_tab.opened is before
    assert len(skipped(full_tab)) == 1


def test_a_thumbnail_that_cannot_be_read_offers_the_check(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any
) -> None:
    check.unreadable = (SkippedFile(path=folder / "COVID-19" / "000.png", reason="Damaged."),)
    (folder / "COVID-19" / "000.png").write_bytes(b"\x89PNG no more")
    QApplication.processEvents()
    tasks.answer(full_tab)
    assert banner(full_tab).startswith("000.png cannot be read: ")
    person.click(full_tab, "banner_action")
    tasks.run()
    assert len(full_tab.opened.dataset.samples) == 10


def test_a_double_clicked_image_is_told(full_tab: DataTab, person: Any, folder: Path, qtbot: QtBot) -> None:
    grid = full_tab.findChild(ThumbnailGrid, "thumbnails")
    grid.setCurrentIndex(grid.images.index(1))
    with qtbot.waitSignal(full_tab.image_opened) as opened:
        grid.activated.emit(grid.images.index(1))
    assert opened.args == [folder / "COVID-19" / "001.png"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    requests: list[Any] = []
    monkeypatch.setattr(Background, "ask", lambda _, request: requests.append(request))
    return requests


def test_10000_files_are_shown_at_once_and_only_those_in_sight_are_read(
    tab: DataTab, tasks: Any, tmp_path: Path, asked: list[Any]
) -> None:
    opened = made_up(tmp_path, 10_000)
    tab.open_folder(tmp_path)
    began = time.process_time()
    tasks.succeed(tasks.take(), opened)
    QApplication.processEvents()
    assert time.process_time() - began < 1
    assert len(names_in_grid(tab)) == 5000
    assert 0 < len(set(asked)) < 80
    grid = tab.findChild(ThumbnailGrid, "thumbnails")
    asked.clear()
    grid.scrollToBottom()
    QApplication.processEvents()
    assert opened.dataset.samples[-1].path in asked
    assert len(set(asked)) < 80


def test_10000_skipped_files_are_listed_at_once(
    tab: DataTab, tasks: Any, person: Any, tmp_path: Path
) -> None:
    files = tuple(
        SkippedFile(path=tmp_path / "a" / f"{number}.txt", reason="Not an image.") for number in range(10_000)
    )
    tab.open_folder(tmp_path)
    began = time.process_time()
    tasks.succeed(tasks.take(), made_up(tmp_path, 8, files))
    person.click(tab, "banner_action")
    QApplication.processEvents()
    assert time.process_time() - began < 1
    assert len(skipped(tab)) == 10_000


def test_a_check_after_the_folder_was_changed_is_dropped(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    person.click(full_tab, "check_data")
    check = tasks.take()
    other = made_up(tmp_path / "other", 8)
    full_tab.open_folder(tmp_path / "other")
    tasks.succeed(tasks.take(), other)
    late = CheckedDataset(opened=made_up(folder, 4), facts={}, findings=())
    tasks.succeed(check, late)
    assert full_tab.opened is other


def test_an_error_while_checking_is_shown_once(full_tab: DataTab, tasks: Any, person: Any) -> None:
    person.click(full_tab, "check_data")
    tasks.fail(tasks.take(), UserError("The disk is gone.", "Plug it in."))
    assert banner(full_tab) == "The disk is gone. Plug it in."
    words = [label.text() for label in full_tab.findChildren(QLabel) if label.isVisible()]
    assert words.count("The disk is gone.") == 1
    assert person.find(full_tab, QPushButton, "check_data").isEnabled()


# --- the check


def test_after_opening_the_check_begins_by_itself(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any
) -> None:
    tab.open_folder(folder)
    told: list[Progress | None] = []
    tab.progressed.connect(told.append)
    tasks.run()
    assert told[-2:] == [None, Progress(stage="Reading every image")]
    assert kinds(tasks) == ["check"]
    assert len(names_in_grid(tab)) == 6  # what is there is shown meanwhile
    assert not tab.is_checked
    assert person.sees(tab, "cancel_data_job")
    tasks.run()
    assert tab.is_checked
    assert [opened.scanned.folder for opened in check.given] == [folder]
    assert not person.sees(tab, "cancel_data_job")


@pytest.fixture
def check_finds(check: Any, make_finding: Any, folder: Path) -> Callable[..., tuple[Path, ...]]:
    """Have the check find something about the first images of COVID-19, excludable as long as it is used."""

    def finds(kind: str = "blank", severity: Any = "serious", count: int = 2) -> tuple[Path, ...]:
        images = tuple(folder / "COVID-19" / f"{number:03}.png" for number in range(count))
        remedies = ("exclude", "relabel")
        found = make_finding(kind, severity, [(path,) for path in images], remedies=remedies)
        check.findings = (*check.findings, found)
        return images

    return finds


def open_and_check(tab: DataTab, tasks: Any, folder: Path) -> None:
    tab.open_folder(folder)
    tasks.run_all()


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ((), "Something is leak."),
        (("blank",), "Something is leak. And 1 more finding."),
        (("blank", "colour"), "Something is leak. And 2 more findings."),
    ],
)
def test_what_is_serious_is_told_with_the_way_to_it(
    tab: DataTab,
    tasks: Any,
    person: Any,
    folder: Path,
    check_finds: Any,
    others: tuple[str, ...],
    words: str,
) -> None:
    check_finds("leak")
    for kind in others:
        check_finds(kind, "note")
    open_and_check(tab, tasks, folder)
    assert banner(tab) == words
    tab.findChild(QListWidget, "findings").setCurrentRow(0)
    person.click(tab, "banner_action")
    assert banner(tab) == ""
    assert chosen(tab) == "Something is leak."
    assert person.sees(tab, "finding_images")


def test_what_is_not_serious_is_told_only_to_who_asked(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check_finds: Any
) -> None:
    (folder / "Healthy" / "notes.txt").unlink()
    check_finds("colour", "note")
    open_and_check(tab, tasks, folder)
    assert banner(tab) == ""
    assert findings(tab) == ["Shortcut audit: not made yet", "Something is colour."]
    person.click(tab, "check_data")
    tasks.run()
    assert banner(tab) == "Nothing serious. 1 finding to look at."


def test_findings_are_counted_and_marked_on_their_filter(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any, check_finds: Any
) -> None:
    button = person.find(tab, QPushButton, "choose_findings")
    tab.open_folder(folder)
    tasks.run()
    assert button.text() == "Findings"
    assert button.icon().isNull()
    check_finds("leak")
    check_finds("blank", "note")
    tasks.run()
    assert button.text() == "Findings  2"
    assert not button.icon().isNull()
    check.findings = ()
    person.click(tab, "check_data")
    tasks.run()
    assert button.text() == "Findings  0"
    assert button.icon().isNull()


def test_findings_of_the_folder_before_are_gone(
    tab: DataTab, tasks: Any, folder: Path, check: Any, check_finds: Any, tmp_path: Path
) -> None:
    check_finds("leak")
    open_and_check(tab, tasks, folder)
    tab.open_folder(tmp_path / "other")
    tasks.succeed(tasks.take(), made_up(tmp_path / "other", 8))
    assert findings(tab) == ["Shortcut audit: not made yet"]
    assert tab.badge is None


def test_an_error_in_the_first_check_is_shown(tab: DataTab, tasks: Any, person: Any, folder: Path) -> None:
    tab.open_folder(folder)
    tasks.run()
    tasks.fail(tasks.take(), UserError("The disk is gone.", "Plug it in."))
    assert banner(tab) == "The disk is gone. Plug it in."
    assert not tab.is_checked
    assert person.find(tab, QPushButton, "check_data").isEnabled()


def test_a_check_that_was_asked_for_and_cancelled_tells_nothing_later(
    full_tab: DataTab, tasks: Any, person: Any, check_finds: Any
) -> None:
    person.click(full_tab, "check_data")
    person.click(full_tab, "cancel_data_job")
    tasks.take()
    images = check_finds("colour", "note")
    full_tab.deciding.exclude(list(images))
    tasks.run()
    assert banner(full_tab) == "2 files are excluded."


def test_a_check_that_another_folder_interrupts_goes_on_if_that_fails(
    tab: DataTab, tasks: Any, folder: Path, tmp_path: Path, check: Any
) -> None:
    tab.open_folder(folder)
    tasks.run()
    first = tasks.take()
    tab.open_folder(tmp_path / "gone")
    tab.open_folder(tmp_path / "gone too")
    assert first.is_stopping
    tasks.take()
    tasks.run()
    assert "gone too does not exist." in banner(tab)
    assert kinds(tasks) == ["check"]
    tasks.run()
    assert tab.is_checked
    assert check.given == [tab.opened]


def test_a_check_after_a_decision_goes_on_where_another_folder_fails(
    full_tab: DataTab, tasks: Any, folder: Path, tmp_path: Path, check: Any
) -> None:
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    tasks.take()
    full_tab.open_folder(tmp_path / "gone")
    tasks.run()
    assert kinds(tasks) == ["check"]
    tasks.run()
    assert check.given[-1] == full_tab.opened


def test_a_check_that_was_cancelled_stays_so_where_another_folder_fails(
    tab: DataTab, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    tab.open_folder(folder)
    tasks.run()
    person.click(tab, "cancel_data_job")
    tasks.take()
    tab.open_folder(tmp_path / "gone")
    tasks.run()
    assert tasks.waiting == []
    assert not tab.is_checked


# --- decisions


def test_a_remedy_is_carried_out_told_and_undone(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check_finds: Any
) -> None:
    check_finds("blank", count=2)
    open_and_check(tab, tasks, folder)
    before = tab.opened
    person.click(tab, "banner_action")
    person.click(tab, "exclude")
    assert banner(tab) == "2 files are excluded."
    assert "chest / 9 images" in person.reads(tab)
    assert written(tab)["excluded"] == {
        "COVID-19/000.png": "Blank or nearly so.",
        "COVID-19/001.png": "Blank or nearly so.",
    }
    person.click(tab, "banner_action")
    assert banner(tab) == ""
    assert tab.opened == before
    assert written(tab)["excluded"] == {}


def test_a_remedy_for_the_selected_leaves_the_others(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check_finds: Any
) -> None:
    check_finds("label-conflict", count=3)
    open_and_check(tab, tasks, folder)
    person.click(tab, "banner_action")
    person.select(tab.findChild(ThumbnailGrid, "finding_images"), 1)
    person.click(tab, "relabel")
    assert banner(tab) == "The class of 1 file is changed."
    assert written(tab)["classes"] == {"COVID-19/001.png": "Healthy"}
    assert person.find(tab, QPushButton, "choose_negative").text() == "Healthy  6"


def test_after_a_decision_the_data_is_checked_again_and_the_decision_stays_told(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any, check_finds: Any
) -> None:
    check_finds("blank")
    open_and_check(tab, tasks, folder)
    person.click(tab, "banner_action")
    person.click(tab, "exclude")
    assert kinds(tasks) == ["check"]
    check.findings = ()
    check_finds("leak")
    tasks.run()
    assert len(check.given[-1].dataset.samples) == 9
    assert findings(tab) == ["Shortcut audit: not made yet", "Something is leak."]
    assert banner(tab) == "2 files are excluded."
    person.click(tab, "banner_action")
    tasks.run()
    assert len(check.given[-1].dataset.samples) == 11


def test_a_decision_takes_the_place_of_a_check_of_the_data_as_it_was(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any
) -> None:
    person.click(full_tab, "check_data")
    older = tasks.take()
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    assert older.is_stopping
    late = CheckedDataset(opened=made_up(folder, 4), facts={}, findings=())
    tasks.succeed(older, late)
    assert len(full_tab.opened.dataset.samples) == 10
    tasks.run()
    assert check.given[-1] == full_tab.opened
    assert banner(full_tab) == "All 10 images can be read; nothing to complain of."  # it was asked for


def test_images_of_a_class_are_excluded_by_key_and_used_again(
    full_tab: DataTab, tasks: Any, person: Any, qtbot: QtBot
) -> None:
    grid = full_tab.findChild(ThumbnailGrid, "thumbnails")
    full_tab.activateWindow()
    qtbot.waitUntil(full_tab.isActiveWindow)
    person.select(grid, 0, 2)
    person.press(grid, Qt.Key.Key_Delete)
    assert names_in_grid(full_tab) == ["001.png", "003.png", "004.png", "005.png"]
    assert skipped(full_tab)[str(Path("COVID-19/000.png"))] == "Excluded: By hand."
    person.click(full_tab, "choose_skipped")
    tree = full_tab.findChild(QTreeWidget, "skipped_files")
    rows = [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]
    person.select(tree, rows.index(str(Path("COVID-19/002.png"))))
    person.click(full_tab, "use_again")
    assert banner(full_tab) == "1 file is used again."
    person.click(full_tab, "choose_positive")
    assert names_in_grid(full_tab) == ["001.png", "002.png", "003.png", "004.png", "005.png"]


def test_images_are_given_the_other_class(full_tab: DataTab, person: Any) -> None:
    grid = full_tab.findChild(ThumbnailGrid, "thumbnails")
    relabel = person.find(full_tab, QToolButton, "relabel_selected")
    assert relabel.text() == "Change class to Healthy"
    person.select(grid, 4)
    person.click(full_tab, "relabel_selected")
    assert "004.png" not in names_in_grid(full_tab)
    person.click(full_tab, "choose_negative")
    assert relabel.text() == "Change class to COVID-19"
    assert len(names_in_grid(full_tab)) == 6
    person.click(full_tab, "banner_action")
    assert len(names_in_grid(full_tab)) == 5


def test_excluded_files_are_no_skipped_ones_to_warn_of(full_tab: DataTab, folder: Path) -> None:
    assert full_tab.badge == "1 skipped"
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    assert full_tab.badge == "1 skipped"
    assert len(skipped(full_tab)) == 2


def test_a_test_set_is_set_aside_and_taken_back(full_tab: DataTab, person: Any) -> None:
    assert full_tab.can_set_aside
    person.click(full_tab, "set_test_aside")
    count = len(full_tab.opened.split.test)
    assert count > 1
    assert banner(full_tab) == f"{count} files are set aside, locked until Evaluate."
    assert person.find(full_tab, QLabel, "test_lock").text() == "Locked. Not used by Evaluate yet."
    assert not person.sees(full_tab, "set_test_aside")
    assert not full_tab.can_set_aside
    assert len(written(full_tab)["sets"]["test"]) == count
    person.click(full_tab, "banner_action")
    assert full_tab.opened.split.test == ()
    assert person.sees(full_tab, "set_test_aside")
    assert "test" not in written(full_tab)["sets"]


def test_another_positive_class_is_taken_back(full_tab: DataTab, person: Any) -> None:
    positive = person.find(full_tab, QComboBox, "positive_class")
    person.press(positive, "H")
    assert banner(full_tab) == "Healthy is the positive class."
    assert written(full_tab)["positive_class"] == "Healthy"
    person.click(full_tab, "banner_action")
    assert positive.currentText() == "COVID-19"
    assert full_tab.opened.dataset.class_names == ("Healthy", "COVID-19")


def test_a_decision_that_cannot_be_written_says_why_and_changes_nothing(
    full_tab: DataTab, tasks: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise UserError("The disk is full.", "Free some space.")

    monkeypatch.setattr(curation, "save_decisions", fail)
    before = full_tab.opened
    positive = person.find(full_tab, QComboBox, "positive_class")
    person.press(positive, "H")
    assert banner(full_tab) == "The disk is full. Free some space."
    assert positive.currentText() == "COVID-19"
    assert full_tab.opened is before
    assert tasks.waiting == []


def test_a_decision_that_leaves_no_image_of_a_class_is_refused(full_tab: DataTab, person: Any) -> None:
    full_tab.findChild(ThumbnailGrid, "thumbnails").selectAll()
    person.click(full_tab, "exclude_selected")
    assert len(names_in_grid(full_tab)) == 6
    assert banner(full_tab)
    assert full_tab.deciding.steps.count() == 0


def test_patients_are_found_in_file_names(full_tab: DataTab, tasks: Any, person: Any) -> None:
    assert person.find(full_tab, QPushButton, "choose_patients").text() == "Patients: unknown…"
    person.click(full_tab, "choose_patients")
    (dialog,) = full_tab.findChildren(PatientsDialog)
    person.find(dialog, QLineEdit, "patient_pattern").setText("{patient}")
    person.press(person.find(dialog, QLineEdit, "patient_pattern"), Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert banner(full_tab) == "Patients are taken from file names; their images stay together."
    assert person.find(full_tab, QPushButton, "choose_patients").text() == "Patients: file names…"
    assert written(full_tab)["patient_pattern"] == "{patient}"
    person.click(full_tab, "banner_action")
    assert person.find(full_tab, QPushButton, "choose_patients").text() == "Patients: unknown…"


def test_the_question_about_patients_goes_with_its_folder(
    full_tab: DataTab, tasks: Any, person: Any, tmp_path: Path
) -> None:
    person.click(full_tab, "choose_patients")
    (dialog,) = full_tab.findChildren(PatientsDialog)
    full_tab.open_folder(tmp_path / "other")
    tasks.succeed(tasks.take(), made_up(tmp_path / "other", 8))
    assert not dialog.isVisible()


# --- the audit


def test_the_audit_is_made_and_shown(full_tab: DataTab, tasks: Any, person: Any, audit: FakeAudit) -> None:
    person.click(full_tab, "choose_findings")
    person.click(full_tab, "run_audit")
    assert kinds(tasks) == ["audit"]
    assert not full_tab.can_audit
    assert not person.find(full_tab, QPushButton, "run_audit").isEnabled()
    person.click(full_tab, "choose_positive")
    tasks.run()
    assert audit.given == [full_tab.opened]
    assert chosen(full_tab) == "Shortcut audit: red"
    assert "A sentence for red." in person.reads(full_tab)
    assert full_tab.can_audit
    assert full_tab.badge == "1 serious finding"


def test_an_audit_that_ends_while_images_are_in_view_is_told(
    full_tab: DataTab, tasks: Any, person: Any, audit: FakeAudit
) -> None:
    full_tab.start_audit()
    tasks.run()
    assert names_in_grid(full_tab)
    assert person.find(full_tab, QPushButton, "choose_positive").isChecked()
    assert banner(full_tab).startswith("A sentence for red.")
    person.click(full_tab, "banner_action")
    assert chosen(full_tab) == "Shortcut audit: red"


def test_an_audit_waits_for_the_check(
    tab: DataTab, tasks: Any, person: Any, folder: Path, check: Any, audit: FakeAudit
) -> None:
    check.unreadable = (SkippedFile(path=folder / "COVID-19" / "000.png", reason="Damaged."),)
    tab.open_folder(folder)
    tasks.run()
    person.click(tab, "choose_findings")
    person.click(tab, "run_audit")
    assert person.find(tab, QPushButton, "run_audit").text() == "Running the audit"
    assert kinds(tasks) == ["check"]
    tasks.run()
    assert kinds(tasks) == ["audit"]
    tasks.run()
    assert len(audit.given[0].dataset.samples) == 10


def test_cancelling_a_check_cancels_the_audit_that_waits(
    tab: DataTab, tasks: Any, person: Any, folder: Path
) -> None:
    tab.open_folder(folder)
    tasks.run()
    person.click(tab, "choose_findings")
    person.click(tab, "run_audit")
    person.click(tab, "cancel_data_job")
    tasks.end(tasks.take())
    assert tasks.waiting == []
    assert person.find(tab, QPushButton, "run_audit").isEnabled()


def test_an_audit_that_cannot_be_made_says_why(full_tab: DataTab, tasks: Any, person: Any) -> None:
    full_tab.start_audit()
    tasks.fail(tasks.take(), UserError("There are too few images.", "Add some."))
    assert banner(full_tab) == "There are too few images. Add some."
    person.click(full_tab, "choose_findings")
    assert person.find(full_tab, QPushButton, "run_audit").isEnabled()


def test_a_decision_has_the_audit_that_runs_begin_again(
    full_tab: DataTab, tasks: Any, folder: Path, audit: FakeAudit
) -> None:
    full_tab.start_audit()
    older = tasks.take()
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    assert older.is_stopping
    assert kinds(tasks) == ["check"]
    assert not full_tab.can_audit
    tasks.run_all()
    assert [len(opened.dataset.samples) for opened in audit.given] == [10]


def test_an_audit_of_other_images_is_outdated_until_they_are_back(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path
) -> None:
    outdated = "The data has changed since this audit was made."
    full_tab.start_audit()
    tasks.run()
    full_tab.show_audit_entry()
    assert outdated not in person.reads(full_tab)
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    assert outdated in person.reads(full_tab)
    assert full_tab.badge == "1 skipped"
    full_tab.deciding.steps.undo()
    assert outdated not in person.reads(full_tab)
    assert full_tab.badge == "1 serious finding"


@pytest.mark.parametrize(
    ("decision", "is_outdated"), [("relabel", True), ("set_test_aside", True), ("make_positive", False)]
)
def test_an_audit_is_of_images_and_their_classes(
    full_tab: DataTab, tasks: Any, person: Any, folder: Path, decision: str, is_outdated: bool
) -> None:
    arguments = {"relabel": [[folder / "COVID-19" / "000.png"]], "make_positive": ["Healthy"]}
    full_tab.start_audit()
    tasks.run()
    full_tab.show_audit_entry()
    getattr(full_tab.deciding, decision)(*arguments.get(decision, []))
    assert ("The data has changed" in person.reads(full_tab)) is is_outdated


# --- what a training run tells


def checked_by_a_run(opened: OpenedDataset, *found: Finding) -> CheckedDataset:
    """What a run says of the data it was given: their sets are written down meanwhile."""
    folder, subset_of = opened.scanned.folder, opened.split.subset_of()
    sets = {path.relative_to(folder).as_posix(): subset for path, subset in subset_of.items()}
    fixed = curation.arranged(opened.scanned, opened.decisions.with_sets(sets))
    return CheckedDataset(opened=fixed, facts={}, findings=found)


def test_a_run_s_check_takes_the_place_of_one_s_own(
    tab: DataTab, tasks: Any, folder: Path, make_finding: Any
) -> None:
    tab.open_folder(folder)
    tasks.run()
    own = tasks.take()
    checked = checked_by_a_run(tab.opened, make_finding("leak"))
    tab.show_checked(checked)
    assert own.is_stopping
    assert tasks.waiting == []
    assert tab.opened is checked.opened
    assert findings(tab) == ["Shortcut audit: not made yet", "Something is leak."]
    assert banner(tab) == "Something is leak."


def test_a_run_s_check_of_other_data_is_none_of_this(
    full_tab: DataTab, make_finding: Any, tmp_path: Path
) -> None:
    before = full_tab.opened
    decided = replace(before, decisions=before.decisions.with_excluded({"COVID-19/000.png": "By hand."}))
    for other in (made_up(tmp_path / "other", 8), decided):
        full_tab.show_checked(replace(checked_by_a_run(before, make_finding("leak")), opened=other))
    assert full_tab.opened is before
    assert findings(full_tab) == ["Shortcut audit: not made yet"]


def test_a_run_s_check_does_not_unlock_a_test_set(full_tab: DataTab) -> None:
    before = full_tab.opened
    full_tab.deciding.set_test_aside()
    locked = full_tab.opened
    full_tab.show_checked(checked_by_a_run(before))
    assert full_tab.opened is locked
    assert locked.is_test_set_aside


def test_the_audit_that_waited_begins_after_a_run_s_check(tab: DataTab, tasks: Any, folder: Path) -> None:
    tab.open_folder(folder)
    tasks.run()
    tab.start_audit()
    tasks.take()
    tab.show_checked(checked_by_a_run(tab.opened))
    assert kinds(tasks) == ["audit"]


def test_a_run_s_audit_is_shown_where_it_is_of_this_folder(
    full_tab: DataTab, person: Any, make_audit: Any, tmp_path: Path
) -> None:
    full_tab.show_audit(make_audit("amber"), made_up(tmp_path / "other", 8))
    assert findings(full_tab) == ["Shortcut audit: not made yet"]
    full_tab.show_audit(make_audit("amber"), full_tab.opened)
    assert findings(full_tab) == ["Shortcut audit: amber"]
    full_tab.show_audit_entry()
    assert "A sentence for amber." in person.reads(full_tab)
    assert "The data has changed" not in person.reads(full_tab)


def test_a_run_s_audit_of_the_data_as_it_was_is_outdated(
    full_tab: DataTab, person: Any, folder: Path, make_audit: Any
) -> None:
    before = full_tab.opened
    full_tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    full_tab.show_audit(make_audit("red"), before)
    full_tab.show_audit_entry()
    assert "The data has changed since this audit was made." in person.reads(full_tab)


# --- closing


def test_closing_while_a_check_runs_begins_nothing_more(
    tab: DataTab, tasks: Any, folder: Path, check: Any
) -> None:
    tab.open_folder(folder)
    tasks.run()
    tab.start_audit()
    tab.close_threads()
    running = tasks.take()
    assert running.is_stopping
    tasks.succeed(running, CheckedDataset(opened=tab.opened, facts={}, findings=()))
    tab.deciding.exclude([folder / "COVID-19" / "000.png"])
    assert tasks.waiting == []
