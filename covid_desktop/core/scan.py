"""Looks through a folder: which folders are classes, what is skipped and why."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from covid_desktop.core.dataset import SUBSETS, Dataset, Sample, SkippedFile, Subset
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.image import describe
from covid_desktop.core.patients import DICOM, PATIENTS_FILE, Patients
from covid_desktop.core.walking import files_below
from covid_desktop.errors import DatasetError, ImageError, Stopped

SUBSET_FOLDERS: dict[str, Subset] = {
    **dict.fromkeys(("train", "training"), "training"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_NOTES = re.compile(r"(read.?me|licen[cs]e|notice|citation|manifest)\b", re.I)
_SYSTEM_NAMES = {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin"}
_NEGATIVE_WORDS = re.compile(
    r"\b(no|no[nt]\w*|no.?(covid|finding)\w*|without|normals?|healthy|well|neg\w*|controls?|un(in|af)fected)\b",
    re.I,
)
_POSITIVE_WORDS = re.compile(
    r"positive|abnormal|pneumonia|infect|affect|disease|\b(pos|sick|ill|cases?|patients?)\b", re.I
)
_COVID_WORDS = re.compile(r"covid|corona|sars", re.I)
_HOW_TO_SORT = (
    "Put the images of each class into a folder of its own, such as COVID-19 and Healthy, "
    "and choose the folder that holds the two."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassFolder:
    path: Path
    subset: Subset | None


def scan(folder: Path, emit: Emit = ignore, should_stop: ShouldStop = never) -> Dataset:
    """Find two classes of images in ``folder``; each file's header is read, its pixels are not.

    Understood are two class folders, or ``train``, ``val`` and ``test`` folders with two class
    folders each. Raises DatasetError with what to do, or Stopped.
    """
    root = _descend(_checked(folder))
    class_folders = _class_folders(root)
    names = _class_names(class_folders)
    patients = Patients(root)
    samples, skipped = (
        [],
        [SkippedFile(path=path, reason="Not in a class folder.") for path in _stray_files(root)],
    )
    files = [(place, path) for place in class_folders for path in _files(place.path)]
    for done, (place, path) in enumerate(files):
        if should_stop():
            raise Stopped
        if done % 50 == 0:
            emit(Progress(stage="Looking through the folder", done=done, total=len(files)))
        try:
            hashed = describe(path).patient
        except ImageError as error:
            skipped.append(SkippedFile(path=path, reason=str(error)))
            continue
        label = int(place.path.name.casefold() == names[1].casefold())
        patient = patients.of(path) or (DICOM + hashed if hashed else None)
        samples.append(Sample(path=path, label=label, patient=patient, subset=place.subset))
    dataset = Dataset(folder=root, class_names=names, samples=tuple(samples), skipped=tuple(skipped))
    _require_images(dataset)
    patients.require_use()
    return dataset


def guess_positive(names: tuple[str, str]) -> str:
    """The class that sounds like the disease; the second by name where neither does."""
    first, second = sorted(names, key=str.casefold)

    def sounds_positive(name: str) -> int:
        words = name.replace("_", " ")
        weights = {_COVID_WORDS: 3, _POSITIVE_WORDS: 2, _NEGATIVE_WORDS: -6}
        return sum(weight for pattern, weight in weights.items() if pattern.search(words))

    return first if sounds_positive(first) > sounds_positive(second) else second


def _checked(folder: Path) -> Path:
    try:
        exists, is_folder = folder.exists(), folder.is_dir()
    except OSError as error:
        raise _unreadable(folder, error) from error
    if not exists:
        raise DatasetError(f"The folder {folder} does not exist.", "Choose another folder.")
    if not is_folder:
        raise DatasetError(
            f"{folder.name} is a file, not a folder.", "Choose the folder that holds the images."
        )
    _subfolders(folder)
    return folder.absolute()


def _subfolders(folder: Path) -> list[Path]:
    return sorted(_entries(folder, Path.is_dir), key=lambda path: (path.name.casefold(), path.name))


def _stray_files(root: Path) -> list[Path]:
    """Files beside the class folders, which belong to no class; notes about the data are no news."""
    inside = _subfolders(root)
    sets = [path for path in inside if path.name.casefold() in SUBSET_FOLDERS]
    strays = [path for level in (root, *sets) for path in _entries(level, Path.is_file)]
    if sets:
        strays += [path for other in inside if other not in sets for path in _files(other)]
    ours = {root / PATIENTS_FILE, root / DECISIONS_FILE}
    return sorted(path for path in strays if path not in ours and not _NOTES.match(path.name))


def _entries(folder: Path, kind: Callable[[Path], bool]) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not _is_hidden(path.name) and kind(path)]
    except OSError as error:
        raise _unreadable(folder, error) from error


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a class folder, sorted, without hidden and system files."""

    def fail(error: OSError) -> None:
        raise _unreadable(error.filename, error) from error

    yield from files_below(folder, _is_hidden, fail)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _SYSTEM_NAMES


def _unreadable(folder: Path | str, error: OSError) -> DatasetError:
    reason = error.strerror or type(error).__name__
    return DatasetError(
        f"The folder {folder} cannot be read: {reason}.", "Change its permissions or choose another folder."
    )


def _descend(folder: Path) -> Path:
    """Step into a folder that does nothing but hold another, as unpacked archives do."""
    for _ in range(3):
        inside = _subfolders(folder)
        is_wrapper = len(inside) == 1 and inside[0].name.casefold() not in SUBSET_FOLDERS
        if not is_wrapper or not _subfolders(inside[0]) or _entries(folder, Path.is_file):
            break
        folder = inside[0]
    return folder


def _class_folders(root: Path) -> list[_ClassFolder]:
    inside = _subfolders(root)
    named = [
        (path, SUBSET_FOLDERS[path.name.casefold()])
        for path in inside
        if path.name.casefold() in SUBSET_FOLDERS
    ]
    if not named:
        return [_ClassFolder(path=path, subset=None) for path in inside]
    return [
        _ClassFolder(path=path, subset=subset) for parent, subset in named for path in _subfolders(parent)
    ]


def _class_names(class_folders: list[_ClassFolder]) -> tuple[str, str]:
    names = list({place.path.name.casefold(): place.path.name for place in class_folders}.values())
    if not names:
        raise DatasetError("There are no class folders here.", _HOW_TO_SORT)
    if len(names) == 1:
        raise DatasetError(f"There is only one class folder, {names[0]}.", _HOW_TO_SORT)
    if len(names) > 2:
        listed = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        raise DatasetError(
            f"There are {len(names)} class folders: {listed}.",
            "The program tells two classes apart: choose a folder that holds just two.",
        )
    for subset in SUBSETS:
        present = {place.path.name.casefold() for place in class_folders if place.subset == subset}
        for name in names:
            if present and name.casefold() not in present:
                raise DatasetError(f"The {subset} folder has no class folder {name}.", _HOW_TO_SORT)
    positive = guess_positive((names[0], names[1]))
    return names[1 - names.index(positive)], positive


def _require_images(dataset: Dataset) -> None:
    for label, name in enumerate(dataset.class_names):
        if not any(sample.label == label for sample in dataset.samples):
            inside = [(file.path.relative_to(dataset.folder).parts, file) for file in dataset.skipped]
            skipped = [file for parts, file in inside if name.casefold() in map(str.casefold, parts)]
            reason = f" The first of {len(skipped)} files: {skipped[0].reason}" if skipped else ""
            raise DatasetError(
                f"The class folder {name} holds no image that can be read.{reason}",
                "Add images to it (PNG, JPEG, TIFF, BMP, WebP or DICOM).",
            )
