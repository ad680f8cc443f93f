"""Real processes that are killed at moments drawn by a seed: a small share of ``campaigns/kill.py``."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from covid_desktop import curation, jobs, paths
from covid_desktop.core import checkpoints
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import EpochEnded, Notice
from covid_desktop.core.image import content_hash
from covid_desktop.core.model_file import read_card
from covid_desktop.errors import DatasetError, Interrupted, Stopped, UserError

CAMPAIGN = Path(__file__).parent / "campaigns" / "kill.py"
SEED = 5


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_campaign", CAMPAIGN)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def campaign(kill: ModuleType, tmp_path: Path) -> Any:
    return kill.Campaign(tmp_path, SEED)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.timeout(300)
def test_a_training_run_that_is_killed_and_resumed_ends_as_one_that_was_not(
    kill: ModuleType, campaign: Any, home: Path
) -> None:
    """The victim runs in a process of its own; the one that goes on and the unbroken one do so here."""
    (home / "unbroken").mkdir(parents=True)
    opened = curation.open_dataset(campaign.data)
    config = kill.config("small-cnn")
    jobs.train(opened, config, paths.new_run_folder("small-cnn") / "model.keras")
    expected = kill.outcome(home)
    victim = campaign.new_home()
    gone = kill.killed_after_line(victim, "epoch 3", "train", str(campaign.data), "small-cnn")
    assert gone.epoch >= 3
    campaign.require_resumable(victim, gone.epoch, 0)
    with kill.at_home(victim):
        (run,) = jobs.unfinished_runs()
        assert run.checkpoint.epoch >= 2
        heard: list[Any] = []
        jobs.resume(run, emit=heard.append)
        assert heard
        assert next(one.epoch for one in heard if isinstance(one, EpochEnded)) == run.next_epoch
        assert jobs.unfinished_runs() == ()
    campaign.assert_same(kill.outcome(victim), expected)
    assert not list(victim.rglob("*.checkpoint*"))


@pytest.mark.parametrize("what", ["save", "check", "worklist"])
def test_what_is_killed_leaves_nothing_torn(campaign: Any, what: str) -> None:
    getattr(campaign, what)()


# --- what jobs make of it


@pytest.fixture
def config() -> TrainingConfig:
    return TrainingConfig(architecture="small-cnn", image_size=32, epochs=3, batch_size=4)


@pytest.fixture
def data(kill: ModuleType, home: Path, tmp_path: Path) -> Path:
    return kill.draw(tmp_path / "images", 5)


def interrupt(data: Path, config: TrainingConfig, after_epoch: int, kind: Any = Interrupted) -> Path:
    """Train until an epoch has ended, or not at all for 0; where the model would be."""
    model = paths.new_run_folder("small-cnn") / "model.keras"
    ended: list[int] = []

    def stop() -> bool:
        if len(ended) >= after_epoch:
            raise kind
        return False

    def hear(event: Any) -> None:
        if isinstance(event, EpochEnded):
            ended.append(event.epoch)

    with pytest.raises(kind):
        jobs.train(curation.open_dataset(data), config, model, emit=hear, should_stop=stop)
    return model


def test_a_run_interrupted_before_its_first_epoch_is_found_and_begins_anew(
    data: Path, config: TrainingConfig
) -> None:
    model = interrupt(data, config, 0)
    (run,) = jobs.unfinished_runs()
    assert (run.model, run.checkpoint.epoch, run.checkpoint.config) == (model, 0, config.resolved())
    assert run.checkpoint.data_folder == data
    result = jobs.resume(run)
    assert len(result.history.epochs) == 3
    assert jobs.unfinished_runs() == ()
    assert not checkpoints.folder_of(model).exists()


def test_a_run_whose_data_changed_is_refused_and_stays(data: Path, config: TrainingConfig) -> None:
    interrupt(data, config, 1)
    (run,) = jobs.unfinished_runs()
    changed = run.checkpoint.contents["training"][0][0]
    (path,) = [one for one in data.rglob("*.png") if content_hash(one) == changed]
    path.unlink()
    with pytest.raises(UserError, match="The data changed since the run was interrupted"):
        jobs.resume(run)
    assert jobs.unfinished_runs() == (run,)
    for left in data.rglob("*.png"):
        left.unlink()
    with pytest.raises(DatasetError):
        jobs.resume(run)
    assert jobs.unfinished_runs() == (run,)
    jobs.discard_run(run)
    assert jobs.unfinished_runs() == ()
    assert not run.model.parent.exists()


def test_other_settings_are_refused_and_a_fresh_start_forgets_the_old_run(
    data: Path, config: TrainingConfig
) -> None:
    model = interrupt(data, config, 1)
    other = TrainingConfig(architecture="small-cnn", image_size=32, epochs=2, batch_size=4)
    opened = curation.open_dataset(data)
    with pytest.raises(UserError, match="Epochs is 2 instead of 3"):
        jobs.train(opened, other, model, resume=True)
    assert jobs.unfinished_run(model)
    assert len(jobs.train(opened, other, model).history.epochs) == 2
    assert jobs.unfinished_run(model) is None
    with pytest.raises(UserError, match="There is no run to resume"):
        jobs.train(opened, other, model, resume=True)


def test_a_stop_by_the_user_is_the_end_of_it(data: Path, config: TrainingConfig) -> None:
    model = interrupt(data, config, 0, Stopped)
    assert list(model.parent.iterdir()) == []
    assert jobs.unfinished_runs() == ()


def test_a_run_that_cannot_save_its_model_can_be_resumed(
    data: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from covid_desktop.learning.classifier import Classifier

    def full(*_: Any) -> None:
        raise UserError("model.keras could not be written: No space left on device.", "Free some space.")

    opened = curation.open_dataset(data)
    model = paths.new_run_folder("small-cnn") / "model.keras"
    with monkeypatch.context() as patch:
        patch.setattr(Classifier, "save", full)
        with pytest.raises(UserError, match="No space left"):
            jobs.train(opened, config, model)
    (run,) = jobs.unfinished_runs()
    assert run.checkpoint.ended == "finished"
    heard: list[Any] = []
    result = jobs.resume(run, emit=heard.append)
    assert not [one for one in heard if isinstance(one, EpochEnded)]
    assert read_card(model).history == result.history.to_json()


def test_no_space_for_checkpoints_is_told_once_and_the_run_goes_on(
    data: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise UserError("It could not be written: No space left on device.", "Free some space.")

    monkeypatch.setattr(checkpoints.Checkpoints, "write", full)
    heard: list[Any] = []
    model = paths.new_run_folder("small-cnn") / "model.keras"
    jobs.train(curation.open_dataset(data), config, model, emit=heard.append)
    (notice,) = [one for one in heard if isinstance(one, Notice)]
    assert "No space left on device" in notice.what
    assert model.is_file()
    assert not checkpoints.folder_of(model).exists()
