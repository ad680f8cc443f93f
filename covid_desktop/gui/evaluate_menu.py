"""What the Evaluate menu does: judges the model, and saves what was found."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from covid_desktop.core.card_text import card_text
from covid_desktop.gui import help_pages
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.menu import Menu, RunJob
from covid_desktop.gui.report_file import write_report
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.tabs import Tabs


class EvaluateMenu(Menu):
    """``run`` starts the jobs that write reports."""

    names = (
        "evaluate",
        "evaluate_folder",
        "cancel_evaluation",
        "save_threshold",
        "show_model_card",
        "save_report",
        "save_report_html",
        "save_model_card",
        "clear_evaluations",
    )

    def __init__(
        self,
        window: QWidget,
        tabs: Tabs,
        dialogs: Dialogs,
        settings: Settings,
        run: RunJob,
    ) -> None:
        super().__init__(window)
        self._window, self._tabs, self._tab = window, tabs, tabs.evaluate
        self._dialogs, self._settings, self._run = dialogs, settings, run

    def _possible(self) -> dict[str, bool]:
        reports = ("save_report", "save_report_html", "save_model_card")
        return {
            "evaluate": self._tab.can_run,
            "evaluate_folder": self._tab.can_run_folder,
            "cancel_evaluation": self._tab.is_running,
            "save_threshold": self._tab.can_save,
            "show_model_card": self._tab.model is not None,
            **dict.fromkeys((*reports, "clear_evaluations"), self._tab.can_clear),
        }

    @Slot()
    def evaluate(self) -> None:
        self._tabs.show_tab("evaluate")
        self._tab.start()

    @Slot()
    def evaluate_folder(self) -> None:
        self._tabs.show_tab("evaluate")
        if folder := self._dialogs.folder(self._window, self._settings.last_folder):
            self._tab.start_folder(folder)

    @Slot()
    def cancel_evaluation(self) -> None:
        self._tab.cancel()

    @Slot()
    def save_threshold(self) -> None:
        self._tabs.show_tab("evaluate")
        self._tab.save()

    @Slot()
    def clear_evaluations(self) -> None:
        self._tab.clear()

    @Slot()
    def show_model_card(self) -> None:
        if model := self._tab.model:
            help_pages.show_model_card(self._window, card_text(model.card, self._tab.judgements))

    @Slot()
    def save_report(self) -> None:
        self._save("Save the report", "evaluation.pdf")

    @Slot()
    def save_report_html(self) -> None:
        self._save("Save the report", "evaluation.html")

    @Slot()
    def save_model_card(self) -> None:
        self._save("Save the model card", "model card.md")

    def _save(self, title: str, suggestion: str) -> None:
        model, judgements = self._tab.model, self._tab.judgements
        if not (model and judgements):
            return
        if file := self._dialogs.save_as(self._window, title, suggestion, Path(suggestion).suffix):
            self._run("report", partial(write_report, file, model.card, judgements), self._on_written)

    @Slot(object)
    def _on_written(self, file: Path) -> None:
        self._tabs.banner.show_notice("success", f"{file.name} is saved.", str(file.parent))
