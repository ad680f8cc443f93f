"""How file names tell patients apart: what a pattern finds is shown while it is typed."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop import curation
from covid_desktop.core.dataset import Dataset, Sample, Split
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.patients import DICOM
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.patients_dialog import PatientsDialog, count_words

MakeDialog = Callable[..., PatientsDialog]
NAMES = {
    "COVID-19": ("P1_1", "P1_2", "P2_1", "P3_1", "scan"),
    "Healthy": ("Q1_1", "Q2_1", "Q2_2", "Q3_1"),
}


@pytest.fixture
def patients(tmp_path: Path, draw: Any) -> Path:
    """Nine images of six patients, of which one's name does not say so."""
    root = tmp_path / "patients"
    for class_name, names in NAMES.items():
        for path, name in zip(draw(root / class_name, len(names)), names, strict=True):
            path.rename(path.with_stem(name))
    return root


@pytest.fixture
def make_dialog(show: Any) -> MakeDialog:
    parent = show(QWidget())

    def make(opened: OpenedDataset) -> PatientsDialog:
        dialog = PatientsDialog(opened, parent)
        dialog.open()
        return dialog

    return make


@pytest.fixture
def dialog(make_dialog: MakeDialog, patients: Path) -> PatientsDialog:
    return make_dialog(curation.open_dataset(patients))


def field(dialog: PatientsDialog) -> QLineEdit:
    return dialog.findChild(QLineEdit, "patient_pattern")


def type_in(dialog: PatientsDialog, person: Any, text: str) -> None:
    """As a person does; what it finds is shown a moment later."""
    field(dialog).selectAll()
    person.press(field(dialog), Qt.Key.Key_Delete)
    for letter in text:
        person.press(field(dialog), letter)


def pattern(dialog: PatientsDialog, text: str) -> None:
    """What it finds is shown at once."""
    field(dialog).setText(text)
    dialog.show_preview()


def preview(dialog: PatientsDialog) -> dict[str, str]:
    """In their order: names of files, and the patients found."""
    table = dialog.findChild(QTreeWidget, "patients_preview")
    rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return {row.text(0): row.text(1) for row in rows}


def use(dialog: PatientsDialog) -> tuple[str, bool]:
    button = dialog.findChild(QPushButton, "use_pattern")
    return button.text(), button.isEnabled()


def test_what_a_pattern_finds_is_shown_while_it_is_typed(
    dialog: PatientsDialog, person: Any, qtbot: QtBot
) -> None:
    type_in(dialog, person, "{patient}_*")
    qtbot.waitUntil(lambda: preview(dialog).get("Healthy/Q2_2.png") == "Q2")
    assert "8 images of 6 patients. 1 name does not fit." in person.reads(dialog)
    assert use(dialog) == ("Use pattern", True)


def test_names_that_do_not_fit_stand_first(dialog: PatientsDialog) -> None:
    pattern(dialog, "Q{patient}_*")
    found = preview(dialog)
    assert len(found) == 9
    assert list(found.values()) == ["Does not fit"] * 5 + ["1", "2", "2", "3"]
    assert list(found)[:5] == [f"COVID-19/{name}.png" for name in NAMES["COVID-19"]]


def test_without_a_pattern_every_file_is_listed(dialog: PatientsDialog, person: Any) -> None:
    assert set(preview(dialog).values()) == {""}
    assert len(preview(dialog)) == 9
    assert "No pattern." in person.reads(dialog)
    assert use(dialog) == ("Use no pattern", True)


@pytest.mark.parametrize("text", ["P_*", "{patient}_{patient}", "*"])
def test_a_pattern_that_cannot_be_used_says_why(dialog: PatientsDialog, person: Any, text: str) -> None:
    pattern(dialog, text)
    assert "The pattern must have {patient} once." in person.reads(dialog)
    assert use(dialog) == ("Use pattern", False)
    assert field(dialog).property("invalid") is True
    assert set(preview(dialog).values()) == {""}


def test_a_pattern_that_fits_no_name_cannot_be_used(dialog: PatientsDialog, person: Any) -> None:
    pattern(dialog, "xray-{patient}")
    assert "0 images of 0 patients. 9 names do not fit." in person.reads(dialog)
    assert use(dialog) == ("Use pattern", False)
    assert field(dialog).property("invalid") is True


def test_one_that_is_mended_can_be_used(dialog: PatientsDialog) -> None:
    pattern(dialog, "P_*")
    pattern(dialog, "{patient}_*")
    assert use(dialog) == ("Use pattern", True)
    assert field(dialog).property("invalid") is False


def test_a_pattern_of_paths_finds_folders(dialog: PatientsDialog) -> None:
    pattern(dialog, "{patient}/*")
    assert set(preview(dialog).values()) == {"COVID-19", "Healthy"}


def test_the_pattern_is_told_and_the_dialog_closes(dialog: PatientsDialog, person: Any, qtbot: QtBot) -> None:
    pattern(dialog, " {patient}_* ")
    with qtbot.waitSignal(dialog.pattern_chosen) as chosen:
        person.click(dialog, "use_pattern")
    assert chosen.args == ["{patient}_*"]
    assert not dialog.isVisible()


def test_no_pattern_can_be_chosen(make_dialog: MakeDialog, patients: Path, person: Any, qtbot: QtBot) -> None:
    dialog = make_dialog(curation.with_pattern(curation.open_dataset(patients), "{patient}_*"))
    assert field(dialog).text() == "{patient}_*"
    assert preview(dialog)["COVID-19/P3_1.png"] == "P3"
    pattern(dialog, "")
    with qtbot.waitSignal(dialog.pattern_chosen) as chosen:
        person.click(dialog, "use_pattern")
    assert chosen.args == [""]


def test_return_uses_what_was_typed_a_moment_ago(dialog: PatientsDialog, person: Any, qtbot: QtBot) -> None:
    type_in(dialog, person, "{patient}_*")
    with qtbot.waitSignal(dialog.pattern_chosen) as chosen:
        person.press(field(dialog), Qt.Key.Key_Return)
    assert chosen.args == ["{patient}_*"]


@pytest.mark.parametrize("text", ["P_*", "xray-{patient}"])
def test_return_does_not_use_what_was_broken_a_moment_ago(
    dialog: PatientsDialog, person: Any, qtbot: QtBot, text: str
) -> None:
    pattern(dialog, "{patient}_*")
    type_in(dialog, person, text)
    with qtbot.assertNotEmitted(dialog.pattern_chosen):
        person.press(field(dialog), Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert use(dialog) == ("Use pattern", False)


@pytest.mark.parametrize("way", ["button", "escape"])
def test_cancelling_chooses_nothing(dialog: PatientsDialog, person: Any, qtbot: QtBot, way: str) -> None:
    pattern(dialog, "{patient}_*")
    with qtbot.assertNotEmitted(dialog.pattern_chosen):
        if way == "button":
            person.click(dialog, "cancel_pattern")
        else:
            person.press(field(dialog), Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_where_patients_come_from_is_said(make_dialog: MakeDialog, patients: Path, person: Any) -> None:
    opened = curation.open_dataset(patients)
    named = curation.with_pattern(opened, "{patient}_*")
    scanned = replace(
        opened.scanned,
        samples=tuple(replace(one, patient=f"{DICOM}{one.path.stem}") for one in opened.scanned.samples),
    )
    (patients / "patients.csv").write_text("path,patient\nCOVID-19/P1_1.png,P1\n", encoding="utf-8")
    listed = curation.open_dataset(patients)
    for given, words in (
        (opened, "Nothing says yet which images are of one patient."),
        (named, "Patients come from file names, by this pattern."),
        (curation.arranged(scanned), "Patients come from the Patient ID in DICOM files."),
        (replace(listed, decisions=Decisions()), "Patients come from the file patients.csv."),
    ):
        dialog = make_dialog(given)
        assert words in person.reads(dialog)
        dialog.close()


def test_of_thousands_of_names_those_that_do_not_fit_are_shown(
    make_dialog: MakeDialog, tmp_path: Path, person: Any
) -> None:
    paths = [tmp_path / f"P{number}_1.png" for number in range(5000)]
    paths += [tmp_path / f"scan{number}.png" for number in range(60)]
    samples = tuple(Sample(path=path, label=number % 2) for number, path in enumerate(paths))
    dataset = Dataset(folder=tmp_path, class_names=("A", "B"), samples=samples)
    split = Split(training=samples[2:], validation=samples[:2])
    opened = OpenedDataset(scanned=dataset, decisions=Decisions(), dataset=dataset, split=split)
    dialog = make_dialog(opened)
    pattern(dialog, "{patient}_*")
    assert "5,000 images of 5,000 patients. 60 names do not fit." in person.reads(dialog)
    found = list(preview(dialog).values())
    assert found[:50] == ["Does not fit"] * 50
    assert all(re.fullmatch(r"P\d+", patient) for patient in found[50:])
    assert len(found) == 250


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "No pattern."),
        (["P1"], "1 image of 1 patient."),
        (["P1", "P1", "P2"], "3 images of 2 patients."),
        (["P1", None], "1 image of 1 patient. 1 name does not fit."),
        (["P1", None, None], "1 image of 1 patient. 2 names do not fit."),
    ],
)
def test_counts_in_words(found: list[str | None], words: str) -> None:
    assert count_words(found) == words
