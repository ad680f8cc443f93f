"""The tabs of the window: the rail, and beside it the banner and the one that is shown."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.gui.data_tab import DataTab
from covid_desktop.gui.evaluate_tab import EvaluateTab
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.rail import Rail
from covid_desktop.gui.runs_tab import RunsTab
from covid_desktop.gui.train_tab import TrainTab

TABS = {"data": "Data", "train": "Train", "evaluate": "Evaluate", "predict": "Predict", "runs": "Runs"}


class Tabs(QWidget):
    """Shows one tab at a time. ``shown`` says that one was asked for."""

    shown = Signal()

    def __init__(
        self, data: DataTab, train: TrainTab, evaluate: EvaluateTab, predict: PredictTab, runs: RunsTab
    ) -> None:
        super().__init__()
        self.data, self.train, self.evaluate, self.predict, self.runs = data, train, evaluate, predict, runs
        self.banner = Banner()
        self.banner.setProperty("place", "window")
        self.rail = Rail()
        self._stack = QStackedWidget()
        self._lay_out()
        self.rail.tab_chosen.connect(self.show_tab)

    @property
    def current(self) -> str:
        return self.rail.current or next(iter(TABS))

    @Slot(str)
    def show_tab(self, key: str) -> None:
        self.rail.set_current(key)
        self._stack.setCurrentIndex(list(TABS).index(key))
        self.shown.emit()

    @Slot()
    def show_data(self) -> None:
        self.show_tab("data")

    @Slot()
    def show_train(self) -> None:
        self.show_tab("train")

    @Slot()
    def show_predict(self) -> None:
        self.show_tab("predict")

    def close_threads(self) -> None:
        for tab in (self.train, self.data, self.evaluate, self.predict, self.runs):
            tab.close_threads()

    def _lay_out(self) -> None:
        for number, (key, text) in enumerate(TABS.items(), 1):
            self.rail.add_tab(key, text, key, f"Ctrl+{number}")
            self._stack.addWidget(getattr(self, key))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)
        row.addLayout(column, 1)
