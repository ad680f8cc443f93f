"""The two pages of the Predict tab: where to drop images, and the list with the image that is looked at."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.gui.answer import Answer
from covid_desktop.gui.drop_area import DropArea
from covid_desktop.gui.picture_view import PictureView
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import label, push_button
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_view import WorklistView

Describe = Callable[[list[Path]], str]


class StartPage(DropArea):
    """Takes images before there is a list; its buttons ask for files and models."""

    images_requested = Signal()
    model_requested = Signal()

    def __init__(self, describe_drop: Describe) -> None:
        super().__init__(
            "Drop images, folders or DICOM here",
            "Or a model that was saved here. PNG, JPEG, TIFF, BMP, WebP and DICOM are read.",
            describe=describe_drop,
        )
        choose = self.add_button("Choose images", "choose_images", primary=True)
        choose.clicked.connect(self.images_requested)
        self.add_button("Load model", "load_first_model").clicked.connect(self.model_requested)


class ListPage(QWidget):
    """The list, the picture and the answer beside each other, below buttons that ask for what they say."""

    images_requested = Signal()
    model_requested = Signal()
    report_requested = Signal()
    export_requested = Signal()
    clear_requested = Signal()

    def __init__(self, worklist: Worklist) -> None:
        super().__init__()
        self.view = WorklistView(worklist)
        self.picture = PictureView()
        self.answer = Answer()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._add = push_button("Add images", "add_images")
        self._load = push_button("Load model", "load_model")
        self._report = push_button("Save report", "save_worklist_report")
        self._export = push_button("Save as CSV", "save_csv")
        self._clear = push_button("Clear list", "clear_list")
        self._lay_out()
        self._connect()

    def show_state(self, *, has_results: bool, has_model: bool) -> None:
        """Enable what can be done now."""
        self._export.setEnabled(has_results)
        self._report.setEnabled(has_results and has_model)

    def _connect(self) -> None:
        self._add.clicked.connect(self.images_requested)
        self._load.clicked.connect(self.model_requested)
        self._report.clicked.connect(self.report_requested)
        self._export.clicked.connect(self.export_requested)
        self._clear.clicked.connect(self.clear_requested)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addLayout(self._bar())
        self.splitter.setObjectName("predict_splitter")
        self.splitter.setHandleWidth(GAP)
        for part, stretch in ((self.view, 2), (self.picture, 3), (_answer_column(self.answer), 1)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([470, 430, 280])
        column.addWidget(self.splitter, 1)

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(GAP_SMALL)
        icons = {self._add: "file-image", self._load: "model", self._report: "export", self._export: "export"}
        for button, name in {**icons, self._clear: "remove"}.items():
            button.setIcon(icon(name))
            bar.addWidget(button)
        bar.insertStretch(2, 1)
        return bar


def _answer_column(answer: Answer) -> QWidget:
    """The notice stays on the screen, however long the answer is."""
    notice = label(RESEARCH_USE, "strong", wrap=True)
    notice.setObjectName("research_use")
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GAP_SMALL)
    column.addWidget(scrolling(answer), 1)
    column.addWidget(notice)
    return made


def scrolling(answer: Answer) -> QScrollArea:
    """An area as high as there is room, in which the answer scrolls up and down."""
    area = QScrollArea()
    area.setObjectName("answer")
    area.setAccessibleName("Result of the image")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(answer)
    area.setMinimumWidth(280)
    return area
