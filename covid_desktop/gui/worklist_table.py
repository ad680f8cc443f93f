"""The table of the worklist: holds the row that is looked at in its place while others come and go."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Slot
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from covid_desktop.gui.theme import icon, tabular
from covid_desktop.gui.worklist_cells import BRIEF_ROLE, IMAGE, MARKED, RESULT, SCORE, SIGN_ROLE
from covid_desktop.gui.worklist_filter import ShownRows

_ROW_HEIGHT = 28
_SIGN, _SIGN_GAP = 16, 6
_BESIDE_TEXT = 56  # a marker, a sign and the gaps around them
_MARK_WITH_WORD, _MARK_ALONE = 128, 52
_WIDTHS = {RESULT: 120, SCORE: 60, MARKED: _MARK_ALONE}
_ROOM_FOR_WORDS = 620
_LEAST_NAME = 110
_ROOM_FOR_REASON = 220


class SignDelegate(QStyledItemDelegate):
    """Draws the sign of a cell at its right: that there is a comment, or a caution.

    Names are shortened in their middle, reasons at their end; a narrow mark is its icon alone.
    """

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if index.column() != IMAGE:
            option.textElideMode = Qt.TextElideMode.ElideRight
        if index.column() == RESULT and option.rect.width() < _ROOM_FOR_REASON:
            option.text = index.data(BRIEF_ROLE) or option.text
        if index.column() == MARKED and option.rect.width() < _MARK_WITH_WORD:
            option.text = ""
        if index.data(SIGN_ROLE):
            room = option.rect.width() - _BESIDE_TEXT
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        if sign := index.data(SIGN_ROLE):
            cell: QRect = option.rect
            top = cell.center().y() - _SIGN // 2 + 1
            icon(*sign).paint(painter, QRect(cell.right() - _SIGN - _SIGN_GAP, top, _SIGN, _SIGN))


class WorklistTable(QTableView):
    """Rows are chosen one at a time; a header that is clicked a third time gives the list's own order."""

    def __init__(self, shown: ShownRows) -> None:
        super().__init__()
        self._shown = shown
        self.setObjectName("worklist")
        self.setAccessibleName("Images and results")
        self.setModel(shown)
        self.setItemDelegate(SignDelegate(self))
        self.setFont(tabular(self.font()))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self._set_up_header(self.horizontalHeader())

    @property
    def current(self) -> Path | None:
        """The image of the row that is chosen."""
        row = self.currentIndex().row()
        return self._shown.path(row) if row >= 0 else None

    def choose(self, row: int) -> None:
        """Go to a row and bring it into sight."""
        self.setCurrentIndex(self._shown.index(row, IMAGE))
        self.scrollTo(self.currentIndex())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whatever becomes of other rows: the chosen one, or the uppermost, stays where it is seen."""
        held = self._row_in_sight()
        top = self.verticalScrollBar().value()
        path = self._shown.path(held) if held is not None else None
        yield
        row = self._shown.row_of(path) if path else None
        if row is not None and held is not None:
            self.updateGeometries()
            self.verticalScrollBar().setValue(row - (held - top))

    def keyboardSearch(self, search: str) -> None:
        """Letters are for marking; a search by them would jump away from the image."""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and the last image, not along the row."""
        ends = {
            QAbstractItemView.CursorAction.MoveHome: 0,
            QAbstractItemView.CursorAction.MoveEnd: self._shown.rowCount() - 1,
        }
        if action in ends:
            return self._shown.index(ends[action], IMAGE)
        return super().moveCursor(action, modifiers)

    def resizeEvent(self, event: QResizeEvent) -> None:
        has_room = event.size().width() >= _ROOM_FOR_WORDS
        self.horizontalHeader().resizeSection(MARKED, _MARK_WITH_WORD if has_room else _MARK_ALONE)
        super().resizeEvent(event)

    def _row_in_sight(self) -> int | None:
        count = self._shown.rowCount()
        if not count:
            return None
        top = min(self.verticalScrollBar().value(), count - 1)
        row = self.currentIndex().row()
        return row if top <= row < top + self.viewport().height() / _ROW_HEIGHT else top

    def _set_up_header(self, header: QHeaderView) -> None:
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setMinimumSectionSize(_SIGN + 2 * _SIGN_GAP)
        header.setSectionResizeMode(IMAGE, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        header.setSectionResizeMode(MARKED, QHeaderView.ResizeMode.Fixed)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(self._on_sorted)

    @Slot(int, Qt.SortOrder)
    def _on_sorted(self) -> None:
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)


def least_width(table: QWidget) -> int:
    """What the columns need with a name that can still be told from others."""
    return (
        sum(_WIDTHS.values())
        + _LEAST_NAME
        + table.style().pixelMetric(table.style().PixelMetric.PM_ScrollBarExtent)
    )
