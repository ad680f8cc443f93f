"""Files that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from covid_desktop.errors import UserError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that replaces ``path`` when the block ends well.

    The old file stays until then. Raises UserError when the place cannot be written.
    """
    with all_written_whole(path) as (temporary,):
        yield temporary


@contextmanager
def all_written_whole(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """The same for files that belong together: in the end all of them are replaced, or none.

    UserError names the first.
    """
    try:
        with ExitStack() as stack:
            temporaries = tuple(stack.enter_context(_temporary_beside(path)) for path in paths)
            yield temporaries
            for temporary in temporaries:
                _settle(temporary)
            _replace_all(temporaries, paths)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"{paths[0].name} could not be written: {reason}.", "Choose another place or free some space."
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; what is not Unicode in a file's name is escaped."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


@contextmanager
def _temporary_beside(path: Path) -> Iterator[Path]:
    """A new empty file that is gone in the end, unless it has got another name by then."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:32]}-", suffix=path.suffix)
    temporary = Path(name)
    try:
        os.close(handle)
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _settle(temporary: Path) -> None:
    flush(temporary)
    with suppress(OSError):  # a memory stick's file system may know no permissions
        temporary.chmod(0o666 & ~_umask())


def _replace_all(temporaries: Sequence[Path], paths: Sequence[Path]) -> None:
    """Copies of the old files are made first; the last needs none, since nothing can fail after it."""
    with ExitStack() as kept, ExitStack() as undoing:
        copies = [_copied(path, kept) for path in paths[:-1]]
        for temporary, path, copy in zip(temporaries, paths, [*copies, None], strict=True):
            temporary.replace(path)
            undoing.callback(_put_back, path, copy)
        undoing.pop_all()
    if os.name == "posix":
        for folder in {path.parent for path in paths}:
            with suppress(OSError):  # the files are in place; not every file system can flush a folder
                flush(folder)


def _copied(path: Path, kept: ExitStack) -> Path | None:
    """A copy of the old file beside it; None where there is none."""
    if not path.exists():
        return None
    copy = kept.enter_context(_temporary_beside(path))
    shutil.copy2(path, copy)
    flush(copy)
    return copy


def _put_back(path: Path, copy: Path | None) -> None:
    with suppress(OSError):
        if copy:
            copy.replace(path)
        else:
            path.unlink()


def flush(path: Path) -> None:
    """See to it that what was written to a file, or a folder's names, are on the disk. Raises OSError."""
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
