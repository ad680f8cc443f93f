"""The numbers of an evaluation and its operating point: curves, threshold, measures side by side."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from covid_desktop.core.comparison import drop_words
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import measures
from covid_desktop.core.words import counted
from covid_desktop.figures.roc import Curve
from covid_desktop.gui.evaluation_canvases import PrecisionRecallCanvas, RocCanvas
from covid_desktop.gui.measures_view import Column, MeasuresView
from covid_desktop.gui.threshold_panel import BY_HAND, ThresholdPanel
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label

PANEL_WIDTH = 320
_LEAST_CURVES, _LEAST_MEASURES = 190, 120


class OperatingView(QWidget):
    """``threshold_chosen`` carries a threshold and how it was chosen, in words."""

    threshold_chosen = Signal(float, str)

    def __init__(self) -> None:
        super().__init__()
        self._roc, self._precision_recall = RocCanvas(), PrecisionRecallCanvas()
        self._drop = label("", wrap=True)
        self._drop.setObjectName("drop_words")
        self._drop.setTextFormat(Qt.TextFormat.PlainText)
        self._measures = MeasuresView()
        self.panel = ThresholdPanel()
        self._lay_out()
        self.panel.threshold_chosen.connect(self.threshold_chosen)
        for canvas in (self._roc, self._precision_recall):
            canvas.threshold_dragged.connect(self._on_threshold_dragged)

    def show_judgements(self, judgements: Sequence[Judgement]) -> None:
        """The first one's operating point is the one that is dragged; all share its threshold."""
        curves = [Curve(name=one.name, evaluation=one.evaluation) for one in judgements]
        self._roc.show_curves(curves)
        self._precision_recall.show_curves(curves)
        threshold = judgements[0].evaluation.threshold
        self._measures.show_columns([_column(one) for one in judgements], threshold)
        first, *others = judgements
        drops = [drop_words(first.name, first.evaluation, other.name, other.evaluation) for other in others]
        self._drop.setText("\n".join(drops))
        self._drop.setVisible(bool(drops))

    @Slot(float)
    def _on_threshold_dragged(self, threshold: float) -> None:
        self.threshold_chosen.emit(threshold, BY_HAND)

    def _lay_out(self) -> None:
        curves = QHBoxLayout()
        curves.setSpacing(GAP_SMALL)
        for canvas in (self._roc, self._precision_recall):
            canvas.setMinimumHeight(_LEAST_CURVES)
            curves.addWidget(canvas, 1)
        body = QWidget()
        below = QVBoxLayout(body)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GAP_SMALL)
        below.addWidget(self._drop)
        below.addWidget(self._measures)
        below.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(GAP_SMALL)
        left.addLayout(curves, 3)
        left.addWidget(_scrolled(body, "measures_scroll", _LEAST_MEASURES), 2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addLayout(left, 1)
        row.addWidget(side_panel(self.panel, "threshold_scroll"))


def side_panel(panel: QWidget, name: str) -> QScrollArea:
    """A column at the right that can be scrolled where the window is low."""
    made = _scrolled(panel, name, 0)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setFixedWidth(PANEL_WIDTH)
    return made


def _scrolled(body: QWidget, name: str, least: int) -> QScrollArea:
    made = QScrollArea()
    made.setObjectName(name)
    made.setWidgetResizable(True)
    made.setMinimumHeight(least)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setWidget(body)
    return made


def _column(judgement: Judgement) -> Column:
    images = counted(judgement.evaluation.n, "image")
    caution = judgement.caution
    hint = "" if not caution else "used for training" if judgement.in_training else "optimistic"
    return Column(
        name=judgement.name,
        about=", ".join(filter(None, (images, hint))),
        caution=caution,
        measures=measures(judgement.evaluation),
    )
