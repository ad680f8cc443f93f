"""Folders as people have them: sorted well, sorted badly, and not at all."""

import io
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core import scan as scanning
from covid_desktop.core.dataset import Dataset, Sample, SkippedFile, class_counts
from covid_desktop.core.events import Progress
from covid_desktop.core.image import ImageInfo, describe
from covid_desktop.core.scan import guess_positive, scan
from covid_desktop.errors import DatasetError, Stopped

posix_only = pytest.mark.skipif(os.name != "posix", reason="file names as Linux allows them")


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(file, "PNG")
    return file.getvalue()


def fill(root: Path, *names: str) -> Path:
    """Images at the places named, below ``root``; a name that ends in a slash is an empty folder."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png())
    return root


def places(dataset: Dataset) -> set[tuple[str, int, str | None]]:
    return {
        (sample.path.relative_to(dataset.folder).as_posix(), sample.label, sample.subset)
        for sample in dataset.samples
    }


def skipped_names(dataset: Dataset) -> dict[str, str]:
    return {file.path.relative_to(dataset.folder).as_posix(): file.reason for file in dataset.skipped}


def test_two_class_folders(tmp_path: Path) -> None:
    dataset = scan(fill(tmp_path, "Healthy/1.png", "COVID-19/1.png", "COVID-19/2.png"))
    assert dataset.folder == tmp_path
    assert dataset.class_names == ("Healthy", "COVID-19")
    assert places(dataset) == {
        ("Healthy/1.png", 0, None),
        ("COVID-19/1.png", 1, None),
        ("COVID-19/2.png", 1, None),
    }
    assert dataset.skipped == ()


@pytest.mark.parametrize("training", ["train", "TRAIN", "Training"])
@pytest.mark.parametrize("validation", ["val", "VAL", "valid", "Validation"])
@pytest.mark.parametrize("test", ["test", "Testing"])
def test_names_of_sets(tmp_path: Path, training: str, validation: str, test: str) -> None:
    sets = {training: "training", validation: "validation", test: "test"}
    fill(tmp_path, *(f"{name}/{label}/1.png" for name in sets for label in ("covid", "normal")))
    assert places(scan(tmp_path)) == {
        (f"{name}/{label}/1.png", int(label == "covid"), subset)
        for name, subset in sets.items()
        for label in ("covid", "normal")
    }


def test_a_class_may_be_spelt_in_capitals_in_one_set(tmp_path: Path) -> None:
    fill(tmp_path, "train/COVID/1.png", "train/Normal/1.png", "val/covid/1.png", "val/NORMAL/1.png")
    dataset = scan(tmp_path)
    assert {name.casefold() for name in dataset.class_names} == {"covid", "normal"}
    assert class_counts(dataset.samples) == (2, 2)
    assert all(sample.label == int("covid" in str(sample.path).casefold()) for sample in dataset.samples)


def test_the_set_folder_itself_may_be_chosen(tmp_path: Path) -> None:
    dataset = scan(fill(tmp_path, "train/COVID/1.png", "train/Normal/1.png") / "train")
    assert {sample.subset for sample in dataset.samples} == {None}


def test_folders_of_patients_within_a_class(tmp_path: Path) -> None:
    dataset = scan(fill(tmp_path, "COVID/p1/day 1/a.png", "COVID/p2/a.png", "Normal/p3/a.png"))
    assert class_counts(dataset.samples) == (1, 2)


@pytest.mark.parametrize("wrapper", ["archive", "a/b", "a/b/c"])
@pytest.mark.parametrize("inside", ["", "train/"])
def test_folders_of_an_unpacked_archive_are_stepped_into(tmp_path: Path, wrapper: str, inside: str) -> None:
    fill(tmp_path, f"{wrapper}/{inside}COVID/1.png", f"{wrapper}/{inside}Normal/1.png")
    fill(tmp_path, "__MACOSX/archive/1.png", "Thumbs.db", ".DS_Store")
    dataset = scan(tmp_path)
    assert dataset.folder == tmp_path / wrapper
    assert class_counts(dataset.samples) == (1, 1)


def test_hidden_and_system_files_are_passed_over_in_silence(tmp_path: Path) -> None:
    fill(tmp_path, "COVID/1.png", "Normal/1.png", "COVID/.2.png", ".git/3.png", "COVID/.thumbs/4.png")
    fill(tmp_path, "COVID/Thumbs.db", "desktop.ini", "__MACOSX/COVID/._1.png", "Normal/@eaDir/1.png")
    dataset = scan(tmp_path)
    assert len(dataset.samples) == 2
    assert dataset.skipped == ()


def test_what_is_not_used_is_told_with_the_reason(tmp_path: Path) -> None:
    fill(tmp_path, "train/COVID/1.png", "train/Normal/1.png", "more/2.png", "3.png")
    (tmp_path / "README.md").write_text("About the data.")
    (tmp_path / "train" / "list.csv").write_text("path,label\n")
    (tmp_path / "train" / "COVID" / "broken.png").write_bytes(png()[:20])
    (tmp_path / "train" / "COVID" / "empty.png").touch()
    (tmp_path / "train" / "Normal" / "notes.txt").write_text("Not an image at all, but words.")
    dataset = scan(tmp_path)
    assert len(dataset.samples) == 2
    reasons = skipped_names(dataset)
    no_class = {name for name, reason in reasons.items() if reason == "Not in a class folder."}
    assert no_class == {"3.png", "more/2.png", "train/list.csv"}
    assert reasons["train/COVID/empty.png"] == "Empty file."
    assert reasons["train/Normal/notes.txt"] == "Not an image."
    assert reasons.keys() - no_class == {
        "train/COVID/broken.png",
        "train/COVID/empty.png",
        "train/Normal/notes.txt",
    }


def test_an_empty_validation_folder_is_none(tmp_path: Path) -> None:
    dataset = scan(fill(tmp_path, "train/COVID/1.png", "train/Normal/1.png", "val/"))
    assert {sample.subset for sample in dataset.samples} == {"training"}


def test_a_test_set_alone_can_be_scanned(tmp_path: Path) -> None:
    dataset = scan(fill(tmp_path, "test/COVID/1.png", "test/Normal/1.png"))
    assert Counter(sample.subset for sample in dataset.samples) == {"test": 2}


@pytest.mark.parametrize("parent", ["", "covid/normal/"])
@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "There are no class folders here."),
        (["1.png"], "There are no class folders here."),
        (["train/", "val/"], "There are no class folders here."),
        (["COVID/1.png"], "There is only one class folder, COVID."),
        (["COVID/1.png", "covid/1.png"], "There is only one class folder, "),
        (["a/1.png", "B/1.png", "c/1.png"], "There are 3 class folders: a, B, c."),
        ([f"{n}/1.png" for n in range(8)], "There are 8 class folders: 0, 1, 2, 3, 4, 5, …."),
        (
            ["train/covid/1.png", "train/no/1.png", "val/covid/1.png"],
            "The validation folder has no class folder no.",
        ),
        (["train/covid/1.png", "val/no/1.png"], "The training folder has no class folder no."),
        (["train/a/1.png", "train/b/1.png", "test/c/1.png"], "There are 3 class folders: c, a, b."),
        (["COVID/1.png", "Normal/"], "The class folder Normal holds no image that can be read. Add"),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path: Path, parent: str, names: list[str], message: str) -> None:
    root = fill(tmp_path, f"{parent}data/") / parent / "data"
    with pytest.raises(DatasetError) as caught:
        scan(fill(root, *names))
    assert str(caught.value).startswith(message)
    assert_says_what_to_do(caught.value)


def test_a_class_whose_files_are_all_broken_tells_why(tmp_path: Path) -> None:
    fill(tmp_path / "normal", "COVID/1.png", "Normal/", "stray.png")
    for name in ("1.png", "2.png"):
        (tmp_path / "normal" / "Normal" / name).write_text("These are words and no image.")
    with pytest.raises(
        DatasetError, match=r"holds no image that can be read. The first of 2 files: Not an image"
    ):
        scan(tmp_path / "normal")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere does not exist\. Choose") as caught:
        scan(tmp_path / "nowhere")
    assert_says_what_to_do(caught.value)


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"^1\.png is a file, not a folder\. Choose"):
        scan(fill(tmp_path, "1.png") / "1.png")


@posix_only
def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read: File name too long"):
        scan(tmp_path / ("x" * 300))


@pytest.mark.parametrize("forbidden", ["data", "data/train", "data/train/COVID", "data/train/COVID/patient"])
def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forbidden: str) -> None:
    fill(tmp_path, "data/train/COVID/patient/1.png", "data/train/COVID/1.png", "data/train/Normal/1.png")
    forbid(monkeypatch, tmp_path / forbidden)
    with pytest.raises(DatasetError, match="cannot be read: Permission denied") as caught:
        scan(tmp_path / "data")
    assert str(tmp_path / forbidden) in str(caught.value)
    assert_says_what_to_do(caught.value)


def forbid(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Root may read everything, so the system's refusal is made up."""
    listdir, scandir = os.listdir, os.scandir

    def refuse(path: str | os.PathLike[str]) -> None:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))

    def refusing_listdir(path: str | os.PathLike[str] = ".") -> list[str]:
        refuse(path)
        return listdir(path)

    def refusing_scandir(path: str | os.PathLike[str] = ".") -> Iterator[os.DirEntry[str]]:
        refuse(path)
        return scandir(path)

    monkeypatch.setattr(os, "listdir", refusing_listdir)
    monkeypatch.setattr(os, "scandir", refusing_scandir)


def assert_says_what_to_do(error: DatasetError) -> None:
    assert error.fix.endswith(".")
    assert error.fix[0].isupper()
    assert "!" not in str(error)


@posix_only
def test_links_in_circles_and_into_nothing(tmp_path: Path) -> None:
    fill(tmp_path, "COVID/1.png", "Normal/1.png")
    (tmp_path / "COVID" / "circle").symlink_to(tmp_path / "COVID")
    (tmp_path / "Normal" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "Normal" / "self.png").symlink_to(tmp_path / "Normal" / "self.png")
    dataset = scan(tmp_path)
    assert class_counts(dataset.samples) == (1, 1)
    assert skipped_names(dataset).keys() == {"Normal/gone.png", "Normal/self.png"}


@posix_only
def test_a_folder_that_holds_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(DatasetError, match="only one class folder, loop"):
        scan(tmp_path)


@posix_only
def test_a_linked_class_folder_is_a_class_folder(tmp_path: Path) -> None:
    fill(tmp_path, "elsewhere/1.png", "data/Normal/1.png")
    (tmp_path / "data" / "COVID").symlink_to(tmp_path / "elsewhere")
    assert class_counts(scan(tmp_path / "data").samples) == (1, 1)


@posix_only
@pytest.mark.skipif(sys.platform == "darwin", reason="names there are UTF-8")
@pytest.mark.parametrize(
    "name", ["🫁.png", "two\nlines.png", 'a;b,"c".png', " .png", os.fsdecode(b"\xff\xfe.png")]
)
def test_any_file_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "patients.csv").write_text("path,patient\n")
    dataset = scan(fill(tmp_path, f"COVID/{name}", f"Normal/{name}"))
    assert {sample.path.name for sample in dataset.samples} == {name}


def test_patients_come_from_the_table(tmp_path: Path) -> None:
    fill(tmp_path, "COVID/1.png", "COVID/2.png", "Normal/1.png")
    (tmp_path / "patients.csv").write_text("path,patient\nCOVID/1.png,P1\nNormal/1.png,P2\n")
    dataset = scan(tmp_path)
    found = {sample.path.relative_to(tmp_path).as_posix(): sample.patient for sample in dataset.samples}
    assert found == {"COVID/1.png": "P1", "COVID/2.png": None, "Normal/1.png": "P2"}
    assert dataset.skipped == ()


def test_the_order_of_files_is_that_of_their_names(tmp_path: Path) -> None:
    fill(tmp_path, *(f"{label}/{name}.png" for name in "cab" for label in ("covid", "normal")))
    assert [sample.path.stem for sample in scan(tmp_path).samples] == list("abcabc")


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, *(f"{label}/{n}.png" for n in range(60) for label in ("covid", "normal")))
    events: list[object] = []
    scan(tmp_path, events.append)
    assert events == [Progress(stage="Looking through the folder", done=n, total=120) for n in (0, 50, 100)]


def test_stops_at_the_next_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "covid/1.png", "covid/2.png", "normal/1.png")
    read: list[Path] = []

    def noting(path: Path) -> ImageInfo:
        read.append(path)
        return describe(path)

    monkeypatch.setattr(scanning, "describe", noting)
    with pytest.raises(Stopped):
        scan(tmp_path, should_stop=lambda: len(read) == 2)
    assert len(read) == 2


@pytest.mark.parametrize(
    ("positive", "other"),
    [
        ("COVID-19", "Healthy"),
        ("COVID", "non-COVID"),
        ("covid", "noncovid"),
        ("CT_COVID", "CT_NonCOVID"),
        ("COVID", "NoCOVID"),
        ("covid", "NOT covid"),
        ("COVID-19", "Without COVID-19"),
        ("covid_positive", "covid_negative"),
        ("COVID_pos", "COVID_neg"),
        ("Positive", "Negative"),
        ("PNEUMONIA", "NORMAL"),
        ("Covid", "Normal"),
        ("COVID", "Viral Pneumonia"),
        ("COVID", "Lung_Opacity"),
        ("SARS-CoV-2", "Tuberculosis"),
        ("covid", "no finding"),
        ("finding", "No_Finding"),
        ("Nodule", "Normal"),
        ("sick", "well"),
        ("ill", "not ill"),
        ("cases", "controls"),
        ("patients", "controls"),
        ("infected", "uninfected"),
        ("Affected", "Unaffected"),
        ("Unhealthy", "Healthy"),
        ("Abnormal", "Normal"),
        ("disease", "no disease"),
        ("yes", "no"),
        ("1", "0"),
        ("b", "A"),
    ],
)
def test_the_positive_class_is_the_disease(positive: str, other: str) -> None:
    assert guess_positive((positive, other)) == positive
    assert guess_positive((other, positive)) == positive


def small_dataset() -> Dataset:
    samples = tuple(Sample(path=Path(f"{n}.png"), label=n % 2, patient=f"P{n}") for n in range(4))
    return Dataset(folder=Path("data"), class_names=("Healthy", "COVID-19"), samples=samples)


def test_the_other_class_can_be_made_positive() -> None:
    dataset = small_dataset()
    swapped = dataset.with_positive_class("Healthy")
    assert swapped.class_names == ("COVID-19", "Healthy")
    assert [sample.label for sample in swapped.samples] == [1, 0, 1, 0]
    assert swapped.with_positive_class("COVID-19") == dataset
    assert dataset.with_positive_class("COVID-19") is dataset
    with pytest.raises(ValueError, match="Influenza"):
        dataset.with_positive_class("Influenza")


def test_files_that_turn_out_unreadable_join_the_skipped() -> None:
    bad = SkippedFile(path=Path("1.png"), reason="Damaged.")
    dataset = small_dataset().without((bad,))
    assert [sample.path.name for sample in dataset.samples] == ["0.png", "2.png", "3.png"]
    assert dataset.skipped == (bad,)
