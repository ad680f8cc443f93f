"""What the Data tab shows of a folder: its sets, its images by class, what is skipped, what was found."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.dataset import SUBSETS, Dataset, Subset, class_counts
from covid_desktop.core.findings import Finding
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.class_widgets import ClassKind, CountTile
from covid_desktop.gui.findings_view import FindingsView
from covid_desktop.gui.image_view import ClassView
from covid_desktop.gui.locked_tile import LockedTile
from covid_desktop.gui.severity import SEVERITY_MARKS, severities
from covid_desktop.gui.skipped_view import SkippedView
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, Segmented, label, push_button

_KINDS: tuple[ClassKind, ClassKind] = ("negative", "positive")
_FILTERS = [("positive", ""), ("negative", ""), ("skipped", "Skipped"), ("findings", "Findings")]


class DataPage(QWidget):
    """Its buttons and views are for the tab to connect."""

    positive_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._opened: OpenedDataset | None = None
        self._folder = ElidedLabel()
        self._folder.setProperty("role", "title")
        self.choose = push_button("Choose folder", "choose_folder")
        self.check = push_button("Check data", "check_data")
        self.check.setToolTip("Read every image once and say what is wrong with the data")
        self.cancel = push_button("Cancel", "cancel_data_job")
        self.patients = push_button("Patients…", "choose_patients")
        self._positive = QComboBox()
        self._positive.setObjectName("positive_class")
        self._positive.setAccessibleName("Positive class")
        self.test = LockedTile()
        self._tiles: dict[Subset, CountTile] = {
            "training": CountTile("Training", "None"),
            "validation": CountTile("Validation", "None"),
            "test": self.test,
        }
        self._filter = Segmented(_FILTERS)
        self.images = ClassView()
        self.skipped = SkippedView()
        self.findings = FindingsView()
        self._shown = QStackedWidget()
        self._lay_out()
        self._filter.chosen.connect(self._on_filter_chosen)
        self._positive.textActivated.connect(self.positive_chosen)

    def show_opened(self, opened: OpenedDataset) -> None:
        self._opened = opened
        dataset = opened.dataset
        self._folder.set_text(f"{dataset.folder.name} / {len(dataset.samples):,} images")
        self._folder.setToolTip(str(dataset.folder))
        for subset in SUBSETS:
            self._show_counts(subset, opened)
        self.test.show_state(opened)
        self.patients.setText(f"Patients: {opened.patients_from or 'unknown'}…")
        self._show_classes(dataset)
        self.skipped.show_files(dataset.skipped, dataset.folder)
        self.images.set_dataset(opened)
        self.findings.set_dataset(opened)
        self._on_filter_chosen(self._filter.current)

    def show_findings(
        self, findings: Sequence[Finding] | None, audit: ShortcutAudit | None, *, is_outdated: bool = False
    ) -> None:
        """List, count and mark what was found; None before a check has ended."""
        self.findings.show_findings(findings)
        self.findings.show_audit(audit, is_outdated=is_outdated)
        self._filter.set_count("findings", None if findings is None else len(findings))
        found = severities(findings or (), None if is_outdated else audit)
        self._filter.set_mark("findings", *(SEVERITY_MARKS[found[0]] if found else (None,)))

    @property
    def shows_findings(self) -> bool:
        return self._filter.current == "findings"

    def show_filter(self, key: str) -> None:
        """Show "positive", "negative", "skipped" or "findings"."""
        self._filter.set_current(key)
        self._on_filter_chosen(key)

    def close_threads(self) -> None:
        self.images.grid.images.close()
        self.findings.close_threads()

    def _show_counts(self, subset: Subset, opened: OpenedDataset) -> None:
        samples = opened.split.of(subset)
        counts = zip(_KINDS, opened.dataset.class_names, class_counts(samples), strict=True)
        self._tiles[subset].set_counts(reversed(list(counts)) if samples else [])

    def _show_classes(self, dataset: Dataset) -> None:
        with QSignalBlocker(self._positive):
            self._positive.clear()
            self._positive.addItems(sorted(dataset.class_names, key=str.casefold))
            self._positive.setCurrentText(dataset.positive_class)
        for kind, name, count in zip(_KINDS, dataset.class_names, class_counts(dataset.samples), strict=True):
            self._filter.set_text(kind, name)
            self._filter.set_count(kind, count)
        self._filter.set_count("skipped", len(dataset.skipped))

    @Slot(str)
    def _on_filter_chosen(self, key: str) -> None:
        views = {"skipped": self.skipped, "findings": self.findings}
        self._shown.setCurrentWidget(views.get(key, self.images))
        if self._opened and key not in views:
            wanted = 1 if key == "positive" else 0
            dataset = self._opened.dataset
            self.images.set_other_class(dataset.class_names[1 - wanted])
            self.images.show_images([sample.path for sample in dataset.samples if sample.label == wanted])

    # --- layout

    def _lay_out(self) -> None:
        for view in (self.images, self.skipped, self.findings):
            self._shown.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self._head(), self._tile_row(), self._bar()):
            column.addLayout(part)
        column.addWidget(self._shown, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self._folder, 1)
        self.choose.setIcon(icon("folder-open"))
        self.check.setIcon(icon("check"))
        for button in (self.cancel, self.check, self.choose):
            head.addWidget(button)
        return head

    def _tile_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP_SMALL)
        for tile in self._tiles.values():
            row.addWidget(tile, 1)
        return row

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.addWidget(self._filter)
        bar.addStretch(1)
        bar.addWidget(self.patients)
        words = label("Positive class", "muted")
        words.setBuddy(self._positive)
        bar.addWidget(words)
        bar.addWidget(self._positive)
        return bar
