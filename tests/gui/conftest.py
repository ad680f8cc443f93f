"""What tests of the window share. A window, a thread, a Qt warning or a logged warning left behind fails."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget

from covid_desktop import curation, jobs
from covid_desktop.core.audit import Area, ShortcutAudit, Verdict
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Sample, SkippedFile, Subset
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import EpochEnded, TrainingEnded, TrainingStarted
from covid_desktop.core.findings import Finding, Remedy, Severity
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.evaluate_tab import EvaluateTab
from covid_desktop.gui.main_window import MainWindow
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.task import Background, Task, running_tasks
from covid_desktop.gui.theme import apply_theme, theme
from covid_desktop.gui.train_tab import TrainTab

HERE = Path(__file__).parent
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
Kind = TypeVar("Kind", bound=QWidget)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support"))


@pytest.fixture(autouse=True)
def no_leftovers(qapp: QApplication, qtbot: Any, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test that means to log a warning clears ``caplog`` itself."""
    if theme().scheme != "light":
        apply_theme(qapp, "light")
    before = set(qapp.topLevelWidgets())
    yield
    readers = [reader for widget in qapp.topLevelWidgets() for reader in widget.findChildren(Background)]
    reading = [reader for reader in readers if reader.isRunning()]
    for reader in reading:
        reader.close()
    for task in running_tasks():
        task.stop()
        task.wait()
    assert not reading, "a background thread still runs"
    assert not running_tasks_after(qapp), "a task still runs"
    left = [widget for widget in qapp.topLevelWidgets() if widget not in before and widget.isVisible()]
    assert not left, f"windows left open: {left}"
    logged = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not logged, f"logged: {[record.getMessage() for record in logged]}"


def running_tasks_after(qapp: QApplication) -> tuple[Any, ...]:
    """Tasks that run once the event loop has told everybody what has ended."""
    qapp.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return running_tasks()


class Tasks:
    """Takes the place of threads: a test says what each task does and when, all in the main thread."""

    def __init__(self) -> None:
        self.waiting: list[Task] = []
        self._known: list[Task] = []

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def start(task: Task) -> None:
            self.waiting.append(task)
            self._known.append(task)

        monkeypatch.setattr(Task, "start", start, raising=False)
        monkeypatch.setattr(Background, "start", lambda *_: None, raising=False)

    def take(self, name: str = "") -> Task:
        """The task that was started first, or first under a name, and has not been taken."""
        task = next(task for task in self.waiting if not name or task.objectName() == name)
        self.waiting.remove(task)
        return task

    def succeed(self, task: Task, result: object) -> None:
        task.succeeded.emit(result)
        self.end(task)

    def fail(self, task: Task, error: Exception) -> None:
        task.failed.emit(error)
        self.end(task)

    def end(self, task: Task) -> None:
        self._known.remove(task)
        task.finished.emit()

    def run(self, name: str = "") -> None:
        """Do the whole job of the next task here and now."""
        task = self.take(name)
        task.run()
        self.end(task)

    def run_all(self) -> None:
        while self.waiting:
            self.run()

    def end_all(self) -> None:
        while self._known:  # the end of one may be the start of another
            self.end(self._known[0])

    def answer(self, owner: QWidget) -> list[Any]:
        """Answer what the readers below a widget were asked, in their order; the requests."""
        requests = []
        for reader in owner.findChildren(Background):
            while reader._waiting:
                request = reader._next()
                reader.answered.emit(request, reader._answer(request))
                requests.append(request)
        return requests


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tasks]:
    """No thread runs, and no figure is drawn unless the test takes ``Canvas.draw`` away again."""
    tasks = Tasks()
    tasks.patch(monkeypatch)
    monkeypatch.setattr(Canvas, "draw", lambda _: None, raising=False)
    yield tasks
    tasks.end_all()


class Person:
    """Does what a person does with mouse and keyboard, and reads what a person reads."""

    def __init__(self) -> None:
        self._dragged: list[QMimeData] = []  # an event does not keep it alive

    def find(self, parent: QWidget, kind: type[Kind], name: str) -> Kind:
        (found,) = parent.findChildren(kind, name)
        return found

    def click(self, parent: QWidget, name: str) -> None:
        widget = self.find(parent, QWidget, name)
        assert widget.isVisible(), f"{name} is not visible"
        assert widget.isEnabled(), f"{name} is not enabled"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def sees(self, parent: QWidget, name: str) -> bool:
        return self.find(parent, QWidget, name).isVisible()

    def reads(self, parent: QWidget) -> str:
        """All the words in sight."""
        labels = parent.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    def press(self, widget: QWidget, key: Qt.Key, modifier: Any = NO_MODIFIER) -> None:
        QTest.keyClick(widget, key, modifier)

    def select(self, view: QAbstractItemView, *rows: int) -> None:
        """Click on rows of a list, on all but the first with Ctrl."""
        for number, row in enumerate(rows):
            place = view.visualRect(view.model().index(row, 0)).center()
            modifier = Qt.KeyboardModifier.ControlModifier if number else NO_MODIFIER
            QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, place)

    def drag(self, widget: QWidget, *paths: Path, modifier: Any = NO_MODIFIER) -> QDragEnterEvent:
        return self._send(QDragEnterEvent, QPoint(40, 40), widget, paths, modifier)

    def drop(self, widget: QWidget, *paths: Path, modifier: Any = NO_MODIFIER) -> QDropEvent:
        """Drag files over a widget and let go where it takes them; with Shift that asks for a move."""
        entered = self.drag(widget, *paths, modifier=modifier)
        if not entered.isAccepted():
            return entered
        return self._send(QDropEvent, QPointF(40, 40), widget, paths, modifier)

    def _send(self, kind: Any, place: Any, widget: QWidget, paths: tuple[Path, ...], modifier: Any) -> Any:
        mime = QMimeData()
        self._dragged.append(mime)
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        event = kind(place, actions, mime, Qt.MouseButton.LeftButton, modifier)
        event.ignore()
        QCoreApplication.sendEvent(widget, event)
        return event


@pytest.fixture
def person() -> Person:
    return Person()


Draw = Callable[..., list[Path]]


@pytest.fixture
def draw() -> Draw:
    """Draws ``count`` small grey pictures into a folder, each of another shade."""

    def draw(folder: Path, count: int = 1, first: int = 0) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{number:03}.png" for number in range(first, first + count)]
        for number, path in enumerate(paths):
            shade = (40 * number + 10) % 256
            Image.fromarray(np.full((12, 16), shade, np.uint8)).save(path)
        return paths

    return draw


@pytest.fixture
def folder(tmp_path: Path, draw: Draw) -> Path:
    """Two classes, 6 and 5 images, and a file that is none."""
    root = tmp_path / "chest"
    draw(root / "COVID-19", 6)
    draw(root / "Healthy", 5)
    (root / "Healthy" / "notes.txt").write_text("not an image")
    return root


@pytest.fixture
def opened(folder: Path) -> OpenedDataset:
    return curation.open_dataset(folder)


@pytest.fixture
def make_finding() -> Callable[..., Finding]:
    def make(
        kind: str = "blank",
        severity: Severity = "serious",
        groups: Sequence[Sequence[Path]] = (),
        remedies: Sequence[Remedy] = (),
        notes: Mapping[Path, str] | None = None,
    ) -> Finding:
        return Finding(
            kind=kind,
            severity=severity,
            title=f"Something is {kind}.",
            why=f"Why {kind} matters.",
            fix=f"What to do about {kind}.",
            groups=tuple(map(tuple, groups)),
            remedies=tuple(remedies),
            notes=notes or {},
        )

    return make


class FakeCheck:
    """Finds at once what a test puts into ``findings`` and ``unreadable``; ``given`` says what it checked."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.unreadable: tuple[SkippedFile, ...] = ()
        self.given: list[OpenedDataset] = []

    def __call__(self, opened: OpenedDataset, **_: Any) -> CheckedDataset:
        self.given.append(opened)
        used = {sample.path for sample in opened.dataset.samples}
        unreadable = tuple(file for file in self.unreadable if file.path in used)
        return CheckedDataset(opened=opened.without(unreadable), facts={}, findings=self.findings)


@pytest.fixture
def check() -> FakeCheck:
    return FakeCheck()


@pytest.fixture
def make_audit() -> Callable[..., ShortcutAudit]:
    def make(verdict: Verdict = "red") -> ShortcutAudit:
        area = Area(auroc=0.97, low=0.95, high=0.99, n=11)
        sentence = f"A sentence for {verdict}."
        return ShortcutAudit(
            verdict=verdict,
            sentence=sentence,
            fix="Do this.",
            areas={"file-properties": area, "whole-picture": area},
            n=11,
            total=11,
            validation={"trained-model": area},
        )

    return make


MakeModel = Callable[..., jobs.Model]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """A model whose score is the mean grey of an image, from 0 to 1; ``inverted`` for its opposite."""

    def make(name: str = "model", *, inverted: bool = False) -> jobs.Model:
        def scores(pixels: Any) -> Any:
            means = pixels.reshape(len(pixels), -1).mean(axis=1) / 255
            return 1 - means if inverted else means

        card = ModelCard(
            architecture="small-cnn",
            class_names=("Healthy", "COVID-19"),
            preprocessing=Preprocessing(width=8, height=8, channels=1),
            config=TrainingConfig(architecture="small-cnn"),
        )
        path = tmp_path / f"{name}.keras"
        path.write_bytes(name.encode())
        classifier: Any = SimpleNamespace(
            card=card,
            scores=scores,
            look=lambda pixels, checked: (scores(pixels), None),
            checked_as=card.preprocessing,
            familiarity=None,
        )
        return jobs.Model(path=path, classifier=classifier)

    return make


def epoch(number: int, val_loss: float) -> EpochEnded:
    return EpochEnded(
        epoch=number,
        loss=val_loss + 0.1,
        accuracy=0.8,
        auroc=0.9,
        val_loss=val_loss,
        val_accuracy=0.75,
        val_auroc=0.85,
        learning_rate=1e-3,
        seconds=2.0,
    )


@pytest.fixture
def events() -> list[Any]:
    """Two epochs of a run of three."""
    started = TrainingStarted(epochs=3, batches=4, training=9, validation=2, learning_rate=1e-3)
    return [started, epoch(1, 0.6), epoch(2, 0.4)]


@pytest.fixture
def result(make_model: MakeModel, events: list[Any]) -> jobs.TrainingResult:
    history = TrainingHistory()
    for event in [*events, TrainingEnded(reason="stopped by the user")]:
        history = history.with_event(event)
    evaluation = Evaluation(labels=(1, 1, 0, 0), scores=(0.9, 0.4, 0.2, 0.6), threshold=0.5)
    return jobs.TrainingResult(
        model=make_model("trained"), history=history, evaluation=evaluation, seconds=5.0
    )


class FakeEvaluating:
    """Judges, saves and draws heatmaps at once; ``given`` says what was judged, ``saved`` what was saved."""

    def __init__(self) -> None:
        self.given: list[object] = []
        self.saved: list[dict[str, Any]] = []
        self.seen: list[Path] = []
        self.known = 0
        self.error: UserError | None = None

    def tab(self) -> EvaluateTab:
        return EvaluateTab(self.judge, self.judge_folder, self.heatmap, self.save)

    def judge(self, _: jobs.Model, opened: OpenedDataset, subset: Subset, **__: Any) -> Judgement:
        self.given.append(subset)
        return self._judged(opened.split.of(subset), opened.dataset.folder, subset)

    def judge_folder(self, _: jobs.Model, folder: Path, **__: Any) -> Judgement:
        self.given.append(folder)
        return self._judged(curation.scan_folder(folder).samples, folder, None)

    def _judged(self, samples: Sequence[Sample], folder: Path, subset: Subset | None) -> Judgement:
        """Every third image is called wrongly at 0.5; no two have the same score."""
        if self.error:
            raise self.error
        called = [sample.label ^ (place % 3 == 2) for place, sample in enumerate(samples)]
        evaluation = Evaluation(
            labels=tuple(sample.label for sample in samples),
            scores=tuple(0.2 + 0.6 * label + 0.01 * place for place, label in enumerate(called)),
            threshold=0.5,
            paths=tuple(sample.path for sample in samples),
        )
        return Judgement(
            folder=folder,
            subset=subset,
            evaluation=evaluation,
            in_training=self.known,
            in_validation=evaluation.n if subset == "validation" else 0,
        )

    def heatmap(self, _: jobs.Model, path: Path, **__: Any) -> jobs.Heatmap:
        self.seen.append(path)
        values = np.ones((8, 8), np.float32)
        return jobs.Heatmap(
            path=path, pixels=np.zeros((8, 8, 1), np.uint8), values=values, score=0.8, central_share=0.36
        )

    def save(self, model: jobs.Model, **point: Any) -> jobs.Model:
        if self.error:
            raise self.error
        self.saved.append(point)
        values = {**point, "threshold_origin": point["origin"]}
        del values["origin"]
        classifier: Any = model.classifier
        classifier.card = replace(model.card, **values)
        return model


@pytest.fixture
def evaluating() -> FakeEvaluating:
    return FakeEvaluating()


class FakeDialogs(Dialogs):
    """Answers at once; ``asked`` says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {"may_stop_training": True}

    def _answer(self, question: str, otherwise: Any = None) -> Any:
        self.asked.append(question)
        return self.answers.get(question, otherwise)

    def folder(self, *_: Any) -> Any:
        return self._answer("folder")

    def images(self, *_: Any) -> Any:
        return self._answer("images", [])

    def model(self, *_: Any) -> Any:
        return self._answer("model")

    def save_as(self, *_: Any) -> Any:
        return self._answer("save_as")

    def report(self, *_: Any) -> Any:
        return self._answer("report")

    def results(self, *_: Any) -> Any:
        return self._answer("results")

    def watched_folder(self, *_: Any) -> Any:
        return self._answer("watched_folder")

    def output_folder(self, *_: Any) -> Any:
        return self._answer("output_folder")

    def may_stop_training(self, *_: Any) -> Any:
        return self._answer("may_stop_training")


@pytest.fixture
def dialogs() -> FakeDialogs:
    return FakeDialogs()


@pytest.fixture
def make_window(
    tasks: Tasks,
    dialogs: FakeDialogs,
    check: FakeCheck,
    evaluating: FakeEvaluating,
    tmp_path: Path,
    qtbot: Any,
) -> Callable[..., MainWindow]:
    """Makes windows that are shown and ready; no thread runs, nothing needs TensorFlow."""
    made = []  # qtbot does not keep a widget alive

    def make(*, size: tuple[int, int] | None = (1200, 800), **parts: Any) -> MainWindow:
        runs = tmp_path / "run"
        runs.mkdir(exist_ok=True)
        data, train = DataTab(check=check), TrainTab(new_run_folder=lambda _: runs)
        own = {"data": data, "train": train, "evaluate": evaluating.tab(), "dialogs": dialogs}
        parts = {**own, **parts}
        window = MainWindow(Settings(tmp_path / "settings.ini"), **parts)
        made.append(window)
        qtbot.addWidget(window)
        if size:
            window.resize(*size)
        window.show()
        return window

    return make


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window()


@pytest.fixture
def show(qtbot: Any) -> Callable[[Kind], Kind]:
    """Shows a tab by itself, and ends its threads in time."""
    shown = []  # qtbot does not keep a widget alive

    def show(widget: Kind) -> Kind:
        shown.append(widget)
        qtbot.addWidget(widget, before_close_func=_close_threads)
        widget.resize(1000, 700)
        widget.show()
        return widget

    return show


def _close_threads(widget: Any) -> None:
    if hasattr(widget, "close_threads"):
        widget.close_threads()
