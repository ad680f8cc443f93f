"""Loss and accuracy of a training run, drawn once and then only moved."""

import math
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator

from covid_desktop.core.events import LearningRateReduced
from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.style import PAPER, Style, dress

_QUANTITIES = ("loss", "accuracy")
_ROOM_UNIT = 10  # points: about the height of a line of text


class TrainingCurves:
    """Two axes of ``figure``: training thin with every batch, validation thick with a point per epoch.

    The best epoch has a ring, a lowered learning rate a dotted line.
    """

    def __init__(self, figure: Figure, style: Style = PAPER) -> None:
        figure.set_facecolor(style.surface)
        self._figure = figure
        axes = figure.subplots(2, 1, sharex=True)
        self._panels = [_Panel(one, quantity, style) for one, quantity in zip(axes, _QUANTITIES, strict=True)]
        axes[-1].set_xlabel("Epoch")
        axes[0].set_ylim(0, 1)
        axes[-1].set_ylim(0, 1.04)
        self.arrange()

    def arrange(self) -> None:
        """Leave room for the words around the axes; call it when the figure has another size."""
        width, height = self._figure.get_size_inches() * 72 / _ROOM_UNIT
        self._figure.subplots_adjust(
            left=min(0.4, 3.6 / width),
            right=max(0.5, 1 - 6.6 / width),
            top=max(0.6, 1 - 2.4 / height),
            bottom=min(0.3, 3.6 / height),
            hspace=0.3,
        )

    def show(self, history: TrainingHistory) -> None:
        """Move the lines to where ``history`` says; the caller draws."""
        for panel in self._panels:
            panel.show(history)


class _Panel:
    """One quantity over the epochs."""

    def __init__(self, axes: Axes, quantity: str, style: Style) -> None:
        self._axes, self._quantity, self._style = axes, quantity, style
        dress(axes, style)
        axes.set_title(quantity.capitalize(), loc="left", fontsize=10, color=style.text)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        self._batches = self._line(style.muted, linewidth=0.8, alpha=0.55)
        self._training = self._line(style.muted, linewidth=1.2, marker="o", markersize=2.5)
        self._validation = self._line(style.accent, linewidth=2.6, marker="o", markersize=4.5)
        ring = {"markersize": 13, "markerfacecolor": "none", "markeredgewidth": 1.8}
        self._best = self._line(style.positive, linestyle="none", marker="o", **ring)
        self._labels = [self._label("training", style.muted), self._label("validation", style.accent)]
        self._best_label = axes.annotate(
            "", (0, 0), (0, 11), textcoords="offset points", color=style.positive, fontsize=9, ha="center"
        )
        self._best_label.set_visible(False)
        self._reductions: tuple[LearningRateReduced, ...] = ()
        self._reduction_artists: list[Artist] = []
        self._rates: list[Annotation] = []

    def _line(self, color: str, **look: object) -> Line2D:
        (line,) = self._axes.plot([], [], color=color, **look)  # type: ignore[arg-type]
        return line

    def _label(self, text: str, color: str) -> Annotation:
        label = self._axes.annotate(
            text, (0, 0), (8, 0), textcoords="offset points", color=color, fontsize=9, va="center"
        )
        label.set_visible(False)
        return label

    def show(self, history: TrainingHistory) -> None:
        epochs = [epoch.epoch for epoch in history.epochs]
        training = [getattr(epoch, self._quantity) for epoch in history.epochs]
        validation = [getattr(epoch, f"val_{self._quantity}") for epoch in history.epochs]
        batches = [getattr(point, self._quantity) for point in history.batches]
        self._batches.set_data([point.position for point in history.batches], batches)
        self._training.set_data(epochs, training)
        self._validation.set_data(epochs, validation)
        self._show_best(history)
        self._show_reductions(history)
        self._set_limits(history, [*batches, *training, *validation])
        self._place_rates(dict(zip(epochs, validation, strict=True)))
        self._place_labels(epochs, (training or batches[-1:], validation), history)

    def _show_best(self, history: TrainingHistory) -> None:
        best = history.best
        self._best_label.set_visible(best is not None)
        if best is None:
            self._best.set_data([], [])
            return
        value = getattr(best, f"val_{self._quantity}")
        self._best.set_data([best.epoch], [value])
        self._best_label.xy = (best.epoch, value)
        self._best_label.set_text(f"best: epoch {best.epoch}" if self._quantity == "loss" else "")

    def _show_reductions(self, history: TrainingHistory) -> None:
        if history.reductions[: len(self._reductions)] != self._reductions:  # another run
            for artist in self._reduction_artists:
                artist.remove()
            self._reduction_artists.clear()
            self._rates.clear()
            self._reductions = ()
        for reduction in history.reductions[len(self._reductions) :]:
            line = self._axes.axvline(reduction.epoch, color=self._style.muted, linewidth=0.9, linestyle=":")
            text = self._axes.annotate(
                f"learning rate {reduction.learning_rate:.1g}" if self._quantity == "loss" else "",
                (reduction.epoch, 1),
                (-3, 0),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                rotation=90,
                ha="right",
                fontsize=7.5,
                color=self._style.muted,
            )
            self._reduction_artists += [line, text]
            self._rates.append(text)
        self._reductions = history.reductions

    def _place_rates(self, validation: dict[int, float]) -> None:
        """Each stands in the half of the axes where the curve is not."""
        middle = sum(self._axes.get_ylim()) / 2
        for reduction, text in zip(self._reductions, self._rates, strict=True):
            is_low = validation.get(reduction.epoch, 0.0) < middle
            text.xy = (reduction.epoch, 0.97 if is_low else 0.03)
            text.set_verticalalignment("top" if is_low else "bottom")

    def _set_limits(self, history: TrainingHistory, values: Sequence[float]) -> None:
        planned = history.started.epochs if history.started else 25
        last = history.epochs[-1].epoch if history.ended and history.epochs else planned
        self._axes.set_xlim(0, max(1, last))
        finite = sorted(value for value in values if math.isfinite(value))
        if self._quantity == "loss" and finite:
            usual_top = finite[int(0.98 * (len(finite) - 1))]  # a first wild batch must not flatten the rest
            self._axes.set_ylim(0, max(0.1, 1.15 * usual_top))

    def _place_labels(
        self, epochs: list[int], series: tuple[list[float], list[float]], history: TrainingHistory
    ) -> None:
        low, high = self._axes.get_ylim()
        ends = [values[-1] if values and math.isfinite(values[-1]) else None for values in series]
        positions = (max(history.latest_position, epochs[-1] if epochs else 0), epochs[-1] if epochs else 0)
        apart = 0.075 * (high - low)
        first, second = ends
        lift = 0.0
        if first is not None and second is not None and abs(first - second) < apart:
            lift = (apart - abs(first - second)) / 2 * (1 if first >= second else -1)
        for label, value, shift, x in zip(self._labels, ends, (lift, -lift), positions, strict=True):
            label.set_visible(value is not None)
            if value is not None:
                label.xy = (x, min(max(value + shift, low), high))


def training_figure(history: TrainingHistory, style: Style = PAPER) -> Figure:
    """A figure of its own, for a file."""
    figure = Figure(figsize=(8, 6), dpi=120)
    TrainingCurves(figure, style).show(history)
    return figure
