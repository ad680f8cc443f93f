"""The figures of an evaluation; the operating point can be dragged along its curves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseButton, MouseEvent
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Annotation
from matplotlib.transforms import blended_transform_factory
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from covid_desktop.core.calibration import ReliabilityBin
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.figures.confusion import draw_confusion
from covid_desktop.figures.layout import SMALL, leave_margins
from covid_desktop.figures.reliability import draw_reliability
from covid_desktop.figures.roc import (
    Curve,
    draw_precision_recall,
    draw_roc,
    nearest_precision_threshold,
    nearest_threshold,
)
from covid_desktop.figures.score_histogram import draw_scores
from covid_desktop.figures.style import Style
from covid_desktop.gui.canvas import Canvas

_MARGINS = {"left": 0.66, "right": 0.18, "top": 0.1, "bottom": 0.56}  # inches
_EDGE = 4  # pixels between words and the edge of the figure


class EvaluationCanvas(Canvas):
    """Axes that leave room for their words, whatever the size of the figure."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        self.arrange()

    def arrange(self) -> None:
        """Give the axes their margins, and keep words that are wider than the axes inside the figure."""
        if self.figure.axes:
            leave_margins(self.figure, **_MARGINS)
            keep_inside(self.figure, self.figure.axes[0], self._key_words)

    def _axes(self) -> Axes:
        axes: Axes = self.figure.add_subplot()
        leave_margins(self.figure, **_MARGINS)
        return axes

    def _draw_axes(self, style: Style) -> None:
        """What there is to draw, in the axes of ``_axes``."""
        raise NotImplementedError

    def _draw_figure(self, style: Style) -> None:
        self._draw_axes(style)
        key = self.figure.axes[0].get_legend() if self.figure.axes else None
        self._key_words = [text.get_text() for text in key.get_texts()] if key else []
        self.arrange()


class CurveCanvas(EvaluationCanvas):
    """``threshold_dragged`` carries the threshold whose point is nearest to where the mouse is."""

    threshold_dragged = Signal(float)

    def __init__(self) -> None:
        self._curves: Sequence[Curve] = ()
        self._is_dragging = False
        super().__init__()
        self.setToolTip("Drag along the curve to move the threshold")
        self.mpl_connect("button_press_event", self._on_pressed)
        self.mpl_connect("motion_notify_event", self._on_moved)
        self.mpl_connect("button_release_event", self._on_released)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """The first one's operating point is the one that is dragged."""
        self._curves = curves
        self.setAccessibleName(f"{self._what()} of {', '.join(curve.name for curve in curves)}")
        self._on_theme_changed()

    def _what(self) -> str:
        raise NotImplementedError

    def _threshold_at(self, evaluation: Evaluation, x: float, y: float) -> float:
        raise NotImplementedError

    def _on_pressed(self, event: MouseEvent) -> None:
        self._is_dragging = event.button == MouseButton.LEFT and event.inaxes is not None
        self._on_moved(event)

    def _on_released(self, _: MouseEvent) -> None:
        self._is_dragging = False

    def _on_moved(self, event: MouseEvent) -> None:
        """Also beside the axes: the ends of a curve lie in their corners."""
        if not self._is_dragging:
            return
        evaluation = self._curves[0].evaluation
        if len(set(evaluation.labels)) == 2:
            place = self.figure.axes[0].transData.inverted().transform((event.x, event.y))
            x, y = (float(share) for share in np.clip(place, 0, 1))
            self.threshold_dragged.emit(self._threshold_at(evaluation, x, y))


class RocCanvas(CurveCanvas):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("roc")

    def _what(self) -> str:
        return "ROC curves"

    def _threshold_at(self, evaluation: Evaluation, x: float, y: float) -> float:
        return nearest_threshold(evaluation, x, y)

    def _draw_axes(self, style: Style) -> None:
        if self._curves:
            draw_roc(self._axes(), self._curves, style)


class PrecisionRecallCanvas(CurveCanvas):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("precision_recall")

    def _what(self) -> str:
        return "Precision and recall"

    def _threshold_at(self, evaluation: Evaluation, x: float, y: float) -> float:
        return nearest_precision_threshold(evaluation, x, y)

    def _draw_axes(self, style: Style) -> None:
        if self._curves:
            draw_precision_recall(self._axes(), self._curves, style)


class ReliabilityCanvas(EvaluationCanvas):
    def __init__(self) -> None:
        self._bins: tuple[Sequence[ReliabilityBin], Sequence[ReliabilityBin]] = ((), ())
        super().__init__()
        self.setObjectName("reliability")
        self.setAccessibleName("Reliability diagram")

    def show_bins(self, before: Sequence[ReliabilityBin], after: Sequence[ReliabilityBin]) -> None:
        self._bins = before, after
        self._on_theme_changed()

    def _draw_axes(self, style: Style) -> None:
        if self._bins[0]:
            draw_reliability(self._axes(), *self._bins, style)


class ScoresCanvas(EvaluationCanvas):
    def __init__(self) -> None:
        self._shown: tuple[Evaluation, tuple[str, str], tuple[float, float] | None] | None = None
        super().__init__()
        self.setObjectName("scores")
        self.setAccessibleName("Scores of both classes")

    def show_scores(
        self, evaluation: Evaluation, class_names: tuple[str, str], band: tuple[float, float] | None
    ) -> None:
        self._shown = evaluation, class_names, band
        self._on_theme_changed()

    def _draw_axes(self, style: Style) -> None:
        if self._shown:
            evaluation, class_names, band = self._shown
            draw_scores(self._axes(), evaluation, class_names, band, style)


class ConfusionCanvas(EvaluationCanvas):
    """The confusion matrix of an evaluation. ``cell_chosen`` carries the true and the called label."""

    cell_chosen = Signal(int, int)

    def __init__(self) -> None:
        self._evaluation: Evaluation | None = None
        self._class_names = ("", "")
        super().__init__()
        self.setObjectName("confusion_matrix")
        self.mpl_connect("button_press_event", self._on_pressed)

    def show_evaluation(self, evaluation: Evaluation, class_names: tuple[str, str]) -> None:
        self._evaluation, self._class_names = evaluation, class_names
        counts = evaluation.confusion
        self.setAccessibleName(
            f"Confusion matrix: {counts.true_positive} true positive, "
            f"{counts.false_positive} false positive, "
            f"{counts.true_negative} true negative, {counts.false_negative} false negative"
        )
        self._on_theme_changed()

    def _draw_axes(self, style: Style) -> None:
        if self._evaluation:
            draw_confusion(self._axes(), self._evaluation.confusion, self._class_names, style)

    def _on_pressed(self, event: MouseEvent) -> None:
        if event.xdata is not None and event.ydata is not None:
            self.cell_chosen.emit(round(event.ydata), round(event.xdata))


def keep_inside(figure: Figure, axes: Axes, key_words: Sequence[str]) -> None:
    """Move the words of the axes that reach over a side of the figure; make those of its key fit."""
    if key := axes.get_legend():
        key.set_bbox_to_anchor((0.5, 1), blended_transform_factory(figure.transFigure, axes.transAxes))
        _fit_key(figure, key, key_words)
    for words in axes.texts:
        if isinstance(words, Annotation):
            _pull_in(figure, words)


def _fit_key(figure: Figure, key: Legend, whole: Sequence[str]) -> None:
    """Without the threshold, which is beside the figure too, and then in smaller letters."""
    room = figure.bbox.width - 2 * _EDGE
    width = room
    for words in (whole, [line.partition(", threshold")[0] for line in whole]):
        for text, line in zip(key.get_texts(), words, strict=True):
            text.set_text(line)
            text.set_fontsize(SMALL)
        width = key.get_window_extent().width
        if width <= room:
            return
    for text in key.get_texts():
        text.set_fontsize(max(SMALL / 2, SMALL * room / width))


def _pull_in(figure: Figure, words: Annotation) -> None:
    place = words.get_window_extent()
    over = max(0.0, _EDGE - place.x0) - max(0.0, place.x1 + _EDGE - figure.bbox.width)
    if over:
        x, y = words.xyann
        words.xyann = (float(x) + over * 72 / figure.dpi, float(y))
