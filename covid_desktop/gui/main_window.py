"""The window: a rail of tabs, menus, the status line, and who hears what."""

import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from covid_desktop import jobs, paths
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.card_text import card_text
from covid_desktop.core.checkpoints import UnfinishedRun
from covid_desktop.core.events import Progress
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui import help_pages
from covid_desktop.gui.actions import build_menus
from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.drop_area import dropped_paths
from covid_desktop.gui.dropping import DropPlan, plan_drop
from covid_desktop.gui.evaluate_tab import EvaluateTab
from covid_desktop.gui.instance import Request
from covid_desktop.gui.notices import Action, Banner, NoticeKind
from covid_desktop.gui.outside import open_outside
from covid_desktop.gui.predict_menu import NAMES as PREDICT_SLOTS
from covid_desktop.gui.predict_menu import PredictMenu
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.rail import Rail
from covid_desktop.gui.report_file import write_report
from covid_desktop.gui.runs_tab import RunsTab
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.status_line import StatusLine
from covid_desktop.gui.task import Job, Task, running_tasks
from covid_desktop.gui.theme import theme
from covid_desktop.gui.train_tab import TrainTab

TABS = (
    ("data", "Data"),
    ("train", "Train"),
    ("evaluate", "Evaluate"),
    ("predict", "Predict"),
    ("runs", "Runs"),
)
log = logging.getLogger(__name__)
_READING = ("tensorflow", "model")
"""Jobs that write nothing, and cannot be stopped while TensorFlow is imported."""

_APPEARANCES = {"system": "As the system", "light": "Light", "dark": "Dark"}


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
        self._settings = settings
        self._dialogs = dialogs or Dialogs()
        self._load_model, self._load_tensorflow, self._make_demo = load_model, load_tensorflow, make_demo
        self._list_images, self._unfinished_runs = list_images, unfinished_runs
        self._closing = False
        self._model_wanted: Path | None = None
        self._demo_wanted = False
        self.data = data or DataTab()
        self.train = train or TrainTab()
        self.evaluate = evaluate or EvaluateTab()
        self.predict = predict or PredictTab(describe_drop=self._describe_drop)
        self.runs = runs or RunsTab(dialogs=self._dialogs)
        self.banner = self._banner = Banner()
        self._banner.setProperty("place", "window")
        self._rail = Rail()
        self._stack = QStackedWidget()
        self._status = StatusLine()
        self._lay_out()
        self._predict_menu = PredictMenu(self, self.predict, self._dialogs, settings, self._run, self._notify)
        slots = {name: getattr(self, f"_on_{name}") for name in _SLOTS}
        slots |= {name: getattr(self._predict_menu, name) for name in PREDICT_SLOTS}
        self._actions, self._submenus = build_menus(self, slots)
        self._predict_menu.restore(self._actions)
        self._fill_submenus()
        self._connect()
        self._restore()
        self._show_state()

    # --- start

    @Slot()
    def load_in_background(self) -> None:
        """Load TensorFlow, then the model of last time. Call after the first paint."""
        if self._closing:
            return
        self.predict.set_no_model("TensorFlow is being loaded.")
        self._run("tensorflow", self._load_tensorflow, self._on_tensorflow_loaded)

    @Slot(object)
    def _on_tensorflow_loaded(self, _: object) -> None:
        log.info("TensorFlow is loaded")
        self.predict.set_no_model("Train a model or load one: it scores the images at once.")
        models = self._settings.recent("models")
        if models and self.predict.model is None and self._model_wanted is None and not self._closing:
            self._read_model(models[0])

    def reopen_last(self) -> None:
        """Open the folder of last time."""
        folders = self._settings.recent("folders")
        if folders:
            self.data.open_folder(folders[0])

    def begin(self, request: Request) -> None:
        """Open what this start of the program was given, beside the folder of last time."""
        if self._closing:
            return
        self.predict.begin_keeping()
        if not request.demo:
            self.reopen_last()
        self._open(request)
        self._look_for_unfinished()

    @Slot()
    def _look_for_unfinished(self) -> None:
        """Runs that were interrupted are offered on the Train tab."""
        self._run("unfinished", self._unfinished_runs, self._on_unfinished_found)

    @Slot(object)
    def _on_unfinished_found(self, found: tuple[UnfinishedRun, ...]) -> None:
        self.train.set_unfinished(found)

    @Slot(object)
    def _on_run_folder_requested(self, folder: Path) -> None:
        self._demo_wanted = False
        self.data.open_folder(folder)

    @Slot(object)
    def take_request(self, request: Request) -> None:
        """Come to the front and open what another start of the program was given."""
        if request.activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = request.activation  # Qt asks Wayland with it
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)
        self._open(request)

    def _open(self, request: Request) -> None:
        if request.demo:
            self.try_demo()
        self.open_files(request.files)

    # --- what can be done from anywhere

    def open_folder(self, folder: Path) -> None:
        """Look through ``folder`` and show it on the Data tab."""
        self._banner.clear()
        self._demo_wanted = False
        self.show_tab("data")
        self.data.open_folder(folder)

    def load_model(self, file: Path) -> None:
        """Read a model file in the background and score with it."""
        self._banner.clear()
        self._read_model(file)

    def _read_model(self, file: Path) -> None:
        self._model_wanted = file
        self._run("model", partial(self._load_model, file), self._on_model_loaded)

    def score(self, places: Sequence[Path]) -> None:
        """Put files, and the files in folders, on the Predict tab's list."""
        self.show_tab("predict")
        self._run("listing", partial(self._list_images, list(places)), self._on_images_listed)

    @Slot(object)
    def _on_images_listed(self, listed: jobs.ListedImages) -> None:
        if not listed.paths:
            self._notify("info", "There are no files in the folder.", "Choose images or another folder.")
        self.predict.add(listed.paths, listed.series)

    def try_demo(self) -> None:
        """Draw simulated radiographs and open them."""
        self.show_tab("data")
        self._demo_wanted = True
        if not any(task.objectName() == "demo" for task in running_tasks()):
            self._run("demo", self._make_demo, self._on_demo_made)

    def show_tab(self, key: str) -> None:
        self._rail.set_current(key)
        self._stack.setCurrentIndex([name for name, _ in TABS].index(key))
        self._show_state()

    @property
    def current_tab(self) -> str:
        return self._rail.current or TABS[0][0]

    # --- jobs of the window itself

    def _run(self, source: str, job: Job, on_success: Any) -> None:
        task = Task(job)
        task.setObjectName(source)
        task.may_be_left = source in _READING
        task.reported.connect(self._on_reported)
        task.succeeded.connect(on_success)
        task.failed.connect(self._on_failed)
        task.ended.connect(self._on_task_ended)
        task.start()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress):
            self._status.show_progress(self.sender().objectName(), event)

    @Slot()
    def _on_task_ended(self) -> None:
        self._status.show_progress(self.sender().objectName(), None)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if self.sender().objectName() == "tensorflow":
            self.predict.set_no_model("TensorFlow could not be loaded.")
        self._banner.show_error(error)

    @Slot(object)
    def _on_demo_made(self, folder: Path) -> None:
        if not self._demo_wanted:
            return
        self._demo_wanted = False
        self.data.open_folder(folder)
        self._notify(
            "info",
            "These radiographs are simulated: drawn by the program, of nobody.",
            "Look at them, then train on them.",
            ("Go to Train", partial(self.show_tab, "train")),
        )

    @Slot(object)
    def _on_model_loaded(self, model: jobs.Model) -> None:
        if model.path != self._model_wanted:
            return
        self._settings.add_recent("models", model.path)
        self._set_model(model)

    def _set_model(self, model: jobs.Model) -> None:
        self._model_wanted = model.path
        self.evaluate.set_model(model)
        self.predict.set_model(model)
        self._status.show_model(
            f"Model: {ARCHITECTURES[model.card.architecture].title} for {model.card.positive_class}"
        )
        self._show_state()

    def _notify(
        self, kind: NoticeKind, what: str, fix: str = "", action: Action | None = None, details: str = ""
    ) -> None:
        self._banner.show_notice(kind, what, fix, details, action=action)

    # --- what the tabs tell

    @Slot(object)
    def _on_dataset_changed(self, opened: OpenedDataset) -> None:
        self._settings.add_recent("folders", opened.dataset.folder)
        self.train.set_dataset(opened)
        self.evaluate.set_dataset(opened)
        self.runs.set_dataset(opened)
        self._show_state()

    @Slot()
    def _on_findings_changed(self) -> None:
        self._rail.set_badge("data", self.data.badge, "warning")
        self.predict.answer.similar.set_places(self.data.places)
        self._show_state()

    @Slot(object)
    def _on_model_trained(self, model: jobs.Model) -> None:
        self._settings.add_recent("models", model.path)
        self._set_model(model)

    @Slot(object)
    def _on_data_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("data", progress)
        self._show_state()

    @Slot(object)
    def _on_train_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("train", progress)
        fraction = progress.done / progress.total if progress and progress.total else 0.0
        self._rail.set_badge("train", "Training" if progress else None, "running", fraction)

    @Slot(object)
    def _on_evaluate_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("evaluate", progress)
        self._rail.set_badge("evaluate", "Evaluating" if progress else None, "running")

    @Slot(object)
    def _on_model_changed(self, model: jobs.Model) -> None:
        """Another threshold: what was scored is called anew."""
        self.predict.set_model(model)

    @Slot()
    def _on_evaluate(self) -> None:
        self.show_tab("evaluate")
        self.evaluate.start()

    @Slot()
    def _on_cancel_evaluation(self) -> None:
        self.evaluate.cancel()

    @Slot()
    def _on_save_threshold(self) -> None:
        self.show_tab("evaluate")
        self.evaluate.save()

    @Slot()
    def _on_clear_evaluations(self) -> None:
        self.evaluate.clear()

    @Slot()
    def _on_show_model_card(self) -> None:
        if model := self.evaluate.model:
            help_pages.show_model_card(self, card_text(model.card, self.evaluate.judgements))

    @Slot()
    def _on_save_report(self) -> None:
        self._save_report("Save the report", "evaluation.pdf")

    @Slot()
    def _on_save_report_html(self) -> None:
        self._save_report("Save the report", "evaluation.html")

    @Slot()
    def _on_save_model_card(self) -> None:
        self._save_report("Save the model card", "model card.md")

    def _save_report(self, title: str, suggestion: str) -> None:
        model, judgements = self.evaluate.model, self.evaluate.judgements
        if not (model and judgements):
            return
        if file := self._dialogs.save_as(self, title, suggestion, Path(suggestion).suffix):
            self._run("report", partial(write_report, file, model.card, judgements), self._on_report_written)

    @Slot(object)
    def _on_report_written(self, file: Path) -> None:
        self._notify("success", f"{file.name} is saved.", str(file.parent))

    @Slot()
    def _on_evaluate_folder(self) -> None:
        self.show_tab("evaluate")
        start = next(map(str, self._settings.recent("folders")), str(Path.home()))
        if folder := self._dialogs.folder(self, start):
            self.evaluate.start_folder(folder)

    @Slot(list)
    def _on_retrain_chosen(self, images: list[Path]) -> None:
        """A run without some images: they are excluded, which can be undone."""
        before = self.data.opened
        self.data.deciding.exclude(images)
        if self.data.opened is before:
            return
        if self.train.is_running:
            what = "The images are excluded, but a run without them must wait: another one goes on."
            self._notify("info", what, "Start it when that has ended.")
            return
        self._on_start_training()

    @Slot()
    def _on_decision_failed(self) -> None:
        """The Data tab says why."""
        self.show_tab("data")

    @Slot(object)
    def _on_predict_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("predict", progress)

    @Slot(bool)
    def _on_watch_requested(self, include_existing: bool) -> None:
        self._predict_menu.choose_watched(include_existing=include_existing)

    @Slot(object)
    def _on_runs_progressed(self, progress: Progress | None) -> None:
        self._status.show_progress("runs", progress)

    @Slot(object)
    def _on_run_opened(self, file: Path) -> None:
        self.load_model(file)

    @Slot()
    def _on_train_requested(self) -> None:
        self.show_tab("train")

    @Slot(object)
    def _on_image_opened(self, path: Path) -> None:
        self.score([path])

    @Slot()
    def _on_data_requested(self) -> None:
        self.show_tab("data")
        if self.data.opened is None:
            self._on_choose_folder()

    @Slot()
    def _on_predict_requested(self) -> None:
        self.show_tab("predict")

    @Slot()
    def _show_state(self) -> None:
        self.runs.set_training(self.train.is_running)
        self._actions["start_training"].setEnabled(self.train.can_start)
        self._actions["cross_validate"].setEnabled(self.train.can_start)
        self._actions["pause_training"].setEnabled(self.train.can_stop)
        self._actions["stop_training"].setEnabled(self.train.can_stop)
        self._actions["save_model"].setEnabled(self.predict.model is not None)
        self._predict_menu.show_state(self._actions)
        self._actions["check_data"].setEnabled(self.data.can_check)
        self._actions["run_audit"].setEnabled(self.data.can_audit)
        self._actions["choose_patients"].setEnabled(self.data.opened is not None)
        self._actions["set_test_aside"].setEnabled(self.data.can_set_aside)
        self._actions["evaluate"].setEnabled(self.evaluate.can_run)
        self._actions["evaluate_folder"].setEnabled(self.evaluate.can_run_folder)
        self._actions["cancel_evaluation"].setEnabled(self.evaluate.is_running)
        self._actions["save_threshold"].setEnabled(self.evaluate.can_save)
        self._actions["show_model_card"].setEnabled(self.evaluate.model is not None)
        for name in ("clear_evaluations", "save_report", "save_report_html", "save_model_card"):
            self._actions[name].setEnabled(self.evaluate.can_clear)
        self._show_steps()
        count = self.predict.worklist.rowCount()
        self._rail.set_badge("predict", f"{count:,}" if count else None)

    def _show_steps(self) -> None:
        steps = self._steps
        for name, word, can, text in (
            ("undo", "&Undo", steps.canUndo(), steps.undoText()),
            ("redo", "&Redo", steps.canRedo(), steps.redoText()),
        ):
            self._actions[name].setEnabled(can)
            self._actions[name].setText(f"{word}: {text.replace('&', '&&')}" if text else word)

    @property
    def _steps(self) -> QUndoStack:
        """What Undo is about: marks on the Predict tab, else decisions about the data."""
        return self.predict.view.steps if self.current_tab == "predict" else self.data.deciding.steps

    # --- menu entries

    @Slot()
    def _on_choose_folder(self) -> None:
        start = next(map(str, self._settings.recent("folders")), str(Path.home()))
        if folder := self._dialogs.folder(self, start):
            self.open_folder(folder)

    @Slot()
    def _on_choose_images(self) -> None:
        if images := self._dialogs.images(self, self._settings.text("last/images")):
            self._settings.set_text("last/images", str(images[0].parent))
            self.score(images)

    @Slot()
    def _on_choose_model(self) -> None:
        start = next((str(path.parent) for path in self._settings.recent("models")), "")
        if file := self._dialogs.model(self, start):
            self.load_model(file)

    @Slot()
    def _on_save_model(self) -> None:
        model = self.predict.model
        if model is None:
            return
        suggestion = f"{model.card.positive_class} {model.card.architecture}.keras"
        file = self._dialogs.save_as(self, "Save the model", suggestion, ".keras")
        if file and self._attempt(partial(jobs.save_model, model, file)):
            self._settings.add_recent("models", file)
            self._notify("success", f"The model is saved as {file.name}.", str(file.parent))

    def _attempt(self, action: Any) -> bool:
        try:
            action()
        except UserError as error:
            self._banner.show_error(error)
            return False
        return True

    @Slot()
    def _on_check_data(self) -> None:
        self.show_tab("data")
        self.data.start_check()

    @Slot()
    def _on_run_audit(self) -> None:
        self._on_audit_requested()
        self.data.start_audit()

    @Slot()
    def _on_audit_requested(self) -> None:
        self.show_tab("data")
        self.data.show_audit_entry()

    @Slot()
    def _on_choose_patients(self) -> None:
        self.show_tab("data")
        self.data.choose_patients()

    @Slot()
    def _on_set_test_aside(self) -> None:
        self.show_tab("data")
        self.data.deciding.set_test_aside()

    @Slot()
    def _on_undo(self) -> None:
        steps = self._steps
        if self.current_tab != "predict":
            self.show_tab("data")
        steps.undo()

    @Slot()
    def _on_redo(self) -> None:
        steps = self._steps
        if self.current_tab != "predict":
            self.show_tab("data")
        steps.redo()
        self._show_state()  # Qt tells nobody of a step that is off the stack because it failed

    @Slot()
    def _on_cross_validate(self) -> None:
        self.show_tab("train")
        self.train.cross_validate()

    @Slot()
    def _on_start_training(self) -> None:
        self.show_tab("train")
        self.train.start()

    @Slot()
    def _on_pause_training(self) -> None:
        self.train.pause_or_resume()

    @Slot()
    def _on_stop_training(self) -> None:
        self.train.stop()

    @Slot()
    def _on_first_steps(self) -> None:
        help_pages.show_first_steps(self)

    @Slot()
    def _on_try_demo(self) -> None:
        self.try_demo()

    @Slot()
    def _on_open_log_folder(self) -> None:
        open_outside(paths.log_file().parent)

    @Slot()
    def _on_about(self) -> None:
        help_pages.show_about(self)

    @Slot()
    def _on_quit(self) -> None:
        self.close()

    # --- submenus

    def _fill_submenus(self) -> None:
        self._submenus["tabs"].addActions(self._rail.actions())
        self._submenus["marks"].addActions(self.predict.view.menu_actions)
        chosen = QActionGroup(self)
        for scheme, text in _APPEARANCES.items():
            action = QAction(text, self, checkable=True)
            action.setObjectName(f"appearance_{scheme}")
            action.setData(scheme)
            action.setChecked(scheme == theme().scheme)
            chosen.addAction(action)
            self._submenus["appearance"].addAction(action)
        chosen.triggered.connect(self._on_appearance_chosen)
        for kind in ("recent_folders", "recent_models"):
            self._submenus[kind].aboutToShow.connect(self._on_recent_about_to_show)
            self._submenus[kind].triggered.connect(self._on_recent_chosen)

    @Slot(QAction)
    def _on_appearance_chosen(self, action: QAction) -> None:
        self._settings.set_text("appearance", action.data())
        theme().apply(action.data())

    @Slot()
    def _on_recent_about_to_show(self) -> None:
        menu = self.sender()
        if not isinstance(menu, QMenu):
            return
        menu.clear()
        for path in self._settings.recent(menu.objectName().removeprefix("menu_recent_")):
            menu.addAction(str(path)).setData(path)
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    @Slot(QAction)
    def _on_recent_chosen(self, action: QAction) -> None:
        path = Path(action.data())
        if path.is_dir():
            self.open_folder(path)
        else:
            self.load_model(path)

    # --- dropping

    def _describe_drop(self, dropped: list[Path]) -> str:
        plan = plan_drop(dropped, self.current_tab)
        return plan.sentence if plan else ""

    @Slot(list)
    def take_dropped(self, dropped: Sequence[Path]) -> None:
        """Do with dropped files what their kind asks for."""
        self._carry_out(plan_drop(dropped, self.current_tab))

    @Slot(list)
    def open_files(self, files: Sequence[Path]) -> None:
        """Do the same with files from outside, for whom no tab was chosen: a folder is data."""
        self._carry_out(plan_drop(files, "data"))

    def _carry_out(self, plan: DropPlan | None) -> None:
        if plan is None:
            return
        if plan.folder:
            self.open_folder(plan.folder)
        if plan.model:
            self.show_tab("predict")
            self.load_model(plan.model)
        if plan.images:
            self.score(plan.images)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        plan = plan_drop(dropped_paths(event.mimeData()), self.current_tab)
        if plan:
            _accept_copy(event)
            self._rail.set_highlight(plan.tab, plan.sentence)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self._rail.set_highlight(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self._rail.set_highlight(None)
        _accept_copy(event)
        self.take_dropped(dropped_paths(event.mimeData()))

    # --- closing

    @Slot()
    def end(self) -> None:
        """Close without a question: nobody may be there to answer when the system shuts down."""
        self._closing = True
        if question := QApplication.activeModalWidget():
            question.close()  # Qt hears no close within the one that waits for its answer
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a run goes on; close when every thread has ended, and never end one by force."""
        may_close = not self.train.is_running or self._closing or self._may_stop_training()
        if not (may_close or self._closing):  # the system may have ended the question
            event.ignore()
            return
        self._closing = True
        self.closing.emit()
        self._save()
        self.train.close_threads()
        self.data.close_threads()
        self.evaluate.close_threads()
        self.predict.close_threads()
        self.runs.close_threads()
        waiting = running_tasks()
        if not waiting:
            super().closeEvent(event)
            if self.isHidden():  # Qt ends by itself with a window in sight only
                QApplication.quit()
            return
        event.ignore()
        self.hide()
        for task in waiting:
            task.stop()
            task.ended.connect(self.close)

    def _may_stop_training(self) -> bool:
        return self._dialogs.may_stop_training(self, self.train.can_resume)

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
        self.show_tab(tab if tab in dict(TABS) else "data")

    # --- layout

    def _connect(self) -> None:
        self._rail.tab_chosen.connect(self._on_tab_chosen)
        self.data.dataset_changed.connect(self._on_dataset_changed)
        self.data.findings_changed.connect(self._on_findings_changed)
        self.data.deciding.steps.indexChanged.connect(self._show_state)
        self.data.deciding.failed.connect(self._on_decision_failed)
        self.data.progressed.connect(self._on_data_progressed)
        self.data.choose_requested.connect(self._on_choose_folder)
        self.data.demo_requested.connect(self._on_try_demo)
        self.data.image_opened.connect(self._on_image_opened)
        self.train.model_trained.connect(self._on_model_trained)
        self.train.files_skipped.connect(self.data.show_skipped)
        self.train.dataset_checked.connect(self.data.show_checked)
        self.train.audit_made.connect(self.data.show_audit)
        self.train.audit_requested.connect(self._on_audit_requested)
        self.train.progressed.connect(self._on_train_progressed)
        self.train.state_changed.connect(self._show_state)
        self.train.data_requested.connect(self._on_data_requested)
        self.train.demo_requested.connect(self._on_try_demo)
        self.train.predict_requested.connect(self._on_predict_requested)
        self.train.save_requested.connect(self._on_save_model)
        self.train.folder_requested.connect(self._on_run_folder_requested)
        self.train.run_left.connect(self._look_for_unfinished)
        evaluate = self.evaluate
        evaluate.progressed.connect(self._on_evaluate_progressed)
        evaluate.state_changed.connect(self._show_state)
        evaluate.model_changed.connect(self._on_model_changed)
        evaluate.folder_requested.connect(self._on_evaluate_folder)
        evaluate.report_requested.connect(self._on_save_report)
        evaluate.data_requested.connect(self._on_choose_folder)
        evaluate.model_requested.connect(self._on_choose_model)
        evaluate.test_used.connect(self.data.count_test_use)
        evaluate.image_opened.connect(self._on_image_opened)
        evaluate.exclude_chosen.connect(self.data.deciding.exclude)
        evaluate.relabel_chosen.connect(self.data.deciding.relabel)
        evaluate.retrain_chosen.connect(self._on_retrain_chosen)
        self.predict.progressed.connect(self._on_predict_progressed)
        self.predict.images_requested.connect(self._on_choose_images)
        self.predict.model_requested.connect(self._on_choose_model)
        self.predict.export_requested.connect(self._predict_menu.export_csv)
        self.predict.report_requested.connect(self._predict_menu.report_worklist)
        self.predict.watch_requested.connect(self._on_watch_requested)
        self._predict_menu.tab_wanted.connect(self._on_predict_requested)
        self.predict.watching.changed.connect(self._show_state)
        self.predict.view.steps.indexChanged.connect(self._show_state)
        self.predict.files_dropped.connect(self.take_dropped)
        self.predict.results_changed.connect(self._show_state)
        self.runs.progressed.connect(self._on_runs_progressed)
        self.runs.model_chosen.connect(self._on_run_opened)
        self.runs.train_requested.connect(self._on_train_requested)

    @Slot(str)
    def _on_tab_chosen(self, key: str) -> None:
        self.show_tab(key)

    def _lay_out(self) -> None:
        self.setWindowTitle("COVID Desktop")
        self.setMinimumHeight(680)
        self.setAcceptDrops(True)
        for number, (key, text) in enumerate(TABS, 1):
            self._rail.add_tab(key, text, key, f"Ctrl+{number}")
            self._stack.addWidget(getattr(self, key))
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._banner)
        column.addWidget(self._stack, 1)
        row.addLayout(column, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self._status)


def _accept_copy(event: QDropEvent) -> None:
    """A move would let the file manager delete what it believes we have taken over."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


_SLOTS = (
    "choose_folder",
    "choose_images",
    "choose_model",
    "save_model",
    "quit",
    "undo",
    "redo",
    "check_data",
    "run_audit",
    "choose_patients",
    "set_test_aside",
    "start_training",
    "cross_validate",
    "pause_training",
    "stop_training",
    "evaluate",
    "evaluate_folder",
    "show_model_card",
    "save_report",
    "save_report_html",
    "save_model_card",
    "cancel_evaluation",
    "save_threshold",
    "clear_evaluations",
    "first_steps",
    "try_demo",
    "open_log_folder",
    "about",
)
