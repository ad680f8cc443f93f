"""The worklist with its filters, marks and progress, to be worked through by keyboard."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.core.events import Progress
from covid_desktop.core.review import Verdict
from covid_desktop.gui.comment_line import CommentLine
from covid_desktop.gui.reviewing import Reviewing
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label, push_button, selection_action
from covid_desktop.gui.worklist import Worklist
from covid_desktop.gui.worklist_bar import FilterBar
from covid_desktop.gui.worklist_filter import ShownRows
from covid_desktop.gui.worklist_foot import ProgressLine, counts_words
from covid_desktop.gui.worklist_table import WorklistTable, least_width

_REFRESH_MILLISECONDS = 500
_ACTIONS = {
    "next_image": ("&Next image", "N"),
    "previous_image": ("&Previous image", "P"),
    "agree": ("&Agree", "A"),
    "disagree": ("&Disagree", "D"),
    "unmark": ("Remove &mark", "U"),
    "comment": ("&Comment", "C"),
    "find_image": ("&Find image", "Ctrl+F"),
}


class WorklistView(QWidget):
    """``current_changed`` carries the Path of the image that is looked at, or None.

    ``reviewed`` carries the Path of an image that was marked, commented on, or whose mark was undone.
    What the images' results change about the rows that are shown is seen twice a second.
    """

    current_changed = Signal(object)
    reviewed = Signal(object)
    cancel_requested = Signal()

    def __init__(self, worklist: Worklist) -> None:
        super().__init__()
        self._worklist = worklist
        self._current: Path | None = None
        self._shown = ShownRows(worklist)
        self._reviewing = Reviewing(worklist)
        self._bar = FilterBar()
        self._table = WorklistTable(self._shown)
        self._comment = CommentLine()
        self._counts = label("", "muted", wrap=True)
        self._counts.setObjectName("worklist_counts")
        self._progress = ProgressLine()
        self._pages = QStackedWidget()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MILLISECONDS)
        self._make_actions()
        self._lay_out()
        self._connect()
        self._on_refreshed()

    # --- what others may ask

    @property
    def current(self) -> Path | None:
        """The image that is looked at."""
        return self._current

    @property
    def steps(self) -> QUndoStack:
        """Marks and comments that can be undone."""
        return self._reviewing.steps

    @property
    def menu_actions(self) -> tuple[QAction, ...]:
        """What can be done in the list, for a menu. Single letters count while the table has the focus."""
        return tuple(self._actions.values())

    def set_reviewer(self, name: str | None) -> None:
        """Keep ``name`` and the time with each mark from now on; None keeps neither."""
        self._reviewing.set_reviewer(name)

    def show_progress(self, progress: Progress | None) -> None:
        self._progress.show_progress(progress)

    def choose(self, path: Path) -> None:
        """Go to an image of the list, shown whatever the filters are."""
        if self._worklist.row_of(path) is None:
            return
        if self._shown.row_of(path) is None:
            self._shown.kept = path
            self._shown.refresh()
        row = self._shown.row_of(path)
        if row is not None:
            self._table.choose(row)

    def focus_table(self) -> None:
        self._table.setFocus()

    @Slot()
    def next_image(self) -> None:
        self._step(1)

    @Slot()
    def previous_image(self) -> None:
        self._step(-1)

    @Slot()
    def refresh(self) -> None:
        """Show what fits the filters and the order now; the row that is looked at stays."""
        self._timer.stop()
        with self._table.held():
            self._shown.refresh()

    # --- which image

    def _step(self, by: int) -> None:
        row = self._table.currentIndex().row() + by
        if 0 <= row < self._shown.rowCount():
            self._table.choose(row)

    @Slot(QModelIndex)
    def _on_row_changed(self) -> None:
        self._set_current(self._table.current)

    def _set_current(self, path: Path | None) -> None:
        if path == self._current:
            return
        self._comment.end()
        self._current = self._shown.kept = path
        self._timer.start()  # the row that was left may not fit any more
        self._show_actions()
        self.current_changed.emit(path)

    @Slot()
    def _on_rows_changed(self) -> None:
        """Go on with the image that was looked at; with the first, where it is not shown any more."""
        if self._shown.rowCount():
            row = self._shown.row_of(self._current) if self._current else None
            self._table.choose(row or 0)
        self._set_current(self._table.current)

    @Slot()
    def _on_inserted(self) -> None:
        if self._current is None:
            self._on_rows_changed()

    @Slot()
    def _on_filters_changed(self) -> None:
        self._shown.kept = None
        self._shown.set_criteria(self._bar.criteria)
        self._shown.kept = self._current

    @Slot()
    def _on_list_changed(self) -> None:
        self._show_actions()
        if not self._timer.isActive():
            self._timer.start()

    # --- what is said about it

    @Slot()
    def agree(self) -> None:
        self._mark("agreed")

    @Slot()
    def disagree(self) -> None:
        self._mark("disagreed")

    @Slot()
    def unmark(self) -> None:
        self._mark(None)

    def _mark(self, verdict: Verdict | None) -> None:
        if self._current:
            self._reviewing.mark(self._current, verdict)

    @Slot()
    def comment(self) -> None:
        """Let the user write about the image that is looked at."""
        if self._current:
            self._comment.edit(self._current, self._worklist.review(self._current).comment)

    @Slot(object)
    def _on_reviewed(self, path: Path) -> None:
        """Where something was undone, that is where to look."""
        self.reviewed.emit(path)
        if path != self._current:
            self.choose(path)

    # --- what is shown

    @Slot()
    def _on_refreshed(self) -> None:
        count = self._shown.rowCount()
        self._bar.set_class_names(*self._worklist.class_names)
        self._counts.setText(counts_words(self._worklist, count))
        self._pages.setCurrentIndex(1 if self._worklist.rowCount() and not count else 0)
        self._show_actions()

    def _show_actions(self) -> None:
        path = self._current
        row = self._worklist.row_of(path) if path else None
        has_result = row is not None and self._worklist.prediction(row) is not None
        review = self._worklist.review(path) if path else None
        for name in ("next_image", "previous_image"):
            self._actions[name].setEnabled(self._shown.rowCount() > 0)
        for name in ("agree", "disagree"):
            self._actions[name].setEnabled(has_result)
        self._actions["unmark"].setEnabled(bool(review and review.verdict))
        self._actions["comment"].setEnabled(row is not None)

    # --- layout

    def _make_actions(self) -> None:
        slots = {
            "next_image": self.next_image,
            "previous_image": self.previous_image,
            "agree": self.agree,
            "disagree": self.disagree,
            "unmark": self.unmark,
            "comment": self.comment,
            "find_image": self._bar.go_to_search,
        }
        self._actions: dict[str, QAction] = {}
        for name, (text, shortcut) in _ACTIONS.items():
            self._actions[name] = selection_action(self._table, text, name, shortcut)
            self._actions[name].triggered.connect(slots[name])
        find = self._actions["find_image"]
        find.setEnabled(True)
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(find)

    def _connect(self) -> None:
        self._worklist.dataChanged.connect(self._on_list_changed)
        self._shown.modelReset.connect(self._on_rows_changed)
        self._shown.rowsInserted.connect(self._on_inserted)
        self._shown.refreshed.connect(self._on_refreshed)
        self._table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self._timer.timeout.connect(self.refresh)
        self._bar.changed.connect(self._on_filters_changed)
        self._comment.written.connect(self._reviewing.comment)
        self._comment.left.connect(self._table.setFocus)
        self._reviewing.reviewed.connect(self._on_reviewed)
        self._progress.cancel_requested.connect(self.cancel_requested)

    def _lay_out(self) -> None:
        self._pages.addWidget(self._table)
        self._pages.addWidget(self._empty_page())
        self._pages.setMinimumWidth(least_width(self._table))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)
        for part in (self._comment, self._counts, self._progress):
            column.addWidget(part)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        words = label("No image of the list fits these filters.", "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        show_all = push_button("Show all", "show_all")
        show_all.clicked.connect(self._bar.show_all)
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(show_all, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page
