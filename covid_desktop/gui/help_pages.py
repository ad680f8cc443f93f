"""First steps and About."""

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from covid_desktop import __version__, paths
from covid_desktop.gui.tokens import GAP


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
    dialog.resize(640, 560)
    page = QTextBrowser()
    page.setOpenLinks(False)
    page.setMarkdown(markdown)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(GAP, GAP, GAP, GAP)
    column.addWidget(page)
    column.addWidget(buttons)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
