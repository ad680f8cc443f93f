"""Images that are inverted or turned against the others, seen by what most of them look like."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.registration import Floats, unit

Posture = Literal["inverted", "turned a quarter", "upside down"]

FEWEST = 8  # images among which one can be odd
_LOOKED_AT = 512  # for what most look like; more would not change it
_AT_ONCE = 512
_ALIKE = 0.3  # median correlation with the typical picture, from which there is such a thing
_INVERTED = -0.15  # chest images and CT slices lie above 0, whatever their disease
_DISTINCT = {"turned a quarter": 0.1, "upside down": 0.3}  # what turning must cost the others at least
_TURNS: dict[Posture, tuple[int, ...]] = {"turned a quarter": (1, 3), "upside down": (2,)}


def postures(facts: Mapping[Path, ImageFacts]) -> dict[Path, Posture]:
    """The images that are not as the others are, where these are enough alike to tell."""
    seen = {path: one for path, one in facts.items() if not one.is_blank}
    if len(seen) < FEWEST:
        return {}
    paths = list(seen)
    typical = _typical([seen[path].picture for path in paths])
    upright, turned = _likeness([seen[path].picture for path in paths], typical)
    if np.median(upright) < _ALIKE:
        return {}
    found: dict[Path, Posture] = {paths[index]: "inverted" for index in np.flatnonzero(upright <= _INVERTED)}
    for posture, likeness in turned.items():
        gain = likeness - upright
        cost = -float(np.median(gain))
        # An image that is turned gains by being turned back what the others lose.
        is_turned = (gain >= cost / 2) & (likeness >= np.median(upright) / 2)
        if cost >= _DISTINCT[posture]:
            found |= {paths[index]: posture for index in np.flatnonzero(is_turned)}
    return found


def _typical(pictures: list[NDArray[np.uint8]]) -> Floats:
    """The median of pictures spread over the data set."""
    chosen = pictures[:: -(-len(pictures) // _LOOKED_AT)]
    return np.asarray(unit(np.median(unit(np.stack(chosen)), axis=0)[None])[0])


def _likeness(pictures: list[NDArray[np.uint8]], typical: Floats) -> tuple[Floats, dict[Posture, Floats]]:
    """The correlation of each picture with the typical one, as it is and turned."""
    side = pictures[0].shape[0]
    square = typical.reshape(side, side)
    # To turn the picture back is to turn the typical one forth.
    wanted = np.stack([np.rot90(square, -quarters).ravel() for quarters in range(4)], axis=1)
    parts = [
        unit(np.stack(pictures[start : start + _AT_ONCE])) @ wanted
        for start in range(0, len(pictures), _AT_ONCE)
    ]
    likeness = np.concatenate(parts)
    turned = {posture: likeness[:, list(quarters)].max(axis=1) for posture, quarters in _TURNS.items()}
    return likeness[:, 0], turned
