"""A long report on paper, laid out part by part: it can be stopped, and the window goes on meanwhile.

Qt lays a document out in one go and keeps Python waiting: half a minute of ten thousand rows.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QPdfWriter, QTextDocument

from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui import pdf

_STAGE = "Writing the report"


def write_pdf_parts(
    parts: Sequence[str], title: str, path: Path, emit: Emit = ignore, should_stop: ShouldStop = never
) -> None:
    """Each of ``parts``, HTML as ``write_pdf`` takes it, begins a page; the pages are numbered through.

    Whole or not at all. Raises UserError when ``path`` cannot be written, Stopped.
    """
    pdf._ensure_application()
    with pdf._writing(path, title) as writer:
        page = pdf._page(writer)
        documents = []
        for done, part in enumerate(parts):
            _go_on(emit, should_stop, done, len(parts))
            documents.append(pdf._document(part, page))
        painter = QPainter()
        if not painter.begin(writer):
            raise UserError(f"{path.name} could not be written.", "Choose another place or free some space.")
        try:
            _paint(painter, writer, documents, page, emit, should_stop)
        finally:
            painter.end()


def _go_on(emit: Emit, should_stop: ShouldStop, done: int, total: int) -> None:
    if should_stop():
        raise Stopped
    emit(Progress(stage=_STAGE, done=done, total=total))


def _paint(
    painter: QPainter,
    writer: QPdfWriter,
    documents: Sequence[QTextDocument],
    page: QSizeF,
    emit: Emit,
    should_stop: ShouldStop,
) -> None:
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # JPEG would blur words in figures
    painter.scale(pdf._RESOLUTION / pdf._DPI, pdf._RESOLUTION / pdf._DPI)
    pages = [(document, number) for document in documents for number in range(document.pageCount())]
    for done, (document, number) in enumerate(pages):
        _go_on(emit, should_stop, done, len(pages))
        if done:
            writer.newPage()
        pdf._paint_frame(painter, page, done + 1, len(pages))
        _paint_page(painter, document, number)


def _paint_page(painter: QPainter, document: QTextDocument, number: int) -> None:
    size = document.pageSize()
    shown = QRectF(0, number * size.height(), size.width(), size.height())
    painter.save()
    painter.translate(0, pdf._BAND - shown.top())
    painter.setClipRect(shown)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = shown
    context.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    document.documentLayout().draw(painter, context)
    painter.restore()
