"""The jobs of the program, for the window and the command line alike: the one door to ``learning``.

Each takes ``emit``, which hears how it goes, and ``should_stop``, which it asks often (and which
waits while the job is paused). TensorFlow is imported inside, so that the window opens without it.
"""

from __future__ import annotations

import gc
import logging
import math
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from covid_desktop import curation, paths, scoring
from covid_desktop.core import checkpoints, runs
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.atomic import write_text, written_whole
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoint_changes import require_same_settings
from covid_desktop.core.checkpoints import Checkpoints, Keeping, Stored, UnfinishedRun, no_checkpoint
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.dataset import Dataset, SkippedFile, Subset
from covid_desktop.core.dicom_series import SeriesPlace, in_series_order, read_headers, series_of
from covid_desktop.core.events import Emit, Event, Notice, Progress, ShouldStop, ignore, never
from covid_desktop.core.export import FORMATS, Export, ExportKind
from covid_desktop.core.familiarity import Similar
from covid_desktop.core.heatmap import central_share
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.image import content_hash, decode, fit
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.loading import Images, read_each, read_images
from covid_desktop.core.measures import evaluation_json
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.model_file import read_card, rewrite_card
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.run_comparison import validation_csv
from covid_desktop.core.walking import files_below, is_folder
from covid_desktop.core.worklist_sections import ReportedImage, most_telling
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import DatasetError, ImageError, Interrupted, ModelError, Stopped, UserError

if TYPE_CHECKING:
    from covid_desktop.core.audit import ShortcutAudit
    from covid_desktop.core.dicom_results import SavedResults
    from covid_desktop.core.evaluation import Evaluation
    from covid_desktop.learning.classifier import Classifier

EmitData = Callable[[CheckedDataset | Event], None]
EmitPrediction = Callable[[Prediction | Event], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A classifier and the file it is in."""

    path: Path
    classifier: Classifier

    @property
    def card(self) -> ModelCard:
        return self.classifier.card


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """What a run left: the model in its file, the curves, and how it does on validation images.

    ``seconds`` is from the first image read to the saved model. ``audit`` is None where the run was
    stopped before it, or where there are too few images for one.
    """

    model: Model
    history: TrainingHistory
    evaluation: Evaluation
    seconds: float
    audit: ShortcutAudit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap:
    """Where a model looked in an image.

    ``pixels`` (height, width, channels) are what it saw, ``score`` is the positive class's. ``values``
    (height, width), 0 to 1, are what speaks for the class that it calls, ``central_share`` the share of them
    in the centre; None where nothing does.
    """

    path: Path
    pixels: NDArray[np.uint8]
    values: NDArray[np.float32]
    score: float
    central_share: float | None


def load_tensorflow(emit: Emit = ignore, should_stop: ShouldStop = never) -> None:  # noqa: ARG001
    """Import all that training and prediction need; seconds the first time, nothing after."""
    emit(Progress(stage="Loading TensorFlow"))
    is_first = "tensorflow" not in sys.modules
    from covid_desktop.learning import training  # noqa: F401

    if (
        is_first
    ):  # 400,000 objects that stay: each look through them stops the window for a quarter of a second
        gc.freeze()


def train(
    opened: OpenedDataset,
    config: TrainingConfig,
    model_path: Path,
    *,
    resume: bool = False,
    emit: EmitData = ignore,
    should_stop: ShouldStop = never,
) -> TrainingResult:
    """Check the data (emitted), train, and audit for shortcuts.

    Leaves the model, its history and its scores of validation images as CSV and its curves as PNG side by
    side. Until then it keeps checkpoints there, too; with ``resume`` it goes on from the last of an earlier
    run. Raises UserError, ResumeError where data or settings are others than that run's, and Stopped when
    stopped before there is anything to keep.
    """
    with checkpoints.kept(model_path) as kept:
        start = kept.load() if resume else None
        if start:
            require_same_settings(start.checkpoint.config, config)
        elif resume:
            raise UserError(f"There is no run to resume at {model_path}.", "Start the run afresh.")
        try:
            result = _train(opened, config, model_path, kept, start, emit, should_stop)
        except Interrupted:
            raise
        except (Stopped, UserError) as error:
            if isinstance(error, Stopped) or not kept.has_epochs:
                kept.discard()
            raise
        kept.discard()
        return result


def resume(run: UnfinishedRun, *, emit: EmitData = ignore, should_stop: ShouldStop = never) -> TrainingResult:
    """Open the data of an interrupted run and go on with it, as ``train`` would have. Raises the same."""
    stored = run.checkpoint
    opened = curation.open_dataset(
        stored.data_folder, seed=stored.split_seed, emit=emit, should_stop=should_stop
    )
    return train(opened, stored.config, run.model, resume=True, emit=emit, should_stop=should_stop)


def unfinished_runs(
    *,
    emit: Emit = ignore,  # noqa: ARG001
    should_stop: ShouldStop = never,  # noqa: ARG001
) -> tuple[UnfinishedRun, ...]:
    """The runs of this program that were interrupted, the newest first; none that still goes on elsewhere."""
    return checkpoints.unfinished_runs(paths.runs_folder())


def unfinished_run(model_path: Path) -> UnfinishedRun | None:
    """The interrupted run whose model would be at ``model_path``."""
    return checkpoints.unfinished_run(model_path)


def discard_run(run: UnfinishedRun) -> None:
    """Forget an interrupted run. Raises UserError where it goes on elsewhere by now."""
    checkpoints.discard(run)


def _train(
    opened: OpenedDataset,
    config: TrainingConfig,
    model_path: Path,
    kept: Checkpoints,
    start: Stored | None,
    emit: EmitData,
    should_stop: ShouldStop,
) -> TrainingResult:
    keeping = Keeping(checkpoints=kept, plan=_plan(opened, config, start), start=_with_epochs(start))
    notice = None if start else _begun(keeping)
    load_tensorflow(emit)
    from covid_desktop.learning.training import train as train_model

    checked = curation.check(opened, emit=emit, should_stop=should_stop)
    emit(checked)
    if notice:
        emit(notice)
        keeping = replace(keeping, is_told=True)
    began = time.monotonic()
    data = checked.opened
    features = paths.features_folder()
    trained = train_model(data.dataset, data.split, config, features, emit, should_stop, keeping)
    classifier = trained.classifier
    classifier.card = replace(
        classifier.card,
        findings=[finding.summary() for finding in checked.findings],
        metrics={"validation": evaluation_json(trained.evaluation)},
    )
    emit(Progress(stage="Saving the model"))
    classifier.save(model_path)
    try:
        _save_curves(trained.history, model_path)
        scores = validation_csv(trained.hashes, trained.evaluation)
        write_text(model_path.with_suffix(runs.VALIDATION), scores)
    except UserError as error:  # a model without its curves is better than none
        emit(Notice(what=f"The model is saved, but not all that belongs to it: {error.what}", fix=error.fix))
    seconds = time.monotonic() - began
    audit = _audit_run(checked, trained.evaluation, emit, should_stop)
    if audit:
        classifier.card = replace(classifier.card, audit=audit.to_json())
        try:
            rewrite_card(model_path, classifier.card)
        except UserError as error:  # the model is there, without the audit in its card
            what = f"The model is saved, but the shortcut audit could not be added to it: {error.what}"
            emit(Notice(what=what, fix=error.fix))
    return TrainingResult(
        model=Model(path=model_path, classifier=classifier),
        history=trained.history,
        evaluation=trained.evaluation,
        seconds=seconds,
        audit=audit,
    )


def _plan(opened: OpenedDataset, config: TrainingConfig, start: Stored | None) -> Checkpoint:
    """What is the same in all checkpoints of a run; it began when it was first started."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Checkpoint(
        config=config.resolved(),
        data_folder=opened.scanned.folder.absolute(),
        split_seed=opened.seed,
        began=start.checkpoint.began if start else now,
    )


def _begun(keeping: Keeping) -> Notice | None:
    """Write down that a run began: it can be found if it is interrupted before its first epoch has ended."""
    try:
        keeping.checkpoints.discard()
        keeping.checkpoints.write(keeping.plan)
    except UserError as error:
        return no_checkpoint(error)
    return None


def _with_epochs(start: Stored | None) -> Stored | None:
    """None where the run was interrupted before its first epoch had ended: it begins anew."""
    return start if start and start.checkpoint.epoch else None


def cross_validate(
    opened: OpenedDataset,
    config: TrainingConfig,
    folds: int,
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> CrossValidation:
    """Train on all but each fold in turn, and judge on that one; patients and copies stay together.

    Each fold's progress says which it is. Raises UserError, Stopped.
    """
    load_tensorflow(emit)
    from covid_desktop.core.split import fold_splits
    from covid_desktop.learning.training import train as train_model

    data = curation.check(opened, emit=emit, should_stop=should_stop).opened
    evaluations = []
    for number, split in enumerate(fold_splits(data.split, folds, config.seed, data.copies), 1):

        def tell(event: Event, number: int = number) -> None:
            if isinstance(event, Progress):
                emit(replace(event, stage=f"Fold {number} of {folds}: {event.stage}"))

        trained = train_model(data.dataset, split, config, paths.features_folder(), tell, should_stop)
        if should_stop():
            raise Stopped
        evaluations.append(trained.evaluation)
    return CrossValidation(folds=tuple(evaluations))


def _audit_run(
    checked: CheckedDataset, evaluation: Evaluation, emit: Emit, should_stop: ShouldStop
) -> ShortcutAudit | None:
    """The model is saved already: a run without an audit is better than none."""
    try:
        return _audit(checked.opened, checked.facts, evaluation, emit, should_stop)
    except Stopped:
        return None
    except UserError as error:
        log.warning("No shortcut audit: %s", type(error).__name__)
        return None


def audit(opened: OpenedDataset, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> ShortcutAudit:
    """Whether the classes can be told apart without the lungs. Raises UserError, Stopped."""
    load_tensorflow(emit)
    return _audit(*curation.surveyed(opened, emit, should_stop), None, emit, should_stop)


def _audit(
    opened: OpenedDataset,
    facts: curation.Facts,
    evaluation: Evaluation | None,
    emit: Emit,
    should_stop: ShouldStop,
) -> ShortcutAudit:
    """Of the images that a model learns from and is chosen by; a test set stays locked."""
    from covid_desktop.core import shortcuts
    from covid_desktop.core.grouping import group_numbers
    from covid_desktop.core.separability import drawn
    from covid_desktop.learning.sights import see

    everything = [
        sample for sample in opened.split.training + opened.split.validation if sample.path in facts
    ]
    numbers = group_numbers(everything, opened.copies)
    shortcuts.require_enough(everything, numbers)
    hashes = {everything[index].path: facts[everything[index].path].sha256 for index in drawn(numbers)}
    seen = see(hashes, paths.features_folder(), emit, should_stop)
    chosen = [index for index, sample in enumerate(everything) if sample.path in seen]
    samples = [everything[index] for index in chosen]
    groups = [numbers[index] for index in chosen]
    shortcuts.require_enough(samples, groups)
    whole, blacked_out = (np.stack([seen[one.path][part] for one in samples]) for part in (0, 1))
    images = shortcuts.Audited(
        samples=samples,
        facts=[facts[sample.path] for sample in samples],
        groups=groups,
        whole=whole,
        blacked_out=blacked_out,
    )
    validation = [sample.path for sample in opened.split.validation]
    return shortcuts.audit(images, len(everything), validation, evaluation, emit, should_stop)


def _save_curves(history: TrainingHistory, model_path: Path) -> None:
    from covid_desktop.figures.training_curves import training_figure

    write_text(model_path.with_suffix(".history.csv"), history.to_csv())
    with written_whole(model_path.with_suffix(".curves.png")) as temporary:
        training_figure(history).savefig(temporary)


def save_model(model: Model, path: Path) -> Model:
    """Put a copy of the model's file at ``path``, whole or not at all. Raises UserError."""
    path = paths.with_ending(path, ".keras")
    with written_whole(path) as temporary:
        shutil.copyfile(model.path, temporary)
    return replace(model, path=path)


def export_model(
    model: Model, target: Path, kind: ExportKind, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> Export:
    """Write the model in another format at ``target``, with a readme and its card; its scores are compared.

    A file gets the format's ending. All of it is there in the end, or nothing. Raises ModelError where the
    scores are others, UserError where the place cannot be written or is a folder with other files, Stopped.
    """
    load_tensorflow(emit)
    from covid_desktop.learning.exporting import export

    ending = FORMATS[kind].ending
    place = paths.with_ending(target, ending) if ending else target
    return export(model.classifier, model.path, place, kind, emit, should_stop)


def save_operating_point(
    model: Model,
    *,
    threshold: float,
    origin: str,
    calibration: dict[str, Any],
    indeterminate: tuple[float, float] | None,
) -> Model:
    """Write into the model's file where it decides, and how that was chosen, in words; from now on it does.

    Raises ModelError for values that no card can have or a file that holds another model by now, and
    UserError when it cannot be written; the model then stays as it is.
    """
    if _run_of(read_card(model.path)) != _run_of(model.card):
        raise ModelError(f"{model.path.name} holds another model by now.", "Open it again.")
    card = replace(
        model.card,
        threshold=threshold,
        threshold_origin=origin,
        calibration=calibration,
        indeterminate=indeterminate,
    )
    rewrite_card(model.path, card)
    model.classifier.card = card
    return model


def _run_of(card: ModelCard) -> tuple[object, ...]:
    """What no other run's card has in common with it."""
    return card.architecture, card.class_names, card.preprocessing, card.created, card.data


def list_runs(
    opened: OpenedDataset | None, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> runs.RunList:
    """The runs of this program, the newest first, and which of them learnt from the open data.

    Images count as far as a check has read them. Raises UserError, Stopped.
    """
    found = runs.list_runs(paths.runs_folder(), emit, should_stop)
    images = [sample.path for sample in opened.dataset.samples] if opened else []
    known = runs.known_hashes(images, paths.survey_folder())
    return runs.RunList(runs=found, here=frozenset(run.folder for run in found if run.is_of(known)))


def make_demo(emit: Emit = ignore, should_stop: ShouldStop = never) -> Path:  # noqa: ARG001
    """Draw the simulated radiographs, where they are not there yet; the folder they are in."""
    from covid_desktop.core.phantom import write_demo_dataset

    emit(Progress(stage="Drawing simulated radiographs"))
    return write_demo_dataset(paths.demo_folder() / "simulated radiographs")


def load_model(path: Path, *, emit: Emit = ignore, should_stop: ShouldStop = never) -> Model:  # noqa: ARG001
    """Read a model file. Raises ModelError."""
    load_tensorflow(emit)
    from covid_desktop.learning.classifier import Classifier

    emit(Progress(stage="Loading the model"))
    return Model(path=path, classifier=Classifier.load(path))


def predict(
    model: Model,
    images: Sequence[Path],
    *,
    adjustments: Mapping[Path, Adjustment] | None = None,
    anyway: bool = False,
    emit: EmitPrediction = ignore,
    should_stop: ShouldStop = never,
) -> list[Prediction]:
    """Score images in their order; each is emitted as it is done. Stopping leaves the rest out.

    An image unlike the training images is refused, unless ``anyway``. Those in ``adjustments`` are turned or
    inverted first.
    """
    predictions = []
    for prediction in scoring.score_each(model.classifier, images, adjustments or {}, anyway, should_stop):
        predictions.append(prediction)
        emit(prediction)
    return predictions


def similar_images(
    model: Model,
    path: Path,
    adjustment: Adjustment = AS_IT_IS,
    *,
    emit: Emit = ignore,  # noqa: ARG001
    should_stop: ShouldStop = never,  # noqa: ARG001
) -> tuple[Similar, ...]:
    """The training images most like an image; none where the model remembers none. Raises ImageError."""
    return scoring.similar_images(model.classifier, path, adjustment)


def heatmap(
    model: Model,
    path: Path,
    adjustment: Adjustment = AS_IT_IS,
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> Heatmap:
    """Where the model looks in an image, turned or inverted first. Raises ImageError, ModelError, Stopped."""
    emit(Progress(stage="Looking where the model looks"))
    pixels = fit(adjustment.applied(decode(path)), model.card.preprocessing)
    if should_stop():
        raise Stopped
    score = float(model.classifier.scores(pixels[None])[0])
    if not math.isfinite(score):
        raise ModelError(scoring.NO_NUMBER, "Copy the model again.")
    values = model.classifier.heatmap(pixels, score)
    return Heatmap(path=path, pixels=pixels, values=values, score=score, central_share=central_share(values))


def save_dicom_results(
    model: Model,
    predictions: Sequence[Prediction],
    folder: Path,
    *,
    with_heatmap: bool = True,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> SavedResults:
    """Write each scored DICOM image's result for its study into ``folder``: a picture and a report.

    Other images are left out, with the reason; stopping leaves the rest out. Raises UserError when the folder
    cannot be written; what is written by then stays.
    """
    from covid_desktop.core.dicom_results import SavedResults, SeriesUids, require_study, write_results
    from covid_desktop.core.result_source import result_lines, source_of
    from covid_desktop.figures.burnt_in import burnt_in, over_whole

    about, series = source_of(model.card, model.classifier.model.get_weights()), SeriesUids()
    written: list[Path] = []
    left_out: list[SkippedFile] = []
    for done, prediction in enumerate(predictions):
        emit(Progress(stage="Writing DICOM results", done=done, total=len(predictions)))
        try:
            if should_stop():
                raise ImageError("Stopped before it was written.")
            if prediction.score is None:
                raise ImageError(f"Not scored: {prediction.refusal or prediction.error}")
            require_study(prediction.path)
            picture = prediction.adjustment.applied(decode(prediction.path))
            heat = None
            if with_heatmap:
                seen = model.classifier.heatmap(fit(picture, model.card.preprocessing))
                heat = over_whole(seen, picture, model.card.preprocessing)
            burnt = burnt_in(picture, heat, result_lines(prediction, about))
            files = write_results(prediction.path, folder, prediction, about, burnt, series)
            written += [path for path in files if path]
        except ImageError as error:
            left_out.append(SkippedFile(path=prediction.path, reason=str(error)))
    return SavedResults(written=tuple(written), left_out=tuple(left_out))


def explained(
    model: Model,
    predictions: Sequence[Prediction],
    *,
    chosen: Collection[Path] = (),
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> list[ReportedImage]:
    """The images of a report, in their order and without marks.

    At most 24 of those ``chosen``, or of all, come as the model saw them; those with a score have a heatmap.
    What cannot be read any more has its result alone. Raises Stopped.
    """
    images = [ReportedImage(name=each.path.name, prediction=each) for each in predictions]
    places = most_telling(predictions, model.card.positive_class, chosen)
    for done, place in enumerate(places):
        if should_stop():
            raise Stopped
        emit(Progress(stage="Looking where the model looks", done=done, total=len(places)))
        one = predictions[place]
        with suppress(UserError):
            if one.score is None:
                seen = fit(one.adjustment.applied(decode(one.path)), model.card.preprocessing)
                images[place] = replace(images[place], pixels=seen)
                continue
            found = heatmap(model, one.path, one.adjustment, should_stop=should_stop)
            images[place] = replace(
                images[place], pixels=found.pixels, heatmap=found.values, central_share=found.central_share
            )
    return images


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


def preview_augmentation(
    images: Sequence[Path], config: TrainingConfig, *, emit: Emit = ignore, should_stop: ShouldStop = never
) -> list[NDArray[np.uint8]]:
    """Each image as ``fit`` may see it: (height, width) or (height, width, 3)."""
    load_tensorflow(emit)
    from covid_desktop.learning.augment import preview

    readable = []
    for result in read_each(images, config.preprocessing):
        if should_stop():
            raise Stopped
        if not isinstance(result, ImageError):
            readable.append(result)
    return preview(readable, config) if readable else []


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImages:
    """Files in the order in which they are looked at, and the places of those that are part of a series."""

    paths: tuple[Path, ...]
    series: Mapping[Path, SeriesPlace]


def list_images(
    places: Sequence[Path],
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> ListedImages:
    """The files among and below ``places``, DICOM in the order of its series. Raises Stopped."""
    emit(Progress(stage="Listing images"))
    files = image_files(places)
    headers = read_headers(files, should_stop)
    return ListedImages(paths=tuple(in_series_order(files, headers)), series=series_of(files, headers))


def image_files(places: Iterable[Path]) -> list[Path]:
    """The files among ``places`` and below the folders among them, sorted within a folder, none hidden."""
    found: list[Path] = []
    for place in places:
        if not is_folder(place):
            found.append(place)
            continue
        found += files_below(place, lambda name: name.startswith("."), ignore)
    return list(dict.fromkeys(found))


def watch(
    model: Model,
    folder: Path,
    *,
    include_existing: bool,
    emit: EmitPrediction = ignore,
    should_stop: ShouldStop = never,
) -> None:
    """Score each file that appears in or below a folder once, when it is complete, until ``should_stop``.

    What this model said of its files before is emitted first. Files that are there at the start are left out
    unless ``include_existing``. Progress counts the results; while the folder is away it is a
    ``WatchInterrupted``. Raises UserError where there is no folder, ModelError.
    """
    from covid_desktop.core.watch import FolderWatch
    from covid_desktop.core.watch_store import model_id, open_watch_store
    from covid_desktop.core.watching import keep_watching

    if not is_folder(folder):
        raise UserError(f"There is no folder {folder}.", "Choose another folder to watch.")
    with open_watch_store(paths.watch_folder(), folder, model_id(model.card)) as store:
        files = FolderWatch(folder, store, include_existing=include_existing)
        keep_watching(files, partial(predict, model), emit=emit, should_stop=should_stop)
