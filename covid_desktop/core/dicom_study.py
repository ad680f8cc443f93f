"""The patient and the study of a DICOM file, to write something new into the same study.

What breaks the standard is left behind or shortened, since an archive could refuse the new file for it.
"""

import re
from collections.abc import Iterable

from pydicom import DataElement, Dataset, FileDataset
from pydicom.config import RAISE
from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import MAX_VALUE_LEN, PersonName, validate_value

from covid_desktop.core.dicom_common import DAMAGED, sop_class_of, sop_instance_of, text_of, value_of
from covid_desktop.errors import ImageError

TEXT_VRS = ("LO", "LT", "PN", "SH", "ST", "UC", "UT")
_NUMBER_VRS = ("US", "SS", "UL", "SL", "FL", "FD")
_PLAIN_VRS = ("AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI")
_UID = re.compile(r"[0-9.]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAME_LENGTH = 64  # characters of a name in one script
_STUDY, _SERIES, _PATIENT_ID, _ROWS = 0x0020000D, 0x0020000E, 0x00100020, 0x00280010

_ALWAYS = (  # type 2 of the Patient and General Study modules: PS3.3 C.7.1.1, C.7.2.1
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),
)
_PATIENT = (
    *("IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence", "TypeOfPatientID", "OtherPatientNames"),
    *(
        "OtherPatientIDsSequence",
        "PatientBirthTime",
        "EthnicGroup",
        "PatientComments",
        "QualityControlSubject",
    ),
    *("PatientSpeciesDescription", "PatientSpeciesCodeSequence", "PatientBreedDescription"),
    *("PatientBreedCodeSequence", "BreedRegistrationSequence", "ResponsiblePerson", "ResponsiblePersonRole"),
    *("ResponsibleOrganization", "PatientIdentityRemoved", "DeidentificationMethod"),
    *("DeidentificationMethodCodeSequence", "QualityControlSubject"),
)
_GENERAL_STUDY = (
    *("StudyInstanceUID", "StudyDescription", "ReferringPhysicianIdentificationSequence"),
    *("IssuerOfAccessionNumberSequence", "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy"),
    *("ReferencedStudySequence", "ProcedureCodeSequence", "ReasonForPerformedProcedureCodeSequence"),
)
_PATIENT_STUDY = (  # C.7.2.2
    *("AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence", "PatientAge", "PatientSize"),
    *("PatientWeight", "PatientBodyMassIndex", "MedicalAlerts", "Allergies", "SmokingStatus"),
    *("PregnancyStatus", "LastMenstrualDate", "PatientState", "Occupation", "AdditionalPatientHistory"),
    *("AdmissionID", "IssuerOfAdmissionIDSequence", "ServiceEpisodeID", "ServiceEpisodeDescription"),
    *("IssuerOfServiceEpisodeIDSequence", "PatientSexNeutered"),
)


def require_place(source: FileDataset) -> None:
    """Raises ImageError where a result could not be written into the study, or into the wrong one."""
    if value_of(source, _ROWS) is None:
        raise ImageError("DICOM file without an image.")
    for what, use, uid in (
        ("Study Instance UID", "study to write into", text_of(source, _STUDY)),
        ("Series Instance UID", "series to refer to", text_of(source, _SERIES)),
        ("SOP Class UID", "image to refer to", sop_class_of(source)),
        ("SOP Instance UID", "image to refer to", sop_instance_of(source)),
    ):
        if not _UID.fullmatch(uid):
            raise ImageError(f"There is no {use}: the DICOM header has no {what}.")
    patient = _mended(source, _PATIENT_ID)
    if text_of(source, _PATIENT_ID) != ("" if patient is None else patient.value):
        raise ImageError("The Patient ID breaks the rules of DICOM; changed, it could be another patient's.")


def study_of(source: FileDataset) -> Dataset:
    """The attributes of the Patient, General Study and Patient Study modules, valid ones alone."""
    study = Dataset()
    for keyword in (*_ALWAYS, *_PATIENT, *_GENERAL_STUDY, *_PATIENT_STUDY):
        tag = tag_for_keyword(keyword)
        if tag is not None and (element := _mended(source, tag)) is not None:
            study.add(element)
    study.StudyInstanceUID = text_of(source, _STUDY)  # even where it breaks the rules of UIDs
    for keyword in _ALWAYS:
        if keyword not in study:
            setattr(study, keyword, None)
    return study


def _mended(dataset: Dataset, tag: int) -> DataElement | None:
    """An element as the standard wants it; None where nothing is left of it."""
    try:
        element = dataset.get(tag)
        vr = dictionary_VR(tag)
        if element is None or element.is_empty:
            return None
        if vr == "SQ":
            items = [item for item in map(_item, element.value) if len(item)]
            return DataElement(tag, vr, Sequence(items)) if items else None
        values = element.value if isinstance(element.value, MultiValue) else [element.value]
        kept = list(_valid(vr, values))[: 1 if dictionary_VM(tag) == "1" else None]
        return DataElement(tag, vr, kept if len(kept) > 1 else kept[0]) if kept else None
    except DAMAGED:
        return None


def _item(item: Dataset) -> Dataset:
    """Without private elements, and without a character set of its own: all is Unicode by now."""
    kept = Dataset()
    for tag in item.keys():  # noqa: SIM118 (iterating over a data set decodes it)
        if not tag.is_private and tag.element and tag != 0x00080005:
            element = _mended(item, tag)
            if element is not None:
                kept.add(element)
    return kept


def _valid(vr: str, values: Iterable[object]) -> Iterable[object]:
    for value in values:
        usable = _shortened(vr, str(value)) if vr in TEXT_VRS else value
        if vr in _PLAIN_VRS:
            usable = str(getattr(value, "original_string", value)).strip()
        if usable == "" or vr not in (*TEXT_VRS, *_PLAIN_VRS, *_NUMBER_VRS):
            continue
        try:
            validate_value(vr, usable, RAISE)
        except ValueError:
            continue
        yield usable


def _shortened(vr: str, text: str) -> str | PersonName:
    if vr == "PN":
        scripts = [_CONTROL.sub(" ", name)[:_NAME_LENGTH].rstrip() for name in text.split("=")[:3]]
        return PersonName("=".join(scripts).rstrip("=")) if any(scripts) else ""
    if vr in ("LO", "SH"):
        text = _CONTROL.sub(" ", text)
    return text[: MAX_VALUE_LEN.get(vr)].strip()
