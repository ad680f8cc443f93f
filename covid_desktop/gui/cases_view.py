"""The images behind a cell of the confusion matrix, the most confidently wrong first."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.image_view import ClassView
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import Segmented

_OUTSIDE = "These images are not part of the open data: nothing can be decided about them here."
_NAME_WIDTH = 24  # characters of a class
Cell = tuple[int, int]
CELLS: dict[str, Cell] = {"missed": (1, 0), "false_alarms": (0, 1), "found": (1, 1), "cleared": (0, 0)}
"""Key -> the true label and the label it was given."""

_WORDS = {"missed": "Missed", "false_alarms": "False alarms", "found": "Found", "cleared": "Cleared"}


class CasesView(QWidget):
    """``image_chosen`` carries the path of the one image that is selected, or None."""

    image_chosen = Signal(object)
    image_opened = Signal(object)
    exclude_chosen = Signal(list)
    relabel_chosen = Signal(list)
    retrain_chosen = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._class_names = ("", "")
        self._used: set[Path] = set()
        self._choice = Segmented(list(_WORDS.items()))
        self.images = ClassView("cases", suffix="cases")
        self._retrain = self.images.add_action("Train again without these", "retrain_without_cases")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._choice)
        column.addWidget(self.images, 1)
        self._choice.chosen.connect(self._show_cell)
        self.images.selected.connect(self._on_selected)
        self.images.opened.connect(self.image_opened)
        self.images.exclude_chosen.connect(self.exclude_chosen)
        self.images.relabel_chosen.connect(self.relabel_chosen)
        self._retrain.triggered.connect(self._on_retrain_triggered)

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The open data, of which images can be excluded or given the other class."""
        self.images.set_dataset(opened)
        self._used = {sample.path for sample in opened.dataset.samples}
        self._show_hindrance()

    def show_evaluation(self, evaluation: Evaluation, class_names: tuple[str, str]) -> None:
        self._evaluation, self._class_names = evaluation, class_names
        for key, cell in CELLS.items():
            self._choice.set_count(key, len(cases(evaluation, cell)))
        self._show_cell()

    @Slot(int, int)
    def choose(self, truth: int, called: int) -> None:
        """Show the images of a cell."""
        key = next(key for key, cell in CELLS.items() if cell == (truth, called))
        self._choice.set_current(key)
        self._show_cell()

    @Slot()
    def _show_cell(self) -> None:
        if not self._evaluation:
            return
        truth, called = CELLS[self._choice.current]
        found = cases(self._evaluation, (truth, called))
        notes = {path: f"score {score:.3f}" for path, score in found.items()}
        self.images.set_other_class(_shortened(self._class_names[1 - truth]))
        self.images.show_images(list(found), notes=notes)
        self._show_hindrance()

    def _show_hindrance(self) -> None:
        """Only what is in the open data can be excluded from it; of a mixture, no image is chosen for it."""
        grid = self.images.grid
        paths = grid.selected_paths() or grid.images.paths
        is_outside = bool(paths) and not self._used.issuperset(paths)
        self.images.set_hindrance(_OUTSIDE if is_outside else "")

    @Slot()
    def _on_retrain_triggered(self) -> None:
        self.retrain_chosen.emit(self.images.grid.selected_paths())

    @Slot(list)
    def _on_selected(self, paths: list[Path]) -> None:
        self._show_hindrance()
        self.image_chosen.emit(paths[0] if len(paths) == 1 else None)


def cases(evaluation: Evaluation, cell: Cell) -> Mapping[Path, float]:
    """The score of each image of a cell, those farthest from the threshold first."""
    truth, called = cell
    found = [
        (path, score)
        for path, label, score in zip(evaluation.paths, evaluation.labels, evaluation.scores, strict=True)
        if (label, int(score >= evaluation.threshold)) == (truth, called)
    ]
    return dict(sorted(found, key=lambda pair: -abs(pair[1] - evaluation.threshold)))


def _shortened(name: str) -> str:
    """A tool button would leave the dots of an elided name out."""
    return name if len(name) <= _NAME_WIDTH else "the other one"
