"""What the menus can do with the model: verify it, and export it in other formats."""

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from covid_desktop import jobs, verifying
from covid_desktop.core.export import FORMATS, Export, ExportKind
from covid_desktop.core.verification import WAYS, Verification
from covid_desktop.gui.dialogs import Dialogs
from covid_desktop.gui.menu import Menu, Notify, RunJob
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.task import Job
from covid_desktop.gui.verification_view import VerificationView


class ModelMenu(Menu):
    """A format in which the model was found to give other scores is not exported."""

    names = ("verify_model", "export_saved_model", "export_litert", "export_onnx")

    def __init__(
        self,
        window: QWidget,
        tab: PredictTab,
        dialogs: Dialogs,
        run: RunJob,
        notify: Notify,
        verify: Job = verifying.verify_model,
    ) -> None:
        super().__init__(window)
        self._window, self._tab, self._dialogs = window, tab, dialogs
        self._run, self._notify, self._verify = run, notify, verify
        self._verified: jobs.Model | None = None
        self._refused_exports: frozenset[ExportKind] = frozenset()

    def _possible(self) -> dict[str, bool]:
        return dict.fromkeys(self.names, self._tab.model is not None)

    @Slot()
    def verify_model(self) -> None:
        if model := self._tab.model:
            self._verified, self._refused_exports = model, frozenset()
            view = VerificationView(partial(self._verify, model), model.path.name, self._window)
            view.verified.connect(self._on_verified)
            view.open()

    @Slot(object)
    def _on_verified(self, verification: Verification) -> None:
        refused = verification.refused_exports
        self._refused_exports = frozenset(way.export for way in WAYS if way.export and way.name in refused)
        if self._tab.model is not self._verified:
            return  # a run has ended meanwhile, and its model took the place
        if verification.refusal:
            self._tab.refuse_model(verification.refusal)
        else:
            self._tab.accept_model()

    @Slot()
    def export_saved_model(self) -> None:
        self._export("saved_model")

    @Slot()
    def export_litert(self) -> None:
        self._export("litert")

    @Slot()
    def export_onnx(self) -> None:
        self._export("onnx")

    def _export(self, kind: ExportKind) -> None:
        model = self._tab.model
        if model is None:
            return
        title, ending = FORMATS[kind].title, FORMATS[kind].ending
        if model is self._verified and kind in self._refused_exports:
            what = f"As {title}, the model gives other scores on this computer."
            self._notify("error", what, "Export it in another format.")
            return
        suggestion = f"{model.card.positive_class} {model.card.architecture}{ending}"
        if file := self._dialogs.save_as(self._window, f"Export as {title}", suggestion, ending):
            self._run("export", partial(jobs.export_model, model, file, kind), self._on_exported)

    @Slot(object)
    def _on_exported(self, export: Export) -> None:
        what = f"The model is exported as {FORMATS[export.kind].title}: {export.path.name}."
        same = f"Its scores are at most {export.largest_difference:.0e} off. {export.path.parent}"
        self._notify("success", what, same)
