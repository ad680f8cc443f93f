"""The order of DICOM images: by study, series and place, so that a scan is seen slice by slice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from covid_desktop.core.dicom_header import DicomHeader, read_header
from covid_desktop.core.events import ShouldStop, never
from covid_desktop.core.loading import read_ahead
from covid_desktop.errors import ImageError, Stopped

Headers = Mapping[Path, DicomHeader]
_DIRECTORY = "1.2.840.10008.1.3.10"
_LAST = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlace:
    """``label`` is such as "CT 3: Lung 1.0"; the image is ``number`` of ``total`` of the series at hand."""

    label: str
    number: int
    total: int

    @property
    def words(self) -> str:
        """Such as "CT 3: Lung 1.0, 12 of 40"."""
        return f"{self.label}, {self.number} of {self.total}"


def read_headers(paths: Sequence[Path], should_stop: ShouldStop = never) -> dict[Path, DicomHeader]:
    """The headers of the DICOM files among ``paths``, read in threads. Raises Stopped."""
    headers: dict[Path, DicomHeader] = {}
    for path, header in zip(paths, read_ahead(paths, read_header), strict=True):
        if should_stop():
            raise Stopped
        if header is not None and not isinstance(header, ImageError):
            headers[path] = header
    return headers


def in_series_order(paths: Sequence[Path], headers: Headers | None = None) -> list[Path]:
    """``paths`` with the DICOM files among them in the order of their series; other files keep their places.

    Studies come in the order they are met, their series by number, their images by position along the normal
    where all have one in the same direction, else by instance number. A DICOMDIR is left out. ``headers`` are
    those of ``read_headers`` where they have been read already.
    """
    known = read_headers(paths) if headers is None else headers
    kept = [path for path in paths if path not in known or known[path].sop_class != _DIRECTORY]
    studies: dict[str, list[Path]] = defaultdict(list)
    for path in kept:
        if path in known:
            studies[known[path].study_uid].append(path)
    ordered = iter([path for study in studies.values() for path in _study_in_order(study, known)])
    return [next(ordered) if path in known else path for path in kept]


def series_of(paths: Sequence[Path], headers: Headers | None = None) -> dict[Path, SeriesPlace]:
    """The place of each DICOM file among those of its series, in the order of ``in_series_order``."""
    known = read_headers(paths) if headers is None else headers
    series: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in dict.fromkeys(in_series_order(paths, known)):
        if path in known:
            series[known[path].study_uid, known[path].series_uid].append(path)
    return {
        path: SeriesPlace(label=series_label(known[path]), number=number, total=len(members))
        for members in series.values()
        for number, path in enumerate(members, 1)
    }


def series_label(header: DicomHeader) -> str:
    """Such as "CT 3: Lung 1.0"; "Series" where the header says nothing."""
    number = "" if header.series_number is None else str(header.series_number)
    name = " ".join(filter(None, (header.modality, number))) or "Series"
    return f"{name}: {header.series_description}" if header.series_description else name


def _study_in_order(paths: Sequence[Path], headers: Headers) -> list[Path]:
    series: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        series[headers[path].series_uid].append(path)

    def number(uid: str) -> tuple[int, str]:
        return _or_last(headers[series[uid][0]].series_number), uid

    return [path for uid in sorted(series, key=number) for path in _series_in_order(series[uid], headers)]


def _series_in_order(paths: Sequence[Path], headers: Headers) -> list[Path]:
    """By position, from the end where the scanner began; in phases and mixed planes by instance number."""

    def by_number(path: Path) -> tuple[int, float]:
        return _or_last(headers[path].instance_number), headers[path].position or 0.0

    found = [headers[path] for path in paths]
    positions = {header.position for header in found}
    if None in positions or len(positions) < len(paths) or len({header.orientation for header in found}) > 1:
        return sorted(paths, key=by_number)
    ordered = sorted(paths, key=lambda path: headers[path].position or 0.0)
    return ordered[::-1] if by_number(ordered[0]) > by_number(ordered[-1]) else ordered


def _or_last(number: int | None) -> int:
    return _LAST if number is None else number
