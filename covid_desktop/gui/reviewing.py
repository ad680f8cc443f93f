"""Carries out what the user says about results, and undoes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from covid_desktop.core.review import NOT_REVIEWED, Review, Verdict
from covid_desktop.gui.worklist import Worklist

STEPS = 200
_WORDS: dict[Verdict | None, str] = {"agreed": "Agree", "disagreed": "Disagree", None: "Remove mark"}


def _now() -> datetime:
    return datetime.now().astimezone()


class Step(QUndoCommand):
    """What is said about one image. ``restore`` says it; False if the image is not in the list any more."""

    def __init__(
        self, text: str, path: Path, before: Review, after: Review, restore: Callable[[Path, Review], bool]
    ) -> None:
        super().__init__(text)
        self._path, self._before, self._after, self._restore = path, before, after, restore

    def undo(self) -> None:
        self._say(self._before)

    def redo(self) -> None:
        """Qt calls it for a step that is pushed, too."""
        self._say(self._after)

    def _say(self, review: Review) -> None:
        if not self._restore(self._path, review):
            self.setObsolete(True)  # Qt takes it off the stack


class Reviewing(QObject):
    """``reviewed`` carries the path of an image about which something else is said now."""

    reviewed = Signal(object)

    def __init__(self, worklist: Worklist, now: Callable[[], datetime] = _now) -> None:
        super().__init__(worklist)
        self._worklist = worklist
        self._now = now
        self._reviewer: str | None = None
        self.steps = QUndoStack(self)
        self.steps.setUndoLimit(STEPS)
        worklist.modelReset.connect(self.steps.clear)

    def set_reviewer(self, name: str | None) -> None:
        """Whose name is kept, and the time with it, from now on; None keeps neither."""
        self._reviewer = name

    def mark(self, path: Path, verdict: Verdict | None) -> None:
        before = self._worklist.review(path)
        if verdict != before.verdict:
            self._push(f"{_WORDS[verdict]}, {path.name}", path, replace(before, verdict=verdict))

    def comment(self, path: Path, comment: str) -> None:
        before = self._worklist.review(path)
        if comment != before.comment:
            self._push(f"Comment, {path.name}", path, replace(before, comment=comment))

    def _push(self, text: str, path: Path, said: Review) -> None:
        after = NOT_REVIEWED
        if said.verdict or said.comment:
            who, when = self._reviewer or "", ""
            if self._reviewer is not None:
                when = self._now().isoformat(timespec="seconds")
            after = replace(said, who=who, when=when)
        self.steps.push(Step(text, path, self._worklist.review(path), after, self._restore))

    def _restore(self, path: Path, review: Review) -> bool:
        if self._worklist.row_of(path) is None:
            return False
        self._worklist.set_review(path, review)
        self.reviewed.emit(path)
        return True
