"""The jobs of the program, for the window and the command line alike: the one door to ``learning``.

Each takes ``emit``, which hears how it goes, and ``should_stop``, which it asks often (and which
waits while the job is paused). TensorFlow is imported inside, so that the window opens without it.
"""

from covid_desktop.jobs.auditing import audit
from covid_desktop.jobs.demo import make_demo
from covid_desktop.jobs.dicom import save_dicom_results
from covid_desktop.jobs.explaining import Heatmap, explained, heatmap
from covid_desktop.jobs.judging import best_set, judge, judge_folder, judge_images
from covid_desktop.jobs.listing import ListedImages, image_files, list_images
from covid_desktop.jobs.models import (
    Model,
    export_model,
    load_model,
    load_tensorflow,
    save_model,
    save_operating_point,
)
from covid_desktop.jobs.predicting import predict, similar_images, watch
from covid_desktop.jobs.runs import discard_run, list_runs, unfinished_run, unfinished_runs
from covid_desktop.jobs.training import TrainingResult, cross_validate, preview_augmentation, resume, train

__all__ = [
    "Heatmap",
    "ListedImages",
    "Model",
    "TrainingResult",
    "audit",
    "best_set",
    "cross_validate",
    "discard_run",
    "explained",
    "export_model",
    "heatmap",
    "image_files",
    "judge",
    "judge_folder",
    "judge_images",
    "list_images",
    "list_runs",
    "load_model",
    "load_tensorflow",
    "make_demo",
    "predict",
    "preview_augmentation",
    "resume",
    "save_dicom_results",
    "save_model",
    "save_operating_point",
    "similar_images",
    "train",
    "unfinished_run",
    "unfinished_runs",
    "watch",
]
