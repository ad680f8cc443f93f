"""What is read about the image that is looked at, in threads that a test runs by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from covid_desktop import jobs
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.familiarity import Similar
from covid_desktop.errors import ImageError, ModelError
from covid_desktop.gui.closer_look import CloserLook, Look, Opinion, Picture

INVERTED = Adjustment(is_inverted=True)
ALIKE = (Similar(label=1, sha256="hash", likeness=0.9, thumbnail=None),)


class FakeModel:
    """What the model says; ``given`` is what it was asked."""

    def __init__(self) -> None:
        self.given: list[tuple[str, jobs.Model, Path, Adjustment]] = []
        self.heatmap_error: Exception | None = None
        self.similar_error: Exception | None = None

    def heatmap(self, model: jobs.Model, path: Path, adjustment: Adjustment) -> jobs.Heatmap:
        self.given.append(("heatmap", model, path, adjustment))
        if self.heatmap_error:
            raise self.heatmap_error
        values = np.ones((4, 4), np.float32)
        pixels = np.zeros((4, 4, 1), np.uint8)
        return jobs.Heatmap(path=path, pixels=pixels, values=values, score=0.7, central_share=0.4)

    def similar(self, model: jobs.Model, path: Path, adjustment: Adjustment) -> tuple[Similar, ...]:
        self.given.append(("similar", model, path, adjustment))
        if self.similar_error:
            raise self.similar_error
        return ALIKE


@pytest.fixture
def asked() -> FakeModel:
    return FakeModel()


class Heard(QObject):
    """What a CloserLook answered."""

    def __init__(self, look: CloserLook) -> None:
        super().__init__(look)
        self.pictured: list[tuple[Look, Picture]] = []
        self.judged: list[tuple[Look, Opinion]] = []
        look.pictured.connect(lambda *answer: self.pictured.append(answer))
        look.judged.connect(lambda *answer: self.judged.append(answer))


@pytest.fixture
def owner(qtbot: Any, tasks: Any) -> QWidget:
    owner = QWidget()
    qtbot.addWidget(owner)
    return owner


@pytest.fixture
def look(owner: QWidget, asked: FakeModel, make_model: Any) -> CloserLook:
    look = CloserLook(owner, asked.heatmap, asked.similar)
    look.set_model(make_model())
    return look


@pytest.fixture
def heard(look: CloserLook) -> Heard:
    return Heard(look)


def radiograph() -> Dataset:
    """Of nobody, 8 x 6 pixels."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Modality, dataset.StudyDescription = "DX", "Chest PA"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 6, 8, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = np.full((6, 8), 90, np.uint8).tobytes()
    dataset["PixelData"].VR = "OB"
    return dataset


# --- the picture


def test_a_picture_is_read_as_it_is(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    (path,) = draw(tmp_path)
    look.look(Look(path=path))
    tasks.answer(owner)
    ((answered, picture),) = heard.pictured
    assert answered == Look(path=path)
    assert picture.header is None
    assert picture.view is not None
    assert (picture.view.size, int(picture.view.picture.mean())) == ((16, 12), 10)


def test_a_picture_is_inverted_and_turned_as_it_is_scored(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    (path,) = draw(tmp_path)
    look.look(Look(path=path, adjustment=Adjustment(quarter_turns=1, is_inverted=True)))
    tasks.answer(owner)
    (_, picture) = heard.pictured[0]
    assert picture.view is not None
    assert (picture.view.size, int(picture.view.picture.mean())) == ((12, 16), 245)


def test_a_dicom_file_comes_with_its_header(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, tmp_path: Path
) -> None:
    path = tmp_path / "a.dcm"
    dcmwrite(path, radiograph(), enforce_file_format=True)
    look.look(Look(path=path))
    tasks.answer(owner)
    (_, picture) = heard.pictured[0]
    assert picture.view is not None
    assert picture.header is not None
    assert picture.header.study_description == "Chest PA"


@pytest.mark.parametrize("content", [b"nothing", None])
def test_a_file_that_cannot_be_read_has_no_picture(
    look: CloserLook,
    heard: Heard,
    owner: QWidget,
    tasks: Any,
    tmp_path: Path,
    content: bytes | None,
) -> None:
    path = tmp_path / "bad.dcm"
    if content:
        path.write_bytes(content)
    look.look(Look(path=path))
    tasks.answer(owner)
    ((_, picture),) = heard.pictured
    assert picture.view is None


def test_only_the_newest_picture_is_read(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path, 2)
    look.look(Look(path=first))
    look.look(Look(path=second))
    assert tasks.answer(owner) == [Look(path=second)]
    assert [one.path for one, _ in heard.pictured] == [second]


def test_a_picture_that_was_being_read_when_another_was_wanted_is_dropped(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, tmp_path: Path, draw: Any
) -> None:
    first, second = draw(tmp_path, 2)
    look.look(Look(path=first))
    being_read = look._reader._next()
    look.look(Look(path=second))
    look._reader.answered.emit(being_read, look._reader._answer(being_read))
    assert heard.pictured == []
    tasks.answer(owner)
    assert [one.path for one, _ in heard.pictured] == [second]


# --- the model


def test_without_a_model_nothing_is_asked(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    look.set_model(None)
    look.judge(Look(path=Path("a.png"), with_heatmap=True))
    assert tasks.answer(owner) == []
    assert asked.given == []


def test_a_heatmap_is_made_only_where_it_is_wanted(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    look.judge(Look(path=Path("a.png")))
    tasks.answer(owner)
    look.judge(Look(path=Path("a.png"), adjustment=INVERTED, with_heatmap=True))
    tasks.answer(owner)
    assert [(kind, adjustment) for kind, _, _, adjustment in asked.given] == [
        ("similar", AS_IT_IS),
        ("similar", INVERTED),
        ("heatmap", INVERTED),
    ]
    plain, wanted = (opinion for _, opinion in heard.judged)
    assert (plain.similar, plain.heatmap, plain.problem) == (ALIKE, None, "")
    assert wanted.similar == ALIKE
    assert wanted.heatmap is not None
    assert wanted.heatmap.central_share == 0.4


def test_only_the_newest_question_is_answered(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    look.judge(Look(path=Path("a.png")))
    being_judged = look._judge._next()
    for name in ("b.png", "c.png"):
        look.judge(Look(path=Path(name)))
    look._judge.answered.emit(being_judged, look._judge._answer(being_judged))
    assert heard.judged == []
    tasks.answer(owner)
    assert [one.path.name for one, _ in heard.judged] == ["c.png"]
    assert [path.name for _, _, path, _ in asked.given] == ["a.png", "c.png"]


def test_the_same_question_may_be_asked_twice(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any
) -> None:
    for _ in range(2):
        look.judge(Look(path=Path("a.png")))
        tasks.answer(owner)
    assert len(heard.judged) == 2


def test_another_model_s_answer_is_dropped(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel, make_model: Any
) -> None:
    look.judge(Look(path=Path("a.png")))
    being_judged = look._judge._next()
    other = make_model("other")
    look.set_model(other)
    look._judge.answered.emit(being_judged, look._judge._answer(being_judged))
    assert heard.judged == []
    look.judge(Look(path=Path("a.png")))
    tasks.answer(owner)
    assert len(heard.judged) == 1
    assert asked.given[-1][1] is other


def test_what_waits_for_another_model_is_not_asked(
    look: CloserLook, owner: QWidget, tasks: Any, asked: FakeModel, make_model: Any
) -> None:
    look.judge(Look(path=Path("a.png")))
    look.set_model(make_model("other"))
    tasks.answer(owner)
    assert asked.given == []


def test_a_heatmap_that_fails_becomes_words_beside_what_is_alike(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    asked.heatmap_error = ModelError("The model gives no number.", "Copy the model again.")
    look.judge(Look(path=Path("a.png"), with_heatmap=True))
    tasks.answer(owner)
    ((_, opinion),) = heard.judged
    assert opinion.problem == "The model gives no number. Copy the model again."
    assert (opinion.similar, opinion.heatmap) == (ALIKE, None)


def test_what_is_alike_may_fail_too(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    asked.similar_error = ImageError("The file is gone.")
    look.judge(Look(path=Path("a.png"), with_heatmap=True))
    tasks.answer(owner)
    ((_, opinion),) = heard.judged
    assert (opinion.problem, opinion.similar, opinion.heatmap) == ("The file is gone.", (), None)


def test_it_answers_from_its_own_threads_and_ends_them(
    qtbot: Any, asked: FakeModel, make_model: Any, tmp_path: Path, draw: Any
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    look = CloserLook(owner, asked.heatmap, asked.similar)
    look.set_model(make_model())
    (path,) = draw(tmp_path)
    with qtbot.waitSignals([look.pictured, look.judged]):
        look.look(Look(path=path))
        look.judge(Look(path=path, with_heatmap=True))
    look.close()
    assert not look._reader.isRunning()
    assert not look._judge.isRunning()


def test_what_was_asked_of_an_image_is_not_wanted_once_another_is_looked_at(
    look: CloserLook, heard: Heard, owner: QWidget, tasks: Any, asked: FakeModel
) -> None:
    look.judge(Look(path=Path("a.png")))
    being_judged = look._judge._next()
    look.judge(Look(path=Path("a.png"), with_heatmap=True))
    look.look(Look(path=Path("b.png")))
    look._judge.answered.emit(being_judged, look._judge._answer(being_judged))
    asked.given.clear()
    tasks.answer(owner)
    assert (heard.judged, asked.given) == ([], [])
