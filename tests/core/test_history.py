"""Events folded into curves, the best epoch, the time left and the story."""

import csv
import io
import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest

from covid_desktop.core import history as history_module
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.events import (
    BatchEnded,
    EpochEnded,
    Event,
    FilesSkipped,
    LearningRateReduced,
    Progress,
    TrainingEnded,
    TrainingStarted,
)
from covid_desktop.core.history import MAX_BATCH_POINTS, TrainingHistory, duration


def started(epochs: int = 10, batches: int = 4) -> TrainingStarted:
    return TrainingStarted(epochs=epochs, batches=batches, training=40, validation=10, learning_rate=0.01)


def epoch_ended(epoch: int, val_loss: float, seconds: float = 2.0) -> EpochEnded:
    return EpochEnded(
        epoch=epoch,
        loss=0.5 / epoch,
        accuracy=0.75,
        auroc=0.8,
        val_loss=val_loss,
        val_accuracy=0.7,
        val_auroc=0.9,
        learning_rate=0.01,
        seconds=seconds,
    )


def batch_ended(epoch: int, batch: int) -> BatchEnded:
    return BatchEnded(epoch=epoch, batch=batch, loss=epoch + batch / 1000, accuracy=0.5)


def folded(*events: Event) -> TrainingHistory:
    history = TrainingHistory()
    for event in events:
        history = history.with_event(event)
    return history


def run_of(*losses: float) -> list[Event]:
    return [started(), *(epoch_ended(epoch, loss) for epoch, loss in enumerate(losses, start=1))]


def best_of(losses: tuple[float, ...]) -> int | None:
    """The rule by which the weights are kept: a later epoch must be better than all before."""
    best, lowest = None, math.inf
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = epoch, loss
    return best


@pytest.mark.parametrize("length", range(5))
def test_the_best_epoch_is_that_of_the_kept_weights(length: int) -> None:
    for losses in itertools.product([0.2, 0.3, math.inf, math.nan], repeat=length):
        assert folded(*run_of(*losses)).best_epoch == best_of(losses)


def test_a_new_run_starts_afresh() -> None:
    old = [*run_of(0.1), LearningRateReduced(epoch=1, learning_rate=0.001), TrainingEnded(reason="finished")]
    assert folded(*old, started(epochs=3)) == folded(started(epochs=3))


@pytest.mark.parametrize(
    "event",
    [
        Progress(stage="Reading", done=1, total=2),
        FilesSkipped(files=(SkippedFile(path=Path("a.png"), reason="Empty file."),)),
        batch_ended(1, 1),
    ],
)
def test_what_is_no_part_of_a_run_changes_nothing(event: Event) -> None:
    assert folded(event) == TrainingHistory()


def test_batches_lie_between_the_epochs() -> None:
    history = folded(started(), *(batch_ended(epoch, batch) for epoch in (1, 2) for batch in (1, 2, 3, 4)))
    assert [point.position for point in history.batches] == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert [point.loss for point in history.batches][:2] == [1.001, 1.002]


@pytest.mark.parametrize("batches", [1, 7, 145, 5000])
def test_many_batches_are_thinned_evenly(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MAX_BATCH_POINTS", 50)
    history = folded(started(epochs=1000, batches=batches))
    for number in range(5000):
        history = history.with_event(batch_ended(number // batches + 1, number % batches + 1))
        assert len(history.batches) <= 50
    assert len(history.batches) >= 25
    assert history.latest_position == pytest.approx(5000 / batches)
    numbers = [round(point.position * batches) for point in history.batches]
    gaps = {later - earlier for earlier, later in itertools.pairwise(numbers)}
    assert gaps == {history.batch_stride}
    assert numbers[0] == history.batch_stride
    assert numbers[-1] > 5000 - history.batch_stride


def test_the_usual_run_keeps_every_batch() -> None:
    assert MAX_BATCH_POINTS >= 25 * 16


def test_time_left_is_at_the_mean_pace() -> None:
    assert folded(started()).seconds_left is None
    assert folded(started(), batch_ended(1, 2)).seconds_left is None
    history = folded(started(), epoch_ended(1, 0.5, seconds=2), epoch_ended(2, 0.5, seconds=4))
    assert history.seconds_left == pytest.approx(8 * 3)
    assert history.with_event(batch_ended(3, 2)).seconds_left == pytest.approx(7.5 * 3)
    assert history.with_event(TrainingEnded(reason="finished")).seconds_left is None


def test_fraction_grows_from_nothing_to_all() -> None:
    history = folded(started(epochs=2))
    seen = [TrainingHistory().fraction, history.fraction]
    for event in (
        batch_ended(1, 2),
        epoch_ended(1, 0.5),
        batch_ended(2, 2),
        TrainingEnded(reason="finished"),
    ):
        history = history.with_event(event)
        seen.append(history.fraction)
    assert seen == [0, 0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("events", "story"),
    [
        ([], ""),
        ([started()], "Epoch 1 of 10."),
        ([started(), batch_ended(1, 4)], "Epoch 2 of 10."),
        (
            [*run_of(0.5, 0.25, 0.5), batch_ended(4, 1)],
            "Epoch 4 of 10. Best so far: epoch 2, validation loss 0.250, accuracy 0.700.",
        ),
        ([started(epochs=1), epoch_ended(1, math.nan)], "Epoch 1 of 1."),
        (
            [*run_of(0.5), TrainingEnded(reason="finished")],
            "Finished 1 epoch. Kept: epoch 1, validation loss 0.500, accuracy 0.700.",
        ),
        (
            [*run_of(0.25, 0.5, 0.5, 0.5), TrainingEnded(reason="stopped early")],
            "Stopped early after epoch 4: validation loss had not improved for 3 epochs. "
            "Kept: epoch 1, validation loss 0.250, accuracy 0.700.",
        ),
        (
            [*run_of(0.5, 0.25), batch_ended(3, 1), TrainingEnded(reason="stopped by the user")],
            "Stopped by you after 2 epochs. Kept: epoch 2, validation loss 0.250, accuracy 0.700.",
        ),
    ],
)
def test_the_story(events: list[Event], story: str) -> None:
    assert folded(*events).story() == story


def test_csv_has_a_row_for_each_epoch() -> None:
    text = folded(*run_of(0.5, math.nan)).to_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["val_loss"]) for row in rows] == pytest.approx([0.5, math.nan], nan_ok=True)
    assert set(rows[0]) == set(EpochEnded.__slots__)
    assert TrainingHistory().to_csv().count("\n") == 1


def test_json_has_all_that_is_kept_with_a_model() -> None:
    history = folded(*run_of(0.5, 0.25), LearningRateReduced(epoch=2, learning_rate=0.003))
    values = json.loads(json.dumps(history.with_event(TrainingEnded(reason="finished")).to_json()))
    assert values["best_epoch"] == 2
    assert [epoch["val_loss"] for epoch in values["epochs"]] == [0.5, 0.25]
    assert values["learning_rate_reductions"] == [{"epoch": 2, "learning_rate": 0.003}]
    assert values["ended"] == "finished"


def test_what_is_kept_with_a_model_comes_back() -> None:
    history = folded(*run_of(0.5, math.inf, 0.25), LearningRateReduced(epoch=2, learning_rate=0.003))
    ended = history.with_event(TrainingEnded(reason="stopped early"))
    back = TrainingHistory.from_json(json.loads(json.dumps(ended.to_json())))
    assert (back.epochs[0], back.epochs[2]) == (ended.epochs[0], ended.epochs[2])
    assert math.isnan(back.epochs[1].val_loss)
    assert (back.reductions, back.ended, back.best_epoch) == (ended.reductions, "stopped early", 3)


@pytest.mark.parametrize(
    "values",
    [
        {"epochs": 3},
        {"epochs": [3]},
        {"epochs": [{"epoch": 1}]},
        {"epochs": [{"epoch": "first"}]},
        {"epochs": [{"epoch": math.inf}]},
        {"epochs": [{"epoch": None}]},
        {"learning_rate_reductions": [{"epoch": 1, "other": 2}]},
    ],
    ids=str,
)
def test_what_is_no_history_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        TrainingHistory.from_json(values)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (12.4, "12 s"), (89, "89 s"), (90, "2 min"), (600, "10 min")]
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
