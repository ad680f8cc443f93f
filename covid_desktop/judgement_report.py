"""What an evaluation found, as lines to read and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from covid_desktop.core.card_sections import comparisons, names_of, value_words
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.measures import evaluation_json, measures

_APART = "  "


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """What ``evaluation_json`` tells, of which set of which folder."""
    told = {"set": judgement.subset or "all", "folder": str(judgement.folder)}
    return evaluation_json(judgement.evaluation) | told


def judgement_lines(judgements: Sequence[Judgement]) -> Iterator[str]:
    """A table with a column for each set of images, and how the others do against the first, in words."""
    columns = [_column(name, one) for name, one in zip(names_of(judgements), judgements, strict=True)]
    names = ["", "Images", "Threshold", *(one.name for one in measures(judgements[0].evaluation).values())]
    widths = [max(map(len, column)) for column in (names, *columns)]
    for row in zip(names, *columns, strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _APART.join(cells).rstrip()
    yield "95 % intervals in brackets."
    yield from comparisons(list(zip(names_of(judgements), judgements, strict=True)))


def caution_lines(judgements: Sequence[Judgement], *, chosen_on_first: bool = False) -> Iterator[str]:
    """Why numbers are too good. ``chosen_on_first``: the threshold is one that fits the first set."""
    names = names_of(judgements)
    if chosen_on_first:
        yield f"{names[0]}: The threshold was chosen on these images: the numbers at it are optimistic."
    for name, judgement in zip(names, judgements, strict=True):
        if judgement.caution:
            yield f"{name}: {judgement.caution}"


def _column(name: str, judgement: Judgement) -> list[str]:
    judged = judgement.evaluation
    found = measures(judged).values()
    return [name, f"{judged.n:,}", f"{judged.threshold:.3f}", *(value_words(one) for one in found)]
