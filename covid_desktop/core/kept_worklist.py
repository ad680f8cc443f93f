"""The list of the Predict tab on the disk, so that results, marks and comments survive the program.

Two files in the user's data folder (``paths.worklist_folder``), both as ``worklist_file`` writes them, with
the paths of the images and thus the names of their files: the list as it is, and the list of last time until
the user has opened or discarded it. Neither is kept longer: a list that is cleared is gone, and so is one at
the next start in which nothing was said and little was scored. One window at a time keeps its list here.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from covid_desktop.core.atomic import write_text
from covid_desktop.core.events import ShouldStop
from covid_desktop.core.file_lock import hold_within
from covid_desktop.core.review import NOT_REVIEWED
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_file import Entry, read_worklist, worklist_csv
from covid_desktop.errors import UserError

CURRENT, LAST = "worklist.csv", "worklist of last time.csv"
DAMAGED = "worklist that cannot be read.csv"
FEW_RESULTS = 20
"""No more than so many are made again without a question."""

_MARK = " #"
_LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptList:
    """``sources`` are the ``watch_store.model_id`` of the models that gave the results, where known."""

    entries: tuple[Entry, ...]
    sources: Mapping[Path, str]

    @property
    def marked(self) -> int:
        """How many images something was said about."""
        return sum(entry.review != NOT_REVIEWED for entry in self.entries)

    @property
    def is_worth_keeping(self) -> bool:
        results = sum(entry.prediction is not None for entry in self.entries)
        return self.marked > 0 or results > FEW_RESULTS

    @property
    def sentence(self) -> str:
        marked = f"{self.marked:,}" if self.marked else "none"
        return f"The list of last time has {counted(len(self.entries), 'image')}, {marked} of them marked."

    def seen_by(self, source: str) -> "KeptList":
        """The same where the model ``source`` is loaded: its results need no name."""
        own = {path for path, one in self.sources.items() if one == source}
        entries = tuple(replace(one, model="") if one.path in own else one for one in self.entries)
        return KeptList(
            entries=entries, sources={path: one for path, one in self.sources.items() if path not in own}
        )

    def followed_by(self, others: "KeptList") -> "KeptList":
        """Images in both are as they are here."""
        mine = {entry.path for entry in self.entries}
        added = [entry for entry in others.entries if entry.path not in mine]
        return KeptList(entries=(*self.entries, *added), sources={**others.sources, **self.sources})


def hold_place(folder: Path, seconds: float, should_stop: ShouldStop) -> BinaryIO:
    """Keep other windows out until the file is closed; one that has it gets so many seconds to end.

    Raises UserError where it goes on, Stopped.
    """
    try:
        lock = hold_within(folder / _LOCK, seconds, should_stop)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        what = f"The list of images cannot be kept for the next start: {reason}."
        raise UserError(what, f"See to the folder {folder}.") from error
    if lock is None:
        raise UserError(
            "Another window keeps its list of images for the next start; this one's is not kept.",
            "Close the other window, or save these results as CSV.",
        )
    return lock


def keep(folder: Path, kept: KeptList, *, name: str = "", source: str = "") -> None:
    """Write the list as it is, whole or not at all; an empty one is removed. Raises UserError.

    ``name`` and ``source`` are of the model whose results have no name.
    """
    if kept.entries:
        _write(folder / CURRENT, kept, name, source)
    else:
        _remove(folder / CURRENT)


def discard_last(folder: Path) -> None:
    """Forget the list of last time. Raises UserError."""
    _remove(folder / LAST)


def take_over(folder: Path) -> tuple[KeptList | None, UserError | None]:
    """The list of last time, from now on in a file of its own, and what cannot be read.

    What cannot be read is put aside. One that was not opened the time before is part of it. Raises UserError.
    """
    current, before = folder / CURRENT, folder / LAST
    found: dict[Path, KeptList] = {}
    problem = None
    for place in (current, before):
        try:
            if place.is_file() and (kept := _read(place)).is_worth_keeping:
                found[place] = kept
        except UserError as error:
            problem = _put_aside(place, error)
    if current in found:
        if before in found:
            found[current] = found[current].followed_by(found[before])
            _write(current, found[current])
        _move(current, before)
    else:
        _remove(current)
    if not found:
        _remove(before)
    return found.get(current) or found.get(before), problem


def _write(place: Path, kept: KeptList, name: str = "", source: str = "") -> None:
    """The file's column of models holds the model's identity, too: all runs call their file the same."""
    entries = (_with_source(entry, kept.sources.get(entry.path, ""), name, source) for entry in kept.entries)
    write_text(place, worklist_csv(entries, ""))


def _with_source(entry: Entry, own: str, name: str, source: str) -> Entry:
    if entry.prediction is None:
        return entry
    return replace(entry, model=f"{entry.model}{_MARK}{own}" if entry.model else f"{name}{_MARK}{source}")


def _read(place: Path) -> KeptList:
    entries, sources = [], {}
    for entry in read_worklist(place):
        name, mark, source = entry.model.rpartition(_MARK)
        if mark and source:
            sources[entry.path] = source
        entries.append(replace(entry, model=name if mark else entry.model))
    return KeptList(entries=tuple(entries), sources=sources)


def _put_aside(place: Path, error: UserError) -> UserError:
    aside = place.with_name(DAMAGED)
    with suppress(OSError):
        place.replace(aside)
    return UserError(
        f"The list of last time cannot be read: {error.what}", f"It is in {aside} from now on.", error.details
    )


def _move(place: Path, target: Path) -> None:
    try:
        place.replace(target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        what = f"The list of last time could not be moved: {reason}. Until it can, this one is not kept."
        fix = f"Close it in other programs (it is {place}), or save these results as CSV."
        raise UserError(what, fix) from error


def _remove(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"The list that was kept could not be removed: {reason}.", f"Delete {place} yourself."
        ) from error
