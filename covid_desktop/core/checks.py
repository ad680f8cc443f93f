"""What is wrong with the data."""

from covid_desktop.core.dataset import Dataset, SkippedFile
from covid_desktop.core.events import Emit, Progress, ShouldStop
from covid_desktop.core.loading import read_each
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError, Stopped

_SMALL = Preprocessing(width=32, height=32, channels=1)


def without_unreadable(dataset: Dataset, emit: Emit, should_stop: ShouldStop) -> Dataset:
    """Decode every image once; those that cannot be decoded join the skipped files. Raises Stopped."""
    unreadable = []
    paths = [sample.path for sample in dataset.samples]
    for done, (path, result) in enumerate(zip(paths, read_each(paths, _SMALL), strict=True)):
        if should_stop():
            raise Stopped
        if done % 10 == 0:
            emit(Progress(stage="Reading every image", done=done, total=len(paths)))
        if isinstance(result, ImageError):
            unreadable.append(SkippedFile(path=path, reason=str(result)))
    return dataset.without(tuple(unreadable))
