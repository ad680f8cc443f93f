"""The picture viewer: what is on the screen, by mouse and keys."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSlider, QToolButton, QVBoxLayout, QWidget

from covid_desktop.core.viewing import View, view_of_picture, view_of_values
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.picture_mouse import MousePicture
from covid_desktop.gui.picture_view import PictureView
from covid_desktop.gui.theme import apply_theme

LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
BLACK = [0x0B, 0x0C, 0x0E]


@pytest.fixture
def ct() -> View:
    """400 columns, 300 rows, from -1350 to 149 in HU, with noise."""
    levels = np.random.default_rng(0).integers(0, 256, (300, 400)).astype(np.float32)
    picture = levels.astype(np.uint8)
    return view_of_values(levels / 255 * 1499 - 1350, picture, -1350.0, 149.0, unit="HU", frames=12)


@pytest.fixture
def view(show: Any) -> PictureView:
    return show(PictureView())


def canvas(view: PictureView) -> MousePicture:
    return view.findChild(MousePicture, "picture")


def text(view: PictureView, name: str) -> str:
    return view.findChild(QLabel, name).text()


def button(view: PictureView, name: str) -> QToolButton:
    return view.findChild(QToolButton, f"picture_{name}")


def screen(view: PictureView) -> np.ndarray:
    """What is drawn (height, width, 3)."""
    canvas(view).draw()
    return np.array(canvas(view).buffer_rgba())[..., :3]


def seen(view: PictureView) -> np.ndarray:
    """The part of the drawing that the picture fills, (height, width)."""
    drawn, found = screen(view), canvas(view)
    above = drawn.shape[0] - found.viewport.screen[1]
    left, top, right, bottom = found.viewport.part().place
    return drawn[above + top : above + bottom, left:right, 0]


def send(view: PictureView, kind: QEvent.Type, button: Any, held: Any, at: QPointF, modifier: Any) -> None:
    target = canvas(view)
    event = QMouseEvent(kind, at, target.mapToGlobal(at), button, held, modifier)
    QApplication.sendEvent(target, event)


def drag(
    view: PictureView,
    button: Any,
    right: float,
    down: float,
    modifier: Any = Qt.KeyboardModifier.NoModifier,
    moves: int = 4,
) -> None:
    start = QPointF(canvas(view).rect().center())
    send(view, QEvent.Type.MouseButtonPress, button, button, start, modifier)
    for move in range(1, moves + 1):
        at = start + QPointF(right, down) * move / moves
        send(view, QEvent.Type.MouseMove, NONE, button, at, modifier)
    send(view, QEvent.Type.MouseButtonRelease, button, NONE, start + QPointF(right, down), modifier)


def wheel(view: PictureView, notches: float, at: QPointF) -> None:
    event = QWheelEvent(
        at,
        canvas(view).mapToGlobal(at),
        QPoint(),
        QPoint(0, round(120 * notches)),
        NONE,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas(view), event)


def limits(view: PictureView) -> str:
    return text(view, "picture_limits")


# --- what is shown


def test_without_a_picture_there_is_nothing_to_do(view: PictureView) -> None:
    assert (screen(view) == BLACK).all()
    assert text(view, "picture_status") == limits(view) == ""
    assert not button(view, "fit").isEnabled()
    QTest.keyClick(canvas(view), Qt.Key.Key_I)
    drag(view, RIGHT, 30, 30)
    wheel(view, 1, QPointF(50, 50))
    QTest.mouseDClick(canvas(view), LEFT)
    view.show_heatmap(np.ones((4, 4)))
    assert (screen(view) == BLACK).all()


def test_a_new_picture_is_fitted_in_its_own_window(view: PictureView, ct: View) -> None:
    view.show_view(ct, "COVID-19")
    width, height = canvas(view).viewport.part().size
    assert height == canvas(view).viewport.screen[1]
    assert width == pytest.approx(height * 4 / 3, abs=1)
    assert limits(view) == "W 1500 L -600 HU"
    zoom = round(100 * width / 400)
    assert text(view, "picture_status") == f"400 x 300 pixels   {zoom} %   Frame 1 of 12"


@pytest.mark.parametrize("title", ["", "COVID-19", "$\\frac$ 100 % {x}"])
def test_at_1_each_pixel_of_the_picture_is_one_of_the_screen(view: PictureView, ct: View, title: str) -> None:
    view.show_view(ct, title)
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    assert np.array_equal(seen(view), ct.picture)
    assert "   100 %   " in text(view, "picture_status")


def test_colour_is_shown_as_it_is(view: PictureView) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    view.show_view(view_of_picture(colour))
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    assert np.array_equal(seen(view), colour[..., 0])


def test_a_large_picture_is_reduced_without_moving(view: PictureView) -> None:
    rows, columns = np.mgrid[0:3000, 0:3000]
    picture = ((rows + columns) * 255 // 6000).astype(np.uint8)
    view.show_view(view_of_picture(picture))
    drawn = seen(view).astype(float)
    height, width = drawn.shape
    rows, columns = np.mgrid[0:height, 0:width]
    expected = ((rows + 0.5) / height + (columns + 0.5) / width) * 3000 * 255 / 6000
    assert np.abs(drawn - expected).max() < 1.5


def test_the_title_stands_above_the_picture(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    height = canvas(view).viewport.screen[1]
    view.show_view(ct, "COVID-19")
    assert canvas(view).viewport.screen[1] < height
    assert canvas(view).figure.texts[0].get_text() == "COVID-19"
    assert screen(view)[:20].max() > 200


def test_the_same_picture_again_keeps_what_was_done(view: PictureView, ct: View) -> None:
    view.show_view(ct, "")
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    drag(view, RIGHT, 40, 0)
    before = limits(view)
    view.show_words("Why.")
    view.show_view(ct, "Healthy")
    assert limits(view) == before != "W 1500 L -600 HU"
    assert canvas(view).viewport.scale == 1
    assert text(view, "picture_words") == "Why."


def test_another_picture_starts_anew(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    QTest.keyClick(canvas(view), Qt.Key.Key_I)
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    drag(view, RIGHT, 40, 0)
    view.show_heatmap(np.ones((4, 4)))
    view.show_words("Why.")
    other = view_of_picture(ct.picture)
    view.show_view(other)
    assert canvas(view).viewport.zoom is None
    assert limits(view) == "W 256 L 128"
    assert not button(view, "invert").isChecked()
    assert not view.findChild(QLabel, "picture_words").isVisible()
    button(view, "heatmap").click()
    assert visible_images(view) == 1
    view.show_view(None)
    assert (screen(view) == BLACK).all()


def test_near_black_in_either_theme(view: PictureView, ct: View, qapp: QApplication) -> None:
    view.show_view(ct)
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    apply_theme(qapp, "dark")
    assert screen(view)[0, 0].tolist() == BLACK
    assert np.array_equal(seen(view), ct.picture)


def test_in_another_size_it_stays_fitted(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    view.resize(700, 900)
    assert canvas(view).viewport.part().size[0] == canvas(view).width()


# --- zoom and pan


def test_the_wheel_zooms_at_the_pointer(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    at = QPointF(200, 250)
    before = canvas(view).viewport.pixel(200, 250)
    for _ in range(4):
        wheel(view, 1, at)
    assert canvas(view).viewport.scale == pytest.approx(canvas(view).viewport.fitting * 1.25**4)
    assert canvas(view).viewport.pixel(200, 250) == pytest.approx(before, abs=1)
    wheel(view, -9, at)
    assert canvas(view).viewport.scale == 1


def test_dragging_pans_when_zoomed(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    fitted = canvas(view).viewport.part()
    drag(view, LEFT, 50, 20)
    assert canvas(view).viewport.part() == fitted
    canvas(view).zoom_by(2)
    left, top = canvas(view).viewport.offset
    drag(view, LEFT, 50, 20)
    assert canvas(view).viewport.offset == (left - 50, top - 20)
    assert limits(view) == "W 1500 L -600 HU"


def test_keys_zoom_and_fit(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        QTest.keyClick(canvas(view), key)
    assert canvas(view).viewport.scale == pytest.approx(canvas(view).viewport.fitting * 1.25)
    QTest.keyClick(canvas(view), Qt.Key.Key_0)
    assert canvas(view).viewport.zoom is None
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    QTest.mouseDClick(canvas(view), LEFT)
    assert canvas(view).viewport.zoom is None


def test_buttons_fit_and_show_pixels(view: PictureView, ct: View, person: Any) -> None:
    view.show_view(ct)
    person.click(view, "picture_one_to_one")
    assert canvas(view).viewport.scale == 1
    person.click(view, "picture_fit")
    assert canvas(view).viewport.zoom is None


def test_keys_are_for_the_one_that_has_the_focus(show: Any, ct: View) -> None:
    around, view, field = QWidget(), PictureView(), QLineEdit()
    column = QVBoxLayout(around)
    column.addWidget(view)
    column.addWidget(field)
    show(around)
    view.show_view(ct)
    QTest.keyClick(field, Qt.Key.Key_I)
    QTest.keyClick(around, Qt.Key.Key_I)
    QTest.keyClick(canvas(view), Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not button(view, "invert").isChecked()
    QTest.keyClick(button(view, "fit"), Qt.Key.Key_I)
    assert button(view, "invert").isChecked()


# --- window


@pytest.mark.parametrize("how", ["right", "ctrl", "tool"])
def test_dragging_changes_width_and_level(view: PictureView, ct: View, how: str) -> None:
    view.show_view(ct)
    modifier = Qt.KeyboardModifier.ControlModifier if how == "ctrl" else Qt.KeyboardModifier.NoModifier
    if how == "tool":
        button(view, "window").click()
    pressed = RIGHT if how == "right" else LEFT
    drag(view, pressed, 150, 0, modifier)
    assert limits(view) == "W 3000 L -600 HU"
    drag(view, pressed, -150, -100, modifier)
    assert limits(view) == "W 1500 L -1350 HU"


def test_up_is_brighter_and_reset_takes_it_back(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    before = seen(view).mean()
    drag(view, RIGHT, 0, -80)
    assert seen(view).mean() > before + 10
    QTest.keyClick(canvas(view), Qt.Key.Key_R)
    assert limits(view) == "W 1500 L -600 HU"
    assert seen(view).mean() == before


def test_what_is_drawn_is_the_window_that_is_named(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    drag(view, RIGHT, -150, 0)
    assert limits(view) == "W 750 L -600 HU"
    assert np.array_equal(seen(view), ct.shown(*ct.limits(750, -600)))


def test_a_window_is_never_empty_or_endless(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    drag(view, RIGHT, -9000, 0)
    assert limits(view) == "W 2 L -600 HU"
    drag(view, RIGHT, 99000, 0)
    assert limits(view) == "W 96000 L -600 HU"
    assert np.ptp(seen(view)) < 10


def test_the_display_is_inverted_and_says_so(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    QTest.keyClick(canvas(view), Qt.Key.Key_1)
    QTest.keyClick(canvas(view), Qt.Key.Key_I)
    assert np.array_equal(seen(view), 255 - ct.picture)
    assert "Display inverted" in text(view, "picture_status")
    assert limits(view) == "W 1500 L -600 HU"
    button(view, "invert").click()
    assert np.array_equal(seen(view), ct.picture)
    assert "Display inverted" not in text(view, "picture_status")


def test_the_value_under_the_pointer(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    place = QPointF(canvas(view).rect().center())
    send(view, QEvent.Type.MouseMove, NONE, NONE, place, Qt.KeyboardModifier.NoModifier)
    row, column = canvas(view).viewport.pixel(place.x(), place.y()) or (0, 0)
    assert text(view, "picture_pointer") == f"x {column}, y {row}: {ct.value_words(row, column)}"
    QApplication.sendEvent(canvas(view), QEvent(QEvent.Type.Leave))
    assert text(view, "picture_pointer") == ""


def test_many_moves_are_one_drawing(
    view: PictureView, ct: View, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.show_view(ct)
    qapp.processEvents()
    drawings: list[None] = []
    monkeypatch.setattr(Canvas, "draw", lambda _: drawings.append(None), raising=False)
    drag(view, RIGHT, 60, 60, moves=50)
    assert drawings == []
    qapp.processEvents()
    assert len(drawings) == 1


# --- heatmap


def visible_images(view: PictureView) -> int:
    screen(view)
    return sum(image.get_visible() for image in canvas(view).figure.axes[0].images)


def spot() -> np.ndarray:
    """Hot in the upper left quarter, nothing elsewhere."""
    heat = np.zeros((30, 40))
    heat[4:12, 4:16] = 1
    return heat


def test_a_heatmap_is_seen_when_it_is_wanted(view: PictureView, qtbot: Any) -> None:
    grey = np.full((300, 400), 120, np.uint8)
    view.show_view(view_of_picture(grey))
    view.show_heatmap(spot())
    assert visible_images(view) == 1
    with qtbot.waitSignal(view.heatmap_wanted) as asked:
        QTest.keyClick(canvas(view), Qt.Key.Key_H)
    assert asked.args == [True]
    assert view.wants_heatmap
    drawn = seen(view)
    height, width = drawn.shape
    assert abs(int(drawn[height * 8 // 30, width * 10 // 40]) - 120) > 20
    assert (drawn[height // 2 + 9 :] == 120).all()
    assert len(canvas(view).figure.axes[0].collections) == 1
    with qtbot.waitSignal(view.heatmap_wanted) as asked:
        button(view, "heatmap").click()
    assert asked.args == [False]
    assert (seen(view) == 120).all()
    assert len(canvas(view).figure.axes[0].collections) == 0


def test_the_heatmap_stays_on_its_place_of_the_picture(view: PictureView) -> None:
    view.show_view(view_of_picture(np.full((300, 400), 120, np.uint8)))
    button(view, "heatmap").click()
    view.show_heatmap(spot())
    for zoom, right in ((1.0, 0), (1.4, 40), (0.5, -30)):
        canvas(view).zoom_by(zoom, QPointF(350, 200))
        drag(view, LEFT, right, 0)
        viewport = canvas(view).viewport
        rows, columns = np.nonzero(seen(view) != 120)
        left, top, _, _ = viewport.part().place
        assert viewport.pixel(left + columns.mean(), top + rows.mean()) == pytest.approx((80, 100), abs=3)


def test_opacity_by_slider(view: PictureView) -> None:
    view.show_view(view_of_picture(np.full((300, 400), 120, np.uint8)))
    slider = view.findChild(QSlider, "picture_opacity")
    assert not slider.isVisible()
    button(view, "heatmap").click()
    assert slider.isVisible()
    view.show_heatmap(spot())
    slider.setValue(0)
    assert (seen(view) == 120).all()
    slider.setValue(100)
    height, width = seen(view).shape
    # The end of the colours is nearly white.
    assert seen(view)[height * 8 // 30, width * 10 // 40] > 240


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (300, 400), (900, 1700)])
def test_a_heatmap_of_any_size_covers_the_picture(view: PictureView, shape: tuple[int, int]) -> None:
    view.show_view(view_of_picture(np.full((300, 400), 120, np.uint8)))
    button(view, "heatmap").click()
    view.show_heatmap(np.ones(shape))
    assert len(np.unique(seen(view))) == 1
    assert seen(view)[0, 0] != 120


def test_words_stand_under_the_picture(view: PictureView, ct: View) -> None:
    view.show_view(ct)
    view.show_words("The <i>heatmap</i> proves nothing.")
    words = view.findChild(QLabel, "picture_words")
    assert words.isVisible()
    assert words.text() == "The <i>heatmap</i> proves nothing."
    assert words.textFormat() == Qt.TextFormat.PlainText
    view.show_words("")
    assert not words.isVisible()


def test_every_tool_says_what_it_does(view: PictureView) -> None:
    tools: list[QWidget] = [*view.findChildren(QToolButton), *view.findChildren(QSlider), canvas(view)]
    assert len(tools) == 8
    assert all(tool.objectName() and tool.accessibleName() for tool in tools)
    assert all(tool.toolTip() for tool in tools[:7])
