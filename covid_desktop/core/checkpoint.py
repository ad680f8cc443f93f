"""What a training run needs to go on after an epoch, in one file that is whole or is not used.

The file: sizes and SHA-256 of its two parts, then a header (JSON) and arrays (``.npz``, stored, no pickle).
"""

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.events import EpochEnded, LearningRateReduced, TrainingStarted
from covid_desktop.core.history import BatchPoint, TrainingHistory

MAGIC = b"CDCKPT\x01\n"
MAX_HEADER_BYTES = 2**26
MAX_ARRAY_BYTES = 2**33
_SIZES = struct.Struct("<8sIQ32s")  # magic, bytes of the header, bytes of the arrays, SHA-256 of the arrays
_START = _SIZES.size + 32  # the SHA-256 of the sizes and the header follows
_CHUNK = 2**20

Array = NDArray[Any]
Contents = dict[str, list[tuple[str, int]]]
"""For the training and the validation set, the content hash and label of each image in order."""


class DamagedCheckpoint(Exception):
    """The file is torn, damaged or none of this program's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a run stands after ``epoch`` epochs; the arrays of weights are beside it in the file.

    ``began`` is in ISO format, ``split_seed`` what the data was divided by. ``contents`` is empty before
    the images were read, ``ended`` empty while there are epochs to come. ``callbacks`` holds counters of
    those that wait for an improvement.
    """

    config: TrainingConfig
    data_folder: Path
    split_seed: int
    began: str
    epoch: int = 0
    contents: Contents = field(default_factory=dict)
    history: TrainingHistory = field(default_factory=TrainingHistory)
    ended: str = ""
    best_epoch: int | None = None
    best_loss: float = float("inf")
    callbacks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__}
        changed = {
            "config": self.config.to_json(),
            "data_folder": str(self.data_folder),
            "history": asdict(self.history),
        }
        return values | changed

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Raises TypeError, ValueError, KeyError, AttributeError for what ``to_json`` did not give."""
        contents = values["contents"].items()
        changed = {
            "config": TrainingConfig.from_json(values["config"]),
            "data_folder": Path(values["data_folder"]),
            "contents": {name: [(str(image), int(label)) for image, label in one] for name, one in contents},
            "history": _history(values["history"]),
        }
        return cls(**values | changed)


def write(path: Path, checkpoint: Checkpoint, arrays: Iterable[tuple[str, Array]] = ()) -> None:
    """Write the file whole or not at all, one array after another. Raises UserError."""
    header = json.dumps(checkpoint.to_json()).encode()
    with written_whole(path) as temporary, temporary.open("wb") as file:
        file.write(bytes(_START) + header)
        counted = _Counted(file)
        with zipfile.ZipFile(counted, "w") as archive:  # type: ignore[call-overload]
            for name, array in arrays:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), (1, 0), allow_pickle=False)
        sizes = _SIZES.pack(MAGIC, len(header), counted.bytes, counted.sha256.digest())
        file.seek(0)
        file.write(sizes + hashlib.sha256(sizes + header).digest())


def read(path: Path) -> Checkpoint:
    """The header alone; the arrays' sizes are checked, their content is not. Raises DamagedCheckpoint."""
    try:
        with path.open("rb") as file:
            return _read_header(file)[0]
    except (OSError, RecursionError) as error:
        raise DamagedCheckpoint(type(error).__name__) from error


def read_arrays(path: Path) -> tuple[Checkpoint, dict[str, Array]]:
    """All of the file, once its checksums are right. Raises DamagedCheckpoint."""
    try:
        with path.open("rb") as file:
            checkpoint, size, sha256 = _read_header(file)
            start = file.tell()
            if _hash_of_rest(file) != sha256:
                raise DamagedCheckpoint("the weights are damaged")
            file.seek(start)
            return checkpoint, _unpacked(file, size)
    except (OSError, ValueError, KeyError, RecursionError, zipfile.BadZipFile) as error:
        raise DamagedCheckpoint(type(error).__name__) from error


class _Counted:
    """A file that is written in order: how many bytes, and their SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.bytes, self.sha256 = 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _read_header(file: BinaryIO) -> tuple[Checkpoint, int, bytes]:
    """The header, and the size and hash of the arrays that the file goes on with."""
    start = file.read(_START)
    if len(start) < _START or not start.startswith(MAGIC):
        raise DamagedCheckpoint("not a checkpoint of this program")
    sizes = start[: _SIZES.size]
    _, header_bytes, array_bytes, sha256 = _SIZES.unpack(sizes)
    if header_bytes > MAX_HEADER_BYTES or array_bytes > MAX_ARRAY_BYTES:
        raise DamagedCheckpoint("it is too large")
    if file.seek(0, 2) != _START + header_bytes + array_bytes:
        raise DamagedCheckpoint("it is cut off")
    file.seek(_START)
    header = file.read(header_bytes)
    if hashlib.sha256(sizes + header).digest() != start[_SIZES.size :]:
        raise DamagedCheckpoint("its header is damaged")
    try:
        return Checkpoint.from_json(json.loads(header)), array_bytes, sha256
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise DamagedCheckpoint("it is of another version") from error


def _hash_of_rest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()


def _unpacked(file: BinaryIO, size: int) -> dict[str, Array]:
    arrays = {}
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size:
                raise DamagedCheckpoint("its arrays are packed")
            with archive.open(entry) as member:
                arrays[entry.filename.removesuffix(".npy")] = _array(member)
    return arrays


def _array(member: IO[bytes]) -> Array:
    """As ``np.lib.format.read_array``, but of what is there: a header cannot ask for more memory."""
    if np.lib.format.read_magic(member) != (1, 0):
        raise DamagedCheckpoint("its arrays are of another version")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(member)
    return np.frombuffer(member.read(), dtype).reshape(shape, order="F" if is_fortran else "C")


def _history(values: dict[str, Any]) -> TrainingHistory:
    started = values["started"]
    made = {
        "started": TrainingStarted(**started) if started else None,
        "epochs": tuple(EpochEnded(**one) for one in values["epochs"]),
        "batches": tuple(BatchPoint(**one) for one in values["batches"]),
        "reductions": tuple(LearningRateReduced(**one) for one in values["reductions"]),
    }
    return TrainingHistory(**values | made)
