"""The Predict tab: images, their results, and the model that gives them."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop import jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.events import Progress
from covid_desktop.core.familiarity import Similar
from covid_desktop.core.image import view
from covid_desktop.core.prediction import INDETERMINATE, RESEARCH_USE, Prediction
from covid_desktop.core.viewing import View
from covid_desktop.core.worklist_file import Entry
from covid_desktop.errors import UserError
from covid_desktop.gui.class_widgets import ClassMarker, ScoreBar
from covid_desktop.gui.closer_look import Look, Picture
from covid_desktop.gui.drop_area import DropArea
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.picture_view import PictureView
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.theme import icon
from covid_desktop.gui.worklist import kind_of

INVERTED = Adjustment(is_inverted=True)
WAITS_FOR_MODEL = "Train a model or load one: it scores the images at once."


@pytest.fixture
def tab(tasks: Any, show: Any) -> Any:
    return show(PredictTab())


@pytest.fixture
def images(tmp_path: Path, draw: Any) -> list[Path]:
    """Shades 10, 50, 90, 130, 170, 210: the first three below the threshold, the others above."""
    return draw(tmp_path / "images", 6)


@pytest.fixture
def scored(tab: PredictTab, tasks: Any, images: list[Path], make_model: Any) -> PredictTab:
    tab.set_model(make_model())
    tab.add(images)
    tasks.run()
    return tab


def rows(tab: PredictTab) -> list[tuple[str, ...]]:
    model = tab.worklist
    return [
        tuple(model.data(model.index(row, column)) for column in range(3)) for row in range(model.rowCount())
    ]


def results(tab: PredictTab) -> list[str]:
    return [row[1] for row in rows(tab)]


def banner(tab: PredictTab) -> str:
    (found,) = tab.findChildren(Banner)
    return found.accessibleName() if found.isVisible() else ""


def answer(tab: PredictTab) -> str:
    return tab.findChild(ClassMarker, "result").text()


def table(tab: PredictTab) -> QTableView:
    return tab.findChild(QTableView, "worklist")


def prediction(path: Path, score: float = 0.75) -> Prediction:
    return Prediction(path=path, label="COVID-19", score=score, threshold=0.5)


def test_before_anything_was_dropped_it_asks_for_it(tab: PredictTab, person: Any, qtbot: QtBot) -> None:
    assert "Drop images, folders or DICOM here" in person.reads(tab)
    with qtbot.waitSignal(tab.images_requested):
        person.click(tab, "choose_images")
    with qtbot.waitSignal(tab.model_requested):
        person.click(tab, "load_first_model")


def test_dropped_files_are_told(tab: PredictTab, person: Any, images: list[Path], qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.files_dropped) as dropped:
        person.drop(tab.findChild(DropArea), *images)
    assert dropped.args == [images]


def test_images_become_rows_with_class_and_score(scored: PredictTab) -> None:
    assert rows(scored) == [
        ("000.png", "Healthy", "0.039"),
        ("001.png", "Healthy", "0.196"),
        ("002.png", "Healthy", "0.353"),
        ("003.png", "COVID-19", "0.510"),
        ("004.png", "COVID-19", "0.667"),
        ("005.png", "COVID-19", "0.824"),
    ]


def test_the_answer_is_in_words_with_score_threshold_and_its_limits(scored: PredictTab, person: Any) -> None:
    table(scored).selectRow(4)
    read = person.reads(scored)
    assert answer(scored) == "COVID-19"
    assert "The score for COVID-19 is 0.667, at or above the threshold (not chosen yet: 0.5)." in read
    assert "It is a score, not a probability." in read
    assert RESEARCH_USE in read
    bar = scored.findChild(ScoreBar)
    assert bar.isVisible()
    assert bar.accessibleName() == "Score 0.67, threshold 0.50, from Healthy to COVID-19"
    table(scored).selectRow(0)
    assert answer(scored) == "Healthy"
    assert "below the threshold" in person.reads(scored)


def deciding(model: jobs.Model, **values: Any) -> jobs.Model:
    """The model with another threshold, band or calibration in its card, as saving one leaves it."""
    model.classifier.card = replace(model.card, **values)
    return model


@pytest.fixture
def scored_with(tab: PredictTab, tasks: Any, images: list[Path], make_model: Any) -> Any:
    def score(row: int = 3, **values: Any) -> PredictTab:
        tab.set_model(deciding(make_model(), **values))
        tab.add(images)
        tasks.run()
        table(tab).selectRow(row)
        return tab

    return score


def test_a_score_within_the_band_is_for_review(scored_with: Any, person: Any) -> None:
    tab = scored_with(indeterminate=(0.3, 0.6))
    assert results(tab) == ["Healthy"] * 2 + ["Indeterminate"] * 2 + ["COVID-19"] * 2
    assert answer(tab) == "Indeterminate: review"
    assert (
        "The score for COVID-19 is 0.510, too near the threshold (not chosen yet: 0.5) to call: "
        "scores from 0.3 to 0.6 are indeterminate. It is a score, not a probability."
    ) in person.reads(tab)
    assert tab.findChild(ScoreBar).accessibleName() == (
        "Score 0.51, threshold 0.50, indeterminate 0.30 to 0.60, from Healthy to COVID-19"
    )


def test_beside_the_band_a_score_is_called_and_the_band_still_shown(scored_with: Any, person: Any) -> None:
    tab = scored_with(row=4, indeterminate=(0.3, 0.6))
    assert answer(tab) == "COVID-19"
    assert "is 0.667, at or above the threshold (not chosen yet: 0.5)." in person.reads(tab)
    assert "indeterminate 0.30 to 0.60" in tab.findChild(ScoreBar).accessibleName()


def test_the_words_for_review_are_whole_in_the_narrowest_window(scored_with: Any, qtbot: QtBot) -> None:
    tab = scored_with(indeterminate=(0.3, 0.6))
    tab.splitter.setSizes([500, 500, 0])
    marker = tab.findChild(ClassMarker, "result")
    name = marker.findChild(QLabel)
    longest = max(name.fontMetrics().horizontalAdvance(word) for word in name.text().split())
    assert longest <= name.width() < name.fontMetrics().horizontalAdvance(name.text())
    qtbot.waitUntil(lambda: name.height() >= 2 * name.fontMetrics().height())


def test_results_have_the_shape_of_their_kind(scored_with: Any) -> None:
    model = scored_with(indeterminate=(0.3, 0.6)).worklist
    shown = [
        model.data(model.index(row, 1), Qt.ItemDataRole.DecorationRole).pixmap(32).toImage()
        for row in (1, 2, 4)
    ]
    kinds = ("negative", "indeterminate", "positive")
    assert shown == [icon(f"marker-{kind}", kind).pixmap(32).toImage() for kind in kinds]
    assert shown[0] != shown[1] != shown[2]


def test_a_class_may_be_called_indeterminate_itself() -> None:
    path = Path("a.png")
    sure = Prediction(path=path, label=INDETERMINATE, score=0.75, threshold=0.5)
    assert kind_of(sure, INDETERMINATE) == "positive"
    assert kind_of(replace(sure, is_indeterminate=True), INDETERMINATE) == "indeterminate"


def test_a_calibrated_model_gives_a_probability(scored_with: Any, person: Any) -> None:
    tab = scored_with(row=4, calibration={"slope": 2.0, "intercept": 0.5})
    read = person.reads(tab)
    assert "(not chosen yet: 0.5). Calibrated probability 0.87 of COVID-19." in read
    assert "not a probability" not in read
    assert "confidence" not in read.lower()
    table(tab).selectRow(0)
    assert "below the threshold" in person.reads(tab)
    assert "Calibrated probability under 0.01 of COVID-19." in person.reads(tab)


@pytest.mark.parametrize(
    ("threshold", "origin", "words"),
    [
        (0.37123, "Sensitivity 95 %", "threshold (0.371, chosen for a sensitivity of at least 95 %)"),
        (0.6, "Specificity 95 %", "threshold (0.6, chosen for a specificity of at least 95 %)"),
        (0.4, "Youden index", "threshold (0.4, chosen by the Youden index)"),
        (0.5, "Threshold 0.5", "threshold (0.5, chosen as one half)"),
        (0.45, "Set by hand", "threshold (0.45, set by hand)"),
        (0.45, "as in the other hospital", "threshold (0.45, as in the other hospital)"),
        (0.5, "", "threshold (not chosen yet: 0.5)"),
    ],
)
def test_the_answer_says_where_the_threshold_comes_from(
    scored_with: Any, person: Any, threshold: float, origin: str, words: str
) -> None:
    tab = scored_with(row=4, threshold=threshold, threshold_origin=origin)
    assert f"is 0.667, at or above the {words}. It is a score" in person.reads(tab)


def test_the_threshold_is_shown_beside_the_list_whatever_is_chosen(scored_with: Any, person: Any) -> None:
    tab = scored_with(threshold=0.4, threshold_origin="Set by hand", indeterminate=(0.35, 0.6))
    table(tab).clearSelection()
    words = "model.keras\nThreshold 0.4, set by hand. Scores from 0.35 to 0.6 are indeterminate."
    assert words in person.reads(tab)


def test_another_threshold_while_it_scores_calls_everything_anew(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    model = make_model()
    tab.set_model(model)
    tab.add(images)
    first = tasks.take()
    first.reported.emit(prediction(images[0]))
    tab.set_model(deciding(model, threshold=0.6))
    first.reported.emit(prediction(images[0]))
    assert results(tab) == ["Waiting"] * 6
    tasks.succeed(first, [])
    tasks.run()
    assert results(tab) == ["Healthy"] * 4 + ["COVID-19"] * 2


def test_a_bad_file_is_a_row_with_its_reason(
    scored: PredictTab, tasks: Any, person: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    scored.add([bad, tmp_path / "gone.png"])
    tasks.run()
    for row, name in ((6, "bad.png"), (7, "gone.png")):
        shown, result, score = rows(scored)[row]
        assert (shown, score) == (name, "")
        assert result.startswith("Not scored: ")
        assert len(result) > len("Not scored: ")
        table(scored).selectRow(row)
        assert answer(scored) == "Not scored"
        assert result.removeprefix("Not scored: ") in person.reads(scored)
        assert not scored.findChild(ScoreBar).isVisible()


def test_results_arrive_one_by_one(tab: PredictTab, tasks: Any, images: list[Path], make_model: Any) -> None:
    told: list[Progress | None] = []
    tab.progressed.connect(told.append)
    tab.set_model(make_model())
    tab.add(images)
    assert told == [Progress(stage="Scoring images", done=0, total=6)]
    assert results(tab) == ["Waiting"] * 6
    task = tasks.take()
    task.reported.emit(prediction(images[0]))
    assert results(tab) == ["COVID-19"] + ["Waiting"] * 5
    assert answer(tab) == "COVID-19"
    task.reported.emit(prediction(images[1]))
    assert told[-1] == Progress(stage="Scoring images", done=2, total=6)
    tasks.succeed(task, [])
    assert None in told


def test_images_wait_for_a_model_and_say_so(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_no_model("TensorFlow is being loaded.")
    tab.add(images)
    assert results(tab) == ["Waiting"] * 6
    assert answer(tab) == "Waiting"
    assert "TensorFlow is being loaded." in person.reads(tab)
    tab.set_no_model(WAITS_FOR_MODEL)
    assert WAITS_FOR_MODEL in person.reads(tab)
    assert tasks.waiting == []
    tab.set_model(make_model())
    tasks.run()
    assert "Waiting" not in results(tab)
    assert WAITS_FOR_MODEL not in person.reads(tab)


def test_another_model_scores_everything_again(
    scored: PredictTab, tasks: Any, person: Any, make_model: Any
) -> None:
    table(scored).selectRow(5)
    scored.set_model(make_model("other", inverted=True))
    assert results(scored) == ["Waiting"] * 6
    assert answer(scored) == "Waiting"
    tasks.run()
    assert results(scored) == ["COVID-19"] * 3 + ["Healthy"] * 3
    assert answer(scored) == "Healthy"
    assert "other.keras" in person.reads(scored)


def test_another_model_while_the_first_scores(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images)
    first = tasks.take()
    first.reported.emit(prediction(images[0]))
    tab.set_model(make_model("other", inverted=True))
    assert first.is_stopping
    first.reported.emit(prediction(images[1], score=0.123))
    assert results(tab) == ["Waiting"] * 6
    tasks.succeed(first, [])
    tasks.run()
    assert results(tab) == ["COVID-19"] * 3 + ["Healthy"] * 3


def test_images_added_while_it_scores_are_scored_after(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images[:2])
    tab.add(images[2:])
    assert len(tasks.waiting) == 1
    tasks.run_all()
    assert "Waiting" not in results(tab)


def test_the_same_images_twice_are_listed_once(scored: PredictTab, tasks: Any, images: list[Path]) -> None:
    table(scored).selectRow(3)
    scored.add(images)
    assert len(rows(scored)) == 6
    assert tasks.waiting == []
    assert table(scored).currentIndex().row() == 3


def test_new_images_are_brought_to_the_front(
    scored: PredictTab, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    scored.add(draw(tmp_path / "more", 2))
    assert table(scored).currentIndex().row() == 6


def test_the_list_can_be_cleared(scored: PredictTab, person: Any) -> None:
    person.click(scored, "clear_list")
    assert rows(scored) == []
    assert "Drop images, folders or DICOM here" in person.reads(scored)
    assert not person.find(scored, QPushButton, "save_csv").isEnabled()


def test_the_list_can_be_cleared_while_it_scores_and_filled_again(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images[:4])
    first = tasks.take()
    person.click(tab, "clear_list")
    assert first.is_stopping
    first.reported.emit(prediction(images[0]))
    assert rows(tab) == []
    tab.add(images[4:])
    first.reported.emit(prediction(images[1]))
    tasks.succeed(first, [])
    tasks.run()
    assert [(name, result) for name, result, _ in rows(tab)] == [
        ("004.png", "COVID-19"),
        ("005.png", "COVID-19"),
    ]


def test_down_goes_to_the_next_image_and_its_picture_follows(
    scored: PredictTab, tasks: Any, person: Any
) -> None:
    table(scored).selectRow(0)
    table(scored).setFocus()
    tasks.answer(scored)
    first = pixels(scored)
    person.press(table(scored), Qt.Key.Key_Down)
    tasks.answer(scored)
    assert table(scored).currentIndex().row() == 1
    assert "001.png" in person.reads(scored)
    assert (int(first.mean()), int(pixels(scored).mean())) == (10, 50)


def shown(tab: PredictTab) -> View | None:
    return tab.findChild(PictureView)._canvas.view


def pixels(tab: PredictTab) -> Any:
    seen = shown(tab)
    assert seen is not None
    return seen.picture


def test_a_picture_that_comes_late_is_not_shown(scored: PredictTab, images: list[Path], tasks: Any) -> None:
    table(scored).selectRow(0)
    tasks.answer(scored)
    scored._look.pictured.emit(Look(path=images[5]), Picture(view=view(images[5])))
    assert int(pixels(scored).mean()) == 10


def test_a_picture_that_cannot_be_read_leaves_none(scored: PredictTab, tasks: Any, tmp_path: Path) -> None:
    scored.add([tmp_path / "gone.png"])
    tasks.answer(scored)
    assert shown(scored) is None


def test_an_error_says_why_the_rest_waits_and_offers_to_go_on(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images)
    task = tasks.take()
    tasks.fail(task, UserError("There is not enough memory.", "Close other programs."))
    assert banner(tab) == "There is not enough memory. Close other programs."
    assert "It is being scored." not in person.reads(tab)
    person.click(tab, "banner_action")
    assert banner(tab) == ""
    tasks.run()
    assert "Waiting" not in results(tab)


def test_closing_while_it_scores_does_not_begin_again(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images)
    task = tasks.take()
    tab.close_threads()
    assert task.is_stopping
    tasks.succeed(task, [])
    tab.set_model(make_model("trained"))
    assert tasks.waiting == []


def test_csv_can_be_asked_for_once_there_is_a_result(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any, qtbot: QtBot
) -> None:
    tab.add(images)
    assert not person.find(tab, QPushButton, "save_csv").isEnabled()
    tab.set_model(make_model())
    tasks.run()
    with qtbot.waitSignal(tab.export_requested):
        person.click(tab, "save_csv")


def test_the_list_keeps_to_qt_s_rules(scored: PredictTab, tmp_path: Path) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Warning
    tester = QAbstractItemModelTester(scored.worklist, mode)
    scored.worklist.add([tmp_path / "new.png"])
    scored.worklist.set_done(prediction(tmp_path / "new.png"))
    scored.worklist.forget_results("COVID-19")
    scored.worklist.clear()
    assert tester.model() is scored.worklist


def test_the_tooltip_holds_the_whole_path_and_reason(scored: PredictTab, images: list[Path]) -> None:
    model = scored.worklist
    assert model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole) == str(images[0])
    bad = Prediction(path=images[0], label=None, score=None, threshold=0.5, error="Damaged.")
    model.set_done(bad)
    assert model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole) == f"{images[0]}\nDamaged."


def many(folder: Path, count: int) -> Sequence[Path]:
    return [folder / f"{number}.png" for number in range(count)]


def test_10000_images_and_their_results_keep_the_window_quick(
    tab: PredictTab, tasks: Any, tmp_path: Path, make_model: Any
) -> None:
    tab.set_model(make_model())
    images = many(tmp_path, 10_000)
    began = time.process_time()
    tab.add(images)
    QApplication.processEvents()
    assert time.process_time() - began < 1
    task = tasks.take()
    began = time.process_time()
    for path in images:
        task.reported.emit(prediction(path))
    QApplication.processEvents()
    assert time.process_time() - began < 3
    assert tab.worklist.done == 10_000


def test_the_job_is_given_the_model_and_what_waits(
    tasks: Any, show: Any, images: list[Path], make_model: Any
) -> None:
    given: list[tuple[jobs.Model, list[Path]]] = []

    def predict(model: jobs.Model, waiting: list[Path], **_: Any) -> list[Prediction]:
        given.append((model, waiting))
        return []

    model = make_model()
    tab = show(PredictTab(predict))
    tab.add(images)
    tab.set_model(model)
    task = tasks.take()
    task.run()
    assert given == [(model, images)]


# --- turned, inverted, scored anyway


def refused(path: Path) -> Prediction:
    return Prediction(
        path=path,
        label=None,
        score=None,
        threshold=0.5,
        refusal="It seems to be inverted.",
        suggestion=INVERTED,
    )


@pytest.fixture
def with_refused(scored: PredictTab, images: list[Path]) -> PredictTab:
    """The first image is refused and looked at."""
    scored.worklist.set_done(refused(images[0]))
    table(scored).selectRow(1)
    table(scored).selectRow(0)
    return scored


def test_an_image_is_inverted_and_scored_and_looked_at_so(
    with_refused: PredictTab, tasks: Any, person: Any
) -> None:
    assert answer(with_refused) == "Not scored"
    tasks.answer(with_refused)
    assert int(pixels(with_refused).mean()) == 10
    person.click(with_refused, "adjust_and_score")
    tasks.answer(with_refused)
    assert int(pixels(with_refused).mean()) == 245
    tasks.run()
    assert answer(with_refused) == "COVID-19"
    assert "Scored inverted." in person.reads(with_refused)
    person.click(with_refused, "undo_adjustment")
    tasks.answer(with_refused)
    tasks.run()
    assert int(pixels(with_refused).mean()) == 10
    assert answer(with_refused) == "Healthy"


def test_an_image_is_scored_anyway(with_refused: PredictTab, tasks: Any, person: Any) -> None:
    person.click(with_refused, "score_anyway")
    tasks.run()
    assert answer(with_refused) == "Healthy"


def test_all_refused_images_are_scored_anyway(
    with_refused: PredictTab, tasks: Any, images: list[Path]
) -> None:
    with_refused.worklist.set_done(refused(images[4]))
    assert [one.path for one in with_refused.refused] == [images[0], images[4]]
    with_refused.score_refused_anyway()
    tasks.run()
    assert with_refused.refused == []
    assert results(with_refused)[4] == "COVID-19"


# --- heatmaps and similar images


class FakeLooking:
    """Draws heatmaps and finds what is alike; ``asked`` says of which images, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.share: float | None = 0.36

    def heatmap(self, _: jobs.Model, path: Path, *__: Any, **___: Any) -> jobs.Heatmap:
        self.asked.append(("heatmap", path.name))
        grey = np.zeros((8, 8, 1), np.uint8)
        values = np.ones((8, 8), np.float32)
        return jobs.Heatmap(path=path, pixels=grey, values=values, score=0.7, central_share=self.share)

    def similar(self, _: jobs.Model, path: Path, *__: Any, **___: Any) -> tuple[Similar, ...]:
        self.asked.append(("similar", path.name))
        return (Similar(label=1, sha256="hash", likeness=0.9, thumbnail=None),)


@pytest.fixture
def looking() -> FakeLooking:
    return FakeLooking()


@pytest.fixture
def looked(show: Any, tasks: Any, images: list[Path], make_model: Any, looking: FakeLooking) -> PredictTab:
    tab: PredictTab = show(PredictTab(heatmap=looking.heatmap, similar=looking.similar))
    tab.set_model(make_model())
    tab.add(images)
    tasks.run()
    tasks.answer(tab)
    return tab


def test_an_image_comes_with_what_it_is_like(looked: PredictTab, person: Any, looking: FakeLooking) -> None:
    assert looking.asked == [("similar", "000.png")]
    assert "90 % alike" in person.reads(looked)
    assert looked.findChild(PictureView)._canvas._heat is None


def test_the_model_is_asked_once_for_each_image(
    looked: PredictTab, tasks: Any, person: Any, looking: FakeLooking
) -> None:
    looking.asked.clear()
    looked.view.next_image()
    assert "90 % alike" not in person.reads(looked)
    tasks.answer(looked)
    assert looking.asked == [("similar", "001.png")]


def test_a_heatmap_comes_when_it_is_wanted_and_for_each_image_from_then_on(
    looked: PredictTab, tasks: Any, person: Any, looking: FakeLooking
) -> None:
    person.click(looked, "picture_heatmap")
    tasks.answer(looked)
    assert looked.findChild(PictureView)._canvas._heat is not None
    assert "36 % of it lies in the central area." in person.reads(looked)
    looked.view.next_image()
    tasks.answer(looked)
    assert looking.asked[-2:] == [("similar", "001.png"), ("heatmap", "001.png")]
    looking.share = None
    looked.view.next_image()
    tasks.answer(looked)
    assert "Nothing in the picture speaks for this class." in person.reads(looked)


def test_an_image_that_was_not_scored_has_no_heatmap(
    looked: PredictTab, tasks: Any, person: Any, looking: FakeLooking, images: list[Path]
) -> None:
    person.click(looked, "picture_heatmap")
    looked.worklist.set_done(refused(images[3]))
    looking.asked.clear()
    table(looked).selectRow(3)
    tasks.answer(looked)
    assert looking.asked == []
    assert "There is no heatmap of an image that was not scored." in person.reads(looked)


def test_this_model_does_not_explain_what_another_one_said(
    looked: PredictTab, tasks: Any, person: Any, looking: FakeLooking, images: list[Path]
) -> None:
    person.click(looked, "picture_heatmap")
    tasks.answer(looked)
    looking.asked.clear()
    looked.open_worklist(saved(prediction(images[1]), model="old.keras"))
    tasks.answer(looked)
    assert looking.asked == []
    read = person.reads(looked)
    assert "There is no heatmap: the result is of old.keras." in read
    assert "the threshold (0.5) of old.keras" in read


# --- a watched folder


@pytest.fixture
def watching(tasks: Any, show: Any, make_model: Any, tmp_path: Path) -> PredictTab:
    tab: PredictTab = show(PredictTab(watch=lambda *_, **__: None))
    tab.set_model(make_model())
    tab.start_watching(tmp_path / "Exports", include_existing=False)
    return tab


def test_a_watched_folder_shows_the_list_before_anything_came(watching: PredictTab, person: Any) -> None:
    assert table(watching).isVisible()
    assert answer(watching) == "No image is chosen"
    assert person.sees(watching, "stop_watching")


def test_what_comes_is_listed_shown_and_told(watching: PredictTab, tasks: Any, qtbot: QtBot) -> None:
    task = tasks.take()
    task.reported.emit(prediction(Path("first.png")))
    assert answer(watching) == "COVID-19"
    with qtbot.waitSignal(watching.results_changed):
        task.reported.emit(prediction(Path("second.png")))
    assert [row[0] for row in rows(watching)] == ["first.png", "second.png"]
    assert watching.view.current == Path("first.png")


def test_the_list_can_be_cleared_while_a_folder_is_watched(
    watching: PredictTab, tasks: Any, person: Any
) -> None:
    task = tasks.take()
    task.reported.emit(prediction(Path("first.png")))
    person.click(watching, "clear_list")
    assert rows(watching) == []
    assert table(watching).isVisible()
    assert answer(watching) == "No image is chosen"
    assert "first.png" not in person.reads(watching)
    assert not task.is_stopping
    task.reported.emit(prediction(Path("second.png")))
    assert rows(watching) == [("second.png", "COVID-19", "0.750")]
    assert answer(watching) == "COVID-19"


def test_an_empty_list_goes_when_the_watch_ends(watching: PredictTab, person: Any) -> None:
    person.click(watching, "stop_watching")
    assert "Drop images, folders or DICOM here" in person.reads(watching)


def test_a_watch_that_another_model_ends_says_so(watching: PredictTab, make_model: Any) -> None:
    watching.set_model(make_model("other"))
    assert not watching.watching.is_running
    assert banner(watching).startswith("Exports is not watched any more: another model is loaded.")


def test_a_watch_that_fails_says_why(watching: PredictTab, tasks: Any) -> None:
    tasks.fail(tasks.take(), UserError("There is no folder Exports.", "Choose another folder to watch."))
    assert banner(watching) == "There is no folder Exports. Choose another folder to watch."
    assert not watching.watching.is_running


# --- a list that was saved


def saved(*predictions: Prediction | Path, model: str = "") -> tuple[Entry, ...]:
    """Results of a model, of the one that is loaded unless another is named, and images without any."""

    def entry(one: Prediction) -> Entry:
        return Entry(path=one.path, prediction=one, model=model or f"{one.path.parents[1].name}/model.keras")

    return tuple(entry(one) if isinstance(one, Prediction) else Entry(path=one) for one in predictions)


def test_a_saved_list_is_gone_on_with(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.open_worklist(saved(prediction(images[0]), images[1]))
    assert results(tab) == ["COVID-19", "Waiting"]
    assert answer(tab) == "COVID-19"
    tasks.run()
    assert results(tab) == ["COVID-19", "Healthy"]
    assert banner(tab) == ""


def test_a_saved_list_takes_the_place_of_one_that_is_being_scored(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images[:3])
    first = tasks.take()
    tab.open_worklist(saved(prediction(images[0]), images[5]))
    assert first.is_stopping
    first.reported.emit(prediction(images[5], score=0.123))
    assert results(tab) == ["COVID-19", "Waiting"]
    tasks.succeed(first, [])
    tasks.run()
    assert results(tab) == ["COVID-19", "COVID-19"]


def test_a_saved_list_of_another_model_says_so_and_can_be_scored_again(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.open_worklist(saved(prediction(images[0]), model="other.keras"))
    loaded = f"{images[0].parents[1].name}/model.keras"
    assert banner(tab) == f"The results are of another model: other.keras. Loaded is {loaded}."
    person.click(tab, "banner_action")
    tasks.run()
    assert results(tab) == ["Healthy"]
    assert banner(tab) == ""


def test_images_of_a_saved_list_are_looked_at_as_they_were_scored(
    scored: PredictTab, tasks: Any, images: list[Path]
) -> None:
    tasks.answer(scored)
    scored.open_worklist(saved(replace(prediction(images[0]), adjustment=INVERTED)))
    tasks.answer(scored)
    assert int(pixels(scored).mean()) == 245


def test_clearing_the_list_forgets_what_was_turned(
    with_refused: PredictTab, tasks: Any, person: Any, images: list[Path]
) -> None:
    person.click(with_refused, "adjust_and_score")
    tasks.run()
    person.click(with_refused, "clear_list")
    with_refused.add(images[:1])
    tasks.run()
    assert rows(with_refused) == [("000.png", "Healthy", "0.039")]


# --- a model that is refused

DIFFERENT = "The model gives different scores on this computer: batch. Do not use its results."


def test_a_refused_model_takes_its_results_back_and_scores_nothing(
    scored: PredictTab, tasks: Any, person: Any, tmp_path: Path, draw: Any
) -> None:
    scored.refuse_model(DIFFERENT)
    assert results(scored) == ["Waiting"] * 6
    assert banner(scored) == f"{DIFFERENT} Load another model."
    assert DIFFERENT in person.reads(scored)
    scored.add(draw(tmp_path / "more", 1))
    scored.score_refused_anyway()
    scored.start_watching(tmp_path, include_existing=True)
    assert tasks.waiting == []
    assert not scored.watching.is_running


def test_a_model_can_be_refused_while_it_scores(
    tab: PredictTab, tasks: Any, images: list[Path], make_model: Any
) -> None:
    tab.set_model(make_model())
    tab.add(images)
    task = tasks.take()
    tab.refuse_model(DIFFERENT)
    assert task.is_stopping
    task.reported.emit(prediction(images[0]))
    tasks.succeed(task, [])
    assert results(tab) == ["Waiting"] * 6
    assert tasks.waiting == []
    assert banner(tab).startswith(DIFFERENT)


def test_another_model_takes_the_place_of_the_refused_one(
    scored: PredictTab, tasks: Any, make_model: Any
) -> None:
    scored.refuse_model(DIFFERENT)
    scored.set_model(make_model("other", inverted=True))
    assert banner(scored) == ""
    tasks.run()
    assert results(scored) == ["COVID-19"] * 3 + ["Healthy"] * 3


def test_a_refused_model_stays_refused_with_another_threshold_and_when_it_is_loaded_again(
    scored: PredictTab, tasks: Any, make_model: Any
) -> None:
    scored.refuse_model(DIFFERENT)
    assert scored.model is not None
    scored.set_model(deciding(scored.model, threshold=0.6))
    scored.set_model(make_model("other"))
    tasks.run()
    scored.set_model(make_model())
    assert banner(scored).startswith(DIFFERENT)
    assert results(scored) == ["Waiting"] * 6
    assert tasks.waiting == []


def test_a_model_that_passes_a_later_check_scores_again(scored: PredictTab, tasks: Any) -> None:
    scored.accept_model()
    assert tasks.waiting == []
    scored.refuse_model(DIFFERENT)
    scored.accept_model()
    assert banner(scored) == ""
    tasks.run()
    assert "Waiting" not in results(scored)


# --- keys


def active(tab: PredictTab, qtbot: QtBot) -> None:
    tab.activateWindow()
    qtbot.waitUntil(tab.isActiveWindow)


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_images_that_are_added_are_worked_through_by_key(
    tab: PredictTab, tasks: Any, person: Any, images: list[Path], make_model: Any, qtbot: QtBot
) -> None:
    active(tab, qtbot)
    tab.set_model(make_model())
    tab.add(images)
    tasks.run()
    assert focused() is table(tab)
    qtbot.waitUntil(tab.findChild(QAction, "action_agree").isEnabled)  # views hear of results a little later
    person.press(focused(), Qt.Key.Key_A)
    person.press(focused(), Qt.Key.Key_N)
    person.press(focused(), Qt.Key.Key_D)
    assert [tab.worklist.review(path).verdict for path in images[:3]] == ["agreed", "disagreed", None]
    assert tab.view.current == images[1]
    person.press(focused(), Qt.Key.Key_P)
    assert tab.view.current == images[0]
    person.press(focused(), Qt.Key.Key_U)
    assert tab.worklist.review(images[0]).verdict is None


def test_the_picture_has_its_keys(scored: PredictTab, tasks: Any, person: Any, qtbot: QtBot) -> None:
    active(scored, qtbot)
    tasks.answer(scored)
    view = scored.findChild(PictureView)
    view.setFocus()
    assert focused().objectName() == "picture"
    canvas = view._canvas
    fitted = canvas.viewport.scale
    person.press(focused(), Qt.Key.Key_1)
    assert canvas.viewport.scale == 1
    person.press(focused(), Qt.Key.Key_Plus)
    assert canvas.viewport.scale > 1
    person.press(focused(), Qt.Key.Key_Minus)
    assert canvas.viewport.scale == pytest.approx(1)
    person.press(focused(), Qt.Key.Key_0)
    assert canvas.viewport.scale == fitted
    for key, name in ((Qt.Key.Key_I, "picture_invert"), (Qt.Key.Key_H, "picture_heatmap")):
        person.press(focused(), key)
        assert person.find(scored, QToolButton, name).isChecked()
    canvas.set_window(20, 30)
    person.press(focused(), Qt.Key.Key_R)
    assert canvas.limits == (canvas.view.low, canvas.view.high)
    assert scored.worklist.review(scored.view.current).verdict is None


def test_the_tab_key_goes_from_the_list_through_the_tools_to_the_picture_and_its_result(
    scored: PredictTab, tasks: Any, person: Any, qtbot: QtBot
) -> None:
    active(scored, qtbot)
    tasks.answer(scored)
    person.find(scored, QPushButton, "add_images").setFocus()
    reached = []
    while focused().objectName() not in reached:
        reached.append(focused().objectName())
        person.press(focused(), Qt.Key.Key_Tab)
    expected = ["add_images", "clear_list", "filter_result", "worklist", "picture_fit", "picture_heatmap"]
    assert [name for name in reached if name in (*expected, "picture", "answer", "watch_folder")] == [
        *expected,
        *("picture", "answer", "watch_folder"),
    ]
