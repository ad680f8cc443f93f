"""What Qt's text on pages lacks: headings that stay with what they are for, and tables that stay whole."""

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

_BREAK = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
_SHORT = 0.6  # of a page: what is longer may begin on one page and end on the next


def align_cells(document: QTextDocument) -> None:
    """To the left, as on a web page; only the head of a table is bold."""
    left, plain = QTextBlockFormat(), QTextCharFormat()
    left.setAlignment(Qt.AlignmentFlag.AlignLeft)
    plain.setFontWeight(QFont.Weight.Normal)
    for table in _tables(document):
        _selection(table.firstPosition(), table.lastPosition(), document).mergeBlockFormat(left)
        for row in range(1, table.rows()):
            cell = table.cellAt(row, 0)
            _selection(cell.firstPosition(), cell.lastPosition(), document).mergeCharFormat(plain)


def keep_together(document: QTextDocument) -> None:
    """Begin a new page before a heading that would stand alone and a short table that would be cut."""
    block = document.begin()
    while block.isValid():
        table = QTextCursor(block).currentTable()
        if table and block.position() == table.firstPosition():
            _keep_table(document, table)
        elif not table and _leads(block) and _page_of(document, block) != _page_of(document, block.next()):
            _break_before(block)
        block = block.next()


def _keep_table(document: QTextDocument, table: QTextTable) -> None:
    """With what leads to it."""
    place, height = document.documentLayout().frameBoundingRect(table), document.pageSize().height()
    if place.top() // height == (place.bottom() - 1) // height or place.height() > _SHORT * height:
        return
    first = document.findBlock(table.firstPosition()).previous()
    if not first.isValid() or QTextCursor(first).currentTable():
        shape = table.format()
        shape.setPageBreakPolicy(_BREAK)
        table.setFormat(shape)
        return
    while _leads(first.previous()) and not QTextCursor(first.previous()).currentTable():
        first = first.previous()
    _break_before(first)


def _leads(block: QTextBlock) -> bool:
    """Whether a block is a heading, which is read with what follows."""
    return block.isValid() and bool(block.blockFormat().headingLevel())


def _break_before(block: QTextBlock) -> None:
    shape = QTextBlockFormat()
    shape.setPageBreakPolicy(_BREAK)
    QTextCursor(block).mergeBlockFormat(shape)


def _page_of(document: QTextDocument, block: QTextBlock) -> int:
    """Where its first line stands."""
    place = document.documentLayout().blockBoundingRect(block)
    lines = block.layout()
    top = place.top() + (lines.lineAt(0).y() if lines.lineCount() else 0)
    return int(top // document.pageSize().height())


def _tables(document: QTextDocument) -> list[QTextTable]:
    return [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def _selection(first: int, last: int, document: QTextDocument) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(first)
    cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
    return cursor
