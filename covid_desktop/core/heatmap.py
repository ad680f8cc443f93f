"""What a heatmap (height, width) of values from 0 to 1 says in numbers, and what it does not say."""

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.sights import CENTRE
from covid_desktop.core.words import percent

__all__ = ["CENTRE", "HEATMAP_CAVEAT", "Heat", "central_share", "peak", "share_words"]

Heat = NDArray[np.float32]
HEATMAP_CAVEAT = "The heatmap shows where the model looked, and proves nothing."


def central_share(heatmap: Heat) -> float | None:
    """The share, 0 to 1, of the map's sum inside the central three fifths of each side.

    That is the area which the shortcut audit blacks out. None where nothing is marked.
    """
    total = float(heatmap.sum(dtype=np.float64))
    if total == 0:
        return None
    rows, columns = (round(side * (1 - CENTRE) / 2) for side in heatmap.shape)
    centre = heatmap[rows : heatmap.shape[0] - rows, columns : heatmap.shape[1] - columns]
    return float(centre.sum(dtype=np.float64)) / total


def share_words(share: float) -> str:
    """How much of a heatmap lies in the centre, as ``central_share`` gives it; without a full stop."""
    return f"{percent(share)} of it lies in the central area"


def peak(heatmap: Heat) -> tuple[int, int]:
    """Row and column of the largest value; of the first one where several are equal."""
    row, column = np.unravel_index(int(heatmap.argmax()), heatmap.shape)
    return int(row), int(column)
