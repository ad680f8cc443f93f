"""The Predict tab: drop images, see what the model says of each, and work through them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from covid_desktop import jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.core.events import Progress
from covid_desktop.core.heatmap import HEATMAP_CAVEAT, share_words
from covid_desktop.core.kept_worklist import KeptList
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.watch_store import model_id
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_file import WorklistFile
from covid_desktop.errors import UserError
from covid_desktop.gui.answer import Answer, decides_where
from covid_desktop.gui.closer_look import CloserLook, Look, Opinion, Picture
from covid_desktop.gui.drop_area import DropArea
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.picture_view import PictureView
from covid_desktop.gui.prediction_logger import PredictionLogger
from covid_desktop.gui.scoring import Scoring
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.watch_bar import WatchBar
from covid_desktop.gui.watching import Watching
from covid_desktop.gui.widgets import label, push_button
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_keeper import LastList, WorklistKeeper
from covid_desktop.gui.worklist_view import WorklistView

ANOTHER_MODEL = "Load another model."
Describe = Callable[[list[Path]], str]


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
        self._describe_drop = describe_drop
        self.model: jobs.Model | None = None
        self._no_model_reason = ""
        self.refusal = ""
        self._refusals: dict[tuple[Path, str], str] = {}
        self._is_pictured = False
        self._series: dict[Path, SeriesPlace] = {}
        self.worklist = Worklist(self)
        self.scoring = Scoring(self.worklist, predict)
        self.watch_bar = WatchBar()
        self.watching = Watching(self.watch_bar, self.worklist, watch)
        self.keeper = WorklistKeeper(self.worklist)
        self.prediction_log = PredictionLogger(self)
        self._source = ""
        self._last_list = LastList()
        self._look = CloserLook(self, heatmap, similar)
        self._banner = Banner()
        self.view = WorklistView(self.worklist)
        self.picture = PictureView()
        self.answer = Answer()
        self._pages = QStackedWidget()
        self._add = push_button("Add images", "add_images")
        self._load = push_button("Load model", "load_model")
        self._report = push_button("Save report", "save_worklist_report")
        self._export = push_button("Save as CSV", "save_csv")
        self._clear = push_button("Clear list", "clear_list")
        self._lay_out()
        self._connect()
        self.set_no_model("Train a model or load one: it scores the images at once.")

    # --- what others may ask

    def add(self, files: Sequence[Path], series: Mapping[Path, SeriesPlace] | None = None) -> None:
        """Put images on the list, with their places in DICOM series, and score them once there is a model."""
        if not files:
            return
        new = [path for path in files if self.worklist.row_of(path) is None]
        self._series.update(series or {})
        self.worklist.add(files)
        self._show_page()
        if new or len(files) == 1:
            self.view.choose((new or files)[0])
        self.view.focus_table()
        self._show_current()
        self._start()

    def open_worklist(self, file: WorklistFile) -> None:
        """Go on with a list that was saved; what has no result is scored."""
        self._open_list(KeptList(entries=file.entries, sources={}))

    def _open_list(self, file: KeptList) -> None:
        self.scoring.stop()
        self.scoring.set_adjustments(
            {one.path: one.prediction.adjustment for one in file.entries if one.prediction}
        )
        self._banner.clear()
        self.worklist.load(file.entries, file.sources)
        self._show_page()
        self.view.focus_table()
        self._on_current_changed(self.view.current)
        self._start()
        others = file.models_but(self.model.path.name) if self.model else ()
        if self.model and others:
            again = ("Score all again", partial(self.set_model, self.model))
            what = f"The results are of another model: {', '.join(others)}."
            self._banner.show_notice("info", what, f"Loaded is {self.model.path.name}.", action=again)

    # --- the list of last time

    def begin_keeping(self) -> None:
        """Keep the list for the next start, and offer the one of last time."""
        self.keeper.begin()

    @Slot(object)
    def _on_last_opened(self, last: KeptList) -> None:
        """Images that are on the list by now stay on it."""
        now = self.worklist.snapshot()
        named = {path: source for path, source in now.sources.items() if path in now.models}
        here = KeptList(entries=tuple(now.entries), sources=named)
        self._open_list(last.seen_by(self._source).followed_by(here))
        self.keeper.forget_last()

    @Slot()
    def _on_last_discarded(self) -> None:
        self.keeper.forget_last()

    @Slot(object)
    def _on_not_kept(self, error: UserError) -> None:
        self._banner.show_error(error)

    # --- the model

    def set_model(self, model: jobs.Model) -> None:
        """Score with ``model`` from now on; what was scored with another is scored again.

        A model that was refused stays so. What another one watched is not watched any more.
        """
        watched = self.watching.folder
        self.model = model
        self.refusal = self._refusals.get(_identity(model), "")
        self._banner.clear()
        self._take_model()
        self.answer.show_model(describe_model(model))
        if watched and not self.watching.is_running and not self.refusal:
            what = f"{watched.name or watched} is not watched any more: another model is loaded."
            self._banner.show_notice("warning", what, "Watch it again to go on with this model.")

    def set_no_model(self, reason: str) -> None:
        """Say why images wait."""
        self._no_model_reason = reason
        if self.model is None:
            self.answer.show_model("No model")
            self._show_current()

    def refuse_model(self, reason: str) -> None:
        """Score nothing with this model any more, and take back what it said."""
        if self.model:
            self._refusals[_identity(self.model)] = self.refusal = reason
            self._take_model()

    def accept_model(self) -> None:
        """Score with this model, if it was refused, since another check found nothing."""
        if self.model and self._refusals.pop(_identity(self.model), ""):
            self.set_model(self.model)

    def _take_model(self) -> None:
        """Forget results and begin anew; a model that is refused is asked for nothing."""
        if self.model is None:
            return
        model = None if self.refusal else self.model
        for part in (self.scoring, self.watching, self._look):
            part.set_model(model)
        current, card = self.view.current, self.model.card
        self._source = model_id(card)
        self.keeper.set_model(self.model.path.name, self._source)
        but_of = "" if self.refusal else self._source
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
        return self._series.get(path)

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
        self.prediction_log.record(prediction, self._source)
        if prediction.path == self.view.current:
            self._show_current()
            self._ask_model()

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
            what = f"Scoring was cancelled. Left to score: {counted(left, 'image')}."
            self._banner.show_notice("info", what, action=("Score the rest", self._start))

    @Slot(object)
    def _on_watch_failed(self, error: UserError) -> None:
        self._banner.show_error(error)

    @Slot()
    def _on_anyway_chosen(self) -> None:
        if self.view.current:
            self.scoring.again([self.view.current], anyway=True)

    @Slot(object)
    def _on_adjustment_chosen(self, adjustment: Adjustment) -> None:
        if path := self.view.current:
            self.scoring.adjust(path, adjustment)
            self._read_picture(path)

    # --- what is shown

    @Slot(object)
    def _on_current_changed(self, path: Path | None) -> None:
        if path:
            self._read_picture(path)
        else:
            self.answer.similar.show_similar((), ("", ""))
            self.picture.show_view(None)
            self.answer.study.show_header(None, None)
        self._show_current()

    def _read_picture(self, path: Path) -> None:
        self._is_pictured = False
        self.answer.similar.show_similar((), ("", ""))
        self._look.look(Look(path=path, adjustment=self.scoring.adjustment_of(path)))

    @Slot()
    def _ask_model(self) -> None:
        """For what it looked at and what it is like; of an image that it has not scored it says nothing."""
        if not self._is_pictured:
            return  # it is asked once the picture is there
        path = self.view.current
        prediction = self._prediction_of(path)
        if path and prediction and prediction.score is not None:
            wanted = self.picture.wants_heatmap
            self._look.judge(Look(path=path, adjustment=prediction.adjustment, with_heatmap=wanted))
        elif self.picture.wants_heatmap and path:
            self.picture.show_words("There is no heatmap of an image that was not scored.")

    @Slot(object, object)
    def _on_pictured(self, look: Look, picture: Picture) -> None:
        if look.path != self.view.current or look.adjustment != self.scoring.adjustment_of(look.path):
            return
        self._is_pictured = True
        self.picture.show_view(picture.view, self._title_of(look.path))
        self.answer.study.show_header(picture.header, self._series.get(look.path))
        self._ask_model()

    @Slot(object, object)
    def _on_judged(self, look: Look, opinion: Opinion) -> None:
        prediction = self._prediction_of(look.path)
        if look.path != self.view.current or not prediction or prediction.adjustment != look.adjustment:
            return
        if self.model:
            self.answer.similar.show_similar(opinion.similar, self.model.card.class_names)
        self.picture.show_heatmap(opinion.heatmap.values if opinion.heatmap else None)
        self.picture.show_words(opinion.problem or heatmap_words(opinion.heatmap))

    @Slot()
    def _show_page(self) -> None:
        """The list while there is one to be seen or to come."""
        self._pages.setCurrentIndex(1 if self.worklist.rowCount() or self.watching.is_running else 0)

    @Slot()
    def _show_state(self) -> None:
        self._export.setEnabled(self.worklist.done > 0)
        self._report.setEnabled(self.worklist.done > 0 and self.model is not None)
        self.results_changed.emit()

    def _show_current(self) -> None:
        self._show_state()
        path = self.view.current
        if path is None:
            self.answer.show_nothing()
            return
        prediction = self._prediction_of(path)
        self.picture.show_title(self._title_of(path))
        if prediction and self.model:
            self.answer.show_prediction(path.name, prediction, self.model.card)
        else:
            self.answer.show_waiting(path.name, self._reason_to_wait())

    def _prediction_of(self, path: Path | None) -> Prediction | None:
        row = self.worklist.row_of(path) if path else None
        return None if row is None else self.worklist.prediction(row)

    def _title_of(self, path: Path) -> str:
        """The class, by which matplotlib names the picture."""
        prediction = self._prediction_of(path)
        return (prediction.label or "Not scored") if prediction else ""

    def _reason_to_wait(self) -> str:
        if self.refusal:
            return self.refusal
        if self.model is None:
            return self._no_model_reason
        if self.scoring.is_running:
            return "It is being scored."
        return "It was not scored: scoring ended before it."

    @Slot()
    def _on_clear_clicked(self) -> None:
        self.scoring.stop()
        self._banner.clear()
        self.worklist.clear()
        self._series.clear()
        self.scoring.set_adjustments({})
        self.keeper.keep_now()
        self._show_page()
        self._show_current()

    # --- layout

    def _connect(self) -> None:
        self.view.current_changed.connect(self._on_current_changed)
        self.keeper.found.connect(self._last_list.show_list)
        self.keeper.failed.connect(self._on_not_kept)
        self.prediction_log.failed.connect(self._on_not_kept)
        self._last_list.opened.connect(self._on_last_opened)
        self._last_list.discarded.connect(self._on_last_discarded)
        self.view.cancel_requested.connect(self._on_cancelled)
        self.scoring.scored.connect(self._on_scored)
        self.scoring.progressed.connect(self._on_progressed)
        self.scoring.failed.connect(self._on_failed)
        self.scoring.ended.connect(self._on_scoring_ended)
        self.watching.scored.connect(self._on_scored)
        self.watching.failed.connect(self._on_watch_failed)
        self.watching.changed.connect(self._show_page)
        self.worklist.dataChanged.connect(self._show_state)
        self.watch_bar.watch_requested.connect(self.watch_requested)
        self._look.pictured.connect(self._on_pictured)
        self._look.judged.connect(self._on_judged)
        self.picture.heatmap_wanted.connect(self._ask_model)
        self.answer.anyway_chosen.connect(self._on_anyway_chosen)
        self.answer.adjustment_chosen.connect(self._on_adjustment_chosen)
        self._add.clicked.connect(self.images_requested)
        self._load.clicked.connect(self.model_requested)
        self._report.clicked.connect(self.report_requested)
        self._export.clicked.connect(self.export_requested)
        self._clear.clicked.connect(self._on_clear_clicked)

    @Slot()
    def _on_scoring_ended(self) -> None:
        self._show_current()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._last_list)
        column.addWidget(self._pages, 1)
        column.addWidget(self.watch_bar)
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
        icons = {self._add: "file-image", self._load: "model", self._report: "export", self._export: "export"}
        for button, name in {**icons, self._clear: "remove"}.items():
            button.setIcon(icon(name))
            bar.addWidget(button)
        bar.insertStretch(2, 1)
        column.addLayout(bar)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("predict_splitter")
        self.splitter.setHandleWidth(GAP)
        for part, stretch in ((self.view, 2), (self.picture, 3), (_answer_column(self.answer), 1)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([470, 430, 280])
        column.addWidget(self.splitter, 1)
        return page


def describe_model(model: jobs.Model) -> str:
    """A model's file and, in the next line, where it decides."""
    return f"Model: {model.path.parent.name}/{model.path.name}\n{decides_where(model.card)}"


def _identity(model: jobs.Model) -> tuple[Path, str]:
    """The same where a file is loaded again, another one for a run that has replaced it."""
    return model.path, model.card.created


def heatmap_words(heatmap: jobs.Heatmap | None) -> str:
    """How much lies in the centre, and what it does not prove."""
    if heatmap is None:
        return ""
    if heatmap.central_share is None:
        return f"Nothing in the picture speaks for this class. {HEATMAP_CAVEAT}"
    return f"{share_words(heatmap.central_share)}. {HEATMAP_CAVEAT}"


def _answer_column(answer: Answer) -> QWidget:
    """The notice stays on the screen, however long the answer is."""
    notice = label(RESEARCH_USE, "strong", wrap=True)
    notice.setObjectName("research_use")
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GAP_SMALL)
    column.addWidget(_scrolling(answer), 1)
    column.addWidget(notice)
    return made


def _scrolling(answer: Answer) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName("answer")
    area.setAccessibleName("Result of the image")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(answer)
    area.setMinimumWidth(280)
    return area
