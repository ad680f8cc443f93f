"""ROC and precision-recall curves: what is drawn of an evaluation, and which threshold a place means."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.figures.roc import (
    Curve,
    draw_precision_recall,
    draw_roc,
    nearest_precision_threshold,
    nearest_threshold,
)
from covid_desktop.figures.style import PAPER

Scored = Callable[..., Evaluation]
Drawn = Callable[..., Figure]
SMALL_SET = Evaluation(
    labels=(0, 1, 0, 0, 1, 0, 1, 1), scores=(0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9), threshold=0.5
)
BOTH = pytest.mark.parametrize("draw", [draw_roc, draw_precision_recall])
SIZES = [(4.2, 3.2), (8.0, 6.0)]


def curve(evaluation: Evaluation, name: str = "cxr-a, validation") -> Curve:
    return Curve(name=name, evaluation=evaluation)


def on_axes(draw: Callable[..., None], *evaluations: Evaluation) -> Axes:
    axes = Figure().subplots()
    draw(axes, [curve(evaluation) for evaluation in evaluations])
    return axes


def points(line: Line2D) -> list[tuple[float, float]]:
    return [tuple(point) for point in np.asarray(line.get_xydata(), float).round(6).tolist()]


def curves(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if line.get_linewidth() == 2]


def marks(axes: Axes) -> list[Line2D]:
    """The points at the thresholds."""
    return [line for line in axes.lines if line.get_marker() not in ("None", "none", None)]


def key(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def farthest(full: NDArray[np.float64], line: NDArray[np.float64]) -> float:
    """Of points (n, 2), the largest distance to a line through points (m, 2)."""
    start, step = line[:-1], np.diff(line, axis=0)
    offset = full[:, None] - start
    length = np.maximum((step**2).sum(axis=1), 1e-30)
    along = np.clip((offset * step).sum(axis=2) / length, 0, 1)
    return float(np.linalg.norm(offset - along[..., None] * step, axis=2).min(axis=1).max())


def test_the_roc_curve_is_that_of_the_scores() -> None:
    axes = on_axes(draw_roc, SMALL_SET)
    (line,) = curves(axes)
    assert points(line) == [
        (0, 0),
        (0, 0.25),
        (0, 0.5),
        (0.25, 0.5),
        (0.25, 0.75),
        (0.75, 0.75),
        (0.75, 1),
        (1, 1),
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("1 - specificity", "Sensitivity")


def test_chance_is_the_diagonal() -> None:
    axes = on_axes(draw_roc, SMALL_SET)
    assert points(axes.lines[0]) == [(0, 0), (1, 1)]
    assert words(axes) == ["chance"]


@pytest.mark.parametrize(
    ("threshold", "place"),
    [(0.0, (1, 1)), (0.35, (0.5, 0.75)), (0.4, (0.5, 0.75)), (0.65, (0.25, 0.5)), (1.0, (0, 0))],
)
def test_the_threshold_has_its_point_on_the_roc_curve(threshold: float, place: tuple[float, float]) -> None:
    """An image whose score is the threshold is called positive."""
    (mark,) = marks(on_axes(draw_roc, SMALL_SET.at(threshold)))
    assert points(mark) == [place]


def test_precision_is_drawn_against_recall() -> None:
    axes = on_axes(draw_precision_recall, SMALL_SET)
    (line,) = curves(axes)
    drawn = [
        (1, 0.5),
        (1, 4 / 7),
        (0.75, 0.5),
        (0.75, 0.6),
        (0.75, 0.75),
        (0.5, 2 / 3),
        (0.5, 1),
        (0.25, 1),
        (0, 1),
    ]
    assert points(line) == [(recall, round(precision, 6)) for recall, precision in drawn]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Recall (sensitivity)", "Precision (PPV)")


def test_a_threshold_has_its_point_on_the_precision_recall_curve() -> None:
    (mark,) = marks(on_axes(draw_precision_recall, SMALL_SET.at(0.65)))
    assert points(mark) == [(0.5, round(2 / 3, 6))]


def test_where_nothing_is_called_positive_there_is_no_precision_to_mark() -> None:
    assert marks(on_axes(draw_precision_recall, SMALL_SET.at(0.95))) == []


@pytest.mark.parametrize("seed", range(5))
def test_the_area_under_the_drawn_steps_is_the_auprc(seed: int, scored: Scored) -> None:
    evaluation = scored(150, 1.0, seed=seed)
    (line,) = curves(on_axes(draw_precision_recall, evaluation))
    assert line.get_drawstyle() == "steps-post"
    recall, precision = np.asarray(line.get_xydata(), float).T
    assert -np.sum(np.diff(recall) * precision[:-1]) == pytest.approx(evaluation.auprc, abs=1e-9)


def test_a_highest_score_that_is_wrong_has_a_precision_of_zero() -> None:
    """Not the 1 that convention puts at a recall of 0."""
    wrong = Evaluation(labels=(1, 1, 0), scores=(0.2, 0.4, 0.9), threshold=0.5)
    (line,) = curves(on_axes(draw_precision_recall, wrong))
    assert points(line)[-1] == (0, 0)


def test_every_prevalence_is_dotted_and_near_ones_share_their_word(scored: Scored) -> None:
    evaluations = [scored(100, seed=seed, prevalence=share) for seed, share in enumerate((0.5, 0.5, 0.1))]
    axes = on_axes(draw_precision_recall, *evaluations)
    prevalences = [float(np.mean(evaluation.labels)) for evaluation in evaluations]
    assert abs(prevalences[0] - prevalences[1]) < 0.1 < prevalences[0] - prevalences[2]
    dotted = [line for line in axes.lines if line.get_linewidth() == 1.2]
    assert [points(line) for line in dotted] == [[(0, share), (1, share)] for share in prevalences]
    assert words(axes) == [f"prevalence {prevalences[row]:.2f}" for row in (0, 2)]


@BOTH
def test_four_curves_differ_in_more_than_colour(draw: Callable[..., None], scored: Scored) -> None:
    axes = on_axes(draw, *(scored(60, seed=seed) for seed in range(4)))
    lines, points_ = curves(axes), marks(axes)
    assert len(lines) == len(points_) == 4
    for one, other in combinations(lines, 2):
        assert one._dash_pattern != other._dash_pattern  # type: ignore[attr-defined]
        assert one.get_color() != other.get_color()
    assert len({mark.get_marker() for mark in points_}) == 4
    handles = axes.get_legend().get_lines()  # type: ignore[union-attr]
    assert [handle.get_marker() for handle in handles] == [mark.get_marker() for mark in points_]


@BOTH
def test_a_fifth_curve_is_not_drawn(draw: Callable[..., None], scored: Scored) -> None:
    axes = on_axes(draw, *(scored(60, seed=seed) for seed in range(5)))
    assert len(curves(axes)) == len(key(axes)) == 4


def test_the_key_names_the_curve_its_area_and_its_threshold() -> None:
    roc, other = on_axes(draw_roc, SMALL_SET), on_axes(draw_precision_recall, SMALL_SET)
    assert key(roc) == ["cxr-a, validation: AUROC 0.750, threshold 0.50"]
    assert key(other) == [f"cxr-a, validation: AUPRC {SMALL_SET.auprc:.3f}, threshold 0.50"]


@BOTH
@pytest.mark.parametrize("name", ["$\\frac$", "_hidden", "a$_$b", "100 % {x}", "two\nlines"])
def test_any_name_is_taken_as_it_is(draw: Callable[..., None], name: str, drawn: Drawn) -> None:
    figure = drawn(lambda axes, style: draw(axes, [curve(SMALL_SET, name)], style))
    (words_,) = key(figure.axes[0])
    assert words_.startswith(f"{' '.join(name.split())}: AU")


@BOTH
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_all_words_can_be_read_and_none_stands_on_a_curve(
    draw: Callable[..., None],
    size: tuple[float, float],
    count: int,
    scored: Scored,
    drawn: Drawn,
    unreadable: Callable[[Figure], list[Any]],
) -> None:
    """Also where a model is worse than chance, whose curve runs in the other corner."""
    sets = [(2.5, 0.5), (-1.5, 0.5), (1.2, 0.3), (0.0, 0.1)]
    evaluations = [scored(80, apart, seed=row, prevalence=share) for row, (apart, share) in enumerate(sets)]
    shown = [curve(evaluation, "hospital-north, validation") for evaluation in evaluations[:count]]
    figure = drawn(lambda axes, style: draw(axes, shown, style), size)
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 > axes.get_window_extent().y1 + 2
    assert unreadable(figure) == []


@BOTH
@pytest.mark.parametrize("size", [*SIZES, (3.0, 9.0)])
def test_both_axes_are_equally_long(
    draw: Callable[..., None], size: tuple[float, float], drawn: Drawn
) -> None:
    (axes,) = drawn(lambda axes, style: draw(axes, [curve(SMALL_SET)], style), size).axes
    box = axes.get_window_extent()
    assert box.width == pytest.approx(box.height)
    assert box.width > 100
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 1), (0, 1))


@BOTH
@pytest.mark.parametrize("labels", [(), (0, 0, 0), (1, 1, 1)])
def test_of_one_class_there_is_no_curve(draw: Callable[..., None], labels: tuple[int, ...]) -> None:
    one = Evaluation(labels=labels, scores=(0.2, 0.4, 0.9)[: len(labels)], threshold=0.5)
    axes = on_axes(draw, one)
    assert words(axes) == ["One class only"]
    assert list(axes.lines) == []
    assert key(axes) == []


@BOTH
def test_a_set_of_one_class_leaves_the_others_as_they_are(draw: Callable[..., None], scored: Scored) -> None:
    one = Evaluation(labels=(0, 0), scores=(0.2, 0.4), threshold=0.5)
    alone, beside = on_axes(draw, SMALL_SET, SMALL_SET), on_axes(draw, one, SMALL_SET)
    assert "One class only" not in words(beside)
    (line,), (_, same) = curves(beside), curves(alone)
    assert (line.get_color(), points(line)) == (same.get_color(), points(same))


@BOTH
@pytest.mark.parametrize("apart", [0.5, 3.0])
def test_a_curve_of_many_images_is_thinned_and_stays_where_it_is(
    draw: Callable[..., None], apart: float, scored: Scored
) -> None:
    """Within less than a pixel of axes 250 pixels wide."""
    evaluation = scored(10_000, apart, seed=3)
    (line,) = curves(on_axes(draw, evaluation))
    thin = np.asarray(line.get_xydata(), float)
    full = evaluation.roc() if draw is draw_roc else evaluation.precision_recall()[::-1]
    assert 100 < len(thin) <= 500 < len(full[0])
    assert thin[0].tolist() == [full[0][0], full[1][0]]
    assert thin[-1][0] == full[0][-1]
    assert farthest(np.stack(full, axis=1)[:-1], thin) < 1 / 250


@BOTH
def test_redrawing_leaves_nothing_of_before(draw: Callable[..., None], scored: Scored, drawn: Drawn) -> None:
    figure = drawn(lambda axes, style: draw(axes, [curve(scored(60, seed=seed)) for seed in range(4)], style))
    (axes,) = figure.axes
    draw(axes, [curve(Evaluation(labels=(0, 0), scores=(0.2, 0.4), threshold=0.5))])
    figure.draw_without_rendering()
    assert (words(axes), key(axes), list(axes.lines)) == (["One class only"], [], [])
    assert axes.get_window_extent().height == pytest.approx(0.8 * 320)


@BOTH
def test_every_colour_is_the_styles(
    draw: Callable[..., None], scored: Scored, other_colours: Callable[[Any], int]
) -> None:
    shown = [curve(scored(60, seed=seed)) for seed in range(4)]
    assert other_colours(lambda axes, style: draw(axes, shown, style)) == 0
    assert other_colours(lambda axes, style: draw(axes, [], style)) == 0


def test_a_points_edge_parts_it_from_its_curve() -> None:
    (mark,) = marks(on_axes(draw_roc, SMALL_SET))
    assert to_hex(mark.get_markeredgecolor()) == PAPER.surface
    assert to_hex(mark.get_markerfacecolor()) == PAPER.accent


def roc_point(evaluation: Evaluation) -> tuple[float, float]:
    assert evaluation.sensitivity is not None
    assert evaluation.specificity is not None
    return 1 - evaluation.specificity, evaluation.sensitivity


def distance(evaluation: Evaluation, threshold: float, place: tuple[float, float]) -> float:
    x, y = roc_point(evaluation.at(threshold))
    return float(np.hypot(x - place[0], y - place[1]))


@pytest.mark.parametrize("seed", range(10))
def test_no_other_threshold_comes_nearer_to_the_place(seed: int) -> None:
    """Of all that part the images differently; many scores are equal here."""
    rng = np.random.default_rng(seed)
    scores = tuple((rng.integers(1, 20, 60) / 20).tolist())
    evaluation = Evaluation(labels=tuple(rng.integers(0, 2, 60).tolist()), scores=scores, threshold=0.5)
    place = (float(rng.uniform(-0.1, 1.1)), float(rng.uniform(-0.1, 1.1)))
    found = nearest_threshold(evaluation, *place)
    others = [score + 0.025 for score in (0.0, *scores)]
    assert distance(evaluation, found, place) == pytest.approx(
        min(distance(evaluation, other, place) for other in others)
    )
    assert found not in scores
    assert 0 < found < 1


def test_a_place_on_the_curve_gives_the_threshold_midway_between_its_neighbours() -> None:
    assert nearest_threshold(SMALL_SET, *roc_point(SMALL_SET.at(0.65))) == pytest.approx(0.65)
    assert nearest_threshold(SMALL_SET, *roc_point(SMALL_SET.at(0.45))) == pytest.approx(0.5)


def test_the_corners_give_thresholds_beyond_all_scores() -> None:
    assert nearest_threshold(SMALL_SET, 1.0, 1.0) == pytest.approx(0.05)
    assert nearest_threshold(SMALL_SET, 0.0, 0.0) == pytest.approx(0.95)


def test_no_threshold_lies_on_a_score_of_zero_or_one() -> None:
    extreme = Evaluation(labels=(0, 0, 1, 1), scores=(0.0, 0.0, 1.0, 1.0), threshold=0.2)
    for place in [(0, 0), (1, 1), (0, 1), (0.5, 0.5)]:
        assert nearest_threshold(extreme, *place) == 0.5


def test_scores_with_no_number_between_them_are_not_parted() -> None:
    score = 0.3
    next_one = float(np.nextafter(score, 1))
    twins = Evaluation(labels=(0, 1), scores=(score, next_one), threshold=0.5)
    found = {nearest_threshold(twins, x, y) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0)}
    assert sorted(found) == pytest.approx([0.15, 0.65])


@pytest.mark.parametrize("labels", [(), (0, 0, 0), (1, 1, 1)])
def test_a_place_has_a_threshold_with_one_class_too(labels: tuple[int, ...]) -> None:
    one = Evaluation(labels=labels, scores=(0.2, 0.4, 0.9)[: len(labels)], threshold=0.5)
    found = nearest_threshold(one, 0.4, 0.7)
    assert 0 < found < 1
    assert found not in one.scores


@pytest.mark.parametrize("threshold", [0.15, 0.4, 0.62, 0.8])
def test_a_place_on_the_precision_recall_curve_gives_its_threshold_back(threshold: float) -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 200)
    scores = np.clip(0.3 * labels + rng.normal(0.35, 0.15, 200), 0.001, 0.999)
    evaluation = Evaluation(labels=tuple(labels.tolist()), scores=tuple(scores.tolist()), threshold=threshold)
    assert evaluation.sensitivity is not None
    assert evaluation.ppv is not None
    found = nearest_precision_threshold(evaluation, evaluation.sensitivity, evaluation.ppv)
    assert evaluation.at(found).confusion == evaluation.confusion


def test_the_nearest_threshold_calls_something_positive() -> None:
    evaluation = Evaluation(labels=(0, 1, 0, 1), scores=(0.2, 0.4, 0.6, 0.8), threshold=0.5)
    found = nearest_precision_threshold(evaluation, 0.0, 1.0)
    assert evaluation.at(found).confusion.true_positive == 1
