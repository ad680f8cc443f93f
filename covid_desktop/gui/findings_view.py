"""What a check found: a list, the most serious first, and the chosen one beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.findings import Finding
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.audit_view import AuditView
from covid_desktop.gui.finding_view import FindingView
from covid_desktop.gui.severity import SEVERITY_MARKS, VERDICT_MARKS, VERDICT_WORDS, Mark
from covid_desktop.gui.theme import icon, theme
from covid_desktop.gui.tokens import GAP
from covid_desktop.gui.widgets import label

LIST_WIDTH = 264
AUDIT = "audit"
_KEY = Qt.ItemDataRole.UserRole


class FindingsView(QWidget):
    """``remedy_chosen`` carries a finding and a remedy for it."""

    remedy_chosen = Signal(object, str)
    audit_requested = Signal()
    image_opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._findings: dict[str, Finding] = {}
        self._is_checked = False
        self._made: ShortcutAudit | None = None
        self._list = _make_list()
        self._state = label("", "muted", wrap=True)
        self._audit = AuditView()
        self._finding = FindingView()
        self._shown = QStackedWidget()
        self._lay_out()
        self._list.currentItemChanged.connect(self._on_current_item_changed)
        self._finding.remedy_chosen.connect(self.remedy_chosen)
        self._finding.image_opened.connect(self.image_opened)
        self._audit.audit_requested.connect(self.audit_requested)
        theme().changed.connect(self._fill)
        self._fill()

    def show_findings(self, findings: Sequence[Finding] | None) -> None:
        """List findings; None before a check has ended. What was chosen stays so, if it is there."""
        is_first = findings is not None and not self._is_checked
        self._is_checked = findings is not None
        self._findings = dict(zip(_keys(findings or ()), findings or (), strict=True))
        self._fill()
        if is_first:
            self.choose_worst()

    def show_audit(self, audit: ShortcutAudit | None, *, is_outdated: bool = False) -> None:
        self._made = audit
        self._audit.show_audit(audit, is_outdated=is_outdated)
        self._fill()

    def set_dataset(self, opened: OpenedDataset) -> None:
        self._finding.images.set_dataset(opened)

    def set_audit_running(self, is_running: bool) -> None:
        self._audit.set_running(is_running)

    def choose_audit(self) -> None:
        self._list.setCurrentRow(0)

    def choose_worst(self) -> None:
        """Go to the first finding, if there is one."""
        self._list.setCurrentRow(min(1, self._list.count() - 1))

    def close_threads(self) -> None:
        self._finding.images.grid.images.close()

    @Slot()
    def _fill(self) -> None:
        row, chosen = self._list.currentRow(), self._chosen_key()
        with QSignalBlocker(self._list):
            self._list.clear()
            self._list.addItem(self._audit_item())
            for key, finding in self._findings.items():
                item = _item(key, finding.title, SEVERITY_MARKS[finding.severity])
                spoken = f"{finding.severity.capitalize()}: {finding.title}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
                self._list.addItem(item)
        keys = [AUDIT, *self._findings]
        row = keys.index(chosen) if chosen in keys else min(max(row, 0), len(keys) - 1)
        self._list.setCurrentRow(row)
        self._show_state()

    def _chosen_key(self) -> str | None:
        item = self._list.currentItem()
        return item.data(_KEY) if item else None

    def _audit_item(self) -> QListWidgetItem:
        if self._made:
            verdict = self._made.verdict
            return _item(AUDIT, VERDICT_WORDS[verdict], VERDICT_MARKS[verdict])
        return _item(AUDIT, "Shortcut audit: not made yet", ("info", "muted"))

    def _show_state(self) -> None:
        if not self._is_checked:
            self._state.setText("The data has not been checked yet.")
        elif not self._findings:
            self._state.setText("The check found nothing to complain of.")
        self._state.setVisible(not self._findings)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current_item_changed(self, item: QListWidgetItem | None, _: object = None) -> None:
        finding = self._findings.get(item.data(_KEY)) if item else None
        if finding:
            self._finding.show_finding(finding)
        self._shown.setCurrentWidget(self._finding if finding else self._audit)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.addWidget(self._list, 1)
        side.addWidget(self._state)
        self._shown.addWidget(self._audit)
        self._shown.addWidget(self._finding)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addLayout(side)
        row.addWidget(self._shown, 1)


def _keys(findings: Iterable[Finding]) -> list[str]:
    """A name for each finding that outlives a check: its kind, numbered where there are several of it."""
    seen: Counter[str] = Counter()
    keys = []
    for finding in findings:
        seen[finding.kind] += 1
        keys.append(f"{finding.kind} {seen[finding.kind]}")
    return keys


def _item(key: str, text: str, mark: Mark) -> QListWidgetItem:
    made = QListWidgetItem(icon(*mark), text)
    made.setData(_KEY, key)
    return made


def _make_list() -> QListWidget:
    made = QListWidget()
    made.setObjectName("findings")
    made.setAccessibleName("Findings")
    made.setFixedWidth(LIST_WIDTH)
    made.setWordWrap(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made
