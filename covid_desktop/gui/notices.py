"""News in the place it concerns: what happened, what to do, and the details for who wants them."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from covid_desktop.errors import UserError
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import Fold, IconLabel, label, push_button, set_property, tool_button

NoticeKind = Literal["info", "warning", "error", "success"]
Action = tuple[str, Callable[[], object]]

# The first line stands at the middle of the buttons beside it.
_FIRST_LINE = 7
_ICONS = {
    "info": ("info", "accent"),
    "warning": ("warning", "warning"),
    "error": ("error", "danger"),
    "success": ("check", "success"),
}


class Banner(QFrame):
    """One place for one notice; a newer one replaces it. Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._run: Callable[[], object] | None = None
        self._icon = IconLabel("info", "accent")
        self._what = label("", "strong", wrap=True)
        self._fix = label("", wrap=True)
        self._details = Fold("Details", "toggle_details")
        self._details_text = _details_label()
        self._details.body.addWidget(self._details_text)
        self._action = push_button("", "banner_action")
        self._action.clicked.connect(self._on_action_clicked)
        self._close = tool_button("close", "Dismiss", "dismiss_banner", "muted")
        self._close.clicked.connect(self.clear)
        self._lay_out()
        self.hide()

    def show_notice(
        self, kind: NoticeKind, what: str, fix: str = "", details: str = "", action: Action | None = None
    ) -> None:
        """Show what happened, and a button that mends it if there is an ``action`` (its text, its call)."""
        set_property(self, "kind", kind)
        self._icon.set_icon(*_ICONS[kind])
        self._what.setText(what)
        self._fix.setText(fix)
        self._fix.setVisible(bool(fix))
        self._details_text.setText(details)
        self._details.set_open(False)
        self._details.setVisible(bool(details))
        self._set_action(action)
        self.setAccessibleName(f"{what} {fix}".strip())
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def show_error(self, error: UserError, action: Action | None = None) -> None:
        """Show what a job ended with."""
        self.show_notice("error", error.what, error.fix, error.details, action)

    @Slot(object)
    def take_back(self, error: UserError) -> None:
        """Say no more of an error that is over; another notice stays."""
        if (self._what.text(), self._fix.text()) == (error.what, error.fix):
            self.clear()

    @Slot()
    def clear(self) -> None:
        self.hide()
        self._set_action(None)

    def _set_action(self, action: Action | None) -> None:
        text, self._run = action or ("", None)
        self._action.setText(text)
        self._action.setVisible(bool(action))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setContentsMargins(0, _FIRST_LINE, 0, _FIRST_LINE)
        words.setSpacing(4)
        for part in (self._what, self._fix, self._details):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, GAP_SMALL, GAP_SMALL, GAP_SMALL)
        row.setSpacing(12)
        mark = QVBoxLayout()
        mark.setContentsMargins(0, _FIRST_LINE, 0, 0)
        mark.addWidget(self._icon)
        mark.addStretch(1)
        row.addLayout(mark)
        row.addLayout(words, 1)
        row.addWidget(self._action, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)

    @Slot()
    def _on_action_clicked(self) -> None:
        if self._run:
            self._run()


def _details_label() -> QLabel:
    made = label("", "muted", wrap=True)
    made.setObjectName("banner_details")
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
