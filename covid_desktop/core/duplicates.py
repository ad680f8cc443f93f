"""Which files show one picture: the same bytes, or resized, re-encoded, slightly cropped or brightened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.core.events import Emit, ShouldStop, ignore, never
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.grouping import joined
from covid_desktop.core.near_copies import near_copies

HASH_SIDE = 12  # finer hashes change more by cropping, coarser ones tell fewer pictures apart


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyGroup:
    """Files that show the same picture, sorted; ``exact`` where they are the same byte for byte."""

    paths: tuple[Path, ...]
    exact: bool

    def to_json(self) -> dict[str, Any]:
        return {"paths": [str(path) for path in self.paths], "exact": self.exact}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(paths=tuple(map(Path, values["paths"])), exact=values["exact"])


def perceptual_hash(thumbnail: NDArray[np.uint8]) -> bytes:
    """144 bits that change little when the picture does; ``thumbnail`` is grey, (64, 64).

    The signs of its coarsest cosines around their median (pHash, by ImageHash).
    """
    import imagehash

    return np.packbits(imagehash.phash(Image.fromarray(thumbnail), hash_size=HASH_SIDE).hash).tobytes()


def find_copies(
    facts: Mapping[Path, ImageFacts], emit: Emit = ignore, should_stop: ShouldStop = never
) -> list[CopyGroup]:
    """Groups of copies, and of copies of copies, in the order of their first path. Raises Stopped.

    Pictures that are blank, or nearly so, are copies only byte for byte.
    """
    paths = sorted(facts)
    numbers: dict[str | bytes, int] = {}
    picture_of = {path: numbers.setdefault(_identity(facts[path]), len(numbers)) for path in paths}
    example = {picture: facts[path] for path, picture in picture_of.items()}
    shown = [picture for picture in example if not example[picture].is_blank]
    pairs = near_copies([example[picture] for picture in shown], emit, should_stop)
    labels = joined(len(numbers), [(shown[one], shown[other]) for one, other in pairs])
    groups: dict[int, list[Path]] = {}
    for path in paths:
        groups.setdefault(int(labels[picture_of[path]]), []).append(path)
    return [_group(members, facts) for members in groups.values() if len(members) > 1]


def _identity(facts: ImageFacts) -> str | bytes:
    return facts.sha256 if facts.is_blank else facts.thumbnail


def _group(paths: Sequence[Path], facts: Mapping[Path, ImageFacts]) -> CopyGroup:
    return CopyGroup(paths=tuple(paths), exact=len({facts[path].sha256 for path in paths}) == 1)
