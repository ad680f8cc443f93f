"""A picture of a result as a Secondary Capture image: PS3.3 A.8.1."""

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileDataset
from pydicom.uid import SecondaryCaptureImageStorage

from covid_desktop.core.dicom_common import text_of, value_of
from covid_desktop.core.dicom_instance import coded, new_instance, reference_to, series_of
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.result_source import ResultSource, SeriesUids, change_words

_BODY_PART, _BURNED_IN = 0x00180015, 0x00280301
_LOSSY, _LOSSY_RATIO, _LOSSY_METHOD = 0x00282110, 0x00282112, 0x00282114
_LOSSY_SYNTAXES = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
}
_TRANSFER_SYNTAX = 0x00020010
_DERIVATION_LENGTH = 1024
_CHEST = "CHEST"


def secondary_capture(
    source: FileDataset,
    prediction: Prediction,
    about: ResultSource,
    picture: NDArray[np.uint8],
    series: SeriesUids,
) -> Dataset:
    """``picture`` is (height, width, 3) RGB, with the result burnt in."""
    dataset = new_instance(source, SecondaryCaptureImageStorage, "picture", about, series)
    dataset.Modality = "OT"
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DateOfSecondaryCapture = dataset.ContentDate
    dataset.TimeOfSecondaryCapture = dataset.ContentTime
    dataset.SecondaryCaptureDeviceManufacturer = dataset.Manufacturer
    dataset.SecondaryCaptureDeviceManufacturerModelName = dataset.ManufacturerModelName
    dataset.SecondaryCaptureDeviceSoftwareVersions = about.program_version
    _add_body_part(dataset, source)
    dataset.PatientOrientation = None
    dataset.DerivationDescription = _derivation(prediction, about)
    # It asks for what tells the patient. The result does not; the source may, where it does not deny it.
    dataset.BurnedInAnnotation = "NO" if text_of(source, _BURNED_IN) == "NO" else "YES"
    _add_references(dataset, source)
    _add_compression(dataset, source)
    _add_pixels(dataset, picture)
    return dataset


def _derivation(prediction: Prediction, about: ResultSource) -> str:
    parts = [
        f"Result of the model {about.model_name} ({about.model_version}) burnt in below the image",
        change_words(prediction),
        RESEARCH_USE.rstrip("."),
    ]
    return f"{'. '.join(filter(None, parts))}."[:_DERIVATION_LENGTH]


def _add_body_part(dataset: Dataset, source: FileDataset) -> None:
    """The standard wants to know the side unless the part is none of a pair."""
    if text_of(source, _BODY_PART) == _CHEST:
        dataset.BodyPartExamined = _CHEST
    else:
        dataset.Laterality = None


def _add_references(dataset: Dataset, source: FileDataset) -> None:
    origin = reference_to(source)
    origin.PurposeOfReferenceCodeSequence = coded(
        "121322", "DCM", "Source image for image processing operation"
    )
    dataset.SourceImageSequence = [origin]
    series, instance = Dataset(), reference_to(source)
    instance.pop("ReferencedFrameNumber", None)
    series.ReferencedInstanceSequence = [instance]
    series.SeriesInstanceUID = series_of(source)
    dataset.ReferencedSeriesSequence = [series]


def _add_compression(dataset: Dataset, source: FileDataset) -> None:
    """Once lossy, always lossy."""
    method = _LOSSY_SYNTAXES.get(text_of(source.file_meta, _TRANSFER_SYNTAX), "")
    if text_of(source, _LOSSY) != "01" and not method:
        dataset.LossyImageCompression = "00"
        return
    dataset.LossyImageCompression = "01"
    ratio, methods = value_of(source, _LOSSY_RATIO), value_of(source, _LOSSY_METHOD)
    if ratio is not None:
        dataset.LossyImageCompressionRatio = ratio
    if methods is not None or method:
        dataset.LossyImageCompressionMethod = methods or method


def _add_pixels(dataset: Dataset, picture: NDArray[np.uint8]) -> None:
    dataset.Rows, dataset.Columns = picture.shape[:2]
    dataset.SamplesPerPixel = 3
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    data = np.ascontiguousarray(picture).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB"
