"""What is known of the run that is selected, and how several that are selected compare."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.core.run_comparison import comparison_words, settings, settings_that_differ
from covid_desktop.core.runs import Run
from covid_desktop.figures.run_curves import MOST_RUNS, RunCurve, arrange_run_curves, draw_run_curves
from covid_desktop.figures.style import Style
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.curves_canvas import CurvesCanvas
from covid_desktop.gui.severity import VERDICT_MARKS, VERDICT_WORDS
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, IconLabel, label

_WORDS_WIDTH = 400
_LETTERS = "ABCD"[:MOST_RUNS]
_PLAIN = Qt.TextFormat.PlainText


class RunCurvesCanvas(Canvas):
    """The validation curves of several runs."""

    def __init__(self) -> None:
        self._runs: Sequence[RunCurve] = ()
        super().__init__()
        self.setObjectName("curves_of_runs")

    def show_runs(self, runs: Sequence[RunCurve]) -> None:
        self._runs = runs
        self.setAccessibleName(f"Validation loss and accuracy of {', '.join(run.name for run in runs)}")
        self._on_theme_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        if self._runs:
            arrange_run_curves(self.figure)

    def _draw_figure(self, style: Style) -> None:
        if self._runs:
            draw_run_curves(self.figure, self._runs, style)


class RunDetails(QWidget):
    """Curves at the left, words and settings at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._curves = CurvesCanvas("curves_of_run")
        self._compared = RunCurvesCanvas()
        self._figures = QStackedWidget()
        self._figures.addWidget(self._curves)
        self._figures.addWidget(self._compared)
        self._title = _words("subtitle")
        self._story = _words()
        self._story.setObjectName("run_story")
        self._audit = QWidget()
        self._mark = IconLabel("info", "muted")
        self._verdict = _words()
        self._caption = label("", "strong")
        self._table = _Table()
        self._lay_out()

    def show_runs(self, runs: Sequence[Run]) -> None:
        """One run, several that are compared, or none."""
        self.setVisible(bool(runs))
        if len(runs) == 1:
            self._show_one(runs[0])
        elif runs:
            self._show_several(runs)

    def close_threads(self) -> None:
        """End the drawing thread."""
        self._curves.close_painter()

    def _show_one(self, run: Run) -> None:
        self._figures.setVisible(bool(run.history.epochs))
        self._figures.setCurrentWidget(self._curves)
        self._curves.show_history(run.history)
        self._title.setText(run.title)
        self._story.setText(run.problem or "\n".join(filter(None, (run.history.story(), run.note))))
        self._show_audit(run)
        self._show_table("Settings" if run.card else "", [], list(settings(run).items()))

    def _show_audit(self, run: Run) -> None:
        self._audit.setVisible(run.verdict is not None)
        if run.verdict and run.card:
            self._mark.set_icon(*VERDICT_MARKS[run.verdict])
            self._verdict.setText(f"{VERDICT_WORDS[run.verdict]}. {run.card.audit.get('sentence', '')}")

    def _show_several(self, runs: Sequence[Run]) -> None:
        shown = dict(zip(_LETTERS, runs, strict=False))
        self._figures.setVisible(any(run.history.epochs for run in shown.values()))
        self._figures.setCurrentWidget(self._compared)
        named = {letter: f"{letter}: {run.title}" for letter, run in shown.items()}
        self._compared.show_runs(
            [RunCurve(name=named[letter], history=run.history) for letter, run in shown.items()]
        )
        more = f"The first {MOST_RUNS} of {len(runs)} runs" if len(runs) > MOST_RUNS else f"{len(runs)} runs"
        self._title.setText(f"{more} compared")
        self._story.setText("\n\n".join(["\n".join(named.values()), *comparison_words(shown)]))
        self._audit.hide()
        rows = settings_that_differ(list(shown.values()))
        caption = "Settings that differ" if rows else "All settings are the same"
        self._show_table(caption, list(shown) if rows else [], rows)

    def _show_table(self, caption: str, titles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        self._caption.setText(caption)
        self._table.show_rows(titles, rows)

    def _lay_out(self) -> None:
        audit = QHBoxLayout(self._audit)
        audit.setContentsMargins(0, 0, 0, 0)
        audit.setSpacing(GAP_SMALL)
        audit.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        audit.addWidget(self._verdict, 1)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, GAP_SMALL, 0)
        column.setSpacing(GAP_SMALL)
        for part in (self._title, self._story, self._audit, self._caption, self._table):
            column.addWidget(part)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("run_words")
        scroll.setAccessibleName("About the selected runs")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(words)
        scroll.setFixedWidth(_WORDS_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._figures, 1)
        row.addWidget(scroll)
        row.addStretch(0)


class _Table(QWidget):
    """Names in the first column, the values of each run in the others."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("run_settings")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(GAP_SMALL // 2)

    def show_rows(self, titles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        _clear(self._grid)
        for column, title in enumerate(titles, start=1):
            self._grid.addWidget(label(title, "strong"), 0, column)
        for row, (name, *values) in enumerate(rows, start=1):
            self._grid.addWidget(label(name, "muted"), row, 0)
            for column, value in enumerate(values, start=1):
                made = ElidedLabel(value)
                made.setFont(tabular(made.font()))
                self._grid.addWidget(made, row, column)
        for column in range(1, MOST_RUNS + 1):
            self._grid.setColumnStretch(column, int(column <= max(1, len(titles))))


def _words(role: str = "") -> QLabel:
    made = label("", role, wrap=True)
    made.setTextFormat(_PLAIN)
    return made


def _clear(layout: QLayout) -> None:
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
