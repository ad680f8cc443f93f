"""The arrays in an HDF5 file of the plainest kind, found without the HDF5 library.

The library follows links to other files, reads data that other files hold, and unpacks as much as a file asks
for. What Keras writes needs none of that: groups as symbol tables (version 0 of the format), and 32-bit
numbers that lie in one piece. All else is refused. (HDF5 file format specification, version 1.1.)
"""

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SUPERBLOCK = _SIGNATURE + bytes([0, 0, 0, 0, 0, 8, 8, 0])  # versions, and addresses of 8 bytes
_ROOT_ENTRY = 56
_FLOAT32 = bytes.fromhex("11201f00 04000000 0000 2000 17 08 00 17 7f000000")  # little-endian IEEE 754
_MOST_STEPS = 10_000  # of blocks that are looked at
_DEEPEST = 6
_MOST_DIMENSIONS = 8
_MOST_LEVELS = 4  # of a group's tree
_LONGEST_NAME = 128

_NOTHING, _DATASPACE, _DATATYPE, _LAYOUT, _CONTINUATION, _SYMBOL_TABLE = 0x0, 0x1, 0x3, 0x8, 0x10, 0x11
_IGNORED = {_NOTHING, 0x4, 0x5, 0xC, 0x12}  # fill values, attributes, time of change
_REFUSED = {
    0x2: "hold a link",
    0x6: "hold a link",
    0x7: "are kept in another file",
    0xA: "hold a link",
    0xB: "are compressed",
}
_CONTIGUOUS, _VIRTUAL = 1, 3
_SHARED = 0x2
_SOFT_LINK = 2


class Hdf5Error(ValueError):
    """A file of another kind. Its text follows "the weights"."""


class StoredArray(NamedTuple):
    """Little-endian 32-bit floating-point numbers, from ``offset`` on."""

    shape: tuple[int, ...]
    offset: int


def find_arrays(content: bytes) -> dict[str, StoredArray]:
    """Path -> array, of all in the file; each lies inside ``content``. Raises Hdf5Error."""
    try:
        if not content.startswith(_SUPERBLOCK) or content[24:32] != bytes(8):
            raise Hdf5Error("are no plain HDF5 file")
        return dict(_Reader(content).arrays("", _ROOT_ENTRY, _DEEPEST))
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise Hdf5Error("are damaged") from error


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._steps = 0

    def arrays(self, path: str, entry: int, levels: int) -> Iterator[tuple[str, StoredArray]]:
        """Of the object in a symbol table's entry, and below it."""
        (header,) = self._unpack("<8xQ", entry)
        messages = self._messages(header)
        if _SYMBOL_TABLE not in messages:
            yield path, self._array(messages)
            return
        if levels == 0:
            raise Hdf5Error("hold groups in groups without an end")
        tree, heap = self._unpack("<QQ", messages[_SYMBOL_TABLE])
        (names,) = self._unpack("<4s20xQ", heap, b"HEAP")
        seen = set()
        for child in self._entries(tree):
            name = self._name(child, names)
            if name in seen:
                raise Hdf5Error("hold two arrays of one name")
            seen.add(name)
            yield from self.arrays(f"{path}/{name}" if path else name, child, levels - 1)

    def _entries(self, node: int, level: int | None = None) -> Iterator[int]:
        """The places of the entries below a node of a group's tree."""
        kind, found, count = self._unpack("<4sBBH", node, b"TREE")
        if kind != 0 or found > _MOST_LEVELS or level not in (None, found):
            raise Hdf5Error("are damaged")
        for number in range(count):
            (child,) = self._unpack("<Q", node + 32 + 16 * number)
            if found:
                yield from self._entries(child, found - 1)
                continue
            (entries,) = self._unpack("<4s2xH", child, b"SNOD")
            yield from range(child + 8, child + 8 + 40 * entries, 40)

    def _name(self, entry: int, names: int) -> str:
        offset, kind = self._unpack("<Q8xI", entry)
        if kind == _SOFT_LINK:
            raise Hdf5Error("hold a link")
        start = names + offset
        name = self._content[start : start + _LONGEST_NAME].partition(b"\0")[0].decode("ascii")
        if not name or "/" in name or name in (".", ".."):
            raise Hdf5Error("are damaged")
        return name

    def _messages(self, header: int) -> dict[int, int]:
        """Kind -> place of an object's messages, without those that say nothing about its data."""
        version, count, size = self._unpack("<BxH4xI", header)
        if version != 1:
            raise Hdf5Error("are no plain HDF5 file")
        found: dict[int, int] = {}
        blocks = [(header + 16, size)]
        for place, length in blocks:  # grows while it is gone through
            end = place + length
            while place + 8 <= end and count:
                kind, size, flags = self._unpack("<HHB", place)
                place, count = place + 8 + size, count - 1  # noqa: PLW2901
                if kind == _CONTINUATION:
                    begin, reach = self._unpack("<QQ", place - size)
                    blocks.append((begin, reach))
                elif kind in _REFUSED or flags & _SHARED or kind in found:
                    raise Hdf5Error(_REFUSED.get(kind, "are damaged"))
                elif kind in (_DATASPACE, _DATATYPE, _LAYOUT, _SYMBOL_TABLE):
                    found[kind] = place - size
                elif kind not in _IGNORED:
                    raise Hdf5Error("are no plain HDF5 file")
        return found

    def _array(self, messages: dict[int, int]) -> StoredArray:
        if not {_DATASPACE, _DATATYPE, _LAYOUT} <= messages.keys():
            raise Hdf5Error("are damaged")
        datatype = messages[_DATATYPE]
        if self._content[datatype : datatype + len(_FLOAT32)] != _FLOAT32:
            raise Hdf5Error("are not all 32-bit floating-point numbers")
        version, rank = self._unpack("<BB", messages[_DATASPACE])
        if version != 1 or rank > _MOST_DIMENSIONS:
            raise Hdf5Error("are no plain HDF5 file")
        shape = self._unpack(f"<{rank}Q", messages[_DATASPACE] + 8)
        version, layout, offset, size = self._unpack("<BBQQ", messages[_LAYOUT])
        if layout == _VIRTUAL:
            raise Hdf5Error("are kept in another file")
        if version != 3 or layout != _CONTIGUOUS:
            raise Hdf5Error("are not stored in one piece each")
        if size != 4 * math.prod(shape) or offset + size > len(self._content):
            raise Hdf5Error("end before their arrays do")
        return StoredArray(shape, offset)

    def _unpack(self, form: str, place: int, signature: bytes = b"") -> tuple[int, ...]:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Hdf5Error("hold more than any network has")
        values = struct.unpack_from(form, self._content, place)
        if signature:
            if values[0] != signature:
                raise Hdf5Error("are damaged")
            return values[1:]
        return values
