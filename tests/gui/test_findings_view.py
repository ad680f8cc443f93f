"""The list of findings beside the one that is chosen."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.findings_view import FindingsView
from covid_desktop.gui.theme import apply_theme
from covid_desktop.gui.thumbnails import ThumbnailGrid

NOT_MADE = "Shortcut audit: not made yet"


@pytest.fixture
def view(tasks: Any, show: Any) -> Any:
    return show(FindingsView())


@pytest.fixture
def found(make_finding: Any) -> Any:
    """Findings of some kinds."""
    return lambda *kinds: tuple(make_finding(kind) for kind in kinds)


def rows(view: FindingsView) -> QListWidget:
    return view.findChild(QListWidget, "findings")


def entries(view: FindingsView) -> list[str]:
    return [rows(view).item(row).text() for row in range(rows(view).count())]


def chosen(view: FindingsView) -> str:
    return rows(view).currentItem().text()


def test_before_a_check_there_is_only_the_audit(view: FindingsView, person: Any) -> None:
    assert entries(view) == [NOT_MADE]
    assert chosen(view) == NOT_MADE
    assert person.sees(view, "run_audit")
    assert "The data has not been checked yet." in person.reads(view)


def test_a_check_that_finds_nothing_says_so(view: FindingsView, person: Any) -> None:
    view.show_findings(())
    assert entries(view) == [NOT_MADE]
    assert "The check found nothing to complain of." in person.reads(view)
    assert "has not been checked" not in person.reads(view)


def test_findings_stand_below_the_audit_in_their_order_and_the_worst_is_chosen(
    view: FindingsView, person: Any, found: Any
) -> None:
    view.show_findings(found("leak", "blank"))
    assert entries(view) == [NOT_MADE, "Something is leak.", "Something is blank."]
    assert chosen(view) == "Something is leak."
    read = person.reads(view)
    assert "Why leak matters." in read
    assert "has not been checked" not in read
    assert "nothing to complain of" not in read


def test_a_screen_reader_hears_how_serious_a_finding_is(view: FindingsView, make_finding: Any) -> None:
    view.show_findings((make_finding("leak"),))
    spoken = rows(view).item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith(": Something is leak.")
    assert spoken.startswith(("Serious", "Warning", "Note"))


def test_a_finding_is_shown_when_it_is_chosen_by_key(view: FindingsView, person: Any, found: Any) -> None:
    view.show_findings(found("leak", "blank"))
    person.press(rows(view), Qt.Key.Key_Down)
    assert "Why blank matters." in person.reads(view)
    person.press(rows(view), Qt.Key.Key_Home)
    assert person.sees(view, "run_audit")


def test_what_is_chosen_stays_so_after_the_next_check(view: FindingsView, person: Any, found: Any) -> None:
    view.show_findings(found("leak", "blank", "inverted"))
    rows(view).setCurrentRow(2)
    view.show_findings(found("label-conflict", "leak", "colour", "blank"))
    assert chosen(view) == "Something is blank."
    assert "Why blank matters." in person.reads(view)


def test_of_several_of_a_kind_the_same_stays_chosen(view: FindingsView, make_finding: Any) -> None:
    first, second = make_finding("composition"), make_finding("composition", "warning")
    view.show_findings((first, second))
    rows(view).setCurrentRow(2)
    view.show_findings((make_finding("leak"), first, second))
    assert rows(view).currentRow() == 3


def test_after_one_that_is_mended_the_next_in_its_place_is_chosen(
    view: FindingsView, person: Any, found: Any
) -> None:
    view.show_findings(found("leak", "blank", "inverted"))
    rows(view).setCurrentRow(2)
    view.show_findings(found("leak", "inverted"))
    assert chosen(view) == "Something is inverted."
    view.show_findings(found("leak"))
    assert chosen(view) == "Something is leak."
    view.show_findings(())
    assert chosen(view) == NOT_MADE
    assert person.sees(view, "run_audit")


def test_selected_images_stay_selected_after_the_next_check(
    view: FindingsView, person: Any, make_finding: Any, tmp_path: Path, draw: Any
) -> None:
    images = draw(tmp_path, 4)
    finding = make_finding("blank", groups=[(path,) for path in images], remedies=("exclude",))
    view.show_findings((finding,))
    grid = view.findChild(ThumbnailGrid, "finding_images")
    person.select(grid, 1, 2)
    view.show_findings((make_finding("leak"), finding))
    assert grid.selected_paths() == images[1:3]


def test_of_another_folder_the_worst_is_chosen_anew(view: FindingsView, found: Any) -> None:
    view.show_findings(found("leak", "blank"))
    rows(view).setCurrentRow(2)
    view.show_findings(None)
    assert entries(view) == [NOT_MADE]
    view.show_findings(found("label-conflict", "blank"))
    assert chosen(view) == "Something is label-conflict."


def test_a_check_that_ends_again_does_not_lead_away_from_the_audit(view: FindingsView, found: Any) -> None:
    view.show_findings(found("leak"))
    view.choose_audit()
    view.show_findings(found("leak", "blank"))
    assert chosen(view) == NOT_MADE


@pytest.mark.parametrize("verdict", ["red", "amber", "green"])
def test_the_verdict_stands_in_the_list(
    view: FindingsView, person: Any, found: Any, make_audit: Any, verdict: Any
) -> None:
    view.show_findings(found("leak"))
    view.show_audit(make_audit(verdict))
    assert entries(view) == [f"Shortcut audit: {verdict}", "Something is leak."]
    assert chosen(view) == "Something is leak."
    view.choose_audit()
    assert f"A sentence for {verdict}." in person.reads(view)


def test_the_worst_can_be_chosen_where_there_is_none(view: FindingsView) -> None:
    view.show_findings(())
    view.choose_worst()
    assert chosen(view) == NOT_MADE


def test_each_entry_has_a_mark(view: FindingsView, make_finding: Any, make_audit: Any) -> None:
    """Its shape tells how serious it is; what differs in it is not compared here."""
    severities = ("serious", "warning", "note")
    view.show_findings([make_finding(severity, severity) for severity in severities])
    view.show_audit(make_audit("green"))
    icons = [rows(view).item(row).icon() for row in range(rows(view).count())]
    marks = [icon.pixmap(16, 16).toImage() for icon in icons]
    assert all(mark != other for number, mark in enumerate(marks) for other in marks[:number])


def test_another_theme_changes_nothing_but_the_colours(
    view: FindingsView, person: Any, found: Any, qapp: QApplication
) -> None:
    view.show_findings(found("leak", "blank"))
    rows(view).setCurrentRow(2)
    before = rows(view).item(1).icon().pixmap(16, 16).toImage()
    apply_theme(qapp, "dark")
    assert chosen(view) == "Something is blank."
    assert "Why blank matters." in person.reads(view)
    assert rows(view).item(1).icon().pixmap(16, 16).toImage() != before


def test_what_is_asked_for_is_passed_on(
    view: FindingsView, person: Any, make_finding: Any, opened: OpenedDataset, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.audit_requested):
        person.click(view, "run_audit")
    paths = [sample.path for sample in opened.dataset.samples]
    finding = make_finding("blank", groups=[(path,) for path in paths], remedies=("exclude",))
    view.show_findings((finding,))
    with qtbot.waitSignal(view.remedy_chosen) as chosen:
        person.click(view, "exclude")
    assert chosen.args == [finding, "exclude"]
    grid = view.findChild(ThumbnailGrid, "finding_images")
    with qtbot.waitSignal(view.image_opened) as opened_image:
        grid.activated.emit(grid.images.index(1))
    assert opened_image.args == [paths[1]]


def test_an_audit_that_runs_cannot_be_asked_for_again(view: FindingsView, person: Any) -> None:
    button = person.find(view, QPushButton, "run_audit")
    view.set_audit_running(True)
    assert (button.text(), button.isEnabled()) == ("Running the audit", False)
    view.set_audit_running(False)
    assert (button.text(), button.isEnabled()) == ("Run shortcut audit", True)
