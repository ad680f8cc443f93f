"""The Predict tab: drop images, see what the model says of each, and work through them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from covid_desktop import jobs
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.core.events import Progress
from covid_desktop.core.kept_worklist import KeptList
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch_store import model_id
from covid_desktop.core.worklist_file import Entry
from covid_desktop.errors import UserError
from covid_desktop.gui.chosen_model import ChosenModel, describe_model
from covid_desktop.gui.closer_look import CloserLook
from covid_desktop.gui.list_opening import ListOpening
from covid_desktop.gui.notices import Action
from covid_desktop.gui.predict_banner import PredictBanner
from covid_desktop.gui.predict_pages import Describe, ListPage, StartPage
from covid_desktop.gui.prediction_logger import PredictionLogger
from covid_desktop.gui.scoring import Scoring
from covid_desktop.gui.shown_image import ShownImage
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.watch_bar import WatchBar
from covid_desktop.gui.watching import Watching
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_keeper import LastList, WorklistKeeper

ANOTHER_MODEL = "Load another model."


class PredictTab(QWidget):
    """``progressed`` carries what runs, as a Progress or None; the buttons ask for files and models.

    ``watch_requested`` says whether files that are there already are to be scored.
    """

    progressed = Signal(object)
    images_requested = Signal()
    model_requested = Signal()
    export_requested = Signal()
    report_requested = Signal()
    watch_requested = Signal(bool)
    files_dropped = Signal(list)
    results_changed = Signal()

    def __init__(
        self,
        predict: Callable[..., Any] = jobs.predict,
        *,
        heatmap: Callable[..., Any] = jobs.heatmap,
        similar: Callable[..., Any] = jobs.similar_images,
        watch: Callable[..., Any] = jobs.watch,
        describe_drop: Describe = lambda paths: "Drop to score" if paths else "",
    ) -> None:
        super().__init__()
        self._chosen = ChosenModel()
        self.worklist = Worklist(self)
        self.scoring = Scoring(self.worklist, predict)
        self.watch_bar = WatchBar()
        self.watching = Watching(self.watch_bar, self.worklist, watch)
        self.keeper = WorklistKeeper(self.worklist)
        self.prediction_log = PredictionLogger(self)
        self._last_list = LastList()
        self._opening = ListOpening(self.worklist, self.scoring, self.keeper, self._last_list, self._chosen)
        self._look = CloserLook(self, heatmap, similar)
        self._banner = PredictBanner()
        self._start_page, self._list_page = StartPage(describe_drop), ListPage(self.worklist)
        self.view, self.picture = self._list_page.view, self._list_page.picture
        self.answer, self.splitter = self._list_page.answer, self._list_page.splitter
        self._shown = ShownImage(self._list_page, self.worklist, self.scoring, self._chosen, self._look)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.set_no_model("Train a model or load one: it scores the images at once.")

    # --- what others may ask

    @property
    def model(self) -> jobs.Model | None:
        return self._chosen.model

    @property
    def refusal(self) -> str:
        """Why the model is asked for nothing."""
        return self._chosen.refusal

    def add(self, files: Sequence[Path], series: Mapping[Path, SeriesPlace] | None = None) -> None:
        """Put images on the list, with their places in DICOM series, and score them once there is a model."""
        if not files:
            return
        new = [path for path in files if self.worklist.row_of(path) is None]
        self._shown.add_series(series or {})
        self.worklist.add(files)
        self._show_page()
        if new or len(files) == 1:
            self.view.choose((new or files)[0])
        self.view.focus_table()
        self._show_current()
        self._start()

    def open_worklist(self, entries: tuple[Entry, ...]) -> None:
        """Go on with a list that was saved; what has no result is scored."""
        self._opening.open(KeptList(entries=entries, sources={}))

    @Slot()
    def _on_list_opened(self) -> None:
        self._banner.clear()
        self._show_page()
        self.view.focus_table()
        self._on_current_changed(self.view.current)
        self._start()
        if self.model and (others := self._other_models(self.worklist.predictions)):
            self._banner.show_other_models(others, self._chosen.name, self._score_again)

    def may_save(self, predictions: Iterable[Prediction]) -> bool:
        """Whether the model gave them all, since a document names one; the tab says so where it did not."""
        others = self._other_models(predictions)
        if others:
            self._banner.show_not_saved(others, self._chosen.name, self._score_again)
        return not others

    def _other_models(self, predictions: Iterable[Prediction]) -> tuple[str, ...]:
        """The models that gave results and are not the one that is loaded, in words."""
        return self.worklist.other_models((one.path for one in predictions), self.model)

    @property
    def _score_again(self) -> Action | None:
        model = self._chosen.usable
        return ("Score all again", partial(self.set_model, model)) if model else None

    def begin_keeping(self) -> None:
        """Keep the list for the next start, and offer the one of last time."""
        self.keeper.begin()

    # --- the model

    def set_model(self, model: jobs.Model) -> None:
        """Score with ``model`` from now on; what was scored with another is scored again.

        A model that was refused stays so. What another one watched is not watched any more.
        """
        watched = self.watching.folder
        self._chosen.choose(model)
        self._banner.clear()
        self._take_model()
        self.answer.show_model(describe_model(model))
        if watched and not self.watching.is_running and not self.refusal:
            self._banner.show_watch_ended(watched)

    def set_no_model(self, reason: str) -> None:
        """Say why images wait."""
        self._chosen.reason_for_none = reason
        if self.model is None:
            self.answer.show_model("No model")
            self._show_current()

    def refuse_model(self, reason: str) -> None:
        """Score nothing with this model any more, and take back what it said."""
        self._chosen.refuse(reason)
        self._take_model()

    def accept_model(self) -> None:
        """Score with this model, if it was refused, since another check found nothing."""
        if self._chosen.accept() and self.model:
            self.set_model(self.model)

    def _take_model(self) -> None:
        """Forget results and begin anew; a model that is refused is asked for nothing."""
        if self.model is None:
            return
        for part in (self.scoring, self.watching, self._look):
            part.set_model(self._chosen.usable)
        current, card = self.view.current, self.model.card
        source = self._chosen.source = model_id(card)
        self.keeper.set_model(self.model.name, source)
        but_of = "" if self.refusal else source
        self.worklist.forget_results(card.positive_class, card.class_names[0], but_of)
        if current:
            self.view.choose(current)
        self._on_current_changed(self.view.current)
        self._start()
        if self.refusal:
            self._banner.show_error(UserError(self.refusal, ANOTHER_MODEL))

    def score_refused_anyway(self) -> None:
        """Score what is on the list and was refused as not like the training images."""
        self.scoring.again([one.path for one in self.refused], anyway=True)

    @property
    def refused(self) -> list[Prediction]:
        return [prediction for prediction in self.worklist.predictions if prediction.is_refused]

    def start_watching(self, folder: Path, *, include_existing: bool) -> None:
        """Score what comes into a folder. Needs a model."""
        self.watching.start(folder, include_existing=include_existing)

    def series_of(self, path: Path) -> SeriesPlace | None:
        return self._shown.series_of(path)

    def close_threads(self) -> None:
        self.scoring.close()
        self.watching.close()
        self._look.close()
        self.answer.similar.close_threads()
        self.keeper.close()
        self.prediction_log.close()

    # --- scoring

    @Slot()
    def _start(self) -> None:
        self.scoring.start()
        if self.scoring.is_running:
            self._banner.clear()
        self._show_current()

    @Slot(object)
    def _on_scored(self, prediction: Prediction) -> None:
        self.prediction_log.record(prediction, self._chosen.source)
        if prediction.path == self.view.current:
            self._show_current()
            self._shown.ask_model()

    @Slot(object)
    def _on_progressed(self, progress: Progress | None) -> None:
        self.view.show_progress(progress)
        self.progressed.emit(progress)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self._banner.show_error(error, ("Score again", self._start))

    @Slot()
    def _on_cancelled(self) -> None:
        self.scoring.stop()
        if left := len(self.worklist.waiting):
            self._banner.show_cancelled(left, self._start)

    # --- what is shown

    @Slot(object)
    def _on_current_changed(self, path: Path | None) -> None:
        self._shown.read(path)
        self._show_current()

    @Slot()
    def _show_page(self) -> None:
        """The list while there is one to be seen or to come."""
        self._pages.setCurrentIndex(1 if self.worklist.rowCount() or self.watching.is_running else 0)

    @Slot()
    def _show_state(self) -> None:
        self._list_page.show_state(has_results=self.worklist.done > 0, has_model=self.model is not None)
        self.results_changed.emit()

    @Slot()
    def _show_current(self) -> None:
        self._show_state()
        self._shown.show_result()

    @Slot()
    def _on_clear_requested(self) -> None:
        self.scoring.stop()
        self._banner.clear()
        self.worklist.clear()
        self._shown.forget_series()
        self.scoring.set_adjustments({})
        self.keeper.keep_now()
        self._show_page()
        self._show_current()

    # --- layout

    def _connect(self) -> None:
        self.view.current_changed.connect(self._on_current_changed)
        self._opening.opened.connect(self._on_list_opened)
        self.view.cancel_requested.connect(self._on_cancelled)
        self.scoring.scored.connect(self._on_scored)
        self.scoring.progressed.connect(self._on_progressed)
        self.scoring.failed.connect(self._on_failed)
        self.scoring.ended.connect(self._show_current)
        self.watching.scored.connect(self._on_scored)
        self.watching.changed.connect(self._show_page)
        for part in (self.keeper, self.prediction_log, self.watching):
            part.failed.connect(self._banner.show_failure)
        for part in (self.keeper, self.prediction_log):
            part.mended.connect(self._banner.take_back)
        self.worklist.dataChanged.connect(self._show_state)
        self.watch_bar.watch_requested.connect(self.watch_requested)
        for page in (self._start_page, self._list_page):
            page.images_requested.connect(self.images_requested)
            page.model_requested.connect(self.model_requested)
        self._start_page.files_dropped.connect(self.files_dropped)
        self._list_page.report_requested.connect(self.report_requested)
        self._list_page.export_requested.connect(self.export_requested)
        self._list_page.clear_requested.connect(self._on_clear_requested)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._last_list)
        column.addWidget(self._pages, 1)
        column.addWidget(self.watch_bar)
        self._pages.addWidget(self._start_page)
        self._pages.addWidget(self._list_page)
