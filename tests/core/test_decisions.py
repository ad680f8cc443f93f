"""What was decided about images: what it makes of a data set, and the file it is kept in."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from covid_desktop.core.dataset import Dataset, Sample
from covid_desktop.core.decision_file import DECISIONS_FILE, load_decisions, save_decisions
from covid_desktop.core.decisions import Decisions, decided
from covid_desktop.core.patients import DICOM
from covid_desktop.core.scan import scan
from covid_desktop.errors import DatasetError

DECISIONS = Decisions(
    positive_class="Healthy",
    patient_pattern="{patient}_*",
    excluded={"COVID-19/p1_1.png": "Blank."},
    classes={"COVID-19/p2_1.png": "Healthy"},
    sets={"Healthy/h1_1.png": "test", "COVID-19/p2_1.png": "validation"},
    test_uses=("2026-01-02T03:04:05+00:00",),
    salt="abc",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("COVID-19/p1_1", "COVID-19/p1_2", "COVID-19/p2_1", "Healthy/h1_1", "Healthy/h2_1"):
        path = tmp_path / "data" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), len(name)).save(path)
    return tmp_path / "data"


@pytest.fixture
def own_place(tmp_path: Path) -> Path:
    place = tmp_path / "own"
    place.mkdir()
    return place


def test_a_decided_data_set(folder: Path) -> None:
    dataset = decided(scan(folder), DECISIONS)
    found = {sample.path.name: (sample.label, sample.patient, sample.subset) for sample in dataset.samples}
    assert dataset.class_names == ("COVID-19", "Healthy")
    assert found == {
        "p1_2.png": (0, "p1", None),
        "p2_1.png": (1, "p2", "validation"),
        "h1_1.png": (1, "h1", "test"),
        "h2_1.png": (1, "h2", None),
    }
    assert [(file.path.name, file.reason) for file in dataset.skipped] == [("p1_1.png", "Excluded: Blank.")]


def test_nothing_decided_changes_nothing(folder: Path) -> None:
    scanned = scan(folder)
    assert decided(scanned, Decisions()) == scanned


def test_what_is_no_longer_there_is_passed_over(folder: Path) -> None:
    gone = Decisions(
        positive_class="Influenza",
        excluded={"COVID-19/gone.png": "Blank."},
        classes={"Healthy/h1_1.png": "Influenza"},
        sets={"gone.png": "test"},
    )
    assert decided(scan(folder), gone) == scan(folder)


def test_training_folders_without_validation_may_be_divided(tmp_path: Path) -> None:
    samples = tuple(
        Sample(path=tmp_path / f"{number}.png", label=number % 2, subset="training" if number < 4 else "test")
        for number in range(6)
    )
    dataset = Dataset(folder=tmp_path, class_names=("a", "b"), samples=samples)
    free = decided(dataset, Decisions())
    assert [sample.subset for sample in free.samples] == [None] * 4 + ["test"] * 2
    given = replace(dataset, samples=(*samples[:3], replace(samples[3], subset="validation")))
    assert [one.subset for one in decided(given, Decisions()).samples] == ["training"] * 3 + ["validation"]


def test_a_table_goes_before_a_pattern_and_a_pattern_before_dicom(tmp_path: Path) -> None:
    samples = tuple(
        Sample(path=tmp_path / name, label=0, patient=patient)
        for name, patient in (("a_1.png", "Table 7"), ("b_1.dcm", DICOM + "ff"), ("c.dcm", DICOM + "ff"))
    )
    dataset = Dataset(folder=tmp_path, class_names=("x", "y"), samples=samples)
    salted = [one.patient for one in decided(dataset, Decisions(salt="1")).samples]
    assert salted[0] == "Table 7"
    assert salted[1] == salted[2] != DICOM + "ff"
    assert salted[1] is not None
    assert salted[1].startswith(DICOM)
    assert decided(dataset, Decisions(salt="2")).samples[1].patient != salted[1]
    patterned = decided(dataset, Decisions(salt="1", patient_pattern="{patient}_*"))
    assert [one.patient for one in patterned.samples] == ["Table 7", "b", salted[2]]


# --- the file


def test_decisions_stand_beside_the_data_and_come_back(folder: Path, own_place: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    assert load_decisions(scan(folder), own_place) == Decisions()
    path = save_decisions(scan(folder), DECISIONS, own_place)
    assert path == folder / DECISIONS_FILE
    assert load_decisions(scan(folder), own_place) == DECISIONS
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before
    assert scan(folder).skipped == ()


def test_a_moved_folder_keeps_them(folder: Path, own_place: Path, tmp_path: Path) -> None:
    save_decisions(scan(folder), DECISIONS, own_place)
    moved = shutil.move(folder, tmp_path / "elsewhere")
    assert load_decisions(scan(moved), own_place) == DECISIONS


def test_the_file_can_be_read_and_written_by_hand(folder: Path, own_place: Path) -> None:
    Image.new("L", (8, 8)).save(folder / "Healthy" / "Müller_1.png")
    wanted = Decisions(excluded={"Healthy/Müller_1.png": "Unscharf."})
    text = save_decisions(scan(folder), wanted, own_place).read_text(encoding="utf-8")
    assert "Müller_1.png" in text
    assert len(text.splitlines()) > 8
    by_hand = '\ufeff{"format": 1, "excluded": {"Healthy/h1_1.png": "Not ours."}}'
    (folder / DECISIONS_FILE).write_text(by_hand, encoding="utf-8")
    assert load_decisions(scan(folder), own_place) == Decisions(excluded={"Healthy/h1_1.png": "Not ours."})


@pytest.mark.skipif(os.name != "posix", reason="names of files are Unicode elsewhere")
def test_names_that_are_not_unicode(folder: Path, own_place: Path) -> None:
    odd = os.fsdecode(b"\xff\xfe.png")
    Image.new("L", (8, 8)).save(folder / "Healthy" / odd)
    decisions = Decisions(excluded={f"Healthy/{odd}": "Blank."})
    save_decisions(scan(folder), decisions, own_place)
    assert load_decisions(scan(folder), own_place) == decisions


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "{",
        '{"format": "1"}',
        '{"format": 1, "excluded": []}',
        '{"format": 1, "excluded": {"a": 1}}',
        '{"format": 1, "sets": {"elsewhere": ["a"]}}',
        '{"format": 1, "sets": {"test": "abc"}}',
        '{"format": 1, "sets": {"test": [1]}}',
        '{"format": 1, "test_uses": 3}',
        '{"format": 1, "positive_class": 3}',
        "[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_used_is_said(folder: Path, own_place: Path, text: str) -> None:
    (folder / DECISIONS_FILE).write_text(text)
    with pytest.raises(DatasetError, match=r"covid-desktop\.json.* cannot be read.*delete it"):
        load_decisions(scan(folder), own_place)


def test_a_file_of_a_newer_version_is_said(folder: Path, own_place: Path) -> None:
    (folder / DECISIONS_FILE).write_text('{"format": 99}')
    with pytest.raises(DatasetError, match="newer version"):
        load_decisions(scan(folder), own_place)


# --- where the folder cannot be written


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Folders put in here cannot be written, even by an administrator."""
    folders: set[Path] = set()
    access = os.access

    def may(path: Path, mode: int) -> bool:
        return not (Path(path) in folders and mode == os.W_OK) and access(path, mode)

    monkeypatch.setattr(os, "access", may)
    return folders


def test_the_own_place_serves_a_read_only_folder(
    folder: Path, own_place: Path, tmp_path: Path, read_only: set[Path]
) -> None:
    read_only.add(folder)
    path = save_decisions(scan(folder), DECISIONS, own_place)
    assert path.parent == own_place
    assert not (folder / DECISIONS_FILE).exists()
    assert load_decisions(scan(folder), own_place) == DECISIONS
    assert "p1_1" in path.read_text()
    moved = shutil.move(folder, tmp_path / "elsewhere")
    assert load_decisions(scan(moved), own_place) == DECISIONS
    save_decisions(scan(moved), Decisions(salt="x"), own_place)  # it can be written now
    assert (moved / DECISIONS_FILE).is_file()
    assert list(own_place.iterdir()) == []
    assert load_decisions(scan(moved), own_place) == Decisions(salt="x")


def test_a_read_only_folder_may_grow(folder: Path, own_place: Path, read_only: set[Path]) -> None:
    read_only.add(folder)
    save_decisions(scan(folder), DECISIONS, own_place)
    Image.new("L", (8, 8)).save(folder / "Healthy" / "new.png")
    assert load_decisions(scan(folder), own_place) == DECISIONS
    save_decisions(scan(folder), replace(DECISIONS, salt="new"), own_place)
    assert load_decisions(scan(folder), own_place).salt == "new"
    assert len(list(own_place.iterdir())) == 1


def test_another_disk_at_the_same_place_is_not_meant(
    folder: Path, own_place: Path, read_only: set[Path]
) -> None:
    read_only.add(folder)
    save_decisions(scan(folder), DECISIONS, own_place)
    for path in sorted(folder.rglob("*.png")):
        path.rename(path.with_stem(f"other-{path.stem}"))
    assert load_decisions(scan(folder), own_place) == Decisions()


def test_a_damaged_file_in_the_own_place_concerns_nobody_else(folder: Path, own_place: Path) -> None:
    (own_place / "other.json").write_text("{")
    assert load_decisions(scan(folder), own_place) == Decisions()
    (own_place / "odd.json").write_text(json.dumps({"format": 1, "files": 3}))
    assert load_decisions(scan(folder), own_place) == Decisions()
