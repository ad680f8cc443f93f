"""What a model remembers of its training images, as members of its file: plain arrays, described by its card.

An array's size follows from the card and is compared before anything is read.
"""

import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.facts import THUMBNAIL_SIDE
from covid_desktop.core.familiarity import MOST_KEPT, Familiarity

_FOLDER = "familiarity/"
_FEATURES, _TYPICAL, _THUMBNAILS = (f"{_FOLDER}{name}" for name in ("features", "typical", "thumbnails"))
_MOST_DIMENSIONS = 4096
LARGEST = {
    _FEATURES: 2 * MOST_KEPT * _MOST_DIMENSIONS,
    _TYPICAL: 4 * THUMBNAIL_SIDE**2,
    _THUMBNAILS: MOST_KEPT * THUMBNAIL_SIDE**2,
}
"""The members and how many bytes each may have."""


def summary(familiarity: Familiarity) -> dict[str, Any]:
    """For the card: all but the arrays."""
    count, dimensions = familiarity.features.shape
    return {
        "count": count,
        "dimensions": dimensions,
        "labels": "".join(map(str, familiarity.labels)),
        "sha256": list(familiarity.hashes),
        "limit": familiarity.limit,
        "is_grey": familiarity.is_grey,
        "has_typical": familiarity.typical is not None,
        "has_thumbnails": familiarity.thumbnails is not None,
    }


def write(archive: zipfile.ZipFile, familiarity: Familiarity) -> None:
    """Add the arrays to a model's file."""
    archive.writestr(_FEATURES, familiarity.features.astype("<f2").tobytes())
    if familiarity.typical is not None:
        archive.writestr(_TYPICAL, familiarity.typical.astype("<f4").tobytes())
    if familiarity.thumbnails is not None:
        archive.writestr(_THUMBNAILS, familiarity.thumbnails.tobytes())


def read_described(archive: zipfile.ZipFile, described: dict[str, Any]) -> Familiarity | None:
    """What ``read`` gives; None where nothing is described. Raises also for members that nobody described."""
    present = LARGEST.keys() & archive.namelist()
    wanted = {_FEATURES} if described else set()
    wanted |= {_TYPICAL} if described.get("has_typical") else set()
    wanted |= {_THUMBNAILS} if described.get("has_thumbnails") else set()
    if present != wanted:
        raise ValueError(f"members {sorted(present)}")
    return read(archive, described) if described else None


def read(archive: zipfile.ZipFile, described: dict[str, Any]) -> Familiarity:
    """The inverse of ``write``, as the card describes it. Raises ValueError and others for damage."""
    count, dimensions = described["count"], described["dimensions"]
    if not type(count) is type(dimensions) is int:
        raise TypeError("counts that are no whole numbers")
    if not (0 < count <= MOST_KEPT and 0 < dimensions <= _MOST_DIMENSIONS):
        raise ValueError(f"{count} x {dimensions} features")
    labels = np.array([int(letter) for letter in described["labels"]], np.int64)
    hashes = tuple(str(one) for one in described["sha256"])
    limit = float(described["limit"])
    if not len(labels) == len(hashes) == count or set(labels) - {0, 1} or not 0 <= limit <= 1:
        raise ValueError("what the card says of its training images does not agree")
    features = _array(archive, _FEATURES, "<f2", (count, dimensions)).astype(np.float32)
    square = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return Familiarity(
        features=features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6),
        labels=labels,
        hashes=hashes,
        limit=limit,
        is_grey=bool(described["is_grey"]),
        typical=_array(archive, _TYPICAL, "<f4", square) if described["has_typical"] else None,
        thumbnails=(
            _array(archive, _THUMBNAILS, "u1", (count, *square)) if described["has_thumbnails"] else None
        ),
    )


def _array(archive: zipfile.ZipFile, name: str, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    wanted = np.dtype(kind).itemsize * int(np.prod(shape))
    if archive.getinfo(name).file_size != wanted:
        raise ValueError(f"{name} is not of {wanted} bytes")
    with archive.open(name) as member:  # no more than announced is unpacked
        values = np.frombuffer(member.read(wanted), kind).reshape(shape)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} holds what is no number")
    return values
