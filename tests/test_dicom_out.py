"""Saving the results of a worklist as DICOM: what is written, what is left out, and why."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from covid_desktop import jobs
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import Progress
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import Prediction
from covid_desktop.errors import UserError


@pytest.fixture
def model(tmp_path: Path) -> jobs.Model:
    """A network with random weights."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        created="2026-01-02T03:04:05+00:00",
    )
    return jobs.Model(
        path=tmp_path / "model.keras", classifier=Classifier(build("small-cnn", card.preprocessing), card)
    )


def radiograph(path: Path, *, study: str = "1.2.3") -> Path:
    pixels = draw_phantom(0, positive=True, size=96).pixels
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = f"1.2.3.4.{len(path.name)}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, f"{study}.1"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Muster^Eva", "P 1", "DX"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes()
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


def scored(path: Path, adjustment: Adjustment | None = None) -> Prediction:
    return Prediction(
        path=path, label="COVID-19", score=0.8, threshold=0.5, adjustment=adjustment or Adjustment()
    )


def test_each_scored_dicom_image_has_a_picture_and_a_report(
    model: jobs.Model, tmp_path: Path, folder: Path
) -> None:
    images = [radiograph(tmp_path / name) for name in ("a.dcm", "bb.dcm")]
    events: list[object] = []
    saved = jobs.save_dicom_results(model, [scored(path) for path in images], folder, emit=events.append)
    assert saved.left_out == ()
    assert sorted(saved.written) == sorted(folder.iterdir())
    results = [dcmread(path) for path in saved.written]
    assert [result.Modality for result in results] == ["OT", "SR", "OT", "SR"]
    assert {result.StudyInstanceUID for result in results} == {"1.2.3"}
    assert len({result.SeriesInstanceUID for result in results}) == 2
    assert results[2].SourceImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.4.6"
    version = next(item for item in results[1].ContentSequence if "Version" in str(item)).TextValue
    assert version.startswith("2026-01-02 03:04:05 ")
    assert events == [Progress(stage="Writing DICOM results", done=done, total=2) for done in (0, 1)]


def test_the_picture_is_the_image_at_its_size_with_the_words_below(
    model: jobs.Model, tmp_path: Path, folder: Path
) -> None:
    source = radiograph(tmp_path / "a.dcm")
    saved = jobs.save_dicom_results(model, [scored(source)], folder, with_heatmap=False)
    burnt = dcmread(saved.written[0]).pixel_array
    assert burnt.shape[1:] == (512, 3)
    plain = Image.fromarray(dcmread(source).pixel_array).resize((512, 512), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(burnt[:512, :, 0], np.asarray(plain))
    assert len(burnt) > 512


def test_a_heatmap_is_burnt_in_unless_nobody_wants_one(
    model: jobs.Model, tmp_path: Path, folder: Path
) -> None:
    source = radiograph(tmp_path / "a.dcm")
    plain, marked = (
        dcmread(jobs.save_dicom_results(model, [scored(source)], folder, with_heatmap=wanted).written[0])
        for wanted in (False, True)
    )
    assert plain.pixel_array.shape == marked.pixel_array.shape
    assert np.ptp(plain.pixel_array[:512], axis=2).max() == 0
    assert np.ptp(marked.pixel_array[:512], axis=2).max() > 20


def test_an_image_is_shown_as_it_was_scored(model: jobs.Model, tmp_path: Path, folder: Path) -> None:
    source = radiograph(tmp_path / "a.dcm")
    inverted = scored(source, Adjustment(is_inverted=True))
    saved = jobs.save_dicom_results(model, [scored(source), inverted], folder, with_heatmap=False)
    first, second = (dcmread(path).pixel_array[:512].astype(int) for path in saved.written[::2])
    assert np.abs(first + second - 255).max() <= 1


def test_what_cannot_be_written_is_left_out_with_its_reason(
    model: jobs.Model, tmp_path: Path, folder: Path
) -> None:
    picture, studyless = tmp_path / "a.png", radiograph(tmp_path / "b.dcm", study="1.2.8")
    Image.fromarray(draw_phantom(0, positive=True, size=64).pixels).save(picture)
    dataset = dcmread(studyless)
    del dataset.StudyInstanceUID
    dataset.save_as(studyless)
    good, refused, gone = radiograph(tmp_path / "c.dcm"), tmp_path / "d.dcm", tmp_path / "e.dcm"
    not_like = "It is not like the training images."
    predictions = [
        scored(picture),
        scored(studyless),
        scored(good),
        Prediction(path=refused, label=None, score=None, threshold=0.5, refusal=not_like),
        scored(gone),
    ]
    saved = jobs.save_dicom_results(model, predictions, folder)
    assert len(saved.written) == 2
    assert {file.path.name: file.reason for file in saved.left_out} == {
        "a.png": "Not a DICOM file: there is no study to write into.",
        "b.dcm": "There is no study to write into: the DICOM header has no Study Instance UID.",
        "d.dcm": f"Not scored: {not_like}",
        "e.dcm": "Cannot be opened: no such file or directory.",
    }


def test_stopping_keeps_what_is_written_and_says_the_rest(
    model: jobs.Model, tmp_path: Path, folder: Path
) -> None:
    images = [radiograph(tmp_path / name) for name in ("a.dcm", "bb.dcm")]
    asked = iter([False, True])
    saved = jobs.save_dicom_results(
        model, [scored(path) for path in images], folder, should_stop=lambda: next(asked)
    )
    assert len(saved.written) == 2
    assert [(file.path, file.reason) for file in saved.left_out] == [
        (images[1], "Stopped before it was written.")
    ]


def test_a_folder_that_is_gone_is_said(model: jobs.Model, tmp_path: Path, folder: Path) -> None:
    source = radiograph(tmp_path / "a.dcm")
    folder.rmdir()
    with pytest.raises(UserError, match="could not be written"):
        jobs.save_dicom_results(model, [scored(source)], folder, with_heatmap=False)
