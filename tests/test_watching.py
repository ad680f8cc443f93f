"""The watch as a whole: what is emitted, when it stops, and with a real model."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from covid_desktop import jobs, paths
from covid_desktop.core import watch as watch_module
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch import FolderWatch
from covid_desktop.core.watch_store import model_id, open_watch_store
from covid_desktop.core.watching import WatchInterrupted, keep_watching
from covid_desktop.errors import UserError

Step = Callable[[], object]


def draw(path: Path, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_phantom(seed, positive=True, size=40).pixels).save(path)
    return path


class Crash(Exception):
    pass


class Scene:
    """A watch whose time is made of steps: one each two seconds, and the watch is stopped after the last."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "Exports"
        self.place = tmp_path / "kept"
        self.events: list[Any] = []
        self.scored: list[str] = []
        self.seconds = 0.0
        self.crashes_after = -1
        for folder in (self.folder, self.place):
            folder.mkdir()

    def run(self, *steps: Step, include_existing: bool = True) -> None:
        self.events.clear()
        waiting = list(steps)

        def sleep(seconds: float) -> None:
            self.seconds += seconds
            if round(self.seconds, 1) % 2 == 0 and waiting:
                waiting.pop(0)()

        with self._watch(include_existing) as watch:
            keep_watching(
                watch, self._score, emit=self.events.append, should_stop=lambda: not waiting, sleep=sleep
            )

    @contextmanager
    def _watch(self, include_existing: bool) -> Iterator[FolderWatch]:
        clock = lambda: self.seconds  # noqa: E731
        with open_watch_store(self.place, self.folder, "a model", now=clock) as store:
            yield FolderWatch(self.folder, store, include_existing=include_existing, clock=clock)

    def _score(
        self, images: Sequence[Path], *, emit: Callable[[Any], None], should_stop: Callable[[], bool]
    ) -> None:
        for path in images:
            if should_stop():
                return
            self.scored.append(path.name)
            if len(self.scored) == self.crashes_after:
                raise Crash
            emit(Prediction(path=path, label="COVID-19", score=0.75, threshold=0.5))

    def put(self, name: str) -> Step:
        return lambda: (self.folder / name).write_bytes(name.encode())

    @property
    def predicted(self) -> list[str]:
        return [event.path.name for event in self.events if isinstance(event, Prediction)]

    @property
    def progress(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress)]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def nothing() -> None:
    pass


def test_results_come_with_their_number(scene: Scene) -> None:
    names = [f"{number}.png" for number in range(6)]
    drop = [scene.put(name) for name in names]
    scene.run(lambda: [put() for put in drop], nothing, nothing, nothing)
    assert scene.predicted == scene.scored
    assert sorted(scene.scored) == names
    assert scene.progress == [
        Progress(stage="Watching Exports"),
        Progress(stage="Watching Exports", done=2, total=6),
        Progress(stage="Watching Exports", done=4, total=6),
        Progress(stage="Watching Exports", done=6),
    ]


def test_a_restart_tells_what_is_known_first_and_scores_what_is_new(scene: Scene) -> None:
    scene.run(scene.put("1.png"), scene.put("2.png"), *[nothing] * 4)
    assert scene.predicted == ["1.png", "2.png"]
    first = [event for event in scene.events if isinstance(event, Prediction)]
    scene.run(scene.put("3.png"), *[nothing] * 3)
    assert scene.events[:2] == first
    assert scene.progress[0] == Progress(stage="Watching Exports", done=2)
    assert scene.predicted == ["1.png", "2.png", "3.png"]
    assert scene.scored == ["1.png", "2.png", "3.png"]


def test_a_crash_repeats_one_file_at_most(scene: Scene) -> None:
    scene.crashes_after = 3
    names = [f"{number}.png" for number in range(4)]
    drop = [scene.put(name) for name in names]
    with pytest.raises(Crash):
        scene.run(lambda: [put() for put in drop], *[nothing] * 4)
    told = list(scene.predicted)
    assert len(told) == 2
    scene.run(*[nothing] * 4)
    assert scene.predicted[:2] == told
    assert sorted(scene.predicted) == names
    assert len(scene.scored) == 5


def test_a_stop_between_files_loses_none(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("1.png", "2.png", "3.png"):
        scene.put(name)()
    score = scene._score

    def stopped(images: Sequence[Path], **arguments: Any) -> None:
        score(images[:1], **arguments)

    monkeypatch.setattr(scene, "_score", stopped)
    scene.run(nothing, nothing)
    assert len(scene.scored) == 2  # the first of each two
    monkeypatch.setattr(scene, "_score", score)
    scene.run(*[nothing] * 3)
    assert sorted(scene.scored) == ["1.png", "2.png", "3.png"]


def test_a_folder_that_is_away_is_told_once_and_the_watch_goes_on(scene: Scene) -> None:
    away = scene.folder.with_name("away")
    scene.run(
        scene.put("1.png"),
        *[nothing] * 2,
        lambda: scene.folder.rename(away),
        *[nothing] * 3,
        lambda: away.rename(scene.folder),
        scene.put("2.png"),
        *[nothing] * 3,
    )
    assert scene.predicted == ["1.png", "2.png"]
    interrupted = [event for event in scene.progress if isinstance(event, WatchInterrupted)]
    assert interrupted == [WatchInterrupted(done=1)]
    assert interrupted[0].stage == "The folder cannot be reached; it is tried again"
    after = scene.progress[scene.progress.index(interrupted[0]) + 1]
    assert after == Progress(stage="Watching Exports", done=1)


def test_files_that_are_there_may_be_left_out(scene: Scene) -> None:
    scene.put("old.png")()
    scene.run(nothing, scene.put("new.png"), *[nothing] * 3, include_existing=False)
    assert scene.predicted == ["new.png"]


# --- the job


class DrawnModel:
    """Stands for ``jobs.Model``."""

    path = Path("model.keras")

    def __init__(self) -> None:
        config = TrainingConfig(architecture="small-cnn").resolved()
        self.card = ModelCard(
            architecture="small-cnn",
            class_names=("Healthy", "COVID-19"),
            preprocessing=config.preprocessing,
            config=config,
        )


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """``jobs.watch`` in a thread, without waiting for files to be still; no network scores."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(watch_module, "STILL_SECONDS", 0.0)
    monkeypatch.setattr(watch_module, "_REST", 0)

    def predict(model: Any, images: Sequence[Path], *, emit: Any, should_stop: Any) -> None:
        for path in images:
            emit(Prediction(path=path, label="Healthy", score=0.25, threshold=model.card.threshold))

    monkeypatch.setattr("covid_desktop.jobs.predicting.predict", predict)
    folder = tmp_path / "Exports"
    folder.mkdir()
    return SimpleNamespace(folder=folder, model=DrawnModel(), events=[])


def run_until(job: SimpleNamespace, count: int, include_existing: bool = True) -> None:
    """Run the job until it gave so many results, and see it stop."""
    stop, enough = threading.Event(), threading.Event()

    def emit(event: object) -> None:
        job.events.append(event)
        if sum(isinstance(one, Prediction) for one in job.events) == count:
            enough.set()

    def work() -> None:
        jobs.watch(
            job.model, job.folder, include_existing=include_existing, emit=emit, should_stop=stop.is_set
        )

    thread = threading.Thread(target=work)
    thread.start()
    assert enough.wait(60)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_the_job_scores_stops_and_remembers(job: SimpleNamespace) -> None:
    draw(job.folder / "1.png")
    run_until(job, 1)
    first = [event for event in job.events if isinstance(event, Prediction)]
    assert first == [Prediction(path=job.folder / "1.png", label="Healthy", score=0.25, threshold=0.5)]
    job.events.clear()
    run_until(job, 1, include_existing=False)
    assert [event for event in job.events if isinstance(event, Prediction)] == first
    assert list(job.folder.iterdir()) == [job.folder / "1.png"]
    place = paths.watch_folder()
    assert place.is_relative_to(paths.data_folder())
    with open_watch_store(place, job.folder, model_id(job.model.card)) as store:
        assert store.results() == first


@pytest.mark.parametrize("name", ["nowhere", "a file", "a\0b"])
def test_without_a_folder_the_job_says_so(job: SimpleNamespace, tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(UserError, match="There is no folder"):
        jobs.watch(job.model, tmp_path / name, include_existing=True)


def test_with_a_real_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(watch_module, "STILL_SECONDS", 0.0)
    monkeypatch.setattr(watch_module, "GIVEN_UP_SECONDS", 0.0)
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=TrainingConfig(architecture="small-cnn", image_size=32).resolved().preprocessing,
        config=TrainingConfig(architecture="small-cnn", image_size=32).resolved(),
    )
    model = jobs.Model(
        path=tmp_path / "model.keras", classifier=Classifier(build("small-cnn", card.preprocessing), card)
    )
    folder = tmp_path / "Exports"
    whole = draw(folder / "whole.png")
    (folder / "cut off.png").write_bytes(whole.read_bytes()[:-200])
    events: list[Any] = []
    jobs.watch(
        model,
        folder,
        include_existing=True,
        emit=events.append,
        should_stop=lambda: sum(isinstance(event, Prediction) for event in events) == 2,
    )
    found = {event.path.name: event for event in events if isinstance(event, Prediction)}
    (expected,) = jobs.predict(model, [whole])
    assert found["whole.png"] == expected
    assert found["cut off.png"].score is None
    assert found["cut off.png"].error == "Damaged, cut off, or of a kind that is not supported."
