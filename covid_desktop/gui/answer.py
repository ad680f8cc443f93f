"""One image's result in words: the class, the score with its threshold, and what it may be used for."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.operating_point import PRESETS
from covid_desktop.core.prediction import (
    INDETERMINATE,
    NOT_LIKE_TRAINING,
    Prediction,
    probability_words,
)
from covid_desktop.gui.class_widgets import ClassMarker, ScoreBar
from covid_desktop.gui.similar_view import SimilarView
from covid_desktop.gui.study_view import StudyView
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, label, push_button
from covid_desktop.gui.worklist import kind_of

_REVIEW = f"{INDETERMINATE}: review"
_CHOSEN = {
    "Set by hand": "set by hand",
    PRESETS["sensitivity-95"]: "chosen for a sensitivity of at least 95 %",
    PRESETS["specificity-95"]: "chosen for a specificity of at least 95 %",
    PRESETS["youden"]: "chosen by the Youden index",
    PRESETS["half"]: "chosen as one half",
}
_CHOICES = {
    Adjustment(is_inverted=True): "Invert and score",
    Adjustment(quarter_turns=1): "Turn to the left and score",
    Adjustment(quarter_turns=2): "Turn upside down and score",
    Adjustment(quarter_turns=3): "Turn to the right and score",
}


class Answer(QWidget):
    """Shows a Prediction, or why there is none yet, and what can be done about a refusal.

    ``adjustment_chosen`` carries an Adjustment: how the image is to be turned or inverted and scored again.
    """

    adjustment_chosen = Signal(object)
    anyway_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._suggestion: Adjustment | None = None
        self._name = ElidedLabel()
        self._result = ClassMarker("none", "", role="headline")
        self._result.setObjectName("result")
        self._bar = ScoreBar()
        self._words = label("", wrap=True)
        self._words.setObjectName("result_words")
        self._caution = label("", "strong", wrap=True)
        self._caution.setObjectName("caution")
        self._adjust = push_button("Adjust and score", "adjust_and_score", primary=True)
        self._anyway = push_button("Score anyway", "score_anyway")
        self._undo_adjustment = push_button("Score as it was", "undo_adjustment")
        self.similar = SimilarView()
        self.study = StudyView()
        self._model = ElidedLabel()
        self._model.setProperty("role", "muted")
        self._decides = label("", "muted", wrap=True)
        self._adjust.clicked.connect(self._on_adjust_clicked)
        self._anyway.clicked.connect(self.anyway_chosen)
        self._undo_adjustment.clicked.connect(self._on_undo_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._name)
        column.addWidget(self._result)
        column.addWidget(self._caution)
        column.addSpacing(GAP_SMALL)
        column.addWidget(self._bar)
        column.addSpacing(GAP_SMALL)
        column.addWidget(self._words)
        for button in (self._adjust, self._anyway, self._undo_adjustment):
            column.addWidget(button)
        column.addWidget(self.study)
        column.addWidget(self.similar)
        column.addStretch(1)
        column.addWidget(self._model)
        column.addWidget(self._decides)
        for words in (self._words, self._caution, self._decides):
            words.setMinimumWidth(1)  # a long word must not widen the column

    def show_prediction(self, name: str, prediction: Prediction, card: ModelCard, of_model: str = "") -> None:
        """A result of the model with this card, or of another that is not loaded, in words."""
        is_of_classes = prediction.label in (*card.class_names, INDETERMINATE, None)
        kind = kind_of(prediction, card.positive_class) if is_of_classes else "none"
        self._name.set_text(name)
        self._bar.setVisible(prediction.score is not None)
        self._bar.set_classes(*reversed(card.class_names if is_of_classes else ("", "")))
        band = None if of_model else card.indeterminate
        self._bar.set_score(prediction.score, prediction.threshold, kind, band)
        if prediction.score is None:
            self._result.set_class("none", "Not scored")
            self._words.setText(_why_not_scored(prediction))
        else:
            self._result.set_class(kind, _REVIEW if kind == "indeterminate" else prediction.label or "")
            self._words.setText(_explanation(prediction, card, of_model))
        self._show_caution(_caution(prediction))
        self._show_choices(prediction)

    def show_waiting(self, name: str, reason: str) -> None:
        self._show_no_result(name, "Waiting", reason)

    def show_nothing(self) -> None:
        """No image is looked at."""
        self._show_no_result("", "No image is chosen", "")

    def _show_no_result(self, name: str, result: str, reason: str) -> None:
        self._name.set_text(name)
        self._result.set_class("none", result)
        self._bar.hide()
        self._words.setText(reason)
        self._show_caution("")
        for button in (self._adjust, self._anyway, self._undo_adjustment):
            button.hide()

    def _show_caution(self, words: str) -> None:
        self._caution.setText(words)
        self._caution.setVisible(bool(words))

    def _show_choices(self, prediction: Prediction) -> None:
        """What else can be done with the image."""
        self._suggestion = prediction.suggestion if prediction.is_refused else None
        self._adjust.setVisible(self._suggestion is not None)
        if self._suggestion:
            self._adjust.setText(_CHOICES[self._suggestion])
        self._anyway.setVisible(prediction.is_refused)
        self._undo_adjustment.setVisible(bool(prediction.adjustment.words))

    @Slot()
    def _on_adjust_clicked(self) -> None:
        if self._suggestion:
            self.adjustment_chosen.emit(self._suggestion)

    @Slot()
    def _on_undo_clicked(self) -> None:
        self.adjustment_chosen.emit(AS_IT_IS)

    def show_model(self, text: str) -> None:
        """The model in the first line, where it decides in the others."""
        name, _, decides = text.partition("\n")
        self._model.set_text(name)
        self._decides.setText(decides)
        self._decides.setVisible(bool(decides))


def _why_not_scored(prediction: Prediction) -> str:
    return prediction.error or f"{NOT_LIKE_TRAINING}. {prediction.refusal or ''}".strip()


def _caution(prediction: Prediction) -> str:
    """What to know before the score is read."""
    parts = []
    if prediction.score is not None and prediction.refusal:
        parts.append(f"{NOT_LIKE_TRAINING}: the score may mean nothing. {prediction.refusal}")
    if prediction.adjustment.words:
        parts.append(f"Scored {prediction.adjustment.words}.")
    return " ".join(parts)


def decides_where(card: ModelCard) -> str:
    """A model's threshold and, if it has one, its band, in sentences."""
    words = f"Threshold {_threshold_words(card.threshold, card.threshold_origin)}."
    return f"{words} S{_band_words(card.indeterminate)[1:]}." if card.indeterminate else words


def _threshold_words(threshold: float, origin: str) -> str:
    """A threshold and how it was chosen."""
    if not origin:
        return f"not chosen yet: {_short(threshold)}"
    return f"{_short(threshold)}, {_CHOSEN.get(origin, origin)}"


def _band_words(band: tuple[float, float]) -> str:
    return f"scores from {_short(band[0])} to {_short(band[1])} are indeterminate"


def _explanation(prediction: Prediction, card: ModelCard, of_model: str) -> str:
    if of_model:
        decides = f"({_short(prediction.threshold)}) of {of_model}"
    else:
        decides = f"({_threshold_words(prediction.threshold, card.threshold_origin)})"
    if prediction.is_indeterminate:
        place = f"too near the threshold {decides} to call"
        place += f": {_band_words(card.indeterminate)}" if card.indeterminate and not of_model else ""
    else:
        side = "at or above" if (prediction.score or 0.0) >= prediction.threshold else "below"
        place = f"{side} the threshold {decides}"
    meaning = "It is a score, not a probability"
    if prediction.probability is not None:
        meaning = probability_words(prediction.probability)
        meaning += "" if of_model else f" of {card.positive_class}"
    of_class = "" if of_model else f" for {card.positive_class}"
    return f"The score{of_class} is {prediction.score:.3f}, {place}. {meaning}."


def _short(score: float) -> str:
    """As many digits as a score is shown with, without noughts at the end."""
    return f"{round(score, 3):g}"
