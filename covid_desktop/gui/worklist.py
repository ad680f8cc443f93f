"""The table of images that were dropped, filled as they are scored."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from covid_desktop.core.prediction import Prediction
from covid_desktop.gui.class_widgets import ClassKind, class_role
from covid_desktop.gui.theme import icon

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Image", "Result", "Score")
WAITING = "Waiting"


def kind_of(prediction: Prediction | None, positive_class: str) -> ClassKind:
    """The shape and colour of a result."""
    if prediction is None or prediction.score is None:
        return "none"
    if prediction.is_indeterminate:
        return "indeterminate"
    return "positive" if prediction.label == positive_class else "negative"


class Worklist(QAbstractTableModel):
    """Images in the order they came, each with its Prediction or None while it waits."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._rows: dict[Path, int] = {}
        self._done: dict[Path, Prediction] = {}
        self._positive_class = ""

    def add(self, paths: Iterable[Path]) -> None:
        """Add those that are not in the list yet."""
        new = [path for path in dict.fromkeys(paths) if path not in self._rows]
        if not new:
            return
        first = len(self._paths)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self._paths += new
        self._rows.update((path, first + number) for number, path in enumerate(new))
        self.endInsertRows()

    def clear(self) -> None:
        self.beginResetModel()
        self._paths, self._rows, self._done = [], {}, {}
        self.endResetModel()

    def forget_results(self, positive_class: str) -> None:
        """Every image waits again, for another model."""
        self.beginResetModel()
        self._done = {}
        self._positive_class = positive_class
        self.endResetModel()

    def set_done(self, prediction: Prediction) -> None:
        row = self._rows.get(prediction.path)
        if row is None:
            return
        self._done[prediction.path] = prediction
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    @property
    def waiting(self) -> list[Path]:
        return [path for path in self._paths if path not in self._done]

    @property
    def done(self) -> int:
        """How many images have a result."""
        return len(self._done)

    @property
    def predictions(self) -> list[Prediction]:
        """Results in the order of the list."""
        return [self._done[path] for path in self._paths if path in self._done]

    def path(self, row: int) -> Path:
        return self._paths[row]

    def prediction(self, row: int) -> Prediction | None:
        return self._done.get(self._paths[row])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._paths)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight if section == 2 else Qt.AlignmentFlag.AlignLeft
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        path = self._paths[index.row()]
        prediction = self._done.get(path)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index.column(), path, prediction)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{path}\n{prediction.error}" if prediction and prediction.error else str(path)
            case Qt.ItemDataRole.DecorationRole if index.column() == 1 and prediction:
                kind = kind_of(prediction, self._positive_class)
                return icon(f"marker-{kind}", class_role(kind))
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 2:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    @staticmethod
    def _text(column: int, path: Path, prediction: Prediction | None) -> str:
        if column == 0:
            return path.name
        if prediction is None:
            return WAITING if column == 1 else ""
        if prediction.score is None:
            return f"Not scored: {prediction.error}" if column == 1 else ""
        return prediction.label or "" if column == 1 else f"{prediction.score:.3f}"
