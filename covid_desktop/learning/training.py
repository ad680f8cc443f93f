"""A training run: from samples on disk to a classifier with its card."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras

from covid_desktop.core.checkpoint_changes import require_same_data
from covid_desktop.core.checkpoints import Keeping
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import Dataset, Split, class_counts
from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.familiarity_file import summary
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.loading import Images, read_images
from covid_desktop.core.model_card import ModelCard
from covid_desktop.errors import DatasetError
from covid_desktop.learning.architectures import build
from covid_desktop.learning.callbacks import Recorder
from covid_desktop.learning.classifier import Classifier
from covid_desktop.learning.familiar import remembered
from covid_desktop.learning.fitting import fit
from covid_desktop.learning.frozen import fit_frozen
from covid_desktop.versions import versions


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """What a run gives: the classifier, its curves, and how it does on validation images.

    ``hashes`` are of their content (SHA-256), in the order of the evaluation.
    """

    classifier: Classifier
    history: TrainingHistory
    evaluation: Evaluation
    hashes: tuple[str, ...]


def train(
    dataset: Dataset,
    split: Split,
    config: TrainingConfig,
    features_folder: Path,
    emit: Emit,
    should_stop: ShouldStop,
    keeping: Keeping | None = None,
) -> TrainedModel:
    """Train as ``config`` says, keeping features in ``features_folder`` and checkpoints as ``keeping`` says.

    Raises Stopped when stopped before an epoch has ended, UserError, and ResumeError where the run cannot go
    on because the images are others by now.
    """
    config = config.resolved()
    keras.utils.set_random_seed(config.seed)
    images = _read_split(split, dataset.class_names, config, emit, should_stop)
    keeping = _of_these(keeping, *images) if keeping else None
    recorder = Recorder(emit)
    features = None
    if config.copies:
        fitted = fit_frozen(*images, config, features_folder, recorder, should_stop, keeping)
        model, features = fitted.model, (fitted.training, fitted.validation)
    else:
        model = _fit_pixels(*images, config, recorder, should_stop, keeping)
    emit(Progress(stage="Scoring the validation images"))
    card = _card(dataset, config, recorder.history, *images)
    familiarity = remembered(*images, features, config, features_folder, emit, should_stop)
    if familiarity:
        card = replace(card, familiarity=summary(familiarity))
    classifier = Classifier(model, card, familiarity)
    evaluation = evaluate_images(classifier, images[1])
    classifier.card = replace(
        classifier.card, metrics={"validation": evaluation.to_json()}, golden=classifier.golden_scores()
    )
    return TrainedModel(
        classifier=classifier, history=recorder.history, evaluation=evaluation, hashes=images[1].hashes
    )


def evaluate_images(classifier: Classifier, images: Images) -> Evaluation:
    """Scores of known images at the model's threshold."""
    scores = classifier.scores(images.pixels)
    return Evaluation(
        labels=tuple(images.labels.tolist()),
        scores=tuple(scores.tolist()),
        threshold=classifier.card.threshold,
        paths=tuple(sample.path for sample in images.samples),
    )


def _read_split(
    split: Split, class_names: tuple[str, str], config: TrainingConfig, emit: Emit, should_stop: ShouldStop
) -> tuple[Images, Images]:
    training = read_images(split.training, config.preprocessing, "Reading training images", emit, should_stop)
    validation = read_images(
        split.validation, config.preprocessing, "Reading validation images", emit, should_stop
    )
    for name, images in (("training", training), ("validation", validation)):
        for count, class_name in zip(class_counts(images.samples), class_names, strict=True):
            if count == 0:
                raise DatasetError(
                    f"No {name} image of the class {class_name} can be read.",
                    "Look at the skipped files and their reasons on the Data tab.",
                )
    return training, validation


def _of_these(keeping: Keeping, training: Images, validation: Images) -> Keeping:
    """The same for the images that were read. Raises ResumeError where the run had others."""
    contents = {
        name: list(zip(images.hashes, images.labels.tolist(), strict=True))
        for name, images in (("training", training), ("validation", validation))
    }
    if keeping.start:
        require_same_data(keeping.start.checkpoint.contents, contents)
    return replace(keeping, plan=replace(keeping.plan, contents=contents))


def _fit_pixels(
    training: Images,
    validation: Images,
    config: TrainingConfig,
    emit: Emit,
    should_stop: ShouldStop,
    keeping: Keeping | None,
) -> keras.Model:
    model = build(config.architecture, config.preprocessing)
    learning, judging = (training.pixels, training.labels), (validation.pixels, validation.labels)
    # The same layers: what the optimizer needs stays out of the model, its memory and its file.
    fit(keras.Model(model.input, model.output), learning, judging, config, emit, should_stop, keeping)
    return model


def _card(
    dataset: Dataset, config: TrainingConfig, history: TrainingHistory, training: Images, validation: Images
) -> ModelCard:
    return ModelCard(
        architecture=config.architecture,
        class_names=dataset.class_names,
        preprocessing=config.preprocessing,
        config=config,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=history.to_json(),
        data={"training": _data(training), "validation": _data(validation)},
        versions=versions(),
    )


def _data(images: Images) -> dict[str, Any]:
    negative, positive = class_counts(images.samples)
    return {"negative": negative, "positive": positive, "sha256": sorted(images.hashes)}
