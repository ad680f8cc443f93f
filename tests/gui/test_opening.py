"""Files that come from outside: at the start, from another start, from the system."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from covid_desktop import jobs
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.config import TrainingConfig
from covid_desktop.errors import ModelError, UserError
from covid_desktop.gui.dropping import plan_drop
from covid_desktop.gui.instance import Request
from covid_desktop.gui.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


def listed(window: MainWindow) -> list[str]:
    worklist = window.predict.worklist
    return [worklist.path(row).name for row in range(worklist.rowCount())]


@pytest.fixture
def window(make_window: MakeWindow, make_model: Any) -> MainWindow:
    """A window that loads models by their file's name, without TensorFlow; ``bad`` is damaged."""

    def load(path: Path, **_: Any) -> jobs.Model:
        if path.stem == "bad":
            raise ModelError("bad.keras is damaged.", "Choose another file.")
        model: jobs.Model = make_model(path.stem)
        return model

    return make_window(load_model=load, load_tensorflow=lambda **_: None, make_demo=lambda **_: None)


@pytest.fixture
def model(make_model: Any) -> Path:
    path: Path = make_model("given").path
    return path


# --- what a drop of several kinds does


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["m.keras"], "Load the model m.keras"),
        (["m.KERAS", "a.png"], "Load the model m.KERAS and score a.png"),
        (["a.png", "m.keras", "b.png"], "Load the model m.keras and score 2 files and folders"),
        (["m.keras", "folder"], "Load the model m.keras and score the images in folder"),
        (["m.keras", "n.keras"], "Load the model m.keras"),
        (["folder", "a.png"], "Score 2 files and folders"),
        (["gone", "folder"], "Open folder as data"),
    ],
)
def test_what_files_of_several_kinds_do(tmp_path: Path, names: list[str], sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    for name in names:
        if "." in name:
            (tmp_path / name).touch()
    plan = plan_drop([tmp_path / name for name in names], "data")
    assert plan is not None
    assert plan.sentence == sentence


def test_a_model_and_images_dropped_at_once(
    window: MainWindow, tasks: Any, person: Any, model: Path, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path / "more", 2)
    person.drop(window, first, model, second)
    tasks.run("listing")
    assert listed(window) == [first.name, second.name]
    tasks.run("model")
    tasks.run_all()
    assert window.predict.model is not None
    assert window.predict.model.path == model
    assert window.predict.worklist.done == 2


# --- at the start


def test_a_folder_that_is_given_is_data_whatever_tab_is_shown(
    window: MainWindow, tasks: Any, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "last").mkdir()
    window._settings.add_recent("folders", tmp_path / "last")
    window.show_tab("predict")
    window.begin(Request(files=(folder,)))
    tasks.run_all()
    assert window.current_tab == "data"
    assert window.data.opened is not None
    assert window.data.opened.dataset.folder == folder


def test_images_that_are_given_wait_for_the_model_of_last_time(
    window: MainWindow, tasks: Any, make_model: Any, tmp_path: Path, draw: Any
) -> None:
    window._settings.add_recent("models", make_model("last").path)
    images = draw(tmp_path / "more", 2)
    window.begin(Request(files=tuple(images)))
    window.load_in_background()
    tasks.run("listing")
    assert listed(window) == [image.name for image in images]
    assert window.predict.worklist.done == 0
    tasks.run_all()
    assert window.predict.model is not None
    assert window.predict.model.path.stem == "last"
    assert window.predict.worklist.done == 2


@pytest.mark.parametrize(("name", "loaded"), [("given", ["given"]), ("bad", [])])
def test_a_model_that_is_given_comes_before_the_one_of_last_time(
    window: MainWindow, tasks: Any, make_model: Any, name: str, loaded: list[str]
) -> None:
    window._settings.add_recent("models", make_model("last").path)
    window.begin(Request(files=(make_model(name).path,)))
    window.load_in_background()
    tasks.run("tensorflow")
    tasks.run_all()
    assert [model.path.stem for model in [window.predict.model] if model] == loaded


def test_the_folder_of_last_time_is_opened_beside_images(
    window: MainWindow, tasks: Any, folder: Path, tmp_path: Path, draw: Any
) -> None:
    window._settings.add_recent("folders", folder)
    window.begin(Request(files=tuple(draw(tmp_path / "more", 1))))
    tasks.run_all()
    assert window.current_tab == "predict"
    assert window.data.opened is not None


def test_the_demo_is_opened_instead_of_the_folder_of_last_time(
    window: MainWindow, tasks: Any, folder: Path
) -> None:
    window._settings.add_recent("folders", folder)
    window.begin(Request(demo=True))
    names = [task.objectName() for task in tasks.waiting]
    assert "demo" in names
    assert "" not in names  # that of a folder that is opened


# --- from another start


@pytest.mark.parametrize("maximised", [False, True])
def test_a_request_brings_the_window_back(window: MainWindow, qtbot: QtBot, maximised: bool) -> None:
    if maximised:
        window.showMaximized()
    window.showMinimized()
    window.take_request(Request())
    assert not window.isMinimized()
    assert window.isMaximized() is maximised
    qtbot.waitUntil(window.isActiveWindow)


def test_a_request_with_a_permission_to_come_to_the_front_shows_it(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "old")
    shown: list[str] = []
    monkeypatch.setattr(window, "activateWindow", lambda: shown.append(os.environ["XDG_ACTIVATION_TOKEN"]))
    window.take_request(Request(activation="token-1"))
    assert shown == ["token-1"]


def test_a_request_for_the_demo(window: MainWindow, tasks: Any) -> None:
    window.take_request(Request(demo=True))
    assert [task.objectName() for task in tasks.waiting] == ["demo"]


def test_files_that_come_while_a_dialog_is_open_are_not_lost(
    window: MainWindow, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    box = QMessageBox(window)
    box.setWindowModality(Qt.WindowModality.ApplicationModal)
    box.open()
    images = draw(tmp_path / "more", 3)
    window.take_request(Request(files=tuple(images)))
    assert QApplication.activeModalWidget() is box
    box.close()
    tasks.run("listing")
    assert listed(window) == [image.name for image in images]


def test_the_window_says_when_it_begins_to_close(
    window: MainWindow, tasks: Any, folder: Path, qtbot: QtBot
) -> None:
    window.open_folder(folder)
    with qtbot.waitSignal(window.closing):
        assert not window.close()
    tasks.run_all()


# --- runs that were interrupted


def test_a_run_that_was_interrupted_is_offered_and_its_data_opened(
    make_window: Any, tasks: Any, person: Any, folder: Path, tmp_path: Path
) -> None:
    checkpoint = Checkpoint(
        config=TrainingConfig(architecture="small-cnn").resolved(),
        data_folder=folder,
        split_seed=0,
        began="2026-01-02T14:32:00+01:00",
        epoch=7,
    )
    run = UnfinishedRun(model=tmp_path / "model.keras", checkpoint=checkpoint)
    window = make_window(unfinished_runs=lambda **_: (run,))
    window.begin(Request())
    tasks.run("unfinished")
    window.show_tab("train")
    assert f"on {folder.name} was interrupted after epoch 7 of 25." in person.reads(window.train)
    person.click(window, "resume_run")
    assert window.current_tab == "train"
    resuming = tasks.waiting.pop()
    tasks.run_all()
    assert window.data.opened is not None
    assert window.data.opened.dataset.folder == folder
    tasks.fail(resuming, UserError("No space left on device.", "Free some space."))
    tasks.run("unfinished")
    assert person.sees(window.train, "resume_bar")
