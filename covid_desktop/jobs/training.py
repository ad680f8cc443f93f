"""Trains: a run with all that it leaves, or one model for each fold of the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from covid_desktop import curation, paths
from covid_desktop.core import checkpoints, runs
from covid_desktop.core.atomic import write_text, written_whole
from covid_desktop.core.checkpoint import Checkpoint
from covid_desktop.core.checkpoint_changes import require_same_settings
from covid_desktop.core.checkpoints import Checkpoints, Keeping, Stored, UnfinishedRun, no_checkpoint
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.cross_validation import CrossValidation
from covid_desktop.core.events import Emit, Event, Notice, Progress, ShouldStop, ignore, never
from covid_desktop.core.history import TrainingHistory
from covid_desktop.core.loading import read_each
from covid_desktop.core.measures import evaluation_json
from covid_desktop.core.model_file import rewrite_card
from covid_desktop.core.run_comparison import validation_csv
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import ImageError, Interrupted, Stopped, UserError
from covid_desktop.jobs.auditing import audit_of_run
from covid_desktop.jobs.models import Model, load_tensorflow

if TYPE_CHECKING:
    from covid_desktop.core.audit import ShortcutAudit
    from covid_desktop.core.evaluation import Evaluation
    from covid_desktop.learning.training import TrainedModel

EmitData = Callable[[CheckedDataset | Event], None]


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
    model = _saved(trained, checked, model_path, emit)
    seconds = time.monotonic() - began
    audit = audit_of_run(checked, trained.evaluation, emit, should_stop)
    if audit:
        _add_audit(audit, model, emit)
    return TrainingResult(
        model=model, history=trained.history, evaluation=trained.evaluation, seconds=seconds, audit=audit
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


def _saved(trained: TrainedModel, checked: CheckedDataset, path: Path, emit: EmitData) -> Model:
    """The model in its file, with all that belongs to it beside."""
    classifier = trained.classifier
    classifier.card = replace(
        classifier.card,
        findings=[finding.summary() for finding in checked.findings],
        metrics={"validation": evaluation_json(trained.evaluation)},
    )
    emit(Progress(stage="Saving the model"))
    classifier.save(path)
    try:
        save_curves(trained.history, path)
        write_text(path.with_suffix(runs.VALIDATION), validation_csv(trained.hashes, trained.evaluation))
    except UserError as error:  # a model without its curves is better than none
        emit(Notice(what=f"The model is saved, but not all that belongs to it: {error.what}", fix=error.fix))
    return Model(path=path, classifier=classifier)


def save_curves(history: TrainingHistory, model_path: Path) -> None:
    """Beside the model, as CSV and as a picture."""
    from covid_desktop.figures.training_curves import training_figure

    write_text(model_path.with_suffix(".history.csv"), history.to_csv())
    with written_whole(model_path.with_suffix(".curves.png")) as temporary:
        training_figure(history).savefig(temporary)


def _add_audit(audit: ShortcutAudit, model: Model, emit: EmitData) -> None:
    """Where it cannot be written, the model is there without the audit in its card."""
    model.classifier.card = replace(model.card, audit=audit.to_json())
    try:
        rewrite_card(model.path, model.card)
    except UserError as error:
        what = f"The model is saved, but the shortcut audit could not be added to it: {error.what}"
        emit(Notice(what=what, fix=error.fix))


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
