"""The Train tab: settings on the left, the run on the right."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop import jobs, paths
from covid_desktop.core.checkpoint_changes import ResumeError
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.events import EpochEnded, FilesSkipped, Notice, Progress
from covid_desktop.core.memory_need import shortage
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.config_form import ConfigForm
from covid_desktop.gui.drop_area import EmptyState
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.preview import PreviewDialog
from covid_desktop.gui.resume_bar import ResumeBar
from covid_desktop.gui.run_view import RunView
from covid_desktop.gui.task import Task
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import push_button

FOLDS = 5
FORM_WIDTH = 344  # 320 and room for the scroll bar


class TrainTab(QWidget):
    """``model_trained`` carries a jobs.Model; ``progressed`` what runs, as a Progress or None.

    ``dataset_checked`` carries what a run found in its data before it began, ``audit_made`` the shortcut
    audit after it and the data it is about. ``folder_requested`` carries the data folder of a run that is
    resumed, and ``run_left`` says that a run ended which may be resumed.
    """

    model_trained = Signal(object)
    files_skipped = Signal(object)
    dataset_checked = Signal(object)
    audit_made = Signal(object, object)
    audit_requested = Signal()
    progressed = Signal(object)
    state_changed = Signal()
    data_requested = Signal()
    demo_requested = Signal()
    predict_requested = Signal()
    save_requested = Signal()
    folder_requested = Signal(object)
    run_left = Signal()

    def __init__(
        self,
        train: Callable[..., jobs.TrainingResult] = jobs.train,
        preview: Callable[..., Any] = jobs.preview_augmentation,
        new_run_folder: Callable[[str], Path] = paths.new_run_folder,
        cross_validate: Callable[..., CrossValidation] = jobs.cross_validate,
        resume: Callable[..., jobs.TrainingResult] = jobs.resume,
        discard: Callable[[UnfinishedRun], None] = jobs.discard_run,
        shortage: Callable[[TrainingConfig, int, int], str] = shortage,
    ) -> None:
        super().__init__()
        self._train, self._preview, self._new_run_folder = train, preview, new_run_folder
        self._cross_validate, self._resume, self._discard = cross_validate, resume, discard
        self._shortage, self._warns_of_memory = shortage, False
        self._unfinished: tuple[UnfinishedRun, ...] = ()
        self._resumed: UnfinishedRun | None = None
        self._opened: OpenedDataset | None = None
        self._trained_on: OpenedDataset | None = None
        self._keeps_model = True
        self._task: Task | None = None
        self.result: jobs.TrainingResult | None = None
        self.form = ConfigForm()
        self._banner = Banner()
        self._offer = ResumeBar()
        self._view = RunView()
        self._start = push_button("Start", "start_training", primary=True)
        self._pause = push_button("Pause", "pause_training")
        self._stop = push_button("Stop and keep best", "stop_training")
        self._save = push_button("Save model", "save_model")
        self._predict = push_button("Use it on images", "use_model")
        self._folds = push_button("Cross-validate", "cross_validate")
        self._folds.setToolTip("Train five times, each without another fifth of the images; no model is kept")
        self._pages = QStackedWidget()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()
        self._connect()
        self._show_state()

    # --- what others may ask

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The data that the next run trains on."""
        self._opened = opened
        self._pages.setCurrentIndex(1)
        self._show_times()
        self._show_explanation()
        if self.result is None and not self.is_running:
            training, validation = len(opened.split.training), len(opened.split.validation)
            self._view.clear(f"Ready to train on {training:,} images, judged on {validation:,} others.")
        self._show_state()

    @property
    def is_running(self) -> bool:
        return self._task is not None

    @property
    def is_paused(self) -> bool:
        return self._task is not None and self._task.is_paused

    @property
    def can_start(self) -> bool:
        return self._opened is not None and self._task is None

    @property
    def can_stop(self) -> bool:
        return self._task is not None and not self._task.is_stopping

    @property
    def can_resume(self) -> bool:
        """Whether what runs could go on another time, were the program to end."""
        return self._task is not None and self._keeps_model

    @Slot(object)
    def set_unfinished(self, runs: tuple[UnfinishedRun, ...]) -> None:
        """The runs that were interrupted, the newest first; one of the open data is offered before others."""
        self._unfinished = runs
        self._show_offer()

    @Slot()
    def start(self) -> None:
        """Begin a run with what the form says; where memory is short, say so and ask."""
        self._if_memory_suffices(self._start_run)

    def _if_memory_suffices(self, begin: Callable[[TrainingConfig], None]) -> None:
        if not self._opened or self._task:
            return
        split = self._opened.split
        words = self._shortage(self.form.config, len(split.training), len(split.validation))
        if not words:
            begin(self.form.config)
            return
        self._warns_of_memory = True
        action = ("Start anyway", lambda: begin(self.form.config))
        self._banner.show_notice("warning", words, action=action)

    def _start_run(self, config: TrainingConfig) -> None:
        if not self._opened or self._task:
            return
        try:
            folder = self._new_run_folder(config.architecture)
        except UserError as error:
            self._banner.show_error(error)
            return
        except OSError as error:
            self._banner.show_notice(
                "error", f"No folder for the run can be made: {error}.", "Free some space."
            )
            return
        job = partial(self._train, self._opened, config, folder / "model.keras")
        self._keeps_model = True
        self._begin(job, self._on_succeeded)

    @Slot()
    def cross_validate(self) -> None:
        """Train on all but each fifth of the images in turn, with what the form says; keeps no model."""
        self._if_memory_suffices(self._start_folds)

    def _start_folds(self, config: TrainingConfig) -> None:
        if self._opened and not self._task:
            job = partial(self._cross_validate, self._opened, config, FOLDS)
            self._keeps_model = False
            self._begin(job, self._on_cross_validated)

    @Slot(object)
    def _on_resume_requested(self, run: UnfinishedRun) -> None:
        """Go on with an interrupted run, on its own data and with its own settings."""
        if self._task:
            return
        if not self._is_on(run):
            self.folder_requested.emit(run.checkpoint.data_folder)
        self.form.set_config(run.checkpoint.config)
        self._pages.setCurrentIndex(1)
        self._keeps_model = True
        self._begin(partial(self._resume, run), self._on_succeeded)
        self._resumed = run
        self.set_unfinished(tuple(one for one in self._unfinished if one != run))

    @Slot(object)
    def _on_discard_requested(self, run: UnfinishedRun) -> None:
        try:
            self._discard(run)
        except UserError as error:
            self._banner.show_error(error)
        self.set_unfinished(tuple(one for one in self._unfinished if one != run))

    def _start_afresh(self, run: UnfinishedRun) -> None:
        """A new run with the settings of one that cannot be resumed, on the data as it is now."""
        if self.can_start and self._is_on(run):
            self._on_discard_requested(run)
            self._start_run(run.checkpoint.config)

    def _is_on(self, run: UnfinishedRun) -> bool:
        return self._opened is not None and self._opened.scanned.folder == run.checkpoint.data_folder

    def _show_offer(self) -> None:
        here = [run for run in self._unfinished if self._is_on(run)]
        run = next(iter(here or self._unfinished), None)
        self._offer.show_run(None if self._task else run, len(self._unfinished) - 1)

    def _begin(self, job: Callable[..., Any], on_success: Callable[[Any], None]) -> None:
        self._banner.clear()
        self._warns_of_memory = False
        self._resumed = None
        self._view.clear()
        self.result = None
        self._trained_on = self._opened
        self._task = Task(job)
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(on_success)
        self._task.failed.connect(self._on_failed)
        self._task.stopped.connect(self._on_stopped)
        self._task.start()
        self._show_state()
        self.setFocus()

    @Slot()
    def pause_or_resume(self) -> None:
        if not self._task:
            return
        if self._task.is_paused:
            self._task.resume()
        else:
            self._task.pause()
        self._show_state()

    @Slot()
    def stop(self) -> None:
        """Ask the run to end and keep its best epoch."""
        if self._task:
            self._task.stop()
            self._show_state()

    def leave(self) -> None:
        """Ask the run to end now, so that it can be resumed another time: the program closes."""
        if self._task:
            self._task.leave()
            self._show_state()

    def close_threads(self) -> None:
        """End the run, so that it can be resumed another time, and what draws its curves."""
        self.leave()
        self._view.close_threads()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pauses and goes on, wherever no button has taken it."""
        if event.key() == Qt.Key.Key_Space and self.is_running and not event.isAutoRepeat():
            self.pause_or_resume()
        else:
            super().keyPressEvent(event)

    # --- the run

    @Slot(object)
    def _on_reported(self, event: Any) -> None:
        if isinstance(event, CheckedDataset):
            self._trained_on = event.opened
            self.dataset_checked.emit(event)
            return
        if isinstance(event, Notice):
            self._banner.show_notice("warning", event.what, event.fix)
            return
        self._view.show_event(event)
        if isinstance(event, FilesSkipped):
            self.files_skipped.emit(event.files)
        if isinstance(event, Progress | EpochEnded):
            self.progressed.emit(self._status(event))

    def _status(self, event: Progress | EpochEnded) -> Progress:
        if isinstance(event, Progress):
            return event
        started = self._view.history.started
        return Progress(stage="Training, epoch", done=event.epoch, total=started.epochs if started else 0)

    @Slot(object)
    def _on_succeeded(self, result: jobs.TrainingResult) -> None:
        self.result = result
        self._view.show_words(result.history.story())
        self._view.show_evaluation(result.evaluation, result.model.card.class_names)
        self._view.show_audit(result.audit)
        self._show_explanation()
        self._end_run()
        self.model_trained.emit(result.model)
        if result.audit:
            self.audit_made.emit(result.audit, self._trained_on)

    @Slot(object)
    def _on_cross_validated(self, validated: CrossValidation) -> None:
        if self._trained_on:
            self._view.show_cross_validation(validated, self._trained_on.dataset.class_names)
        self._end_run()

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._view.show_words("The run ended with an error.")
        run = self._resumed
        action = ("Start afresh", partial(self._start_afresh, run)) if run and self._is_on(run) else None
        self._banner.show_error(error, action if isinstance(error, ResumeError) else None)
        self._end_run()
        self.run_left.emit()

    @Slot()
    def _on_stopped(self) -> None:
        before = "the first epoch had ended" if self._keeps_model else "all folds were done"
        self._view.show_words(f"Stopped before {before}: there is nothing to keep.")
        self._end_run()

    def _end_run(self) -> None:
        self._task = None
        self._show_state()
        self.progressed.emit(None)

    # --- what is shown

    def _show_state(self) -> None:
        running = self.is_running
        self._show_offer()
        self.form.setEnabled(not running)
        self._start.setVisible(not running)
        self._start.setEnabled(self.can_start)
        self._folds.setVisible(not running and self.result is None)  # the menu has it, too
        self._folds.setEnabled(self.can_start)
        self._start.setText("Start again" if self.result else "Start")
        self._pause.setVisible(running)
        self._pause.setEnabled(self.can_stop)
        self._pause.setText("Resume" if self.is_paused else "Pause")
        self._pause.setIcon(icon("play" if self.is_paused else "pause"))
        self._stop.setVisible(running)
        self._stop.setEnabled(self.can_stop)
        stop = "Stop and keep best" if self._keeps_model else "Stop"
        self._stop.setText("Stopping" if running and not self.can_stop else stop)
        for button in (self._save, self._predict):
            button.setVisible(self.result is not None and not running)
        self.state_changed.emit()

    def _show_explanation(self) -> None:
        """The Data tab explains an audit as long as it shows the same folder."""
        here, there = self._opened, self._trained_on
        is_same = here is not None and there is not None and here.scanned.folder == there.scanned.folder
        self._view.why.setVisible(is_same)

    @Slot()
    def _show_times(self) -> None:
        if self._opened:
            self.form.show_times(len(self._opened.split.training))

    @Slot()
    def _on_form_changed(self) -> None:
        """What was said of memory was about other settings."""
        self._show_times()
        if self._warns_of_memory:
            self._warns_of_memory = False
            self._banner.clear()

    @Slot()
    def _on_preview_requested(self) -> None:
        if self._opened:
            samples = self._opened.split.training
            already = self.findChild(PreviewDialog)
            dialog = already or PreviewDialog(samples, self.form, self._preview, self)
            dialog.show()
            dialog.raise_()

    # --- layout

    def _connect(self) -> None:
        self._start.clicked.connect(self.start)
        self._folds.clicked.connect(self.cross_validate)
        self._pause.clicked.connect(self.pause_or_resume)
        self._stop.clicked.connect(self.stop)
        self._save.clicked.connect(self.save_requested)
        self._predict.clicked.connect(self.predict_requested)
        self._offer.resume_requested.connect(self._on_resume_requested)
        self._offer.discard_requested.connect(self._on_discard_requested)
        self._view.why.clicked.connect(self.audit_requested)
        self.form.changed.connect(self._on_form_changed)
        self.form.preview_requested.connect(self._on_preview_requested)

    def _lay_out(self) -> None:
        empty = EmptyState(
            "train", "Training needs images", "Choose a folder with two classes of images first."
        )
        empty.add_button("Choose data", "go_to_data", primary=True).clicked.connect(self.data_requested)
        empty.add_button("Try the demo", "try_demo_from_train").clicked.connect(self.demo_requested)
        self._pages.addWidget(empty)
        self._pages.addWidget(self._full_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._offer)
        column.addWidget(self._pages, 1)

    def _full_page(self) -> QWidget:
        scroll = QScrollArea()
        scroll.setObjectName("settings_scroll")
        scroll.setWidgetResizable(True)
        scroll.setFixedWidth(FORM_WIDTH)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, GAP_SMALL, 0)
        inner.addWidget(self.form)
        inner.addStretch(1)
        scroll.setWidget(holder)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(scroll)
        right = QVBoxLayout()
        right.setSpacing(GAP_SMALL)
        right.addWidget(self._view, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_SMALL)
        buttons.addStretch(1)
        self._start.setIcon(icon("play", "on_accent"))
        self._stop.setIcon(icon("stop"))
        self._save.setIcon(icon("save"))
        self._predict.setIcon(icon("predict"))
        for button in (self._folds, self._save, self._predict, self._pause, self._stop, self._start):
            buttons.addWidget(button)
        right.addLayout(buttons)
        row.addLayout(right, 1)
        return page
