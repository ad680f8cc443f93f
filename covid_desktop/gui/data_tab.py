"""The Data tab: choose a folder, see what it holds and what is wrong with it, and decide about it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from covid_desktop import curation, jobs
from covid_desktop.core.audit import ShortcutAudit
from covid_desktop.core.dataset import SkippedFile
from covid_desktop.core.events import Progress
from covid_desktop.core.findings import Finding
from covid_desktop.core.words import counted
from covid_desktop.curation import CheckedDataset, OpenedDataset
from covid_desktop.errors import ImageError, UserError
from covid_desktop.gui.change_words import files
from covid_desktop.gui.data_jobs import DataJobs, Kind
from covid_desktop.gui.data_page import DataPage
from covid_desktop.gui.deciding import Deciding
from covid_desktop.gui.first_folder import FirstFolder
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.patients_dialog import PatientsDialog
from covid_desktop.gui.severity import VERDICT_NOTICES, severities
from covid_desktop.gui.skipped_view import is_excluded
from covid_desktop.gui.tokens import GAP, GAP_SMALL

_STAGES: dict[Kind, str] = {
    "open": "Opening the folder",
    "check": "Reading every image",
    "audit": "Auditing for shortcuts",
}
_MAY_WAIT: tuple[Kind, ...] = ("check", "audit")  # and begin in this order


class DataTab(QWidget):
    """``dataset_changed`` carries an OpenedDataset; ``progressed`` what runs, as a Progress or None."""

    dataset_changed = Signal(object)
    findings_changed = Signal()
    progressed = Signal(object)
    choose_requested = Signal()
    demo_requested = Signal()
    image_opened = Signal(object)

    def __init__(
        self,
        open_dataset: Callable[..., OpenedDataset] = curation.open_dataset,
        check: Callable[..., CheckedDataset] = curation.check,
        audit: Callable[..., ShortcutAudit] = jobs.audit,
    ) -> None:
        super().__init__()
        self._open_dataset = open_dataset
        self._work: dict[Kind, Callable[..., Any]] = {"check": check, "audit": audit}
        self.opened: OpenedDataset | None = None
        self._findings: tuple[Finding, ...] | None = None
        self.places: dict[str, Path] = {}  # of the images that were read, by content
        self._audit: ShortcutAudit | None = None
        self._audited: dict[Path, str] = {}
        self._wanted: set[Kind] = set()
        self._interrupted: set[Kind] = set()  # by an opening, and begun again if that fails
        self._is_asked = False
        self._is_closed = False
        self.deciding = Deciding(self)
        self._jobs = DataJobs(self)
        self._banner = Banner()
        self._first = FirstFolder()
        self._page = DataPage()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._on_progressed(None)

    # --- what others may ask

    def open_folder(self, folder: Path) -> None:
        """Look through ``folder`` in the background; an earlier look is dropped."""
        interrupted = self._interrupted | self._waiting
        self.cancel()
        self._interrupted = interrupted
        self._banner.clear()
        self._jobs.start("open", _STAGES["open"], partial(self._open_dataset, folder))

    @Slot(object)
    def show_skipped(self, skipped: tuple[SkippedFile, ...]) -> None:
        """Those of ``skipped`` that are images of the open folder join the skipped ones."""
        used = {sample.path for sample in self.opened.dataset.samples} if self.opened else set()
        found = tuple(file for file in skipped if file.path in used)
        if self.opened and found:
            self._set_opened(self.opened.without(found))
            self._check_again()

    @Slot(object)
    def show_checked(self, checked: CheckedDataset) -> None:
        """Take over what a training run found, if it was about the same data."""
        if self.opened and _is_same_data(self.opened, checked.opened):
            self._wanted.discard("check")
            if self._jobs.current == "check":
                self._jobs.drop()
            self._on_checked(checked)
            self._start_next()

    @Slot(object, object)
    def show_audit(self, audit: ShortcutAudit, opened: OpenedDataset) -> None:
        """Show an audit of ``opened``, if that is of the open folder."""
        if self.opened and self.opened.scanned.folder == opened.scanned.folder:
            self._audit, self._audited = audit, _classes(opened)
            self._show_findings()

    @Slot()
    def count_test_use(self) -> None:
        """Show how often the test set was evaluated by now."""
        if self.opened:
            self._set_opened(curation.with_test_uses(self.opened))

    def show_audit_entry(self) -> None:
        """Go to the shortcut audit among the findings."""
        self._page.show_filter("findings")
        self._page.findings.choose_audit()

    @property
    def can_check(self) -> bool:
        return self.opened is not None and self._jobs.current is None

    @property
    def can_set_aside(self) -> bool:
        return self.opened is not None and not self.opened.split.test

    @property
    def can_audit(self) -> bool:
        return self.opened is not None and "audit" not in self._waiting

    @property
    def is_checked(self) -> bool:
        """Whether a check of the open folder has ended."""
        return self._findings is not None

    @property
    def badge(self) -> str | None:
        """What must not be overlooked, in a few words."""
        current = None if self._is_outdated else self._audit
        if serious := severities(self._findings or (), current).count("serious"):
            return counted(serious, "serious finding")
        skipped = self._count_skipped()
        return f"{skipped:,} skipped" if skipped else None

    @Slot()
    def cancel(self) -> None:
        """Stop the job that runs, and begin none that waits."""
        self._wanted.clear()
        self._interrupted.clear()
        self._is_asked = False
        self._jobs.drop()

    def close_threads(self) -> None:
        """End what runs, and begin nothing more."""
        self.cancel()
        self._is_closed = True
        self._page.close_threads()

    # --- jobs

    @Slot()
    def start_check(self) -> None:
        """Read every image of the open folder, and tell what was found even if it is nothing."""
        if self.can_check:
            self._banner.clear()
            self._is_asked = True
            self._want("check")

    @Slot()
    def start_audit(self) -> None:
        if self.can_audit:
            self._want("audit")

    def _check_again(self) -> None:
        """After the data has changed: quietly, in place of a check or an audit of the data as it was."""
        if self._jobs.current in _MAY_WAIT:
            self._wanted.add(self._jobs.current)
            self._jobs.drop()
        self._want("check")

    def _want(self, kind: Kind) -> None:
        """Begin a job, or have it wait for the one that runs."""
        self._wanted.add(kind)
        self._start_next()

    @property
    def _waiting(self) -> set[Kind]:
        """The jobs on the open folder that run or wait."""
        return {kind for kind in _MAY_WAIT if kind in (*self._wanted, self._jobs.current)}

    def _start_next(self) -> None:
        waiting = [kind for kind in _MAY_WAIT if kind in self._wanted]
        if self.opened and waiting and not self._jobs.current and not self._is_closed:
            kind = waiting[0]
            self._wanted.remove(kind)
            self._jobs.start(kind, _STAGES[kind], partial(self._work[kind], self.opened))
        self._page.findings.set_audit_running(not self.can_audit)

    @Slot(str, object)
    def _on_job_ended(self, kind: Kind, result: Any) -> None:
        if kind == "open":
            self._on_opened(result)
        elif kind == "check":
            self._on_checked(result)
        elif self.opened:
            self.show_audit(result, self.opened)
            self._tell_audit(result)
        self._start_next()

    @Slot(str, object)
    def _on_job_failed(self, kind: Kind, error: UserError) -> None:
        self._is_asked = False
        action = None if self.opened else ("Choose folder", self._ask_for_folder)
        self._banner.show_error(error, action)
        if kind == "open":
            self._wanted |= self._interrupted
            self._interrupted.clear()
        self._start_next()

    @Slot(object)
    def _on_progressed(self, progress: Progress | None) -> None:
        self._first.set_busy(progress is not None)
        self._page.cancel.setVisible(progress is not None)
        self._page.check.setEnabled(self.can_check)
        self._page.findings.set_audit_running(not self.can_audit)
        self.progressed.emit(progress)

    def _on_opened(self, opened: OpenedDataset) -> None:
        for dialog in self.findChildren(PatientsDialog):
            dialog.close()
        self._findings, self._audit, self._is_asked = None, None, False
        self._interrupted.clear()
        self.deciding.reopen(opened)
        self._set_opened(opened)
        self._tell_skipped()
        self._wanted.add("check")

    def _on_checked(self, checked: CheckedDataset) -> None:
        is_first = self._findings is None
        self._take_over(checked)
        if is_first or self._is_asked:
            self._tell_findings(checked.findings)
        self._is_asked = False

    def _take_over(self, checked: CheckedDataset) -> None:
        if checked.opened != self.opened:
            self._set_opened(checked.opened)
        self._findings = checked.findings
        self.places = {facts.sha256: path for path, facts in checked.facts.items()}
        self._show_findings()

    # --- what is shown

    def _set_opened(self, opened: OpenedDataset) -> None:
        self.opened = opened
        self.deciding.set_opened(opened)
        self._page.show_opened(opened)
        self._pages.setCurrentWidget(self._page)
        self._show_findings()
        self.dataset_changed.emit(opened)

    @property
    def _is_outdated(self) -> bool:
        return self.opened is not None and self._audited != _classes(self.opened)

    def _show_findings(self) -> None:
        self._page.show_findings(self._findings, self._audit, is_outdated=self._is_outdated)
        self.findings_changed.emit()

    def _count_skipped(self) -> int:
        skipped = self.opened.dataset.skipped if self.opened else ()
        return sum(not is_excluded(file) for file in skipped)

    def _tell_skipped(self) -> None:
        if count := self._count_skipped():
            what = f"{files(count)} {'are' if count > 1 else 'is'} not used."
            show = ("Show skipped", partial(self._page.show_filter, "skipped"))
            self._banner.show_notice("warning", what, "Each has its reason.", action=show)

    def _tell_findings(self, findings: Sequence[Finding]) -> None:
        """Where something is serious, or where the user asked."""
        serious = [finding for finding in findings if finding.severity == "serious"]
        show = ("Show findings", self._show_worst)
        if serious:
            others = f"And {counted(len(findings) - 1, 'more finding')}." if len(findings) > 1 else ""
            self._banner.show_notice("error", serious[0].title, others, action=show)
        elif findings and self._is_asked:
            what = f"Nothing serious. {counted(len(findings), 'finding')} to look at."
            self._banner.show_notice("info", what, action=show)
        elif self._is_asked and self.opened:
            images = len(self.opened.dataset.samples)
            self._banner.show_notice("success", f"All {images:,} images can be read; nothing to complain of.")

    def _tell_audit(self, audit: ShortcutAudit) -> None:
        """Whoever looks at images meanwhile is not taken away from them."""
        if self._page.shows_findings:
            self._page.findings.choose_audit()
        else:
            show = ("Show audit", self.show_audit_entry)
            self._banner.show_notice(VERDICT_NOTICES[audit.verdict], audit.sentence, action=show)

    def _show_worst(self) -> None:
        self._page.show_filter("findings")
        self._page.findings.choose_worst()
        self._banner.clear()

    # --- what the user does

    @Slot()
    def _ask_for_folder(self) -> None:
        self.choose_requested.emit()

    @Slot(object, str)
    def _on_decided(self, opened: OpenedDataset, done: str) -> None:
        self._set_opened(opened)
        self._banner.clear()
        if done:
            self._banner.show_notice("success", done, action=("Undo", self.deciding.steps.undo))
        self._check_again()

    @Slot(object)
    def _on_decision_failed(self, error: UserError) -> None:
        if self.opened:
            self._page.show_opened(self.opened)
        self._banner.show_error(error)

    @Slot()
    def choose_patients(self) -> None:
        """Ask how file names tell patients apart."""
        if self.opened:
            dialog = PatientsDialog(self.opened, self)
            dialog.pattern_chosen.connect(self.deciding.use_pattern)
            dialog.open()

    @Slot(object, object)
    def _on_thumbnail_unreadable(self, path: Path, error: ImageError) -> None:
        if self.can_check:
            what = f"{path.name} cannot be read: {error}"
            check = ("Check data", self.start_check)
            self._banner.show_notice("warning", what, "Check data finds all such files.", action=check)

    # --- layout

    def _connect(self) -> None:
        jobs_, page, deciding = self._jobs, self._page, self.deciding
        jobs_.ended.connect(self._on_job_ended)
        jobs_.failed.connect(self._on_job_failed)
        jobs_.progressed.connect(self._on_progressed)
        deciding.decided.connect(self._on_decided)
        deciding.failed.connect(self._on_decision_failed)
        self._first.choose_requested.connect(self._ask_for_folder)
        self._first.demo_requested.connect(self.demo_requested)
        self._first.cancel_requested.connect(self.cancel)
        page.choose.clicked.connect(self._ask_for_folder)
        page.check.clicked.connect(self.start_check)
        page.cancel.clicked.connect(self.cancel)
        page.patients.clicked.connect(self.choose_patients)
        page.positive_chosen.connect(deciding.make_positive)
        page.test.set_aside_requested.connect(deciding.set_test_aside)
        page.images.exclude_chosen.connect(deciding.exclude)
        page.images.relabel_chosen.connect(deciding.relabel)
        page.images.opened.connect(self.image_opened)
        page.images.grid.images.unreadable.connect(self._on_thumbnail_unreadable)
        page.skipped.use_again_chosen.connect(deciding.use_again)
        page.findings.remedy_chosen.connect(deciding.remedy)
        page.findings.audit_requested.connect(self.start_audit)
        page.findings.image_opened.connect(self.image_opened)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._pages, 1)
        self._pages.addWidget(self._first)
        self._pages.addWidget(self._page)


def _is_same_data(one: OpenedDataset, other: OpenedDataset) -> bool:
    """Whether both are of one folder, with the same decisions; drawn sets follow from the seed."""
    if one.scanned.folder != other.scanned.folder or not one.decisions.agree_with(other.decisions):
        return False
    return replace(one.decisions, sets={}) == replace(other.decisions, sets={})


def _classes(opened: OpenedDataset) -> dict[Path, str]:
    """What an audit is about: the images, and which class each is of, whichever is the positive one."""
    names = opened.dataset.class_names
    return {sample.path: names[sample.label] for sample in opened.split.training + opened.split.validation}
