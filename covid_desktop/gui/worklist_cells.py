"""What stands in the cells of the worklist: words, shapes, signs, and what a screen reader says."""

from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import Qt

from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import Review
from covid_desktop.gui.class_widgets import ClassKind, class_role
from covid_desktop.gui.theme import icon

COLUMNS = ("Image", "Result", "Score", "Mark")
IMAGE, RESULT, SCORE, MARKED = range(4)
WAITING = "Waiting"
SIGN_ROLE = Qt.ItemDataRole.UserRole
"""The role of an icon at the right of a cell: name and token."""

BRIEF_ROLE = SIGN_ROLE + 1
"""The role of a result in a narrow column: without the reason."""

_MARKS = {"agreed": ("tick", "success"), "disagreed": ("close", "danger")}


class Image(NamedTuple):
    """A row of the worklist; ``kind`` is the shape and colour of its result."""

    path: Path
    prediction: Prediction | None
    review: Review
    kind: ClassKind


def cell(role: int, column: int, image: Image) -> Any:
    """What a model answers for a role; None where there is nothing."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return _text(column, image)
        case Qt.ItemDataRole.DecorationRole:
            return _mark(column, image)
        case Qt.ItemDataRole.TextAlignmentRole if column == SCORE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        case Qt.ItemDataRole.ToolTipRole:
            return _hint(image)
        case Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(column, image)
    return _sign(column, image) if role == SIGN_ROLE else _brief(role, column, image)


def _brief(role: int, column: int, image: Image) -> str | None:
    is_unscored = image.prediction is not None and image.prediction.score is None
    return "Not scored" if role == BRIEF_ROLE and column == RESULT and is_unscored else None


def result_text(prediction: Prediction | None) -> str:
    """The class, or why there is none."""
    if prediction is None:
        return WAITING
    if prediction.is_refused:
        return "Not scored: not like the training images"
    if prediction.score is None:
        return f"Not scored: {prediction.error}"
    return prediction.label or ""


def _text(column: int, image: Image) -> str:
    score = image.prediction.score if image.prediction else None
    match column:
        case 0:
            return image.path.name
        case 1:
            return result_text(image.prediction)
        case 2:
            return "" if score is None else f"{score:.3f}"
    return (image.review.verdict or "").capitalize()


def _spoken(column: int, image: Image) -> str:
    if column == MARKED:
        return image.review.words or "Not marked"
    text = _text(column, image)
    is_odd = column == RESULT and _is_scored_anyway(image)
    return f"{text}, though not like the training images" if is_odd else text


def _hint(image: Image) -> str:
    reasons = (image.prediction.error, image.prediction.refusal) if image.prediction else ()
    return "\n".join(filter(None, (str(image.path), *reasons, image.review.words)))


def _mark(column: int, image: Image) -> Any:
    if column == RESULT and image.prediction:
        return icon(f"marker-{image.kind}", class_role(image.kind))
    return icon(*_MARKS[image.review.verdict]) if column == MARKED and image.review.verdict else None


def _sign(column: int, image: Image) -> tuple[str, str] | None:
    if column == MARKED and image.review.comment:
        return "comment", "muted"
    return ("warning", "warning") if column == RESULT and _is_scored_anyway(image) else None


def _is_scored_anyway(image: Image) -> bool:
    prediction = image.prediction
    return bool(prediction and prediction.refusal and prediction.score is not None)
