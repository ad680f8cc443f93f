"""The curves of several runs over each other, read from the figure's artists."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from covid_desktop.core.events import EpochEnded
from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.run_curves import (
    MOST_RUNS,
    RunCurve,
    arrange_run_curves,
    draw_run_curves,
    run_curves_figure,
)
from covid_desktop.figures.style import PAPER


def curve(name: str, *losses: float) -> RunCurve:
    epochs = [
        EpochEnded(
            epoch=number,
            loss=0.1,
            accuracy=0.9,
            auroc=0.9,
            val_loss=loss,
            val_accuracy=1 - loss / 2,
            val_auroc=0.9,
            learning_rate=0.001,
            seconds=1.0,
        )
        for number, loss in enumerate(losses, 1)
    ]
    return RunCurve(name=name, history=TrainingHistory(epochs=tuple(epochs)))


def drawn(runs: Sequence[RunCurve], size: tuple[float, float] = (6.6, 4.0)) -> Figure:
    figure = Figure(figsize=size, dpi=100)
    draw_run_curves(figure, runs)
    lay_out(figure)
    return figure


def lay_out(figure: Figure) -> None:
    """Ticks outside the axes have words, too, which are never drawn."""
    figure.draw_without_rendering()
    for axis, (low, high) in [(one.xaxis, one.get_xlim()) for one in figure.axes] + [
        (one.yaxis, one.get_ylim()) for one in figure.axes
    ]:
        for tick in axis.get_major_ticks():
            tick.label1.set_visible(tick.label1.get_visible() and low <= tick.get_loc() <= high)


def lines(figure: Figure, axes: int) -> list[Line2D]:
    """The curves, without the rings."""
    return [line for line in figure.axes[axes].lines if line.get_linestyle() != "None" and _is_thick(line)]


def _is_thick(line: Line2D) -> bool:
    return line.get_markersize() < 10


def rings(figure: Figure, axes: int) -> list[tuple[float, float]]:
    found = [line for line in figure.axes[axes].lines if not _is_thick(line)]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]  # type: ignore[index, arg-type]


def key(figure: Figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def test_each_run_has_its_loss_above_and_its_accuracy_below() -> None:
    figure = drawn([curve("A", 0.6, 0.4), curve("B", 0.8, 0.2, 0.3)])
    assert [list(line.get_ydata()) for line in lines(figure, 0)] == [[0.6, 0.4], [0.8, 0.2, 0.3]]
    assert [list(line.get_ydata()) for line in lines(figure, 1)] == [[0.7, 0.8], [0.6, 0.9, 0.85]]
    assert key(figure) == ["A", "B"]


def test_the_best_epoch_of_each_has_a_ring() -> None:
    figure = drawn([curve("A", 0.6, 0.4), curve("B", 0.8, 0.2, 0.3)])
    assert rings(figure, 0) == [(2, 0.4), (2, 0.2)]
    assert rings(figure, 1) == [(2, 0.8), (2, 0.9)]


def test_runs_differ_without_colour() -> None:
    figure = drawn([curve(name, 0.5, 0.4) for name in "ABCD"])
    looks = {(str(line.get_linestyle()), line.get_marker()) for line in lines(figure, 0)}
    markers = {line.get_marker() for line in lines(figure, 0)}
    assert len(looks) == len(markers) == MOST_RUNS


def test_no_more_than_four_runs_are_drawn_and_named() -> None:
    figure = drawn([curve(name, 0.5, 0.4) for name in "ABCDEF"])
    assert len(lines(figure, 0)) == MOST_RUNS
    assert key(figure) == list("ABCD")


@pytest.mark.parametrize(
    "runs",
    [[], [curve("A")], [curve("A", math.nan)], [curve("A", 0.5), curve("B")]],
    ids=["no runs", "no epochs", "no numbers", "one without epochs"],
)
def test_runs_of_which_little_is_known_can_be_drawn(runs: list[RunCurve]) -> None:
    figure = drawn(runs)
    assert key(figure) == [run.name for run in runs]
    assert len(rings(figure, 0)) == sum(run.history.best is not None for run in runs)


def test_every_loss_is_in_sight() -> None:
    figure = drawn([curve("A", 5.0, 0.4), curve("B", 0.3)])
    low, high = figure.axes[0].get_ylim()
    assert low <= 0.3
    assert high >= 5.0


@pytest.mark.parametrize("size", [(4.9, 3.3), (6.6, 4.0), (12, 8)])
def test_all_words_can_be_read(size: tuple[float, float], unreadable: Callable[[Figure], list[Any]]) -> None:
    names = ["A: EfficientNet-Lite0, 2026-11-26 12:29", "B: $x_1$ of 100 %", "C", "D: " + "long " * 20]
    figure = drawn([curve(name, 0.5, 0.4) for name in names], size)
    assert unreadable(figure) == []


def test_another_size_leaves_the_same_room(unreadable: Callable[[Figure], list[Any]]) -> None:
    figure = drawn([curve("A", 0.5, 0.4)], (12, 8))
    figure.set_size_inches(4.9, 3.3)
    arrange_run_curves(figure)
    lay_out(figure)
    assert unreadable(figure) == []


def test_a_figure_for_a_file_is_on_paper() -> None:
    figure = run_curves_figure([curve("A", 0.5)])
    assert figure.get_facecolor()[:3] == (1, 1, 1)
    assert lines(figure, 0)[0].get_color() == PAPER.accent
