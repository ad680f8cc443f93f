"""Which model is in use: the one of last time, one that is chosen, one that was trained."""

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from covid_desktop import jobs
from covid_desktop.errors import UserError
from covid_desktop.gui.closing import Closing
from covid_desktop.gui.predict_tab import PredictTab
from covid_desktop.gui.settings import Settings
from covid_desktop.gui.task import Job
from covid_desktop.gui.window_jobs import WindowJobs

log = logging.getLogger(__name__)


class ModelLoading(QObject):
    """``taken`` carries each model that comes into use. Of several that are loaded the last one wins."""

    taken = Signal(object)

    def __init__(
        self,
        window: QObject,
        predict: PredictTab,
        settings: Settings,
        tasks: WindowJobs,
        closing: Closing,
        load_model: Job,
    ) -> None:
        super().__init__(window)
        self._predict, self._settings, self._tasks, self._closing = predict, settings, tasks, closing
        self._load_model = load_model
        self._wanted: Path | None = None

    def begin(self, load_tensorflow: Job) -> None:
        """Load TensorFlow, then the model of last time unless there is another one by then."""
        self._predict.set_no_model("TensorFlow is being loaded.")
        self._tasks.run("tensorflow", load_tensorflow, self._on_tensorflow_loaded, self._on_tensorflow_failed)

    def load(self, file: Path) -> None:
        """Read a model file in the background."""
        self._wanted = file
        self._tasks.run("model", partial(self._load_model, file), self._on_loaded)

    @Slot(object)
    def take(self, model: jobs.Model) -> None:
        """Use a model that is there already, in place of one that is being loaded."""
        self._wanted = model.path
        self._settings.add_recent("models", model.path)
        self.taken.emit(model)

    @Slot(object)
    def _on_tensorflow_loaded(self, _: object) -> None:
        log.info("TensorFlow is loaded")
        self._predict.set_no_model("Train a model or load one: it scores the images at once.")
        models = self._settings.recent("models")
        if models and self._predict.model is None and self._wanted is None and not self._closing.has_begun:
            self.load(models[0])

    @Slot(object)
    def _on_tensorflow_failed(self, _: UserError) -> None:
        self._predict.set_no_model("TensorFlow could not be loaded.")

    @Slot(object)
    def _on_loaded(self, model: jobs.Model) -> None:
        if model.path == self._wanted:
            self.take(model)
