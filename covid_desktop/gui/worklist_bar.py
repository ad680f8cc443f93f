"""The filters above the worklist: by result, by score and by name."""

from typing import cast

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.gui.class_widgets import ClassKind, class_role
from covid_desktop.gui.theme import icon, theme
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label
from covid_desktop.gui.worklist_filter import Criteria, Wanted

_WORDS: dict[Wanted, str] = {
    "all": "All results",
    "positive": "Positive class",
    "negative": "Other class",
    "indeterminate": "Indeterminate",
    "unscored": "Not scored",
    "unlike": "Not like training images",
    "disagreed": "Disagreed",
    "unmarked": "Not marked",
}
_KINDS: dict[Wanted, ClassKind] = {
    "positive": "positive",
    "negative": "negative",
    "indeterminate": "indeterminate",
    "unscored": "none",
}
_STEP = 0.05


class FilterBar(QWidget):
    """``changed`` comes with each change; ``criteria`` are what is asked for."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._result = QComboBox()
        self._result.setObjectName("filter_result")
        self._result.setAccessibleName("Show results")
        self._result.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._result.setMinimumContentsLength(14)
        for wanted, words in _WORDS.items():
            self._result.addItem(words, wanted)
        self._show_icons()
        theme().changed.connect(self._show_icons)
        self._text = QLineEdit()
        self._text.setObjectName("filter_text")
        self._text.setAccessibleName("Search for names of images")
        self._text.setPlaceholderText("Search names")
        self._text.setClearButtonEnabled(True)
        self._low = _score_box("filter_low", "Lowest score shown", 0.0)
        self._high = _score_box("filter_high", "Highest score shown", 1.0)
        self._lay_out()
        self._result.currentIndexChanged.connect(self.changed)
        self._text.textChanged.connect(self.changed)
        self._low.valueChanged.connect(self._on_low_changed)
        self._high.valueChanged.connect(self._on_high_changed)

    @property
    def criteria(self) -> Criteria:
        return Criteria(
            wanted=cast(Wanted, self._result.currentData()),
            low=round(self._low.value(), 2),
            high=round(self._high.value(), 2),
            words=tuple(self._text.text().casefold().split()),
        )

    def set_class_names(self, positive: str, negative: str) -> None:
        """Call the classes by their names; by what they are where a name is not known."""
        for wanted, name in (("positive", positive), ("negative", negative)):
            row = self._result.findData(wanted)
            self._result.setItemText(row, name or _WORDS[cast(Wanted, wanted)])

    def show_all(self) -> None:
        """Take every filter away."""
        with QSignalBlocker(self._result), QSignalBlocker(self._text):
            with QSignalBlocker(self._low), QSignalBlocker(self._high):
                self._low.setValue(0.0)
                self._high.setValue(1.0)
            self._result.setCurrentIndex(0)
            self._text.clear()
        self.changed.emit()

    def go_to_search(self) -> None:
        self._text.setFocus()
        self._text.selectAll()

    @Slot()
    def _show_icons(self) -> None:
        for wanted, kind in _KINDS.items():
            self._result.setItemIcon(self._result.findData(wanted), icon(f"marker-{kind}", class_role(kind)))

    @Slot(float)
    def _on_low_changed(self, low: float) -> None:
        with QSignalBlocker(self._high):
            self._high.setValue(max(low, self._high.value()))
        self.changed.emit()

    @Slot(float)
    def _on_high_changed(self, high: float) -> None:
        with QSignalBlocker(self._low):
            self._low.setValue(min(high, self._low.value()))
        self.changed.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addLayout(first := QHBoxLayout())
        column.addLayout(second := QHBoxLayout())
        for row in (first, second):
            row.setSpacing(GAP_SMALL)
        first.addWidget(self._result, 1)
        first.addWidget(self._text, 1)
        second.addWidget(label("Score", "muted"))
        second.addWidget(self._low)
        second.addWidget(label("to", "muted"))
        second.addWidget(self._high)
        second.addStretch(1)


def _score_box(name: str, spoken: str, value: float) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setObjectName(name)
    made.setAccessibleName(spoken)
    made.setRange(0, 1)
    made.setSingleStep(_STEP)
    made.setValue(value)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made
