"""Read tensors from a file in PyTorch's legacy format, without PyTorch and without running anything in it.

The file is five pickles (magic number, version, system, the tensors' names and shapes, the storages'
keys), then each storage: its number of elements as a 64-bit integer and the elements themselves.
"""

import hashlib
import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from covid_desktop.errors import ModelError

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
MAX_BYTES = 2**26
_MOST_TENSORS = 1000
_REFUSED_OPCODES = (
    pickle.BYTEARRAY8,  # takes the memory before it looks whether there is as much
    pickle.NEXT_BUFFER,
    pickle.READONLY_BUFFER,
    pickle.EXT1,
    pickle.EXT2,
    pickle.EXT4,
    pickle.INST,
    pickle.OBJ,
    pickle.NEWOBJ,
    pickle.NEWOBJ_EX,
)
_DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
}


_INSTALL = "Install the program again."


class _Storage(NamedTuple):
    key: str
    dtype: str
    numel: int


class _Tensor(NamedTuple):
    """A view of a storage; offset and strides in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(path: Path, sha256: str | None = None) -> dict[str, NDArray[Any]]:
    """Name -> read-only array, for each tensor of a state dictionary saved by ``torch.save``.

    With ``sha256`` the file must be that one. Nothing in it is executed and no array is larger than the file,
    which has at most MAX_BYTES. Raises ModelError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read as a file of tensors.", _INSTALL, str(error)) from error
    if len(content) > MAX_BYTES:
        raise ModelError(f"{path.name} is too large to be a file of pretrained weights.", _INSTALL)
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"{path.name} is not the file of pretrained weights that was published.", _INSTALL)
    try:
        return _read(content)
    except Exception as error:
        raise ModelError(
            f"{path.name} cannot be read as a file of tensors.", _INSTALL, repr(error)
        ) from error


def _read(content: bytes) -> dict[str, NDArray[Any]]:
    file = io.BytesIO(content)
    if (_unpickle(file), _unpickle(file)) != (_MAGIC, _VERSION) or not _unpickle(file)["little_endian"]:
        raise ValueError("not PyTorch's legacy format")
    tensors: dict[str, Any] = _unpickle(file)
    if not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise ValueError("not only tensors")
    if len(tensors) > _MOST_TENSORS:
        raise ValueError("too many tensors")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    data = {storages[key]: _read_storage(file, storages[key]) for key in _unpickle(file)}
    return {name: _array(tensor, data[tensor.storage]) for name, tensor in tensors.items()}


def _read_storage(file: io.BytesIO, storage: _Storage) -> NDArray[Any]:
    if int.from_bytes(file.read(8), "little") != storage.numel:
        raise ValueError("storage of another length than announced")
    data = np.frombuffer(file.getbuffer().toreadonly(), storage.dtype, storage.numel, file.tell())
    file.seek(data.nbytes, io.SEEK_CUR)
    return data


def _array(tensor: _Tensor, data: NDArray[Any]) -> NDArray[Any]:
    """The tensor as a view of its storage. NumPy refuses a view that leaves its buffer."""
    strides = [stride * data.itemsize for stride in tensor.strides]
    array = np.ndarray(tensor.shape, data.dtype, data, tensor.offset * data.itemsize, strides)
    if array.size > data.size:
        raise ValueError("tensor larger than its storage")
    return array


def _unpickle(file: io.BytesIO) -> Any:
    return _TensorUnpickler(file).load()


# The unpickler written in C would allocate a memo as large as the file asks for.
class _TensorUnpickler(pickle._Unpickler):
    """Knows tensors and nothing else. What it returns is immutable, so that a file cannot alter it."""

    dispatch: ClassVar = {
        code: load
        for code, load in pickle._Unpickler.dispatch.items()
        if code not in {opcode[0] for opcode in _REFUSED_OPCODES}
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._rebuild_tensor
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not a tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, numel, view = pid
        if kind != "storage" or view is not None or dtype not in _DTYPES.values():
            raise pickle.UnpicklingError("not a storage")
        return _Storage(key, dtype, numel)

    def _rebuild_tensor(self, storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
        if not isinstance(storage, _Storage):
            raise pickle.UnpicklingError("not a storage")
        return _Tensor(storage, offset, shape, strides)
