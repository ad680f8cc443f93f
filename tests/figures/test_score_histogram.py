"""What the histogram of scores shows, read from its artists."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch
from numpy.typing import NDArray

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.words import counted
from covid_desktop.figures.score_histogram import draw_scores
from covid_desktop.figures.style import PAPER

NAMES = ("Healthy", "COVID-19")
SMALL_SET = Evaluation(labels=(0, 0, 0, 0, 1, 1), scores=(0.0, 0.01, 0.32, 0.62, 0.62, 1.0), threshold=0.5)
Scored = Callable[..., Evaluation]
Drawn = Callable[..., Figure]
Unreadable = Callable[[Figure], list[Any]]


def histogram(evaluation: Evaluation, band: tuple[float, float] | None = None) -> Axes:
    axes = Figure().subplots()
    draw_scores(axes, evaluation, NAMES, band)
    return axes


def heights(axes: Axes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the outlines of the negative and the positive class: (bins,)."""
    outlines = [patch for patch in axes.patches if isinstance(patch, StepPatch) and not patch.get_fill()]
    negative, positive = (np.asarray(patch.get_data()[0], np.float64) for patch in outlines)
    return negative, positive


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def bands(axes: Axes) -> list[tuple[float, float]]:
    return [
        (box.get_x(), box.get_x() + box.get_width()) for box in axes.patches if isinstance(box, Rectangle)
    ]


def test_one_class_stands_and_the_other_hangs() -> None:
    negative, positive = heights(histogram(SMALL_SET))
    assert np.flatnonzero(negative).tolist() == [0, 6, 12]
    assert negative[[0, 6, 12]].tolist() == [-0.5, -0.25, -0.25]
    assert np.flatnonzero(positive).tolist() == [12, 19]
    assert positive[[12, 19]].tolist() == [0.5, 0.5]


def test_a_rare_class_is_as_large_as_the_other(scored: Scored) -> None:
    evaluation = scored(2000, prevalence=0.01)
    assert 5 < sum(evaluation.labels) < 40
    negative, positive = heights(histogram(evaluation))
    assert -negative.sum() == pytest.approx(positive.sum()) == pytest.approx(1)


def test_more_images_have_finer_bins(scored: Scored) -> None:
    assert len(heights(histogram(scored(1000)))[0]) == 20
    assert len(heights(histogram(scored(1001)))[0]) == 40


def test_the_threshold_is_a_line_with_its_number(scored: Scored) -> None:
    axes = histogram(SMALL_SET.at(0.37))
    (line,) = [line for line in axes.lines if line.get_color() == PAPER.text]
    assert np.asarray(line.get_xdata(), float).tolist() == [0.37, 0.37]
    assert words(axes)[-1] == "threshold 0.37"
    assert bands(axes) == []


def test_the_indeterminate_band_is_shaded() -> None:
    axes = histogram(SMALL_SET, (0.4, 0.55))
    assert bands(axes)[0] == pytest.approx((0.4, 0.55))
    assert words(axes)[-1] == "threshold 0.50, indeterminate 0.40 to 0.55"


def test_each_class_says_how_many_images_it_has() -> None:
    assert words(histogram(SMALL_SET))[:2] == ["Healthy, 4 images", "COVID-19, 2 images"]


def test_shares_are_positive_in_both_directions(drawn: Drawn) -> None:
    (axes,) = drawn(lambda axes, style: draw_scores(axes, SMALL_SET, NAMES, None, style)).axes
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == labels[::-1]
    assert {"0 %", "40 %"} <= set(labels)


@pytest.mark.parametrize(
    ("labels", "counts"), [((0, 0, 0), (3, 0)), ((1, 1, 1), (0, 3)), ((1, 0, 1), (1, 2))]
)
def test_a_class_may_have_no_images(labels: tuple[int, ...], counts: tuple[int, int], drawn: Drawn) -> None:
    some = Evaluation(labels=labels, scores=(0.2, 0.4, 0.9)[: len(labels)], threshold=0.5)
    (axes,) = drawn(lambda axes, style: draw_scores(axes, some, NAMES, (0.4, 0.6), style)).axes
    negative, positive = heights(axes)
    assert (-negative.sum(), positive.sum()) == pytest.approx([min(1, count) for count in counts])
    assert words(axes)[:2] == [
        f"{name}, {counted(count, 'image')}" for name, count in zip(NAMES, counts, strict=True)
    ]


def test_of_no_images_it_says_so(drawn: Drawn) -> None:
    none = Evaluation(labels=(), scores=(), threshold=0.5)
    (axes,) = drawn(lambda axes, style: draw_scores(axes, none, NAMES, (0.4, 0.6), style)).axes
    assert (words(axes), list(axes.patches), list(axes.lines)) == (["No images"], [], [])


@pytest.mark.parametrize("size", [(4.2, 3.2), (8.0, 6.0)])
@pytest.mark.parametrize("threshold", [0.0, 0.02, 0.2, 0.33, 0.34, 0.5, 0.66, 0.67, 0.8, 1.0])
@pytest.mark.parametrize("has_band", [False, True])
def test_all_words_can_be_read(
    size: tuple[float, float],
    threshold: float,
    has_band: bool,
    scored: Scored,
    drawn: Drawn,
    unreadable: Unreadable,
) -> None:
    evaluation = scored(100, threshold=threshold)
    band = (max(0.0, threshold - 0.1), min(1.0, threshold + 0.1)) if has_band else None
    figure = drawn(lambda axes, style: draw_scores(axes, evaluation, NAMES, band, style), size)
    assert unreadable(figure) == []


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.3, 0.49, 0.5, 0.7, 0.9, 1.0])
def test_the_threshold_runs_through_no_name(threshold: float, drawn: Drawn) -> None:
    some = SMALL_SET.at(threshold)
    (axes,) = drawn(lambda axes, style: draw_scores(axes, some, NAMES, None, style)).axes
    x = axes.transData.transform((threshold, 0))[0]
    for text in axes.texts[:2]:
        box = text.get_window_extent()
        assert not box.x0 <= x <= box.x1


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_a_class_s_name_stands_clear_of_its_bins(score: float, drawn: Drawn) -> None:
    """Where all images are in the bin below the name."""
    same = Evaluation(labels=(0, 0, 1, 1), scores=(score,) * 4, threshold=0.5)
    (axes,) = drawn(lambda axes, style: draw_scores(axes, same, NAMES, None, style)).axes
    lower, upper = (axes.transData.transform((0, share))[1] for share in (-1, 1))
    below, above, _ = (text.get_window_extent() for text in axes.texts)
    assert below.y1 < lower + 1
    assert above.y0 > upper - 1


@pytest.mark.parametrize("name", ["$\\frac$", "_x", "a$_$b", "two\nlines"])
def test_any_name_is_taken_as_it_is(name: str, drawn: Drawn) -> None:
    (axes,) = drawn(lambda axes, style: draw_scores(axes, SMALL_SET, (name, "B"), None, style)).axes
    assert words(axes)[0] == f"{' '.join(name.split())}, 4 images"


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = histogram(SMALL_SET, (0.4, 0.6))
    draw_scores(axes, SMALL_SET, NAMES, None)
    assert (len(axes.patches), len(axes.texts), len(axes.lines)) == (4, 3, 2)


def test_every_colour_is_the_styles(other_colours: Callable[[Any], int]) -> None:
    assert other_colours(lambda axes, style: draw_scores(axes, SMALL_SET, NAMES, (0.4, 0.6), style)) == 0
