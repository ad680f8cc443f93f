"""Asks how file names tell patients apart, and shows at once what a pattern finds."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.core.decisions import name_in
from covid_desktop.core.patients import caught
from covid_desktop.core.words import counted
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label, push_button, set_property

_SHOWN, _SHOWN_MISFITS = 200, 50
_PAUSE_MILLISECONDS = 150  # between a key and the preview, where there are many files
_EXAMPLES = (
    "{patient} stands for the patient, * for any text.\n"
    "{patient}_* finds P7 in P7_2.png.   scan-{patient}-* finds 0031 in scan-0031-b.png.\n"
    "*/{patient}/* finds P7 in COVID-19/P7/2.png. Leave it empty to use no pattern."
)
_SOURCES = {
    "patients.csv": "Patients come from the file patients.csv. A pattern is for images it does not name.",
    "file names": "Patients come from file names, by this pattern.",
    "DICOM": "Patients come from the Patient ID in DICOM files. A pattern goes before it.",
    "": "Nothing says yet which images are of one patient. A pattern can find it in the names of files.",
}


class PatientsDialog(QDialog):
    """``pattern_chosen`` carries the pattern, or an empty text for none."""

    pattern_chosen = Signal(str)

    def __init__(self, opened: OpenedDataset, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("patients")
        self.setWindowTitle("Patients")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._folder = opened.scanned.folder
        self._paths = [sample.path for sample in opened.scanned.samples]
        self._source = label(_SOURCES[opened.patients_from], wrap=True)
        self._field = QLineEdit(opened.decisions.patient_pattern)
        self._field.setObjectName("patient_pattern")
        self._field.setAccessibleName("Pattern of file names")
        self._field.setPlaceholderText("{patient}_*")
        self._count = label("", "strong", wrap=True)
        self._count.setObjectName("patients_found")
        self._table = _make_table()
        self._use = push_button("Use pattern", "use_pattern", primary=True)
        self._use.setDefault(True)
        self._cancel = push_button("Cancel", "cancel_pattern")
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._lay_out()
        self._connect()
        self.show_preview()
        self.resize(640, 520)

    @property
    def pattern(self) -> str:
        return self._field.text().strip()

    @Slot()
    def show_preview(self) -> None:
        """Show what the pattern in the field finds."""
        try:
            found = caught(self.pattern, self._paths, self._folder) if self.pattern else []
        except DatasetError as error:
            self._show(str(error), [], is_usable=False)
            return
        self._show(count_words(found), found, is_usable=not found or any(found))

    def _show(self, words: str, found: Sequence[str | None], *, is_usable: bool) -> None:
        self._count.setText(words)
        set_property(self._count, "role", "strong" if is_usable else "warning")
        set_property(self._field, "invalid", not is_usable)
        self._use.setEnabled(is_usable)
        self._use.setText("Use pattern" if self.pattern else "Use no pattern")
        names = [name_in(self._folder, path) for path in self._paths]
        rows = list(zip(names, found or [""] * len(names), strict=True))
        misfits = [row for row in rows if row[1] is None][:_SHOWN_MISFITS]
        rows = misfits + [row for row in rows if row[1] is not None][:_SHOWN]
        self._table.clear()
        for name, patient in rows:
            words = "Does not fit" if patient is None else patient
            self._table.addTopLevelItem(QTreeWidgetItem([name, words]))

    @Slot()
    def _on_use_clicked(self) -> None:
        self.show_preview()  # the last key may have been a moment ago
        if self._use.isEnabled():
            self.pattern_chosen.emit(self.pattern)
            self.accept()

    def _connect(self) -> None:
        self._timer.timeout.connect(self.show_preview)
        self._field.textEdited.connect(self._timer.start)
        self._use.clicked.connect(self._on_use_clicked)
        self._cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        heading = label("Pattern of file names", "strong")
        heading.setBuddy(self._field)
        examples = label(_EXAMPLES, "muted", wrap=True)
        examples.setTextFormat(Qt.TextFormat.PlainText)
        for part in (self._source, heading, self._field, examples, self._count):
            column.addWidget(part)
        column.addWidget(self._table, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_SMALL)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._use)
        column.addLayout(buttons)


def count_words(found: Sequence[str | None]) -> str:
    """How many patients were found in how many names; None is a name that does not fit."""
    if not found:
        return "No pattern."
    patients = {patient for patient in found if patient is not None}
    fitting = sum(patient is not None for patient in found)
    words = f"{counted(fitting, 'image')} of {counted(len(patients), 'patient')}."
    missed = len(found) - fitting
    if missed:
        words += f" {counted(missed, 'name')} {'does' if missed == 1 else 'do'} not fit."
    return words


def _make_table() -> QTreeWidget:
    made = QTreeWidget()
    made.setObjectName("patients_preview")
    made.setAccessibleName("What the pattern finds")
    made.setHeaderLabels(["File", "Patient"])
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.header().setStretchLastSection(False)
    made.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return made
