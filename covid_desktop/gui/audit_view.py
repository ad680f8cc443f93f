"""The shortcut audit: its verdict in a sentence, what to do about it, and the figure behind it."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.core.audit import SIGHT_NAMES, ShortcutAudit
from covid_desktop.figures.audit import arrange, draw_audit_figure, least_height
from covid_desktop.figures.style import Style
from covid_desktop.gui.canvas import Canvas
from covid_desktop.gui.drop_area import EmptyState
from covid_desktop.gui.severity import VERDICT_MARKS, VERDICT_WORDS
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import IconLabel, label, push_button

_ABOUT = (
    "Small models that hardly see the lungs try to tell the classes apart: by file properties, by the outer "
    "frame, by a tiny thumbnail, by the picture without its centre. If they can, a network can learn the "
    "same shortcut instead of the disease."
)


class VerdictLine(QWidget):
    """The verdict of an audit: a shape, its colour, and a sentence in the style sheet's ``role``."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._mark = IconLabel("info", "muted", 24)
        self._words = label("", role, wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_SMALL)
        row.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_audit(self, audit: ShortcutAudit) -> None:
        self._mark.set_icon(*VERDICT_MARKS[audit.verdict])
        self._words.setText(audit.sentence)
        self.setAccessibleName(f"{VERDICT_WORDS[audit.verdict]}. {audit.sentence}")


class AuditCanvas(Canvas):
    """How well each sight tells the classes apart."""

    def __init__(self) -> None:
        self._audit: ShortcutAudit | None = None
        super().__init__()
        self.setObjectName("audit_figure")

    def show_audit(self, audit: ShortcutAudit) -> None:
        self._audit = audit
        areas = {**audit.validation, **audit.areas}
        values = [f"{name} {areas[sight].auroc:.2f}" for sight, name in SIGHT_NAMES.items() if sight in areas]
        self.setAccessibleName(f"AUROC by what is seen: {', '.join(values)}")
        self.setMinimumHeight(math.ceil(least_height(audit) * self.figure.dpi / self.device_pixel_ratio))
        self._on_theme_changed()

    def sizeHint(self) -> QSize:
        """Not the size it has, which the page around it would then never fall below."""
        return QSize(self.minimumSize())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it turns the page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        arrange(self.figure)

    def _draw_figure(self, style: Style) -> None:
        if self._audit:
            draw_audit_figure(self.figure, self._audit, style)


class AuditView(QWidget):
    """Offers the audit until one was made, then shows it."""

    audit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pages = QStackedWidget()
        self._empty = EmptyState("check", "Can the classes be told apart without the lungs?", _ABOUT)
        self._run = self._empty.add_button("Run shortcut audit", "run_audit")
        self._verdict = VerdictLine("subtitle")
        self._fix = label("", wrap=True)
        self._outdated = label("The data has changed since this audit was made.", "warning", wrap=True)
        self._again = push_button("Run again", "run_audit_again")
        self._canvas = AuditCanvas()
        for button in (self._run, self._again):
            button.clicked.connect(self.audit_requested)
        self._pages.addWidget(_scrolled(self._empty, "audit_offer"))
        self._pages.addWidget(_scrolled(self._made_page(), "audit_page"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def show_audit(self, audit: ShortcutAudit | None, *, is_outdated: bool = False) -> None:
        """Show what an audit found, or that none was made; ``is_outdated`` if it was of other images."""
        self._pages.setCurrentIndex(1 if audit else 0)
        self._outdated.setVisible(is_outdated)
        if audit:
            self._verdict.show_audit(audit)
            self._fix.setText(audit.fix)
            self._canvas.show_audit(audit)

    def set_running(self, is_running: bool) -> None:
        """Whether an audit runs, or waits for the check to end."""
        self._run.setEnabled(not is_running)
        self._again.setEnabled(not is_running)
        self._run.setText("Running the audit" if is_running else "Run shortcut audit")
        self._again.setText("Running" if is_running else "Run again")

    def _made_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, GAP_SMALL, 0)
        column.setSpacing(GAP_SMALL)
        head = QHBoxLayout()
        head.addWidget(self._verdict, 1)
        head.addWidget(self._again, alignment=Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self._fix)
        column.addWidget(self._outdated)
        column.addWidget(self._canvas, 1)
        return page


def _scrolled(page: QWidget, name: str) -> QScrollArea:
    made = QScrollArea()
    made.setObjectName(name)
    made.setWidgetResizable(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setWidget(page)
    return made
