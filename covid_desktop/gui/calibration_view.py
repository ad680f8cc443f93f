"""Whether scores can be read as probabilities, and which of them are too near the threshold to decide."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from covid_desktop.core.calibration import (
    Calibration,
    ReliabilityBin,
    expected_calibration_error,
    fit_calibration,
    reliability,
)
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.indeterminate import Band, band_for, band_words
from covid_desktop.gui.evaluation_canvases import ReliabilityCanvas, ScoresCanvas
from covid_desktop.gui.operating_view import side_panel
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label, push_button

_ABOUT = "A score orders images; it is no probability. Platt scaling turns it into a calibrated probability."
_HERE = "It is fitted on these validation images: use it for patients like them."
_ELSEWHERE = "It should be fitted on validation images: evaluate the validation set, and show it first."
_TOO_FEW = "Too few images, or one class only: nothing can be fitted."
_LEFT = "The threshold lies outside of them, so they are not saved: choose a share again."


class CalibrationView(QWidget):
    """``changed`` when calibration or band are others by now, ``save_requested`` when they are to be kept."""

    changed = Signal()
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._class_names = ("", "")
        self.calibration: Calibration | None = None
        self.band: Band | None = None
        self._reliability, self._scores = ReliabilityCanvas(), ScoresCanvas()
        self._where = label("", wrap=True)
        self._where.setObjectName("calibration_where")
        self._fit = push_button("Fit on these images", "fit_calibration")
        self._error = label("", wrap=True)
        self._error.setObjectName("calibration_error")
        self._share = QDoubleSpinBox()
        self._share.setObjectName("caught_share")
        self._share.setAccessibleName("Share of errors to catch, in percent")
        self._share.setRange(0, 100)
        self._share.setDecimals(0)
        self._share.setSingleStep(10)
        self._share.setSuffix(" %")
        self._band_words = label("", wrap=True)
        self._band_words.setObjectName("band_words")
        self._no_band = push_button("Call all images", "remove_band")
        self.save = push_button("Save with the model", "save_calibration", primary=True)
        self._lay_out()
        self._fit.clicked.connect(self._on_fit_clicked)
        self._share.valueChanged.connect(self._on_share_changed)
        self._no_band.clicked.connect(self._on_no_band_clicked)
        self.save.clicked.connect(self.save_requested)

    def show_model(self, calibration: Calibration | None, band: Band | None) -> None:
        """What the model has already; it stays until something else is chosen."""
        self.calibration, self.band = calibration, band
        with QSignalBlocker(self._share):
            self._share.setValue(0)

    def set_threshold(self, evaluation: Evaluation) -> None:
        """Put the band around another threshold, without showing it yet."""
        if share := self._share.value() / 100:
            self.band = band_for(evaluation.labels, evaluation.scores, evaluation.threshold, share)

    def show_evaluation(
        self, evaluation: Evaluation, class_names: tuple[str, str], *, is_validation: bool
    ) -> None:
        """Scores at their threshold; a calibration is fitted on validation images only."""
        self._evaluation, self._class_names = evaluation, class_names
        self._fit.setEnabled(is_validation)
        self._fit.setToolTip("" if is_validation else _ELSEWHERE)
        self._where.setText(_HERE if is_validation else _ELSEWHERE)
        self.set_threshold(evaluation)
        self._show_calibration()
        self._show_band()

    @Slot()
    def _on_fit_clicked(self) -> None:
        if not self._evaluation:
            return
        fitted = fit_calibration(self._evaluation.labels, self._evaluation.scores)
        if fitted is None:
            self._error.setText(_TOO_FEW)
            return
        self.calibration = fitted
        self._show_calibration()
        self.changed.emit()

    @Slot()
    def _on_share_changed(self) -> None:
        if self._evaluation:
            self.band = None
            self.set_threshold(self._evaluation)
            self._show_band()
            self.changed.emit()

    @Slot()
    def _on_no_band_clicked(self) -> None:
        with QSignalBlocker(self._share):
            self._share.setValue(0)
        self._on_share_changed()

    def _show_calibration(self) -> None:
        if not (evaluation := self._evaluation):
            return
        labels, scores = evaluation.labels, evaluation.scores
        words = f"Calibration error (ECE) of the scores: {expected_calibration_error(labels, scores):.3f}."
        after: tuple[ReliabilityBin, ...] = ()
        if self.calibration:
            probabilities = self.calibration.probability(scores)
            after = reliability(labels, probabilities)
            error = expected_calibration_error(labels, probabilities)
            words += f" Of the calibrated probabilities: {error:.3f}."
        self._reliability.show_bins(reliability(labels, scores), after)
        self._error.setText(words)

    def _show_band(self) -> None:
        if not (evaluation := self._evaluation):
            return
        labels, scores, threshold = evaluation.labels, evaluation.scores, evaluation.threshold
        words = "No result is indeterminate."
        if self.band:
            words = band_words(labels, scores, threshold, self.band)
            if not self.band.holds(threshold):
                words = f"{words} {_LEFT}"
        self._band_words.setText(words)
        self._no_band.setVisible(self.band is not None)
        place = (self.band.low, self.band.high) if self.band else None
        self._scores.show_scores(evaluation, self._class_names, place)

    def _lay_out(self) -> None:
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        for part in (
            label("Calibration", "strong"),
            label(_ABOUT, "muted", wrap=True),
            self._where,
            self._fit,
            self._error,
        ):
            column.addWidget(part)
        column.addSpacing(GAP)
        column.addWidget(label("Indeterminate scores", "strong"))
        row = QHBoxLayout()
        row.addWidget(label("Catch"))
        row.addWidget(self._share)
        row.addWidget(label("of the errors"), 1)
        column.addLayout(row)
        for part in (self._band_words, self._no_band, self.save):
            column.addWidget(part)
        column.addStretch(1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self._reliability, 1)
        whole.addWidget(self._scores, 1)
        whole.addWidget(side_panel(panel, "calibration_scroll"))
