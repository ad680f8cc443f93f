"""What a training run looks like while it goes on and when it has ended."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import Event, Progress
from covid_desktop.core.history import TrainingHistory, duration
from covid_desktop.figures.roc import Curve
from covid_desktop.gui.audit_view import VerdictLine
from covid_desktop.gui.curves_canvas import CurvesCanvas
from covid_desktop.gui.evaluation_canvases import ConfusionCanvas, RocCanvas
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label, push_button

_STEPS = 1000


class RunView(QWidget):
    """The story in a sentence, the curves, the progress, and at the end the confusion matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.history = TrainingHistory()
        self._story = label("", "subtitle", wrap=True)
        self._story.setObjectName("training_story")
        self._curves, self._pooled = CurvesCanvas("training_curves"), RocCanvas()
        self._figures = QStackedWidget()
        self._result = QWidget()
        self._confusion = ConfusionCanvas()
        self._about = label("", "strong")
        self._metrics = label("", wrap=True)
        self._metrics.setFont(tabular(self._metrics.font()))
        self._audit = QWidget()
        self._verdict = VerdictLine()
        self.why = push_button("Why", "explain_audit")
        self.why.setToolTip("Show the shortcut audit on the Data tab")
        self._progress = QProgressBar()
        self._progress.setObjectName("training_progress")
        self._progress.setRange(0, _STEPS)
        self._progress.setTextVisible(False)
        self._left = label("", "muted")
        self._bar = QWidget()
        self._lay_out()
        self.clear()

    def close_threads(self) -> None:
        """End the drawing thread."""
        self._curves.close_painter()

    def clear(self, words: str = "") -> None:
        """Nothing yet: ``words`` say what could be."""
        self.history = TrainingHistory()
        self._curves.show_history(self.history)
        self._figures.setCurrentWidget(self._curves)
        self._result.hide()
        self._story.setText(words)
        self._show_progress(0.0, "")
        self._bar.hide()

    def show_event(self, event: Event) -> None:
        self._bar.show()
        if isinstance(event, Progress):
            self._show_stage(event)
            return
        self.history = self.history.with_event(event)
        self._curves.show_history(self.history)
        self._story.setText(self.history.story())
        left = self.history.seconds_left
        self._show_progress(self.history.fraction, "" if left is None else f"At most {duration(left)} left")

    def show_evaluation(self, evaluation: Evaluation, class_names: tuple[str, str]) -> None:
        """The end: how the kept epoch does on validation images."""
        self._about.setText("On the validation images")
        self._confusion.show_evaluation(evaluation, class_names)
        self._metrics.setText(_metrics_text(evaluation))
        self._result.show()

    def show_cross_validation(self, validated: CrossValidation, class_names: tuple[str, str]) -> None:
        """What all folds add up to: the ROC curve and the measures of their images together."""
        self.show_evaluation(validated.pooled, class_names)
        self._about.setText("All folds together")
        self._pooled.show_curves([Curve(name="All folds", evaluation=validated.pooled)])
        self._figures.setCurrentWidget(self._pooled)
        self.show_audit(None)
        self.show_words(validated.words())

    def show_audit(self, audit: ShortcutAudit | None) -> None:
        """Whether the model may have learnt a shortcut; nothing where no audit was made."""
        self._audit.setVisible(audit is not None)
        if audit:
            self._verdict.show_audit(audit)

    def show_words(self, story: str) -> None:
        """The end of a run that has none of its own."""
        self._story.setText(story)
        self._bar.hide()

    def _show_stage(self, event: Progress) -> None:
        counted = f" {event.done:,} of {event.total:,}" if event.total else ""
        self._story.setText(f"{event.stage}{counted}")
        if self.history.started is None:
            self._show_progress(event.done / event.total if event.total else 0.0, "")

    def _show_progress(self, fraction: float, words: str) -> None:
        self._progress.setValue(round(_STEPS * fraction))
        self._left.setText(words)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._story)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for canvas in (self._curves, self._pooled):
            self._figures.addWidget(canvas)
        row.addWidget(self._figures, 1)
        row.addWidget(self._result)
        column.addLayout(row, 1)
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(GAP)
        bar.addWidget(self._progress, 1)
        bar.addWidget(self._left)
        column.addWidget(self._bar)
        self._result.setFixedWidth(260)
        result = QVBoxLayout(self._result)
        result.setContentsMargins(0, 0, 0, 0)
        result.addWidget(self._about)
        self._confusion.setFixedHeight(230)
        result.addWidget(self._confusion)
        result.addWidget(self._metrics)
        result.addSpacing(GAP_SMALL)
        result.addWidget(self._audit)
        result.addStretch(1)
        audit = QVBoxLayout(self._audit)
        audit.setContentsMargins(0, 0, 0, 0)
        audit.setSpacing(GAP_SMALL)
        audit.addWidget(label("Shortcut audit", "strong"))
        audit.addWidget(self._verdict)
        audit.addWidget(self.why, alignment=Qt.AlignmentFlag.AlignLeft)


def _metrics_text(evaluation: Evaluation) -> str:
    rows = {
        "Accuracy": evaluation.accuracy,
        "Sensitivity": evaluation.sensitivity,
        "Specificity": evaluation.specificity,
        "AUROC": evaluation.auroc,
    }
    row = "<tr><td style='padding-right:16px'>{}</td><td align='right'>{}</td></tr>"
    cells = [row.format(name, "-" if value is None else f"{value:.3f}") for name, value in rows.items()]
    return f"<table>{''.join(cells)}</table>"
