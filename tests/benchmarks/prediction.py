"""One prediction from file to score with a loaded model, and many in a row."""

import itertools
import tempfile
from functools import partial
from pathlib import Path

from bench import Options, main, spread, table, timed

from covid_desktop import curation, jobs
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.image import read_image

ARCHITECTURES = ("efficientnet-lite0", "small-cnn")
SINGLE, ROUNDS = 50, 5
Times = dict[str, list[float]]


def run(options: Options) -> str:
    opened = curation.open_dataset(options.data)
    with tempfile.TemporaryDirectory() as folder:
        models = [_loaded(opened, architecture, Path(folder)) for architecture in ARCHITECTURES]
    files = [sample.path for sample in (*opened.split.validation, *opened.split.training)]
    times: list[Times] = [{"read": [], "network": [], "both": [], "throughput": []} for _ in models]
    for file in itertools.islice(itertools.cycle(files), SINGLE):
        for model, measured in zip(models, times, strict=True):
            _one(model, file, measured)
    for _ in range(ROUNDS):
        for model, measured in zip(models, times, strict=True):
            seconds = timed(partial(jobs.predict, model, files))
            measured["throughput"].append(len(files) / seconds)
    note = f"{SINGLE} files one by one and {ROUNDS} times all {len(files)}, the two networks by turns."
    return f"{_report(times)}\n\nMedian (smallest to largest). {note}"


def _loaded(opened: curation.OpenedDataset, architecture: str, folder: Path) -> jobs.Model:
    """A model as it comes from its file, warm; speed does not ask how well it has learnt."""
    config = TrainingConfig(architecture=architecture, epochs=1, augmentation=AUGMENTATIONS["none"])
    path = folder / f"{architecture}.keras"
    jobs.train(opened, config, path)
    model = jobs.load_model(path)
    jobs.predict(model, [opened.split.validation[0].path])
    return model


def _one(model: jobs.Model, file: Path, measured: Times) -> None:
    preprocessing = model.card.preprocessing
    reading = timed(lambda: read_image(file, preprocessing))
    pixels = read_image(file, preprocessing)[None]
    network = timed(lambda: model.classifier.scores(pixels))
    measured["read"].append(1000 * reading)
    measured["network"].append(1000 * network)
    measured["both"].append(
        1000 * timed(lambda: model.classifier.scores(read_image(file, preprocessing)[None]))
    )


def _report(times: list[Times]) -> str:
    names = {
        "read": "decode and resize, ms",
        "network": "network, ms",
        "both": "file to score, ms",
        "throughput": "many in a row, images/s",
    }
    rows = [(name, *(spread(measured[key], 1) for measured in times)) for key, name in names.items()]
    return table(("", *ARCHITECTURES), rows)


if __name__ == "__main__":
    main(run)
