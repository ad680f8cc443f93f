"""Carries out what the user decides about the data, and undoes it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from covid_desktop import curation
from covid_desktop.core.decisions import Decisions
from covid_desktop.core.findings import Finding, Remedy
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.change_words import change_words

STEPS = 20


class Step(QUndoCommand):
    """A decision that has been made. ``restore`` makes other ones count; False if it could not."""

    def __init__(
        self, text: str, before: Decisions, after: Decisions, restore: Callable[[Decisions], bool]
    ) -> None:
        super().__init__(text)
        self._before, self._after, self._restore = before, after, restore
        self._is_new = True

    def undo(self) -> None:
        self._go_to(self._before)

    def redo(self) -> None:
        """Qt calls it for a step that is pushed, too: that one is done already."""
        if not self._is_new:
            self._go_to(self._after)
        self._is_new = False

    def _go_to(self, decisions: Decisions) -> None:
        if not self._restore(decisions):
            self.setObsolete(True)  # Qt takes it off the stack


class Deciding(QObject):
    """``decided`` carries the changed data and what was done, in a sentence; empty where it was undone.

    ``failed`` carries a UserError; nothing has changed then.
    """

    decided = Signal(object, str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._opened: OpenedDataset | None = None
        self.steps = QUndoStack(self)
        self.steps.setUndoLimit(STEPS)

    def set_opened(self, opened: OpenedDataset) -> None:
        """The data that is decided about from now on; of another folder, nothing is left to undo."""
        if self._opened and self._opened.scanned.folder != opened.scanned.folder:
            self.steps.clear()
        self._opened = opened

    def reopen(self, opened: OpenedDataset) -> None:
        """The folder was read again. Where somebody else has decided, undoing one's own would undo theirs."""
        if self._opened and not self._opened.decisions.agree_with(opened.decisions):
            self.steps.clear()

    @Slot(object, str)
    def remedy(self, finding: Finding, remedy: Remedy) -> None:
        self._decide(partial(curation.remedied, finding=finding, remedy=remedy))

    @Slot(list)
    def exclude(self, images: list[Path]) -> None:
        self._decide(partial(curation.exclude, images=images))

    @Slot(list)
    def use_again(self, images: list[Path]) -> None:
        self._decide(partial(curation.use_again, images=images))

    @Slot(list)
    def relabel(self, images: list[Path]) -> None:
        self._decide(partial(curation.relabel, images=images))

    @Slot(str)
    def make_positive(self, name: str) -> None:
        self._decide(partial(curation.with_positive_class, name=name))

    @Slot(str)
    def use_pattern(self, pattern: str) -> None:
        self._decide(partial(curation.with_pattern, pattern=pattern))

    @Slot()
    def set_test_aside(self) -> None:
        self._decide(curation.set_test_aside)

    def _decide(self, change: Callable[[OpenedDataset], OpenedDataset]) -> None:
        if not (before := self._opened) or not (after := self._attempt(change)):
            return
        words = change_words(before, after)
        if words:
            undo, done = words
            self.steps.push(Step(undo, before.decisions, after.decisions, self._restore))
            self.decided.emit(after, done)

    def _restore(self, decisions: Decisions) -> bool:
        """Uses of the test set stay counted: they cannot be undone."""
        if not self._opened:
            return False
        kept = replace(decisions, test_uses=self._opened.decisions.test_uses)
        changed = self._attempt(partial(curation.restored, decisions=kept))
        if changed:
            self.decided.emit(changed, "")
        return changed is not None

    def _attempt(self, change: Callable[[OpenedDataset], OpenedDataset]) -> OpenedDataset | None:
        try:
            return change(self._opened) if self._opened else None
        except UserError as error:
            self.failed.emit(error)
            return None
