"""An image with its heatmap and its result burnt in, for programs that show nothing but pictures."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.figures.heatmap import draw_heatmap
from covid_desktop.figures.style import PAPER

_LEAST = 512  # pixels of the longer side of a picture, and of the width of what is written below it
_INCHES = 5.12  # the width at any size, so that letters grow with the picture
_HEADLINE, _WORDS = 15, 10  # points
_LINE = 1.4  # times the size of the letters
_MARGIN = 10  # points round the words


def burnt_in(
    pixels: NDArray[np.uint8],
    heatmap: NDArray[np.floating] | None,
    lines: Sequence[str],
    limit: int = 2048,
) -> NDArray[np.uint8]:
    """The image with the heatmap over it and ``lines`` in a band below it, as (height, width, 3) RGB.

    ``pixels``, (height, width) or (height, width, 3), keep their size, but the longer side is brought to at
    least 512 and at most ``limit`` pixels. ``heatmap`` covers them, in any size. The first line is the
    largest; lines that are too long are broken.
    """
    picture = _sized(pixels, limit)
    height, width = picture.shape[:2]
    whole_width = max(width, _LEAST)
    left = (whole_width - width) // 2
    figure = Figure(figsize=(_INCHES, _INCHES), dpi=whole_width / _INCHES, facecolor=PAPER.picture)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a class may be named in letters the font has not
        rows = list(_broken(figure, lines))
        band = round(sum(size * _LINE for _, size in rows) * figure.dpi / 72 + 2 * _margin(figure))
        whole_height = height + band
        figure.set_size_inches(_INCHES, whole_height / figure.dpi)
        if heatmap is not None:
            shares = left / whole_width, band / whole_height, width / whole_width, height / whole_height
            axes = figure.add_axes(shares)
            draw_heatmap(axes, picture, heatmap)
            axes.set_aspect("auto")  # the axes have the picture's shape to the pixel
        _write(figure, rows, band)
        drawn = _drawn(figure)
    if heatmap is None:
        drawn[:height, left : left + width] = picture if picture.ndim == 3 else picture[..., None]
    return drawn


def over_whole(
    heatmap: NDArray[np.floating], picture: NDArray[np.uint8], preprocessing: Preprocessing
) -> NDArray[np.floating]:
    """A heatmap of what the model saw as one that covers the whole ``picture`` (height, width[, 3]).

    A model that sees pictures padded has looked beside them, one that sees them cropped not at their rims.
    """
    if preprocessing.fit == "stretch":
        return heatmap
    rows, columns = heatmap.shape
    ratios = rows / picture.shape[0], columns / picture.shape[1]
    scale = min(ratios) if preprocessing.fit == "pad" else max(ratios)
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    top, left = abs(height - rows) // 2, abs(width - columns) // 2
    if preprocessing.fit == "pad":
        return heatmap[top : top + height, left : left + width]
    whole = np.zeros((max(height, rows), max(width, columns)), heatmap.dtype)
    whole[top : top + rows, left : left + columns] = heatmap
    return whole


def _sized(pixels: NDArray[np.uint8], limit: int) -> NDArray[np.uint8]:
    longest = max(pixels.shape[:2])
    wanted = min(max(longest, _LEAST), limit)
    if wanted == longest:
        return pixels
    height, width = (max(1, round(side * wanted / longest)) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))


def _drawn(figure: Figure) -> NDArray[np.uint8]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.array(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]


def _margin(figure: Figure) -> float:
    return _MARGIN * figure.dpi / 72


def _broken(figure: Figure, lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Rows that are narrow enough, with the size of their letters."""
    room = _INCHES * figure.dpi - 2 * _margin(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]

    def fits(words: str, size: int) -> bool:
        text = Text(0, 0, words, fontsize=size, parse_math=False, figure=figure)
        return bool(text.get_window_extent(renderer).width <= room)

    for number, line in enumerate(lines):
        size = _WORDS if number else _HEADLINE
        row = ""
        for part in _parts(line):
            if row and not fits(row + part, size):
                yield row.rstrip(), size
                row = ""
            row += part.lstrip() if not row else part
        yield row.rstrip(), size


def _parts(line: str) -> Iterator[str]:
    """Where a line may be broken: before words, and within one that no row could hold."""
    for word in line.split():
        for start in range(0, len(word), 20):
            yield (" " if start == 0 else "") + word[start : start + 20]


def _write(figure: Figure, rows: Sequence[tuple[str, int]], band: int) -> None:
    width, height = figure.get_size_inches() * figure.dpi
    top = band - _margin(figure)
    for words, size in rows:
        figure.text(
            _margin(figure) / width,
            top / height,
            words,
            fontsize=size,
            color=PAPER.on_picture,
            va="top",
            parse_math=False,
        )
        top -= size * _LINE * figure.dpi / 72
