"""The line in which a comment about an image is written."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label


class CommentLine(QWidget):
    """Hidden until ``edit``. ``written`` carries a path and what was written.

    ``left`` comes when it gives the focus up.
    """

    written = Signal(object, str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self._edit = QLineEdit()
        self._edit.setObjectName("comment")
        self._edit.setAccessibleName("Comment")
        self._edit.setPlaceholderText("Enter saves, Esc leaves")
        self._edit.returnPressed.connect(self.end)
        leave = QAction("Leave", self._edit)
        leave.setShortcut(Qt.Key.Key_Escape)
        leave.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        leave.triggered.connect(self._leave)
        self._edit.addAction(leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_SMALL)
        title = label("&Comment", "muted")
        title.setBuddy(self._edit)
        row.addWidget(title)
        row.addWidget(self._edit, 1)
        self.hide()

    def edit(self, path: Path, comment: str) -> None:
        self._path = path
        self._edit.setText(comment)
        self._edit.setAccessibleName(f"Comment on {path.name}")
        self._edit.selectAll()
        self.show()
        self._edit.setFocus()

    @Slot()
    def end(self) -> None:
        """Keep what was written."""
        path, self._path = self._path, None
        if path and self._edit.isModified():
            self._edit.setModified(False)
            self.written.emit(path, self._edit.text().strip())
        self._close()

    @Slot()
    def _leave(self) -> None:
        self._path = None
        self._close()

    def _close(self) -> None:
        if self._edit.hasFocus():
            self.left.emit()  # before Qt gives the focus to whatever comes next
        self.hide()
