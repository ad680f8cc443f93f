"""The Evaluate tab: how good a model is on images it never saw, and the pictures behind the numbers."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop import jobs
from covid_desktop.core.dataset import Subset
from covid_desktop.core.events import Progress
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import measures
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.drop_area import EmptyState
from covid_desktop.gui.evaluation_page import EvaluationPage
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.task import Task
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import push_button

MOST_SETS = 4
_QUESTION = "How good is the model on images it never saw?"
_NEEDS = "This needs a model, and images that were kept from it: a test set, or a folder from elsewhere."
_READY = "Choose a set of the data above, or a folder from elsewhere, and evaluate the model on it."
_SETS: dict[Subset, str] = {
    "test": "Test set (locked, each use is counted)",
    "validation": "Validation set (optimistic)",
    "training": "Training set (says nothing about new patients)",
}


class EvaluateTab(QWidget):
    """``model_changed`` carries a jobs.Model with another operating point; ``progressed`` what runs.

    ``retrain_chosen`` carries images to train again without.
    """

    model_changed = Signal(object)
    progressed = Signal(object)
    folder_requested = Signal()
    report_requested = Signal()
    data_requested = Signal()
    model_requested = Signal()
    test_used = Signal()
    state_changed = Signal()
    image_opened = Signal(object)
    exclude_chosen = Signal(list)
    relabel_chosen = Signal(list)
    retrain_chosen = Signal(list)

    def __init__(
        self,
        judge: Callable[..., Judgement] = jobs.judge,
        judge_folder: Callable[..., Judgement] = jobs.judge_folder,
        heatmap: Callable[..., Any] = jobs.heatmap,
        save: Callable[..., jobs.Model] = jobs.save_operating_point,
    ) -> None:
        super().__init__()
        self._judge, self._judge_folder, self._save = judge, judge_folder, save
        self.model: jobs.Model | None = None
        self._is_closed = False
        self._opened: OpenedDataset | None = None
        self._task: Task | None = None
        self._given: OpenedDataset | None = None
        self._banner = Banner()
        self._needs = EmptyState("evaluate", _QUESTION, _NEEDS)
        self._set = QComboBox()
        self._set.setObjectName("evaluated_set")
        self._set.setAccessibleName("Images to evaluate on")
        self._set.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._run = push_button("Evaluate", "evaluate", primary=True)
        self._external = push_button("Another folder…", "evaluate_folder")
        self._external.setToolTip("An external test: images of other patients, from elsewhere")
        self._report = push_button("Save report", "save_report")
        self._report.setToolTip("All of this as PDF; the menu has HTML and the model card, too")
        self._clear = push_button("Clear", "clear_evaluations")
        self._cancel = push_button("Cancel", "cancel_evaluation")
        self._page = EvaluationPage(heatmap)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_state()

    # --- what others may ask

    def set_model(self, model: jobs.Model) -> None:
        """Evaluate ``model`` from now on; what another one did is cleared."""
        is_same = self.model is not None and model.classifier is self.model.classifier
        self.model = model
        if not is_same:
            self._drop()
            self._page.clear()
        self._page.set_model(model)
        self._show_state()

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The data whose sets can be evaluated."""
        self._opened = opened
        self._page.set_dataset(opened)
        self._fill_sets()
        self._show_state()

    @property
    def can_run(self) -> bool:
        return self.can_run_folder and self._set.currentData() is not None

    @property
    def can_run_folder(self) -> bool:
        return self.model is not None and self._task is None and not self._is_closed

    @property
    def is_running(self) -> bool:
        return self._task is not None

    @property
    def can_save(self) -> bool:
        return self._page.can_save

    @property
    def judgements(self) -> list[Judgement]:
        """What was evaluated, at the threshold that is being tried."""
        return self._page.judgements

    @property
    def can_clear(self) -> bool:
        return self._page.has_results

    @Slot()
    def start(self) -> None:
        """Evaluate the set that is chosen."""
        subset: Subset | None = self._set.currentData()
        if self.can_run and self._opened and subset:
            self._start(partial(self._judge, self.model, self._opened, subset), self._opened)

    def start_folder(self, folder: Path) -> None:
        """Evaluate all images of another folder, beside what was evaluated before."""
        if not self.can_run_folder:
            return
        if self._page.count >= MOST_SETS:
            what = f"{MOST_SETS} sets are shown, more cannot be compared."
            self._banner.show_notice("info", what, "Clear them for others.")
        else:
            self._start(partial(self._judge_folder, self.model, folder))

    @Slot()
    def save(self) -> None:
        """Keep what is chosen with the model, in its file."""
        if self.can_save:
            self._save_point()

    @Slot()
    def clear(self) -> None:
        """Forget the evaluations that are shown."""
        self._page.clear()
        self._banner.clear()
        self._show_state()

    @Slot()
    def cancel(self) -> None:
        self._drop()

    def close_threads(self) -> None:
        self._is_closed = True
        self._drop()
        self._page.close_threads()

    # --- the job

    def _start(self, job: Callable[..., Judgement], opened: OpenedDataset | None = None) -> None:
        self._banner.clear()
        self._given = opened
        self._task = Task(partial(_judged_and_measured, job))
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_stopped)
        self._task.start()
        self.progressed.emit(Progress(stage="Evaluating"))
        self._show_state()

    def _drop(self) -> None:
        if self._task:
            self._task.stop()
            self._end()

    def _end(self) -> None:
        self._task = None
        self.progressed.emit(None)
        self._show_state()

    @property
    def _is_late(self) -> bool:
        return self._task is None or self.sender() is not self._task

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress) and not self._is_late:
            self.progressed.emit(event)

    @Slot(object)
    def _on_succeeded(self, judgement: Judgement) -> None:
        if judgement.subset == "test":  # also one that nobody waits for any more
            self.test_used.emit()
        if self._is_late:
            return
        self._end()
        self._page.add(judgement, self._given)
        self._show_state()
        if judgement.caution:
            self._banner.show_notice("warning", judgement.caution)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if not self._is_late:
            self._end()
            self._banner.show_error(error)

    @Slot()
    def _on_stopped(self) -> None:
        if not self._is_late:
            self._end()

    # --- the operating point

    def _save_point(self) -> None:
        if not self.model:
            return
        point = self._page.operating_point()
        before = self.model.card.threshold, self.model.card.threshold_origin
        try:
            model = self._save(self.model, **point)
        except UserError as error:
            self._banner.show_error(error)
            return
        is_same = (point["threshold"], point["origin"]) == before
        now = "The calibration is saved" if is_same else f"The model now calls at {point['threshold']:.3f}"
        self._banner.show_notice("success", f"{now}.", "It is kept in the model's file.")
        self.set_model(model)
        self.model_changed.emit(model)

    # --- what is shown

    def _fill_sets(self) -> None:
        chosen = self._set.currentData()
        self._set.clear()
        for subset, text in _SETS.items():
            if self._opened and (count := len(self._opened.split.of(subset))):
                self._set.addItem(f"{text}: {count:,}", subset)
        self._set.setCurrentIndex(max(0, self._set.findData(chosen)))

    def _show_state(self) -> None:
        has_results = self._page.has_results
        self._pages.setCurrentWidget(self._page if has_results else self._needs)
        self._needs_model.setVisible(self.model is None)
        self._needs_data.setVisible(self._opened is None)
        self._needs.set_words(_QUESTION, _READY if self.model and self._opened else _NEEDS)
        self._run.setEnabled(self.can_run)
        self._external.setEnabled(self.can_run_folder and self._page.count < MOST_SETS)
        self._set.setEnabled(self._opened is not None)
        self._report.setVisible(self.can_clear)
        self._clear.setVisible(has_results)
        self.state_changed.emit()
        self._cancel.setVisible(self._task is not None)

    # --- layout

    def _connect(self) -> None:
        page = self._page
        self._run.clicked.connect(self.start)
        self._external.clicked.connect(self.folder_requested)
        self._report.clicked.connect(self.report_requested)
        self._clear.clicked.connect(self.clear)
        self._cancel.clicked.connect(self.cancel)
        self._needs_model.clicked.connect(self.model_requested)
        self._needs_data.clicked.connect(self.data_requested)
        page.save_requested.connect(self.save)
        page.saving_changed.connect(self.state_changed)
        page.image_opened.connect(self.image_opened)
        page.exclude_chosen.connect(self.exclude_chosen)
        page.relabel_chosen.connect(self.relabel_chosen)
        page.retrain_chosen.connect(self.retrain_chosen)

    def _lay_out(self) -> None:
        self._needs_model = self._needs.add_button("Load model", "evaluate_load_model")
        self._needs_data = self._needs.add_button("Choose folder", "evaluate_choose_folder")
        bar = QHBoxLayout()
        bar.setSpacing(GAP_SMALL)
        bar.addWidget(self._set)
        bar.addWidget(self._run)
        bar.addWidget(self._external)
        bar.addStretch(1)
        bar.addWidget(self._cancel)
        bar.addWidget(self._report)
        bar.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addLayout(bar)
        column.addWidget(self._pages, 1)
        self._pages.addWidget(self._needs)
        self._pages.addWidget(self._page)


def _judged_and_measured(job: Callable[..., Judgement], **hear_and_stop: Any) -> Judgement:
    """A judgement whose measures are known by now: of many images, the window must not wait for them."""
    judgement = job(**hear_and_stop)
    measures(judgement.evaluation)
    return judgement
