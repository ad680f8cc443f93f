"""The window as a whole: from a folder to a score, by menu, key, button and drop."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from covid_desktop import jobs
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.events import FilesSkipped, Progress
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.errors import ModelError, UserError
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.drop_area import DropArea
from covid_desktop.gui.instance import Request
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.theme import theme
from covid_desktop.gui.tokens import DARK, LIGHT

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
MakeWindow = Callable[..., MainWindow]


def enabled(window: MainWindow) -> set[str]:
    """The actions that are enabled because something is there; the others always are."""
    names = ("start_training", "pause_training", "stop_training", "save_model", "export_csv", "check_data")
    return {name for name in names if window.findChild(QAction, f"action_{name}").isEnabled()}


def trigger(window: MainWindow, name: str) -> None:
    action = window.findChild(QAction, name)
    assert action.isEnabled(), f"{name} is not enabled"
    action.trigger()


def banners(window: MainWindow) -> list[str]:
    return [banner.accessibleName() for banner in window.findChildren(Banner) if banner.isVisible()]


def status(window: MainWindow, name: str = "now") -> str:
    return window.findChild(QLabel, f"status_{name}").text()


def results(window: MainWindow) -> list[str]:
    model = window.predict.worklist
    return [model.data(model.index(row, 1)) for row in range(model.rowCount())]


@pytest.fixture
def with_data(window: MainWindow, tasks: Any, folder: Path) -> MainWindow:
    window.open_folder(folder)
    tasks.run_all()
    return window


@pytest.fixture
def running(with_data: MainWindow, tasks: Any) -> Any:
    """The task of a run that was started from the menu."""
    trigger(with_data, "action_start_training")
    return tasks.take()


@pytest.fixture
def with_everything(
    with_data: MainWindow, tasks: Any, folder: Path, make_model: Any, result: jobs.TrainingResult
) -> MainWindow:
    """Data, a run that has ended, a model, and images that are scored."""
    trigger(with_data, "action_start_training")
    tasks.succeed(tasks.take(), result)
    with_data.score([folder / "COVID-19"])
    tasks.run_all()
    tasks.answer(with_data)
    return with_data


# --- from a folder to a score


def test_from_folder_to_score_without_a_detour(
    window: MainWindow,
    tasks: Any,
    person: Any,
    dialogs: Any,
    folder: Path,
    events: list[Any],
    result: jobs.TrainingResult,
) -> None:
    dialogs.answers["folder"] = folder
    person.click(window, "choose_first_folder")
    tasks.run_all()
    person.click(window, "tab_train")
    person.click(window, "start_training")
    training = tasks.take()
    for event in events:
        training.reported.emit(event)
    tasks.succeed(training, result)
    person.click(window, "use_model")
    assert window.current_tab == "predict"
    dialogs.answers["images"] = sorted((folder / "Healthy").glob("*.png"))
    person.click(window, "choose_images")
    tasks.run_all()
    assert results(window) == ["Healthy"] * 3 + ["COVID-19"] * 2
    assert dialogs.asked == ["folder", "images"]
    assert banners(window) == []


def test_the_model_of_a_run_scores_what_waited(
    running: Any, with_data: MainWindow, tasks: Any, folder: Path, result: jobs.TrainingResult
) -> None:
    with_data.score([folder / "COVID-19" / "005.png"])
    tasks.run("listing")
    assert results(with_data) == ["Waiting"]
    tasks.succeed(running, result)
    tasks.run()
    assert results(with_data) == ["COVID-19"]
    assert status(with_data, "model") == "Model: Small CNN for COVID-19"


def test_scoring_works_while_a_run_goes_on(
    running: Any, with_data: MainWindow, tasks: Any, folder: Path, make_model: Any
) -> None:
    with_data._set_model(make_model())
    with_data.score([folder / "COVID-19" / "005.png"])
    tasks.run_all()
    assert results(with_data) == ["COVID-19"]
    assert with_data.train.is_running
    running.reported.emit(Progress(stage="Reading training images", done=1, total=4))
    assert status(with_data) == "Reading training images 1 of 4"


def test_files_that_a_run_skips_appear_on_the_data_tab(
    running: Any, with_data: MainWindow, folder: Path
) -> None:
    path = folder / "COVID-19" / "000.png"
    running.reported.emit(FilesSkipped(files=(SkippedFile(path=path, reason="Damaged."),)))
    assert len(with_data.data.opened.dataset.samples) == 10
    assert with_data.data.opened.dataset.skipped[-1].path == path
    badge = with_data.findChild(QWidget, "tab_data").accessibleDescription()
    assert badge == "2 skipped"


def test_files_skipped_by_a_run_on_a_folder_that_is_closed_by_now(
    running: Any, with_data: MainWindow, tasks: Any, folder: Path, tmp_path: Path, draw: Any
) -> None:
    for name in ("A", "B"):
        draw(tmp_path / "other" / name, 4)
    with_data.open_folder(tmp_path / "other")
    tasks.run_all()
    path = folder / "COVID-19" / "000.png"
    running.reported.emit(FilesSkipped(files=(SkippedFile(path=path, reason="Damaged."),)))
    assert with_data.data.opened.dataset.skipped == ()
    assert with_data.train.is_running


def test_a_thumbnail_opens_on_the_predict_tab(with_data: MainWindow, tasks: Any, folder: Path) -> None:
    with_data.data.image_opened.emit(folder / "COVID-19" / "000.png")
    assert with_data.current_tab == "predict"
    tasks.run("listing")
    assert results(with_data) == ["Waiting"]


def test_a_thumbnail_that_is_on_the_list_already_is_gone_to(
    with_data: MainWindow, tasks: Any, folder: Path
) -> None:
    first, second = folder / "COVID-19" / "000.png", folder / "COVID-19" / "001.png"
    with_data.score([first, second])
    tasks.run("listing")
    assert with_data.predict.view.current == first
    with_data.data.image_opened.emit(second)
    tasks.run("listing")
    assert with_data.predict.view.current == second
    assert results(with_data) == ["Waiting"] * 2


def test_the_demo_is_drawn_opened_and_called_what_it_is(
    make_window: MakeWindow, tasks: Any, person: Any, folder: Path
) -> None:
    window = make_window(make_demo=lambda **_: folder)
    person.click(window, "try_demo")
    tasks.run()
    tasks.run()
    assert window.data.opened is not None
    assert banners(window)[0].startswith("These radiographs are simulated")
    banner = next(banner for banner in window.findChildren(Banner) if "simulated" in banner.accessibleName())
    person.click(banner, "banner_action")
    assert window.current_tab == "train"


def test_the_demo_s_notice_goes_with_the_demo(
    make_window: MakeWindow, tasks: Any, folder: Path, tmp_path: Path, draw: Any
) -> None:
    for class_name in ("A", "B"):
        draw(tmp_path / "own" / class_name, 4)
    window = make_window(make_demo=lambda **_: folder)
    window.try_demo()
    tasks.run_all()
    window.open_folder(tmp_path / "own")
    tasks.run_all()
    assert banners(window) == []


def test_the_demo_is_drawn_once_and_does_not_replace_a_folder_chosen_since(
    make_window: MakeWindow, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    window = make_window(make_demo=lambda **_: tmp_path / "demo")
    for _ in range(2):
        person.click(window, "try_demo")
    assert len(tasks.waiting) == 1
    demo = tasks.take()
    window.open_folder(folder)
    demo.run()
    tasks.end(demo)
    tasks.run_all()
    assert window.data.opened.dataset.folder == folder
    assert not any("simulated" in words for words in banners(window))


def test_training_without_data_leads_to_it(
    window: MainWindow, tasks: Any, person: Any, dialogs: Any, folder: Path
) -> None:
    dialogs.answers["folder"] = folder
    window.show_tab("train")
    person.click(window, "go_to_data")
    tasks.run()
    assert window.current_tab == "data"
    assert window.data.opened is not None


# --- models


@pytest.fixture
def loading(make_window: MakeWindow, make_model: Any) -> MainWindow:
    """A window that loads models by their file's name; ``bad`` is damaged."""

    def load(path: Path, **_: Any) -> jobs.Model:
        if path.stem == "bad":
            raise ModelError("bad.keras is damaged.", "Choose another file.")
        return make_model(path.stem)

    return make_window(load_model=load)


def test_a_model_is_loaded_by_dialog(loading: MainWindow, tasks: Any, dialogs: Any, tmp_path: Path) -> None:
    dialogs.answers["model"] = tmp_path / "good.keras"
    trigger(loading, "action_choose_model")
    tasks.run()
    assert loading.predict.model.path.stem == "good"


def test_a_model_that_fails_while_another_is_there(loading: MainWindow, tasks: Any, tmp_path: Path) -> None:
    loading.load_model(tmp_path / "good.keras")
    tasks.run()
    loading.load_model(tmp_path / "bad.keras")
    tasks.run()
    assert banners(loading) == ["bad.keras is damaged. Choose another file."]
    assert loading.predict.model.path.stem == "good"
    assert status(loading, "model") == "Model: Small CNN for COVID-19"
    loading.score([tmp_path / "good.keras"])
    tasks.run_all()
    assert results(loading)[0].startswith("Not scored")
    loading.load_model(tmp_path / "good.keras")
    assert banners(loading) == []


def test_the_last_model_asked_for_wins(loading: MainWindow, tasks: Any, tmp_path: Path) -> None:
    loading.load_model(tmp_path / "first.keras")
    first = tasks.take()
    loading.load_model(tmp_path / "second.keras")
    tasks.run()
    first.run()
    tasks.end(first)
    assert loading.predict.model.path.stem == "second"


def test_a_trained_model_wins_over_one_that_was_being_loaded(
    loading: MainWindow, tasks: Any, tmp_path: Path, folder: Path, result: jobs.TrainingResult
) -> None:
    loading.open_folder(folder)
    tasks.run_all()
    trigger(loading, "action_start_training")
    training = tasks.take()
    loading.load_model(tmp_path / "slow.keras")
    tasks.succeed(training, result)
    tasks.run()
    assert loading.predict.model is result.model


def test_the_model_of_last_time_is_loaded_after_tensorflow(
    loading: MainWindow, make_window: MakeWindow, tasks: Any, tmp_path: Path, make_model: Any
) -> None:
    loading.load_model(tmp_path / "good.keras")
    tasks.run()
    loading.close()
    second = make_window(load_tensorflow=lambda **_: None, load_model=lambda path, **_: make_model(path.stem))
    second.load_in_background()
    tasks.run("tensorflow")
    tasks.run("model")
    assert second.predict.model.path.stem == "good"


def test_a_chosen_model_is_not_replaced_by_the_one_of_last_time(
    loading: MainWindow, make_window: MakeWindow, tasks: Any, tmp_path: Path, make_model: Any
) -> None:
    loading.load_model(tmp_path / "good.keras")
    tasks.run()
    loading.close()
    second = make_window(load_tensorflow=lambda **_: None, load_model=lambda path, **_: make_model(path.stem))
    second.load_in_background()
    second.load_model(tmp_path / "chosen.keras")
    tasks.run_all()
    assert second.predict.model.path.stem == "chosen"


def test_images_say_what_they_wait_for_while_tensorflow_loads(
    make_window: MakeWindow, tasks: Any, person: Any, folder: Path
) -> None:
    def no_tensorflow(**_: Any) -> None:
        raise UserError("TensorFlow is not there.", "Install the program again.")

    window = make_window(load_tensorflow=no_tensorflow)
    window.load_in_background()
    window.score([folder / "COVID-19" / "000.png"])
    tasks.run("listing")
    assert "TensorFlow is being loaded." in person.reads(window)
    tasks.run("tensorflow")
    assert "TensorFlow is being loaded." not in person.reads(window)
    assert "TensorFlow could not be loaded." in person.reads(window)
    assert banners(window) == ["TensorFlow is not there. Install the program again."]


def test_the_model_is_saved(
    with_everything: MainWindow, person: Any, dialogs: Any, tmp_path: Path, result: jobs.TrainingResult
) -> None:
    dialogs.answers["save_as"] = tmp_path / "copy.keras"
    with_everything.show_tab("train")
    person.click(with_everything, "save_model")
    assert (tmp_path / "copy.keras").read_bytes() == result.model.path.read_bytes()
    assert banners(with_everything)[0].startswith("The model is saved as copy.keras.")


def test_a_model_that_cannot_be_saved_says_why(
    with_everything: MainWindow, dialogs: Any, tmp_path: Path, result: jobs.TrainingResult
) -> None:
    dialogs.answers["save_as"] = tmp_path / "copy.keras"
    result.model.path.unlink()
    trigger(with_everything, "action_save_model")
    assert "could not be written" in banners(with_everything)[0]
    assert not (tmp_path / "copy.keras").exists()


def test_the_results_are_saved_as_csv(
    with_everything: MainWindow, tasks: Any, person: Any, dialogs: Any, tmp_path: Path
) -> None:
    file = tmp_path / "results.csv"
    dialogs.answers["save_as"] = file
    person.click(with_everything, "save_csv")
    tasks.run("csv")
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["label"] for row in rows] == ["Healthy"] * 3 + ["COVID-19"] * 3
    assert rows[0]["path"].endswith("000.png")
    name = f"{tmp_path.name}/trained.keras"
    assert {(row["model"], row["note"]) for row in rows} == {(name, RESEARCH_USE)}
    assert banners(with_everything)[0].startswith("results.csv is saved.")


def test_cancelling_a_dialog_does_nothing(with_everything: MainWindow, tasks: Any, dialogs: Any) -> None:
    for name in ("choose_folder", "choose_images", "choose_model", "save_model", "export_csv"):
        trigger(with_everything, f"action_{name}")
    assert dialogs.asked == ["folder", "images", "model", "save_as", "save_as"]
    assert tasks.waiting == []
    assert banners(with_everything) == []


# --- menus and keys


def test_actions_are_enabled_only_when_they_can_do_something(
    window: MainWindow, tasks: Any, folder: Path, result: jobs.TrainingResult
) -> None:
    assert enabled(window) == set()
    window.open_folder(folder)
    assert enabled(window) == set()
    tasks.run()
    assert enabled(window) == {"start_training"}
    tasks.run()
    assert enabled(window) == {"check_data", "start_training"}
    trigger(window, "action_check_data")
    assert enabled(window) == {"start_training"}
    tasks.run()
    trigger(window, "action_start_training")
    training = tasks.take()
    assert enabled(window) == {"check_data", "pause_training", "stop_training"}
    trigger(window, "action_pause_training")
    assert training.is_paused
    trigger(window, "action_pause_training")
    assert not training.is_paused
    trigger(window, "action_stop_training")
    assert training.is_stopping
    assert enabled(window) == {"check_data"}
    tasks.succeed(training, result)
    assert enabled(window) == {"check_data", "start_training", "save_model"}
    window.score([folder / "COVID-19"])
    tasks.run("listing")
    assert "export_csv" not in enabled(window)
    tasks.run()
    assert "export_csv" in enabled(window)


def test_no_two_actions_share_a_shortcut_and_each_has_its_words(window: MainWindow) -> None:
    actions = window.findChildren(QAction)
    everywhere = [
        action for action in actions if action.shortcutContext() != Qt.ShortcutContext.WidgetShortcut
    ]
    shortcuts = Counter(
        key.toString() for action in everywhere for key in action.shortcuts() if not key.isEmpty()
    )
    assert {key for key, count in shortcuts.items() if count > 1} == set()
    assert {"Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+O", "Ctrl+S", "Ctrl+E", "F1"} <= set(shortcuts)
    own = [action for action in actions if not action.objectName().startswith("_q_")]  # Qt's have icons
    assert all(action.text() for action in own if not action.isSeparator() and not action.menu())


@pytest.mark.parametrize(("key", "tab"), [("1", "data"), ("2", "train"), ("3", "evaluate"), ("4", "predict")])
def test_tabs_by_key(window: MainWindow, person: Any, qtbot: QtBot, key: str, tab: str) -> None:
    activate(window, qtbot)
    window.show_tab("predict" if tab == "data" else "data")
    person.press(window, key, CONTROL)
    assert window.current_tab == tab
    assert getattr(window, tab).isVisible()


@pytest.mark.parametrize(
    ("key", "asked"), [("O", "folder"), ("I", "images"), ("L", "model"), ("S", "save_as"), ("E", "save_as")]
)
def test_dialogs_by_key(
    with_everything: MainWindow, person: Any, dialogs: Any, qtbot: QtBot, key: str, asked: str
) -> None:
    activate(with_everything, qtbot)
    person.press(with_everything, key, CONTROL)
    assert dialogs.asked == [asked]


def test_a_run_by_keys(with_data: MainWindow, tasks: Any, person: Any, qtbot: QtBot) -> None:
    activate(with_data, qtbot)
    person.press(with_data, Qt.Key.Key_Return, CONTROL)
    training = tasks.take()
    assert with_data.current_tab == "train"
    person.press(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert training.is_paused
    person.press(with_data, ".", CONTROL)
    assert training.is_stopping


def test_the_check_by_key(with_data: MainWindow, tasks: Any, person: Any, qtbot: QtBot) -> None:
    activate(with_data, qtbot)
    with_data.show_tab("predict")
    person.press(with_data, "K", CONTROL)
    assert with_data.current_tab == "data"
    assert len(tasks.waiting) == 1


def activate(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_recent_folders_and_models(loading: MainWindow, tasks: Any, folder: Path, tmp_path: Path) -> None:
    folders = loading.findChild(QMenu, "menu_recent_folders")
    models = loading.findChild(QMenu, "menu_recent_models")
    folders.aboutToShow.emit()
    assert [(action.text(), action.isEnabled()) for action in folders.actions()] == [("None yet", False)]
    loading.open_folder(folder)
    loading.load_model(tmp_path / "good.keras")
    tasks.run_all()
    for menu in (folders, models):
        menu.aboutToShow.emit()
    assert [action.text() for action in folders.actions()] == [str(folder)]
    folders.actions()[0].trigger()
    models.actions()[0].trigger()
    assert len(tasks.waiting) == 2


@pytest.mark.parametrize(("action", "name"), [("first_steps", "First steps"), ("about", "COVID Desktop")])
def test_help_opens_once_and_closes(window: MainWindow, person: Any, action: str, name: str) -> None:
    trigger(window, f"action_{action}")
    trigger(window, f"action_{action}")
    (dialog,) = window.findChildren(QDialog, action)
    assert dialog.isVisible()
    assert name in dialog.windowTitle()
    person.click(dialog, f"close_{action}")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(QDialog, action) == []


@pytest.mark.parametrize("is_opened", [True, False])
def test_the_log_folder_is_opened_or_named(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, is_opened: bool
) -> None:
    urls: list[Any] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url) or is_opened)
    trigger(window, "action_open_log_folder")
    folder = Path(urls[0].toLocalFile())
    assert folder.is_dir()
    assert (str(folder) in window.banner.accessibleName()) is not is_opened


# --- drops


def test_a_folder_dropped_on_the_window_is_opened(
    window: MainWindow, tasks: Any, person: Any, folder: Path
) -> None:
    assert person.drop(window, folder).isAccepted()
    tasks.run()
    assert window.data.opened.dataset.folder == folder


def test_images_dropped_anywhere_go_to_predict(
    window: MainWindow, tasks: Any, person: Any, folder: Path
) -> None:
    person.drop(window, *sorted((folder / "Healthy").glob("*.png")))
    assert window.current_tab == "predict"
    tasks.run("listing")
    assert len(results(window)) == 5


def test_a_folder_dropped_on_predict_is_scored(
    window: MainWindow, tasks: Any, person: Any, folder: Path
) -> None:
    window.show_tab("predict")
    area = window.findChild(DropArea)
    person.drag(area, folder)
    assert f"Score the images in {folder.name}" in person.reads(area)
    person.drop(area, folder)
    tasks.run("listing")
    assert len(results(window)) == 12
    person.drop(window, folder)
    tasks.run("listing")
    assert len(results(window)) == 12


def test_a_model_dropped_is_loaded(loading: MainWindow, tasks: Any, person: Any, make_model: Any) -> None:
    person.drop(loading, make_model("dropped").path)
    tasks.run()
    assert loading.current_tab == "predict"
    assert loading.predict.model.path.stem == "dropped"


def test_an_empty_folder_dropped_on_predict_says_so(
    window: MainWindow, tasks: Any, person: Any, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    window.show_tab("predict")
    person.drop(window, tmp_path / "empty")
    tasks.run("listing")
    assert banners(window) == ["There are no files in the folder. Choose images or another folder."]


def test_what_is_not_there_is_not_taken(window: MainWindow, person: Any, tmp_path: Path) -> None:
    assert not person.drop(window, tmp_path / "gone").isAccepted()
    assert not person.drop(window).isAccepted()


def test_of_two_the_one_that_is_there_is_opened(
    window: MainWindow, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    person.drop(window, tmp_path / "gone", folder)
    tasks.run()
    assert window.data.opened.dataset.folder == folder


def test_a_drop_never_moves_files(window: MainWindow, person: Any, folder: Path) -> None:
    dropped = person.drop(window, folder, modifier=SHIFT)
    assert dropped.proposedAction() == Qt.DropAction.MoveAction
    assert dropped.isAccepted()
    assert dropped.dropAction() == Qt.DropAction.CopyAction


def test_while_dragging_the_tab_that_would_take_it_says_so(
    window: MainWindow, person: Any, folder: Path
) -> None:
    person.drag(window, folder)
    assert window.findChild(QLabel, "rail_hint").text() == f"Open {folder.name} as data"
    assert window.findChild(QWidget, "tab_data").property("highlight")
    person.drop(window, folder)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChild(QLabel, "rail_hint") is None
    assert not window.findChild(QWidget, "tab_data").property("highlight")


def test_2000_files_are_taken_at_once(window: MainWindow, tasks: Any, person: Any, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(2000)]
    for file in files:
        file.touch()
    person.drop(window, *files)
    tasks.run("listing")
    assert len(results(window)) == 2000
    assert window.findChild(QWidget, "tab_predict").accessibleDescription() == "2,000"


# --- what is remembered


def test_size_tab_and_appearance_are_remembered(make_window: MakeWindow) -> None:
    first = make_window()
    first.resize(1000, 711)
    first.show_tab("train")
    trigger(first, "appearance_dark")
    first.close()
    second = make_window(size=None)
    assert second.height() == 711  # the screen of the tests is 800 pixels wide, too few for the width
    assert second.current_tab == "train"
    assert second._settings.text("appearance") == "dark"


def test_the_folder_of_last_time_is_opened_again(
    with_data: MainWindow, make_window: MakeWindow, tasks: Any, folder: Path
) -> None:
    with_data.close()
    second = make_window()
    second.reopen_last()
    tasks.run()
    assert second.data.opened.dataset.folder == folder


def test_a_folder_that_is_gone_is_not_opened_again(
    make_window: MakeWindow, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    for name in ("A", "B"):
        draw(tmp_path / "gone" / name, 3)
    first = make_window()
    first.open_folder(tmp_path / "gone")
    tasks.run_all()
    first.close()
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    second = make_window()
    second.reopen_last()
    assert tasks.waiting == []
    assert banners(second) == []


# --- look


def test_the_theme_changes_with_everything_open(
    with_everything: MainWindow, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Canvas, "draw")
    for name in ("first_steps", "about"):
        trigger(with_everything, f"action_{name}")
    with_everything.show_tab("train")
    person.click(with_everything, "toggle_augmentation")
    person.click(with_everything, "preview_augmentation")
    for scheme, tokens in (("dark", DARK), ("light", LIGHT)):
        trigger(with_everything, f"appearance_{scheme}")
        assert theme().scheme == scheme
        for tab in ("data", "train", "evaluate", "predict"):
            with_everything.show_tab(tab)
            image = with_everything.grab().toImage()
            assert image.pixelColor(image.width() - 3, image.height() // 2).name() == tokens.window
    for dialog in with_everything.findChildren(QDialog):
        dialog.close()


def visible(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


def name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r}"


def clipped(window: MainWindow) -> list[str]:
    """What has less room than it needs; headers of tables ask for a square."""
    needs = {w: w.minimumSizeHint() for w in visible(window) if not isinstance(w, QHeaderView)}
    return [
        f"{name(widget)} {widget.size()} < {need}"
        for widget, need in needs.items()
        if need.width() > widget.width() or need.height() > widget.height()
    ]


@pytest.mark.parametrize("filled", [False, True])
def test_nothing_is_clipped_in_a_small_window(filled: bool, request: pytest.FixtureRequest) -> None:
    window = request.getfixturevalue("with_everything" if filled else "window")
    for size in (QSize(1, 1), QSize(1024, 700)):
        window.resize(size)
        for tab in ("data", "train", "evaluate", "predict"):
            window.show_tab(tab)
            QApplication.processEvents()
            assert clipped(window) == []
            assert window.width() <= 1024
            assert window.height() <= 700
    assert (window.width(), window.height()) == (1024, 700)


def controls(window: MainWindow) -> list[QWidget]:
    """All that a person can act on, but for parts that Qt makes and buttons of notices to come."""
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractItemView)
    found = [widget for widget in window.findChildren(QWidget) if isinstance(widget, kinds)]
    own = [widget for widget in found if widget.window() is window and not isinstance(widget, QHeaderView)]
    own = [widget for widget in own if not isinstance(widget.parent(), QLineEdit)]
    return [widget for widget in own if not widget.objectName().startswith(("qt_", "banner_action"))]


def test_every_control_has_a_name_for_tests_and_for_screen_readers(with_everything: MainWindow) -> None:
    own = controls(with_everything)
    assert len(own) > 40
    nameless = [name(widget) for widget in own if not widget.objectName()]
    speechless = [name(widget) for widget in own if not (widget.accessibleName() or spoken(widget))]
    assert (nameless, speechless) == ([], [])


def spoken(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


@pytest.mark.parametrize("tab", ["data", "train", "evaluate", "predict"])
def test_the_tab_key_reaches_every_control(with_everything: MainWindow, tab: str, qtbot: QtBot) -> None:
    activate(with_everything, qtbot)
    with_everything.show_tab(tab)
    with_everything.findChild(QWidget, f"tab_{tab}").setFocus()
    reached: set[QWidget] = set()
    for _ in range(200):
        focus = QApplication.focusWidget()
        if focus in reached:
            break
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = {widget for widget in visible(with_everything) if takes_tab(widget)} - reached
    assert sorted(map(name, missed)) == []
    assert len(reached) > 6


def takes_tab(widget: QWidget) -> bool:
    if not widget.isEnabled() or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return False
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if isinstance(group, QButtonGroup) and group.exclusive():
        return group.checkedButton() is widget  # the arrow keys reach the others
    return widget.focusProxy() is None


def test_what_runs_which_model_and_what_it_is_not_for_are_always_in_sight(window: MainWindow) -> None:
    assert status(window) == "Ready"
    assert status(window, "model") == "Model: none"
    assert status(window, "research_use") == RESEARCH_USE
    for tab in ("data", "train", "evaluate", "predict"):
        window.show_tab(tab)
        assert window.findChild(QLabel, "status_research_use").isVisible()


# --- closing


def test_closing_while_nothing_runs_asks_nothing(window: MainWindow, dialogs: Any) -> None:
    assert window.close()
    assert dialogs.asked == []


def test_closing_while_a_run_goes_on_may_be_refused(
    running: Any, with_data: MainWindow, dialogs: Any
) -> None:
    dialogs.answers["may_stop_training"] = False
    assert not with_data.close()
    assert with_data.isVisible()
    assert not running.is_stopping
    dialogs.answers["may_stop_training"] = True


def test_closing_while_a_run_goes_on_stops_it_and_closes_when_it_has_ended(
    running: Any, with_data: MainWindow, tasks: Any, dialogs: Any, result: jobs.TrainingResult
) -> None:
    assert not with_data.close()
    assert dialogs.asked == ["may_stop_training"]
    assert running.is_stopping
    assert not with_data.isVisible()
    closed: list[bool] = []
    with_data.closeEvent = closing(with_data, closed)  # type: ignore[method-assign]
    tasks.succeed(running, result)
    assert closed == [True]
    assert dialogs.asked == ["may_stop_training"]
    assert with_data._settings.recent("models") == [result.model.path]


def closing(window: MainWindow, closed: list[bool]) -> Callable[[Any], None]:
    close = window.closeEvent

    def close_event(event: Any) -> None:
        close(event)
        closed.append(event.isAccepted())

    return close_event


def test_closing_while_tensorflow_loads_starts_nothing_new(
    loading: MainWindow, make_window: MakeWindow, tasks: Any, tmp_path: Path
) -> None:
    loading.load_model(tmp_path / "good.keras")
    tasks.run()
    loading.close()
    second = make_window(load_tensorflow=lambda **_: None)
    second.load_in_background()
    assert not second.close()
    tasks.run("tensorflow")
    assert tasks.waiting == []


def test_closing_while_images_are_scored_and_a_folder_is_read(
    with_data: MainWindow, tasks: Any, folder: Path, make_model: Any
) -> None:
    with_data._set_model(make_model())
    with_data.score([folder])
    tasks.run("listing")
    with_data.data.open_folder(folder)
    assert not with_data.close()
    scoring, opening = tasks.take(), tasks.take()
    assert scoring.is_stopping
    assert opening.is_stopping
    scoring.run()
    tasks.end(scoring)
    opening.run()
    tasks.end(opening)
    assert tasks.waiting == []
    assert results(with_data) == ["Waiting"] * 12


def test_closing_while_images_are_listed(
    with_data: MainWindow, tasks: Any, folder: Path, make_model: Any
) -> None:
    with_data._set_model(make_model())
    with_data.score([folder])
    assert not with_data.close()
    listing = tasks.take("listing")
    assert listing.is_stopping
    listing.run()
    tasks.end(listing)
    assert tasks.waiting == []


# --- dialogs of the system


@pytest.mark.parametrize(
    ("typed", "saved"), [("results", "results.csv"), ("a.csv", "a.csv"), ("run 1.2", "run 1.2.csv")]
)
def test_a_file_is_saved_under_its_kind(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, saved: str
) -> None:
    def accept(dialog: QFileDialog) -> int:
        dialog.selectFile(str(tmp_path / typed))
        return 1

    monkeypatch.setattr(QFileDialog, "exec", accept)
    assert Dialogs().save_as(window, "Save the results", "predictions.csv", ".csv") == tmp_path / saved


def test_a_save_that_is_cancelled_is_none(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 0)
    assert Dialogs().save_as(window, "Save the results", "predictions.csv", ".csv") is None


@pytest.mark.parametrize(("button", "stops"), [("Close and resume later", True), ("Keep training", False)])
def test_the_question_before_closing(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, button: str, stops: bool
) -> None:
    def choose(box: QMessageBox) -> int:
        next(one for one in box.buttons() if one.text() == button).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", choose)
    assert Dialogs().may_stop_training(window) is stops


def test_the_end_asks_nobody_and_begins_nothing_more(
    with_data: MainWindow,
    running: Any,
    tasks: Any,
    dialogs: Any,
    folder: Path,
    result: jobs.TrainingResult,
) -> None:
    with_data.end()
    assert dialogs.asked == []
    assert running.is_stopping
    assert not with_data.isVisible()
    with_data.load_in_background()
    with_data.begin(Request(files=(folder,)))
    assert tasks.waiting == []
    tasks.succeed(running, result)


def test_the_end_also_ends_the_question_that_is_open(
    with_data: MainWindow, running: Any, tasks: Any, dialogs: Any, result: jobs.TrainingResult
) -> None:
    def ask_and_be_ended(*_: Any) -> bool:
        with_data.end()
        return False

    dialogs.may_stop_training = ask_and_be_ended
    with_data.close()
    assert running.is_stopping
    assert not with_data.isVisible()
    tasks.succeed(running, result)
