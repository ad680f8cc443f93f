"""One way in which a model is asked: waiting, running, a tick or a cross."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from covid_desktop.core.verification import Check, Way
from covid_desktop.gui.theme import tabular
from covid_desktop.gui.tokens import GAP_SMALL, GAP_TINY
from covid_desktop.gui.widgets import IconLabel, label, set_property


class VerificationRow(QWidget):
    """Name and what is done at the left, what was found at the right; a long reason goes below."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.setObjectName(f"way_{way.name.lower().replace(' ', '_')}")
        self._name, self._is_done = way.name, False
        self._mark = IconLabel("marker-none", "muted")
        self._outcome = label("", "muted")
        self._outcome.setFont(tabular(self._outcome.font()))
        self._below = label(way.what, "muted", wrap=True)
        for one in (self._outcome, self._below):
            one.setTextFormat(Qt.TextFormat.PlainText)
            one.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self._show("marker-none", "muted", "Waiting")

    def show_running(self) -> None:
        self._show("refresh", "accent", "Running", "")

    def show_check(self, check: Check) -> None:
        self._is_done = True
        if check.passed:
            self._show("tick", "accent", check.words.rstrip("."), "")
        elif check.largest_difference is not None:
            self._show("close", "danger", check.words.rstrip("."), "danger")
        else:
            self._show("close", "danger", "Failed", "danger")
            self._below.setText(check.words)
            set_property(self._below, "role", "danger")
            self.setAccessibleName(f"{self._name}: failed. {check.words}")

    def end(self) -> None:
        """No more will come: what has no result was not tried to its end."""
        if not self._is_done:
            self._show("marker-none", "muted", "Not tried to the end")

    def _show(self, icon_name: str, colour: str, outcome: str, role: str = "muted") -> None:
        self._mark.set_icon(icon_name, colour)
        self._outcome.setText(outcome)
        set_property(self._outcome, "role", role)
        spoken = {"tick": "passed, ", "close": "different, "}.get(icon_name, "")
        self.setAccessibleName(f"{self._name}: {spoken}{outcome}")

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_SMALL)
        grid.setVerticalSpacing(GAP_TINY // 2)
        grid.addWidget(self._mark, 0, 0, alignment=Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(self._name, "strong"), 0, 1)
        grid.addWidget(self._outcome, 0, 2, alignment=Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._below, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
