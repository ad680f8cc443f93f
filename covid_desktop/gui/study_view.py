"""The study and series of a DICOM image, and on demand whose it is."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from covid_desktop.core.dicom_header import DicomHeader, Identity
from covid_desktop.core.dicom_series import SeriesPlace, series_label
from covid_desktop.gui.tokens import GAP_SMALL, GAP_TINY
from covid_desktop.gui.widgets import ElidedLabel, label, push_button

_HIDDEN = "Patient hidden"


class StudyView(QWidget):
    """Names the series and the study; the patient only when asked for, and for one image at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._identity = Identity()
        self._is_shown = False
        self._series = ElidedLabel()
        self._series.setObjectName("series")
        self._series.setProperty("role", "strong")
        self._place = label("", "muted")
        self._place.setObjectName("series_place")
        self._study = ElidedLabel()
        self._study.setObjectName("study")
        self._study.setProperty("role", "muted")
        self._patient = label(_HIDDEN, "muted", wrap=True)
        self._patient.setObjectName("identity")
        self._patient.setTextFormat(Qt.TextFormat.PlainText)
        self._patient.setMinimumWidth(1)  # a long word must not widen the column
        self._button = push_button("", "show_identity")
        self._button.clicked.connect(self._on_button_clicked)
        self._lay_out()
        self.show_header(None, None)

    def show_header(self, header: DicomHeader | None, place: SeriesPlace | None) -> None:
        """Of the image that is chosen, whose patient is hidden; nothing is shown of other files (None)."""
        self.setVisible(header is not None)
        header = header or DicomHeader()
        self._series.set_text(place.label if place else series_label(header))
        self._place.setText(f"{place.number:,} of {place.total:,}" if place else "")
        self._place.setAccessibleName(f"Image {self._place.text()} of the series" if place else "")
        study = ", ".join(_study(header))
        study = study[:1].upper() + study[1:]
        self._study.set_text(study)
        self._study.setVisible(bool(study))
        self._identity = header.identity
        self._show_identity(False)

    @Slot()
    def _on_button_clicked(self) -> None:
        self._show_identity(not self._is_shown)

    def _show_identity(self, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._patient.setText("\n".join(_patient(self._identity)) if is_shown else _HIDDEN)
        self._button.setText("Hide patient" if is_shown else "Show patient")
        self._button.setAccessibleName(self._button.text())

    def _lay_out(self) -> None:
        first, last = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self._series, 1)
        first.addWidget(self._place)
        last.addWidget(self._patient, 1)
        last.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_TINY)
        column.addLayout(first)
        column.addWidget(self._study)
        column.addSpacing(GAP_SMALL - GAP_TINY)
        column.addLayout(last)


def _study(header: DicomHeader) -> Iterator[str]:
    if header.study_date:
        yield f"Study of {header.study_date.isoformat()}"
    if header.study_description:
        yield header.study_description
    if header.body_part.casefold() not in header.study_description.casefold():
        yield header.body_part.capitalize()
    if header.frames > 1:
        yield f"first of {header.frames:,} frames"


def _patient(identity: Identity) -> Iterator[str]:
    """A line for the name, one for the rest."""
    yield identity.name or "No name"
    born = f"born {identity.birth_date.isoformat()}" if identity.birth_date else ""
    number = f"ID {identity.patient_id}" if identity.patient_id else ""
    accession = f"accession {identity.accession}" if identity.accession else ""
    if rest := ", ".join(filter(None, (number, born, identity.sex, accession))):
        yield rest
