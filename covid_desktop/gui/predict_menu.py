"""What the menus can do with the worklist and the watched folder: asks, and starts the jobs."""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from covid_desktop import jobs, paths
from covid_desktop.core.atomic import write_text
from covid_desktop.core.dicom_series import SeriesPlace
from covid_desktop.core.events import Emit, ShouldStop
from covid_desktop.core.prediction import Prediction
from covid_desktop.core.prediction_log import LogState, check
from covid_desktop.core.review import Review
from covid_desktop.core.words import counted
from covid_desktop.core.worklist_file import Entry, read_worklist, worklist_csv
from covid_desktop.core.worklist_sections import Names
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.menu import Menu, Notify, RunJob
from covid_desktop.gui.predict_tab import ANOTHER_MODEL, PredictTab
from covid_desktop.gui.report_file import write_worklist_report
from covid_desktop.gui.settings import Settings

_REMEMBER, _NAMELESS, _LOGGED = "reviewer/kept", "report/nameless", "predictions/logged"


class PredictMenu(Menu):
    """``run`` starts the jobs, ``notify`` shows notices.

    ``tab_wanted`` says that what was done is to be seen on the Predict tab.
    """

    names = (
        "export_csv",
        "open_worklist",
        "score_refused",
        "watch_folder",
        "stop_watching",
        "report_image",
        "report_worklist",
        "nameless_reports",
        "save_dicom",
        "keep_reviewer",
        "keep_prediction_log",
        "check_prediction_log",
    )
    tab_wanted = Signal()

    def __init__(
        self,
        window: QWidget,
        tab: PredictTab,
        dialogs: Dialogs,
        settings: Settings,
        run: RunJob,
        notify: Notify,
    ) -> None:
        super().__init__(window)
        self._window, self._tab, self._dialogs, self._settings = window, tab, dialogs, settings
        self._run, self._notify = run, notify

    def restore(self, actions: Mapping[str, QAction]) -> None:
        """Tick what was ticked when the window was closed."""
        ticked = {
            "keep_reviewer": _REMEMBER,
            "nameless_reports": _NAMELESS,
            "keep_prediction_log": _LOGGED,
        }
        for name, key in ticked.items():
            actions[name].setCheckable(True)
            actions[name].setChecked(self._settings.text(key) == "yes")
        self._set_reviewer(actions["keep_reviewer"].isChecked())
        self._tab.prediction_log.is_on = actions["keep_prediction_log"].isChecked()

    def _possible(self) -> dict[str, bool]:
        has_model, has_results = self._tab.model is not None, self._tab.worklist.done > 0
        return {
            "export_csv": has_results,
            "score_refused": bool(self._tab.refused) and has_model,
            "watch_folder": has_model and not self._tab.refusal,
            "stop_watching": self._tab.watching.is_running,
            "report_image": has_model and self._current is not None,
            "report_worklist": has_model and has_results,
            "save_dicom": has_model and has_results,
        }

    @property
    def _current(self) -> Prediction | None:
        path = self._tab.view.current
        row = self._tab.worklist.row_of(path) if path else None
        return None if row is None else self._tab.worklist.prediction(row)

    # --- the list

    @Slot()
    def export_csv(self) -> None:
        file = self._dialogs.save_as(self._window, "Save the results", "predictions.csv", ".csv")
        if not file:
            return
        model = self._tab.model
        entries, name = self._tab.worklist.entries, model.name if model else ""
        self._run("csv", partial(_write_csv, file, entries, name), self._on_file_written)

    @Slot()
    def open_worklist(self) -> None:
        if file := self._dialogs.results(self._window, self._settings.text("last/results")):
            self._settings.set_text("last/results", str(file.parent))
            self._run("worklist", partial(_read_worklist, file), self._on_worklist_read)

    @Slot(object)
    def _on_worklist_read(self, entries: tuple[Entry, ...]) -> None:
        self._tab.open_worklist(entries)
        self.tab_wanted.emit()

    @Slot()
    def score_refused(self) -> None:
        self._tab.score_refused_anyway()

    @Slot()
    def keep_reviewer(self) -> None:
        self._set_reviewer(self._toggle(_REMEMBER))

    def _set_reviewer(self, is_kept: bool) -> None:
        self._tab.view.set_reviewer(_user_name() if is_kept else None)

    def _toggle(self, key: str) -> bool:
        is_on = self._settings.text(key) != "yes"
        self._settings.set_text(key, "yes" if is_on else "no")
        return is_on

    # --- the log of predictions

    @Slot()
    def keep_prediction_log(self) -> None:
        is_on = self._tab.prediction_log.is_on = self._toggle(_LOGGED)
        if is_on:
            self._run("prediction log", _log_file, self._on_log_kept)
        else:
            self._notify("info", "Predictions are not logged any more.", "What was logged stays.")

    @Slot(object)
    def _on_log_kept(self, file: Path) -> None:
        what = "Predictions are logged from now on: when, by which model, and what it said."
        self._notify("info", what, f"Images are named by a hash of their content alone. The log is {file}.")

    @Slot()
    def check_prediction_log(self) -> None:
        self._run("prediction log", _check_log, self._on_log_checked)

    @Slot(object)
    def _on_log_checked(self, state: LogState) -> None:
        self._notify("success" if state.is_intact else "warning", state.words)

    # --- the watched folder

    @Slot()
    def watch_folder(self) -> None:
        self.choose_watched(include_existing=self._tab.watch_bar.include_existing)

    @Slot(bool)
    def choose_watched(self, include_existing: bool) -> None:
        """Ask for a folder, and score what comes into it."""
        if self._tab.model is None:
            what = "There is no model yet that could score what comes into a folder."
            self._notify("info", what, "Train a model or load one.")
            return
        if self._tab.refusal:
            self._notify("error", self._tab.refusal, ANOTHER_MODEL)
            return
        start = self._settings.text("last/watched")
        if folder := self._dialogs.watched_folder(self._window, start):
            self._settings.set_text("last/watched", str(folder))
            self._tab.start_watching(folder, include_existing=include_existing)
            self.tab_wanted.emit()

    @Slot()
    def stop_watching(self) -> None:
        self._tab.watching.stop()

    # --- reports

    @Slot()
    def nameless_reports(self) -> None:
        self._toggle(_NAMELESS)

    @Slot()
    def report_image(self) -> None:
        if prediction := self._current:
            self._save_report([prediction], f"{prediction.path.stem} report.pdf")

    @Slot()
    def report_worklist(self) -> None:
        self._save_report(self._tab.worklist.predictions, "worklist report.pdf")

    def _save_report(self, predictions: Sequence[Prediction], suggestion: str) -> None:
        model = self._tab.model
        if model is None or not predictions or not self._may_save(predictions):
            return
        if file := self._dialogs.report(self._window, suggestion):
            worklist = self._tab.worklist
            job = partial(
                write_report_of,
                file,
                model,
                list(predictions),
                reviews={one.path: worklist.review(one.path) for one in predictions},
                series={one.path: self._tab.series_of(one.path) for one in predictions},
                names="numbers" if self._settings.text(_NAMELESS) == "yes" else "files",
            )
            self._run("report", job, self._on_file_written)

    def _may_save(self, predictions: Sequence[Prediction]) -> bool:
        """Whether they are the model's; the tab says so where they are not."""
        may = self._tab.may_save(predictions)
        if not may:
            self.tab_wanted.emit()
        return may

    @Slot(object)
    def _on_file_written(self, file: Path) -> None:
        self._notify("success", f"{file.name} is saved.", str(file.parent))

    # --- DICOM

    @Slot()
    def save_dicom(self) -> None:
        model = self._tab.model
        if model is None or not self._may_save(self._tab.worklist.predictions):
            return
        if folder := self._dialogs.output_folder(self._window, self._settings.text("last/dicom")):
            self._settings.set_text("last/dicom", str(folder))
            job = partial(jobs.save_dicom_results, model, self._tab.worklist.predictions, folder)
            self._run("dicom", job, self._on_dicom_saved)

    @Slot(object)
    def _on_dicom_saved(self, saved: Any) -> None:
        reasons = "\n".join(f"{one.path.name}: {one.reason}" for one in saved.left_out[:50])
        if not saved.written:
            self._notify("warning", "Nothing was written.", "No image of the list could be.", details=reasons)
            return
        what = f"The results are written: {counted(len(saved.written), 'DICOM file')}."
        left_out = f" Left out: {counted(len(saved.left_out), 'image')}." if saved.left_out else ""
        self._notify("success", what, f"{saved.written[0].parent}.{left_out}", details=reasons)


def write_report_of(
    file: Path,
    model: jobs.Model,
    predictions: Sequence[Prediction],
    *,
    reviews: Mapping[Path, Review],
    series: Mapping[Path, SeriesPlace | None],
    names: Names,
    emit: Emit,
    should_stop: ShouldStop,
) -> Path:
    """Look at the images once more, with heatmaps, and write the report. Raises UserError, Stopped."""
    images = [
        replace(image, review=reviews[one.path], series=place.words if (place := series[one.path]) else "")
        for image, one in zip(
            jobs.explained(model, predictions, emit=emit, should_stop=should_stop), predictions, strict=True
        )
    ]
    return write_worklist_report(
        file, model.card, model.path.name, images, names=names, emit=emit, should_stop=should_stop
    )


def _write_csv(file: Path, entries: Sequence[Any], model_name: str, **_: Any) -> Path:
    write_text(file, worklist_csv(entries, model_name))
    return file


def _log_file(**_: Any) -> Path:
    return paths.prediction_log_file()


def _check_log(**_: Any) -> LogState:
    return check(paths.prediction_log_file())


def _read_worklist(file: Path, **_: Any) -> tuple[Entry, ...]:
    return read_worklist(file)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name
        return "unknown"
