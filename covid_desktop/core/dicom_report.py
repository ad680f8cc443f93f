"""A result as a Basic Text structured report: PS3.3 A.35.1."""

from collections.abc import Iterator

from pydicom import Dataset, FileDataset
from pydicom.uid import BasicTextSRStorage

from covid_desktop.core.dicom_instance import coded, new_instance, reference_to, series_of
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.result_source import (
    ResultSource,
    SeriesUids,
    caution_words,
    change_words,
    finding_words,
    probability_words_of,
    score_words,
)

SCHEME = "99COVIDDESKTOP"
_Concept = tuple[str, str, str]
_TITLE: _Concept = ("RESULT", SCHEME, "Research image classification result")
_FINDING: _Concept = ("121071", "DCM", "Finding")
_MODEL: _Concept = ("111001", "DCM", "Algorithm Name")
_MODEL_VERSION: _Concept = ("111003", "DCM", "Algorithm Version")
_SOURCE: _Concept = ("121322", "DCM", "Source image for image processing operation")
_SCORE: _Concept = ("SCORE", SCHEME, "Score of the positive class")
_THRESHOLD: _Concept = ("THRESHOLD", SCHEME, "Threshold of the score")
_PROBABILITY: _Concept = ("PROBABILITY", SCHEME, "Calibrated probability")
_CLASSES: _Concept = ("CLASSES", SCHEME, "Classes of the model")
_CAUTION: _Concept = ("CAUTION", SCHEME, "Caution")
_CHANGE: _Concept = ("CHANGE", SCHEME, "Change before scoring")
_PROGRAM: _Concept = ("PROGRAM", SCHEME, "Program")
_USE: _Concept = ("USE", SCHEME, "Intended use")


def report(source: FileDataset, prediction: Prediction, about: ResultSource, series: SeriesUids) -> Dataset:
    """One container of texts and a reference to the image. Numbers are text, as this class asks."""
    dataset = new_instance(source, BasicTextSRStorage, "report", about, series)
    dataset.Modality = "SR"
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.CompletionFlag = "PARTIAL" if prediction.score is None else "COMPLETE"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(source, dataset.StudyInstanceUID)]
    dataset.CodingSchemeIdentificationSequence = [_scheme()]
    dataset.ValueType = "CONTAINER"
    dataset.ConceptNameCodeSequence = coded(*_TITLE)
    dataset.ContinuityOfContent = "SEPARATE"
    texts = [_text(concept, words) for concept, words in _content(prediction, about) if words]
    dataset.ContentSequence = [*texts, _image(source)]
    return dataset


def _content(prediction: Prediction, about: ResultSource) -> Iterator[tuple[_Concept, str]]:
    yield _FINDING, finding_words(prediction)
    if prediction.score is not None:
        yield _SCORE, score_words(prediction, about)
    yield _THRESHOLD, f"{prediction.threshold:.3f}"
    yield _PROBABILITY, probability_words_of(prediction, about)
    yield _CAUTION, caution_words(prediction)
    yield _CHANGE, change_words(prediction)
    yield _CLASSES, " and ".join(about.class_names)
    yield _MODEL, about.model_name
    yield _MODEL_VERSION, about.model_version
    yield _PROGRAM, f"COVID Desktop {about.program_version}"
    yield _USE, RESEARCH_USE


def _text(concept: _Concept, words: str) -> Dataset:
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "TEXT"
    item.ConceptNameCodeSequence = coded(*concept)
    item.TextValue = words
    return item


def _image(source: FileDataset) -> Dataset:
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "IMAGE"
    item.ConceptNameCodeSequence = coded(*_SOURCE)
    item.ReferencedSOPSequence = [reference_to(source)]
    return item


def _evidence(source: FileDataset, study_uid: str) -> Dataset:
    study, series, instance = Dataset(), Dataset(), reference_to(source)
    instance.pop("ReferencedFrameNumber", None)
    series.ReferencedSOPSequence = [instance]
    series.SeriesInstanceUID = series_of(source)
    study.ReferencedSeriesSequence = [series]
    study.StudyInstanceUID = study_uid
    return study


def _scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = "Concepts of COVID Desktop"
    return scheme
