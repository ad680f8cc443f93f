"""What a result came from, for files that travel without the program; and what is said of it in words."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from covid_desktop import __version__
from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import RESEARCH_USE, Prediction, probability_words

Kind = Literal["picture", "report"]
_DIGEST_LENGTH = 10
_TO_SECONDS = len("2026-01-02T03:04:05")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSource:
    """The model and the program that scored an image; ``class_names`` are the negative, the positive class.

    ``model_version`` tells the model from any other of its name.
    """

    model_name: str
    model_version: str
    class_names: tuple[str, str]
    program_version: str

    @property
    def positive_class(self) -> str:
        return self.class_names[1]


def source_of(card: ModelCard, weights: Iterable[NDArray[Any]]) -> ResultSource:
    """A model by its architecture, when it was made, and the start of the SHA-256 of its weights."""
    digest = hashlib.sha256()
    for array in weights:
        digest.update(np.ascontiguousarray(array).tobytes())
    created = card.created[:_TO_SECONDS].replace("T", " ")
    return ResultSource(
        model_name=ARCHITECTURES[card.architecture].title,
        model_version=" ".join(filter(None, (created, digest.hexdigest()[:_DIGEST_LENGTH]))),
        class_names=card.class_names,
        program_version=__version__,
    )


@dataclass(slots=True)
class SeriesUids:
    """Puts the results of one saving into one series of pictures and one of reports in each study."""

    began: datetime = field(default_factory=datetime.now)
    _run: uuid.UUID = field(default_factory=uuid.uuid4)
    _counts: Counter[tuple[str, Kind]] = field(default_factory=Counter)

    def series(self, study_uid: str, kind: Kind) -> str:
        """The Series Instance UID, the same each time."""
        return uid_of(uuid.uuid5(self._run, f"{kind} {study_uid}"))

    def next_number(self, study_uid: str, kind: Kind) -> int:
        """An Instance Number, from 1 on."""
        self._counts[study_uid, kind] += 1
        return self._counts[study_uid, kind]


def uid_of(number: uuid.UUID) -> str:
    """A DICOM UID made of a UUID, which needs no registration: PS3.5 B.2."""
    return f"2.25.{number.int}"


def finding_words(prediction: Prediction) -> str:
    """The class, "Indeterminate", or why there is none."""
    if prediction.score is None:
        return f"Not scored: {prediction.refusal or prediction.error or 'no reason is known'}"
    return prediction.label or ""


def score_words(prediction: Prediction, about: ResultSource) -> str:
    return f"{prediction.score:.3f} for {about.positive_class}, on a scale from 0 to 1"


def probability_words_of(prediction: Prediction, about: ResultSource) -> str:
    """Empty unless the model is calibrated."""
    probability = prediction.probability
    return "" if probability is None else f"{probability_words(probability)} of {about.positive_class}"


def caution_words(prediction: Prediction) -> str:
    """What speaks against the score; empty where nothing does."""
    return prediction.refusal or "" if prediction.score is not None else ""


def change_words(prediction: Prediction) -> str:
    """What was done to the picture before it was scored; empty where nothing was."""
    changed = prediction.adjustment.words
    return f"The image was {changed} before it was scored" if changed else ""


def result_lines(prediction: Prediction, about: ResultSource) -> list[str]:
    """A result in lines for a picture, what it is first; nothing in them says whose picture it is."""
    return list(_lines(prediction, about))


def _lines(prediction: Prediction, about: ResultSource) -> Iterator[str]:
    yield finding_words(prediction)
    if prediction.score is not None:
        yield f"Score {score_words(prediction, about)}. Threshold {prediction.threshold:.3f}."
    notes = probability_words_of(prediction, about), caution_words(prediction), change_words(prediction)
    for words in notes:
        if words:
            yield words if words.endswith(".") else f"{words}."
    yield f"Model {about.model_name}, {about.model_version}."
    yield RESEARCH_USE
