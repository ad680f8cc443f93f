"""The data of a run: opened, checked, decided about. What is decided stays; the images are never changed."""

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from covid_desktop import curation, paths
from covid_desktop.core import checks, duplicates, separability, survey
from covid_desktop.core.dataset import SUBSETS, Subset
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.findings import Finding
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import DatasetError, Stopped, UserError

Decide = Callable[[OpenedDataset], OpenedDataset]
CLASSES = ("COVID-19", "Healthy")
SIZE = 64


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's places, where nothing is known of any image yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv(paths.HOME_VARIABLE, str(folder))
    return folder


@cache
def drawn(seed: int, positive: bool) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw_phantom(seed, positive=positive, size=SIZE).pixels).save(file, "PNG")
    return file.getvalue()


def add(folder: Path, numbers: Iterable[int]) -> Path:
    """In each class an image for each number, named by patient and visit: two images are of one patient."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in numbers:
            path = folder / name / f"{name[0]}{number // 2}_{number % 2}.png"
            path.write_bytes(drawn(number, name == "COVID-19"))
    return folder


def spoil(path: Path) -> None:
    """Its header can still be read."""
    path.write_bytes(path.read_bytes()[:-300])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sixteen images in two class folders."""
    return add(tmp_path / "data", range(8))


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Images in the folders train, val and test, of other patients each."""
    folder = tmp_path / "given"
    for part, numbers in (("train", range(6)), ("val", range(6, 8)), ("test", range(8, 10))):
        add(folder / part, numbers)
    return folder


def sets_of(opened: OpenedDataset) -> dict[str, Subset]:
    """The set of each image, by its name within the folder."""
    folder = opened.dataset.folder
    return {path.relative_to(folder).as_posix(): part for path, part in opened.split.subset_of().items()}


def checked_again(folder: Path, seed: int = 0) -> CheckedDataset:
    return curation.check(curation.open_dataset(folder, seed=seed))


def kinds(checked: CheckedDataset) -> list[str]:
    return [finding.kind for finding in checked.findings]


def found(checked: CheckedDataset, kind: str) -> Finding:
    (finding,) = [finding for finding in checked.findings if finding.kind == kind]
    return finding


def images_as_they_are(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of change of all files but the program's own."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file() and path.name != DECISIONS_FILE
    }


# --- opening


def test_opening_divides_and_writes_nothing(data: Path) -> None:
    opened = curation.open_dataset(data)
    assert len(opened.split.training) + len(opened.split.validation) == 16
    assert 3 <= len(opened.split.validation) <= 4
    assert opened.dataset.positive_class == "COVID-19"
    assert (opened.patients_from, opened.is_test_set_aside, opened.test_uses) == ("", False, 0)
    assert not (data / DECISIONS_FILE).exists()
    assert sets_of(curation.open_dataset(data)) == sets_of(opened)
    assert sets_of(curation.open_dataset(data, seed=1)) != sets_of(opened)


def test_a_folder_is_opened_as_was_decided(data: Path) -> None:
    decided = {
        "format": 1,
        "positive_class": "Healthy",
        "patient_pattern": "{patient}_*",
        "excluded": {"Healthy/H0_0.png": "Not ours."},
        "classes": {"Healthy/H1_0.png": "COVID-19"},
        "sets": {"test": ["Healthy/H2_0.png", "Healthy/H2_1.png"]},
        "test_uses": ["2026-01-02T03:04:05+00:00"],
    }
    (data / DECISIONS_FILE).write_text(json.dumps(decided))
    opened = curation.open_dataset(data)
    samples = {sample.path.name: sample for sample in opened.dataset.samples}
    assert len(samples) == 15
    assert opened.dataset.class_names == ("COVID-19", "Healthy")
    assert (samples["H1_0.png"].label, samples["H1_1.png"].label) == (0, 1)
    assert samples["C3_1.png"].patient == "C3"
    assert [sample.path.name for sample in opened.split.test] == ["H2_0.png", "H2_1.png"]
    assert [file.reason for file in opened.dataset.skipped] == ["Excluded: Not ours."]
    assert (opened.patients_from, opened.is_test_set_aside, opened.test_uses) == ("file names", True, 1)
    assert curation.scan_folder(data).samples == opened.dataset.samples


def test_given_sets_stay(given: Path) -> None:
    opened = curation.open_dataset(given, seed=3)
    names = {"train": "training", "val": "validation", "test": "test"}
    assert {name: names[name.partition("/")[0]] for name in sets_of(opened)} == sets_of(opened)
    assert not opened.is_test_set_aside


def test_decisions_that_cannot_be_read_are_said(data: Path) -> None:
    (data / DECISIONS_FILE).write_text("{")
    for open_it in (curation.open_dataset, curation.scan_folder):
        with pytest.raises(DatasetError, match=r"covid-desktop\.json.* cannot be read"):
            open_it(data)


def test_opening_can_be_stopped(data: Path) -> None:
    for open_it in (curation.open_dataset, curation.scan_folder):
        with pytest.raises(Stopped):
            open_it(data, should_stop=lambda: True)


def test_where_patients_come_from(data: Path, tmp_path: Path) -> None:
    assert curation.open_dataset(data).patients_from == ""
    assert curation.with_pattern(curation.open_dataset(data), "{patient}_*").patients_from == "file names"
    (data / "patients.csv").write_text("path,patient\nHealthy/H0_0.png,P1\n")
    assert curation.with_pattern(curation.open_dataset(data), "").patients_from == "patients.csv"
    assert curation.open_dataset(dicom_folder(tmp_path / "dicom")).patients_from == "DICOM"


# --- checking


def test_a_check_knows_each_image_and_tells_its_stages(data: Path) -> None:
    heard: list[Any] = []
    checked = curation.check(curation.open_dataset(data), emit=heard.append)
    assert set(checked.facts) == {sample.path for sample in checked.opened.dataset.samples}
    assert kinds(checked) == ["few-validation", "unknown-patients"]
    stages = list(dict.fromkeys(event.stage for event in heard))
    assert stages == ["Reading every image", "Looking for copies", "Comparing the classes"]


def test_a_check_leaves_the_sets_as_they_were_drawn(data: Path) -> None:
    opened = curation.open_dataset(data, seed=5)
    checked = curation.check(opened)
    assert sets_of(checked.opened) == sets_of(opened)
    assert checked.opened.decisions.sets == sets_of(opened)
    for seed in (5, 6):
        assert sets_of(curation.open_dataset(data, seed=seed)) == sets_of(opened)


def test_images_added_later_move_none_of_the_old_ones(data: Path) -> None:
    sets = sets_of(checked_again(data).opened)
    for more in (range(8, 11), range(11, 20)):
        add(data, more)
        opened = curation.open_dataset(data, seed=more.start)
        checked = curation.check(opened)
        now = sets_of(checked.opened)
        assert len(now) == 2 * more.stop
        assert {name: now[name] for name in sets} == sets
        assert now == sets_of(opened) == sets_of(curation.open_dataset(data))
        sets = now
    for label in (0, 1):
        counts = Counter(sample.label for sample in opened.split.validation)
        assert counts[label] == pytest.approx(20 / 5, abs=1)


def test_images_that_are_taken_away_move_none_of_the_others(data: Path) -> None:
    sets = sets_of(checked_again(data).opened)
    gone = [name for name, subset in sets.items() if subset == "training"][::2]
    for name in gone:
        (data / name).unlink()
    now = sets_of(checked_again(data).opened)
    assert now == {name: subset for name, subset in sets.items() if name not in gone}


def test_copies_are_in_one_set(data: Path) -> None:
    """Also where they were divided before they were known."""
    original = data / "Healthy" / "H0_0.png"
    for number in range(4):
        with Image.open(original) as picture:
            picture.save(data / "Healthy" / f"copy {number}.jpg", quality=95 - number)
    copies = {"Healthy/H0_0.png", *(f"Healthy/copy {number}.jpg" for number in range(4))}
    as_drawn = (curation.open_dataset(data, seed=seed) for seed in range(10))
    opened = next(one for one in as_drawn if len({sets_of(one)[name] for name in copies}) == 2)
    checked = curation.check(opened)
    assert [{path.name for path in group} for group in checked.opened.copies] == [
        {Path(name).name for name in copies}
    ]
    assert len({sets_of(checked.opened)[name] for name in copies}) == 1
    assert sets_of(curation.open_dataset(data)) == sets_of(checked.opened)
    assert "duplicates" in kinds(checked)
    assert "leak" not in kinds(checked)


def test_a_copy_that_comes_later_joins_its_original(data: Path) -> None:
    sets = sets_of(checked_again(data).opened)
    for number, name in enumerate(sets):
        with Image.open(data / name) as picture:
            picture.save(data / name.partition("/")[0] / f"copy {number}.jpg", quality=95)
    now = sets_of(checked_again(data).opened)
    assert len(now) == 2 * len(sets)
    for number, (name, subset) in enumerate(sets.items()):
        assert now[f"{name.partition('/')[0]}/copy {number}.jpg"] == now[name] == subset


def test_copies_in_given_sets_are_found_and_not_moved(given: Path) -> None:
    shutil.copy(given / "train" / "Healthy" / "H0_0.png", given / "val" / "Healthy" / "twin.png")
    checked = checked_again(given)
    assert [path.name for path in found(checked, "leak").paths] == ["H0_0.png", "twin.png"]
    assert sets_of(checked.opened)["val/Healthy/twin.png"] == "validation"
    assert not (given / DECISIONS_FILE).exists()


def test_what_turns_out_unreadable_is_left_out_and_said(data: Path) -> None:
    sets = sets_of(checked_again(data).opened)
    broken = data / "Healthy" / "H1_0.png"
    whole = broken.read_bytes()
    spoil(broken)
    checked = checked_again(data)
    assert sets_of(checked.opened) == {name: sets[name] for name in sets if name != "Healthy/H1_0.png"}
    assert broken not in checked.facts
    assert found(checked, "unreadable").paths == (broken,)
    assert [file.path for file in checked.opened.dataset.skipped] == [broken]
    assert checked.opened.scanned.skipped == checked.opened.dataset.skipped
    broken.write_bytes(whole)
    assert sets_of(checked_again(data).opened) == sets


def test_a_folder_whose_every_image_is_broken_is_checked(data: Path) -> None:
    for path in data.rglob("*.png"):
        spoil(path)
    checked = checked_again(data)
    assert checked.facts == {}
    assert checked.opened.dataset.samples == ()
    assert [len(checked.opened.split.of(subset)) for subset in SUBSETS] == [0, 0, 0]
    assert len(found(checked, "unreadable").paths) == 16
    assert not (data / DECISIONS_FILE).exists()


@pytest.mark.parametrize("left", [0, 1])
def test_a_class_of_which_too_few_are_left_is_checked(data: Path, left: int) -> None:
    for path in sorted((data / "Healthy").iterdir())[left:]:
        spoil(path)
    checked = checked_again(data)
    assert len(checked.opened.dataset.samples) == len(checked.facts) == 8 + left
    assert len(sets_of(checked.opened)) == 8 + left
    assert len(found(checked, "unreadable").paths) == 8 - left
    with pytest.raises(DatasetError):
        curation.exclude(checked.opened, [checked.opened.dataset.samples[0].path])


def test_images_repaired_after_a_check_are_divided_like_new_ones(data: Path) -> None:
    whole = {path: path.read_bytes() for path in (data / "Healthy").iterdir()}
    for path in whole:
        spoil(path)
    sets = sets_of(checked_again(data).opened)
    for path, content in whole.items():
        path.write_bytes(content)
    checked = checked_again(data)
    now = sets_of(checked.opened)
    assert {name: now[name] for name in sets} == sets
    assert {sample.label for sample in checked.opened.split.validation} == {0, 1}
    assert kinds(checked) == ["few-validation", "unknown-patients"]


def test_sets_that_cannot_be_written_down_do_not_end_a_check(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = sets_of(curation.open_dataset(data))
    fill_the_disk(monkeypatch)
    checked = checked_again(data)
    assert sets_of(checked.opened) == expected
    assert not (data / DECISIONS_FILE).exists()


def test_what_was_decided_while_a_check_ran_is_kept(data: Path) -> None:
    """The check of a run knows the data as it was when the run began."""
    opened = curation.open_dataset(data)
    image = data / "Healthy" / "H0_0.png"
    curation.exclude(opened, [image])
    assert image in curation.check(opened).facts
    now = curation.open_dataset(data)
    assert now.decisions.excluded == {"Healthy/H0_0.png": "By hand."}
    assert len(now.decisions.sets) == 16


# --- the second time, and stopping


class Work:
    """What is worked out from now on: the names of files that are read, searches, findings, small models."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.done: list[str] = []
        examine = survey.examine

        def read(path: Path) -> Any:
            self.read.append(path.name)
            return examine(path)

        monkeypatch.setattr(survey, "examine", read)
        for module, name in ((duplicates, "find_copies"), (checks, "find"), (checks, "confounder_findings")):
            self._note(monkeypatch, module, name)
        self._note(monkeypatch, separability, "of_few_numbers")

    def _note(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        work = getattr(module, name)

        def noted(*arguments: Any) -> Any:
            self.done.append(name)
            return work(*arguments)

        monkeypatch.setattr(module, name, noted)


def test_a_second_check_is_instant(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(data / "Healthy" / "H0_0.png", data / "Healthy" / "twin.png")
    spoil(data / "Healthy" / "H3_1.png")
    first = checked_again(data)
    work = Work(monkeypatch)
    second = checked_again(data)
    assert (work.read, work.done) == ([], [])
    assert second.findings == first.findings
    assert second.facts == first.facts
    assert replace(second.opened, decisions=first.opened.decisions) == first.opened
    assert {"duplicates", "unreadable"} <= set(kinds(second))


def test_a_second_check_of_given_sets_is_instant_though_no_salt_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    for part, patients in (("train", range(6)), ("val", range(3, 9))):
        dicom_folder(folder / part, patients)
    first = checked_again(folder)
    assert not (folder / DECISIONS_FILE).exists()
    assert len(found(first, "patient-leak").groups) == 6
    work = Work(monkeypatch)
    assert checked_again(folder).findings == first.findings
    assert (work.read, work.done) == ([], [])


def test_only_what_changed_is_read_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked_again(data)
    work = Work(monkeypatch)
    (data / "Healthy" / "new.png").write_bytes(drawn(100, False))
    (data / "Healthy" / "H0_0.png").write_bytes(drawn(101, False))
    checked_again(data)
    assert sorted(work.read) == ["H0_0.png", "new.png"]
    assert work.done[:2] == ["find_copies", "find"]


@pytest.mark.parametrize(
    ("decide", "gone", "new"),
    [
        (lambda opened: curation.with_pattern(opened, "{patient}_*"), "unknown-patients", None),
        (lambda opened: curation.relabel(opened, [opened.copies[0][0]]), "duplicates", "label-conflict"),
        (curation.set_test_aside, None, "few-test"),
    ],
    ids=["patients", "classes", "sets"],
)
def test_findings_follow_what_is_decided_without_another_look_at_the_images(
    data: Path, monkeypatch: pytest.MonkeyPatch, decide: Decide, gone: str | None, new: str | None
) -> None:
    shutil.copy(data / "Healthy" / "H0_0.png", data / "Healthy" / "H0_9.png")
    before = checked_again(data)
    work = Work(monkeypatch)
    after = curation.check(decide(before.opened))
    assert (work.read, work.done[0]) == ([], "find")
    assert set(kinds(before)) - set(kinds(after)) == {gone} - {None}
    assert set(kinds(after)) - set(kinds(before)) == {new} - {None}


@pytest.mark.parametrize(
    "stage",
    ["Reading every image", "Looking for copies", "Comparing likely copies", "Comparing the classes"],
)
def test_a_check_can_be_stopped_at_each_stage(
    data: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    shutil.copy(data / "Healthy" / "H0_0.png", data / "Healthy" / "twin.png")
    with Image.open(data / "Healthy" / "H1_0.png") as picture:
        picture.save(data / "Healthy" / "near.jpg", quality=90)
    heard: list[Any] = []
    opened = curation.open_dataset(data)
    work = Work(monkeypatch)
    with pytest.raises(Stopped):
        curation.check(
            opened, emit=heard.append, should_stop=lambda: stage in [event.stage for event in heard]
        )
    assert "find" not in work.done
    assert not (data / DECISIONS_FILE).exists()
    work.read.clear()
    checked = curation.check(opened)
    assert "find" in work.done
    if stage != "Reading every image":
        assert work.read == []
    assert len(checked.opened.copies) == 2


def test_what_a_stopped_check_has_read_is_kept(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = curation.open_dataset(data)
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > 16 + 10  # each image is looked up first

    with pytest.raises(Stopped):
        curation.check(opened, should_stop=should_stop)
    work = Work(monkeypatch)
    curation.check(opened)
    assert 0 < len(work.read) <= 6


# --- every decision


def an_image(opened: OpenedDataset) -> Path:
    return next(sample.path for sample in opened.split.training)


def remedy(kind: str, name: Any) -> Callable[[CheckedDataset], OpenedDataset]:
    return lambda checked: curation.remedied(checked.opened, found(checked, kind), name)


DECISIONS: dict[str, Callable[[CheckedDataset], Any]] = {
    "exclude": lambda checked: curation.exclude(checked.opened, [an_image(checked.opened)]),
    "use again": lambda checked: curation.use_again(
        checked.opened, [checked.opened.dataset.folder / "Healthy" / "H3_1.png"]
    ),
    "relabel": lambda checked: curation.relabel(checked.opened, [an_image(checked.opened)]),
    "positive class": lambda checked: curation.with_positive_class(checked.opened, "Healthy"),
    "pattern": lambda checked: curation.with_pattern(checked.opened, "{patient}_*"),
    "test set": lambda checked: curation.set_test_aside(checked.opened),
    "start anew": lambda checked: curation.restored(checked.opened, Decisions()),
    "remedy: exclude": remedy("label-conflict", "exclude"),
    "remedy: relabel": remedy("label-conflict", "relabel"),
    "remedy: keep one": remedy("duplicates", "keep-one"),
    "remedy: exclude copies": remedy("duplicates", "exclude"),
    "remedy: same set": remedy("leak", "same-set"),
    "count a use": lambda checked: curation.count_test_use(checked.opened.dataset.folder),
}
EACH = pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)


@pytest.fixture
def checked(data: Path) -> CheckedDataset:
    """Checked, with an image excluded, a picture in both classes, one there twice, and one in two sets."""
    opened = curation.open_dataset(data)
    sets = sets_of(opened)
    excluded = {"Healthy/H3_1.png": "By hand."}
    curation.restored(opened, replace(opened.decisions, sets=sets, excluded=excluded))
    shutil.copy(data / "Healthy" / "H0_0.png", data / "Healthy" / "twice.png")
    shutil.copy(data / "Healthy" / "H0_1.png", data / "COVID-19" / "in both classes.png")
    one, other = (
        next(data / name for name, subset in sets.items() if subset == wanted and name.startswith("C"))
        for wanted in ("training", "validation")
    )
    shutil.copy(one, other)
    return checked_again(data)


@EACH
def test_a_decision_is_written_down_and_comes_back(
    checked: CheckedDataset, data: Path, decide: Callable[[CheckedDataset], OpenedDataset | None]
) -> None:
    decided = decide(checked)
    again = curation.open_dataset(data)
    assert again.decisions != checked.opened.decisions
    if decided is not None:
        assert replace(again.decisions, salt="") == replace(decided.decisions, salt="")
        assert again.dataset == decided.dataset
    elsewhere = Path(shutil.move(data, data.parent / "elsewhere" / "deep"))
    assert replace(curation.open_dataset(elsewhere).decisions, salt="") == replace(again.decisions, salt="")


@EACH
def test_a_decision_changes_no_image(
    checked: CheckedDataset, data: Path, decide: Callable[[CheckedDataset], object]
) -> None:
    before = images_as_they_are(data)
    decide(checked)
    assert images_as_they_are(data) == before
    assert len(before) == 18


@EACH
def test_nothing_is_decided_where_it_cannot_be_written(
    checked: CheckedDataset,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    decide: Callable[[CheckedDataset], object],
) -> None:
    before, written = curation.open_dataset(data), (data / DECISIONS_FILE).read_bytes()
    with monkeypatch.context() as patch:
        fill_the_disk(patch)
        with pytest.raises(UserError) as caught:
            decide(checked)
    assert caught.value.what == f"{DECISIONS_FILE} could not be written: No space left on device."
    assert (data / DECISIONS_FILE).read_bytes() == written
    assert curation.open_dataset(data) == before
    assert {path.name for path in data.iterdir()} == {*CLASSES, DECISIONS_FILE}


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkstemp", fail)


def test_nothing_is_decided_where_too_little_would_be_left(checked: CheckedDataset, data: Path) -> None:
    before, written = curation.open_dataset(data), (data / DECISIONS_FILE).read_bytes()
    opened = checked.opened
    healthy = [sample.path for sample in opened.dataset.samples if sample.label == 0]
    judging = [sample.path for sample in opened.split.validation if sample.label == 0]
    for decide, images in ((curation.exclude, healthy), (curation.relabel, judging)):
        with pytest.raises(DatasetError):
            decide(opened, images)
    assert (data / DECISIONS_FILE).read_bytes() == written
    assert curation.open_dataset(data) == before


# --- single decisions


def test_excluded_images_are_skipped_and_come_back_into_their_set(data: Path) -> None:
    opened = checked_again(data).opened
    sets, gone = sets_of(opened), [data / "Healthy" / "H1_0.png", data / "COVID-19" / "C2_1.png"]
    fewer = curation.exclude(opened, gone)
    assert {file.path for file in fewer.dataset.skipped} == set(gone)
    assert {file.reason for file in fewer.dataset.skipped} == {"Excluded: By hand."}
    assert sets_of(fewer).items() < sets.items()
    assert "unreadable" not in kinds(curation.check(fewer))
    assert curation.use_again(fewer, gone).dataset == opened.dataset
    assert sets_of(curation.open_dataset(data)) == sets


def test_a_change_of_class_can_be_turned_back(data: Path) -> None:
    opened = checked_again(data).opened
    image = data / "Healthy" / "H1_0.png"
    changed = curation.relabel(opened, [image])
    label = {sample.path: sample.label for sample in changed.dataset.samples}
    assert label.pop(image) == 1
    assert label == {one.path: one.label for one in opened.dataset.samples if one.path != image}
    assert sets_of(changed) == sets_of(opened)
    turned = curation.with_positive_class(changed, "Healthy")
    assert {sample.path: sample.label for sample in turned.dataset.samples}[image] == 0
    turned_back = curation.with_positive_class(turned, "COVID-19")
    assert curation.relabel(turned_back, [image]).dataset == opened.dataset


def test_the_positive_class_can_be_turned_round(data: Path) -> None:
    opened = curation.open_dataset(data)
    turned = curation.with_positive_class(opened, "healthy")
    assert turned.dataset.positive_class == "Healthy"
    for subset in ("training", "validation"):
        pairs = zip(turned.split.of(subset), opened.split.of(subset), strict=True)
        assert all((new.path, new.label) == (old.path, 1 - old.label) for new, old in pairs)
    assert curation.open_dataset(data).dataset == turned.dataset
    with pytest.raises(DatasetError, match=r"There is no class Pneumonia\. The classes are COVID-19 and Hea"):
        curation.with_positive_class(turned, "Pneumonia")


def patients_of(opened: OpenedDataset, subset: Subset) -> set[str | None]:
    return {sample.patient for sample in opened.split.of(subset)}


def test_sets_are_drawn_anew_for_patients(data: Path) -> None:
    opened = checked_again(data).opened
    divided = {name[:-6] for name, subset in sets_of(opened).items() if subset == "validation"} & {
        name[:-6] for name, subset in sets_of(opened).items() if subset == "training"
    }
    assert divided
    named = curation.with_pattern(opened, " {patient}_* ")
    assert named.decisions.patient_pattern == "{patient}_*"
    assert patients_of(named, "training") | patients_of(named, "validation") == {
        f"{letter}{number}" for letter in "CH" for number in range(4)
    }
    assert not patients_of(named, "training") & patients_of(named, "validation")
    checked = curation.check(named)
    assert "patient-leak" not in kinds(checked)
    assert sets_of(curation.open_dataset(data, seed=9)) == sets_of(checked.opened)


def test_the_same_pattern_again_moves_nothing(data: Path) -> None:
    first = curation.check(curation.with_pattern(curation.open_dataset(data), "{patient}_*")).opened
    add(data, range(8, 20))
    again = curation.with_pattern(curation.open_dataset(data, seed=9), "{patient}_*")
    assert sets_of(first).items() <= sets_of(curation.check(again).opened).items()


def test_a_pattern_moves_nothing_where_a_test_set_was_set_aside(data: Path) -> None:
    opened = curation.set_test_aside(checked_again(data).opened)
    named = curation.with_pattern(opened, "{patient}_*")
    assert sets_of(named) == sets_of(opened)
    checked = curation.check(named)
    leak = found(checked, "patient-leak")
    mended = curation.check(curation.remedied(named, leak, "same-set"))
    assert "patient-leak" not in kinds(mended)
    for group in leak.groups:
        names = [path.relative_to(data).as_posix() for path in group]
        (now,) = {sets_of(mended.opened)[name] for name in names}
        assert Counter(sets_of(opened)[name] for name in names)[now] == 1


def test_a_pattern_moves_nothing_where_sets_are_given(given: Path) -> None:
    """Also what was moved between them stays where it is."""
    original = given / "test" / "Healthy" / "H4_0.png"
    for place in ("test/Healthy/again.png", "val/Healthy/moved.png"):
        shutil.copy(original, given / place)
    checked = checked_again(given)
    opened = remedy("leak", "same-set")(checked)
    assert sets_of(opened) == sets_of(checked.opened) | {"val/Healthy/moved.png": "test"}
    assert not opened.is_test_set_aside
    assert sets_of(curation.with_pattern(opened, "{patient}_*")) == sets_of(opened)
    assert sets_of(curation.open_dataset(given)) == sets_of(opened)


def test_a_pattern_without_a_patient_is_refused_and_an_empty_one_finds_none(data: Path) -> None:
    named = curation.with_pattern(curation.open_dataset(data), "{patient}_*")
    for pattern in ("*", "{patient}{patient}", "patient"):
        with pytest.raises(DatasetError, match=r"The pattern must have \{patient\} once"):
            curation.with_pattern(named, pattern)
    assert curation.open_dataset(data).patients_from == "file names"
    for pattern in ("", " "):
        nameless = curation.with_pattern(named, pattern)
        assert nameless.patients_from == ""
        named = curation.with_pattern(nameless, "{patient}_*")
    curation.with_pattern(named, "")
    assert curation.open_dataset(data).patients_from == ""


def test_a_test_set_is_a_fifth_of_whole_patients_and_stays(data: Path) -> None:
    named = curation.check(curation.with_pattern(curation.open_dataset(add(data, range(20))), "{patient}_*"))
    opened = curation.set_test_aside(named.opened)
    assert opened.is_test_set_aside
    assert len(opened.split.test) == 8
    assert {sample.label for sample in opened.split.test} == {0, 1}
    for subset in ("training", "validation"):
        assert not patients_of(opened, "test") & patients_of(opened, subset)
        assert {sample.label for sample in opened.split.of(subset)} == {0, 1}
        assert set(opened.split.of(subset)) <= set(named.opened.split.of(subset))
    undone = curation.restored(opened, named.opened.decisions)
    assert sets_of(curation.set_test_aside(undone)) == sets_of(opened)
    locked = {sample.path for sample in opened.split.test}
    add(data, range(20, 40))
    patient = next(iter(locked))
    visit = patient.with_name(patient.name.replace("_0", "_9").replace("_1", "_9"))
    visit.write_bytes(drawn(200, False))
    later = curation.check(curation.open_dataset(data, seed=3)).opened
    assert {sample.path for sample in later.split.test} == locked | {visit}


@pytest.mark.parametrize(
    "decide",
    [
        lambda opened: curation.exclude(opened, [an_image(opened)]),
        lambda opened: curation.relabel(opened, [an_image(opened)]),
        curation.set_test_aside,
        lambda opened: curation.with_pattern(opened, "{patient}_*"),
        lambda opened: curation.restored(opened, opened.decisions.with_sets(turned_over(opened))),
    ],
)
def test_what_somebody_else_decided_meanwhile_is_not_lost(data: Path, decide: Any) -> None:
    """Such as a colleague on another computer, by the same shared folder."""
    checked_again(data)
    mine, theirs = curation.open_dataset(data), curation.open_dataset(data)
    decided = decide(theirs)
    with pytest.raises(UserError, match="Somebody else has decided"):
        curation.exclude(mine, [an_image(mine)])
    again = curation.open_dataset(data)
    assert again.decisions == decided.decisions
    image = again.split.training[0].path
    assert image not in {sample.path for sample in curation.exclude(again, [image]).dataset.samples}


def turned_over(opened: OpenedDataset) -> dict[str, Any]:
    """An image of each set in the other one, as the remedy of a leak may have it."""
    healthy = {name: one for name, one in opened.decisions.sets.items() if name.startswith("Healthy")}
    first: dict[Any, str] = {subset: name for name, subset in healthy.items()}
    return {first["training"]: "validation", first["validation"]: "training"}


def test_sets_drawn_meanwhile_are_no_obstacle(data: Path) -> None:
    opened = curation.open_dataset(data)
    assert checked_again(data).opened.decisions.sets
    assert curation.exclude(opened, [an_image(opened)]).decisions.excluded


def test_a_new_copy_that_joins_the_locked_images_meanwhile_is_no_obstacle(data: Path) -> None:
    locked = curation.set_test_aside(checked_again(add(data, range(20))).opened).split.test[0].path
    shutil.copy(locked, locked.with_stem("copy"))
    opened = curation.open_dataset(data)
    assert checked_again(data).opened.decisions.sets[f"{locked.parent.name}/copy.png"] == "test"
    assert curation.exclude(opened, [an_image(opened)]).decisions.excluded


def test_a_check_that_ends_after_patients_were_found_fixes_no_sets(data: Path) -> None:
    opened = curation.open_dataset(data)
    named = curation.with_pattern(opened, "{patient}_*")
    curation.check(opened)
    assert curation.open_dataset(data).decisions.sets == named.decisions.sets == {}
    checked = curation.check(named).opened
    assert checked.decisions.sets == curation.open_dataset(data).decisions.sets != {}


def test_decisions_that_were_deleted_meanwhile_are_written_anew(data: Path) -> None:
    opened = curation.open_dataset(data)
    opened = curation.exclude(opened, [an_image(opened)])
    (data / DECISIONS_FILE).unlink()
    opened = curation.exclude(opened, [an_image(opened)])
    assert len(curation.open_dataset(data).decisions.excluded) == 2


def test_copies_of_a_locked_image_are_locked(data: Path) -> None:
    for name in CLASSES:
        for number in range(8):
            original = data / name / f"{name[0]}{number // 2}_{number % 2}.png"
            shutil.copy(original, original.with_stem(f"{original.stem} again"))
    opened = curation.set_test_aside(checked_again(data).opened)
    locked = {sample.path.name.replace(" again", "") for sample in opened.split.test}
    others = {sample.path.name.replace(" again", "") for sample in opened.split.training}
    assert 2 * len(locked) == len(opened.split.test) > 0
    assert not locked & others


def test_a_test_set_that_would_leave_too_little_is_refused(tmp_path: Path) -> None:
    opened = checked_again(add(tmp_path / "data", range(2))).opened
    with pytest.raises(DatasetError, match="too few images or patients to be divided"):
        curation.set_test_aside(opened)
    assert not curation.open_dataset(tmp_path / "data").is_test_set_aside


def test_uses_of_a_test_set_are_counted_with_their_times(given: Path) -> None:
    for uses in (1, 2):
        curation.count_test_use(given)
        opened = curation.open_dataset(given)
        assert opened.test_uses == uses
    times = [datetime.fromisoformat(time) for time in opened.decisions.test_uses]
    assert times == sorted(times)
    assert all(time.tzinfo for time in times)
    assert opened.decisions.salt == curation.open_dataset(given).decisions.salt != ""


def test_a_use_of_a_test_set_is_never_undone(given: Path) -> None:
    """Whoever opened the folder before it was used goes on deciding."""
    opened = curation.open_dataset(given)
    curation.count_test_use(given)
    assert opened.test_uses == 0
    assert curation.with_test_uses(opened).test_uses == 1
    assert curation.restored(opened, opened.decisions).test_uses == 1
    assert curation.exclude(opened, [an_image(opened)]).test_uses == 1
    assert curation.open_dataset(given).test_uses == 1


def test_a_divided_data_set_has_every_image_in_its_set(data: Path) -> None:
    opened = curation.open_dataset(data)
    assert {sample.subset for sample in opened.dataset.samples} == {None}
    divided = {sample.path: sample.subset for sample in opened.divided.samples}
    assert divided == opened.split.subset_of()
    assert opened.divided == checked_again(data).opened.dataset


def test_remedies_mend_what_was_found(checked: CheckedDataset, data: Path) -> None:
    remedies = {"label-conflict": "exclude", "leak": "same-set", "duplicates": "keep-one"}
    assert remedies.keys() <= set(kinds(checked))
    conflict, leak, twice = (found(checked, kind).paths for kind in remedies)
    for kind, name in remedies.items():
        checked = curation.check(remedy(kind, name)(checked))
        assert kind not in [one for one in kinds(checked) if one != "duplicates"]
    assert "leak" not in kinds(checked)
    used = {sample.path for sample in checked.opened.dataset.samples}
    assert not used & set(conflict)
    assert set(leak) & used
    assert (twice[0] in used, twice[1] in used) == (True, False)
    reasons = {file.path: file.reason for file in checked.opened.dataset.skipped}
    assert reasons[conflict[0]] == "Excluded: The same picture is in both classes."
    assert reasons[twice[1]] == f"Excluded: Copy of {twice[0].name}."


# --- folders that cannot be written


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Folders put in here cannot be written, even by an administrator."""
    folders: set[Path] = set()
    access = os.access

    def may(path: Path, mode: int) -> bool:
        return not (Path(path) in folders and mode == os.W_OK) and access(path, mode)

    monkeypatch.setattr(os, "access", may)
    return folders


def test_a_read_only_folder_stays_as_it_is_and_is_known_again(data: Path, read_only: set[Path]) -> None:
    read_only.add(data)
    spoil(data / "Healthy" / "H3_1.png")
    image = data / "Healthy" / "H1_0.png"
    opened = curation.set_test_aside(curation.exclude(checked_again(data).opened, [image]))
    curation.count_test_use(data)
    assert {path.name for path in data.iterdir()} == set(CLASSES)
    assert len(list(paths.decisions_folder().iterdir())) == 1
    again = checked_again(data, seed=4).opened
    assert sets_of(again) == sets_of(opened)
    assert (again.test_uses, again.is_test_set_aside) == (1, True)


def test_what_was_decided_about_a_read_only_folder_follows_it(
    data: Path, tmp_path: Path, read_only: set[Path]
) -> None:
    """As on a disk that is somewhere else each time; also where an image in it is broken."""
    read_only |= {data, tmp_path / "elsewhere"}
    spoil(data / "Healthy" / "H3_1.png")
    opened = curation.exclude(checked_again(data).opened, [data / "Healthy" / "H1_0.png"])
    shutil.move(data, tmp_path / "elsewhere")
    moved = checked_again(tmp_path / "elsewhere", seed=4).opened
    assert sets_of(moved) == sets_of(opened)
    assert moved.decisions == opened.decisions


def test_a_place_that_can_be_written_nowhere_is_said(data: Path, home: Path, read_only: set[Path]) -> None:
    checked = checked_again(data)
    read_only |= {data, home / "data"}
    with pytest.raises(UserError, match="cannot write to its folder"):
        curation.exclude(checked.opened, [an_image(checked.opened)])
    read_only -= {home / "data"}
    assert curation.open_dataset(data).decisions.excluded == {}


# --- Patient IDs


def write_dicom(path: Path, seed: int, positive: bool, patient: str) -> None:
    pixels = draw_phantom(seed, positive=positive, size=SIZE).pixels
    dataset = pydicom.Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    dataset.PatientID = patient
    dataset.PatientName = f"Name^{patient}"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    dataset["PixelData"].VR = "OB"
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def patient_id(name: str, number: int) -> str:
    return f"{name[0]}-MRN-48151{number}"


def dicom_folder(folder: Path, patients: Iterable[int] = range(5)) -> Path:
    """Two images of each patient in each class."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for number in patients:
            for visit in range(2):
                path = folder / name / f"{number}-{visit}.dcm"
                seed = int(hashlib.sha256(str(path.relative_to(folder.parent)).encode()).hexdigest()[:6], 16)
                write_dicom(path, seed, name == "COVID-19", patient_id(name, number))
    return folder


def test_images_of_one_dicom_patient_are_in_one_set(tmp_path: Path) -> None:
    checked = checked_again(dicom_folder(tmp_path / "data"))
    opened = checked.opened
    assert (opened.patients_from, len(patients_of(opened, "training"))) == ("DICOM", 8)
    assert not patients_of(opened, "training") & patients_of(opened, "validation")
    assert {"patient-leak", "unknown-patients"}.isdisjoint(kinds(checked))
    again = curation.open_dataset(tmp_path / "data")
    assert again.dataset.samples == opened.dataset.samples


def test_a_patient_id_stands_nowhere(tmp_path: Path, home: Path, read_only: set[Path]) -> None:
    """Nor its plain hash, which can be guessed by trying all IDs."""
    for name in ("writable", "read only"):
        folder = dicom_folder(tmp_path / name)
        if name == "read only":
            read_only.add(folder)
        checked = checked_again(folder)
        opened = curation.exclude(checked.opened, [checked.opened.split.training[0].path])
        opened = curation.with_pattern(curation.set_test_aside(opened), "{patient}-*")
        curation.check(curation.with_pattern(opened, ""))
        curation.count_test_use(folder)
    ids = [patient_id(name, number) for name in CLASSES for number in range(5)]
    hashes = [hashlib.sha256(one.encode()).hexdigest()[:16] for one in ids]
    written = {
        path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".dcm"
    }
    places = {path.name for path in written}
    assert {DECISIONS_FILE, "facts.sqlite", "checks.sqlite"} <= places
    assert any(path.is_relative_to(home / "data" / "decisions") for path in written)
    secrets = [secret.encode(encoding) for secret in ids + hashes for encoding in ("utf-8", "utf-16-le")]
    told = [path for path, content in written.items() if any(secret in content for secret in secrets)]
    assert told == []
    assert not any(secret in repr(curation.scan_folder(tmp_path / "writable")) for secret in ids + hashes)


def test_each_folder_hides_patients_with_a_salt_of_its_own(tmp_path: Path) -> None:
    one, other = (checked_again(dicom_folder(tmp_path / name)).opened for name in ("one", "other"))
    known, elsewhere = ({sample.patient for sample in opened.dataset.samples} for opened in (one, other))
    assert len(known) == len(elsewhere) == 10
    assert not known & elsewhere
