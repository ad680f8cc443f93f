"""Scored images to draw, figures of a size, and whether their words can be read."""

from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.figures.style import PAPER, Style

PLACE = (0.14, 0.14, 0.82, 0.8)  # that the window gives its axes


def _scored(
    n: int, apart: float = 2.0, *, seed: int = 0, prevalence: float = 0.5, threshold: float = 0.5
) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < prevalence).astype(int)
    scores = 1 / (1 + np.exp(-1.5 * (rng.normal(size=n) + apart * (labels - 0.5))))
    return Evaluation(labels=tuple(labels.tolist()), scores=tuple(scores.tolist()), threshold=threshold)


def _drawn(
    draw: Callable[[Axes, Style], Any], size: tuple[float, float] = (4.2, 3.2), style: Style = PAPER
) -> Figure:
    figure = Figure(figsize=size, dpi=100)
    FigureCanvasAgg(figure)
    draw(figure.add_axes(PLACE), style)
    figure.draw_without_rendering()
    return figure


def _boxes(figure: Figure) -> dict[str, Bbox]:
    """The place of every text that is seen, in pixels."""
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible()]
    return {
        f"{text.get_text()} #{number}": text.get_window_extent()
        for number, text in enumerate(texts)
        if text.get_text()
    }


def _unreadable(figure: Figure) -> list[Any]:
    """Texts that are cut off at the edge, and pairs that stand on each other."""
    found, page = _boxes(figure), figure.bbox
    cut = [
        text
        for text, box in found.items()
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    return cut + [pair for pair in combinations(found, 2) if Bbox.intersection(*(found[one] for one in pair))]


def _other_colours(draw: Callable[[Axes, Style], Any]) -> int:
    """How green or blue the greenest or bluest pixel is where the whole style is red on black."""
    style = Style(**dict.fromkeys(Style.__slots__, "#ff0000") | {"surface": "#000000"})
    file = BytesIO()
    _drawn(draw, style=style).savefig(file, dpi=60, facecolor="#000000")
    pixels = np.asarray(Image.open(file).convert("RGB"))
    assert pixels[..., 0].max() > 200
    return int(pixels[..., 1:].max())


@pytest.fixture
def scored() -> Callable[..., Evaluation]:
    return _scored


@pytest.fixture
def drawn() -> Callable[..., Figure]:
    return _drawn


@pytest.fixture
def unreadable() -> Callable[[Figure], list[Any]]:
    return _unreadable


@pytest.fixture
def other_colours() -> Callable[[Callable[[Axes, Style], Any]], int]:
    return _other_colours
