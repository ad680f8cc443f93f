"""What scores the worklist: what waits, single images once more, and what becomes of a stop."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.scoring import Scoring
from covid_desktop.gui.worklist import Worklist

A, B, C = Path("a.png"), Path("b.png"), Path("c.png")
INVERTED = Adjustment(is_inverted=True)


def prediction(path: Path, score: float | None = 0.75, **values: Any) -> Prediction:
    label = None if score is None else "COVID-19"
    return Prediction(path=path, label=label, score=score, threshold=0.5, **values)


def refused(path: Path) -> Prediction:
    return prediction(path, None, refusal="It seems to be inverted.", suggestion=INVERTED)


@dataclass
class Given:
    """What a job was given."""

    model: Any
    images: list[Path]
    anyway: bool = False
    adjustments: dict[Path, Adjustment] = field(default_factory=dict)


class FakePredict:
    """Refuses ``b.png`` unless it is inverted or scored anyway."""

    def __init__(self) -> None:
        self.given: list[Given] = []
        self.error: UserError | None = None

    def __call__(
        self,
        model: Any,
        images: Sequence[Path],
        *,
        emit: Any,
        should_stop: Any,
        anyway: bool = False,
        adjustments: dict[Path, Adjustment] | None = None,
    ) -> list[Prediction]:
        chosen = dict(adjustments or {})
        self.given.append(Given(model, list(images), anyway, chosen))
        if self.error:
            raise self.error
        for path in images:
            if should_stop():
                raise Stopped
            adjustment = chosen.get(path, AS_IT_IS)
            is_refused = path.name == "b.png" and adjustment == AS_IT_IS and not anyway
            emit(refused(path) if is_refused else prediction(path, adjustment=adjustment))
        return []


class Heard:
    """What a Scoring told."""

    def __init__(self, scoring: Scoring) -> None:
        self.scored: list[Prediction] = []
        self.progress: list[Progress | None] = []
        self.failed: list[UserError] = []
        self.ended = 0
        scoring.scored.connect(self.scored.append)
        scoring.progressed.connect(self.progress.append)
        scoring.failed.connect(self.failed.append)
        scoring.ended.connect(self._count)

    def _count(self) -> None:
        self.ended += 1


@pytest.fixture
def predict() -> FakePredict:
    return FakePredict()


@pytest.fixture
def worklist(qapp: Any) -> Any:
    owner = QObject()
    yield Worklist(owner)
    owner.deleteLater()


@pytest.fixture
def scoring(worklist: Worklist, predict: FakePredict, tasks: Any, make_model: Any) -> Scoring:
    scoring = Scoring(worklist, predict)
    scoring.set_model(make_model())
    return scoring


@pytest.fixture
def heard(scoring: Scoring) -> Heard:
    return Heard(scoring)


def labels(worklist: Worklist) -> list[str]:
    """What is said of each image: its class, or refused, or waiting."""
    found = [worklist.prediction(row) for row in range(worklist.rowCount())]
    return ["waiting" if one is None else one.label or "refused" for one in found]


# --- what waits


def test_nothing_is_scored_without_a_model_or_without_images(
    worklist: Worklist, predict: FakePredict, tasks: Any, make_model: Any
) -> None:
    scoring = Scoring(worklist, predict)
    worklist.add([A])
    scoring.start()
    scoring.again([A])
    assert tasks.waiting == []
    worklist.clear()
    scoring.set_model(make_model())
    scoring.start()
    scoring.again([])
    assert tasks.waiting == []
    assert not scoring.is_running


def test_each_result_is_on_the_list_when_it_is_told(
    scoring: Scoring, worklist: Worklist, heard: Heard, tasks: Any
) -> None:
    worklist.add([A, C])
    scoring.start()
    assert scoring.is_running
    task = tasks.take()
    task.reported.emit(prediction(A))
    assert labels(worklist) == ["COVID-19", "waiting"]
    assert heard.scored == [prediction(A)]
    assert heard.progress == [
        Progress(stage="Scoring images", done=0, total=2),
        Progress(stage="Scoring images", done=1, total=2),
    ]
    task.reported.emit(prediction(C))
    tasks.succeed(task, [])
    assert not scoring.is_running
    assert heard.progress[-1] is None
    assert heard.ended == 1


def test_what_is_added_meanwhile_is_scored_after(
    scoring: Scoring, worklist: Worklist, predict: FakePredict, tasks: Any
) -> None:
    worklist.add([A])
    scoring.start()
    worklist.add([C])
    scoring.start()
    assert len(tasks.waiting) == 1
    tasks.run()
    assert labels(worklist) == ["COVID-19", "waiting"]
    tasks.run()
    assert [given.images for given in predict.given] == [[A], [C]]
    assert labels(worklist) == ["COVID-19"] * 2
    assert tasks.waiting == []


def test_what_is_added_meanwhile_needs_no_second_start(
    scoring: Scoring, worklist: Worklist, tasks: Any
) -> None:
    worklist.add([A])
    scoring.start()
    worklist.add([C])
    tasks.run_all()
    assert labels(worklist) == ["COVID-19"] * 2


# --- a stop


def test_after_a_stop_the_rest_waits_for_the_next_start(
    scoring: Scoring, worklist: Worklist, heard: Heard, tasks: Any
) -> None:
    worklist.add([A, C])
    scoring.start()
    task = tasks.take()
    task.reported.emit(prediction(A))
    scoring.stop()
    task.reported.emit(prediction(C))
    task.run()
    tasks.end(task)
    assert labels(worklist) == ["COVID-19", "waiting"]
    assert heard.progress[-1] is None
    assert heard.ended == 1
    assert tasks.waiting == []
    scoring.start()
    tasks.run()
    assert labels(worklist) == ["COVID-19"] * 2


def test_a_start_while_a_stopped_task_ends_is_not_forgotten(
    scoring: Scoring, worklist: Worklist, tasks: Any
) -> None:
    worklist.add([A])
    scoring.start()
    task = tasks.take()
    scoring.stop()
    scoring.start()
    assert tasks.waiting == []
    task.run()
    tasks.end(task)
    tasks.run()
    assert labels(worklist) == ["COVID-19"]


def test_nothing_begins_after_it_is_closed(scoring: Scoring, worklist: Worklist, tasks: Any) -> None:
    worklist.add([A])
    scoring.start()
    task = tasks.take()
    scoring.close()
    assert task.is_stopping
    tasks.succeed(task, [])
    scoring.start()
    scoring.again([A])
    assert tasks.waiting == []


def test_an_error_is_told_and_ends_the_scoring(
    scoring: Scoring, worklist: Worklist, predict: FakePredict, heard: Heard, tasks: Any
) -> None:
    predict.error = UserError("There is not enough memory.", "Close other programs.")
    worklist.add([A])
    scoring.start()
    worklist.add([C])
    scoring.start()
    tasks.run()
    assert heard.failed == [predict.error]
    assert tasks.waiting == []
    assert not scoring.is_running


# --- another model


def test_another_model_s_results_come_after_the_first_has_ended(
    scoring: Scoring, worklist: Worklist, predict: FakePredict, heard: Heard, tasks: Any, make_model: Any
) -> None:
    worklist.add([A])
    scoring.start()
    first = tasks.take()
    other = make_model("other")
    scoring.set_model(other)
    assert first.is_stopping
    scoring.start()
    first.reported.emit(prediction(A, 0.123))
    assert labels(worklist) == ["waiting"]
    assert heard.scored == []
    tasks.succeed(first, [])
    tasks.run()
    assert [given.model for given in predict.given] == [other]
    assert labels(worklist) == ["COVID-19"]


def test_an_older_task_that_fails_takes_nothing_from_the_newer_model(
    scoring: Scoring, worklist: Worklist, heard: Heard, tasks: Any, make_model: Any
) -> None:
    worklist.add([A])
    scoring.start()
    first = tasks.take()
    scoring.set_model(make_model("other"))
    scoring.start()
    tasks.fail(first, UserError("The first model is damaged.", "Copy it again."))
    assert heard.failed == []
    tasks.run()
    assert labels(worklist) == ["COVID-19"]


def test_no_model_is_a_stop(scoring: Scoring, worklist: Worklist, tasks: Any) -> None:
    worklist.add([A])
    scoring.start()
    task = tasks.take()
    scoring.set_model(None)
    assert task.is_stopping
    scoring.start()
    tasks.succeed(task, [])
    assert tasks.waiting == []


# --- once more


@pytest.fixture
def with_refused(scoring: Scoring, worklist: Worklist, tasks: Any) -> Scoring:
    worklist.add([A, B])
    scoring.start()
    tasks.run_all()
    assert labels(worklist) == ["COVID-19", "refused"]
    return scoring


def test_a_refused_image_is_scored_anyway(
    with_refused: Scoring, worklist: Worklist, predict: FakePredict, heard: Heard, tasks: Any
) -> None:
    with_refused.again([B], anyway=True)
    assert not with_refused.is_running
    tasks.run()
    assert labels(worklist) == ["COVID-19"] * 2
    assert (predict.given[-1].images, predict.given[-1].anyway) == ([B], True)
    assert [one.path for one in heard.scored][-1] == B
    assert all(given.adjustments == {} for given in predict.given)


def test_an_adjusted_image_is_scored_so_from_now_on(
    with_refused: Scoring, worklist: Worklist, predict: FakePredict, tasks: Any
) -> None:
    with_refused.adjust(B, INVERTED)
    assert with_refused.adjustment_of(B) == INVERTED
    tasks.run()
    assert labels(worklist) == ["COVID-19"] * 2
    worklist.forget_results("COVID-19")
    with_refused.start()
    tasks.run()
    assert predict.given[-1].adjustments == {B: INVERTED}
    assert labels(worklist) == ["COVID-19"] * 2


def test_an_adjustment_is_taken_back(
    with_refused: Scoring, worklist: Worklist, predict: FakePredict, tasks: Any
) -> None:
    with_refused.adjust(B, INVERTED)
    tasks.run()
    with_refused.adjust(B, AS_IT_IS)
    tasks.run()
    assert with_refused.adjustment_of(B) == AS_IT_IS
    assert predict.given[-1].adjustments == {}
    assert labels(worklist) == ["COVID-19", "refused"]


def test_taking_back_what_was_never_adjusted_scores_it_again(
    with_refused: Scoring, worklist: Worklist, tasks: Any
) -> None:
    with_refused.adjust(B, AS_IT_IS)
    tasks.run()
    assert labels(worklist) == ["COVID-19", "refused"]


def test_of_two_adjustments_the_later_counts_whichever_is_scored_last(
    with_refused: Scoring, worklist: Worklist, heard: Heard, tasks: Any
) -> None:
    with_refused.adjust(B, INVERTED)
    inverted = tasks.take()
    with_refused.adjust(B, AS_IT_IS)
    tasks.run()
    inverted.run()
    tasks.end(inverted)
    assert labels(worklist) == ["COVID-19", "refused"]
    assert [one.adjustment for one in heard.scored] == [AS_IT_IS]


def test_another_list_has_its_own_adjustments(with_refused: Scoring, tasks: Any) -> None:
    with_refused.adjust(B, INVERTED)
    tasks.run()
    with_refused.set_adjustments({A: INVERTED, C: AS_IT_IS})
    assert [with_refused.adjustment_of(path) for path in (A, B, C)] == [INVERTED, AS_IT_IS, AS_IT_IS]


def test_a_stop_also_stops_what_is_scored_once_more(
    with_refused: Scoring, worklist: Worklist, heard: Heard, tasks: Any
) -> None:
    with_refused.again([B], anyway=True)
    task = tasks.take()
    with_refused.stop()
    assert task.is_stopping
    task.reported.emit(prediction(B))
    tasks.fail(task, UserError("It is gone.", "Nothing."))
    assert labels(worklist) == ["COVID-19", "refused"]
    assert heard.failed == []


def test_scoring_once_more_says_what_goes_wrong(
    with_refused: Scoring, predict: FakePredict, heard: Heard, tasks: Any
) -> None:
    predict.error = UserError("There is not enough memory.", "Close other programs.")
    with_refused.again([B], anyway=True)
    tasks.run()
    assert heard.failed == [predict.error]


# --- on the tab


@pytest.fixture
def tab(predict: FakePredict, tasks: Any, show: Any, make_model: Any) -> PredictTab:
    tab: PredictTab = show(PredictTab(predict))
    tab.set_model(make_model())
    return tab


def banner(tab: PredictTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def test_a_cancelled_list_offers_to_score_the_rest(tab: PredictTab, tasks: Any, person: Any) -> None:
    tab.add([A, C])
    task = tasks.take()
    task.reported.emit(prediction(A))
    person.click(tab, "cancel_scoring")
    assert task.is_stopping
    assert banner(tab) == "Scoring was cancelled. Left to score: 1 image."
    task.run()
    tasks.end(task)
    assert not person.sees(tab, "cancel_scoring")
    assert labels(tab.worklist) == ["COVID-19", "waiting"]
    person.click(tab, "banner_action")
    assert banner(tab) == ""
    tasks.run()
    assert labels(tab.worklist) == ["COVID-19"] * 2


def test_the_rest_may_be_wanted_before_the_cancelled_task_has_ended(
    tab: PredictTab, tasks: Any, person: Any
) -> None:
    tab.add([A, C])
    task = tasks.take()
    person.click(tab, "cancel_scoring")
    person.click(tab, "banner_action")
    assert banner(tab) == ""
    task.run()
    tasks.end(task)
    tasks.run()
    assert labels(tab.worklist) == ["COVID-19"] * 2


def test_cancelling_when_all_is_scored_says_nothing(tab: PredictTab, tasks: Any, person: Any) -> None:
    tab.add([A])
    task = tasks.take()
    task.reported.emit(prediction(A))
    person.click(tab, "cancel_scoring")
    assert banner(tab) == ""
    tasks.succeed(task, [])
