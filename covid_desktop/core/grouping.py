"""Which images belong together: of one patient, or copies of one picture."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.dataset import Sample

Copies = Iterable[Sequence[Path]]
"""Groups of files that show the same picture."""


def group_numbers(samples: Sequence[Sample], copies: Copies = ()) -> list[int]:
    """A number for each sample, the same for all that must stay in one set.

    Samples are joined by their patient and by ``copies``, also through others: if A and B are copies
    and B and C of one patient, all three are one group.
    """
    number = {sample.path: index for index, sample in enumerate(samples)}
    first_of: dict[str, int] = {}
    pairs = [
        (first_of.setdefault(sample.patient, index), index)
        for index, sample in enumerate(samples)
        if sample.patient is not None
    ]
    for group in copies:
        known = [number[path] for path in group if path in number]
        pairs += [(known[0], other) for other in known[1:]]
    return [int(label) for label in joined(len(samples), pairs)]


def joined(count: int, pairs: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    """A number for each of ``count``, the same for all that hang together through ``pairs``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(pairs)), (rows, columns)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])
