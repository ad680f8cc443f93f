"""Reads every image of a data set once and keeps what was found."""

from collections.abc import Sequence
from pathlib import Path

from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.facts_store import Result, file_key, open_facts
from covid_desktop.core.image import examine
from covid_desktop.core.loading import read_ahead
from covid_desktop.errors import ImageError, Stopped


def survey(
    paths: Sequence[Path], cache: Path, emit: Emit = ignore, should_stop: ShouldStop = never
) -> dict[Path, Result]:
    """The facts of each file, or why it cannot be read, in the order of ``paths``.

    Files that did not change since they were read are known from the folder ``cache``. Raises Stopped;
    what was read until then is kept there.
    """
    keys: dict[Path, bytes | None] = {}
    found: dict[Path, Result] = {}

    def go_on(step: int) -> None:
        if should_stop():
            raise Stopped
        if step % 10 == 0:
            emit(Progress(stage="Reading every image", done=len(found), total=len(paths)))

    with open_facts(cache) as store:
        for step, path in enumerate(paths):
            go_on(step)
            key = keys[path] = file_key(path)
            if key and (known := store.get(key)):
                found[path] = known
        missing = [path for path in keys if path not in found]
        for step, (path, result) in enumerate(zip(missing, read_ahead(missing, examine), strict=True)):
            go_on(step)
            found[path] = result
            key = keys[path]
            if key and not _may_pass(result):
                store.put(key, result)
    return {path: found[path] for path in keys}


def _may_pass(result: Result) -> bool:
    """Whether reading failed for a reason outside the file: no permission, no memory, a lost connection."""
    cause = result.__cause__ if isinstance(result, ImageError) else None
    # Of damaged files Pillow says OSError too, but without a number.
    return isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno is not None)
