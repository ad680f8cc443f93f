"""From the stored values of a grey DICOM image to 8 bits: PS3.3 C.11.1 (modality), C.11.2 (VOI)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.errors import BytesLengthException

from covid_desktop.core.bombs import check_length
from covid_desktop.core.depth import finite, from_fraction, stretch
from covid_desktop.core.viewing import View, as_float32, view_of_picture, view_of_values

Values = NDArray[np.float64]

_LUNG_CENTRE, _LUNG_WIDTH = -600.0, 1500.0
"""The usual lung window in Hounsfield units."""


def to_greys(pixels: NDArray[Any], header: Dataset) -> NDArray[np.uint8]:
    """Grey levels of the same shape, black to white as on the screen.

    The first VOI LUT is used, else the first window, else for CT the lung window, else minimum..maximum.
    """
    _take_frame_header(header)
    stored, places = _levels(pixels)
    return np.asarray(_greys(_modality(stored, header), header)[places])


def to_view(pixels: NDArray[Any], header: Dataset, frames: int) -> View:
    """``to_greys`` with the values after the modality transformation, where a linear window shows them.

    A VOI LUT and a sigmoid have no black and no white: there the values are the grey levels.
    """
    _take_frame_header(header)
    stored, places = _levels(pixels)
    values = _modality(stored, header)
    picture = _greys(values, header)[places]
    limits = _limits(values, header)
    if limits is None:
        return view_of_picture(picture, frames)
    black, white = reversed(limits) if header.PhotometricInterpretation == "MONOCHROME1" else limits
    is_exact = pixels.dtype.kind == "f" or word(header, "VOILUTFunction") == "LINEAR_EXACT"
    looks: dict[str, Any] = {"unit": _unit(header), "step": float(not is_exact), "frames": frames}
    return view_of_values(as_float32(values)[places], picture, black, white, **looks)


def _levels(pixels: NDArray[Any]) -> tuple[Values, Any]:
    """Stored values, and which of them each pixel has."""
    if pixels.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # NaN may be of a kind that warns
            return pixels.astype(np.float64), ...
    lowest, highest = int(pixels.min()), int(pixels.max())
    if highest - lowest > 65535:
        return pixels.astype(np.float64), ...
    # One computation for each level in use instead of one for each pixel.
    return np.arange(lowest, highest + 1, dtype=np.float64), pixels.astype(np.int64) - lowest


def _take_frame_header(header: Dataset) -> None:
    """An enhanced multi-frame file has rescale and window inside its groups: take the first frame's."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in (header.get(groups) or [])[:1]:
            for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
                for item in (group.get(macro) or [])[:1]:
                    header.update(item)


def _greys(values: Values, header: Dataset) -> NDArray[np.uint8]:
    # Damaged headers may ask for infinite windows.
    with np.errstate(all="ignore"):
        greys = _values_of_interest(values, header)
    return 255 - greys if header.PhotometricInterpretation == "MONOCHROME1" else greys


def _modality(stored: Values, header: Dataset) -> Values:
    """For CT: Hounsfield units."""
    if table := header.get("ModalityLUTSequence"):
        return _looked_up(stored, table[0], header)[0]
    slope, intercept = _value(header, "RescaleSlope"), _value(header, "RescaleIntercept")
    # Damaged headers may ask for infinite slopes.
    with np.errstate(all="ignore"):
        return finite(stored * float(1 if slope is None else slope) + float(intercept or 0))


def _unit(header: Dataset) -> str:
    """Of what ``_modality`` gives, where it is known."""
    kind = word(header, "RescaleType") or ("HU" if word(header, "Modality") == "CT" else "")
    return "HU" if kind == "HU" else ""


def word(header: Dataset, keyword: str) -> str:
    """Empty where the element is missing or damaged: the picture does not need it."""
    try:
        return str(header.get(keyword) or "")
    except (NotImplementedError, BytesLengthException):  # not a VR, or not as long as the VR asks for
        return ""


def _values_of_interest(values: Values, header: Dataset) -> NDArray[np.uint8]:
    if table := header.get("VOILUTSequence"):
        looked_up, bits = _looked_up(values, table[0], header)
        return _shown(looked_up / (2**bits - 1))
    if window := _window(header):
        return _shown(_windowed(values, *window, header.get("VOILUTFunction") or "LINEAR"))
    return stretch(values)


def _shown(fraction: Values) -> NDArray[np.uint8]:
    """What a damaged table or window makes of nothing by nothing is black on every processor."""
    return from_fraction(np.nan_to_num(fraction, nan=0.0))


def _limits(values: Values, header: Dataset) -> tuple[float, float] | None:
    """The values that a linear window shows as 0 and 1; None where another function is asked for."""
    if header.get("VOILUTSequence"):
        return None
    window = _window(header)
    if window is None:
        return float(values.min()), float(values.max())
    function = header.get("VOILUTFunction") or "LINEAR"
    if function == "SIGMOID":
        return None
    centre, width = _exact(*window, function)
    return centre - width / 2, centre + width / 2


def _window(header: Dataset) -> tuple[float, float] | None:
    """Centre and width of the first window."""
    centre, width = _first(_value(header, "WindowCenter")), _first(_value(header, "WindowWidth"))
    if centre is not None and width is not None and width > 0:
        return centre, width
    return (_LUNG_CENTRE, _LUNG_WIDTH) if header.get("Modality") == "CT" else None


def _value(header: Dataset, keyword: str) -> Any:
    """None where it is missing; not decoded where it is too long to be what it should be."""
    element = header.get_item(keyword)
    if isinstance(element, RawDataElement):
        check_length(element.length)
    return header.get(keyword)


def _first(value: Any) -> float | None:
    """The first of one or several numbers."""
    numbers = np.atleast_1d(np.asarray([] if value is None else value, dtype=np.float64))
    return float(numbers[0]) if numbers.size else None


def _windowed(values: Values, centre: float, width: float, function: str) -> Values:
    """0 to 1, and beyond at both ends."""
    if function == "SIGMOID":
        # The logistic function of 4 (value - centre) / width, in a form that cannot overflow.
        return 0.5 + 0.5 * np.tanh(2 * (values - centre) / width)
    centre, width = _exact(centre, width, function)
    return (values - centre) / width + 0.5


def _exact(centre: float, width: float, function: str) -> tuple[float, float]:
    """A linear window's middle, and from there to black and white together."""
    if function != "LINEAR_EXACT":
        centre, width = centre - 0.5, width - 1
    # A width of 1 is a step.
    return centre, max(width, 1e-6)


def _looked_up(values: Values, item: Dataset, header: Dataset) -> tuple[Values, int]:
    """The table's entries for ``values``, and their bits; values beyond its ends take the end."""
    size, first, bits = _value(item, "LUTDescriptor")
    table = _table(_value(item, "LUTData"), header)[: size or 65536]
    return table[np.clip(np.rint(values) - first, 0, len(table) - 1).astype(np.int64)], bits


def _table(data: Any, header: Dataset) -> Values:
    """LUT Data, which is words as bytes (OW) or numbers (US)."""
    if isinstance(data, bytes):
        return np.frombuffer(data, "<u2" if header.original_encoding[1] else ">u2").astype(np.float64)
    return np.asarray(data, dtype=np.float64)
