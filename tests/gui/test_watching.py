"""Scores what comes into a folder: what a watch tells, and when it ends."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watching import WatchInterrupted
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui.watch_bar import WatchBar
from covid_desktop.gui.watching import Watching
from covid_desktop.gui.widgets import ElidedLabel
from covid_desktop.gui.worklist import Worklist

FOLDER = Path("/mnt/ct/Exports")
ALIVE = Progress(stage="Watching Exports")


class FakeWatch:
    """Ends at once; ``given`` says what was watched."""

    def __init__(self) -> None:
        self.given: list[tuple[Any, Path, bool]] = []
        self.error: Exception | None = None

    def __call__(self, model: Any, folder: Path, *, include_existing: bool, **_: Any) -> None:
        self.given.append((model, folder, include_existing))
        if self.error:
            raise self.error


class Heard:
    """What a Watching told."""

    def __init__(self, watching: Watching) -> None:
        self.scored: list[Path] = []
        self.failed: list[UserError] = []
        self.changed: list[bool] = []
        self._watching = watching
        watching.scored.connect(lambda prediction: self.scored.append(prediction.path))
        watching.failed.connect(self.failed.append)
        watching.changed.connect(lambda: self.changed.append(watching.is_running))


@pytest.fixture
def watch() -> FakeWatch:
    return FakeWatch()


@pytest.fixture
def bar(show: Any) -> WatchBar:
    return show(WatchBar())


@pytest.fixture
def watching(bar: WatchBar, watch: FakeWatch, tasks: Any, make_model: Any) -> Watching:
    watching = Watching(bar, Worklist(bar), watch)
    watching.set_model(make_model())
    return watching


@pytest.fixture
def heard(watching: Watching) -> Heard:
    return Heard(watching)


def words(bar: WatchBar) -> str:
    label = bar.findChild(ElidedLabel, "watch_words")
    return label.accessibleName() if label.isVisible() else ""


def prediction(name: str) -> Prediction:
    return Prediction(path=FOLDER / name, label="COVID-19", score=0.75, threshold=0.5)


def listed(watching: Watching) -> list[str]:
    worklist = watching._worklist
    return [worklist.path(row).name for row in range(worklist.rowCount())]


def test_without_a_model_nothing_is_watched(bar: WatchBar, watch: FakeWatch, tasks: Any) -> None:
    watching = Watching(bar, Worklist(bar), watch)
    watching.start(FOLDER, include_existing=True)
    assert tasks.waiting == []
    assert (watching.is_running, watching.folder, words(bar)) == (False, None, "")


@pytest.mark.parametrize("include_existing", [False, True])
def test_a_folder_is_watched(
    watching: Watching, bar: WatchBar, watch: FakeWatch, heard: Heard, tasks: Any, include_existing: bool
) -> None:
    watching.start(FOLDER, include_existing=include_existing)
    assert (watching.is_running, watching.folder) == (True, FOLDER)
    assert heard.changed == [True]
    assert words(bar) == "Watching Exports: nothing scored yet"
    tasks.run()
    assert [(folder, given) for _, folder, given in watch.given] == [(FOLDER, include_existing)]


def test_each_result_is_on_the_list_and_counted(
    watching: Watching, bar: WatchBar, heard: Heard, tasks: Any
) -> None:
    watching.start(FOLDER, include_existing=False)
    task = tasks.take()
    task.reported.emit(prediction("old.png"))
    task.reported.emit(Progress(stage="Watching Exports", done=1))
    assert words(bar) == "Watching Exports: 1 scored"
    task.reported.emit(prediction("new.png"))
    task.reported.emit(Progress(stage="Watching Exports", done=2))
    assert words(bar).startswith("Watching Exports: 2 scored, last at ")
    assert listed(watching) == ["old.png", "new.png"]
    assert watching._worklist.done == 2
    assert [path.name for path in heard.scored] == ["old.png", "new.png"]


def test_an_interruption_is_told_and_ends_by_itself(watching: Watching, bar: WatchBar, tasks: Any) -> None:
    watching.start(FOLDER, include_existing=False)
    task = tasks.take()
    task.reported.emit(ALIVE)
    task.reported.emit(WatchInterrupted())
    assert words(bar) == "Watching Exports. The folder cannot be reached; it is tried again."
    assert watching.is_running
    task.reported.emit(ALIVE)
    assert words(bar) == "Watching Exports: nothing scored yet"


def test_a_stop_is_seen_at_once_and_what_comes_after_is_dropped(
    watching: Watching, bar: WatchBar, heard: Heard, tasks: Any, person: Any
) -> None:
    watching.start(FOLDER, include_existing=False)
    task = tasks.take()
    person.click(bar, "stop_watching")
    assert task.is_stopping
    assert (watching.is_running, watching.folder, words(bar)) == (False, None, "")
    task.reported.emit(prediction("late.png"))
    task.reported.emit(ALIVE)
    tasks.fail(task, UserError("The folder is gone.", "Choose another."))
    assert (listed(watching), heard.scored, heard.failed) == ([], [], [])
    assert heard.changed == [True, False]
    watching.stop()
    assert heard.changed == [True, False]


def test_an_error_ends_the_watch_and_is_told_once(
    watching: Watching, bar: WatchBar, watch: FakeWatch, heard: Heard, tasks: Any
) -> None:
    watch.error = UserError("There is no folder Exports.", "Choose another folder to watch.")
    watching.start(FOLDER, include_existing=False)
    tasks.run()
    assert heard.failed == [watch.error]
    assert (watching.is_running, words(bar), heard.changed) == (False, "", [True, False])


def test_a_stop_by_who_hears_of_the_error_is_no_trouble(
    watching: Watching, watch: FakeWatch, heard: Heard, tasks: Any
) -> None:
    watch.error = UserError("There is no folder Exports.", "Choose another folder to watch.")
    watching.failed.connect(lambda _: watching.stop())
    watching.start(FOLDER, include_existing=False)
    tasks.run()
    assert heard.changed == [True, False]


def test_another_folder_takes_the_place_of_the_first(
    watching: Watching, bar: WatchBar, heard: Heard, tasks: Any
) -> None:
    watching.start(FOLDER, include_existing=False)
    first = tasks.take()
    watching.start(FOLDER / "ct", include_existing=False)
    assert first.is_stopping
    first.reported.emit(prediction("late.png"))
    tasks.end(first)
    assert listed(watching) == []
    assert watching.folder == FOLDER / "ct"
    assert words(bar) == "Watching ct: nothing scored yet"
    tasks.take().reported.emit(prediction("new.png"))
    assert listed(watching) == ["new.png"]


def test_the_same_folder_can_be_watched_again_while_the_first_watch_ends(
    watching: Watching, tasks: Any
) -> None:
    watching.start(FOLDER, include_existing=False)
    first = tasks.take()
    watching.stop()
    watching.start(FOLDER, include_existing=False)
    first.stopped.emit()
    tasks.end(first)
    assert watching.is_running
    assert len(tasks.waiting) == 1


def test_another_model_ends_the_watch_and_the_same_one_does_not(
    watching: Watching, bar: WatchBar, tasks: Any, make_model: Any
) -> None:
    model = make_model("other")
    watching.set_model(model)
    watching.start(FOLDER, include_existing=False)
    watching.set_model(model)
    assert watching.is_running
    watching.set_model(make_model("third"))
    assert not watching.is_running
    assert tasks.take().is_stopping
    assert words(bar) == ""
    watching.set_model(None)
    watching.start(FOLDER, include_existing=False)
    assert not watching.is_running


def test_closing_ends_it(watching: Watching, tasks: Any) -> None:
    watching.start(FOLDER, include_existing=False)
    watching.close()
    assert tasks.take().is_stopping
    assert not watching.is_running


def test_it_watches_in_a_thread_of_its_own(show: Any, qtbot: Any, make_model: Any) -> None:
    def watch(*_: Any, emit: Any, should_stop: Any, **__: Any) -> None:
        emit(prediction("a.png"))
        emit(Progress(stage="Watching Exports", done=1))
        while not should_stop():
            pass
        raise Stopped

    owner = show(QWidget())
    bar = WatchBar()
    bar.setParent(owner)
    watching = Watching(bar, Worklist(owner), watch)
    watching.set_model(make_model())
    watching.start(FOLDER, include_existing=True)
    qtbot.waitUntil(lambda: listed(watching) == ["a.png"])
    watching.stop()
    assert not watching.is_running
