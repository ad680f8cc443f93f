"""What a comparison of one measure shows, read from its artists."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from covid_desktop.core.measures import Measure
from covid_desktop.figures.comparison import arrange_intervals, draw_intervals, least_intervals_height

Named = tuple[str, Measure]
TALLEST = 10 * 100 / 72  # the letters of the numbers, in pixels


def measured(
    value: float | None, low: float | None = None, high: float | None = None, key: str = "auroc"
) -> Measure:
    name = {"auroc": "AUROC", "brier": "Brier score"}.get(key, key.capitalize())
    return Measure(key=key, name=name, value=value, low=low, high=high, method="")


SETS = [
    ("cxr-a, validation", measured(0.94, 0.87, 0.97)),
    ("cxr-b-external", measured(0.27, 0.16, 0.41)),
    ("demo", measured(0.5)),
    ("one class", measured(None)),
]


def shown(*rows: Named) -> Axes:
    axes = Figure().subplots()
    draw_intervals(axes, rows)
    return axes


def points(axes: Axes) -> list[tuple[float, float]]:
    found = [line for line in axes.lines if line.get_marker() == "o"]
    return [(x, y) for x, y in (np.asarray(line.get_xydata(), float).ravel().tolist() for line in found)]


def intervals(axes: Axes) -> list[list[float]]:
    return [
        np.asarray(line.get_xdata(), float).tolist() for line in axes.lines if line.get_linewidth() == 2.5
    ]


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def names(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def test_each_set_is_a_row_with_its_value_and_its_interval() -> None:
    axes = shown(*SETS[:2])
    assert names(axes) == ["cxr-a, validation", "cxr-b-external"]
    assert points(axes) == [(0.94, 0), (0.27, -1)]
    assert intervals(axes) == [[0.87, 0.97], [0.16, 0.41]]
    assert words(axes) == ["0.94", "0.87 to 0.97", "0.27", "0.16 to 0.41", "chance"]
    assert axes.get_xlabel() == "AUROC"


def test_the_numbers_stand_beside_their_row() -> None:
    axes = shown(*SETS)
    texts = [text for text in axes.texts if isinstance(text, Annotation) and text.get_text() != "chance"]
    right = axes.get_xlim()[1]
    assert [text.xy for text in texts] == [(right, -row) for row in range(4) for _ in range(2)]


def test_what_is_not_known_is_said() -> None:
    axes = shown(*SETS[2:])
    assert words(axes) == ["0.50", "no interval", "\N{EN DASH}", "not defined", "chance"]
    assert points(axes) == [(0.5, 0)]
    assert intervals(axes) == []
    assert names(axes) == ["demo", "one class"]


def test_chance_is_that_of_an_auroc_alone() -> None:
    assert "chance" in words(shown(*SETS))
    assert "chance" not in words(shown(("a", measured(0.8, 0.7, 0.9, "sensitivity"))))


def test_of_nothing_it_says_so() -> None:
    axes = shown()
    assert words(axes) == ["Nothing to compare"]
    assert (points(axes), names(axes)) == ([], [])


@pytest.mark.parametrize("key", ["auroc", "sensitivity"])
@pytest.mark.parametrize("seed", range(20))
def test_the_axis_holds_all_there_is(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = rng.choice([1.0, 0.1, 0.01, 0.0])
    low, value, high = np.sort(rng.uniform() * (1 - spread) + spread * rng.uniform(size=3)).tolist()
    axes = shown(("a", measured(value, low, high, key)))
    left, right = axes.get_xlim()
    assert 0 <= left <= low <= high <= right <= 1
    assert right - left >= 0.05 - 1e-9
    if key == "auroc":
        assert left <= 0.5 <= right


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_interval_without_a_width_can_be_drawn(value: float) -> None:
    axes = shown(("a", measured(value, value, value, "accuracy")))
    left, right = axes.get_xlim()
    assert right - left >= 0.05 - 1e-9
    assert left <= value <= right
    assert points(axes) == [(value, 0)]


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((0.03, 0.021, 0.04), ["0.030", "0.021 to 0.040"]),
        ((0.3, 0.21, 0.4), ["0.30", "0.21 to 0.40"]),
        ((0.95, 0.9, 0.998), ["0.950", "0.900 to 0.998"]),
        ((1.0, 0.9, 1.0), ["1.00", "0.90 to 1.00"]),
    ],
)
def test_numbers_have_the_digits_that_mean_something(
    numbers: tuple[float, float, float], written: list[str]
) -> None:
    assert words(shown(("a", measured(*numbers, key="brier")))) == written


@pytest.mark.parametrize("width", [4.2, 8.0])
@pytest.mark.parametrize("more", [0.0, 3.0])
@pytest.mark.parametrize("high", [0.97, 0.998])
def test_all_words_can_be_read(
    width: float, more: float, high: float, unreadable: Callable[[Figure], list[Any]]
) -> None:
    """None is cut off, none stands on another, and there is room between the rows."""
    rows = [("hospital-north-2021, validation", measured(0.94, 0.87, high)), *SETS]
    figure = Figure(figsize=(width, least_intervals_height(rows) + more), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw_intervals(axes, rows)
    arrange_intervals(figure, rows)
    figure.draw_without_rendering()
    assert unreadable(figure) == []
    heights = [axes.transData.transform((0, -row))[1] for row in range(len(rows))]
    assert min(above - below for above, below in pairwise(heights)) > 1.3 * TALLEST


@pytest.mark.parametrize("name", ["$\\frac$", "_x", "a$_$b", "two\nlines"])
def test_any_name_is_taken_as_it_is(name: str) -> None:
    axes = shown((name, measured(0.9, 0.8, 0.95)))
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    assert names(axes) == [" ".join(name.split())]


def test_redrawing_leaves_nothing_of_before() -> None:
    axes = shown(*SETS)
    draw_intervals(axes, SETS[:1])
    assert (names(axes), len(points(axes)), len(words(axes))) == (["cxr-a, validation"], 1, 3)


def test_every_colour_is_the_styles(other_colours: Callable[[Any], int]) -> None:
    assert other_colours(lambda axes, style: draw_intervals(axes, SETS, style)) == 0
