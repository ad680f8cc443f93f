"""What the figures show, read from their artists; and that odd values can be drawn."""

import math
from io import BytesIO

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.evaluation import Confusion
from covid_desktop.core.events import (
    BatchEnded,
    EpochEnded,
    Event,
    LearningRateReduced,
    TrainingEnded,
    TrainingStarted,
)
from covid_desktop.core.history import TrainingHistory
from covid_desktop.figures.confusion import draw_confusion
from covid_desktop.figures.picture import draw_picture
from covid_desktop.figures.style import PAPER, Style
from covid_desktop.figures.training_curves import TrainingCurves, training_figure

CONFUSION = Confusion(true_positive=30, false_positive=5, true_negative=45, false_negative=10)
STARTED = TrainingStarted(epochs=10, batches=4, training=40, validation=10, learning_rate=0.01)


def epoch_ended(epoch: int, loss: float, val_loss: float, val_accuracy: float = 0.75) -> EpochEnded:
    return EpochEnded(
        epoch=epoch,
        loss=loss,
        accuracy=0.5,
        auroc=0.5,
        val_loss=val_loss,
        val_accuracy=val_accuracy,
        val_auroc=0.5,
        learning_rate=0.01,
        seconds=1.0,
    )


def history_of(*events: Event) -> TrainingHistory:
    history = TrainingHistory().with_event(STARTED)
    for event in events:
        history = history.with_event(event)
    return history


def three_epochs() -> TrainingHistory:
    batches = [BatchEnded(epoch=1, batch=batch, loss=0.9, accuracy=0.5) for batch in (1, 2, 3, 4)]
    losses = [(0.8, 0.7), (0.6, 0.4), (0.3, 0.5)]
    return history_of(*batches, *(epoch_ended(n, *pair) for n, pair in enumerate(losses, start=1)))


def points(line: Line2D) -> list[tuple[float, float]]:
    return [tuple(point) for point in np.asarray(line.get_xydata()).tolist()]


def drawn(figure: Figure) -> NDArray[np.uint8]:
    """The picture that a file would hold."""
    file = BytesIO()
    figure.savefig(file, dpi=40)
    return np.asarray(Image.open(file).convert("RGB"))


def annotations(axes: Axes, start: str = "") -> list[Annotation]:
    return [
        text
        for text in axes.texts
        if isinstance(text, Annotation) and text.get_text().startswith(start) and text.get_visible()
    ]


def test_the_curves_are_those_of_the_history() -> None:
    loss, accuracy = training_figure(three_epochs()).axes
    batches, training, validation, best = loss.lines
    assert points(batches) == [(0.25, 0.9), (0.5, 0.9), (0.75, 0.9), (1, 0.9)]
    assert points(training) == [(1, 0.8), (2, 0.6), (3, 0.3)]
    assert points(validation) == [(1, 0.7), (2, 0.4), (3, 0.5)]
    assert points(best) == [(2, 0.4)]
    assert points(accuracy.lines[2]) == [(1, 0.75), (2, 0.75), (3, 0.75)]
    assert points(accuracy.lines[3]) == [(2, 0.75)]
    assert [text.xy for text in annotations(loss, "best")] == [(2, 0.4)]
    assert [axes.get_title("left") for axes in (loss, accuracy)] == ["Loss", "Accuracy"]
    assert accuracy.get_xlabel() == "Epoch"


def test_labels_stand_at_the_ends_of_the_lines() -> None:
    loss, _ = training_figure(three_epochs()).axes
    assert [text.xy for text in annotations(loss, "training")] == [(3, 0.3)]
    assert [text.xy for text in annotations(loss, "validation")] == [(3, 0.5)]


def test_labels_of_equal_values_keep_apart() -> None:
    loss, _ = training_figure(history_of(epoch_ended(1, 0.5, 0.5))).axes
    (training,), (validation,) = annotations(loss, "training"), annotations(loss, "validation")
    assert training.xy[1] - validation.xy[1] == pytest.approx(0.075 * loss.get_ylim()[1])


def test_the_axis_is_as_long_as_the_plan_and_then_as_the_run() -> None:
    history = three_epochs()
    assert training_figure(history).axes[0].get_xlim() == (0, 10)
    ended = history.with_event(TrainingEnded(reason="stopped early"))
    assert training_figure(ended).axes[0].get_xlim() == (0, 3)


def test_one_wild_batch_does_not_flatten_the_rest() -> None:
    batches = [BatchEnded(epoch=1, batch=n, loss=99.0 if n == 1 else 0.5, accuracy=0) for n in range(1, 61)]
    assert training_figure(history_of(*batches)).axes[0].get_ylim()[1] < 1


def test_lines_are_made_once_and_then_moved() -> None:
    figure = Figure()
    curves = TrainingCurves(figure)
    before = [list(axes.get_children()) for axes in figure.axes]
    for history in (TrainingHistory(), three_epochs(), three_epochs(), TrainingHistory()):
        curves.show(history)
    assert [list(axes.get_children()) for axes in figure.axes] == before
    assert all(points(line) == [] for axes in figure.axes for line in axes.lines)
    assert annotations(figure.axes[0]) == []


def test_lowered_learning_rates_are_marked() -> None:
    figure = Figure()
    curves = TrainingCurves(figure)
    first, second = (LearningRateReduced(epoch=n, learning_rate=10.0**-n) for n in (3, 5))
    for history in (history_of(first), history_of(first), history_of(first, second)):
        curves.show(history)
    assert reductions(figure) == [(3, "learning rate 0.001"), (5, "learning rate 1e-05")]


@pytest.mark.parametrize("epochs", [[], [7], [7, 9]])
def test_those_of_another_run_are_gone(epochs: list[int]) -> None:
    figure = Figure()
    curves = TrainingCurves(figure)
    curves.show(history_of(LearningRateReduced(epoch=3, learning_rate=0.1)))
    curves.show(history_of(*(LearningRateReduced(epoch=n, learning_rate=0.1) for n in epochs)))
    assert [epoch for epoch, _ in reductions(figure)] == epochs
    assert len(figure.axes[0].lines) == 4 + len(epochs)


def reductions(figure: Figure) -> list[tuple[float, str]]:
    """Epochs and words; each panel has the lines, the upper one the words."""
    loss, accuracy = ([line.get_xdata()[0] for line in axes.lines[4:]] for axes in figure.axes)  # type: ignore[index]
    assert loss == accuracy
    words = annotations(figure.axes[0], "learning rate")
    assert [text.xy[0] for text in words] == loss
    return [(text.xy[0], text.get_text()) for text in words]


@pytest.mark.parametrize("strange", [math.nan, math.inf])
def test_a_loss_that_is_no_number_can_be_drawn(strange: float) -> None:
    figure = Figure()
    curves = TrainingCurves(figure)
    lost = BatchEnded(epoch=1, batch=1, loss=strange, accuracy=0.5)
    for history in (history_of(lost), history_of(lost, epoch_ended(1, strange, strange, math.nan))):
        curves.show(history)
        figure.canvas.draw()
    assert points(figure.axes[0].lines[3]) == []
    assert annotations(figure.axes[0]) == []


def test_every_colour_is_the_styles() -> None:
    """On a black surface nothing of the paper's colours is left."""
    colours = {"surface": "#000000", "text": "#ff0000", "muted": "#ff0000", "border": "#ff0000"}
    style = Style(**colours, accent="#ff0000", positive="#ff0000", negative="#ff0000")
    reduced = three_epochs().with_event(LearningRateReduced(epoch=2, learning_rate=0.1))
    pixels = drawn(training_figure(reduced, style))
    assert pixels[..., 0].max() > 200
    assert pixels[..., 1:].max() == 0


def test_confusion_shows_counts_and_shares_of_the_rows() -> None:
    axes = Figure().subplots()
    draw_confusion(axes, CONFUSION, ("Healthy", "COVID-19"))
    cells: dict[tuple[float, int], list[str]] = {}
    for text in axes.texts:
        x, y = text.get_position()
        cells.setdefault((x, round(y)), []).append(text.get_text())
    assert cells == {
        (0, 0): ["45", "90%"],
        (1, 0): ["5", "10%"],
        (0, 1): ["10", "25%"],
        (1, 1): ["30", "75%"],
    }
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Healthy", "COVID-19"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Healthy", "COVID-19"]


def test_text_on_a_dark_cell_is_light() -> None:
    axes = Figure().subplots()
    draw_confusion(axes, CONFUSION, ("Healthy", "COVID-19"))
    colours = {text.get_text(): to_hex(text.get_color()) for text in axes.texts}
    assert colours["45"] == PAPER.surface
    assert colours["5"] == PAPER.text


def test_a_confusion_of_no_images() -> None:
    figure = Figure()
    empty = Confusion(true_positive=0, false_positive=0, true_negative=0, false_negative=0)
    draw_confusion(figure.subplots(), empty, ("Healthy", "COVID-19"))
    figure.canvas.draw()
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "0%"] * 4


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = Figure().subplots()
    for _ in range(3):
        draw_confusion(axes, CONFUSION, ("Healthy", "COVID-19"))
    assert len(axes.texts) == 8
    for _ in range(3):
        draw_picture(axes, np.zeros((4, 4), np.uint8))
    assert (len(axes.images), len(axes.texts)) == (1, 0)


@pytest.mark.parametrize("name", ["$\\frac$.png", "a$_$b", "100 % {x}", "two\nlines"])
def test_any_name_is_taken_as_it_is(name: str) -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    draw_picture(left, np.zeros((4, 4), np.uint8), name)
    draw_confusion(right, CONFUSION, (name, "COVID-19"))
    figure.canvas.draw()
    assert left.get_title() == name


@pytest.mark.parametrize("level", [0, 100, 255])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
def test_grey_levels_are_shown_as_they_are(level: int, shape: tuple[int, ...]) -> None:
    """Not stretched to the picture's own range."""
    figure = Figure(figsize=(1, 1))
    draw_picture(figure.add_axes((0, 0, 1, 1)), np.full(shape, level, np.uint8))
    assert drawn(figure)[20, 20].tolist() == [level] * 3
