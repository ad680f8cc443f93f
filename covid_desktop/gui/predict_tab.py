"""The Predict tab: drop images, see what the model says of each."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelection, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from covid_desktop import jobs
from covid_desktop.core.events import Progress
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import ImageError, UserError
from covid_desktop.figures.picture import draw_picture
from covid_desktop.figures.style import Style
from covid_desktop.gui.answer import Answer, decides_where
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.drop_area import DropArea
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.pictures import read_picture
from covid_desktop.gui.task import Background, Task
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import push_button
from covid_desktop.gui.worklist import Worklist

Describe = Callable[[list[Path]], str]


class PictureCanvas(Canvas):
    """The chosen image on near-black."""

    def __init__(self) -> None:
        self._pixels: NDArray[np.uint8] | None = None
        super().__init__()
        self.setObjectName("picture")
        self.setAccessibleName("Picture")

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        self._pixels = pixels
        self._on_theme_changed()

    def _draw_figure(self, style: Style) -> None:
        self.figure.set_facecolor(style.picture)
        if self._pixels is not None:
            axes = self.figure.add_axes((0.01, 0.01, 0.98, 0.98))
            draw_picture(axes, self._pixels, style=style)


class PredictTab(QWidget):
    """``progressed`` carries what runs, as a Progress or None; the buttons ask for files and models."""

    progressed = Signal(object)
    images_requested = Signal()
    model_requested = Signal()
    export_requested = Signal()
    files_dropped = Signal(list)
    results_changed = Signal()

    def __init__(
        self,
        predict: Callable[..., Any] = jobs.predict,
        *,
        describe_drop: Describe = lambda paths: "Drop to score" if paths else "",
    ) -> None:
        super().__init__()
        self._predict = predict
        self._describe_drop = describe_drop
        self.model: jobs.Model | None = None
        self._no_model_reason = ""
        self._task: Task | None = None
        self._closing = False
        self.worklist = Worklist(self)
        self._banner = Banner()
        self._table = _table(self.worklist)
        self._picture = PictureCanvas()
        self._answer = Answer()
        self._reader = Background(read_picture, self, capacity=1)
        self._reader.answered.connect(self._on_picture_read)
        self._pages = QStackedWidget()
        self._add = push_button("Add images", "add_images")
        self._load = push_button("Load model", "load_model")
        self._export = push_button("Save as CSV", "save_csv")
        self._clear = push_button("Clear list", "clear_list")
        self._lay_out()
        self._connect()
        self.set_no_model("Train a model or load one: it scores the images at once.")

    # --- what others may ask

    def add(self, files: Sequence[Path]) -> None:
        """Put images on the list and score them as soon as there is a model."""
        if not files:
            return
        first = self.worklist.rowCount()
        self.worklist.add(files)
        self._pages.setCurrentIndex(1)
        if self.worklist.rowCount() > first:
            self._table.selectRow(first)
            self._table.setFocus()
        self._show_current()
        self._start_waiting()

    def set_model(self, model: jobs.Model) -> None:
        """Score with ``model`` from now on; what was scored with another is scored again."""
        self._stop_scoring()
        self.model = model
        self._banner.clear()
        row = self._current_row()
        self.worklist.forget_results(model.card.positive_class)
        if row is not None:
            self._table.selectRow(row)
        self._answer.show_model(describe_model(model))
        self._show_current()
        self._start_waiting()

    def set_no_model(self, reason: str) -> None:
        """Say why images wait."""
        self._no_model_reason = reason
        if self.model is None:
            self._answer.show_model("No model")
            self._show_current()

    def close_threads(self) -> None:
        self._closing = True
        self._stop_scoring()
        self._reader.close()

    # --- scoring

    def _start_waiting(self) -> None:
        waiting = self.worklist.waiting
        if self._closing or not self.model or self._task or not waiting:
            return
        self._task = Task(partial(self._predict, self.model, waiting))
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_ended)
        self._banner.clear()
        self._task.start()
        self._show_progress()
        self._show_current()

    def _stop_scoring(self) -> None:
        if self._task:
            self._task.stop()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if not isinstance(event, Prediction) or self._task is None or self._task.is_stopping:
            return  # a stopped task's model may have another threshold by now
        self.worklist.set_done(event)
        self._show_progress()
        row = self._current_row()
        if row is not None and self.worklist.path(row) == event.path:
            self._show_current()

    @Slot(object)
    def _on_succeeded(self, _: object) -> None:
        self._on_ended()
        self._start_waiting()

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._on_ended()
        self._banner.show_error(error, ("Score again", self._start_waiting))

    @Slot()
    def _on_ended(self) -> None:
        self._task = None
        self.progressed.emit(None)
        self._show_current()

    # --- what is shown

    def _show_progress(self) -> None:
        done, total = self.worklist.done, self.worklist.rowCount()
        self.progressed.emit(Progress(stage="Scoring images", done=done, total=total))

    def _current_row(self) -> int | None:
        rows = self._table.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def _show_current(self) -> None:
        self._export.setEnabled(self.worklist.done > 0)
        self.results_changed.emit()
        row = self._current_row()
        if row is None:
            return
        path = self.worklist.path(row)
        prediction = self.worklist.prediction(row)
        if prediction and self.model:
            self._answer.show_prediction(path.name, prediction, self.model.card)
        else:
            self._answer.show_waiting(path.name, self._reason_to_wait())

    def _reason_to_wait(self) -> str:
        if self.model is None:
            return self._no_model_reason
        return "It is being scored." if self._task else "It was not scored: scoring ended before it."

    @Slot(QItemSelection, QItemSelection)
    def _on_selection_changed(self) -> None:
        row = self._current_row()
        if row is not None:
            self._reader.ask(self.worklist.path(row))
        self._show_current()

    @Slot(object, object)
    def _on_picture_read(self, path: Path, picture: NDArray[np.uint8] | ImageError) -> None:
        row = self._current_row()
        if row is not None and self.worklist.path(row) == path:
            self._picture.show_pixels(None if isinstance(picture, ImageError) else picture)

    @Slot()
    def _on_clear_clicked(self) -> None:
        self._stop_scoring()
        self.worklist.clear()
        self._picture.show_pixels(None)
        self._pages.setCurrentIndex(0)
        self._show_current()

    # --- layout

    def _connect(self) -> None:
        self._table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._add.clicked.connect(self.images_requested)
        self._load.clicked.connect(self.model_requested)
        self._export.clicked.connect(self.export_requested)
        self._clear.clicked.connect(self._on_clear_clicked)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._pages, 1)
        drop = DropArea(
            "Drop images, folders or DICOM here",
            "Or a model that was saved here. PNG, JPEG, TIFF, BMP, WebP and DICOM are read.",
            describe=self._describe_drop,
        )
        drop.add_button("Choose images", "choose_images", primary=True).clicked.connect(self.images_requested)
        drop.add_button("Load model", "load_first_model").clicked.connect(self.model_requested)
        drop.files_dropped.connect(self.files_dropped)
        self._pages.addWidget(drop)
        self._pages.addWidget(self._full_page())

    def _full_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        bar = QHBoxLayout()
        bar.setSpacing(GAP_SMALL)
        icons = {self._add: "file-image", self._load: "model", self._clear: "remove", self._export: "export"}
        for button, name in icons.items():
            button.setIcon(icon(name))
            bar.addWidget(button)
        bar.insertStretch(2, 1)
        column.addLayout(bar)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("predict_splitter")
        self.splitter.setHandleWidth(GAP)
        self._answer.setMinimumWidth(280)
        self._table.setMinimumWidth(300)
        for part, stretch in ((self._table, 2), (self._picture, 3), (self._answer, 1)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([380, 480, 280])
        column.addWidget(self.splitter, 1)
        return page


def describe_model(model: jobs.Model) -> str:
    """A model's file and, in the next line, where it decides."""
    return f"Model: {model.path.parent.name}/{model.path.name}\n{decides_where(model.card)}"


def _table(worklist: Worklist) -> QTableView:
    made = QTableView()
    made.setObjectName("worklist")
    made.setAccessibleName("Images and results")
    made.setModel(worklist)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    made.setShowGrid(False)
    made.setTabKeyNavigation(False)
    made.verticalHeader().hide()
    header = made.horizontalHeader()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
    header.resizeSection(1, 140)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
    return made
