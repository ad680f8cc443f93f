"""Which files are images to be looked at, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from covid_desktop.core.dicom_series import SeriesPlace, in_series_order, read_headers, series_of
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.walking import files_below, is_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImages:
    """Files in the order in which they are looked at, and the places of those that are part of a series."""

    paths: tuple[Path, ...]
    series: Mapping[Path, SeriesPlace]


def list_images(
    places: Sequence[Path],
    *,
    emit: Emit = ignore,
    should_stop: ShouldStop = never,
) -> ListedImages:
    """The files among and below ``places``, DICOM in the order of its series. Raises Stopped."""
    emit(Progress(stage="Listing images"))
    files = image_files(places)
    headers = read_headers(files, should_stop)
    return ListedImages(paths=tuple(in_series_order(files, headers)), series=series_of(files, headers))


def image_files(places: Iterable[Path]) -> list[Path]:
    """The files among ``places`` and below the folders among them, sorted within a folder, none hidden."""
    found: list[Path] = []
    for place in places:
        if not is_folder(place):
            found.append(place)
            continue
        found += files_below(place, lambda name: name.startswith("."), ignore)
    return list(dict.fromkeys(found))
