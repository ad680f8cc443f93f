"""The window: makes the tabs and menus, says who hears what, and closes when nothing goes on any more."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from covid_desktop import jobs
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.closing import Closing
from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.drop_area import dropped_paths
from covid_desktop.gui.evaluate_tab import EvaluateTab
from covid_desktop.gui.instance import Request
from covid_desktop.gui.menus import Menus
from covid_desktop.gui.model_loading import ModelLoading
from covid_desktop.gui.opening import Opening
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.runs_tab import RunsTab
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.sharing import Sharing
from covid_desktop.gui.status_line import StatusLine
from covid_desktop.gui.tab_progress import TabProgress
from covid_desktop.gui.tabs import TABS, Tabs
from covid_desktop.gui.task import Job
from covid_desktop.gui.train_tab import TrainTab
from covid_desktop.gui.window_jobs import WindowJobs


class MainWindow(QMainWindow):
    """Holds the tabs together; each does its own work and tells of it by signals.

    ``closing`` says that the window is going, though it may still wait for its threads.
    """

    closing = Signal()

    def __init__(
        self,
        settings: Settings,
        *,
        data: DataTab | None = None,
        train: TrainTab | None = None,
        evaluate: EvaluateTab | None = None,
        predict: PredictTab | None = None,
        runs: RunsTab | None = None,
        dialogs: Dialogs | None = None,
        load_model: Job = jobs.load_model,
        load_tensorflow: Job = jobs.load_tensorflow,
        make_demo: Job = jobs.make_demo,
        list_images: Job = jobs.list_images,
        unfinished_runs: Job = jobs.unfinished_runs,
    ) -> None:
        super().__init__()
        self._settings, self._dialogs = settings, dialogs or Dialogs()
        self._load_tensorflow, self._unfinished_runs = load_tensorflow, unfinished_runs
        self.data = data or DataTab()
        self.train = train or TrainTab()
        self.evaluate = evaluate or EvaluateTab()
        self.predict = predict or PredictTab(describe_drop=self._describe_drop)
        self.runs = runs or RunsTab(dialogs=self._dialogs)
        self._tabs = Tabs(self.data, self.train, self.evaluate, self.predict, self.runs)
        self.banner = self._tabs.banner
        self._status = StatusLine()
        self._lay_out()
        self._closing = Closing(self, self.train, self._dialogs)
        self._sharing = Sharing(self, self._tabs)
        TabProgress(self, self._tabs, self._status)
        self._tasks = WindowJobs(self, self._status, self.banner)
        self._models = ModelLoading(self, self.predict, settings, self._tasks, self._closing, load_model)
        self._opening = Opening(
            self, self._tabs, self._models, self._tasks, make_demo=make_demo, list_images=list_images
        )
        self._menus = Menus(self, self._tabs, self._opening, self._dialogs, settings, self._tasks.run)
        self._connect()
        self._restore()
        self._show_state()

    # --- what is asked of it from outside

    @Slot()
    def load_in_background(self) -> None:
        """Load TensorFlow, then the model of last time. Call after the first paint."""
        if not self._closing.has_begun:
            self._models.begin(self._load_tensorflow)

    def begin(self, request: Request) -> None:
        """Open what this start of the program was given, beside the folder of last time."""
        if self._closing.has_begun:
            return
        self.predict.begin_keeping()
        if not request.demo:
            self.reopen_last()
        self._opening.take_request(request)
        self._look_for_unfinished()

    def reopen_last(self) -> None:
        """Open the folder of last time."""
        folders = self._settings.recent("folders")
        if folders:
            self.data.open_folder(folders[0])

    @Slot(object)
    def take_request(self, request: Request) -> None:
        """Come to the front and open what another start of the program was given."""
        if request.activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = request.activation  # Qt asks Wayland with it
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)
        self._opening.take_request(request)

    def open_folder(self, folder: Path) -> None:
        """Look through ``folder`` and show it on the Data tab."""
        self._opening.open_folder(folder)

    def load_model(self, file: Path) -> None:
        """Read a model file in the background and score with it."""
        self._opening.load_model(file)

    def score(self, places: Sequence[Path]) -> None:
        """Put files, and the files in folders, on the Predict tab's list."""
        self._opening.score(places)

    def try_demo(self) -> None:
        """Draw simulated radiographs and open them."""
        self._opening.try_demo()

    @Slot(list)
    def open_files(self, files: Sequence[Path]) -> None:
        """Do with files from outside what their kind asks for: a folder is data."""
        self._opening.open_files(files)

    def show_tab(self, key: str) -> None:
        self._tabs.show_tab(key)

    @property
    def current_tab(self) -> str:
        return self._tabs.current

    # --- what the tabs tell

    @Slot()
    def _look_for_unfinished(self) -> None:
        """Runs that were interrupted are offered on the Train tab."""
        self._tasks.run("unfinished", self._unfinished_runs, self.train.set_unfinished)

    @Slot(object)
    def _set_model(self, model: jobs.Model) -> None:
        self._sharing.set_model(model)
        self._status.show_model(
            f"Model: {ARCHITECTURES[model.card.architecture].title} for {model.card.positive_class}"
        )
        self._show_state()

    @Slot(object)
    def _on_dataset_changed(self, opened: OpenedDataset) -> None:
        self._settings.add_recent("folders", opened.dataset.folder)
        self._show_state()

    @Slot()
    def _on_findings_changed(self) -> None:
        self._tabs.rail.set_badge("data", self.data.badge, "warning")
        self._show_state()

    @Slot()
    def _on_data_requested(self) -> None:
        self.show_tab("data")
        if self.data.opened is None:
            self._menus.file.choose_folder()

    @Slot()
    def _show_state(self) -> None:
        self.runs.set_training(self.train.is_running)
        self._menus.show_state()
        count = self.predict.worklist.rowCount()
        self._tabs.rail.set_badge("predict", f"{count:,}" if count else None)

    # --- dropping

    def _describe_drop(self, dropped: list[Path]) -> str:
        plan = self._opening.plan(dropped)
        return plan.sentence if plan else ""

    @Slot(list)
    def take_dropped(self, dropped: Sequence[Path]) -> None:
        """Do with dropped files what their kind and the tab that is shown ask for."""
        self._opening.take_dropped(dropped)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if plan := self._opening.plan(dropped_paths(event.mimeData())):
            _accept_copy(event)
            self._tabs.rail.set_highlight(plan.tab, plan.sentence)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self._tabs.rail.set_highlight(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self._tabs.rail.set_highlight(None)
        _accept_copy(event)
        self.take_dropped(dropped_paths(event.mimeData()))

    # --- closing

    @Slot()
    def end(self) -> None:
        """Close without a question."""
        self._closing.close_unasked()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closing.take(event)

    @Slot()
    def _on_closing(self) -> None:
        self.closing.emit()
        self._save()
        self._tabs.close_threads()

    def _save(self) -> None:
        self._settings.set_state("geometry", self.saveGeometry())
        self._settings.set_state("splitter", self.predict.splitter.saveState())
        self._settings.set_text("tab", self.current_tab)
        self._settings.save()

    def _restore(self) -> None:
        if not self.restoreGeometry(self._settings.state("geometry")):
            self.resize(1200, 800)
        self.predict.splitter.restoreState(self._settings.state("splitter"))
        tab = self._settings.text("tab", "data")
        self.show_tab(tab if tab in TABS else "data")

    # --- who hears what

    def _connect(self) -> None:
        self._closing.begun.connect(self._on_closing)
        self._tabs.shown.connect(self._show_state)
        self._models.taken.connect(self._set_model)
        self._menus.undo.redone.connect(self._show_state)
        self._connect_data()
        self._connect_train()
        self._connect_evaluate()
        self._connect_predict()
        self.runs.model_chosen.connect(self._opening.load_model)
        self.runs.train_requested.connect(self._tabs.show_train)

    def _connect_data(self) -> None:
        data = self.data
        data.dataset_changed.connect(self._on_dataset_changed)
        data.findings_changed.connect(self._on_findings_changed)
        data.deciding.steps.indexChanged.connect(self._show_state)
        data.deciding.failed.connect(self._tabs.show_data)
        data.progressed.connect(self._show_state)
        data.choose_requested.connect(self._menus.file.choose_folder)
        data.demo_requested.connect(self._opening.try_demo)
        data.image_opened.connect(self._opening.score_image)

    def _connect_train(self) -> None:
        train = self.train
        train.model_trained.connect(self._models.take)
        train.audit_requested.connect(self._menus.data.show_audit)
        train.state_changed.connect(self._show_state)
        train.data_requested.connect(self._on_data_requested)
        train.demo_requested.connect(self._opening.try_demo)
        train.predict_requested.connect(self._tabs.show_predict)
        train.save_requested.connect(self._menus.file.save_model)
        train.folder_requested.connect(self._opening.open_unseen)
        train.run_left.connect(self._look_for_unfinished)

    def _connect_evaluate(self) -> None:
        evaluate = self.evaluate
        evaluate.state_changed.connect(self._show_state)
        evaluate.folder_requested.connect(self._menus.evaluate.evaluate_folder)
        evaluate.report_requested.connect(self._menus.evaluate.save_report)
        evaluate.data_requested.connect(self._menus.file.choose_folder)
        evaluate.model_requested.connect(self._menus.file.choose_model)
        evaluate.image_opened.connect(self._opening.score_image)
        evaluate.retrain_chosen.connect(self._menus.train.train_without)

    def _connect_predict(self) -> None:
        predict, menu = self.predict, self._menus.predict
        predict.images_requested.connect(self._menus.file.choose_images)
        predict.model_requested.connect(self._menus.file.choose_model)
        predict.export_requested.connect(menu.export_csv)
        predict.report_requested.connect(menu.report_worklist)
        predict.watch_requested.connect(menu.choose_watched)
        menu.tab_wanted.connect(self._tabs.show_predict)
        predict.watching.changed.connect(self._show_state)
        predict.view.steps.indexChanged.connect(self._show_state)
        predict.files_dropped.connect(self.take_dropped)
        predict.results_changed.connect(self._show_state)

    def _lay_out(self) -> None:
        self.setWindowTitle("COVID Desktop")
        self.setMinimumHeight(680)
        self.setAcceptDrops(True)
        self.setCentralWidget(self._tabs)
        self.setStatusBar(self._status)


def _accept_copy(event: QDropEvent) -> None:
    """A move would let the file manager delete what it believes we have taken over."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
