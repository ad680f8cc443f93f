"""How a model does on images whose classes are known."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from covid_desktop import curation
from covid_desktop.core.dataset import Dataset, Subset
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.image import content_hash
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.loading import Images, read_images
from covid_desktop.core.model_card import ModelCard
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import DatasetError, ImageError
from covid_desktop.jobs.models import Model


def judge_images(
    model: Model,
    dataset: Dataset,
    subset: Subset | None,
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> Judgement:
    """Score the images of a set, or all images where ``subset`` is None.

    Each use of a test set is counted beside the data. Raises DatasetError when the classes are not the
    model's, Stopped.
    """
    from covid_desktop.learning.training import evaluate_images

    samples = [
        sample
        for sample in _with_classes_of(model.card, dataset).samples
        if subset is None or sample.subset == subset
    ]
    images = read_images(samples, model.card.preprocessing, "Reading images", emit, should_stop)
    if not images.samples:
        raise DatasetError("No image can be read.", "Choose a folder with images.")
    emit(Progress(stage="Scoring images"))
    evaluation = evaluate_images(model.classifier, images)
    if subset == "test":
        curation.count_test_use(dataset.folder)
    in_training, in_validation = (
        _count_known(model.card, images, name) for name in ("training", "validation")
    )
    return Judgement(
        folder=dataset.folder,
        subset=subset,
        evaluation=evaluation,
        in_training=in_training,
        in_validation=in_validation,
    )


def best_set(card: ModelCard, dataset: Dataset) -> Subset | None:
    """The images of a folder that say most about the model; None means all of them.

    The test set; else the validation set, if its folders name one or the model is of this very data: what
    the program divided an external folder into means nothing to another model.
    """
    present = {sample.subset for sample in dataset.samples}
    if "test" in present:
        return "test"
    if "validation" not in present:
        return None
    is_named = "validation" in curation.named_sets(dataset.folder)
    return "validation" if is_named or _is_of(card, dataset) else None


def _is_of(card: ModelCard, dataset: Dataset) -> bool:
    """Whether the model was trained on any of the images, by content."""
    known = set(card.data.get("training", {}).get("sha256", ()))
    for sample in dataset.samples:
        with suppress(ImageError):
            if content_hash(sample.path) in known:
                return True
    return False


def _count_known(card: ModelCard, images: Images, subset: Subset) -> int:
    """How many images, by their content, the model's run had in a set."""
    known = set(card.data.get(subset, {}).get("sha256", ()))
    return sum(image in known for image in images.hashes)


def judge(
    model: Model,
    opened: OpenedDataset,
    subset: Subset,
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> Judgement:
    """How the model does on a set of the open data."""
    return judge_images(model, opened.divided, subset, emit=emit, should_stop=should_stop)


def judge_folder(
    model: Model, folder: Path, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> Judgement:
    """How the model does on all images of a folder, as an external test. Raises DatasetError, Stopped."""
    dataset = curation.scan_folder(folder, emit=emit, should_stop=should_stop)
    return judge_images(model, dataset, None, emit=emit, should_stop=should_stop)


def _with_classes_of(card: ModelCard, dataset: Dataset) -> Dataset:
    known = {name.casefold(): name for name in dataset.class_names}
    if set(known) != {name.casefold() for name in card.class_names}:
        raise DatasetError(
            f"The folder has the classes {' and '.join(dataset.class_names)}, "
            f"the model {' and '.join(card.class_names)}.",
            "Name the class folders as the model's classes.",
        )
    return dataset.with_positive_class(known[card.positive_class.casefold()])
