"""The dialog that verifies a model: rows with ticks and crosses, and a sentence about all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from covid_desktop.core.events import Progress
from covid_desktop.core.verification import WAYS, Check, Verification, compared, failed
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui.verification_row import VerificationRow
from covid_desktop.gui.verification_view import VerificationView

BATCH, ONNX = WAYS[1], WAYS[-1]


def checks(**differences: float | None) -> list[Check]:
    """By the first word of each way, in small letters; None failed, others differ by 2e-7."""
    found = []
    for way in WAYS:
        difference = differences.get(way.name.lower().split()[0], 2e-7)
        found.append(failed(way, "Something broke.") if difference is None else compared(way, difference))
    return found


class FakeJob:
    """Tells of ``made`` in order; ``before`` is asked before each and may raise."""

    def __init__(self, made: list[Check]) -> None:
        self.made = made
        self.before: Callable[[Check, Callable[[], bool]], None] = lambda *_: None

    def __call__(self, *, emit: Any, should_stop: Callable[[], bool]) -> Verification:
        for check in self.made:
            emit(Progress(stage=check.name))
            self.before(check, should_stop)
            emit(check)
        return Verification(checks=tuple(self.made), scores=(0.25, 0.75))


@pytest.fixture
def make_view(show: Any, tasks: Any) -> Callable[..., tuple[VerificationView, list[Any]]]:
    parent = show(QWidget())

    def make(job: Any) -> tuple[VerificationView, list[Any]]:
        view, heard = VerificationView(job, "lungs.keras", parent), []
        view.verified.connect(heard.append)
        view.open()
        return view, heard

    return make


def row(view: VerificationView, number: int) -> VerificationRow:
    return view.findChildren(VerificationRow)[number]


def spoken(view: VerificationView) -> list[str]:
    return [one.accessibleName() for one in view.findChildren(VerificationRow)]


def mark(view: VerificationView, number: int) -> str:
    return row(view, number)._mark._name


def sentence(view: VerificationView) -> str:
    return view.findChild(QLabel, "verification_sentence").text()


def button(view: VerificationView, name: str) -> QPushButton:
    return view.findChild(QPushButton, f"{name}_verification")


def test_every_way_waits_until_it_is_tried(make_view: Any, person: Any) -> None:
    view, heard = make_view(FakeJob(checks()))
    assert spoken(view) == [f"{way.name}: Waiting" for way in WAYS]
    assert {mark(view, number) for number in range(9)} == {"marker-none"}
    words = person.reads(view)
    assert "lungs.keras: 12 simulated radiographs" in words
    assert all(way.what in words for way in WAYS)
    assert not button(view, "close").isEnabled()
    assert not button(view, "copy").isEnabled()
    assert heard == []


def test_a_way_that_is_tried_says_so(make_view: Any, tasks: Any) -> None:
    job, seen = FakeJob(checks()), []
    view, _ = make_view(job)
    job.before = lambda check, _: seen.append((spoken(view), mark(view, len(seen))))
    tasks.run()
    assert [names[number] for number, (names, _) in enumerate(seen)] == [
        f"{way.name}: Running" for way in WAYS
    ]
    assert {icon for _, icon in seen} == {"refresh"}
    assert seen[1][0][0] == "Panel: passed, At most 2e-7 apart"
    assert seen[1][0][2] == "Pixels: Waiting"


def test_the_same_scores_have_nine_ticks(make_view: Any, tasks: Any, person: Any) -> None:
    view, heard = make_view(FakeJob(checks(panel=0.0)))
    tasks.run()
    (found,) = heard
    assert found.passed
    assert sentence(view) == "The model gives the same scores in all nine ways."
    assert {mark(view, number) for number in range(9)} == {"tick"}
    assert spoken(view)[:2] == ["Panel: passed, No difference", "Batch: passed, At most 2e-7 apart"]
    assert not person.sees(view, "cancel_verification")
    assert not person.sees(view, "verification_caution")
    person.click(view, "close_verification")
    assert not view.isVisible()


def test_what_differs_and_what_fails_have_a_cross_and_the_model_is_refused(
    make_view: Any, tasks: Any, person: Any
) -> None:
    view, heard = make_view(FakeJob(checks(batch=0.02, onnx=None)))
    tasks.run()
    assert sentence(view) == heard[0].refusal
    assert [mark(view, number) for number in (0, 1, 8)] == ["tick", "close", "close"]
    assert spoken(view)[1] == "Batch: different, Up to 2e-2 apart; 1e-5 is allowed"
    assert spoken(view)[8] == "ONNX export: failed. Something broke."
    words = person.reads(view)
    assert "Something broke." in words
    assert ONNX.what not in words


def test_scores_that_prove_little_have_a_caution(make_view: Any, tasks: Any, person: Any) -> None:
    found = Verification(checks=tuple(checks()), scores=(0.5, 0.5))
    view, _ = make_view(lambda **_: found)
    tasks.run()
    assert person.sees(view, "verification_caution")
    assert found.caution in person.reads(view)
    assert {mark(view, number) for number in range(9)} == {"tick"}, "also without news on the way"


def test_the_text_can_be_copied(make_view: Any, tasks: Any, person: Any) -> None:
    view, heard = make_view(FakeJob(checks(batch=0.02)))
    tasks.run()
    person.click(view, "copy_verification")
    text = QGuiApplication.clipboard().text()
    assert text == f"Verify model: lungs.keras\n{heard[0].to_text()}"
    selectable = Qt.TextInteractionFlag.TextSelectableByMouse
    assert view.findChild(QLabel, "verification_sentence").textInteractionFlags() & selectable
    person.click(view, "close_verification")


def test_cancel_stops_between_two_ways(make_view: Any, tasks: Any, person: Any) -> None:
    job = FakeJob(checks())
    view, heard = make_view(job)

    def before(check: Check, should_stop: Callable[[], bool]) -> None:
        if check.name == "Pixels":
            person.click(view, "cancel_verification")
            assert sentence(view) == "Stopping"
            assert not button(view, "cancel").isEnabled()
        if should_stop():
            raise Stopped

    job.before = before
    tasks.run()
    assert heard == []
    assert sentence(view).startswith("Stopped.")
    assert [mark(view, number) for number in (1, 2, 8)] == ["tick", "marker-none", "marker-none"]
    assert spoken(view)[2] == "Pixels: Not tried to the end"
    assert not button(view, "copy").isEnabled()
    person.click(view, "close_verification")


def test_a_job_that_fails_says_why(make_view: Any, tasks: Any, person: Any) -> None:
    def fail(**_: Any) -> None:
        raise UserError("The disk is full.", "Make room.")

    view, heard = make_view(fail)
    tasks.run()
    assert sentence(view) == "The disk is full. Make room."
    assert heard == []
    person.click(view, "close_verification")


def test_closing_the_dialog_stops_the_job(make_view: Any, tasks: Any, person: Any) -> None:
    job = FakeJob(checks())

    def before(_: Check, should_stop: Callable[[], bool]) -> None:
        if should_stop():
            raise Stopped

    job.before = before
    view, heard = make_view(job)
    task = tasks.waiting[0]
    person.press(view, Qt.Key.Key_Escape)
    assert not view.isVisible()
    assert task.is_stopping
    tasks.run("verify")
    assert heard == []
    assert sentence(view).startswith("Stopped.")


def test_news_of_something_else_changes_nothing(make_view: Any, tasks: Any) -> None:
    def job(*, emit: Any, **_: Any) -> Verification:
        emit(Progress(stage="Loading TensorFlow"))
        return Verification(checks=tuple(checks()), scores=())

    view, heard = make_view(job)
    tasks.run()
    assert len(heard) == 1
    view.close()


def test_with_a_thread(show: Any, qtbot: Any) -> None:
    view = VerificationView(FakeJob(checks()), "lungs.keras", show(QWidget()))
    with qtbot.waitSignal(view.verified) as caught:
        view.open()
    assert caught.args[0].passed
    assert {mark(view, number) for number in range(9)} == {"tick"}
    view.close()
