"""First steps and About."""

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from covid_desktop import __version__, paths
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import push_button


def show_first_steps(parent: QWidget) -> QDialog:
    """Open the first-steps page beside the window; it stays open while one works."""
    text = paths.resource("help/first-steps.md").read_text(encoding="utf-8")
    return _show(parent, "First steps", text, "first_steps")


def show_about(parent: QWidget) -> QDialog:
    """Versions, licences, and what the program is not."""
    return _show(parent, "About COVID Desktop", about_text(), "about")


def about_text() -> str:
    licenses = paths.resource("help/licenses.md").read_text(encoding="utf-8")
    return (
        f"## COVID Desktop {__version__}\n\n"
        "Trains, judges and uses a small network that tells two classes of chest images apart. Offline.\n\n"
        "**For research use, not a medical device. Not for diagnosis.**\n\n"
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform(terse=True)}\n\n"
        f"{licenses}"
    )


def _show(parent: QWidget, title: str, markdown: str, name: str) -> QDialog:
    if already := parent.findChild(QDialog, name):
        already.raise_()
        already.activateWindow()
        return already
    dialog = QDialog(parent)
    dialog.setObjectName(name)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(640, 560)
    page = QTextBrowser()
    page.setAccessibleName(title)
    page.setOpenExternalLinks(False)
    page.setMarkdown(markdown)
    _space_paragraphs(page.document())
    close = push_button("Close", f"close_{name}", primary=True)
    close.clicked.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(GAP, GAP, GAP, GAP)
    column.setSpacing(GAP)
    column.addWidget(page)
    column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
    dialog.show()
    return dialog


def _space_paragraphs(document: QTextDocument) -> None:
    """Qt sets Markdown without space between its paragraphs."""
    document.setDocumentMargin(GAP)
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        shape = block.blockFormat()
        if not QTextCursor(block).currentTable():
            shape.setTopMargin(GAP if shape.headingLevel() and block.blockNumber() else 0)
            shape.setBottomMargin(GAP_SMALL)
            cursor.setPosition(block.position())
            cursor.setBlockFormat(shape)
        block = block.next()
