"""The rail, the banner, the drop area and the small widgets, driven as a person would."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.errors import UserError
from covid_desktop.gui.class_widgets import ClassKind, ClassMarker, CountTile, ScoreBar
from covid_desktop.gui.drop_area import DropArea, EmptyState, dropped_paths
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.rail import Rail
from covid_desktop.gui.theme import apply_theme
from covid_desktop.gui.tokens import LIGHT
from covid_desktop.gui.widgets import ElidedLabel, Fold, Segmented

LEFT = Qt.MouseButton.LeftButton
COPY = Qt.DropAction.CopyAction
SHIFT = Qt.KeyboardModifier.ShiftModifier  # asks for a move
Kind = TypeVar("Kind", bound=QWidget)


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    apply_theme(qapp, "light")


def find(parent: QWidget, kind: type[Kind], name: str) -> Kind:
    (found,) = parent.findChildren(kind, name)
    return found


def click(parent: QWidget, name: str) -> None:
    QTest.mouseClick(find(parent, QWidget, name), LEFT)


def words(parent: QObject) -> list[str]:
    return [label.text() for label in parent.findChildren(QLabel)]


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


@pytest.fixture
def rail(qtbot: QtBot) -> Iterator[Rail]:
    window = QWidget()
    window.resize(600, 400)
    rail = Rail()
    rail.setParent(window)
    qtbot.addWidget(window)
    for number, key in enumerate(("data", "train", "runs"), start=1):
        rail.add_tab(key, key.capitalize(), key, f"Ctrl+{number}")
    rail.set_current("data")
    rail.resize(88, 400)
    window.show()
    yield rail
    window.close()


def test_rail_tells_what_was_clicked(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.tab_chosen) as chosen:
        click(rail, "tab_train")
    assert chosen.args == ["train"]
    assert rail.current == "train"


def test_rail_set_current_tells_nobody(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rail.tab_chosen):
        rail.set_current("runs")
    checked = [button.objectName() for button in rail.findChildren(QToolButton) if button.isChecked()]
    assert checked == ["tab_runs"]


@pytest.mark.parametrize(("key", "tab"), [(Qt.Key.Key_Down, "train"), (Qt.Key.Key_Up, "runs")])
def test_rail_follows_arrows_around(rail: Rail, qtbot: QtBot, key: Qt.Key, tab: str) -> None:
    with qtbot.waitSignal(rail.tab_chosen) as chosen:
        QTest.keyClick(find(rail, QToolButton, "tab_data"), key)
    assert chosen.args == [tab]


def test_rail_action_can_stand_in_a_menu(qtbot: QtBot) -> None:
    rail = Rail()
    qtbot.addWidget(rail)
    action = rail.add_tab("data", "Data", "data", "Ctrl+1")
    assert action.shortcut().toString() == "Ctrl+1"
    assert action.toolTip() == "Data (Ctrl+1)"
    with qtbot.waitSignal(rail.tab_chosen) as chosen:
        action.trigger()
    assert chosen.args == ["data"]


def test_rail_badges_are_painted_and_spoken(rail: Rail) -> None:
    button = find(rail, QToolButton, "tab_train")
    bare = button.grab().toImage()
    rail.set_badge("train", "Running, 60 %", "running", 0.6)
    ring = button.grab().toImage()
    rail.set_badge("train", "2 findings", "warning")
    dot = button.grab().toImage()
    assert button.accessibleDescription() == "2 findings"
    assert LIGHT.warning in colours(dot)
    assert len({bytes(image.constBits()) for image in (bare, ring, dot)}) == 3
    rail.set_badge("train", None)
    assert button.grab().toImage() == bare
    assert button.accessibleDescription() == ""


def test_rail_highlight_says_what_would_happen(rail: Rail) -> None:
    rail.set_highlight("train", "Use 3 images")
    assert words(rail.window()) == ["Use 3 images"]
    assert find(rail, QToolButton, "tab_train").property("highlight") is True
    rail.set_highlight(None)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert words(rail.window()) == []
    assert find(rail, QToolButton, "tab_train").property("highlight") is False


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    banner = Banner()
    qtbot.addWidget(banner)
    return banner


def test_banner_shows_the_newest_notice_only(banner: Banner) -> None:
    assert banner.isHidden()
    banner.show_notice("error", "The model could not be saved.", "Choose another folder.", "OSError 28")
    banner.show_notice("success", "The model was saved.")
    assert banner.isVisible()
    assert banner.property("kind") == "success"
    assert banner.accessibleName() == "The model was saved."
    shown = [label.text() for label in banner.findChildren(QLabel) if label.isVisible()]
    assert shown == ["The model was saved."]


def test_banner_folds_its_details(banner: Banner) -> None:
    banner.show_notice("error", "It failed.", details="Traceback")
    details = find(banner, QLabel, "banner_details")
    assert not details.isVisible()
    click(banner, "toggle_details")
    assert details.isVisible()
    assert details.text() == "Traceback"
    banner.show_notice("error", "It failed again.", details="Another traceback")
    assert not details.isVisible()


def test_banner_runs_its_action(banner: Banner) -> None:
    calls: list[str] = []
    banner.show_notice("info", "Nothing here.", action=("Choose folder", lambda: calls.append("chosen")))
    assert find(banner, QPushButton, "banner_action").text() == "Choose folder"
    click(banner, "banner_action")
    assert calls == ["chosen"]


def test_banner_takes_back_an_error_that_is_over_and_nothing_else(banner: Banner) -> None:
    error = UserError("The disk is full.", "Free some space.")
    banner.show_error(error)
    banner.take_back(UserError("The disk is full.", "Buy another one."))
    assert banner.isVisible()
    banner.take_back(error)
    assert not banner.isVisible()


def test_banner_is_dismissed(banner: Banner) -> None:
    banner.show_notice("info", "Nothing here.")
    click(banner, "dismiss_banner")
    assert banner.isHidden()


@pytest.fixture
def area(qtbot: QtBot) -> DropArea:
    area = DropArea("Drop images here", "PNG or DICOM.", describe=_describe)
    qtbot.addWidget(area)
    area.resize(400, 300)
    area.show()
    return area


def _describe(paths: list[Path]) -> str:
    return "" if paths[0].suffix == ".txt" else f"Predict {len(paths)}"


def enter(area: DropArea, mime: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.MoveAction | COPY, mime, LEFT, SHIFT)
    QApplication.sendEvent(area, event)
    return event


def test_only_local_files_are_dropped(tmp_path: Path) -> None:
    mime = files(tmp_path / "b.png", tmp_path / "a b.png")
    mime.setUrls([*mime.urls(), QUrl("https://example.org/c.png")])
    assert dropped_paths(mime) == [tmp_path / "b.png", tmp_path / "a b.png"]


def test_drop_area_says_what_would_happen(area: DropArea, tmp_path: Path) -> None:
    mime = files(tmp_path / "a.png", tmp_path / "b.png")
    event = enter(area, mime)
    assert event.isAccepted()
    assert event.dropAction() == COPY
    assert "Predict 2" in words(area)
    assert LIGHT.selected in colours(area.grab().toImage())
    QApplication.sendEvent(area, QDragLeaveEvent())
    assert words(area) == ["Drop images here", "PNG or DICOM."]
    assert LIGHT.selected not in colours(area.grab().toImage())


def test_drop_area_hands_over_paths(area: DropArea, qtbot: QtBot, tmp_path: Path) -> None:
    mime = files(tmp_path / "a.png")
    enter(area, mime)
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.MoveAction | COPY, mime, LEFT, SHIFT)
    with qtbot.waitSignal(area.files_dropped) as dropped:
        QApplication.sendEvent(area, event)
    assert dropped.args == [[tmp_path / "a.png"]]
    assert event.dropAction() == COPY
    assert "Drop images here" in words(area)


@pytest.mark.parametrize("mime", [files(Path("/a.txt")), QMimeData()], ids=["refused", "no files"])
def test_drop_area_refuses(area: DropArea, mime: QMimeData) -> None:
    assert not enter(area, mime).isAccepted()
    assert "Drop images here" in words(area)


def test_empty_state_buttons(qtbot: QtBot) -> None:
    state = EmptyState("runs", "Every run is kept here.", "Train once.")
    qtbot.addWidget(state)
    primary = state.add_button("Go to Train", "go_to_train", primary=True)
    state.add_button("Try the demo", "try_demo")
    assert primary.property("primary") is True
    with qtbot.waitSignal(primary.clicked):
        click(state, "go_to_train")
    assert [button.text() for button in state.findChildren(QPushButton)] == ["Go to Train", "Try the demo"]
    assert words(state) == ["Every run is kept here.", "Train once."]


def test_segmented(qtbot: QtBot) -> None:
    segmented = Segmented([("a", "COVID-19"), ("b", "Healthy")])
    qtbot.addWidget(segmented)
    segmented.set_count("b", 1200)
    assert find(segmented, QPushButton, "choose_b").text() == "Healthy  1,200"
    assert segmented.current == "a"
    with qtbot.waitSignal(segmented.chosen) as chosen:
        click(segmented, "choose_b")
    assert chosen.args == ["b"]
    with qtbot.assertNotEmitted(segmented.chosen):
        segmented.set_current("a")
    assert segmented.current == "a"
    segmented.set_count("b", None)
    assert find(segmented, QPushButton, "choose_b").text() == "Healthy"


def test_elided_label_keeps_the_whole_in_its_tooltip(qtbot: QtBot) -> None:
    path = "/very/long/" * 20 + "chest-xrays"
    label = ElidedLabel(path)
    qtbot.addWidget(label)
    label.resize(200, 20)
    label.show()
    assert "…" in label.text()
    assert label.text().startswith("/very")
    assert label.text().endswith("rays")
    assert label.toolTip() == path
    label.set_text("short")
    assert label.text() == "short"


def test_fold(qtbot: QtBot) -> None:
    fold = Fold("More", "toggle_more")
    inside = QLabel("Learning rate")
    fold.body.addWidget(inside)
    qtbot.addWidget(fold)
    fold.show()
    assert not inside.isVisible()
    with qtbot.waitSignal(fold.toggled) as toggled:
        click(fold, "toggle_more")
    assert toggled.args == [True]
    assert inside.isVisible()
    assert fold.is_open
    fold.set_open(False)
    assert not inside.isVisible()


@pytest.mark.parametrize(
    ("score", "kind", "colour"),
    [
        (0.83, "positive", LIGHT.positive),
        (0.2, "negative", LIGHT.negative),
        (0.5, "indeterminate", LIGHT.muted),
    ],
)
def test_score_bar(qtbot: QtBot, score: float, kind: ClassKind, colour: str) -> None:
    bar = ScoreBar("COVID-19", "Healthy")
    qtbot.addWidget(bar)
    bar.resize(300, bar.sizeHint().height())
    bar.set_score(None, 0.4, "none")
    assert bar.accessibleName() == "Not scored, threshold 0.40, from Healthy to COVID-19"
    empty = bar.grab().toImage()
    middle_of_fill = QPoint(round((300 - 64) * 0.1), round(bar._bar().center().y()))
    assert empty.pixelColor(middle_of_fill).name() == LIGHT.border
    bar.set_score(score, 0.4, kind)
    assert bar.accessibleName() == f"Score {score:.2f}, threshold 0.40, from Healthy to COVID-19"
    assert bar.grab().toImage().pixelColor(middle_of_fill).name() == colour


def test_score_bar_shades_the_band_around_the_tick(qtbot: QtBot) -> None:
    bar = ScoreBar("COVID-19", "Healthy")
    qtbot.addWidget(bar)
    bar.resize(364, bar.sizeHint().height())  # the bar itself is 300 wide
    bar.set_score(0.9, 0.5, "positive")
    before = bar.grab().toImage()
    bar.set_score(0.9, 0.5, "positive", (0.4, 0.7))
    after = bar.grab().toImage()
    assert bar.accessibleName() == (
        "Score 0.90, threshold 0.50, indeterminate 0.40 to 0.70, from Healthy to COVID-19"
    )
    above, inside = round(bar._bar().top()) - 3, round(bar._bar().center().y())
    shaded = [x for x in range(300) if before.pixelColor(x, above) != after.pixelColor(x, above)]
    assert (shaded[0], shaded[-1]) == (pytest.approx(120, abs=1), pytest.approx(210, abs=1))
    assert len(shaded) >= 85  # all but the tick
    assert after.pixelColor(180, inside).name() == LIGHT.positive
    bar.set_score(0.9, 0.5, "positive")
    assert bar.grab().toImage() == before
    assert "indeterminate" not in bar.accessibleName()


def test_score_bar_shades_the_band_of_what_is_not_filled(qtbot: QtBot) -> None:
    bar = ScoreBar()
    qtbot.addWidget(bar)
    bar.resize(364, bar.sizeHint().height())
    bar.set_score(0.1, 0.5, "negative", (0.4, 0.7))
    picture, inside = bar.grab().toImage(), round(bar._bar().center().y())
    assert picture.pixelColor(90, inside).name() == LIGHT.border
    assert picture.pixelColor(180, inside).name() not in (LIGHT.border, LIGHT.indeterminate)


def test_class_marker_has_shape_and_name(qtbot: QtBot) -> None:
    marker = ClassMarker("positive", "COVID-19")
    qtbot.addWidget(marker)
    filled = marker.grab().toImage()
    marker.set_class("negative", "COVID-19")
    assert LIGHT.positive in colours(filled)
    assert LIGHT.positive not in colours(marker.grab().toImage())
    assert marker.accessibleName() == marker.text() == "COVID-19"


def test_count_tile(qtbot: QtBot) -> None:
    tile = CountTile("Test", "None yet.")
    qtbot.addWidget(tile)
    assert "None yet." in words(tile)
    tile.set_counts([("positive", "COVID-19", 40), ("negative", "Healthy", 1200)])
    assert words(tile) == ["Test", "1,240", "COVID-19", "40", "Healthy", "1,200"]
    assert tile.accessibleName() == "Test: COVID-19 40, Healthy 1200"
    tile.set_counts([])
    assert words(tile) == ["Test", "", "None yet."]
