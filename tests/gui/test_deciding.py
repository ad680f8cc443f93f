"""Decisions, one after the other: carried out, written down, undone, done again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from covid_desktop import curation
from covid_desktop.core.decision_file import DECISIONS_FILE
from covid_desktop.core.decisions import Decisions
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.deciding import STEPS, Deciding


class Desk(QObject):
    """Decides, and takes over what was decided, as the Data tab does."""

    def __init__(self, opened: OpenedDataset) -> None:
        super().__init__()
        self.told: list[str] = []
        self.errors: list[UserError] = []
        self.deciding = Deciding(self)
        self.deciding.decided.connect(self._on_decided)
        self.deciding.failed.connect(self._on_failed)
        self.open(opened)

    def open(self, opened: OpenedDataset) -> None:
        self.deciding.reopen(opened)
        self._take(opened)

    def _take(self, opened: OpenedDataset) -> None:
        self.opened = opened
        self.deciding.set_opened(opened)

    @property
    def decisions(self) -> Decisions:
        return self.opened.decisions

    @property
    def undo_text(self) -> str:
        return self.deciding.steps.undoText()

    @property
    def redo_text(self) -> str:
        return self.deciding.steps.redoText()

    def undo(self) -> None:
        self.deciding.steps.undo()

    def redo(self) -> None:
        self.deciding.steps.redo()

    def image(self, name: str) -> Path:
        return self.opened.scanned.folder / name

    @Slot(object, str)
    def _on_decided(self, opened: OpenedDataset, done: str) -> None:
        self._take(opened)
        self.told.append(done)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        self.errors.append(error)


@pytest.fixture
def desk(qapp: QApplication, opened: OpenedDataset) -> Iterator[Desk]:
    desk = Desk(opened)
    yield desk
    desk.deleteLater()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nothing more can be written from when it is called."""

    def fail(*_: Any) -> None:
        raise UserError("The disk is full.", "Free some space.")

    return lambda: monkeypatch.setattr(curation, "save_decisions", fail)


def written(desk: Desk) -> dict[str, Any]:
    """What stands beside the data."""
    return json.loads((desk.opened.scanned.folder / DECISIONS_FILE).read_text())


def test_a_decision_is_carried_out_told_and_written_down(desk: Desk) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    assert len(desk.opened.dataset.samples) == 10
    assert desk.told == ["1 file is excluded."]
    assert written(desk)["excluded"] == {"COVID-19/000.png": "By hand."}
    assert (desk.undo_text, desk.redo_text) == ("exclude 1 file", "")


def test_it_is_undone_and_done_again_and_the_file_follows(desk: Desk) -> None:
    before = desk.opened
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    after = desk.opened
    desk.undo()
    assert desk.opened == before
    assert written(desk)["excluded"] == {}
    assert (desk.undo_text, desk.redo_text) == ("", "exclude 1 file")
    desk.redo()
    assert desk.opened == after
    assert written(desk)["excluded"] == {"COVID-19/000.png": "By hand."}
    assert desk.told == ["1 file is excluded.", "", ""]


def test_every_kind_of_decision_can_be_undone(desk: Desk, make_finding: Any) -> None:
    before = desk.opened
    image, other = desk.image("COVID-19/000.png"), desk.image("Healthy/000.png")
    desk.deciding.remedy(make_finding("blank", groups=[(image,)]), "exclude")
    desk.deciding.use_again([image])
    desk.deciding.relabel([image])
    desk.deciding.make_positive("Healthy")
    desk.deciding.use_pattern("{patient}")
    desk.deciding.set_test_aside()
    desk.deciding.exclude([other])
    texts = []
    while desk.deciding.steps.canUndo():
        texts.append(desk.undo_text)
        desk.undo()
    assert texts == [
        "exclude 1 file",
        f"set {texts[1].split()[1]} files aside",
        "patients by {patient}",
        "make Healthy positive",
        "change the class of 1 file",
        "use 1 file again",
        "exclude 1 file",
    ]
    assert desk.opened == before
    assert desk.errors == []


def test_20_steps_can_be_undone_and_done_again(desk: Desk) -> None:
    states = [desk.opened]
    for number in range(STEPS + 1):
        desk.deciding.make_positive(("Healthy", "COVID-19")[number % 2])
        states.append(desk.opened)
    assert STEPS == 20
    for state in states[-2:0:-1]:
        desk.undo()
        assert desk.opened == state
    assert not desk.deciding.steps.canUndo()  # the first of the 21 is out of reach
    for state in states[2:]:
        desk.redo()
        assert desk.opened == state
    assert not desk.deciding.steps.canRedo()


def test_a_new_decision_forgets_what_was_undone(desk: Desk) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    desk.undo()
    desk.deciding.exclude([desk.image("COVID-19/001.png"), desk.image("COVID-19/002.png")])
    assert not desk.deciding.steps.canRedo()
    assert desk.undo_text == "exclude 2 files"
    desk.undo()
    assert desk.decisions.excluded == {}


def test_what_changes_nothing_is_no_step(desk: Desk) -> None:
    before = desk.opened
    desk.deciding.exclude([])
    desk.deciding.use_again([desk.image("COVID-19/000.png")])
    desk.deciding.make_positive("COVID-19")
    desk.deciding.use_pattern("")
    assert desk.deciding.steps.count() == 0
    assert desk.told == []
    assert desk.opened is before


def test_a_decision_that_leaves_too_little_is_refused(desk: Desk) -> None:
    before = desk.opened
    desk.deciding.exclude([desk.image(f"COVID-19/00{number}.png") for number in range(6)])
    assert len(desk.errors) == 1
    assert desk.errors[0].fix
    assert desk.opened is before
    assert desk.deciding.steps.count() == 0
    assert not (before.scanned.folder / DECISIONS_FILE).exists()


def test_a_decision_that_cannot_be_written_is_none(desk: Desk, full_disk: Any) -> None:
    before = desk.opened
    full_disk()
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    assert [error.what for error in desk.errors] == ["The disk is full."]
    assert desk.opened is before
    assert desk.deciding.steps.count() == 0


def test_a_step_that_cannot_be_undone_is_off_the_stack(
    desk: Desk, full_disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.opened
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    desk.deciding.exclude([desk.image("COVID-19/001.png")])
    last = desk.opened
    with monkeypatch.context():
        full_disk()
        desk.undo()
    monkeypatch.undo()
    assert [error.what for error in desk.errors] == ["The disk is full."]
    assert desk.opened is last
    assert desk.deciding.steps.count() == 1
    assert not desk.deciding.steps.canRedo()
    desk.undo()  # of the step before, which brings back all that was then
    assert desk.opened == first
    assert written(desk)["excluded"] == {}


def test_a_step_that_cannot_be_done_again_is_off_the_stack(desk: Desk, full_disk: Any) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    desk.undo()
    before = desk.opened
    full_disk()
    desk.redo()
    assert [error.what for error in desk.errors] == ["The disk is full."]
    assert desk.opened is before
    assert desk.deciding.steps.count() == 0
    assert not desk.deciding.steps.canRedo()


def test_uses_of_the_test_set_stay_counted(desk: Desk) -> None:
    desk.deciding.set_test_aside()
    uses = ("2025-03-01T12:00:00+01:00",)
    desk.open(replace(desk.opened, decisions=replace(desk.decisions, test_uses=uses)))
    desk.undo()
    assert desk.opened.split.test == ()
    assert desk.opened.test_uses == 1
    assert written(desk)["test_uses"] == list(uses)
    desk.redo()
    assert len(desk.opened.split.test) > 0
    assert desk.opened.test_uses == 1


def test_of_another_folder_nothing_is_left_to_undo(desk: Desk, tmp_path: Path, draw: Any) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    for name in ("A", "B"):
        draw(tmp_path / "other" / name, 4)
    other = curation.open_dataset(tmp_path / "other")
    desk.open(other)
    assert desk.deciding.steps.count() == 0
    desk.undo()
    assert desk.opened is other


def test_the_same_folder_opened_again_keeps_its_steps(desk: Desk, folder: Path) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    desk.open(curation.open_dataset(folder))
    assert len(desk.opened.dataset.samples) == 10
    desk.undo()
    assert len(desk.opened.dataset.samples) == 11


def test_what_somebody_else_decided_is_not_undone(desk: Desk, folder: Path) -> None:
    desk.deciding.exclude([desk.image("COVID-19/000.png")])
    theirs = curation.open_dataset(folder)
    curation.exclude(theirs, [desk.image("COVID-19/001.png")])
    desk.undo()
    assert [error.what for error in desk.errors] == [
        "Somebody else has decided about these images meanwhile. Nothing was changed."
    ]
    desk.open(curation.open_dataset(folder))
    assert desk.deciding.steps.count() == 0
    desk.deciding.exclude([desk.image("COVID-19/002.png")])
    desk.undo()
    assert len(desk.decisions.excluded) == 2


def test_without_data_there_is_nothing_to_decide(qapp: QApplication, tmp_path: Path) -> None:
    desk = QObject()
    deciding = Deciding(desk)
    told: list[Any] = []
    deciding.decided.connect(lambda *_: told.append("decided"))
    deciding.failed.connect(lambda *_: told.append("failed"))
    deciding.exclude([tmp_path / "0.png"])
    deciding.set_test_aside()
    assert told == []
    assert deciding.steps.count() == 0
