"""The pictures behind the numbers: the confusion matrix, the images of a cell, and a heatmap of one."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from covid_desktop.core.judgement import Judgement
from covid_desktop.gui.cases_view import CasesView
from covid_desktop.gui.evaluation_canvases import ConfusionCanvas
from covid_desktop.gui.heatmap_view import HeatmapView
from covid_desktop.gui.tokens import GAP, GAP_SMALL

_SIDE = 300


class CasesPage(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._confusion = ConfusionCanvas()
        self._confusion.setFixedHeight(230)
        self.cases = CasesView()
        self.heatmap = HeatmapView()
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._confusion)
        column.addWidget(self.heatmap, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.cases, 1)
        row.addWidget(side)
        self._confusion.cell_chosen.connect(self.cases.choose)

    def close_threads(self) -> None:
        self.cases.images.grid.images.close()

    def show_judgement(self, judgement: Judgement, class_names: tuple[str, str]) -> None:
        self._confusion.show_evaluation(judgement.evaluation, class_names)
        self.cases.show_evaluation(judgement.evaluation, class_names)
