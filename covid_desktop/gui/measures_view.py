"""Measures with their 95 % intervals, a column for each set of images, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from covid_desktop.core.measures import Measure
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, label, set_property

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WIDEST = 2  # sets whose intervals stand beside their values; of more they stand below
_HEAD = 2  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A set of images; ``caution`` says why its numbers are too good, or is empty."""

    name: str
    about: str
    caution: str
    measures: Mapping[str, Measure]


class MeasuresView(QWidget):
    """Rows of one value and its interval in a lighter tone; what has no images behind it is a dash."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("measures")
        self._heads: list[tuple[str, str, str]] = []
        self._cells: dict[tuple[str, int], tuple[QLabel, QLabel]] = {}
        self._heading = label("", "subtitle", wrap=True)
        self._heading.setObjectName("measures_heading")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(GAP_SMALL // 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, GAP_SMALL, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._heading)
        column.addLayout(self._grid)

    def show_columns(self, columns: Sequence[Column], threshold: float) -> None:
        """The measures of each set, all at one threshold."""
        self._heading.setText(f"{_compared(len(columns))} at the threshold {threshold:.3f}")
        heads = [(column.name, column.about, column.caution) for column in columns]
        if heads != self._heads:
            self._build(columns)
            self._heads = heads
        for place, column in enumerate(columns):
            for measure in column.measures.values():
                _fill(*self._cells[measure.key, place], measure)

    def _build(self, columns: Sequence[Column]) -> None:
        """Empty cells: while a threshold is dragged, only their words change."""
        self._clear()
        for row, measure in enumerate(columns[0].measures.values(), start=_HEAD):
            self._grid.addWidget(label(measure.name), row, 0)
        is_narrow = len(columns) > _WIDEST
        self._grid.setHorizontalSpacing(GAP_SMALL if is_narrow else GAP)
        for place, column in enumerate(columns):
            self._show_head(column, place, is_narrow=is_narrow)
            for row, key in enumerate(column.measures, start=_HEAD):
                self._add_cells(key, row, place, is_narrow=is_narrow)
        for number in range(self._grid.columnCount() + 1):
            self._grid.setColumnStretch(number, int(number == 1 + 2 * len(columns)))

    def _show_head(self, column: Column, place: int, *, is_narrow: bool) -> None:
        lines = column.about.replace(", ", "\n") if is_narrow else column.about
        name, about = ElidedLabel(column.name), label(lines)
        name.setObjectName(f"measured_{place}")
        set_property(name, "role", "strong")
        about.setObjectName(f"measured_about_{place}")
        set_property(about, "role", "warning" if column.caution else "muted")
        about.setToolTip(column.caution)
        for row, words in enumerate((name, about)):
            self._add(words, row, 1 + 2 * place, span=2)

    def _add_cells(self, key: str, row: int, place: int, *, is_narrow: bool) -> None:
        value, interval = label(), label("", "muted")
        value.setObjectName(f"measure_{key.replace('-', '_')}_{place}")
        self._cells[key, place] = value, interval
        if is_narrow:
            self._add(_below(value, interval), row, 1 + 2 * place, span=2)
        else:
            self._add(value, row, 1 + 2 * place)
            self._add(interval, row, 2 + 2 * place)

    def _add(self, part: QWidget, row: int, column: int, span: int = 1) -> None:
        if isinstance(part, QLabel):
            _align(part)
        self._grid.addWidget(part, row, column, 1, span)

    def _clear(self) -> None:
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._cells.clear()


def interval_words(measure: Measure) -> str:
    """A measure in words: its value and its interval."""
    if measure.value is None:
        return "not defined"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.3f}"
    return f"{measure.value:.3f}, 95 % interval {measure.low:.3f} to {measure.high:.3f}"


def _compared(sets: int) -> str:
    return "Measures with 95 % intervals" if sets == 1 else f"{sets} sets compared, with 95 % intervals,"


def _fill(value: QLabel, interval: QLabel, measure: Measure) -> None:
    value.setText("-" if measure.value is None else f"{measure.value:.3f}")
    value.setAccessibleName(f"{measure.name} {interval_words(measure)}")
    interval.setText(_interval(measure))
    for words in (value, interval):
        words.setToolTip(measure.method)


def _interval(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f"{measure.low:.3f} to {measure.high:.3f}"


def _below(value: QLabel, interval: QLabel) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in (value, interval):
        _align(part)
        column.addWidget(part)
    return made


def _align(words: QLabel) -> None:
    words.setFont(tabular(words.font()))
    words.setAlignment(_RIGHT)
