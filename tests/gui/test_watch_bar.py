"""The line that starts a watch and says how it goes."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.gui.theme import current_tokens
from covid_desktop.gui.watch_bar import LifeSign, WatchBar
from covid_desktop.gui.widgets import ElidedLabel, IconLabel

FOLDER = Path("/mnt/ct/Exports")


@pytest.fixture
def bar(qtbot: QtBot) -> WatchBar:
    bar = WatchBar()
    qtbot.addWidget(bar)
    bar.resize(700, bar.sizeHint().height())
    bar.show()
    return bar


def button(bar: WatchBar, name: str) -> QPushButton:
    (found,) = bar.findChildren(QPushButton, name)
    return found


def words(bar: WatchBar) -> ElidedLabel:
    (found,) = bar.findChildren(ElidedLabel, "watch_words")
    return found


def sign(bar: WatchBar) -> LifeSign:
    (found,) = bar.findChildren(LifeSign)
    return found


def is_warning(bar: WatchBar) -> bool:
    (found,) = bar.findChildren(IconLabel)
    return found.isVisible()


def test_it_is_off_at_first(bar: WatchBar) -> None:
    assert button(bar, "watch_folder").isVisible()
    assert not button(bar, "stop_watching").isVisible()
    assert not sign(bar).isVisible()
    assert not bar.include_existing


def test_the_button_asks_with_or_without_what_is_there(bar: WatchBar, qtbot: QtBot) -> None:
    (existing,) = bar.findChildren(QCheckBox, "include_existing")
    for is_wanted in (False, True):
        existing.setChecked(is_wanted)
        with qtbot.waitSignal(bar.watch_requested) as asked:
            button(bar, "watch_folder").click()
        assert asked.args == [is_wanted]
    assert button(bar, "watch_folder").isVisible()  # a watch is told by show_watching


def test_it_says_how_it_goes(bar: WatchBar) -> None:
    bar.show_watching(FOLDER)
    assert words(bar).text() == "Watching Exports: nothing scored yet"
    bar.show_scored(12, datetime(2026, 1, 2, 14, 32, 59))
    assert words(bar).text() == words(bar).accessibleName() == "Watching Exports: 12 scored, last at 14:32"
    assert str(FOLDER) in words(bar).toolTip()
    bar.show_scored(12345)
    assert words(bar).text() == "Watching Exports: 12,345 scored"
    bar.show_scored(0)
    assert words(bar).text() == "Watching Exports: nothing scored yet"


def test_a_drive_has_no_name_but_its_own(bar: WatchBar) -> None:
    root = Path(FOLDER.anchor)
    bar.show_watching(root)
    assert words(bar).text() == f"Watching {root}: nothing scored yet"


def test_the_button_ends_it(bar: WatchBar, qtbot: QtBot) -> None:
    bar.show_watching(FOLDER)
    with qtbot.waitSignal(bar.stop_requested):
        button(bar, "stop_watching").click()
    bar.show_off()
    assert button(bar, "watch_folder").isVisible()
    assert not button(bar, "stop_watching").isVisible()
    assert not sign(bar).is_moving


def test_an_interruption_says_why_until_it_goes_on(bar: WatchBar) -> None:
    bar.show_watching(FOLDER)
    bar.show_scored(3)
    assert not is_warning(bar)
    bar.show_interrupted("The folder cannot be reached; it is tried again")
    assert words(bar).text() == "Watching Exports. The folder cannot be reached; it is tried again."
    assert is_warning(bar)
    assert not sign(bar).isVisible()
    assert not sign(bar).is_moving
    assert button(bar, "stop_watching").isVisible()
    bar.show_scored(3)
    assert words(bar).text() == "Watching Exports: 3 scored"
    assert not is_warning(bar)


def test_what_comes_after_the_end_changes_nothing(bar: WatchBar) -> None:
    bar.show_watching(FOLDER)
    bar.show_off()
    bar.show_scored(3)
    bar.show_interrupted("The folder cannot be reached")
    assert button(bar, "watch_folder").isVisible()
    assert not words(bar).isVisible()


def test_the_line_keeps_its_height(bar: WatchBar) -> None:
    height = bar.sizeHint().height()
    bar.show_watching(FOLDER)
    assert bar.sizeHint().height() == height
    bar.show_interrupted("The folder cannot be reached")
    assert bar.sizeHint().height() == height


def test_a_long_name_is_shortened(bar: WatchBar) -> None:
    bar.show_watching(Path("/mnt") / ("Exports of the second scanner " * 10).strip())
    bar.show_scored(7)
    assert "…" in words(bar).text()
    assert words(bar).text().endswith("7 scored")
    assert button(bar, "stop_watching").geometry().right() < bar.width()


def test_the_sign_moves_while_it_can_be_seen(bar: WatchBar, qtbot: QtBot) -> None:
    assert not sign(bar).is_moving
    bar.show_watching(FOLDER)
    assert sign(bar).is_moving
    before = sign(bar).grab().toImage()
    sign(bar).advance()
    after = sign(bar).grab().toImage()
    assert before != after
    colours = {after.pixelColor(x, y).name() for x in range(after.width()) for y in range(after.height())}
    assert current_tokens().accent in colours
    bar.hide()
    assert not sign(bar).is_moving


def test_the_sign_stands_still_where_nothing_may_move(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    still = LifeSign()
    qtbot.addWidget(still)
    monkeypatch.setattr(LifeSign, "style", lambda _: StyleWithoutAnimation())
    still.show()
    assert not still.is_moving


class StyleWithoutAnimation:
    def styleHint(self, *_: object) -> int:
        return 0


def test_every_control_has_a_name(bar: WatchBar) -> None:
    for kind in (QPushButton, QCheckBox, LifeSign):
        for control in bar.findChildren(kind):
            assert isinstance(control, QWidget)
            assert control.objectName()
            assert control.accessibleName() or control.text()
