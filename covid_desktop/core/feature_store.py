"""Keeps what a frozen network saw in an image, so that it is read once."""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core import store
from covid_desktop.core.config import Augmentation
from covid_desktop.core.preprocessing import Preprocessing

LIMIT_BYTES = 2**30
_TABLE = (
    "CREATE TABLE IF NOT EXISTS features "
    "(reading TEXT, image TEXT, vector BLOB, PRIMARY KEY (reading, image)) WITHOUT ROWID"
)
log = logging.getLogger(__name__)

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way of reading an image: by which weights, at which size, which augmented copy (0: as it is).

    ``is_blacked_out`` where the centre of the picture was made black.
    """

    weights: str
    preprocessing: Preprocessing
    augmentation: Augmentation
    copy: int
    is_blacked_out: bool = False

    @property
    def key(self) -> str:
        values = asdict(self)
        if self.copy == 0:
            del values["augmentation"]
        if not self.is_blacked_out:
            del values["is_blacked_out"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


class FeatureStore:
    """Vectors by reading and image (content hash). Use in the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, reading: Reading, images: Iterable[str]) -> dict[str, Features]:
        """Those of ``images`` that are known: content hash -> vector."""
        found = {}
        sql = "SELECT vector FROM features WHERE reading = ? AND image = ?"
        try:
            for image in images:
                if row := self._connection.execute(sql, (reading.key, image)).fetchone():
                    found[image] = np.frombuffer(row[0], np.float32)
        except sqlite3.Error as error:  # damaged since it was opened: the images are read again
            log.warning("Features cannot be looked up: %s", type(error).__name__)
        return found

    def put(self, reading: Reading, images: Iterable[str], vectors: Features) -> None:
        rows = [(reading.key, image, vector.tobytes()) for image, vector in zip(images, vectors, strict=True)]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:  # a full disk must not end the run
            log.warning("Features of %d images are not kept: %s", len(rows), type(error).__name__)


@contextmanager
def open_store(folder: Path) -> Iterator[FeatureStore]:
    """The store in ``folder``, made where there is none; one that is damaged or over 1 GB starts anew.

    Where the file cannot be used, the features are kept in memory.
    """
    with store.opened(folder / "features.sqlite", _TABLE, LIMIT_BYTES) as connection:
        yield FeatureStore(connection)
