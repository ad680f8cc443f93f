"""The Data tab: open a folder, look at what it holds, check it."""

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, Split
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.events import Progress
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.class_widgets import CountTile
from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.task import Background
from covid_desktop.gui.thumbnails import ThumbnailGrid


@pytest.fixture
def tab(tasks: Any, show: Any, check: Any) -> Any:
    return show(DataTab(check=check))


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
