"""What a reliability diagram shows, read from its artists."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from covid_desktop.core.calibration import ReliabilityBin, reliability
from covid_desktop.figures.reliability import draw_reliability
from covid_desktop.figures.style import PAPER

Drawn = Callable[..., Figure]


def held(low: float, mean: float, share: float, count: int) -> ReliabilityBin:
    """A tenth of the scores from ``low`` on, with an interval of a fifth."""
    ends = max(0.0, share - 0.1), min(1.0, share + 0.1)
    return ReliabilityBin(
        low=low,
        high=low + 0.1,
        mean_probability=mean,
        share=share,
        share_low=ends[0],
        share_high=ends[1],
        count=count,
    )


BEFORE = [held(0.0, 0.02, 0.0, 50), held(0.4, 0.45, 0.6, 5), held(0.9, 0.98, 0.8, 100)]
AFTER = [held(0.1, 0.12, 0.1, 60), held(0.7, 0.78, 0.8, 95)]


def diagram(before: list[ReliabilityBin], after: list[ReliabilityBin]) -> Axes:
    axes = Figure().subplots()
    draw_reliability(axes, before, after)
    return axes


def points(line: Line2D) -> list[tuple[float, float]]:
    return [tuple(point) for point in np.asarray(line.get_xydata(), float).round(6).tolist()]


def marked(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if line.get_marker() in ("o", "s")]


def outlines(axes: Axes) -> list[Line2D]:
    """Of the strip."""
    return [line for line in axes.lines if len(line.get_xdata()) == 4 and line.get_marker() == "None"]  # type: ignore[arg-type]


def bars(axes: Axes) -> list[list[Any]]:
    found = [one for one in axes.collections if isinstance(one, LineCollection)]
    return [[np.asarray(segment).round(6).tolist() for segment in one.get_segments()] for one in found]


def key(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def test_points_are_shares_over_mean_scores_before_and_after() -> None:
    before, after = marked(diagram(BEFORE, AFTER))
    assert points(before) == [(0.02, 0), (0.45, 0.6), (0.98, 0.8)]
    assert points(after) == [(0.12, 0.1), (0.78, 0.8)]


def test_bars_are_the_intervals() -> None:
    before, after = bars(diagram(BEFORE, AFTER))
    assert before[1] == [[0.45, 0.5], [0.45, 0.7]]
    assert after == [[[0.12, 0.0], [0.12, 0.2]], [[0.78, 0.7], [0.78, 0.9]]]


def test_points_before_are_open_and_those_after_are_filled() -> None:
    before, after = marked(diagram(BEFORE, AFTER))
    assert to_hex(before.get_markerfacecolor()) == PAPER.surface
    assert to_hex(after.get_markerfacecolor()) == after.get_color() == PAPER.accent
    assert before.get_marker() != after.get_marker()
    assert before.get_linestyle() != after.get_linestyle()


def test_what_is_not_calibrated_is_called_a_score() -> None:
    axes = diagram(BEFORE, AFTER)
    assert key(axes) == ["score", "calibrated probability"]
    assert axes.get_xlabel() == "Score or calibrated probability"
    assert axes.get_ylabel() == "Share that is positive"


def test_one_of_the_two_can_be_drawn_alone() -> None:
    before, after = diagram(BEFORE, []), diagram([], AFTER)
    assert (key(before), before.get_xlabel()) == (["score"], "Score")
    assert (key(after), after.get_xlabel()) == (["calibrated probability"], "Calibrated probability")
    assert [len(marked(axes)) for axes in (before, after)] == [1, 1]


def test_the_diagonal_is_where_scores_are_probabilities() -> None:
    assert points(diagram(BEFORE, AFTER).lines[0]) == [(0, 0), (1, 1)]


def test_the_strip_counts_the_images_of_each_bin_below_all_points() -> None:
    axes = diagram(BEFORE, AFTER)
    floor, _ = axes.get_ylim()
    found = [points(outline) for outline in outlines(axes)]
    heights = [top - floor for _, (_, top), _, _ in found]
    assert [(sides[0][0], sides[3][0]) for sides in found] == [
        (round(one.low, 6), round(one.high, 6)) for one in (*BEFORE, *AFTER)
    ]
    assert np.array(heights) / max(heights) == pytest.approx([0.5, 0.05, 1.0, 0.6, 0.95])
    assert floor + max(heights) < 0
    assert [text.get_text() for text in axes.texts] == ["images in a bin, at most 100"]


def test_bins_without_images_are_left_out() -> None:
    axes = diagram([*BEFORE, held(0.6, float("nan"), float("nan"), 0)], [held(0.3, 0.3, 0.3, 0)])
    assert key(axes) == ["score"]
    assert len(points(marked(axes)[0])) == len(outlines(axes)) == 3


def test_of_no_images_it_says_so(drawn: Drawn) -> None:
    (axes,) = drawn(lambda axes, style: draw_reliability(axes, [], [], style)).axes
    assert [text.get_text() for text in axes.texts] == ["No images"]
    assert (marked(axes), outlines(axes), key(axes)) == ([], [], [])


@pytest.mark.parametrize("size", [(4.2, 3.2), (8.0, 6.0)])
@pytest.mark.parametrize("seed", range(3))
def test_all_words_can_be_read(
    size: tuple[float, float], seed: int, drawn: Drawn, unreadable: Callable[[Figure], list[Any]]
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random(200)
    labels = (rng.random(200) < scores).astype(int)
    bins = reliability(labels, scores), reliability(labels, np.sqrt(scores))
    figure = drawn(lambda axes, style: draw_reliability(axes, *bins, style), size)
    (axes,) = figure.axes
    assert unreadable(figure) == []
    (words,) = axes.texts
    lowest = axes.transData.transform((0, 0))[1] - 3 * 100 / 72
    assert words.get_window_extent().y1 < lowest


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = diagram(BEFORE, AFTER)
    draw_reliability(axes, [], AFTER)
    assert (len(marked(axes)), len(bars(axes)), len(outlines(axes))) == (1, 1, 2)


def test_every_colour_is_the_styles(other_colours: Callable[[Any], int]) -> None:
    assert other_colours(lambda axes, style: draw_reliability(axes, BEFORE, AFTER, style)) == 0
    assert other_colours(lambda axes, style: draw_reliability(axes, [], [], style)) == 0
