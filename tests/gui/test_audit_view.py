"""The shortcut audit: offered, running, made, and outdated."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from covid_desktop.core.audit import Area, ShortcutAudit, Sight
from covid_desktop.figures.audit import least_height
from covid_desktop.gui.audit_view import AuditCanvas, AuditView, VerdictLine
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.theme import apply_theme
from covid_desktop.gui.tokens import DARK

OUTDATED = "The data has changed since this audit was made."
SIGHTS: tuple[Sight, ...] = ("file-properties", "outer-frame", "thumbnail", "blacked-out", "whole-picture")


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(AuditView())


@pytest.fixture
def full_audit(make_audit: Callable[..., ShortcutAudit]) -> ShortcutAudit:
    """All sights, and a trained model."""
    audit = make_audit("red")
    area = Area(auroc=0.8, low=0.7, high=0.9, n=11)
    audit.areas.update(dict.fromkeys(SIGHTS, area))
    audit.validation.update(dict.fromkeys((*SIGHTS, "trained-model"), area))
    return audit


def canvas(view: AuditView) -> AuditCanvas:
    (found,) = view.findChildren(AuditCanvas)
    return found


def buttons(view: AuditView, person: Any) -> dict[str, tuple[str, bool]]:
    found = [person.find(view, QPushButton, name) for name in ("run_audit", "run_audit_again")]
    return {
        button.objectName(): (button.text(), button.isEnabled()) for button in found if button.isVisible()
    }


def test_before_an_audit_it_says_what_one_is_and_offers_it(
    view: AuditView, person: Any, qtbot: QtBot
) -> None:
    read = person.reads(view)
    assert "Can the classes be told apart without the lungs?" in read
    assert "shortcut" in read
    assert OUTDATED not in read
    with qtbot.waitSignal(view.audit_requested):
        person.click(view, "run_audit")


@pytest.mark.parametrize("verdict", ["red", "amber", "green"])
def test_a_verdict_is_shown_with_what_to_do(
    view: AuditView, person: Any, make_audit: Any, verdict: Any
) -> None:
    view.show_audit(make_audit(verdict))
    assert person.reads(view).split("\n") == [f"A sentence for {verdict}.", "Do this."]
    assert person.sees(view, "audit_figure")
    assert not person.sees(view, "run_audit")


@pytest.mark.parametrize("verdict", ["red", "amber", "green"])
def test_a_verdict_is_spoken_with_its_colour(show: Any, make_audit: Any, verdict: Any) -> None:
    line = show(VerdictLine())
    line.show_audit(make_audit(verdict))
    assert line.accessibleName() == f"Shortcut audit: {verdict}. A sentence for {verdict}."


def test_each_verdict_has_a_shape_of_its_own(show: Any, make_audit: Any) -> None:
    line = show(VerdictLine())
    line.resize(300, 40)
    pictures = []
    for verdict in ("red", "amber", "green"):
        line.show_audit(make_audit(verdict))
        pictures.append(mark(line))
    assert all(picture != other for number, picture in enumerate(pictures) for other in pictures[:number])


def mark(line: VerdictLine) -> Any:
    """Where its shape is and where it is not, without its colour."""
    image = line.grab().toImage().copy(0, 0, 24, 24)
    ground = image.pixelColor(0, 0)
    return [image.pixelColor(x, y) == ground for x in range(24) for y in range(24)]


def test_the_figure_is_told_in_words(view: AuditView, make_audit: Any) -> None:
    view.show_audit(make_audit())
    assert canvas(view).accessibleName() == (
        "AUROC by what is seen: File properties only 0.97, Whole picture 0.97, The trained model 0.97"
    )


def test_an_audit_of_other_data_says_so(view: AuditView, person: Any, make_audit: Any) -> None:
    view.show_audit(make_audit(), is_outdated=True)
    assert OUTDATED in person.reads(view)
    view.show_audit(make_audit(), is_outdated=False)
    assert OUTDATED not in person.reads(view)


def test_it_can_be_run_again(view: AuditView, person: Any, make_audit: Any, qtbot: QtBot) -> None:
    view.show_audit(make_audit())
    with qtbot.waitSignal(view.audit_requested):
        person.click(view, "run_audit_again")


def test_while_it_runs_it_cannot_be_run_again(view: AuditView, person: Any, make_audit: Any) -> None:
    view.set_running(True)
    assert buttons(view, person) == {"run_audit": ("Running the audit", False)}
    view.show_audit(make_audit())
    assert buttons(view, person) == {"run_audit_again": ("Running", False)}
    view.set_running(False)
    assert buttons(view, person) == {"run_audit_again": ("Run again", True)}


def test_without_an_audit_it_is_offered_again(view: AuditView, person: Any, make_audit: Any) -> None:
    view.show_audit(make_audit())
    view.show_audit(None)
    assert person.sees(view, "run_audit")
    assert not person.sees(view, "audit_figure")


def test_the_figure_is_drawn_in_the_theme_s_colours(
    view: AuditView, full_audit: ShortcutAudit, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Canvas, "draw")
    view.show_audit(full_audit)
    apply_theme(qapp, "dark")
    image = canvas(view).grab().toImage()
    assert image.pixelColor(2, 2).name() == DARK.surface
    assert [axes.get_title("left") for axes in canvas(view).figure.axes] == [
        "Cross-validated over 11 images",
        "On the 11 validation images",
    ]


@pytest.mark.parametrize("size", [QSize(560, 240), QSize(900, 400), QSize(1400, 900)])
def test_the_figure_never_is_too_small_to_be_read(
    view: AuditView, full_audit: ShortcutAudit, size: QSize
) -> None:
    view.resize(size)
    view.show_audit(full_audit)
    QApplication.processEvents()
    least = least_height(full_audit) * canvas(view).figure.dpi
    assert canvas(view).height() >= least
    assert canvas(view).width() <= size.width()


def test_the_wheel_over_the_figure_turns_the_page_of_a_small_view(
    view: AuditView, person: Any, full_audit: ShortcutAudit
) -> None:
    view.resize(560, 240)
    view.show_audit(full_audit)
    QApplication.processEvents()
    bar = person.find(view, QScrollArea, "audit_page").verticalScrollBar()
    assert bar.maximum() > 0
    place = canvas(view).mapTo(view, QPoint(20, 20))
    assert view.childAt(place) is canvas(view)
    QTest.wheelEvent(view.windowHandle(), QPointF(place), QPoint(0, -120))
    assert bar.value() > 0


def test_a_view_that_grows_and_shrinks_leaves_the_figure_its_room(
    view: AuditView, person: Any, full_audit: ShortcutAudit
) -> None:
    view.show_audit(full_audit)
    heights = []
    for height in (900, 240, 900):
        view.resize(700, height)
        QApplication.processEvents()
        heights.append(canvas(view).height())
    assert heights[0] == heights[2] > heights[1]
    assert heights[1] == math.ceil(least_height(full_audit) * canvas(view).figure.dpi)
    assert person.find(view, QScrollArea, "audit_page").verticalScrollBar().maximum() == 0
