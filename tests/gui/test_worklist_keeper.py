"""The list of the Predict tab survives the program; predictions are logged where that is wanted."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop import paths
from covid_desktop.core import prediction_log
from covid_desktop.core.events import never
from covid_desktop.core.kept_worklist import CURRENT, DAMAGED, LAST, KeptList, hold_place, keep, take_over
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import Review
from covid_desktop.core.watch_store import model_id
from covid_desktop.core.worklist_file import Entry, read_worklist
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui import worklist_keeper
from covid_desktop.gui.instance import Request
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.worklist_keeper import LastList

AGREED = Review(verdict="agreed")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def start(tasks: Any, show: Any) -> Callable[[], PredictTab]:
    """A start of the program: a tab that has looked for the list of last time."""

    def start() -> PredictTab:
        tab = show(PredictTab())
        tab.begin_keeping()
        tasks.run("worklist_keeper")
        return tab

    return start


@pytest.fixture
def end(tasks: Any) -> Callable[[PredictTab], None]:
    """The end of the program, which waits for its tasks."""

    def end(tab: PredictTab) -> None:
        tab.close_threads()
        tasks.run_all()
        tab.hide()

    return end


@pytest.fixture
def images(tmp_path: Path, draw: Any) -> list[Path]:
    return draw(tmp_path / "images", 5)


@pytest.fixture
def marked(start: Any, end: Any, tasks: Any, images: list[Path], make_model: Any) -> list[Path]:
    """What the time before left: five results, two of them marked."""
    tab = start()
    tab.set_model(make_model())
    tab.add(images)
    tasks.run()
    tab.worklist.set_review(images[0], AGREED)
    tab.worklist.set_review(images[3], Review(comment="blurred, =1+1"))
    end(tab)
    return images


def kept() -> list[Path]:
    """The images in the file of the list."""
    place = paths.worklist_folder() / CURRENT
    return [entry.path for entry in read_worklist(place)] if place.exists() else []


def files() -> list[str]:
    return [file.name for file in paths.worklist_folder().iterdir() if file.name != "lock"]


def offer(tab: PredictTab) -> str:
    (found,) = tab.findChildren(LastList)
    return found.accessibleName() if found.isVisible() else ""


def banner(tab: PredictTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def press(tab: PredictTab, name: str) -> None:
    tab.findChild(QPushButton, name).click()


def scoring(tasks: Any) -> int:
    """How many jobs wait that are not the keeper's."""
    return sum(task.objectName() == "" for task in tasks.waiting)


def test_nothing_is_offered_at_the_first_start(start: Any) -> None:
    assert offer(start()) == ""
    assert files() == []


def test_the_list_is_offered_at_the_next_start(marked: list[Path], start: Any) -> None:
    assert offer(start()) == "The list of last time has 5 images, 2 of them marked."


def test_opening_it_brings_results_marks_and_comments_back_and_scores_nothing(
    marked: list[Path], start: Any, tasks: Any, make_model: Any
) -> None:
    tab = start()
    tab.set_model(make_model())
    press(tab, "open_last_list")
    assert [entry.path for entry in tab.worklist.entries] == marked
    assert tab.worklist.done == 5
    assert tab.worklist.review(marked[0]) == AGREED
    assert tab.worklist.review(marked[3]).comment == "blurred, =1+1"
    assert (scoring(tasks), offer(tab), banner(tab)) == (0, "", "")


def test_opening_it_before_the_model_is_loaded_scores_nothing_either(
    marked: list[Path], start: Any, tasks: Any, make_model: Any
) -> None:
    tab = start()
    press(tab, "open_last_list")
    assert tab.worklist.done == 5
    tab.set_model(make_model())
    assert (tab.worklist.done, scoring(tasks)) == (5, 0)
    assert tab.worklist.review(marked[0]) == AGREED
    tab.set_model(make_model("another", inverted=True))
    assert tab.worklist.done == 0, "now they are this model's, and another one scores them anew"


def test_a_model_of_the_same_name_from_another_run_scores_again(
    marked: list[Path], start: Any, tasks: Any, make_model: Any
) -> None:
    model = make_model()
    model.classifier.card = replace(model.card, created="2026-01-02T03:04:05+00:00")
    tab = start()
    press(tab, "open_last_list")
    tab.set_model(model)
    assert (tab.worklist.done, scoring(tasks)) == (0, 1)


def test_results_of_another_model_are_said_to_be(
    marked: list[Path], start: Any, tasks: Any, make_model: Any
) -> None:
    another = make_model("another", inverted=True)
    another.classifier.card = replace(another.card, created="2026-01-02T03:04:05+00:00")
    tab = start()
    tab.set_model(another)
    press(tab, "open_last_list")
    assert tab.worklist.done == 5
    name = f"{marked[0].parents[1].name}/model.keras"
    assert banner(tab).startswith(f"The results are of another model: {name}.")


def test_a_list_that_was_opened_and_left_unchanged_is_not_lost(
    marked: list[Path], start: Any, end: Any, make_model: Any
) -> None:
    for _ in range(3):
        tab = start()
        tab.set_model(make_model())
        press(tab, "open_last_list")
        end(tab)
        assert files() == [CURRENT]
    tab = start()
    press(tab, "open_last_list")
    assert tab.worklist.entries[0].review == AGREED


def test_a_list_that_was_not_answered_is_offered_again(marked: list[Path], start: Any, end: Any) -> None:
    end(start())
    assert offer(start()) == "The list of last time has 5 images, 2 of them marked."


def test_a_list_that_was_not_answered_survives_a_new_one(
    marked: list[Path], start: Any, end: Any, tmp_path: Path, draw: Any
) -> None:
    (other,) = draw(tmp_path / "others")
    tab = start()
    tab.add([other])
    tab.worklist.set_review(other, AGREED)
    end(tab)
    tab = start()
    assert offer(tab) == "The list of last time has 6 images, 3 of them marked."
    press(tab, "open_last_list")
    assert [entry.path for entry in tab.worklist.entries] == [other, *marked]


def test_images_that_are_on_the_list_by_now_stay_on_it(
    marked: list[Path], start: Any, tmp_path: Path, draw: Any
) -> None:
    (other,) = draw(tmp_path / "others")
    tab = start()
    tab.add([other, marked[0]])
    press(tab, "open_last_list")
    assert [entry.path for entry in tab.worklist.entries] == [*marked, other]
    assert tab.worklist.review(marked[0]) == AGREED


def test_discarded_it_is_gone(marked: list[Path], start: Any, end: Any, tasks: Any) -> None:
    tab = start()
    press(tab, "discard_last_list")
    assert offer(tab) == ""
    tasks.run("worklist_keeper")
    assert files() == []
    end(tab)
    assert offer(start()) == ""


def test_clear_list_removes_it_at_once(marked: list[Path], start: Any, tasks: Any) -> None:
    tab = start()
    press(tab, "open_last_list")
    tasks.run("worklist_keeper")
    assert kept() == marked
    press(tab, "clear_list")
    tasks.run("worklist_keeper")
    assert files() == []


@pytest.mark.parametrize(("count", "is_offered"), [(20, False), (21, True)])
def test_a_few_results_that_nobody_marked_are_not_offered(
    start: Any, end: Any, tasks: Any, tmp_path: Path, draw: Any, make_model: Any, count: int, is_offered: bool
) -> None:
    tab = start()
    tab.set_model(make_model())
    tab.add(draw(tmp_path / "images", count))
    tasks.run()
    end(tab)
    assert len(kept()) == count
    words = f"The list of last time has {count} images, none of them marked."
    assert offer(start()) == (words if is_offered else "")
    assert files() == ([LAST] if is_offered else [])


def test_it_is_written_a_few_seconds_after_a_change_and_once_for_many(
    start: Any, tasks: Any, images: list[Path], qtbot: QtBot
) -> None:
    tab = start()
    timer = tab.keeper._timer
    tab.add(images)
    for path in images:
        tab.worklist.set_review(path, AGREED)
    assert (tasks.waiting, timer.isActive(), timer.interval()) == ([], True, 3000)
    timer.timeout.emit()
    assert len(tasks.waiting) == 1
    tab.worklist.set_review(images[0], Review(comment="more"))
    timer.timeout.emit()
    assert len(tasks.waiting) == 1, "one after another"
    tasks.run("worklist_keeper")
    assert kept() == images
    assert timer.isActive(), "what changed meanwhile is written later"


def test_what_changes_while_it_is_written_at_the_end_is_written_too(
    start: Any, tasks: Any, images: list[Path]
) -> None:
    tab = start()
    tab.add(images[:4])
    tab.close_threads()
    tab.worklist.add(images[4:])
    tasks.run_all()
    assert kept() == images


def test_nothing_is_kept_before_the_list_of_last_time_was_looked_for(
    tasks: Any, show: Any, images: list[Path]
) -> None:
    tab = show(PredictTab())
    tab.add(images)
    tab.close_threads()
    assert tasks.waiting == []


def test_a_list_that_cannot_be_kept_is_told_once(
    start: Any, tasks: Any, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = start()
    told: list[UserError] = []
    tab.keeper.failed.connect(told.append)
    original = os.fsync

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    tab.add(images)
    for _ in range(3):
        tab.keeper._timer.timeout.emit()
        tasks.run("worklist_keeper")
        assert tab.keeper._timer.isActive()
    assert [error.what for error in told] == ["worklist.csv could not be written: No space left on device."]
    assert "No space left" in banner(tab)
    monkeypatch.setattr(os, "fsync", original)
    tab.keeper._timer.timeout.emit()
    tasks.run("worklist_keeper")
    assert kept() == images
    assert banner(tab) == ""


def test_a_disk_that_is_full_at_the_end_does_not_keep_the_program_open(
    start: Any, tasks: Any, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = start()
    tab.add(images)
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)
    tab.close_threads()
    task = tasks.take("worklist_keeper")
    tasks.fail(task, UserError("worklist.csv could not be written: No space left on device."))
    assert tasks.waiting == []


def test_a_list_that_is_damaged_is_put_aside_and_told(marked: list[Path], start: Any) -> None:
    place = paths.worklist_folder() / CURRENT
    place.write_bytes(b"path,score\n\0")
    tab = start()
    assert banner(tab).startswith("The list of last time cannot be read: worklist.csv is not a text file.")
    assert files() == [DAMAGED]
    assert (paths.worklist_folder() / DAMAGED).read_bytes() == b"path,score\n\0"


def test_a_crash_between_the_two_files_loses_nothing(tmp_path: Path) -> None:
    entries = tuple(Entry(path=Path(f"/{number}.png"), review=AGREED) for number in range(3))
    keep(tmp_path, KeptList(entries=entries, sources={}))
    first, _ = take_over(tmp_path)
    (tmp_path / CURRENT).write_bytes((tmp_path / LAST).read_bytes())  # it was not removed yet
    again, problem = take_over(tmp_path)
    assert (first, problem) == (again, None)
    assert again is not None
    assert again.entries == entries


def test_a_list_of_last_time_that_cannot_be_moved_is_told_and_tried_again(
    marked: list[Path], start: Any, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that a spreadsheet has open, on Windows."""

    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        tab = start()
        what = (
            "The list of last time could not be moved: Permission denied. Until it can, this one is not kept."
        )
        assert banner(tab).startswith(what)
        tab.keeper._timer.timeout.emit()
        tasks.run("worklist_keeper")
        assert tab.keeper._timer.interval() == 4 * worklist_keeper.INTERVAL_MILLISECONDS
        assert kept() == marked
    tab.keeper._timer.timeout.emit()
    tasks.run("worklist_keeper")
    assert offer(tab) == "The list of last time has 5 images, 2 of them marked."
    assert banner(tab) == ""
    assert tab.keeper._timer.interval() == worklist_keeper.INTERVAL_MILLISECONDS


# --- two windows


@pytest.fixture
def first(start: Any, tasks: Any, images: list[Path], make_model: Any) -> PredictTab:
    """A window that keeps its list, of which the first image is marked."""
    tab = start()
    tab.set_model(make_model())
    tab.add(images[:3])
    tasks.run()
    tab.worklist.set_review(images[0], AGREED)
    tab.keeper.keep_now()
    tasks.run("worklist_keeper")
    return tab


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist_keeper, "_PATIENCE_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_second_window_leaves_the_list_of_the_first_alone_and_says_so(
    first: PredictTab, start: Any, end: Any, tasks: Any, images: list[Path]
) -> None:
    second = start()
    assert offer(second) == ""
    assert banner(second) == (
        "Another window keeps its list of images for the next start; this one's is not kept. "
        "Close the other window, or save these results as CSV."
    )
    second.add(images[3:])
    second.keeper.keep_now()
    tasks.run("worklist_keeper")
    end(second)
    assert kept() == images[:3]
    assert files() == [CURRENT]
    end(first)


@pytest.mark.usefixtures("impatient")
def test_a_second_window_keeps_its_list_once_the_first_is_closed(
    first: PredictTab, start: Any, end: Any, tasks: Any, images: list[Path]
) -> None:
    second = start()
    second.add(images[3:])
    end(first)
    second.keeper.keep_now()
    tasks.run("worklist_keeper")
    assert offer(second) == "The list of last time has 3 images, 1 of them marked."
    assert banner(second) == ""
    tasks.run("worklist_keeper")
    assert kept() == images[3:]
    press(second, "open_last_list")
    tasks.run("worklist_keeper")
    assert kept() == images
    end(second)


@pytest.mark.usefixtures("impatient")
def test_a_list_that_waited_for_another_window_is_written_at_the_end(
    first: PredictTab, start: Any, end: Any, images: list[Path]
) -> None:
    second = start()
    second.add(images[3:])
    end(first)
    end(second)
    assert kept() == images[3:]
    assert sorted(files()) == sorted([CURRENT, LAST])


def test_a_window_that_is_being_closed_is_waited_for(tmp_path: Path) -> None:
    lock = hold_place(tmp_path, 0.0, never)
    asked = []

    def closes() -> bool:
        asked.append(True)
        lock.close()
        return False

    hold_place(tmp_path, 60.0, closes).close()
    assert len(asked) == 1


def test_who_waits_for_another_window_can_be_stopped(tmp_path: Path) -> None:
    with hold_place(tmp_path, 0.0, never), pytest.raises(Stopped):
        hold_place(tmp_path, 60.0, lambda: True)


def test_a_place_for_lists_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be kept for the next start: No such file"):
        hold_place(tmp_path / "gone", 0.0, never)


def test_names_of_models_stay_as_they_are(tmp_path: Path) -> None:
    """The file of the list names the run, too; the window and what is exported from it do not."""
    one, other, bare = (Path(f"/{name}.png") for name in ("one", "other", "bare"))
    entries = (entry(one, "model #2.keras"), entry(other, ""), entry(bare, "old.keras"))
    keep(tmp_path, KeptList(entries=entries, sources={one: "a1"}), name="model.keras", source="b2")
    last, _ = take_over(tmp_path)
    assert last
    assert [item.model for item in last.entries] == ["model #2.keras", "model.keras", "old.keras"]
    assert last.sources == {one: "a1", other: "b2"}
    seen = last.seen_by("b2")
    assert [item.model for item in seen.entries] == ["model #2.keras", "", "old.keras"]


def entry(path: Path, model: str) -> Entry:
    prediction = Prediction(path=path, label="COVID-19", score=0.75, threshold=0.5)
    return Entry(path=path, prediction=prediction, review=AGREED, model=model)


def test_the_folder_is_for_the_user_alone(home: Path) -> None:
    for folder in (paths.worklist_folder(), paths.prediction_log_file().parent):
        assert folder.is_relative_to(home)
        assert os.name != "posix" or folder.stat().st_mode & 0o077 == 0


def test_the_window_keeps_its_list(make_window: Callable[..., MainWindow], tasks: Any, images: Any) -> None:
    window = make_window()
    window.begin(Request())
    tasks.run("worklist_keeper")
    window.predict.add(images)
    tasks.waiting.clear()
    window.close()
    assert window.isHidden()
    tasks.run("worklist_keeper")
    assert kept() == images
    tasks.end_all()


# --- the log of predictions


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window()


def trigger(window: MainWindow, name: str) -> QAction:
    action = window.findChild(QAction, f"action_{name}")
    action.trigger()
    return action


def window_says(window: MainWindow) -> str:
    return "\n".join(one.accessibleName() for one in window.findChildren(Banner) if one.isVisible())


def score(window: MainWindow, tasks: Any, images: list[Path]) -> None:
    window.predict.add(images)
    tasks.run("")
    window.predict.prediction_log._timer.timeout.emit()
    while any(task.objectName() == "prediction_logger" for task in tasks.waiting):
        tasks.run("prediction_logger")


def test_nothing_is_logged_unless_it_is_wanted(
    window: MainWindow, tasks: Any, images: list[Path], make_model: Any
) -> None:
    assert not window.findChild(QAction, "action_keep_prediction_log").isChecked()
    window.predict.set_model(make_model())
    score(window, tasks, images)
    assert not paths.prediction_log_file().exists()


def test_each_prediction_is_logged_by_content_once_it_is_wanted(
    window: MainWindow, tasks: Any, images: list[Path], make_model: Any
) -> None:
    action = trigger(window, "keep_prediction_log")
    tasks.run("prediction log")
    assert action.isChecked()
    assert str(paths.prediction_log_file()) in window_says(window)
    model = make_model()
    window.predict.set_model(model)
    images[4].write_bytes(b"not an image")
    score(window, tasks, images)
    text = paths.prediction_log_file().read_text()
    assert text.count("\n") == 5
    assert text.count(model_id(model.card)) == 5
    assert text.count('"is_readable": false') == 1
    assert not any(path.name in text or path.parent.name in text for path in images)
    trigger(window, "check_prediction_log")
    tasks.run("prediction log")
    assert "The log is intact: 5 lines." in window_says(window)


def test_an_altered_log_is_told(window: MainWindow, tasks: Any, images: Any, make_model: Any) -> None:
    trigger(window, "keep_prediction_log")
    tasks.run("prediction log")
    window.predict.set_model(make_model())
    score(window, tasks, images)
    log = paths.prediction_log_file()
    log.write_bytes(log.read_bytes().replace(b'"line": 3, ', b'"line": 3,  '))
    trigger(window, "check_prediction_log")
    tasks.run("prediction log")
    assert "The log was altered at line 3." in window_says(window)


def test_the_wish_is_remembered(make_window: Callable[..., MainWindow], tasks: Any) -> None:
    trigger(make_window(), "keep_prediction_log")
    later = make_window()
    assert later.findChild(QAction, "action_keep_prediction_log").isChecked()
    assert later.predict.prediction_log.is_on
    trigger(later, "keep_prediction_log")
    assert "not logged any more" in window_says(later)
    assert not make_window().predict.prediction_log.is_on


def test_what_could_not_be_logged_is_logged_later(
    window: MainWindow, tasks: Any, images: list[Path], make_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger(window, "keep_prediction_log")
    tasks.run("prediction log")
    window.predict.set_model(make_model())
    folder = paths.prediction_log_file().parent
    folder.rmdir()
    folder.write_text("in the way")
    window.show_tab("predict")
    score(window, tasks, images[:3])
    assert "cannot write to its folder" in window_says(window)
    folder.unlink()
    score(window, tasks, images[3:])
    assert "cannot write to its folder" not in window_says(window)
    assert prediction_log.check(paths.prediction_log_file()).words == "The log is intact: 5 lines."


def test_what_waits_at_the_end_is_logged(
    window: MainWindow, tasks: Any, images: list[Path], make_model: Any
) -> None:
    trigger(window, "keep_prediction_log")
    tasks.run("prediction log")
    window.predict.set_model(make_model())
    window.predict.add(images)
    tasks.run("")
    window.close()
    tasks.run("prediction_logger")
    assert prediction_log.check(paths.prediction_log_file()).intact == 5
