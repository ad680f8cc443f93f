"""A report on paper: HTML on A4 pages, each with its number and what the report is not for."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from covid_desktop.core.atomic import written_whole
from covid_desktop.core.events import Emit, Progress, ShouldStop, ignore, never
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.errors import Stopped, UserError
from covid_desktop.gui.pages import align_cells, keep_together

_FAMILY = "DejaVu Sans"  # comes with matplotlib: pages break in the same places on all computers
_STAGE = "Writing the report"
_MARGIN = 18.0  # millimetres
_POINTS, _SMALL = 9, 8
_DPI = 96  # of the page as it is laid out: HTML's pixels
_RESOLUTION = 1200
_BAND = 24.0  # pixels, above and below the text
_STYLE = """
h1 { font-size: 17pt; } h2 { font-size: 12pt; margin-top: 18px; } h3 { font-size: 10pt; }
p, li { margin-top: 4px; margin-bottom: 4px; }
table { border-collapse: collapse; margin-top: 4px; margin-bottom: 8px; }
th, td { padding: 2px 12px 2px 0; border-bottom: 1px solid #999999; }
"""


def write_pdf(body: str, title: str, path: Path) -> None:
    """Lay ``body``, HTML without scripts and with pictures inside, out on pages; whole or not at all.

    Raises UserError when ``path`` cannot be written.
    """
    write_pdf_parts([body], title, path)


def write_pdf_parts(
    parts: Sequence[str], title: str, path: Path, emit: Emit = ignore, should_stop: ShouldStop = never
) -> None:
    """Each of ``parts``, HTML as ``write_pdf`` takes it, begins a page; the pages are numbered through.

    Qt lays a document out in one go and keeps Python waiting, half a minute of ten thousand rows: between
    parts it can be stopped, and the window goes on. Whole or not at all. Raises UserError when ``path``
    cannot be written, Stopped.
    """
    _ensure_application()
    with _writing(path, title) as writer:
        page = _page(writer)
        documents = []
        for done, part in enumerate(parts):
            _go_on(emit, should_stop, done, len(parts))
            documents.append(_document(part, page))
        painter = QPainter()
        if not painter.begin(writer):
            raise UserError(f"{path.name} could not be written.", "Choose another place or free some space.")
        try:
            _paint(painter, writer, documents, emit, should_stop)
        finally:
            painter.end()


def _go_on(emit: Emit, should_stop: ShouldStop, done: int, total: int) -> None:
    if should_stop():
        raise Stopped
    emit(Progress(stage=_STAGE, done=done, total=total))


@contextmanager
def _writing(path: Path, title: str) -> Iterator[QPdfWriter]:
    """A PDF that is at ``path`` when the block ends well, whole or not at all. Raises UserError.

    Qt says nothing of a disk that is full: the pages are put together in memory.
    """
    with written_whole(path) as temporary:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        yield _writer(buffer, title)
        temporary.write_bytes(buffer.data().data())


def _ensure_application() -> None:
    """Qt draws no text without one. Where there is no window there may be no display, and none is needed."""
    if QGuiApplication.instance() is None:
        platform = ["-platform", "offscreen"] if sys.platform == "linux" else []
        _applications.append(QGuiApplication(["covid-desktop", *platform]))


_applications: list[QGuiApplication] = []
"""Kept to the end of the program, as Qt asks."""


def _writer(device: QIODevice, title: str) -> QPdfWriter:
    writer = QPdfWriter(device)
    writer.setResolution(_RESOLUTION)
    writer.setTitle(title)
    writer.setCreator("covid-desktop")
    margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    upright, size = QPageLayout.Orientation.Portrait, QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(size, upright, margins, QPageLayout.Unit.Millimeter))
    return writer


def _page(writer: QPdfWriter) -> QSizeF:
    """What the margins leave, in whole pixels: Qt breaks pages at them."""
    inside = writer.pageLayout().paintRect(QPageLayout.Unit.Inch)
    return QSizeF(int(inside.width() * _DPI), int(inside.height() * _DPI))


def _document(body: str, page: QSizeF) -> QTextDocument:
    """Laid out on pages of the size that head and foot leave."""
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(_font(_POINTS))
    document.setDefaultStyleSheet(_STYLE)
    document.setUseDesignMetrics(True)
    document.setHtml(body)
    align_cells(document)
    document.setPageSize(QSizeF(page.width(), page.height() - 2 * _BAND))
    keep_together(document)
    return document


def _font(points: int) -> QFont:
    """Of so many points at 96 pixels an inch, whatever the screen has."""
    if _FAMILY not in QFontDatabase.families():
        for file in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
            QFontDatabase.addApplicationFont(str(Path(matplotlib.get_data_path(), "fonts", "ttf", file)))
    font = QFont(_FAMILY)
    font.setPixelSize(round(points * _DPI / 72))
    return font


def _paint(
    painter: QPainter,
    writer: QPdfWriter,
    documents: Sequence[QTextDocument],
    emit: Emit,
    should_stop: ShouldStop,
) -> None:
    page = _page(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # JPEG would blur words in figures
    painter.scale(_RESOLUTION / _DPI, _RESOLUTION / _DPI)
    pages = [(document, number) for document in documents for number in range(document.pageCount())]
    for done, (document, number) in enumerate(pages):
        _go_on(emit, should_stop, done, len(pages))
        if done:
            writer.newPage()
        _paint_frame(painter, page, done + 1, len(pages))
        _paint_page(painter, document, number)


def _paint_page(painter: QPainter, document: QTextDocument, number: int) -> None:
    size = document.pageSize()
    shown = QRectF(0, number * size.height(), size.width(), size.height())
    painter.save()
    painter.translate(0, _BAND - shown.top())
    painter.setClipRect(shown)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = shown
    context.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    document.documentLayout().draw(painter, context)
    painter.restore()


def _paint_frame(painter: QPainter, page: QSizeF, number: int, pages: int) -> None:
    """What stands on every page."""
    painter.setFont(_font(_SMALL))
    head = QRectF(0, 0, page.width(), _BAND)
    foot = QRectF(0, page.height() - _BAND, page.width(), _BAND)
    left, right, bottom = (
        Qt.AlignmentFlag.AlignLeft,
        Qt.AlignmentFlag.AlignRight,
        Qt.AlignmentFlag.AlignBottom,
    )
    painter.drawText(head, left, RESEARCH_USE)
    painter.drawText(foot, left | bottom, RESEARCH_USE)
    painter.drawText(foot, right | bottom, f"{number} / {pages}")
