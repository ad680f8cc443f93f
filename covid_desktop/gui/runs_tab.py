"""The Runs tab: every training run that was kept, what it was and how several compare."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from covid_desktop import jobs
from covid_desktop.core import runs as kept
from covid_desktop.core.events import Progress
from covid_desktop.core.runs import Run, RunList
from covid_desktop.core.words import counted
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.drop_area import EmptyState
from covid_desktop.gui.notices import Banner
from covid_desktop.gui.run_details import RunDetails
from covid_desktop.gui.run_export import EXPORTS, Export, write_export
from covid_desktop.gui.runs_table import NAME, NOTE, RunsFilter, RunsModel, make_table
from covid_desktop.gui.task import Task
from covid_desktop.gui.theme import icon
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import Segmented, action_button, selection_action

_EDITS: dict[str, Callable[[Run, str], Run]] = {"name": kept.rename, "note": kept.annotate}


class RunsTab(QWidget):
    """``model_chosen`` carries the path of a run's model; ``progressed`` what runs, or None."""

    model_chosen = Signal(object)
    progressed = Signal(object)
    train_requested = Signal()

    def __init__(
        self, list_runs: Callable[..., RunList] = jobs.list_runs, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self._list_runs, self._dialogs = list_runs, dialogs or Dialogs()
        self._opened: OpenedDataset | None = None
        self._task: Task | None = None
        self._is_stale = True
        self._is_training = False
        self._here: frozenset[Path] = frozenset()
        self._banner = Banner()
        self._empty = EmptyState(
            "runs",
            "Every training run is kept here",
            "Its curves, its settings and its model: to look at again, to compare and to use.",
        )
        self._model = RunsModel(self)
        self._shown = RunsFilter(self._model)
        self._table = make_table(self._shown)
        self._search = _search_field()
        self._choice = Segmented([("all_runs", "All"), ("runs_here", "This data")])
        self._actions = _make_actions(self._table)
        self._exports = {one.key: QAction(f"{one.text}…", self) for one in EXPORTS}
        self._details = RunDetails()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_choice()
        self._show_state()

    # --- what others may ask

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The data whose runs can be shown alone."""
        self._opened = opened
        self.refresh()

    def set_training(self, is_training: bool) -> None:
        """A run that goes on keeps its folder; when it has ended, it is listed."""
        has_ended = self._is_training and not is_training
        self._is_training = is_training
        self._show_state()
        if has_ended:
            self.refresh()

    def refresh(self) -> None:
        """Look through the runs anew, at once where the tab is in sight, otherwise when it comes there."""
        self._is_stale = True
        if self.isVisible():
            self._start()

    def close_threads(self) -> None:
        self._drop()
        self._details.close_threads()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._start()

    @property
    def selected(self) -> list[Run]:
        """In the order that is shown."""
        rows = sorted(self._table.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self._shown.run(index) for index in rows]

    # --- the job

    def _start(self) -> None:
        self._drop()
        self._is_stale = False
        self._task = Task(partial(self._list_runs, self._opened))
        self._task.setObjectName("runs")
        self._task.reported.connect(self._on_reported)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        self._task.start()

    def _drop(self) -> None:
        if self._task:
            self._task.stop()
            self._end()

    def _end(self) -> None:
        self._task = None
        self.progressed.emit(None)

    @property
    def _is_late(self) -> bool:
        return self._task is None or self.sender() is not self._task

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, Progress) and not self._is_late:
            self.progressed.emit(event)

    @Slot(object)
    def _on_succeeded(self, found: RunList) -> None:
        if self._is_late:
            return
        self._end()
        self._here = found.here
        self._set_runs(found.runs)

    @Slot(object)
    def _on_failed(self, error: UserError) -> None:
        if not self._is_late:
            self._end()
            self._banner.show_error(error)

    # --- what is shown

    def _set_runs(self, runs: Sequence[Run]) -> None:
        chosen = {run.folder for run in self.selected}
        self._model.set_runs(runs)
        self._show_choice()
        self._select(chosen)
        self._show_state()

    def _select(self, folders: Iterable[Path]) -> None:
        """Those of ``folders`` that are in sight, or else the first row."""
        wanted = set(folders)
        rows = [row for row, run in enumerate(self._shown.runs) if run.folder in wanted] or [0]
        flags = QItemSelectionModel.SelectionFlag
        selection = self._table.selectionModel()
        selection.clear()
        for row in rows[: self._shown.rowCount()]:
            selection.setCurrentIndex(self._shown.index(row, 0), flags.Select | flags.Rows)

    @Slot()
    def _show_choice(self) -> None:
        here = len(self._here.intersection(run.folder for run in self._model.runs))
        self._choice.set_count("all_runs", len(self._model.runs))
        self._choice.set_count("runs_here", here if self._opened else None)
        self._choice.setVisible(self._opened is not None)
        is_here = self._choice.current == "runs_here" and self._opened is not None
        self._shown.set_folders(self._here if is_here else None)

    @Slot()
    def _show_state(self) -> None:
        runs = self.selected
        self._pages.setCurrentIndex(1 if self._model.runs else 0)
        self._details.show_runs(runs)
        one = len(runs) == 1
        self._actions["open_run"].setEnabled(one and runs[0].card is not None)
        self._actions["rename_run"].setEnabled(one)
        self._actions["annotate_run"].setEnabled(one)
        self._actions["delete_runs"].setEnabled(bool(runs) and not self._is_training)
        self._exports["runs_table"].setEnabled(bool(self._shown.rowCount()))
        for key in ("runs_curves_csv", "runs_curves_png", "runs_curves_svg"):
            self._exports[key].setEnabled(any(run.history.epochs for run in runs))

    @Slot(str)
    def _on_search_changed(self, text: str) -> None:
        self._shown.set_search(text)

    # --- what is done with runs

    @Slot()
    def _on_open(self) -> None:
        for run in self.selected[:1]:
            self.model_chosen.emit(run.model)

    @Slot()
    def _on_rename(self) -> None:
        self._edit(NAME)

    @Slot()
    def _on_annotate(self) -> None:
        self._edit(NOTE)

    def _edit(self, column: int) -> None:
        for index in self._table.selectionModel().selectedRows(column)[:1]:
            self._table.setFocus()
            self._table.setCurrentIndex(index)
            self._table.edit(index)

    @Slot(object, str, str)
    def _on_edited(self, run: Run, what: str, text: str) -> None:
        if changed := self._attempt(partial(_EDITS[what], run, text)):
            self._model.replace(changed)
            self._show_state()

    @Slot()
    def _on_delete(self) -> None:
        trashed: dict[Path, Path] = {}
        self._banner.clear()
        for run in self.selected:
            if place := self._attempt(partial(kept.delete, run)):
                trashed[place] = run.folder
        if trashed:
            self._leave_out(trashed.values())
            self._tell_deleted(trashed)

    def _leave_out(self, folders: Iterable[Path]) -> None:
        gone = set(folders)
        self._set_runs([run for run in self._model.runs if run.folder not in gone])

    def _tell_deleted(self, trashed: dict[Path, Path]) -> None:
        if self._banner.isVisibleTo(self):  # one of them could not be moved
            return
        trash = next(iter(trashed)).parent
        self._banner.show_notice(
            "info",
            f"{counted(len(trashed), 'run')} moved to the trash.",
            f"Nothing is erased until you empty {trash} yourself.",
            action=("Undo", partial(self._restore, trashed)),
        )

    def _restore(self, trashed: dict[Path, Path]) -> None:
        self._banner.clear()
        for place, folder in trashed.items():
            self._attempt(partial(kept.restore, place, folder))
        back = [kept.read_run(folder) for folder in trashed.values() if folder.is_dir()]
        self._set_runs([*self._model.runs, *back])
        self._select(trashed.values())

    @Slot()
    def _on_export(self) -> None:
        chosen = next(one for one in EXPORTS if self._exports[one.key] is self.sender())
        file = self._dialogs.save_as(self, chosen.text, chosen.suggestion, chosen.ending)
        if file:
            self._export(chosen, file)

    def _export(self, chosen: Export, file: Path) -> None:
        runs = self._shown.runs if chosen.key == "runs_table" else self.selected
        try:
            write_export(chosen, runs, file)
        except UserError as error:
            self._banner.show_error(error)
        else:
            self._banner.show_notice("success", f"Saved as {file.name}.", str(file.parent))

    def _attempt(self, action: Callable[[], Any]) -> Any:
        """What ``action`` gives; None where it fails, which is told."""
        try:
            return action()
        except UserError as error:
            self._banner.show_error(error)
            return None

    # --- layout

    def _connect(self) -> None:
        self._table.selectionModel().selectionChanged.connect(self._show_state)
        self._model.edited.connect(self._on_edited)
        self._search.textChanged.connect(self._on_search_changed)
        self._choice.chosen.connect(self._show_choice)
        slots = {
            "open_run": self._on_open,
            "rename_run": self._on_rename,
            "annotate_run": self._on_annotate,
            "delete_runs": self._on_delete,
        }
        for key, slot in slots.items():
            self._actions[key].triggered.connect(slot)
        for action in self._exports.values():
            action.triggered.connect(self._on_export)

    def _lay_out(self) -> None:
        train = self._empty.add_button("Go to Train", "train_from_runs", primary=True)
        train.clicked.connect(self.train_requested)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._full_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP_SMALL)
        column.addWidget(self._banner)
        column.addWidget(self._pages, 1)

    def _full_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addLayout(self._bar())
        self._table.setMinimumHeight(140)
        self._details.setMinimumHeight(200)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(GAP)
        splitter.setChildrenCollapsible(False)
        for part, stretch in ((self._table, 2), (self._details, 3)):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        splitter.setSizes([260, 400])
        column.addWidget(splitter, 1)
        return page

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(GAP_SMALL)
        bar.addWidget(self._search)
        bar.addWidget(self._choice)
        bar.addStretch(1)
        for action in self._actions.values():
            bar.addWidget(action_button(action))
        bar.addWidget(self._export_button())
        return bar

    def _export_button(self) -> QToolButton:
        made = QToolButton()
        made.setObjectName("export_runs")
        made.setText("Export")
        made.setIcon(icon("export"))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setProperty("class", "button")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        for key, action in self._exports.items():
            action.setObjectName(f"action_{key}")
            menu.addAction(action)
        made.setMenu(menu)
        return made


def _make_actions(table: QWidget) -> dict[str, QAction]:
    """By name: buttons above the table, and its context menu."""
    made = {
        "open_run": selection_action(table, "Open model", "open_run"),
        "rename_run": selection_action(table, "Rename", "rename_run", "F2"),
        "annotate_run": selection_action(table, "Annotate", "annotate_run"),
        "delete_runs": selection_action(table, "Delete", "delete_runs", "Delete"),
    }
    made["delete_runs"].setToolTip("Move to the trash; waits while a training run goes on")
    return made


def _search_field() -> QLineEdit:
    made = QLineEdit()
    made.setObjectName("search_runs")
    made.setPlaceholderText("Search")
    made.setAccessibleName("Search the runs")
    made.setMinimumWidth(140)
    made.setMaximumWidth(260)
    return made
