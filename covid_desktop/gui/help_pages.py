"""First steps, About, and the model card."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from covid_desktop import __version__, paths
from covid_desktop.gui.outside import open_outside
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import push_button
from covid_desktop.versions import version_lines

_LICENSE_TEXTS = "THIRD_PARTY.md"


def show_first_steps(parent: QWidget) -> QDialog:
    """Open the first-steps page beside the window; it stays open while one works."""
    text = paths.resource("help/first-steps.md").read_text(encoding="utf-8")
    return _show(parent, "First steps", text, "first_steps")


def show_about(parent: QWidget) -> QDialog:
    """Versions, licences, and what the program is not."""
    return _show(parent, "About COVID Desktop", about_text(), "about")


def show_model_card(parent: QWidget, markdown: str) -> QDialog:
    """The card of the model that is loaded; one that is open already is replaced."""
    if open_already := parent.findChild(QDialog, "model_card"):
        open_already.setObjectName("")
        open_already.close()
    return _show(parent, "Model card", markdown, "model_card")


def about_text() -> str:
    licenses = paths.resource("help/licenses.md").read_text(encoding="utf-8")
    if (texts := paths.resource(_LICENSE_TEXTS)).exists():  # a bundle has them
        licenses += f"\n[The licences of all that is inside]({texts.as_uri()})\n"
    return (
        f"## COVID Desktop {__version__}\n\n"
        "Trains, judges and uses a small network that tells two classes of chest images apart. Offline.\n\n"
        "**For research use, not a medical device. Not for diagnosis.**\n\n"
        f"{', '.join(version_lines()[1:])}\n\n"
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
    page.setOpenLinks(False)
    page.anchorClicked.connect(_open_link)
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


def _open_link(link: QUrl) -> None:
    open_outside(Path(link.toLocalFile()))


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
