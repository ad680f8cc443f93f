"""How many images are refused: of the model's own kind, of another, no chest at all, inverted and turned."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from bench import Options, main, table
from PIL import Image
from strangers import strangers

from covid_desktop import curation, jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.config import AUGMENTATIONS, TrainingConfig
from covid_desktop.core.image import decode

ARCHITECTURES = ("efficientnet-lite0", "small-cnn")
_CHANGES = {
    "inverted": Adjustment(is_inverted=True),
    "turned to the left": Adjustment(quarter_turns=1),
    "turned upside down": Adjustment(quarter_turns=2),
    "turned to the right": Adjustment(quarter_turns=3),
}


def run(options: Options) -> str:
    opened = curation.open_dataset(options.data)
    validation = [sample.path for sample in opened.split.validation]
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as root:
        places = dict(_places(validation, options.external, Path(root)))
        models = [_model(opened, architecture, Path(root)) for architecture in ARCHITECTURES]
        for name, files in places.items():
            rows.append([name, str(len(files)), *(_refused(model, name, files) for model in models)])
    note = "Refused, and for images that were changed by hand: of how many the way back was offered."
    return f"{table(('', 'n', *ARCHITECTURES), rows)}\n\n{note}"


def _places(validation: list[Path], external: Path | None, root: Path) -> Iterator[tuple[str, list[Path]]]:
    yield "validation images", validation
    if external:
        yield external.name, jobs.image_files([external])
    pictures = strangers()
    yield "no chest images", list(_saved(root / "strangers", pictures.values()))
    for name, change in _CHANGES.items():
        yield (
            f"validation images {name}",
            list(_saved(root / name, (change.applied(decode(path)) for path in validation))),
        )


def _saved(folder: Path, pictures: Iterable[np.ndarray]) -> Iterator[Path]:
    folder.mkdir()
    for number, pixels in enumerate(pictures):
        path = folder / f"{number:03}.png"
        Image.fromarray(pixels).save(path)
        yield path


def _model(opened: curation.OpenedDataset, architecture: str, folder: Path) -> jobs.Model:
    """What it remembers of training images does not depend on how long it learns."""
    config = TrainingConfig(architecture=architecture, epochs=1, augmentation=AUGMENTATIONS["none"])
    jobs.train(opened, config, folder / f"{architecture}.keras")
    return jobs.load_model(folder / f"{architecture}.keras")


def _refused(model: jobs.Model, name: str, files: list[Path]) -> str:
    found = jobs.predict(model, files)
    refused = sum(prediction.is_refused for prediction in found)
    change = _CHANGES.get(name.removeprefix("validation images "))
    if change is None:
        return str(refused)
    offers = Counter(prediction.suggestion for prediction in found)
    return f"{refused}, {offers[change.undone]} offered"


if __name__ == "__main__":
    main(run)
