"""The table of training runs, sorted by any column and filtered by words and by the open data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.runs import Run
from covid_desktop.gui.severity import VERDICT_MARKS
from covid_desktop.gui.theme import icon, tabular

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Began", "Name", "Network", "Epochs", "AUROC", "Accuracy", "Images", "Audit", "Data", "Note")
NAME, NOTE = COLUMNS.index("Name"), COLUMNS.index("Note")
_EPOCHS, _AUDIT = COLUMNS.index("Epochs"), COLUMNS.index("Audit")
_NUMBERS = range(_EPOCHS, COLUMNS.index("Images") + 1)
_HINTS = {
    "Epochs": "How many were run, and which was the best",
    "AUROC": "On the validation images of the run",
    "Accuracy": "On the validation images of the run",
    "Images": "How many validation images there were",
    "Audit": "What the shortcut audit of the run says",
    "Data": "The same for runs that learnt from the same images",
}
_WIDTHS = (136, 0, 132, 104, 64, 76, 68, 84, 64, 0)
_ROW_HEIGHT = 32
_UNKNOWN = -1.0
_ORDER = {"red": 0.0, "amber": 1.0, "green": 2.0}


class RunsModel(QAbstractTableModel):
    """A row for each run. ``edited`` carries the run, "name" or "note", and what was typed."""

    edited = Signal(object, str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._runs: list[Run] = []
        self._rows: list[tuple[list[str], list[float | str]]] = []

    @property
    def runs(self) -> list[Run]:
        return list(self._runs)

    def set_runs(self, runs: Sequence[Run]) -> None:
        self.beginResetModel()
        self._runs = list(runs)
        self._rows = [(_texts(run), _keys(run)) for run in runs]
        self.endResetModel()

    def replace(self, run: Run) -> None:
        """Show what became of the run in the same folder."""
        row = next(row for row, one in enumerate(self._runs) if one.folder == run.folder)
        self._runs[row], self._rows[row] = run, (_texts(run), _keys(run))
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def run(self, row: int) -> Run:
        return self._runs[row]

    def words(self, row: int) -> str:
        """All that is written in the row."""
        return " ".join([*self._rows[row][0], self._runs[row].folder.name, self._runs[row].problem])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            case Qt.ItemDataRole.ToolTipRole:
                return _HINTS.get(COLUMNS[section])
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911
        run, (texts, keys) = self._runs[index.row()], self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return texts[index.column()]
            case Qt.ItemDataRole.EditRole:
                return {NAME: run.name, NOTE: run.note}.get(index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (texts[index.column()], str(run.folder), run.problem)))
            case Qt.ItemDataRole.DecorationRole:
                return _mark(run, index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case Qt.ItemDataRole.UserRole:
                return keys[index.column()]
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() not in {NAME, NOTE}:
            return False
        self.edited.emit(self._runs[index.row()], "name" if index.column() == NAME else "note", value)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in {NAME, NOTE} else flags


class RunsFilter(QSortFilterProxyModel):
    """The runs that hold all words of a search; only those in ``folders`` unless that is None."""

    def __init__(self, runs: RunsModel) -> None:
        super().__init__(runs)
        self._source = runs
        self._words: list[str] = []
        self._folders: frozenset[Path] | None = None
        self.setSourceModel(runs)
        self.setSortRole(Qt.ItemDataRole.UserRole)

    def set_search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def set_folders(self, folders: frozenset[Path] | None) -> None:
        self._folders = folders
        self.invalidate()

    def run(self, index: Index) -> Run:
        return self._source.run(self.mapToSource(index).row())

    @property
    def runs(self) -> list[Run]:
        """In the order that is shown."""
        return [self.run(self.index(row, 0)) for row in range(self.rowCount())]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: ARG002
        if self._folders is not None and self._source.run(row).folder not in self._folders:
            return False
        words = self._source.words(row).casefold()
        return all(word in words for word in self._words)


def make_table(model: QSortFilterProxyModel) -> QTableView:
    """Rows are chosen whole, several with Ctrl or Shift; the newest run is first."""
    made = QTableView()
    made.setObjectName("runs")
    made.setAccessibleName("Training runs")
    made.setModel(model)
    made.setFont(tabular(made.font()))
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    made.setShowGrid(False)
    made.setWordWrap(False)
    made.setTabKeyNavigation(False)
    made.setSortingEnabled(True)
    made.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
    _size_columns(made.horizontalHeader())
    return made


def _size_columns(header: QHeaderView) -> None:
    header.setHighlightSections(False)
    for column, width in enumerate(_WIDTHS):
        if width:
            header.resizeSection(column, width)
        else:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _mark(run: Run, column: int) -> QIcon | None:
    if column == _AUDIT and run.verdict:
        return icon(*VERDICT_MARKS[run.verdict])
    return icon("warning", "warning") if column == NAME and run.problem else None


def _texts(run: Run) -> list[str]:
    best = run.history.best_epoch
    epochs = f"{len(run.history.epochs)}, best {best}" if best else "-"
    return [
        f"{run.began:%Y-%m-%d %H:%M}" if run.began else "-",
        run.name,
        ARCHITECTURES[run.card.architecture].title if run.card else "Not usable",
        epochs if run.card else "-",
        "-" if run.auroc is None else f"{run.auroc:.3f}",
        "-" if run.accuracy is None else f"{run.accuracy:.3f}",
        "-" if run.n is None else f"{run.n:,}",
        run.verdict.capitalize() if run.verdict else "-",
        run.data or "-",
        run.note,
    ]


def _keys(run: Run) -> list[float | str]:
    """What each column is sorted by."""
    return [
        run.began.timestamp() if run.began else _UNKNOWN,
        run.name.casefold(),
        run.card.architecture if run.card else "",
        float(len(run.history.epochs)),
        _UNKNOWN if run.auroc is None else run.auroc,
        _UNKNOWN if run.accuracy is None else run.accuracy,
        _UNKNOWN if run.n is None else float(run.n),
        _ORDER.get(run.verdict or "", _UNKNOWN),
        run.data,
        run.note.casefold(),
    ]
