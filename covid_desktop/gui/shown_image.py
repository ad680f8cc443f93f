"""The one image of the list that is looked at: its picture, its result, and what the model saw in it."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from covid_desktop import jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.core.heatmap import HEATMAP_CAVEAT, share_words
from covid_desktop.core.prediction import Prediction
from covid_desktop.gui.chosen_model import ChosenModel
from covid_desktop.gui.closer_look import CloserLook, Look, Opinion, Picture
from covid_desktop.gui.predict_pages import ListPage
from covid_desktop.gui.scoring import Scoring
from covid_desktop.gui.worklist import Worklist


class ShownImage(QObject):
    """Fills picture and answer of a page, and scores the image again as its answer offers."""

    def __init__(
        self, page: ListPage, worklist: Worklist, scoring: Scoring, chosen: ChosenModel, look: CloserLook
    ) -> None:
        super().__init__(page)
        self._view, self._picture, self._answer = page.view, page.picture, page.answer
        self._worklist, self._scoring, self._chosen, self._look = worklist, scoring, chosen, look
        self._is_pictured = False
        self._series: dict[Path, SeriesPlace] = {}
        look.pictured.connect(self._on_pictured)
        look.judged.connect(self._on_judged)
        self._picture.heatmap_wanted.connect(self.ask_model)
        self._answer.anyway_chosen.connect(self._on_anyway_chosen)
        self._answer.adjustment_chosen.connect(self._on_adjustment_chosen)

    # --- places in series

    def add_series(self, series: Mapping[Path, SeriesPlace]) -> None:
        """Where images are in their DICOM series."""
        self._series.update(series)

    def series_of(self, path: Path) -> SeriesPlace | None:
        return self._series.get(path)

    def forget_series(self) -> None:
        self._series.clear()

    # --- what is shown

    def read(self, path: Path | None) -> None:
        """Begin to look at an image; None for none."""
        if path:
            self._read_picture(path)
        else:
            self._answer.similar.show_similar((), ("", ""))
            self._picture.show_view(None)
            self._answer.study.show_header(None, None)

    def show_result(self) -> None:
        """What is known of the image by now."""
        path = self._view.current
        if path is None:
            self._answer.show_nothing()
            return
        prediction = self._prediction_of(path)
        self._picture.show_title(self._title_of(path))
        if prediction and self._chosen.model:
            card = self._chosen.model.card
            self._answer.show_prediction(path.name, prediction, card, self._other_model_of(path))
        else:
            self._answer.show_waiting(path.name, self._reason_to_wait())

    @Slot()
    def ask_model(self) -> None:
        """For what it looked at and what it is like; of an image that it has not scored it says nothing."""
        if not self._is_pictured:
            return  # it is asked once the picture is there
        path = self._view.current
        prediction = self._prediction_of(path)
        if path is None or prediction is None:
            return
        wanted = self._picture.wants_heatmap
        if reason := self._reason_for_no_opinion(prediction):
            self._picture.show_words(f"There is no heatmap{reason}." if wanted else "")
        else:
            self._look.judge(Look(path=path, adjustment=prediction.adjustment, with_heatmap=wanted))

    def _reason_for_no_opinion(self, prediction: Prediction) -> str:
        if prediction.score is None:
            return " of an image that was not scored"
        other = self._other_model_of(prediction.path)
        return f": the result is of {other}" if other else ""

    def _other_model_of(self, path: Path) -> str:
        return self._worklist.other_model_of(path, self._chosen.model)

    def _read_picture(self, path: Path) -> None:
        self._is_pictured = False
        self._answer.similar.show_similar((), ("", ""))
        self._look.look(Look(path=path, adjustment=self._scoring.adjustment_of(path)))

    @Slot(object, object)
    def _on_pictured(self, look: Look, picture: Picture) -> None:
        if look.path != self._view.current or look.adjustment != self._scoring.adjustment_of(look.path):
            return
        self._is_pictured = True
        self._picture.show_view(picture.view, self._title_of(look.path))
        self._answer.study.show_header(picture.header, self.series_of(look.path))
        self.ask_model()

    @Slot(object, object)
    def _on_judged(self, look: Look, opinion: Opinion) -> None:
        prediction = self._prediction_of(look.path)
        if look.path != self._view.current or not prediction or prediction.adjustment != look.adjustment:
            return
        if self._chosen.model:
            self._answer.similar.show_similar(opinion.similar, self._chosen.model.card.class_names)
        self._picture.show_heatmap(opinion.heatmap.values if opinion.heatmap else None)
        self._picture.show_words(opinion.problem or heatmap_words(opinion.heatmap))

    def _prediction_of(self, path: Path | None) -> Prediction | None:
        row = self._worklist.row_of(path) if path else None
        return None if row is None else self._worklist.prediction(row)

    def _title_of(self, path: Path) -> str:
        """The class, by which matplotlib names the picture."""
        prediction = self._prediction_of(path)
        return (prediction.label or "Not scored") if prediction else ""

    def _reason_to_wait(self) -> str:
        if self._chosen.refusal:
            return self._chosen.refusal
        if self._chosen.model is None:
            return self._chosen.reason_for_none
        if self._scoring.is_running:
            return "It is being scored."
        return "It was not scored: scoring ended before it."

    # --- scored again

    @Slot()
    def _on_anyway_chosen(self) -> None:
        if self._view.current:
            self._scoring.again([self._view.current], anyway=True)

    @Slot(object)
    def _on_adjustment_chosen(self, adjustment: Adjustment) -> None:
        if path := self._view.current:
            self._scoring.adjust(path, adjustment)
            self._read_picture(path)


def heatmap_words(heatmap: jobs.Heatmap | None) -> str:
    """How much lies in the centre, and what it does not prove."""
    if heatmap is None:
        return ""
    if heatmap.central_share is None:
        return f"Nothing in the picture speaks for this class. {HEATMAP_CAVEAT}"
    return f"{share_words(heatmap.central_share)}. {HEATMAP_CAVEAT}"
