"""The images that were dropped, their results as they are scored, and what the user says about them."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot

from covid_desktop import jobs
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.review import NOT_REVIEWED, Review
from covid_desktop.core.worklist_file import Entry
from covid_desktop.gui.class_widgets import ClassKind
from covid_desktop.gui.worklist_cells import COLUMNS, SCORE, Image, cell

Index = QModelIndex | QPersistentModelIndex
_TELL_MILLISECONDS = 100
_SAME_THRESHOLD = 1e-6  # a spreadsheet may have rounded it


def kind_of(prediction: Prediction | None, positive_class: str) -> ClassKind:
    """The shape and colour of a result."""
    if prediction is None or prediction.score is None:
        return "none"
    if prediction.is_indeterminate:
        return "indeterminate"
    return "positive" if prediction.label == positive_class else "negative"


class Snapshot(NamedTuple):
    """A list, its results, what is said of them, and whose they are: a model's name and ``model_id``.

    Results without a name are of the model that is loaded.
    """

    paths: list[Path]
    done: dict[Path, Prediction]
    reviews: dict[Path, Review]
    models: dict[Path, str]
    sources: dict[Path, str]

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(
                path=path,
                prediction=self.done.get(path),
                review=self.reviews.get(path, NOT_REVIEWED),
                model=self.models.get(path, ""),
            )
            for path in self.paths
        ]


class Worklist(QAbstractTableModel):
    """Images in the order they came, each with its Prediction, or None while it waits, and its Review.

    Results are there at once; views are told of them at most ten times a second.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self._rows: dict[Path, int] = {}
        self._done: dict[Path, Prediction] = {}
        self._reviews: dict[Path, Review] = {}
        self._models: dict[Path, str] = {}
        self._sources: dict[Path, str] = {}
        self._former: dict[Path, str | None] = {}
        self._classes = ("", "")
        self._untold: tuple[int, int] | None = None
        self._teller = QTimer(self, singleShot=True, interval=_TELL_MILLISECONDS)
        self._teller.timeout.connect(self._tell)

    # --- the list

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

    def load(self, entries: Iterable[Entry], sources: Mapping[Path, str] | None = None) -> None:
        """Take the place of the list, as a file holds it.

        ``sources`` are the ``model_id`` of the models that gave results, where they are known.
        """
        given = {entry.path: entry for entry in entries}
        self.beginResetModel()
        self._forget()
        self._paths = list(given)
        self._rows = {path: row for row, path in enumerate(given)}
        self._done = {path: entry.prediction for path, entry in given.items() if entry.prediction}
        self._models = {path: entry.model for path, entry in given.items() if entry.model}
        self._sources = {path: source for path, source in (sources or {}).items() if path in self._done}
        self._reviews = {path: one.review for path, one in given.items() if one.review != NOT_REVIEWED}
        if not self._classes[0]:
            self._classes = _classes_of(self._done.values())
        self.endResetModel()

    def clear(self) -> None:
        self.beginResetModel()
        self._forget()
        self.endResetModel()

    def forget_results(self, positive_class: str, negative_class: str = "", but_of: str = "") -> None:
        """Every image waits again, for another model.

        Results that were loaded as of that very model, whose ``model_id`` is ``but_of``, stay. Comments stay,
        and so does a mark unless the other model's result turns out to be another one.
        """
        self.beginResetModel()
        kept = {path: self._done[path] for path, source in self._sources.items() if source == but_of}
        self._former |= {path: one.label for path, one in self._done.items() if path not in kept}
        self._done, self._models, self._sources, self._untold = kept, {}, {}, None
        self._classes = (positive_class, negative_class)
        self.endResetModel()

    def _forget(self) -> None:
        self._paths, self._rows, self._done, self._reviews = [], {}, {}, {}
        self._models, self._sources, self._former, self._untold = {}, {}, {}, None

    @property
    def entries(self) -> list[Entry]:
        """All there is to be kept, in the order of the list."""
        return self.snapshot().entries

    def snapshot(self) -> Snapshot:
        """The list as it is now, quickly: its entries can be made elsewhere."""
        return Snapshot(
            list(self._paths),
            dict(self._done),
            dict(self._reviews),
            dict(self._models),
            dict(self._sources),
        )

    @property
    def class_names(self) -> tuple[str, str]:
        """The positive class and the other one; empty while they are not known."""
        return self._classes

    def path(self, row: int) -> Path:
        return self._paths[row]

    def row_of(self, path: Path) -> int | None:
        return self._rows.get(path)

    # --- results

    def other_model_of(self, path: Path, loaded: jobs.Model | None) -> str:
        """The model that gave a result, in words; empty for the one that is loaded."""
        return next(iter(self.other_models([path], loaded)), "")

    def other_models(self, paths: Iterable[Path], loaded: jobs.Model | None) -> tuple[str, ...]:
        """All models but the loaded one that gave results of ``paths``, in words, each once."""
        name, threshold = (loaded.name, loaded.card.threshold) if loaded else ("", None)
        found = (self._other_model_of(path, name, threshold) for path in paths)
        return tuple(dict.fromkeys(filter(None, found)))

    def _other_model_of(self, path: Path, loaded: str, threshold: float | None) -> str:
        """Another model may have the same name: one whose ``model_id`` is known is not the loaded one."""
        name = self._models.get(path, "")
        if name and (path in self._sources or name != loaded):
            return name
        result = self._done.get(path)
        if threshold is None or result is None:
            return ""
        is_same = math.isclose(result.threshold, threshold, abs_tol=_SAME_THRESHOLD)
        return "" if is_same else f"{loaded} before its threshold was changed"

    def set_done(self, prediction: Prediction) -> None:
        path = prediction.path
        row = self._rows.get(path)
        if row is None:
            return
        self._drop_outdated_mark(prediction)
        self._done[path] = prediction
        self._models.pop(path, None)
        self._sources.pop(path, None)
        if not self._classes[1] and kind_of(prediction, self._classes[0]) == "negative":
            self._classes = (self._classes[0], prediction.label or "")
        first, last = self._untold or (row, row)
        self._untold = (min(first, row), max(last, row))
        if not self._teller.isActive():
            self._teller.start()

    def _drop_outdated_mark(self, prediction: Prediction) -> None:
        path, review = prediction.path, self._reviews.get(prediction.path)
        old = self._done.get(path)
        label = self._former.pop(path, prediction.label) if old is None else old.label
        if review and review.verdict and label != prediction.label:
            self._reviews[path] = Review(comment=review.comment, who=review.who, when=review.when)

    @Slot()
    def _tell(self) -> None:
        if self._untold:
            first, last = self._untold
            self._untold = None
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

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

    def prediction(self, row: int) -> Prediction | None:
        return self._done.get(self._paths[row])

    # --- what the user says

    def review(self, path: Path) -> Review:
        return self._reviews.get(path, NOT_REVIEWED)

    def set_review(self, path: Path, review: Review) -> None:
        row = self._rows.get(path)
        if row is None:
            return
        self._reviews[path] = review
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    # --- what a view asks

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
            side = Qt.AlignmentFlag.AlignRight if section == SCORE else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.value(index.row(), index.column(), role)

    def value(self, row: int, column: int, role: int) -> Any:
        """What stands in a cell, or another role of it; None where there is nothing."""
        path = self._paths[row]
        prediction, review = self._done.get(path), self._reviews.get(path, NOT_REVIEWED)
        return cell(role, column, Image(path, prediction, review, kind_of(prediction, self._classes[0])))


def _classes_of(predictions: Iterable[Prediction]) -> tuple[str, str]:
    """The positive class of a file's results, which reach their threshold, and the other one."""
    names = ["", ""]
    for prediction in predictions:
        if prediction.score is not None and not prediction.is_indeterminate:
            names[prediction.score < prediction.threshold] = prediction.label or ""
    return names[0], names[1]
