"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from covid_desktop.errors import UserError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that replaces ``path`` when the block ends well.

    The old file stays until then. Raises UserError when the place cannot be written.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:32]}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flush(temporary)
        with suppress(OSError):  # a memory stick's file system may know no permissions
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        if os.name == "posix":
            with suppress(OSError):  # the file is in place; not every file system can flush a folder
                _flush(path.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"{path.name} could not be written: {reason}.", "Choose another place or free some space."
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; what is not Unicode in a file's name is escaped."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


def _flush(path: Path) -> None:
    flags = os.O_RDONLY if path.is_dir() or os.name == "posix" else os.O_RDWR
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
