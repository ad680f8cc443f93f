"""The worklist's model, which rows of it are shown, and in which order."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import NOT_REVIEWED, Review
from covid_desktop.core.worklist_file import Entry
from covid_desktop.gui.theme import icon
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_cells import MARKED, RESULT, SCORE, SIGN_ROLE
from covid_desktop.gui.worklist_filter import EVERYTHING, Criteria, ShownRows
from covid_desktop.gui.worklist_foot import counts_words

AGREED, DISAGREED = Review(verdict="agreed"), Review(verdict="disagreed", comment="blurred")
PATHS = [Path(f"images/{name}.png") for name in ("b10", "b9", "A1", "c", "d", "e", "f", "g")]


def scored(path: Path, score: float, **values: Any) -> Prediction:
    label = "COVID-19" if score >= 0.5 else "Healthy"
    return replace(Prediction(path=path, label=label, score=score, threshold=0.5), **values)


def unscored(path: Path, **values: str) -> Prediction:
    return Prediction(path=path, label=None, score=None, threshold=0.5, **values)  # type: ignore[arg-type]


RESULTS = (
    scored(PATHS[0], 0.9),
    scored(PATHS[1], 0.1),
    scored(PATHS[2], 0.55),
    scored(PATHS[3], 0.5, label="Indeterminate", is_indeterminate=True),
    unscored(PATHS[4], error="The file is empty."),
    unscored(PATHS[5], refusal="It is upside down."),
    scored(PATHS[6], 0.2, refusal="It looks inverted."),
)
REVIEWS = {PATHS[1]: AGREED, PATHS[2]: DISAGREED, PATHS[3]: Review(comment="Read again")}


@pytest.fixture
def worklist(qapp: QObject) -> Worklist:
    made = Worklist(qapp)
    made.forget_results("COVID-19")
    return made


@pytest.fixture
def full(worklist: Worklist) -> Worklist:
    worklist.add(PATHS)
    for result in RESULTS:
        worklist.set_done(result)
    for path, review in REVIEWS.items():
        worklist.set_review(path, review)
    return worklist


@pytest.fixture
def shown(full: Worklist) -> ShownRows:
    return ShownRows(full)


def names(shown: ShownRows) -> list[str]:
    return [shown.path(row).stem for row in range(shown.rowCount())]


def column(worklist: Worklist, number: int, role: int = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    return [worklist.data(worklist.index(row, number), role) for row in range(worklist.rowCount())]


def test_the_cells(full: Worklist) -> None:
    assert column(full, RESULT) == [
        "COVID-19",
        "Healthy",
        "COVID-19",
        "Indeterminate",
        "Not scored: The file is empty.",
        "Not scored: not like the training images",
        "Healthy",
        "Waiting",
    ]
    assert column(full, SCORE) == ["0.900", "0.100", "0.550", "0.500", "", "", "0.200", ""]
    assert column(full, MARKED) == ["", "Agreed", "Disagreed", "", "", "", "", ""]


def test_marks_have_a_shape_each_and_a_comment_a_sign(full: Worklist) -> None:
    icons = column(full, MARKED, Qt.ItemDataRole.DecorationRole)
    tick, cross = (icons[row].pixmap(32).toImage() for row in (1, 2))
    assert tick == icon("tick", "success").pixmap(32).toImage()
    assert cross == icon("close", "danger").pixmap(32).toImage()
    assert tick != cross
    assert icons[0] is None
    signs = column(full, MARKED, SIGN_ROLE)
    assert [bool(sign) for sign in signs[:4]] == [False, False, True, True]
    assert column(full, RESULT, SIGN_ROLE)[5:] == [None, ("warning", "warning"), None]


def test_what_is_shown_by_signs_is_said_in_words(full: Worklist) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert column(full, MARKED, role)[:4] == [
        "Not marked",
        "Agreed",
        "Disagreed, comment: blurred",
        "Comment: Read again",
    ]
    assert column(full, RESULT, role)[6] == "Healthy, though not like the training images"
    hints = column(full, MARKED, Qt.ItemDataRole.ToolTipRole)
    assert hints[2] == f"{PATHS[2]}\nDisagreed, comment: blurred"
    assert hints[5] == f"{PATHS[5]}\nIt is upside down."


def test_views_are_told_of_many_results_at_once(worklist: Worklist, qtbot: QtBot) -> None:
    worklist.add(PATHS)
    told: list[tuple[int, int]] = []
    worklist.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    for result in RESULTS[1:4]:
        worklist.set_done(result)
    assert worklist.done == 3
    assert told == []
    qtbot.waitUntil(lambda: told == [(1, 3)])


def test_a_view_is_told_of_the_rows_that_it_shows(full: Worklist, shown: ShownRows) -> None:
    """Others need not be drawn anew, ten times a second."""
    told: list[tuple[int, int]] = []
    shown.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    full.set_review(PATHS[2], AGREED)
    shown.sort(0, Qt.SortOrder.DescendingOrder)
    full.set_review(PATHS[2], DISAGREED)
    assert told == [(2, 2), (7, 7)]
    shown.set_criteria(Criteria(words=("b",)))
    full.set_review(PATHS[2], AGREED)
    assert len(told) == 2


def test_results_that_are_forgotten_before_views_are_told_are_not_told(
    worklist: Worklist, qtbot: QtBot
) -> None:
    worklist.add(PATHS)
    worklist.set_done(RESULTS[-1])
    worklist.clear()
    with qtbot.assertNotEmitted(worklist.dataChanged, wait=200):
        pass


def test_entries_are_all_there_is_to_keep_and_come_back(full: Worklist, qapp: QObject) -> None:
    entries = full.entries
    assert [entry.path for entry in entries] == PATHS
    assert [entry.prediction for entry in entries] == [*RESULTS, None]
    assert entries[2].review == DISAGREED
    other = Worklist(qapp)
    other.add([Path("old.png")])
    other.load(entries)
    assert other.entries == entries
    assert other.class_names == ("COVID-19", "Healthy")
    assert other.row_of(PATHS[3]) == 3
    assert other.row_of(Path("old.png")) is None
    assert other.waiting == [PATHS[7]]


def test_a_result_keeps_the_model_that_gave_it_until_it_is_scored_again(worklist: Worklist) -> None:
    entries = [Entry(path=one.path, prediction=one, model="old.keras") for one in RESULTS[:2]]
    worklist.load(entries)
    worklist.set_done(RESULTS[0])
    assert [entry.model for entry in worklist.entries] == ["", "old.keras"]
    worklist.forget_results("COVID-19")
    worklist.set_done(RESULTS[1])
    assert [entry.model for entry in worklist.entries] == ["", ""]


def test_a_mark_goes_where_another_model_gives_another_result(full: Worklist) -> None:
    full.forget_results("COVID-19", "Healthy")
    assert full.review(PATHS[1]) == AGREED
    full.set_done(scored(PATHS[1], 0.8))
    full.set_done(scored(PATHS[2], 0.7))
    full.set_done(scored(PATHS[3], 0.7))
    assert full.review(PATHS[1]) == NOT_REVIEWED
    assert full.review(PATHS[2]) == DISAGREED
    assert full.review(PATHS[3]) == Review(comment="Read again")


def test_a_mark_goes_where_an_image_is_scored_anew_and_its_comment_stays(full: Worklist) -> None:
    full.set_done(scored(PATHS[2], 0.3))
    assert full.review(PATHS[2]) == Review(comment="blurred")


def test_what_is_said_about_an_image_that_is_not_in_the_list_is_not_kept(full: Worklist) -> None:
    full.set_review(Path("other.png"), AGREED)
    assert full.review(Path("other.png")) == NOT_REVIEWED
    full.clear()
    full.add(PATHS)
    assert full.review(PATHS[1]) == NOT_REVIEWED


def test_the_other_class_is_known_once_it_was_given(worklist: Worklist) -> None:
    worklist.add(PATHS)
    worklist.set_done(RESULTS[0])
    assert worklist.class_names == ("COVID-19", "")
    worklist.set_done(RESULTS[1])
    assert worklist.class_names == ("COVID-19", "Healthy")


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (EVERYTHING, "b10 b9 A1 c d e f g"),
        (Criteria(wanted="positive"), "b10 A1"),
        (Criteria(wanted="negative"), "b9 f"),
        (Criteria(wanted="indeterminate"), "c"),
        (Criteria(wanted="unscored"), "d e"),
        (Criteria(wanted="unlike"), "e f"),
        (Criteria(wanted="disagreed"), "A1"),
        (Criteria(wanted="unmarked"), "b10 c d e f g"),
        (Criteria(low=0.5), "b10 A1 c"),
        (Criteria(high=0.2), "b9 f"),
        (Criteria(low=0.1, high=0.1), "b9"),
        (Criteria(words=("b", "1")), "b10"),
        (Criteria(words=("a1.",)), "A1"),
        (Criteria(words=("images",)), ""),
        (Criteria(wanted="positive", low=0.6, words=("b",)), "b10"),
    ],
)
def test_what_fits_is_shown(criteria: Criteria, found: str, shown: ShownRows) -> None:
    shown.set_criteria(criteria)
    assert names(shown) == found.split()


def test_a_score_is_in_the_range_as_it_is_shown(worklist: Worklist) -> None:
    worklist.add(PATHS[:2])
    worklist.set_done(scored(PATHS[0], 0.5004))
    worklist.set_done(scored(PATHS[1], 0.5006))
    shown = ShownRows(worklist)
    shown.set_criteria(Criteria(high=0.5))
    assert names(shown) == ["b10"]


@pytest.mark.parametrize(
    ("number", "up", "down"),
    [
        (0, "A1 b9 b10 c d e f g", "g f e d c b10 b9 A1"),
        (1, "b10 A1 c b9 f d e g", "g d e b9 f c b10 A1"),
        (2, "b9 f c A1 b10 d e g", "b10 A1 c f b9 d e g"),
        (3, "A1 b9 c b10 d e f g", "b10 d e f g c b9 A1"),
    ],
)
def test_the_order(number: int, up: str, down: str, shown: ShownRows) -> None:
    shown.sort(number, Qt.SortOrder.AscendingOrder)
    assert names(shown) == up.split()
    shown.sort(number, Qt.SortOrder.DescendingOrder)
    assert names(shown) == down.split()
    shown.sort(-1)
    assert names(shown) == [path.stem for path in PATHS]


def test_rows_move_and_go_only_when_asked_to(shown: ShownRows, full: Worklist) -> None:
    shown.set_criteria(Criteria(wanted="positive"))
    shown.sort(2, Qt.SortOrder.DescendingOrder)
    full.set_done(scored(PATHS[2], 0.95))
    full.set_done(scored(PATHS[7], 0.6))
    full.set_done(scored(PATHS[0], 0.4))
    assert names(shown) == ["b10", "A1"]
    shown.refresh()
    assert names(shown) == ["A1", "g"]
    shown.kept = PATHS[0]
    shown.refresh()
    assert names(shown) == ["A1", "g", "b10"]


def test_cells_are_those_of_the_worklist(shown: ShownRows) -> None:
    shown.sort(2, Qt.SortOrder.DescendingOrder)
    assert shown.data(shown.index(1, 2)) == "0.550"
    assert shown.headerData(3, Qt.Orientation.Horizontal) == "Mark"
    assert shown.row_of(PATHS[2]) == 1
    assert shown.row_of(Path("other.png")) is None


def change_everything(worklist: Worklist, shown: ShownRows) -> None:
    shown.sort(2, Qt.SortOrder.DescendingOrder)
    shown.set_criteria(Criteria(wanted="negative"))
    shown.set_criteria(EVERYTHING)
    worklist.add([Path("new.png")])
    worklist.set_done(scored(Path("new.png"), 0.3))
    worklist._tell()
    shown.refresh()
    shown.sort(-1)
    worklist.add([Path("newer.png")])
    worklist.forget_results("Healthy")
    worklist.load([Entry(path=PATHS[0])])
    worklist.clear()


@pytest.mark.parametrize("tested", ["worklist", "shown"])
def test_both_keep_to_qt_s_rules(tested: str, full: Worklist, shown: ShownRows) -> None:
    model = {"worklist": full, "shown": shown}[tested]
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    change_everything(full, shown)
    assert tester.model() is model
    assert shown.rowCount() == full.rowCount() == 0


def test_a_row_that_is_held_by_qt_moves_with_its_image(shown: ShownRows, full: Worklist) -> None:
    from PySide6.QtCore import QPersistentModelIndex

    held = QPersistentModelIndex(shown.index(2, 1))
    shown.sort(0)
    assert (held.row(), held.column()) == (0, 1)
    shown.sort(0, Qt.SortOrder.DescendingOrder)
    assert held.row() == 7


def test_how_many_have_which_result(full: Worklist) -> None:
    words = "2 COVID-19, 2 Healthy, 1 indeterminate, 2 not scored, 1 waiting"
    assert counts_words(full, 8) == words
    assert counts_words(full, 3) == f"{words}; 3 shown"
    full.clear()
    assert counts_words(full, 0) == ""


def test_classes_without_a_name_are_counted_too(worklist: Worklist) -> None:
    worklist.load([Entry(path=one.path, prediction=one) for one in RESULTS[:1]])
    worklist.forget_results("")
    worklist.set_done(scored(PATHS[0], 0.9, label=""))
    assert counts_words(worklist, 1) == "1 positive"


def test_10000_results_are_quick(worklist: Worklist, quick: Callable[..., Any]) -> None:
    paths = [Path(f"{number}.png") for number in range(10_000)]
    results = [scored(path, number * 7919 % 10_000 / 10_000) for number, path in enumerate(paths)]
    shown = ShownRows(worklist)
    shown.set_criteria(Criteria(wanted="positive"))
    quick(lambda: worklist.add(paths))
    quick(lambda: [worklist.set_done(result) for result in results])
    quick(shown.refresh)
    assert shown.rowCount() == 5_000
    quick(lambda: shown.set_criteria(EVERYTHING))
    for number in range(4):
        quick(lambda number=number: shown.sort(number, Qt.SortOrder.DescendingOrder))
    quick(lambda: counts_words(worklist, 10))


@pytest.fixture
def quick() -> Callable[[Callable[[], object]], None]:
    """Holds that something takes far less than a second of the processor's time, on a slow computer too."""
    import time

    def hold(action: Callable[[], object]) -> None:
        began = time.process_time()
        action()
        assert time.process_time() - began < 0.8

    return hold


def test_whose_results_are_not_the_loaded_model_s(worklist: Worklist, make_model: Any) -> None:
    """Another model may have the same name, and the same one have had another threshold."""
    loaded = make_model()
    loaded.classifier.card = replace(loaded.card, threshold=0.5 + 1e-9)
    name = loaded.name
    models = {"mine": "", "of it": name, "of another": name, "old": "old.keras"}
    entries = [
        Entry(path=Path(image), prediction=scored(Path(image), 0.5), model=model)
        for image, model in models.items()
    ]
    before = replace(scored(Path("before"), 0.5), threshold=0.83)
    entries += [Entry(path=before.path, prediction=before, model=name)]
    worklist.load(entries, {Path("of another"): "id"})
    found = {str(one.path): worklist.other_model_of(one.path, loaded) for one in entries}
    assert found == {
        "mine": "",
        "of it": "",
        "of another": name,
        "old": "old.keras",
        "before": f"{name} before its threshold was changed",
    }
    assert worklist.other_model_of(Path("mine"), None) == ""
    assert worklist.other_model_of(Path("of it"), None) == name
    paths = [Path("old"), Path("mine"), Path("of another"), Path("old")]
    assert worklist.other_models(paths, loaded) == ("old.keras", name)
    worklist.set_done(scored(Path("old"), 0.5))
    assert worklist.other_models(paths, loaded) == (name,)
