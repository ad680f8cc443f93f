"""The Data tab: choose a folder, see what it holds and what is skipped."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from covid_desktop import jobs
from covid_desktop.core.dataset import SUBSETS, Dataset, SkippedFile, class_counts
from covid_desktop.core.events import Progress
from covid_desktop.errors import ImageError, UserError
from covid_desktop.gui.class_widgets import ClassKind, CountTile
from covid_desktop.gui.drop_area import EmptyState
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.task import Task
from covid_desktop.gui.theme import icon
from covid_desktop.gui.thumbnails import ThumbnailGrid
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, Segmented, label, push_button

_KINDS: tuple[ClassKind, ClassKind] = ("negative", "positive")
_EMPTY_TILES = {
    "training": "None",
    "validation": "None",
    "test": "None. Add a folder test to keep images for the end.",
}


class DataTab(QWidget):
    """``dataset_changed`` carries an OpenedDataset; ``progressed`` what runs, as a Progress or None."""

    dataset_changed = Signal(object)
    progressed = Signal(object)
    choose_requested = Signal()
    demo_requested = Signal()
    image_opened = Signal(object)

    def __init__(
        self,
        open_dataset: Callable[..., jobs.OpenedDataset] = jobs.open_dataset,
        check: Callable[..., Dataset] = jobs.check,
    ) -> None:
        super().__init__()
        self._open_dataset, self._check = open_dataset, check
        self.opened: jobs.OpenedDataset | None = None
        self._task: Task | None = None
        self._banner = Banner()
        self._folder = ElidedLabel()
        self._folder.setProperty("role", "title")
        self._choose = push_button("Choose folder", "choose_folder")
        self._check_button = push_button("Check data", "check_data")
        self._check_button.setToolTip("Read every image once and list those that cannot be used")
        self._cancel = push_button("Cancel", "cancel_data_job")
        self._positive = QComboBox()
        self._positive.setObjectName("positive_class")
        self._positive.setAccessibleName("Positive class")
        self._tiles = {subset: CountTile(subset.capitalize(), _EMPTY_TILES[subset]) for subset in SUBSETS}
        self._filter = Segmented([("positive", ""), ("negative", ""), ("skipped", "Skipped")])
        self._grid = ThumbnailGrid()
        self._skipped = _skipped_list()
        self._shown = QStackedWidget()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_busy(False)

    # --- what others may ask

    def open_folder(self, folder: Path) -> None:
        """Look through ``folder`` in the background; an earlier look is dropped."""
        self.cancel()
        self._banner.clear()
        self._run("Opening the folder", partial(self._open_dataset, folder), self._on_opened)

    @Slot(object)
    def show_skipped(self, files: tuple[SkippedFile, ...]) -> None:
        """Those of ``files`` that are images of the open folder join the skipped ones."""
        used = {sample.path for sample in self.opened.dataset.samples} if self.opened else set()
        found = tuple(file for file in files if file.path in used)
        if self.opened and found:
            self._set_opened(self.opened.without(found))

    @property
    def can_check(self) -> bool:
        return self.opened is not None and self._task is None

    def cancel(self) -> None:
        """Stop the job that runs, if any; its answer is dropped."""
        if self._task:
            self._task.stop()
            self._task = None
            self._show_busy(False)

    def close_threads(self) -> None:
        self.cancel()
        self._grid.images.close()

    # --- jobs

    def _run(self, stage: str, job: Callable[..., Any], on_success: Callable[[Any], None]) -> None:
        self._task = Task(job)
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(on_success)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_stopped)
        self._show_busy(True)
        self.progressed.emit(Progress(stage=stage))
        self._task.start()

    @property
    def _is_late(self) -> bool:
        """Whether the signal at hand is of a job that was dropped; it may have been under way already."""
        return self._task is None or self.sender() is not self._task

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress) and not self._is_late:
            self.progressed.emit(event)

    @Slot(object)
    def _on_opened(self, opened: jobs.OpenedDataset) -> None:
        if self._is_late:
            return
        self._end_job()
        self._set_opened(opened)
        if opened.dataset.skipped:
            self._tell_skipped(opened.dataset)

    @Slot(object)
    def _on_checked(self, dataset: Dataset) -> None:
        if self._is_late:
            return
        self._end_job()
        self.show_skipped(dataset.skipped)
        if dataset.skipped:
            self._tell_skipped(dataset)
        else:
            count = len(dataset.samples)
            self._banner.show_notice("success", f"All {count:,} images can be read.")

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if self._is_late:
            return
        self._end_job()
        if self.opened:
            self._banner.show_error(error)
        else:
            self._banner.show_error(error, ("Choose folder", self._ask_for_folder))

    @Slot()
    def _on_stopped(self) -> None:
        if not self._is_late:
            self._end_job()

    def _end_job(self) -> None:
        self._task = None
        self._show_busy(False)

    def _show_busy(self, busy: bool) -> None:
        for button in (self._cancel, self._cancel_first):
            button.setVisible(busy)
        self._check_button.setEnabled(self.can_check)
        if not busy:
            self.progressed.emit(None)

    # --- what is shown

    def _set_opened(self, opened: jobs.OpenedDataset) -> None:
        self.opened = opened
        dataset = opened.dataset
        self._folder.set_text(f"{dataset.folder.name} / {len(dataset.samples):,} images")
        self._folder.setToolTip(str(dataset.folder))
        for subset in SUBSETS:
            self._show_counts(subset, opened)
        self._show_classes(dataset)
        self._skipped.clear()
        for file in dataset.skipped:
            place = (
                file.path.relative_to(dataset.folder)
                if file.path.is_relative_to(dataset.folder)
                else file.path
            )
            self._skipped.addTopLevelItem(QTreeWidgetItem([str(place), file.reason]))
        self._pages.setCurrentIndex(1)
        self._check_button.setEnabled(self.can_check)
        self._on_filter_chosen(self._filter.current)
        self.dataset_changed.emit(opened)

    def _show_counts(self, subset: Any, opened: jobs.OpenedDataset) -> None:
        samples = opened.split.of(subset)
        counts = zip(_KINDS, opened.dataset.class_names, class_counts(samples), strict=True)
        self._tiles[subset].set_counts(reversed(list(counts)) if samples else [])

    def _show_classes(self, dataset: Dataset) -> None:
        self._positive.blockSignals(True)
        self._positive.clear()
        self._positive.addItems(sorted(dataset.class_names, key=str.casefold))
        self._positive.setCurrentText(dataset.positive_class)
        self._positive.blockSignals(False)
        for kind, name, count in zip(_KINDS, dataset.class_names, class_counts(dataset.samples), strict=True):
            self._filter.set_text(kind, name)
            self._filter.set_count(kind, count)
        self._filter.set_count("skipped", len(dataset.skipped))

    def _tell_skipped(self, dataset: Dataset) -> None:
        count = len(dataset.skipped)
        what = f"{count:,} file{'s are' if count > 1 else ' is'} not used."
        self._banner.show_notice(
            "warning", what, "Each has its reason.", action=("Show skipped", self._show_skipped_files)
        )

    def _show_skipped_files(self) -> None:
        self._filter.set_current("skipped")
        self._on_filter_chosen("skipped")

    @Slot(str)
    def _on_filter_chosen(self, key: str) -> None:
        self._shown.setCurrentWidget(self._skipped if key == "skipped" else self._grid)
        if self.opened and key != "skipped":
            wanted = _KINDS.index("positive" if key == "positive" else "negative")
            samples = self.opened.dataset.samples
            self._grid.images.set_paths([sample.path for sample in samples if sample.label == wanted])

    # --- what the user does

    @Slot()
    def _ask_for_folder(self) -> None:
        self.choose_requested.emit()

    @Slot()
    def start_check(self) -> None:
        """Read every image of the open folder."""
        if self.opened and not self._task:
            self._banner.clear()
            self._run("Reading every image", partial(self._check, self.opened.dataset), self._on_checked)

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self.cancel()

    @Slot(str)
    def _on_positive_chosen(self, name: str) -> None:
        if self.opened and name:
            self._set_opened(self.opened.with_positive_class(name))

    @Slot(object, object)
    def _on_thumbnail_unreadable(self, path: Path, error: ImageError) -> None:
        if self.opened and self._task is None:
            self._banner.show_notice(
                "warning",
                f"{path.name} cannot be read: {error}",
                "Check data finds all such files.",
                action=("Check data", self.start_check),
            )

    # --- layout

    def _connect(self) -> None:
        self._choose.clicked.connect(self._ask_for_folder)
        self._check_button.clicked.connect(self.start_check)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._filter.chosen.connect(self._on_filter_chosen)
        self._positive.textActivated.connect(self._on_positive_chosen)
        self._grid.images.unreadable.connect(self._on_thumbnail_unreadable)
        self._grid.opened.connect(self.image_opened)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._pages, 1)
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._full_page())

    def _empty_page(self) -> QWidget:
        empty = EmptyState(
            "data",
            "Choose a folder of images",
            "It holds a folder for each class, such as COVID-19 and Healthy, or train and val folders with "
            "these two inside. You can also drop a folder on the window.",
        )
        empty.add_button("Choose folder", "choose_first_folder", primary=True).clicked.connect(
            self._ask_for_folder
        )
        empty.add_button("Try the demo", "try_demo").clicked.connect(self.demo_requested)
        self._cancel_first = empty.add_button("Cancel", "cancel_first_folder")
        self._cancel_first.clicked.connect(self._on_cancel_clicked)
        return empty

    def _full_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        head = QHBoxLayout()
        head.addWidget(self._folder, 1)
        self._choose.setIcon(icon("folder-open"))
        self._check_button.setIcon(icon("check"))
        for button in (self._cancel, self._check_button, self._choose):
            head.addWidget(button)
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP_SMALL)
        for tile in self._tiles.values():
            tiles.addWidget(tile, 1)
        bar = QHBoxLayout()
        bar.addWidget(self._filter)
        bar.addStretch(1)
        words = label("Positive class", "muted")
        words.setBuddy(self._positive)
        bar.addWidget(words)
        bar.addWidget(self._positive)
        self._shown.addWidget(self._grid)
        self._shown.addWidget(self._skipped)
        for part in (head, tiles, bar):
            column.addLayout(part)
        column.addWidget(self._shown, 1)
        return page


def _skipped_list() -> QTreeWidget:
    made = QTreeWidget()
    made.setObjectName("skipped_files")
    made.setAccessibleName("Skipped files")
    made.setHeaderLabels(["File", "Reason"])
    made.setRootIsDecorated(False)
    made.setUniformRowHeights(True)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
    made.header().resizeSection(0, 420)
    made.header().setStretchLastSection(True)
    return made
