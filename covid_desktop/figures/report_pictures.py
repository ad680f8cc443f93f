"""The figures of a report, as PNG files of a size on paper, each with what it shows in words."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.calibration import Calibration, reliability
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.measures import measures
from covid_desktop.core.words import counted
from covid_desktop.figures.audit import draw_audit_figure, least_height
from covid_desktop.figures.comparison import arrange_intervals, draw_intervals, least_intervals_height
from covid_desktop.figures.confusion import draw_confusion
from covid_desktop.figures.reliability import draw_reliability
from covid_desktop.figures.roc import Curve, draw_precision_recall, draw_roc
from covid_desktop.figures.score_histogram import draw_scores

DPI = 200  # at least, on paper
CURVES = 4  # that are drawn; a fifth could not be told from the others
_WHOLE = 6.8  # inches: the width of the text on A4
_DRAWN, _SHOWN = 4.2, 3.35  # inches: two of them side by side are drawn larger than they are shown
_LINE = 12 / 72  # of a key, in inches
_PLACE = (0.14, 0.14, 0.82, 0.8)
_CONFUSION_PLACE = (0.2, 0.2, 0.78, 0.78)
Named = tuple[str, Evaluation]
Band = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """``width`` and ``height`` in inches on paper; ``words`` for who cannot see it."""

    png: bytes
    words: str
    width: float
    height: float


def curve_pictures(named: Sequence[Named]) -> list[Picture]:
    """ROC and precision-recall curves of the first four sets of images; of several, AUROCs side by side."""
    shown = named[:CURVES]
    curves = [Curve(name=name, evaluation=evaluation) for name, evaluation in shown]
    names = ", ".join(name for name, _ in shown)
    square = (_DRAWN, 0.9 * _DRAWN + _LINE * len(shown))
    pictures = [
        _picture(lambda axes: draw_roc(axes, curves), f"ROC curves of {names}.", square),
        _picture(
            lambda axes: draw_precision_recall(axes, curves), f"Precision-recall curves of {names}.", square
        ),
    ]
    return [*pictures, _comparison(named)] if len(named) > 1 else pictures


def set_pictures(evaluation: Evaluation, class_names: tuple[str, str], band: Band) -> list[Picture]:
    """Scores and confusion matrix of one set of images."""
    counts = evaluation.confusion
    matrix = (
        f"Confusion matrix: {counts.true_positive} true positive, {counts.false_negative} false negative, "
        f"{counts.true_negative} true negative, {counts.false_positive} false positive."
    )
    size = (_DRAWN, 0.8 * _DRAWN)
    return [
        _picture(
            lambda axes: draw_scores(axes, evaluation, class_names, band), "Scores of both classes.", size
        ),
        _picture(
            lambda axes: draw_confusion(axes, evaluation.confusion, class_names),
            matrix,
            size,
            _CONFUSION_PLACE,
        ),
    ]


def reliability_picture(name: str, evaluation: Evaluation, calibration: Calibration | None) -> Picture:
    """Of the scores, and of the calibrated probabilities, if there are any."""
    labels, scores = evaluation.labels, evaluation.scores
    after = reliability(labels, calibration.probability(scores)) if calibration else ()
    words = f"Reliability diagram of {name}, {counted(evaluation.n, 'image')}."
    size = (_DRAWN, 0.9 * _DRAWN + _LINE)
    return _picture(lambda axes: draw_reliability(axes, reliability(labels, scores), after), words, size)


def audit_picture(audit: ShortcutAudit) -> Picture:
    figure = _figure((_WHOLE, least_height(audit)))
    draw_audit_figure(figure, audit)
    return _saved(figure, "AUROC with its 95 % interval, by what small models of the audit were shown.")


def _comparison(named: Sequence[Named]) -> Picture:
    rows = [(name, measures(evaluation)["auroc"]) for name, evaluation in named]
    figure = _figure((_WHOLE, least_intervals_height(rows)))
    draw_intervals(figure.add_subplot(), rows)
    arrange_intervals(figure, rows)
    return _saved(figure, f"AUROC with its 95 % interval of {', '.join(name for name, _ in named)}.")


def _picture(
    draw: Callable[[Axes], None],
    words: str,
    size: tuple[float, float],
    place: tuple[float, float, float, float] = _PLACE,
) -> Picture:
    figure = _figure(size)
    draw(figure.add_axes(place))
    return _saved(figure, words, _SHOWN / _DRAWN)


def _figure(size: tuple[float, float]) -> Figure:
    figure = Figure(figsize=size, dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def _saved(figure: Figure, words: str, scale: float = 1.0) -> Picture:
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a class may be named in letters the font has not
        figure.savefig(file, format="png", metadata={"Software": None})
    width, height = figure.get_size_inches() * scale
    return Picture(png=file.getvalue(), words=words, width=float(width), height=float(height))
