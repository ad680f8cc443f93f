"""Which study and series an image is of; the patient only on demand, and for one image."""

import logging
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from covid_desktop.core.dicom_header import DicomHeader, Identity
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.gui.study_view import StudyView

IDENTITY = Identity(
    name="Müller, Jörg", patient_id="PID-42", birth_date=date(1960, 5, 17), sex="M", accession="ACC-7"
)
HEADER = DicomHeader(
    modality="CT",
    series_number=3,
    series_description="Lung 1.0",
    study_date=date(2026, 1, 2),
    study_description="CT thorax",
    body_part="CHEST",
    identity=IDENTITY,
)
PLACE = SeriesPlace(label="CT 3: Lung 1.0", number=12, total=40)
SECRETS = ("Müller", "PID-42", "1960", "ACC-7")


@pytest.fixture
def view(show: Any) -> Any:
    shown = show(StudyView())
    shown.resize(500, 200)
    shown.show_header(HEADER, PLACE)
    return shown


def texts(view: StudyView) -> str:
    """All that can be read, heard or hovered over."""
    parts: list[Any] = [view, *view.findChildren(QWidget)]
    return "\n".join(
        text
        for part in parts
        for text in (
            part.accessibleName(),
            part.accessibleDescription(),
            part.toolTip(),
            getattr(part, "text", str)(),
        )
    )


def test_it_names_series_place_and_study(view: StudyView, person: Any) -> None:
    words = person.reads(view)
    assert "CT 3: Lung 1.0" in words
    assert "12 of 40" in words
    assert "Study of 2026-01-02, CT thorax, Chest" in words


def test_the_patient_is_hidden_until_asked_for(view: StudyView, person: Any) -> None:
    assert "Patient hidden" in texts(view)
    assert not any(secret in texts(view) for secret in SECRETS)
    person.click(view, "show_identity")
    assert all(secret in texts(view) for secret in SECRETS)
    assert "born 1960-05-17, M" in texts(view)
    person.click(view, "show_identity")
    assert not any(secret in texts(view) for secret in SECRETS)


def test_another_image_hides_the_patient_again(view: StudyView, person: Any) -> None:
    person.click(view, "show_identity")
    view.show_header(HEADER, PLACE)
    assert not any(secret in texts(view) for secret in SECRETS)
    assert view.findChild(QPushButton, "show_identity").text() == "Show patient"


def test_by_keyboard(view: StudyView, person: Any) -> None:
    button = view.findChild(QPushButton, "show_identity")
    person.press(button, Qt.Key.Key_Space)
    assert "Müller, Jörg" in texts(view)
    assert button.accessibleName() == "Hide patient"


def test_nothing_is_shown_or_kept_of_a_file_that_is_no_dicom(view: StudyView, person: Any) -> None:
    person.click(view, "show_identity")
    view.show_header(None, None)
    assert not view.isVisible()
    assert not any(secret in texts(view) for secret in SECRETS)
    view.show_header(HEADER, PLACE)
    assert view.isVisible()


def test_a_header_that_says_little(view: StudyView, person: Any) -> None:
    view.show_header(DicomHeader(modality="DX"), None)
    person.click(view, "show_identity")
    assert person.reads(view).split("\n") == ["DX", "", "No name"]


def test_what_is_in_the_description_is_not_said_twice(view: StudyView, person: Any) -> None:
    view.show_header(DicomHeader(study_description="CT Chest", body_part="CHEST", frames=40), None)
    assert "CT Chest, first of 40 frames" in person.reads(view)
    view.show_header(DicomHeader(frames=2), None)
    assert "First of 2 frames" in person.reads(view)


def test_what_a_header_says_is_only_text(view: StudyView, person: Any) -> None:
    odd = "<b>bold</b>"
    view.show_header(
        DicomHeader(series_description=odd, study_description=odd, identity=Identity(name=odd)), None
    )
    person.click(view, "show_identity")
    for name in ("series", "study", "identity"):
        shown = view.findChild(QLabel, name)
        assert odd in shown.text()
        assert shown.textFormat() == Qt.TextFormat.PlainText


def test_a_long_name_does_not_widen_the_column(view: StudyView, person: Any) -> None:
    before = view.minimumSizeHint().width()
    view.show_header(DicomHeader(identity=Identity(name="x" * 200), series_description="y" * 200), PLACE)
    person.click(view, "show_identity")
    assert view.minimumSizeHint().width() <= before + 20


def test_the_patient_is_never_logged(view: StudyView, person: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        person.click(view, "show_identity")
        view.show_header(HEADER, None)
    assert not any(secret in caplog.text for secret in SECRETS)
