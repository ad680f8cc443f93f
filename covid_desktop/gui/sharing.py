"""What one tab has for the others: data, a model, and what was found out about them."""

from PySide6.QtCore import QObject, Slot

from covid_desktop import jobs
from covid_desktop.curation import OpenedDataset
from covid_desktop.gui.tabs import Tabs


class Sharing(QObject):
    """Passes on what is made on one tab and concerns another."""

    def __init__(self, window: QObject, tabs: Tabs) -> None:
        super().__init__(window)
        self._tabs = tabs
        data, train, evaluate = tabs.data, tabs.train, tabs.evaluate
        data.dataset_changed.connect(self._on_dataset_changed)
        data.findings_changed.connect(self._on_findings_changed)
        train.files_skipped.connect(data.show_skipped)
        train.dataset_checked.connect(data.show_checked)
        train.audit_made.connect(data.show_audit)
        evaluate.model_changed.connect(self._on_model_changed)
        evaluate.test_used.connect(data.count_test_use)
        evaluate.exclude_chosen.connect(data.deciding.exclude)
        evaluate.relabel_chosen.connect(data.deciding.relabel)

    def set_model(self, model: jobs.Model) -> None:
        """Judge a model, and score with it."""
        self._tabs.evaluate.set_model(model)
        self._tabs.predict.set_model(model)

    @Slot(object)
    def _on_dataset_changed(self, opened: OpenedDataset) -> None:
        self._tabs.train.set_dataset(opened)
        self._tabs.evaluate.set_dataset(opened)
        self._tabs.runs.set_dataset(opened)

    @Slot()
    def _on_findings_changed(self) -> None:
        self._tabs.predict.answer.similar.set_places(self._tabs.data.places)

    @Slot(object)
    def _on_model_changed(self, model: jobs.Model) -> None:
        """Another threshold: what was scored is called anew."""
        self._tabs.predict.set_model(model)
