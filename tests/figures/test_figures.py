"""What the figures show, read from their artists; and that odd values can be drawn."""

import math
from io import BytesIO

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
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

DARK = Style(surface="#212428", text="#e7e9ec", muted="#a9b1ba", border="#373c43", accent="#84b2de")
CELLS = [(10, 10), (10, 70), (70, 10), (70, 70)]  # pixels beside the words, of 80 x 80
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


def test_their_words_stand_where_the_curve_is_not() -> None:
    figure = Figure()
    losses = (0.9, 0.95, 0.2)
    events = [epoch_ended(epoch, loss, loss, 0.5) for epoch, loss in enumerate(losses, 1)]
    lowered = [LearningRateReduced(epoch=epoch, learning_rate=0.1) for epoch in (2, 3)]
    TrainingCurves(figure).show(history_of(*events, *lowered))
    high, low = annotations(figure.axes[0], "learning rate")
    assert (high.get_va(), low.get_va()) == ("bottom", "top")
    assert high.xy[1] < 0.5 < low.xy[1]


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
        figure.draw_without_rendering()
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
    cells: dict[tuple[float, float], list[str]] = {}
    for text in annotations(axes):
        cells.setdefault(text.xy, []).append(text.get_text())
    assert cells == {
        (0, 0): ["45", "90 %"],
        (1, 0): ["5", "10 %"],
        (0, 1): ["10", "25 %"],
        (1, 1): ["30", "75 %"],
    }
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Healthy", "COVID-19"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Healthy", "COVID-19"]


@pytest.mark.parametrize(
    ("part", "words"), [(0, "0 %"), (1, "under 1 %"), (999, "over 99 %"), (1000, "100 %"), (910, "91 %")]
)
def test_only_nothing_is_no_share_and_only_all_is_the_whole(part: int, words: str) -> None:
    axes = Figure().subplots()
    some = Confusion(true_positive=part, false_positive=0, true_negative=1000, false_negative=1000 - part)
    draw_confusion(axes, some, ("Healthy", "COVID-19"))
    assert words in [text.get_text() for text in annotations(axes) if text.xy == (1, 1)]


@pytest.mark.parametrize("style", [PAPER, DARK])
@pytest.mark.parametrize("part", range(0, 101, 10))
def test_words_can_be_read_on_every_shade(style: Style, part: int) -> None:
    """At 4.5 to 1, as small words have to be; the whole row is in the deepest shade."""
    figure = Figure(figsize=(2, 2))
    some = Confusion(true_positive=part, false_positive=0, true_negative=0, false_negative=100 - part)
    draw_confusion(figure.add_axes((0, 0, 1, 1)), some, ("Healthy", "COVID-19"), style)
    pixels = drawn(figure)
    for row, column in CELLS:
        assert contrast(style.text, to_hex(pixels[row, column] / 255)) >= 4.5


def contrast(one: str, other: str) -> float:
    """As WCAG 2 has it, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    levels = np.array(to_rgb(color))
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_a_cell_with_more_of_its_row_is_deeper() -> None:
    figure = Figure(figsize=(2, 2))
    draw_confusion(figure.add_axes((0, 0, 1, 1)), CONFUSION, ("Healthy", "COVID-19"))
    pixels = drawn(figure)
    shades = [luminance(to_hex(pixels[row, column] / 255)) for row, column in CELLS]
    assert shades[0] < shades[3] < shades[2] < shades[1]


@pytest.mark.parametrize("size", [(1.6, 1.2), (2.6, 2.3), (4.2, 3.2)])
def test_the_share_stands_below_its_count(size: tuple[float, float]) -> None:
    figure = Figure(figsize=size, dpi=100)
    axes = figure.add_axes((0.2, 0.2, 0.78, 0.78))
    draw_confusion(axes, CONFUSION, ("Healthy", "COVID-19"))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    for count, share in zip(boxes[::2], boxes[1::2], strict=True):
        assert share.y1 <= count.y0 + 2


def test_a_long_name_keeps_its_beginning() -> None:
    axes = Figure().subplots()
    draw_confusion(axes, CONFUSION, ("Bacterial_pneumonia_2020", "COVID-19"))
    assert axes.get_xticklabels()[0].get_text() == "Bacterial_pneum…"


def test_a_confusion_of_no_images() -> None:
    """A row without images has no shares."""
    figure = Figure()
    empty = Confusion(true_positive=0, false_positive=0, true_negative=0, false_negative=0)
    draw_confusion(figure.subplots(), empty, ("Healthy", "COVID-19"))
    figure.draw_without_rendering()
    assert [text.get_text() for text in figure.axes[0].texts] == ["0"] * 4


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
    figure.draw_without_rendering()
    assert left.get_title() == name


@pytest.mark.parametrize("level", [0, 100, 255])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
def test_grey_levels_are_shown_as_they_are(level: int, shape: tuple[int, ...]) -> None:
    """Not stretched to the picture's own range."""
    figure = Figure(figsize=(1, 1))
    draw_picture(figure.add_axes((0, 0, 1, 1)), np.full(shape, level, np.uint8))
    assert drawn(figure)[20, 20].tolist() == [level] * 3
