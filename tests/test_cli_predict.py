"""The command predict: what is refused and scored all the same, turned images, reports, DICOM results."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from covid_desktop import cli, jobs
from covid_desktop.cli.results import prediction_line, summary_line
from covid_desktop.core.adjustment import AS_IT_IS, Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.familiarity import learnt
from covid_desktop.core.familiarity_file import summary
from covid_desktop.core.image import fit
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import INDETERMINATE, RESEARCH_USE, Prediction
from covid_desktop.core.worklist_sections import ReportedImage
from covid_desktop.gui import report_file

INVERTED, RIGHT = Adjustment(is_inverted=True), Adjustment(quarter_turns=3)
FAR = "It is like none of the images that the model learnt from."
SCORED = Prediction(path=Path("a.png"), label="COVID-19", score=0.75, threshold=0.5)
REFUSED = Prediction(path=Path("b.png"), label=None, score=None, threshold=0.5, refusal=FAR)
DAMAGED = replace(REFUSED, path=Path("c.png"), refusal=None, error="Damaged.")
ANYWAY = replace(SCORED, refusal=FAR)
Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: object) -> SimpleNamespace:
        status = cli.main(["predict", *map(str, arguments)])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run_command


class FakeJobs:
    """In place of the jobs that need a model; keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images: list[Path] = []
        self.adjustments: Mapping[Path, Adjustment] = {}
        self.anyway: bool | None = None
        self.result = SCORED
        self.left_out: tuple[SkippedFile, ...] = ()
        self.folder: Path | None = None
        self.report: SimpleNamespace | None = None
        for name in ("load_model", "predict", "explained", "save_dicom_results"):
            monkeypatch.setattr(jobs, name, getattr(self, name))
        monkeypatch.setattr(report_file, "write_worklist_report", self.write_worklist_report)

    def load_model(self, path: Path, **_: Any) -> Any:
        return SimpleNamespace(path=path, card="the card")

    def predict(
        self, model: Any, images: Sequence[Path], *, adjustments: Any, anyway: bool, emit: Any
    ) -> list[Prediction]:
        self.images, self.adjustments, self.anyway = list(images), adjustments, anyway
        predictions = [replace(self.result, path=path) for path in images]
        for prediction in predictions:
            emit(prediction)
        return predictions

    def explained(self, model: Any, predictions: Sequence[Prediction], **_: Any) -> list[ReportedImage]:
        return [ReportedImage(name=one.path.name, prediction=one) for one in predictions]

    def save_dicom_results(
        self, model: Any, predictions: Sequence[Prediction], folder: Path, **_: Any
    ) -> SimpleNamespace:
        assert folder.is_dir()
        self.folder = folder
        written = tuple(folder / f"{number}.dcm" for number in range(2))
        return SimpleNamespace(written=written, left_out=self.left_out)

    def write_worklist_report(
        self, path: Path, card: Any, model_name: str, images: Any, *, names: str, **_: Any
    ) -> None:
        self.report = SimpleNamespace(path=path, card=card, model=model_name, images=images, names=names)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    return FakeJobs(monkeypatch)


# --- lines


@pytest.mark.parametrize(
    ("suggestion", "options"),
    [
        (INVERTED, "--invert"),
        (Adjustment(quarter_turns=1), "--turn left"),
        (Adjustment(quarter_turns=2), "--turn half"),
        (replace(RIGHT, is_inverted=True), "--invert --turn right"),
    ],
)
def test_a_refused_image_says_what_would_mend_it(suggestion: Adjustment, options: str) -> None:
    reason = f"It seems to be {suggestion.undone.words}."
    refused = replace(REFUSED, refusal=reason, suggestion=suggestion)
    begins = "b.png: not scored: not like the training images. "
    mended = f"{begins}{reason[:-1]} (try {options})."
    assert prediction_line(refused, with_options=True) == mended
    assert prediction_line(refused) == begins + reason


def test_an_image_that_nothing_mends() -> None:
    line = f"b.png: not scored: not like the training images. {FAR}"
    assert prediction_line(REFUSED, with_options=True) == line


def test_what_was_scored_all_the_same_says_so() -> None:
    line = prediction_line(replace(ANYWAY, probability=0.5, adjustment=INVERTED))
    assert line.startswith(
        "a.png: COVID-19, score 0.750 (threshold 0.5), calibrated probability 0.50, inverted."
    )
    assert FAR in line
    assert line.endswith("It was scored all the same: the result may mean nothing.")


def test_a_summary_counts_every_result() -> None:
    healthy = replace(SCORED, label="Healthy")
    unsure = replace(SCORED, label=INDETERMINATE, is_indeterminate=True)
    assert summary_line([SCORED, unsure, healthy, healthy, REFUSED, DAMAGED, DAMAGED]) == (
        "7 images: 1 COVID-19, 2 Healthy, 1 Indeterminate, 1 not like the training images, 2 not readable."
    )
    assert summary_line([SCORED, ANYWAY]) == (
        "2 images: 2 COVID-19. Scored though not like the training images: 1."
    )
    assert summary_line([]) == "0 images."


# --- options


@pytest.mark.parametrize(
    ("options", "adjustment"),
    [
        ([], AS_IT_IS),
        (["--invert"], INVERTED),
        (["--turn", "left"], Adjustment(quarter_turns=1)),
        (["--turn", "half"], Adjustment(quarter_turns=2)),
        (["--turn", "right", "--invert"], replace(RIGHT, is_inverted=True)),
    ],
)
def test_all_images_are_turned_as_was_said(
    run: Run, fake: FakeJobs, options: list[str], adjustment: Adjustment
) -> None:
    assert run("m.keras", "a.png", "b.png", *options).status == 0
    assert fake.adjustments == {Path("a.png"): adjustment, Path("b.png"): adjustment}
    assert fake.anyway is False


def test_anyway_reaches_the_job(run: Run, fake: FakeJobs) -> None:
    run("m.keras", "a.png", "--anyway")
    assert fake.anyway is True


def test_a_refusal_as_json(run: Run, fake: FakeJobs) -> None:
    fake.result = replace(REFUSED, refusal="It seems to be inverted.", suggestion=INVERTED)
    outcome = run("m.keras", "a.png", "--json")
    (value,) = map(json.loads, outcome.out.splitlines())
    assert (outcome.status, outcome.err) == (0, "")
    assert (value["score"], value["refusal"]) == (None, "It seems to be inverted.")
    assert (value["suggestion"], value["adjustment"]) == ("inverted", "")


def test_images_of_a_series_come_slice_by_slice(run: Run, fake: FakeJobs, tmp_path: Path) -> None:
    third, first, second = (
        slice_of_a_scan(tmp_path / f"{name}.dcm", number) for name, number in (("a", 3), ("b", 1), ("c", 2))
    )
    run("m.keras", tmp_path, "--report", tmp_path / "r.html")
    assert fake.images == [first, second, third]
    assert fake.report is not None
    assert [image.series for image in fake.report.images] == [
        f"CT 4: Lung, {number} of 3" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(("options", "names"), [([], "files"), (["--no-names"], "numbers")])
def test_a_report_is_of_the_results(
    run: Run, fake: FakeJobs, tmp_path: Path, options: list[str], names: str
) -> None:
    path = tmp_path / "r.PDF"
    outcome = run("models/m.keras", "a.png", "--report", path, *options)
    assert outcome.out.endswith(f"1 image: 1 COVID-19.\n{RESEARCH_USE}\nReport: {path}\n")
    assert fake.report is not None
    assert (fake.report.path, fake.report.names) == (path, names)
    assert (fake.report.card, fake.report.model) == ("the card", "m.keras")
    assert [image.prediction.path for image in fake.report.images] == [Path("a.png")]


def test_no_names_is_about_a_report(run: Run, fake: FakeJobs) -> None:
    outcome = run("m.keras", "a.png", "--no-names")
    assert (outcome.status, outcome.out, fake.images) == (2, "", [])
    assert outcome.err == "--no-names is about a report. Give --report too.\n"


@pytest.mark.parametrize("is_there", [True, False])
def test_dicom_results_say_what_was_left_out(
    run: Run, fake: FakeJobs, tmp_path: Path, is_there: bool
) -> None:
    folder = tmp_path if is_there else tmp_path / "results"
    fake.left_out = (SkippedFile(path=Path("b.png"), reason="Not a DICOM file."),)
    told = f"DICOM: 2 files written to {folder}, 1 image left out.\n  b.png: Not a DICOM file.\n"
    outcome = run("m.keras", "a.dcm", "b.png", "--dicom", folder)
    assert (outcome.status, outcome.err, fake.folder) == (0, "", folder)
    assert outcome.out.endswith(f"{RESEARCH_USE}\n{told}")
    outcome = run("m.keras", "a.dcm", "b.png", "--dicom", folder, "--json")
    assert len([json.loads(line) for line in outcome.out.splitlines()]) == 2
    assert outcome.err == told


def test_a_dicom_folder_that_cannot_be_made(
    run: Run, fake: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    outcome = run("m.keras", "a.dcm", "--dicom", tmp_path / "results")
    assert (outcome.status, fake.folder) == (1, None)
    assert outcome.err == (
        f"The folder {tmp_path / 'results'} cannot be made: No space left on device. Choose another folder.\n"
    )


# --- with a network


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights, and an eye for what is not like simulated radiographs."""
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier
    from covid_desktop.learning.sights import PREPROCESSING, features_of

    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        created="2026-01-02T03:04:05+00:00",
    )
    pixels = [fit(np.asarray(drawn(seed)), PREPROCESSING) for seed in range(16)]
    features = features_of(np.stack(pixels))
    hashes = [f"{seed:064x}" for seed in range(8)]
    familiarity = learnt(features[:8], np.arange(8) % 2, hashes, pixels[:8], features[8:])
    card = replace(card, familiarity=summary(familiarity))
    classifier = Classifier(build("small-cnn", card.preprocessing), card, familiarity)
    path = tmp_path_factory.mktemp("model") / "model.keras"
    classifier.save(path)
    return path


def drawn(seed: int) -> Image.Image:
    return Image.fromarray(draw_phantom(seed, positive=seed % 2 == 1, size=96).pixels)


def slice_of_a_scan(path: Path, number: int) -> Path:
    pixels = np.asarray(drawn(number))
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"1.2.3.4.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Muster^Eva", "P 1", "CT"
    dataset.SeriesNumber, dataset.SeriesDescription, dataset.InstanceNumber = 4, "Lung", number
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes()
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    """No image is less like a radiograph."""
    path = tmp_path / "blank.png"
    Image.new("L", (96, 96), 90).save(path)
    return path


def test_a_real_model_refuses_a_blank_picture_until_it_is_told_otherwise(
    run: Run, model: Path, blank: Path, tmp_path: Path
) -> None:
    image, table = tmp_path / "a.png", tmp_path / "results.csv"
    drawn(3).save(image)
    outcome = run(model, image, blank, "--csv", table)
    first, second, counts, _ = outcome.out.splitlines()
    assert outcome.status == 0
    assert ", score 0." in first
    refusal = "The picture is blank, or nearly so."
    assert second == f"{blank}: not scored: not like the training images. {refusal}"
    assert counts.startswith("2 images: 1 ")
    assert counts.endswith(", 1 not like the training images.")
    assert refusal in table.read_text(encoding="utf-8").splitlines()[2]
    (anyway,) = map(json.loads, run(model, blank, "--anyway", "--json").out.splitlines())
    assert 0 < anyway["score"] < 1
    assert anyway["refusal"] == refusal


def test_a_real_model_scores_an_image_as_it_was_turned(run: Run, model: Path, tmp_path: Path) -> None:
    straight, odd = tmp_path / "a.png", tmp_path / "b.png"
    drawn(3).save(straight)
    Image.fromarray(np.rot90(255 - np.asarray(drawn(3)))).save(odd)
    (wanted,) = map(json.loads, run(model, straight, "--json").out.splitlines())
    (found,) = map(
        json.loads, run(model, odd, "--turn", "right", "--invert", "--anyway", "--json").out.splitlines()
    )
    assert found["score"] == pytest.approx(wanted["score"], abs=1e-6)
    assert found["adjustment"] == "inverted and turned to the right"


@pytest.mark.parametrize(("name", "begins"), [("r.html", b"<!DOCTYPE html>"), ("r.pdf", b"%PDF-")])
@pytest.mark.usefixtures("qapp")  # else the report makes an application that no window can use
def test_a_real_report_and_real_dicom_results(
    run: Run, model: Path, tmp_path: Path, blank: Path, name: str, begins: bytes
) -> None:
    image = slice_of_a_scan(tmp_path / "SECRET.dcm", 1)
    report, folder = tmp_path / name, tmp_path / "results"
    outcome = run(
        *(model, image, blank, "--anyway", "--no-names", "--report", report),
        *("--dicom", folder, "--json"),
    )
    assert outcome.status == 0
    assert len(outcome.out.splitlines()) == 2
    assert report.read_bytes().startswith(begins)
    assert b"SECRET" not in report.read_bytes()
    assert str(blank) in outcome.err
    assert {dcmread(path).Modality for path in folder.iterdir()} == {"OT", "SR"}
    assert {dcmread(path).StudyInstanceUID for path in folder.iterdir()} == {"1.2.3"}
