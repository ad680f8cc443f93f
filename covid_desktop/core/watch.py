"""Watches the folder that a modality exports to: each file in it is scored once, when it is complete.

Nothing in the folder is ever changed.
"""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from covid_desktop.core.prediction import Prediction
from covid_desktop.core.watch_files import Stamp, changed_files, stamp_of
from covid_desktop.core.watch_store import WatchStore

STILL_SECONDS = 2.0
"""A file that did not change for as long is taken for complete; the folder is not listed more often."""

GIVEN_UP_SECONDS = 60.0
"""A file that cannot be read as an image may be cut off: it gets as long to change."""

_REST = 4
"""On a slow drive the folder is left alone for as many times as long as a listing took."""

Tell = Callable[[Prediction], None]


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A file as it is ``since`` a look. ``is_unreadable`` where it was read and is no whole image."""

    stamp: Stamp
    since: float
    sha256: str = ""
    is_unreadable: bool = False

    def is_ready(self, now: float) -> bool:
        patience = GIVEN_UP_SECONDS if self.is_unreadable else STILL_SECONDS
        return self.stamp[0] > 0 and now - self.since >= patience


class FolderWatch:
    """Which files of ``folder`` are to be scored: ``look``, ``claim`` and score them, and ``settle``.

    Files that are there at the first look are left out unless ``include_existing``, or unless they waited
    when an earlier watch ended. ``clock`` gives seconds that only grow.
    """

    def __init__(
        self,
        folder: Path,
        store: WatchStore,
        *,
        include_existing: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder.absolute()
        self.is_reachable = True
        self._store = store
        self._clock = clock
        self._next_listing = float("-inf")
        self._leaves_out = not include_existing
        files = store.files()
        skipped = ("settled",) if include_existing else ("settled", "left out")
        self._seen = {file.name: file.stamp for file in files if file.state in skipped}
        self._expected = {file.name for file in files if file.state == "waiting"}
        self._contents = {file.name: file.sha256 for file in files if file.sha256}
        self._told = set(self._contents.values())
        self._waiting: dict[str, _Waiting] = {}
        self._claimed: set[str] = set()

    def results(self) -> list[Prediction]:
        """What was said of files by earlier watches."""
        return self._store.results()

    def look(self) -> list[Path]:
        """The files that are complete and new, the oldest first; none when the last look is not long ago.

        ``is_reachable`` says afterwards whether the folder could be listed.
        """
        now = self._clock()
        if now < self._next_listing:
            return []
        try:
            changed = changed_files(self.folder, self._seen)
        except OSError:
            changed = {}  # what was being copied may be cut off when the folder is back: it waits anew
            self.is_reachable = False
        else:
            self.is_reachable = True
            changed = self._without_existing(changed)
        self._note(changed, now)
        end = self._clock()
        self._next_listing = max(now + STILL_SECONDS, end + _REST * (end - now))
        ready = [name for name, file in self._waiting.items() if file.is_ready(now)]
        ready.sort(key=lambda name: (self._waiting[name].stamp[1], name))
        return [self.folder / name for name in ready]

    def claim(self, path: Path, tell: Tell) -> bool:
        """Whether a file that ``look`` gave is to be scored, and by nobody else.

        Where its content has a result already that was not told of it, ``tell`` hears that. A file that
        cannot be opened, that changed or that is scored elsewhere stays for a later look.
        """
        name = self._name(path)
        file = self._waiting.get(name)
        if file is None:
            return False
        file.sha256 = file.sha256 or _content(path, file.stamp)
        if not file.sha256:
            return False
        answer = self._store.claim(name, file.sha256)
        if answer == "mine":
            self._claimed.add(name)
        elif answer == "known":
            self._close_known(name, file, tell)
        return answer == "mine"

    def settle(self, prediction: Prediction) -> bool:
        """Keep the result of a claimed file; False where it is not final and the file waits on.

        It is not where the file changed meanwhile, or where it may be cut off and still to grow.
        """
        name = self._name(prediction.path)
        file = self._waiting[name]
        may_grow = prediction.error is not None and self._clock() - file.since < GIVEN_UP_SECONDS
        if may_grow or not _is_still(prediction.path, file.stamp):
            file.is_unreadable = may_grow
            return False
        self._store.put(name, file.stamp, file.sha256, prediction)
        self._claimed.discard(name)
        self._close(name, file)
        return True

    def release(self) -> None:
        """Leave files that were claimed and not settled to a later look, of whatever instance."""
        for name in self._claimed:
            self._store.release(self._waiting[name].sha256)
        self._claimed.clear()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _without_existing(self, changed: dict[str, Stamp]) -> dict[str, Stamp]:
        """At the first look alone. A file that has had a result was replaced, and that counts as new."""
        if not self._leaves_out:
            return changed
        self._leaves_out = False
        new = {name for name in changed if name in self._expected or name in self._contents}
        existing = {name: stamp for name, stamp in changed.items() if name not in new}
        self._store.leave_out(existing)
        self._seen.update(existing)
        return {name: changed[name] for name in new}

    def _note(self, changed: dict[str, Stamp], now: float) -> None:
        """Files that are no longer there are forgotten."""
        before, self._waiting = self._waiting, {}
        for name, stamp in changed.items():
            file = before.get(name)
            is_same = file is not None and file.stamp == stamp
            self._waiting[name] = file if file and is_same else _Waiting(stamp=stamp, since=now)
        new = {name: stamp for name, stamp in changed.items() if name not in self._expected}
        if new:
            self._store.expect(new)
            self._expected.update(new)

    def _close_known(self, name: str, file: _Waiting, tell: Tell) -> None:
        is_told = file.sha256 in self._told and self._contents.get(name, file.sha256) == file.sha256
        self._store.put_copy(name, file.stamp, file.sha256)
        self._close(name, file)
        result = None if is_told else self._store.result_of(file.sha256, name)
        if result:
            tell(result)

    def _close(self, name: str, file: _Waiting) -> None:
        self._seen[name], self._contents[name] = file.stamp, file.sha256
        self._told.add(file.sha256)
        self._expected.discard(name)
        del self._waiting[name]


def _content(path: Path, stamp: Stamp) -> str:
    """SHA-256 of a file in hex; empty where it is not as ``stamp`` says or cannot be read yet."""
    try:
        with path.open("rb") as file:
            if stamp_of(os.fstat(file.fileno())) != stamp:
                return ""
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _is_still(path: Path, stamp: Stamp) -> bool:
    try:
        return stamp_of(os.lstat(path)) == stamp
    except OSError:
        return False
