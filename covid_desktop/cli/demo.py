"""The command ``demo``."""

from pathlib import Path
from typing import Any

from covid_desktop import curation, jobs, paths
from covid_desktop.cli.options import Arguments, add_command, print_metrics
from covid_desktop.cli.results import prediction_line
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.progress import ProgressLine


def add(commands: Any) -> None:
    text = "Draw simulated radiographs, train on them, and score the ones kept aside."
    command = add_command(commands, "demo", _demo, text)
    command.add_argument("--out", type=Path, metavar="FOLDER", help="where the pictures and the model go")


def _demo(options: Arguments) -> None:
    from covid_desktop.core.phantom import write_demo_dataset

    folder = (options.out or paths.demo_folder()).absolute()
    images = write_demo_dataset(folder / "images")
    print(f"Simulated radiographs: {images}")
    with ProgressLine() as progress:
        opened = curation.open_dataset(images, emit=progress)
        result = jobs.train(opened, TrainingConfig(), folder / "model.keras", emit=progress)
        predictions = jobs.predict(result.model, jobs.image_files([images / "test"]), emit=progress)
    print(f"Training: {result.history.story()}")
    for prediction in predictions:
        print(prediction_line(prediction, images))
    print_metrics("Validation", result.evaluation.to_json())
    print(f"Model: {result.model.path}")
    print(f"Curves: {result.model.path.with_suffix('.curves.png')}")
    print(RESEARCH_USE)
