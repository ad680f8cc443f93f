"""What is to be said of the results of images, for whatever is written of them.

An image is named by its file's name or by a number, never by its place, and nothing in it that names a
patient is read.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.document import Block, Section, Table, printable
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_section import moment_words
from covid_desktop.core.prediction import INDETERMINATE, Prediction, probability_words
from covid_desktop.core.review import NOT_REVIEWED, Review

Names = Literal["files", "numbers"]
"""What images are called in a report."""

Result = Literal["positive", "indeterminate", "negative", "refused", "unreadable"]
"""Of one image, in the order in which pictures are chosen: who looks at few wants to see these first."""

MOST_ROWS, MOST_PICTURES = 10_000, 24
COLUMNS = ("Image", "Result", "Score", "Probability", "Mark", "Comment")
NOT_SCORED = "Not scored"
_ORDER: tuple[Result, ...] = ("positive", "indeterminate", "negative", "refused", "unreadable")
_NONE = "\N{EN DASH}"
_ODD = "not like the training images"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedImage:
    """The result of an image, and what a report shows of it.

    ``pixels`` (height, width), (height, width, 1) or RGB and ``heatmap`` (rows, columns) of 0 to 1 over them
    are None where no picture is shown, and where the model was not asked. ``central_share`` of the heatmap is
    in its centre. ``series`` says which of which series it is, empty for a picture by itself.
    """

    name: str
    prediction: Prediction
    review: Review = NOT_REVIEWED
    pixels: NDArray[np.uint8] | None = None
    heatmap: NDArray[np.floating] | None = None
    central_share: float | None = None
    series: str = ""


def result_of(prediction: Prediction, positive_class: str) -> Result:
    """What came out, whatever the classes are called."""
    if prediction.score is None:
        return "refused" if prediction.is_refused else "unreadable"
    if prediction.is_indeterminate:
        return "indeterminate"
    return "positive" if prediction.label == positive_class else "negative"


def most_telling(
    predictions: Sequence[Prediction], positive_class: str, chosen: Collection[Path] = ()
) -> list[int]:
    """The places of at most 24 images to show: of those ``chosen``, or of all where none is.

    Positive images come first, then indeterminate ones; what cannot be read is left out.
    """
    ranks = [_ORDER.index(result_of(prediction, positive_class)) for prediction in predictions]
    places = [
        place
        for place, prediction in enumerate(predictions)
        if _ORDER[ranks[place]] != "unreadable" and (not chosen or prediction.path in chosen)
    ]
    return sorted(places, key=ranks.__getitem__)[:MOST_PICTURES]


def shown_names(images: Sequence[ReportedImage], names: Names) -> list[str]:
    """What each image is called: no two alike, since files of several folders may have one name."""
    if names == "numbers":
        return [f"Image {number:,}" for number in range(1, len(images) + 1)]
    seen: Counter[str] = Counter()
    shown = []
    for image in images:
        name = printable(image.name)
        seen[name] += 1
        shown.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return shown


def headline(prediction: Prediction) -> str:
    """The class, or that there is none."""
    return NOT_SCORED if prediction.score is None else prediction.label or ""


def caution_words(prediction: Prediction) -> str:
    """What must be read before the result; empty where there is nothing."""
    if prediction.refusal is None or prediction.score is None:
        return ""
    why = f"This image is {_ODD}. {prediction.refusal}"
    return f"{why} It was scored all the same: the result may mean nothing."


def reason_words(prediction: Prediction) -> str:
    """Why there is no score; empty where there is one."""
    if prediction.score is not None:
        return ""
    if prediction.is_refused:
        return f"The image is {_ODD}. {prediction.refusal}"
    return prediction.error or ""


def result_words(prediction: Prediction) -> str:
    """In a cell: the class and what is odd about it, or why there is none."""
    if prediction.score is None:
        return f"{NOT_SCORED}: {prediction.refusal or prediction.error or ''}"
    notes = [prediction.adjustment.words, _ODD if prediction.refusal else ""]
    odd = "; ".join(filter(None, notes))
    return f"{prediction.label} ({odd})" if odd else f"{prediction.label}"


def score_words(prediction: Prediction) -> str:
    return _NONE if prediction.score is None else f"{prediction.score:.3f}"


def mark_words(review: Review) -> str:
    """Agreed, Disagreed, or nothing."""
    return (review.verdict or "").capitalize()


def image_table(card: ModelCard, image: ReportedImage, name: str) -> Table:
    """All that is known of one image."""
    prediction, review = image.prediction, image.review
    rows = [("Series", image.series)]
    if prediction.suggestion:
        rows += [("It would be like them if", prediction.suggestion.words)]
    if prediction.score is not None:
        negative, positive = card.class_names
        rows += [
            ("Score", f"{score_words(prediction)}, from 0 ({negative}) to 1 ({positive})"),
            ("Threshold", f"{prediction.threshold:.3f}"),
            ("Calibrated probability", _probability(prediction, positive)),
            ("Done before it was scored", prediction.adjustment.words.capitalize() or "Nothing"),
        ]
    rows += [("Mark", _mark(review)), ("Comment", review.comment)]
    return Table(head=("Image", name), rows=tuple(row for row in rows if row[1]))


def summary_section(card: ModelCard, images: Sequence[ReportedImage]) -> Section:
    """How many images have which result, and how many of them ask for a second look."""
    negative, positive = card.class_names
    results = Counter(result_of(image.prediction, positive) for image in images)
    rows = [
        (positive, results["positive"]),
        (INDETERMINATE, results["indeterminate"]),
        (negative, results["negative"]),
        (f"{NOT_SCORED}: {_ODD}", results["refused"]),
        ("Not readable", results["unreadable"]),
        ("All", len(images)),
    ]
    marks = Counter(image.review.verdict for image in images)
    predictions = [image.prediction for image in images]
    others = [
        ("Disagreed with", marks["disagreed"]),
        ("Agreed with", marks["agreed"]),
        (f"Scored though {_ODD}", sum(bool(caution_words(each)) for each in predictions)),
        ("Inverted or turned before they were scored", sum(_is_adjusted(each) for each in predictions)),
    ]
    blocks: tuple[Block, ...] = (_counts("Result", rows), _counts("Among them", others))
    return Section(key="summary", title="Summary", blocks=blocks)


def result_tables(images: Sequence[ReportedImage], names: Sequence[str], rows: int) -> list[Table]:
    """A row for each of the first 10,000 images, as they come, in tables of so many ``rows``."""
    cells = [_row(image, name) for image, name in zip(images[:MOST_ROWS], names, strict=False)]
    parts = (cells[start : start + rows] for start in range(0, len(cells), rows))
    return [Table(head=COLUMNS, rows=tuple(part)) for part in parts]


def _row(image: ReportedImage, name: str) -> tuple[str, ...]:
    prediction, review = image.prediction, image.review
    probability = prediction.probability
    return (
        ", ".join(filter(None, (name, image.series))),
        result_words(prediction),
        score_words(prediction),
        _NONE if probability is None else _value(probability),
        mark_words(review),
        review.comment,
    )


def _counts(what: str, rows: Sequence[tuple[str, int]]) -> Table:
    return Table(head=(what, "Images"), rows=tuple((name, f"{number:,}") for name, number in rows))


def _is_adjusted(prediction: Prediction) -> bool:
    return prediction.score is not None and bool(prediction.adjustment.words)


def _probability(prediction: Prediction, positive_class: str) -> str:
    if prediction.probability is None:
        return "None: the scores were not calibrated, and are no probabilities"
    return f"{_value(prediction.probability)} of {positive_class}"


def _value(probability: float) -> str:
    return probability_words(probability).removeprefix("Calibrated probability ")


def _mark(review: Review) -> str:
    if not review.verdict:
        return "Not marked"
    by = f"by {review.who}" if review.who else ""
    return ", ".join(filter(None, (mark_words(review), by, moment_words(review.when))))
