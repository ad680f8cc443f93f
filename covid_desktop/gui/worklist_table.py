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

Role, Feature = Qt.ItemDataRole, QStyleOptionViewItem.ViewItemFeature
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

    def __init__(self, shown: ShownRows, table: QTableView) -> None:
        super().__init__(table)
        self._shown = shown

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt's own would come back for seven roles, and wait each time for the threads that train."""
        row, column = index.row(), index.column()
        option.index = index  # type: ignore[assignment]
        if mark := self._shown.value(row, column, Role.DecorationRole):
            option.features |= Feature.HasDecoration
            option.icon = mark
            option.decorationSize = option.decorationSize.boundedTo(mark.actualSize(option.decorationSize))
        if alignment := self._shown.value(row, column, Role.TextAlignmentRole):
            option.displayAlignment = alignment
        if column != IMAGE:
            option.textElideMode = Qt.TextElideMode.ElideRight
        option.features |= Feature.HasDisplay
        option.text = self._text(option, row, column)

    def _text(self, option: QStyleOptionViewItem, row: int, column: int) -> str:
        width = option.rect.width()
        if column == MARKED and width < _MARK_WITH_WORD:
            return ""
        text = str(self._shown.value(row, column, Role.DisplayRole))
        if column == RESULT and width < _ROOM_FOR_REASON:
            text = self._shown.value(row, column, BRIEF_ROLE) or text
        if not self._shown.value(row, column, SIGN_ROLE):
            return text
        return option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, width - _BESIDE_TEXT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        if sign := self._shown.value(index.row(), index.column(), SIGN_ROLE):
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
        self.setItemDelegate(SignDelegate(shown, self))
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
