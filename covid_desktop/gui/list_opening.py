"""Puts a list of before in the place of the list: one that was saved, or the one of last time."""

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop.core.kept_worklist import KeptList
from covid_desktop.gui.chosen_model import ChosenModel
from covid_desktop.gui.scoring import Scoring
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_keeper import LastList, WorklistKeeper


class ListOpening(QObject):
    """``opened`` says that another list has taken the place of the list."""

    opened = Signal()

    def __init__(
        self,
        worklist: Worklist,
        scoring: Scoring,
        keeper: WorklistKeeper,
        last_list: LastList,
        chosen: ChosenModel,
    ) -> None:
        super().__init__(worklist)
        self._worklist, self._scoring, self._keeper, self._chosen = worklist, scoring, keeper, chosen
        keeper.found.connect(last_list.show_list)
        last_list.opened.connect(self._on_last_opened)
        last_list.discarded.connect(self._on_last_discarded)

    def open(self, file: KeptList) -> None:
        """Nothing is scored before the next start of the scoring."""
        self._scoring.stop()
        self._scoring.set_adjustments(
            {one.path: one.prediction.adjustment for one in file.entries if one.prediction}
        )
        self._worklist.load(file.entries, file.sources)
        self.opened.emit()

    @Slot(object)
    def _on_last_opened(self, last: KeptList) -> None:
        """Images that are on the list by now stay on it."""
        now = self._worklist.snapshot()
        named = {path: source for path, source in now.sources.items() if path in now.models}
        here = KeptList(entries=tuple(now.entries), sources=named)
        self.open(last.seen_by(self._chosen.source).followed_by(here))
        self._keeper.forget_last()

    @Slot()
    def _on_last_discarded(self) -> None:
        self._keeper.forget_last()
