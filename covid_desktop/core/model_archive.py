"""A model's file as an archive of strangers: what is in it is looked at before anything is unpacked.

Only the names, sizes and order that this program's own files have are taken, so that no name leads out of the
archive and nothing unpacks to more than the directory says.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from covid_desktop.core import familiarity_file
from covid_desktop.core.model_card import MAX_CARD_BYTES
from covid_desktop.errors import ModelError

CARD = "card.json"
WEIGHTS = "model.weights.h5"
MAX_FILE_BYTES = 2**31
MAX_WEIGHTS_BYTES = 2**31
MOST_MEMBERS = 64
LARGEST_RATIO = 200
"""Of unpacked to packed bytes; members of up to TINY bytes may be packed better."""

TINY = 2**16

_LARGEST = {
    CARD: MAX_CARD_BYTES,
    "config.json": 2**24,  # Keras' own words, which this program never reads
    "metadata.json": 2**20,
    WEIGHTS: MAX_WEIGHTS_BYTES,
    **familiarity_file.LARGEST,
}
_MOST_BYTES = MAX_WEIGHTS_BYTES + 2**28
_MOST_DIRECTORY_BYTES = 2**14
_END = struct.Struct("<4s4H2LH")
_LOCATOR = b"PK\x06\x07"  # of a directory for more than 4 GB
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_HEADER_BYTES = 30
_COPY = "Copy the model again, or choose another one."
_OTHER = "Choose a .keras file that was saved here."


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, when nothing is odd about its directory. Raises ModelError, also for damage met inside."""
    if not path.is_file():
        raise ModelError(f"There is no file {path.name}.", "Choose another model.")
    try:
        with path.open("rb") as file:
            count, start = _read_end(file, path.name)
            with zipfile.ZipFile(file) as archive:
                _require_plain(archive.infolist(), count, start, path.name)
                yield archive
    except ModelError:
        raise
    except Exception as error:  # zipfile and its codecs raise all kinds on a damaged file
        raise ModelError(f"{path.name} is damaged or is not a model file.", _OTHER, repr(error)) from error


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """All of a member, with its checksum compared. Raises zipfile's errors."""
    size = archive.getinfo(name).file_size
    with archive.open(name) as member:
        content = member.read(size)  # without the size, all that it unpacks to would be in memory first
    if len(content) != size:
        raise zipfile.BadZipFile("shorter than announced")
    return content


def _read_end(file: BinaryIO, name: str) -> tuple[int, int]:
    """How many members the archive has and where its directory starts.

    zipfile would read a directory of any size, and look for it in more than one place.
    """
    size = file.seek(0, 2)
    if size > MAX_FILE_BYTES:
        raise _too_large(name)
    file.seek(size - min(size, len(_LOCATOR) + 16 + _END.size))
    tail = file.read()
    signature, _, _, _, count, length, start, comment = _END.unpack(tail[-_END.size :])
    if signature != b"PK\x05\x06" or comment or tail.startswith(_LOCATOR):
        raise zipfile.BadZipFile("no plain end")
    if count > MOST_MEMBERS or length > _MOST_DIRECTORY_BYTES:
        raise ModelError(f"{name} holds more files than any model of this program.", _OTHER)
    if start + length + _END.size != size:
        raise zipfile.BadZipFile("something before or behind the archive")
    return count, start


def _require_plain(members: Sequence[zipfile.ZipInfo], count: int, start: int, name: str) -> None:
    names = [member.orig_filename for member in members]
    if CARD not in names:
        raise ModelError(
            f"{name} has no model card: it was not made by this program.",
            "A Keras model from elsewhere cannot be used. Train a model on the Train tab, or choose one that "
            "was trained here.",
        )
    if len(members) != count:
        raise zipfile.BadZipFile("another number of members than announced")
    for one in names:
        if one.startswith(("/", "\\")) or ".." in one or ":" in one:
            raise ModelError(f"{name} holds a file whose name leads out of it.", _OTHER, repr(one))
        if one not in _LARGEST:
            raise ModelError(f"{name} holds a file that no model of this program has.", _OTHER, repr(one))
    if len(set(names)) != len(names):
        raise ModelError(f"{name} holds two files of one name.", _OTHER)
    for member in members:
        _require_plain_member(member, name)
    if sum(member.file_size for member in members) > _MOST_BYTES:
        raise _too_large(name)
    _require_apart(members, start, name)


def _require_plain_member(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise ModelError(f"{name} is encrypted.", _OTHER)
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ModelError(f"{name} holds a link instead of a file.", _OTHER)
    if member.file_size > _LARGEST[member.filename]:
        raise _too_large(name)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelError(f"{name} is packed in a way that no model of this program is.", _OTHER)
    if member.file_size > max(TINY, LARGEST_RATIO * member.compress_size):
        raise ModelError(f"{name} would unpack to far more than a model holds.", _OTHER)


def _require_apart(members: Sequence[zipfile.ZipInfo], start: int, name: str) -> None:
    """That no two members share bytes, as in an archive that unpacks to more than it holds."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [one.header_offset + _HEADER_BYTES + len(one.filename) + one.compress_size for one in ordered]
    begins = [one.header_offset for one in ordered[1:]] + [start]
    if any(end > begin for end, begin in zip(ends, begins, strict=True)):
        raise ModelError(f"{name} holds files that lie over one another.", _COPY)


def _too_large(name: str) -> ModelError:
    return ModelError(f"{name} is too large to be a model of this program.", "Choose another one.")
