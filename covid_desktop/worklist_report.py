"""The results of one image or of many as HTML: no scripts, nothing from the network, no places of files."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.card_sections import classes_of
from covid_desktop.core.document import printable
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.core.heatmap import HEATMAP_CAVEAT, share_words
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_section import model_section
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_sections import (
    Names,
    ReportedImage,
    caution_words,
    headline,
    image_table,
    mark_words,
    most_telling,
    reason_words,
    result_of,
    result_tables,
    result_words,
    score_words,
    shown_names,
    summary_section,
)
from covid_desktop.errors import Stopped
from covid_desktop.figures.layout import fitted
from covid_desktop.figures.report_pictures import Picture
from covid_desktop.figures.result_picture import pair_picture, score_picture
from covid_desktop.figures.style import PAPER
from covid_desktop.report_page import (
    block_html,
    html_page,
    picture_html,
    pictures_html,
    section_html,
    table_html,
    text,
)

_WHOLE, _HALF = 6.0, 3.25  # inches: pictures of one image alone, and of two side by side
_SMALL = 150  # dots per inch: about what a model sees, in half the time
_ROWS = 250  # of a table
_WIDTHS = (27, 23, 9, 13, 12, 16)  # percent of the page
_STYLE = """
.gallery { width: 100%; table-layout: fixed; break-inside: avoid; }
.gallery td { padding: .4em .6em .4em 0; vertical-align: top; }
"""
_LARGE = "font-size:16pt; font-weight:bold"
_FRAMED = "border:2px solid #000000"
_COLOURS = {"positive": PAPER.positive, "negative": PAPER.negative}
_TITLE = 40  # characters of a name
Named = tuple[str, ReportedImage]


def worklist_html(title: str, parts: Sequence[str]) -> str:
    """One file for a browser, which says on each printed page what the model is not for."""
    return html_page(title, "\n".join(parts), _STYLE)


def title_of(images: Sequence[ReportedImage], names: Names) -> str:
    """Such as "Result of IMG_12.png" or "Results of 200 images"; a long name is cut."""
    if len(images) == 1:
        name = "one image" if names == "numbers" else fitted(printable(images[0].name), _TITLE)
        return f"Result of {name}"
    return f"Results of {counted(len(images), 'image')}"


def worklist_parts(
    card: ModelCard,
    model_name: str,
    images: Sequence[ReportedImage],
    names: Names,
    should_stop: ShouldStop = never,
) -> list[str]:
    """Headings, paragraphs, tables and pictures alone, for whoever makes pages of them. Raises Stopped.

    On pages each part is laid out by itself: a long list in one piece takes far longer.
    """
    named = list(zip(shown_names(images, names), images, strict=True))
    title, foot = f"<h1>{text(title_of(images, names))}</h1>", f"<p><strong>{text(RESEARCH_USE)}</strong></p>"
    model = section_html(model_section(card, model_name))
    if len(named) == 1:
        return ["\n".join([title, *_one(card, *named[0]), *model, foot])]
    summary = section_html(summary_section(card, images))
    first = "\n".join([title, *summary, *model, *_gallery(card, named, should_stop)])
    *others, last = _list(named)
    return [first, *others, f"{last}\n{foot}"]


def _one(card: ModelCard, name: str, image: ReportedImage) -> Iterator[str]:
    prediction = image.prediction
    if caution := caution_words(prediction):
        yield _framed(f"Caution: {caution}")
    yield f'<p style="{_LARGE}">{text(headline(prediction))}</p>'
    if prediction.score is not None:
        yield pictures_html([_bar(card, prediction)])
    elif reason := reason_words(prediction):
        yield block_html(reason)
    if image.pixels is not None:
        yield pictures_html([pair_picture(image.pixels, image.heatmap, _WHOLE, _described(name, image))])
        yield block_html(_caption(image, image.pixels))
    yield table_html(image_table(card, image, name), (30, 70))


def _framed(words: str) -> str:
    cell = f'<td style="{_FRAMED}"><strong>{text(words)}</strong></td>'
    return f'<table width="100%" role="note"><tbody><tr>{cell}</tr></tbody></table>'


def _bar(card: ModelCard, prediction: Prediction) -> Picture:
    colour = _COLOURS.get(result_of(prediction, card.positive_class), PAPER.muted)
    return score_picture(prediction.score, prediction.threshold, card.indeterminate, classes_of(card), colour)


def _described(name: str, image: ReportedImage) -> str:
    beside = "" if image.heatmap is None else ", and beside it the image with its heatmap"
    return f"{name}{beside}."


def _caption(image: ReportedImage, pixels: NDArray[np.uint8]) -> str:
    """What is seen in the picture of one image."""
    rows, columns = pixels.shape[:2]
    size = f"The image as the model saw it, {columns} x {rows} pixels"
    if image.heatmap is None:
        return f"{size}."
    share = image.central_share
    inside = "" if share is None else f" {share_words(share)} (dotted)."
    return f"{size}, and with its heatmap; the line is at half of the most.{inside} {HEATMAP_CAVEAT}"


def _gallery(card: ModelCard, named: Sequence[Named], should_stop: ShouldStop) -> Iterator[str]:
    """Pictures of those that have one, two side by side. Raises Stopped."""
    with_picture = [one for one in named if one[1].pixels is not None]
    predictions = [image.prediction for _, image in with_picture]
    shown = [with_picture[place] for place in most_telling(predictions, card.positive_class)]
    if not shown:
        return
    yield "<h2>Pictures</h2>"
    yield block_html(
        f"{counted(len(shown), 'image')} of {len(named):,}, as the model saw them, and where it gave a score "
        f"with their heatmaps; the line is at half of the most. {HEATMAP_CAVEAT}"
    )
    for start in range(0, len(shown), 2):
        if should_stop():
            raise Stopped
        cells = "".join(_cell(name, image) for name, image in shown[start : start + 2])
        empty = '<td width="50%"></td>' if start + 1 == len(shown) else ""
        yield f'<table class="gallery" width="100%"><tbody><tr>{cells}{empty}</tr></tbody></table>'


def _cell(name: str, image: ReportedImage) -> str:
    assert image.pixels is not None
    picture = picture_html(pair_picture(image.pixels, image.heatmap, _HALF, _described(name, image), _SMALL))
    said = [
        f"score {score_words(image.prediction)}" if image.heatmap is not None else "",
        mark_words(image.review),
    ]
    result = ", ".join(filter(None, (result_words(image.prediction), *said)))
    named = ", ".join(filter(None, (name, image.series)))
    return f'<td width="50%">{picture}<br><strong>{text(named)}</strong><br>{text(result)}</td>'


def _list(named: Sequence[Named]) -> list[str]:
    """All images, in as many tables as can be laid out quickly."""
    parts: list[str] = []
    for table in result_tables([image for _, image in named], [name for name, _ in named], _ROWS):
        first = len(parts) * _ROWS + 1
        title = f"Images {first:,} to {first + len(table.rows) - 1:,} of {len(named):,}"
        parts.append(f"<h2>{title}</h2>\n{table_html(table, _WIDTHS)}")
    return parts
