"""Results in DICOM: what they say and whose they are, checked by pydicom and by DCMTK, another reader."""

import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread, uid
from pydicom.sr.codedict import codes
from pydicom.valuerep import PersonName

from covid_desktop.core import dicom_results
from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.dicom_instance import IMPLEMENTATION_UID, SERIES_DESCRIPTION
from covid_desktop.core.dicom_results import ResultSource, SeriesUids, write_results
from covid_desktop.core.model_card import ModelCard
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.result_source import result_lines, source_of
from covid_desktop.errors import ImageError, UserError

ABOUT = ResultSource(
    model_name="EfficientNet-Lite0",
    model_version="2026-01-02 03:04:05 a1b2c3d4e5",
    class_names=("Healthy", "COVID-19"),
    program_version="0.1.0",
)
PLACE = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.4", "PatientName": "Muster^Eva"}
PICTURE = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
TINY = np.zeros((2, 3), np.uint8)
NOT_CHECKED = (
    "The VR checker does not support this Specific Character Set",
    "unknown/unsupported SpecificCharacterSet",
)
"""What DCMTK says of character sets that are right and that it does not know."""


def scored(path: Path, **values: Any) -> Prediction:
    usual: dict[str, Any] = {"label": "COVID-19", "score": 0.8734, "threshold": 0.412}
    return Prediction(path=path, **usual | values)


def write(source: Path, folder: Path, **values: Any) -> tuple[Dataset, Dataset]:
    """The picture and the report of a prediction, read again; both are complained about by nobody."""
    capture, report = write_results(source, folder, scored(source, **values), ABOUT, PICTURE, SeriesUids())
    assert capture is not None
    return read(capture), read(report)


def read(path: Path) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = dcmread(path)
        list(dataset.iterall())
    complaints = said_by("dcmdump", path) + (said_by("dsrdump", path) if dataset.Modality == "SR" else [])
    has_other_letters = dataset.get("SpecificCharacterSet", "ISO_IR 100") != "ISO_IR 100"
    known = NOT_CHECKED if has_other_letters else ()
    assert [line for line in complaints if not any(words in line for words in known)] == []
    return dataset


def said_by(tool: str, path: Path) -> list[str]:
    """The lines of warnings and errors."""
    program = shutil.which(tool)
    assert program, f"{tool} is missing: install DCMTK (on Debian the package dcmtk, as dev.py test does)."
    done = subprocess.run([program, str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode(errors="replace").splitlines()


def content(report: Dataset) -> dict[str, str]:
    """What the texts of a report are called, and what they say."""
    texts = [item for item in report.ContentSequence if item.ValueType == "TEXT"]
    return {item.ConceptNameCodeSequence[0].CodeMeaning: item.TextValue for item in texts}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


@pytest.fixture
def source(write_dicom) -> Path:
    return write_dicom(TINY, **PLACE)


def test_the_picture_is_a_secondary_capture(source: Path, folder: Path) -> None:
    capture, _ = write(source, folder)
    assert capture.SOPClassUID == uid.SecondaryCaptureImageStorage
    assert capture.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian
    assert capture.file_meta.ImplementationClassUID == IMPLEMENTATION_UID
    assert capture.file_meta.ImplementationVersionName == "COVID_DESKTOP"
    assert (capture.ConversionType, capture.Modality) == ("WSD", "OT")
    assert list(capture.ImageType) == ["DERIVED", "SECONDARY"]
    assert capture.SeriesDescription == SERIES_DESCRIPTION
    assert "EfficientNet-Lite0" in capture.DerivationDescription
    assert capture.DerivationDescription.endswith(RESEARCH_USE)
    assert capture.LossyImageCompression == "00"
    np.testing.assert_array_equal(capture.pixel_array, PICTURE)
    (origin,) = capture.SourceImageSequence
    original = dcmread(source)
    assert origin.ReferencedSOPInstanceUID == original.SOPInstanceUID
    assert origin.ReferencedSOPClassUID == original.SOPClassUID
    assert "ReferencedFrameNumber" not in origin
    assert capture.ReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.4"
    assert not [element for element in capture.iterall() if element.tag.is_private]


def test_the_report_is_a_basic_text_report(source: Path, folder: Path) -> None:
    _, report = write(source, folder, probability=0.817)
    assert report.SOPClassUID == uid.BasicTextSRStorage
    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    assert report.ConceptNameCodeSequence[0].CodeMeaning == "Research image classification result"
    assert content(report) == {
        "Finding": "COVID-19",
        "Score of the positive class": "0.873 for COVID-19, on a scale from 0 to 1",
        "Threshold of the score": "0.412",
        "Calibrated probability": "Calibrated probability 0.82 of COVID-19",
        "Classes of the model": "Healthy and COVID-19",
        "Algorithm Name": "EfficientNet-Lite0",
        "Algorithm Version": "2026-01-02 03:04:05 a1b2c3d4e5",
        "Program": "COVID Desktop 0.1.0",
        "Intended use": RESEARCH_USE,
    }
    image = report.ContentSequence[-1]
    original = dcmread(source)
    assert image.ValueType == "IMAGE"
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == original.SOPInstanceUID
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert (evidence.StudyInstanceUID, evidence.ReferencedSeriesSequence[0].SeriesInstanceUID) == (
        *("1.2.3", "1.2.4"),
    )
    assert not [element for element in report.iterall() if element.tag.is_private]


def test_concepts_of_dicom_are_called_as_dicom_calls_them(source: Path, folder: Path) -> None:
    capture, report = write(source, folder)
    known = {code.value: code.meaning for code in (getattr(codes.DCM, name) for name in codes.DCM.dir())}
    found = [
        element for one in (capture, report) for element in one.iterall() if element.keyword == "CodeValue"
    ]
    assert found
    for one in [*report.ContentSequence, report]:
        code = one.ConceptNameCodeSequence[0]
        if code.CodingSchemeDesignator == "DCM":
            assert known[code.CodeValue] == code.CodeMeaning
        else:
            assert code.CodingSchemeDesignator == "99COVIDDESKTOP"
            assert len(code.CodeValue) <= 16


def test_what_is_indeterminate_changed_or_odd_is_said(source: Path, folder: Path) -> None:
    _, report = write(
        source,
        folder,
        label="Indeterminate",
        is_indeterminate=True,
        refusal="It looks like a photograph.",
        adjustment=Adjustment(quarter_turns=1, is_inverted=True),
    )
    said = content(report)
    assert said["Finding"] == "Indeterminate"
    assert said["Caution"] == "It looks like a photograph."
    assert (
        said["Change before scoring"] == "The image was inverted and turned to the left before it was scored"
    )


@pytest.mark.parametrize("reason", [{"refusal": "It is a photograph."}, {"error": "It is a photograph."}])
def test_an_image_without_a_score_has_a_report_without_a_picture(source: Path, folder: Path, reason) -> None:
    prediction = scored(source, label=None, score=None, **reason)
    capture, path = write_results(source, folder, prediction, ABOUT, None, SeriesUids())
    assert capture is None
    report = read(path)
    assert report.CompletionFlag == "PARTIAL"
    assert content(report)["Finding"] == "Not scored: It is a photograph."
    assert "Score of the positive class" not in content(report)
    assert list(folder.iterdir()) == [path]


def test_patient_and_study_are_those_of_the_source(write_dicom, folder: Path) -> None:
    identifier = Dataset()
    identifier.PatientID, identifier.TypeOfPatientID = "OTHER", "TEXT"
    identifier.add_new(0x00190010, "LO", "PRIVATE")
    elements = {
        **PLACE,
        "PatientID": "P 1",
        "PatientBirthDate": "19600517",
        "PatientSex": "F",
        "OtherPatientIDsSequence": [identifier],
        "StudyDate": "20260102",
        "StudyTime": "101112.5",
        "StudyID": "7",
        "AccessionNumber": "A7",
        "ReferringPhysicianName": "Arzt^Udo",
        "StudyDescription": "Chest",
        "PatientAge": "065Y",
        "PatientWeight": "70.5",
    }
    source = write_dicom(TINY, **elements, InstitutionName="Not of the study", KVP="120")
    for result in write(source, folder):
        original = dcmread(source)
        for keyword in set(elements) - {"OtherPatientIDsSequence", "SeriesInstanceUID"}:
            assert result[keyword].value == original[keyword].value, keyword
        assert result.OtherPatientIDsSequence[0].PatientID == "OTHER"
        assert len(result.OtherPatientIDsSequence[0]) == 2
        assert "InstitutionName" not in result
        assert "KVP" not in result
        assert result.SeriesInstanceUID != original.SeriesInstanceUID
        assert result.SOPInstanceUID != original.SOPInstanceUID


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 100", "Äneas^Rüdiger"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 144", "Жуков^Юлия"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    ],
)
def test_the_character_set_is_kept(write_dicom, folder: Path, character_set, name) -> None:
    source = write_dicom(TINY, **PLACE | {"PatientName": name, "SpecificCharacterSet": character_set})
    for result in write(source, folder):
        assert result.SpecificCharacterSet == character_set
        assert result.PatientName == name
        assert result.PatientName.encode() == dcmread(source).PatientName.encode()


def test_letters_that_the_character_set_has_not_make_it_unicode(write_dicom, folder: Path) -> None:
    source = write_dicom(
        TINY, **PLACE | {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Äneas^Rüdiger"}
    )
    for result in write(source, folder, refusal="不像", adjustment=Adjustment(is_inverted=True)):
        if result.Modality == "SR":
            assert result.SpecificCharacterSet == "ISO_IR 192"
            assert content(result)["Caution"] == "不像"
        assert result.PatientName == "Äneas^Rüdiger"


def test_letters_without_a_character_set_keep_their_bytes(write_dicom, folder: Path) -> None:
    source = write_dicom(TINY, **PLACE)
    source.write_bytes(source.read_bytes().replace(b"Muster^Eva", b"M\xfcster^Eva"))
    for result in write(source, folder):
        assert result.SpecificCharacterSet == "ISO_IR 100"
        assert result.PatientName == "Müster^Eva"


def test_an_unknown_character_set_becomes_unicode(write_dicom, folder: Path) -> None:
    source = write_dicom(TINY, **PLACE)
    start = b"\x08\x00\x16\x00UI"
    source.write_bytes(source.read_bytes().replace(start, b"\x08\x00\x05\x00CS\x08\x00NO_SUCH " + start, 1))
    for result in write(source, folder):
        assert result.SpecificCharacterSet == "ISO_IR 192"
        assert result.PatientName == "Muster^Eva"


def test_missing_attributes_of_type_2_are_empty(source: Path, folder: Path) -> None:
    for result in write(source, folder):
        for keyword in (
            "PatientBirthDate",
            "PatientSex",
            "StudyDate",
            "StudyTime",
            "StudyID",
            "AccessionNumber",
        ):
            assert result[keyword].is_empty


def test_values_that_break_the_standard_are_shortened_or_left_behind(write_dicom, folder: Path) -> None:
    source = write_dicom(
        TINY,
        **PLACE | {"PatientName": f"{'N' * 80}^Eva={'M' * 10}"},
        StudyDescription="x\n" * 100,
        StudyID="1" * 40,
        StudyDate="yesterday",
        PatientSex="female person",
        PatientWeight="70",
        PatientAge="65 years",
        AccessionNumber=["A", "B"],
    )
    raw = source.read_bytes()
    source.write_bytes(raw.replace(b"DS\x02\x0070", b"DS\x02\x00xx"))
    for result in write(source, folder):
        assert result.PatientName == PersonName(f"{'N' * 64}={'M' * 10}")
        assert result.StudyDescription == ("x " * 32).strip()
        assert result.StudyID == "1" * 16
        assert result.StudyDate == ""
        assert result.PatientSex == ""
        assert result.AccessionNumber == "A"
        assert "PatientWeight" not in result
        assert "PatientAge" not in result


@pytest.mark.parametrize(
    ("modality", "sop_class"),
    [
        ("CR", uid.ComputedRadiographyImageStorage),
        ("DX", uid.DigitalXRayImageStorageForPresentation),
        ("CT", uid.CTImageStorage),
    ],
)
def test_every_kind_of_source(write_dicom, folder: Path, modality: str, sop_class: uid.UID) -> None:
    source = write_dicom(
        TINY.astype(np.int16),
        **PLACE,
        Modality=modality,
        SOPClassUID=sop_class,
        PhotometricInterpretation="MONOCHROME1",
        BodyPartExamined="CHEST",
    )
    capture, report = write(source, folder)
    assert capture.BodyPartExamined == "CHEST"
    assert capture.PhotometricInterpretation == "RGB"
    assert capture.SourceImageSequence[0].ReferencedSOPClassUID == sop_class
    assert report.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedSOPClassUID == sop_class


def test_of_several_frames_the_first_is_meant(write_dicom, folder: Path) -> None:
    source = write_dicom(
        TINY, **PLACE, NumberOfFrames=3, PixelData=bytes(18), SOPClassUID=uid.EnhancedCTImageStorage
    )
    capture, report = write(source, folder)
    assert capture.SourceImageSequence[0].ReferencedFrameNumber == 1
    assert report.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedFrameNumber == 1


@pytest.mark.parametrize(("said", "expected"), [("NO", "NO"), ("YES", "YES"), ("", "YES")])
def test_whether_a_patient_may_be_burnt_in(write_dicom, folder: Path, said: str, expected: str) -> None:
    capture, _ = write(write_dicom(TINY, **PLACE, BurnedInAnnotation=said), folder)
    assert capture.BurnedInAnnotation == expected


def test_once_lossy_always_lossy(write_dicom, folder: Path) -> None:
    source = write_dicom(
        TINY,
        **PLACE,
        LossyImageCompression="01",
        LossyImageCompressionRatio="12.5",
        LossyImageCompressionMethod="ISO_10918_1",
    )
    capture, _ = write(source, folder)
    assert capture.LossyImageCompression == "01"
    assert capture.LossyImageCompressionRatio == 12.5
    assert capture.LossyImageCompressionMethod == "ISO_10918_1"


def test_the_images_of_a_study_share_their_series(write_dicom, folder: Path) -> None:
    series = SeriesUids()
    sources = [
        write_dicom(TINY, name=f"{number}.dcm", **PLACE | {"StudyInstanceUID": study})
        for number, study in enumerate(("1.2.3", "1.2.3", "1.2.9"))
    ]
    pairs = [
        [read(path) for path in write_results(one, folder, scored(one), ABOUT, PICTURE, series) if path]
        for one in sources
    ]
    captures, reports = zip(*pairs, strict=True)
    for results in (captures, reports):
        first, second, other = (result.SeriesInstanceUID for result in results)
        assert first == second != other
        assert [result.InstanceNumber for result in results] == [1, 2, 1]
    assert captures[0].SeriesInstanceUID != reports[0].SeriesInstanceUID
    again, _ = write(sources[0], folder)
    assert again.SeriesInstanceUID != captures[0].SeriesInstanceUID
    assert all(result.SeriesInstanceUID.is_valid for result in captures + reports)
    assert len({result.SOPInstanceUID for pair in pairs for result in pair}) == 6


def test_files_are_named_by_their_uids_and_by_no_patient(source: Path, folder: Path) -> None:
    results = write(source, folder)
    assert {path.name for path in folder.iterdir()} == {f"{result.SOPInstanceUID}.dcm" for result in results}


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("StudyInstanceUID", "There is no study to write into"),
        ("SeriesInstanceUID", "There is no series to refer to"),
        ("Rows", "DICOM file without an image"),
    ],
)
def test_without_a_study_there_is_no_result(write_dicom, folder: Path, missing: str, reason: str) -> None:
    source = write_dicom(TINY, **PLACE)
    dataset = dcmread(source)
    del dataset[missing]
    dataset.save_as(source)
    with pytest.raises(ImageError, match=reason):
        write(source, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("patient", ["1" * 65, "11\n22", ["11", "22"]])
def test_a_patient_id_that_would_have_to_be_changed_is_refused(write_dicom, folder: Path, patient) -> None:
    source = write_dicom(TINY, **PLACE, PatientID=patient)
    with pytest.raises(ImageError, match="Patient ID breaks the rules of DICOM") as caught:
        write(source, folder)
    assert "11" not in str(caught.value)


def test_a_patient_without_an_id_stays_without_one(write_dicom, folder: Path) -> None:
    for result in write(write_dicom(TINY, **PLACE, PatientID=""), folder):
        assert result.PatientID == ""


def test_a_picture_that_is_no_dicom_is_refused_in_a_sentence(tmp_path: Path, folder: Path, grey) -> None:
    source = tmp_path / "a.png"
    Image.fromarray(grey).save(source)
    with pytest.raises(UserError, match=r"^Not a DICOM file: there is no study to write into\.$"):
        write(source, folder)


def test_an_existing_file_is_kept(source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(source, folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    names = iter(sorted(path.stem for path in folder.iterdir()))
    monkeypatch.setattr("covid_desktop.core.dicom_instance.uid_of", lambda _: next(names))
    with pytest.raises(UserError, match="exists already"):
        write(source, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("failing", [1, 2])
def test_both_are_written_or_neither(
    source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    calls = []

    def write_instance(path: Path, *_: object) -> None:
        calls.append(path)
        path.write_bytes(b"x")
        if len(calls) == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(dicom_results, "write_instance", write_instance)
    with pytest.raises(UserError, match="No space left"):
        write(source, folder)
    assert list(folder.iterdir()) == []


def test_neither_is_left_where_one_cannot_be_put_in_place(
    source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = []
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        replaced.append(target)
        if len(replaced) == 2:
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(UserError, match="Permission denied"):
        write(source, folder)
    assert len(replaced) == 2
    assert list(folder.iterdir()) == []


def test_a_result_in_lines_says_nothing_of_the_patient(source: Path) -> None:
    prediction = scored(
        source, probability=0.817, refusal="It looks odd.", adjustment=Adjustment(is_inverted=True)
    )
    assert result_lines(prediction, ABOUT) == [
        "COVID-19",
        "Score 0.873 for COVID-19, on a scale from 0 to 1. Threshold 0.412.",
        "Calibrated probability 0.82 of COVID-19.",
        "It looks odd.",
        "The image was inverted before it was scored.",
        "Model EfficientNet-Lite0, 2026-01-02 03:04:05 a1b2c3d4e5.",
        RESEARCH_USE,
    ]
    assert result_lines(scored(source), ABOUT)[1:] == [
        "Score 0.873 for COVID-19, on a scale from 0 to 1. Threshold 0.412.",
        "Model EfficientNet-Lite0, 2026-01-02 03:04:05 a1b2c3d4e5.",
        RESEARCH_USE,
    ]


def test_a_model_is_told_by_its_name_time_and_weights() -> None:
    config = TrainingConfig(architecture="small-cnn").resolved()
    card = ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        created="2026-01-02T03:04:05+00:00",
    )
    about = source_of(card, [np.ones(3)])
    assert about.model_name == "Small CNN"
    assert about.model_version.startswith("2026-01-02 03:04:05 ")
    assert source_of(card, [np.ones(3)]) == about
    assert source_of(card, [np.zeros(3)]).model_version != about.model_version
