"""Which images of the worklist are shown, and in which order."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal, Slot

from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import Review
from covid_desktop.gui.worklist import Index, Worklist, kind_of
from covid_desktop.gui.worklist_cells import IMAGE, RESULT, SCORE

Wanted = Literal[
    "all", "positive", "negative", "indeterminate", "unscored", "unlike", "disagreed", "unmarked"
]
Count = Literal["positive", "negative", "indeterminate", "unscored", "waiting"]
_ORDER = {"positive": 0, "indeterminate": 1, "negative": 2, "unscored": 3, "waiting": 4}
_MARK_ORDER = {"disagreed": 0, "agreed": 1, None: 3}
_COMMENT_ALONE = 2
_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBER = 20
_DECIMALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """``low`` to ``high`` are scores as they are shown, 0 to 1; ``words`` are in the name of the file."""

    wanted: Wanted = "all"
    low: float = 0.0
    high: float = 1.0
    words: tuple[str, ...] = ()

    def accepts(self, path: Path, prediction: Prediction | None, review: Review, positive: str) -> bool:
        """``words`` are compared in lower case; where a range is set, only what has a score is in it."""
        if self.low > 0 or self.high < 1:
            score = None if prediction is None else prediction.score
            if score is None or not self.low <= round(score, _DECIMALS) <= self.high:
                return False
        if self.words and not all(word in path.name.casefold() for word in self.words):
            return False
        return self.wanted == "all" or self._is_wanted(prediction, review, positive)

    def _is_wanted(self, prediction: Prediction | None, review: Review, positive: str) -> bool:
        match self.wanted:
            case "disagreed":
                return review.verdict == "disagreed"
            case "unmarked":
                return review.verdict is None
            case "unlike":
                return bool(prediction and prediction.refusal)
        return count_of(prediction, positive) == self.wanted


EVERYTHING = Criteria()


def count_of(prediction: Prediction | None, positive_class: str) -> Count:
    """What a result counts as."""
    if prediction is None:
        return "waiting"
    kind = kind_of(prediction, positive_class)
    return "unscored" if kind == "none" else kind


def counts(worklist: Worklist) -> Counter[Count]:
    """How many images of the whole list count as what."""
    positive, _ = worklist.class_names
    found = Counter[Count](count_of(prediction, positive) for prediction in worklist.predictions)
    found["waiting"] = worklist.rowCount() - worklist.done
    return found


class ShownRows(QAbstractTableModel):
    """The rows of a Worklist that fit the criteria, in the order asked for.

    Rows neither come, go nor move when their results do, only at ``refresh``. The order is made in Python:
    QSortFilterProxyModel would ask for two cells at each comparison, a second for 10,000 rows.
    """

    refreshed = Signal()

    def __init__(self, worklist: Worklist) -> None:
        super().__init__(worklist)
        self._worklist = worklist
        self._criteria = EVERYTHING
        self._column, self._order = -1, Qt.SortOrder.AscendingOrder
        self._rows: list[int] = []
        self._places: dict[int, int] = {}
        self.kept: Path | None = None
        """Shown whatever the criteria are: the image that the user is looking at."""
        worklist.dataChanged.connect(self._on_data_changed)
        worklist.rowsInserted.connect(self.refresh)
        worklist.modelAboutToBeReset.connect(self.beginResetModel)
        worklist.modelReset.connect(self._on_reset)
        self._set_rows(self._wanted())

    def set_criteria(self, criteria: Criteria) -> None:
        self._criteria = criteria
        self.refresh()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; by none, -1, in the order of the list."""
        self._column, self._order = column, order
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what fits now. The same rows in another order stay chosen; other rows begin anew."""
        old, new = self._rows, self._wanted()
        if new != old:
            if new[: len(old)] == old:
                self._append(new)
            elif len(new) == len(old) and self._places.keys() == set(new):
                self._move(new)
            else:
                self.beginResetModel()
                self._set_rows(new)
                self.endResetModel()
        self.refreshed.emit()

    def path(self, row: int) -> Path:
        return self._worklist.path(self._rows[row])

    def row_of(self, path: Path) -> int | None:
        """Where an image is shown; None if it is not."""
        row = self._worklist.row_of(path)
        return None if row is None else self._places.get(row)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return self._worklist.columnCount(parent)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return self._worklist.headerData(section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.value(index.row(), index.column(), role)

    def value(self, row: int, column: int, role: int) -> Any:
        """What stands in a cell that is shown, or another role of it; None where there is nothing."""
        return self._worklist.value(self._rows[row], column, role)

    # --- rows

    def _wanted(self) -> list[int]:
        return _sorted(self._fitting(), self._keys(), self._order)

    def _fitting(self) -> list[int]:
        every = range(self._worklist.rowCount())
        if self._criteria == EVERYTHING:
            return list(every)
        positive, _ = self._worklist.class_names
        return [row for row in every if self._fits(row, positive)]

    def _fits(self, row: int, positive: str) -> bool:
        path = self._worklist.path(row)
        if path == self.kept:
            return True
        review = self._worklist.review(path)
        return self._criteria.accepts(path, self._worklist.prediction(row), review, positive)

    def _keys(self) -> Sequence[Any]:
        """What each row of the worklist is sorted by; None stands last either way."""
        if self._column < 0:
            return ()
        return [self._key(row) for row in range(self._worklist.rowCount())]

    def _key(self, row: int) -> Any:
        prediction = self._worklist.prediction(row)
        if self._column == IMAGE:
            name = self._worklist.path(row).name.casefold()
            return _DIGITS.sub(lambda digits: digits[0].zfill(_LONGEST_NUMBER), name)
        if self._column == RESULT:
            return _ORDER[count_of(prediction, self._worklist.class_names[0])]
        if self._column == SCORE:
            return prediction.score if prediction else None
        review = self._worklist.review(self._worklist.path(row))
        return _COMMENT_ALONE if review.comment and not review.verdict else _MARK_ORDER[review.verdict]

    def _set_rows(self, rows: list[int]) -> None:
        self._rows, self._places = rows, {row: place for place, row in enumerate(rows)}

    def _append(self, rows: list[int]) -> None:
        self.beginInsertRows(QModelIndex(), len(self._rows), len(rows) - 1)
        self._set_rows(rows)
        self.endInsertRows()

    def _move(self, rows: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        shown = [self._rows[index.row()] for index in before]
        self._set_rows(rows)
        after = [self.index(self._places[row], old.column()) for row, old in zip(shown, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    @Slot()
    def _on_reset(self) -> None:
        self._set_rows(self._wanted())
        self.endResetModel()
        self.refreshed.emit()

    @Slot(QModelIndex, QModelIndex)
    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """Tell of the rows that are shown: what is drawn for nothing keeps the window busy."""
        changed = range(first.row(), last.row() + 1)
        places = [self._places[row] for row in changed if row in self._places]
        if places:
            end = self.index(max(places), self.columnCount() - 1)
            self.dataChanged.emit(self.index(min(places), 0), end)


def _sorted(rows: list[int], keys: Sequence[Any], order: Qt.SortOrder) -> list[int]:
    if not keys:
        return rows
    known = [row for row in rows if keys[row] is not None]
    known.sort(key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
    return known + [row for row in rows if keys[row] is None]
