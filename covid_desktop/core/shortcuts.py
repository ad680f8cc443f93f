"""The shortcut audit: small models that hardly see the lungs try to tell the classes apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.audit import Area, ShortcutAudit, Sight
from covid_desktop.core.dataset import Sample
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.feature_store import Features
from covid_desktop.core.separability import (
    SmallModel,
    area,
    can_be_judged,
    cross_validated,
    of_features,
    of_few_numbers,
)
from covid_desktop.core.sights import file_properties, outer_frame, small_thumbnail
from covid_desktop.core.verdict import judged
from covid_desktop.errors import DatasetError, Stopped

_TOO_FEW = "A class has too few images, or images of too few patients, for a shortcut audit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The images of an audit: as many samples, facts, groups (numbers of patients), and features.

    ``whole`` and ``blacked_out`` are what a pretrained network sees of each, (images, features).
    """

    samples: Sequence[Sample]
    facts: Sequence[ImageFacts]
    groups: Sequence[int]
    whole: Features
    blacked_out: Features

    @property
    def labels(self) -> list[int]:
        return [sample.label for sample in self.samples]


def require_enough(samples: Sequence[Sample], groups: Sequence[int]) -> None:
    """Raise DatasetError where an audit could say nothing."""
    if not can_be_judged([sample.label for sample in samples], groups):
        raise DatasetError(_TOO_FEW, "Add images of at least five patients to each class.")


def audit(
    images: Audited,
    total: int,
    validation: Sequence[Path],
    evaluation: Evaluation | None,
    emit: Emit,
    should_stop: ShouldStop,
) -> ShortcutAudit:
    """Audit ``images``, which are some of ``total``; compare with a trained model's ``evaluation``, if any.

    ``validation`` are the paths of the validation set. Raises Stopped; DatasetError for too few images.
    """
    require_enough(images.samples, images.groups)
    models = _models(images)
    areas: dict[Sight, Area] = {}
    for done, (sight, (make_model, inputs)) in enumerate(models.items()):
        if should_stop():
            raise Stopped
        emit(Progress(stage="Telling the classes apart", done=done, total=len(models)))
        scores = cross_validated(make_model, inputs, images.labels, images.groups)
        areas[sight] = area(images.labels, scores, images.groups)
    compared = _compared(images, models, validation, evaluation) if evaluation else {}
    patients_known = all(sample.patient is not None for sample in images.samples)
    return judged(areas, compared, total, patients_known=patients_known)


Models = dict[Sight, tuple[Callable[[], SmallModel], NDArray[np.generic]]]


def _models(images: Audited) -> Models:
    """A model for each sight, and what it sees: (images, numbers)."""
    return {
        "file-properties": (of_few_numbers, file_properties(images.facts)),
        "outer-frame": (of_few_numbers, outer_frame(images.facts)),
        "thumbnail": (of_few_numbers, small_thumbnail(images.facts)),
        "blacked-out": (of_features, images.blacked_out),
        "whole-picture": (of_features, images.whole),
    }


def _compared(
    images: Audited, models: Models, validation: Sequence[Path], evaluation: Evaluation
) -> dict[Sight, Area]:
    """The same models and the trained one, on the validation images; nothing where a class is missing."""
    score_of = dict(zip(evaluation.paths, evaluation.scores, strict=True))
    held_out = set(validation) & score_of.keys()
    judging = np.array([sample.path in held_out for sample in images.samples])
    labels, groups = np.array(images.labels), np.array(images.groups)
    if any(len(set(labels[part])) < 2 for part in (judging, ~judging)):
        return {}
    truth, patients = labels[judging].tolist(), groups[judging].tolist()
    found: dict[Sight, Area] = {}
    for sight, (make_model, inputs) in models.items():
        model = make_model().fit(inputs[~judging], labels[~judging])
        found[sight] = area(truth, model.decision_function(inputs[judging]), patients)
    paths = [sample.path for sample in images.samples if sample.path in held_out]
    found["trained-model"] = area(truth, np.array([score_of[path] for path in paths]), patients)
    return found
