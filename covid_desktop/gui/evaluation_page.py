"""What the Evaluate tab shows of evaluations: numbers, cases, calibration."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from covid_desktop import jobs
from covid_desktop.core.calibration import Calibration
from covid_desktop.core.dataset import Subset
from covid_desktop.core.indeterminate import Band
from covid_desktop.core.judgement import Judgement
from covid_desktop.core.words import counted
from covid_desktop.curation import OpenedDataset
from covid_desktop.errors import UserError
from covid_desktop.figures.layout import fitted
from covid_desktop.gui.calibration_view import CalibrationView
from covid_desktop.gui.cases_page import CasesPage
from covid_desktop.gui.operating_view import OperatingView
from covid_desktop.gui.task import Task
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import ElidedLabel, Segmented, label

REDRAW_MILLISECONDS = 80
_REST = 2  # times as long as the drawing took
_VIEWS = [("numbers", "Numbers"), ("cases", "Cases"), ("calibration", "Calibration")]
_NAME_WIDTH = 30  # characters of a set in the list of sets
_CHANGED = "The data has changed since: evaluate again for numbers of the data as it is now."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A judgement, and the open data that it was made of; None for another folder."""

    judgement: Judgement
    opened: OpenedDataset | None

    @property
    def images(self) -> tuple[Path, Subset | None]:
        return self.judgement.folder, self.judgement.subset

    def is_outdated(self, opened: OpenedDataset) -> bool:
        """Whether images that were judged are others by now, or others have joined them."""
        subset = self.judgement.subset
        if subset is None or self.opened is None or self.opened.dataset.folder != opened.dataset.folder:
            return False
        then, now = (_classes(data, subset) for data in (self.opened, opened))
        judged = self.judgement.evaluation.paths
        return any(then.get(path) != now.get(path) for path in judged) or bool(now.keys() - then.keys())


class EvaluationPage(QWidget):
    """The first judgement is the one whose cases, calibration and operating point are shown."""

    save_requested = Signal()
    saving_changed = Signal()
    image_opened = Signal(object)
    exclude_chosen = Signal(list)
    relabel_chosen = Signal(list)
    retrain_chosen = Signal(list)

    def __init__(self, heatmap: Callable[..., Any]) -> None:
        super().__init__()
        self._heatmap = heatmap
        self._model: jobs.Model | None = None
        self._opened: OpenedDataset | None = None
        self._judged: list[_Judged] = []
        self._threshold, self._origin = 0.5, ""
        self._stale: set[str] = set()
        self._task: Task | None = None
        self._image: Path | None = None
        self._timer = QTimer(self, singleShot=True, interval=REDRAW_MILLISECONDS)
        self._choice = Segmented(_VIEWS)
        self._about = ElidedLabel()
        self._about.setObjectName("evaluated_on")
        self._about.setProperty("role", "muted")
        self._sets = QComboBox()
        self._sets.setObjectName("shown_set")
        self._sets.setAccessibleName("Set whose operating point, cases and calibration are shown")
        self._sets.setToolTip(self._sets.accessibleName())
        self._sets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._changed = label(_CHANGED, "warning", wrap=True)
        self._changed.setObjectName("data_changed")
        self._numbers, self._cases, self._calibration = OperatingView(), CasesPage(), CalibrationView()
        self._views = QStackedWidget()
        self._lay_out()
        self._connect()

    # --- what others may ask

    @property
    def has_results(self) -> bool:
        return bool(self._judged)

    @property
    def count(self) -> int:
        return len(self._judged)

    @property
    def can_save(self) -> bool:
        """Whether something was chosen that the model does not have."""
        return self.has_results and self._model is not None and self._point() != _saved_point(self._model)

    def set_model(self, model: jobs.Model) -> None:
        """Show what is saved with a model; what was chosen and not saved is gone."""
        self._model = model
        card = model.card
        self._threshold, self._origin = card.threshold, card.threshold_origin
        calibration = Calibration.from_json(card.calibration) if card.calibration else None
        low_high = card.indeterminate
        band = Band(low=low_high[0], high=low_high[1]) if low_high else None
        self._calibration.show_model(calibration, band)
        self._show()

    def set_dataset(self, opened: OpenedDataset) -> None:
        """The open data, of which images can be excluded or given the other class."""
        self._opened = opened
        self._cases.cases.set_dataset(opened)
        self._show_changed()

    def add(self, judgement: Judgement, opened: OpenedDataset | None) -> None:
        """Show a judgement, in place of one of the same images if there is one."""
        made = _Judged(judgement=judgement, opened=opened)
        places = [one.images for one in self._judged]
        if made.images in places:
            self._judged[places.index(made.images)] = made
        else:
            self._judged.append(made)
        self._show_sets()
        self._show()

    def clear(self) -> None:
        """Forget what was judged, and what was chosen and not saved."""
        self._drop_heatmap()
        self._timer.stop()
        self._judged.clear()
        if self._model:
            self.set_model(self._model)

    def operating_point(self) -> dict[str, Any]:
        """What is to be kept with the model, as ``jobs.save_operating_point`` takes it."""
        return self._point()

    def close_threads(self) -> None:
        self._timer.stop()
        self._drop_heatmap()
        self._cases.close_threads()

    # --- what is shown

    def _point(self) -> dict[str, Any]:
        calibration, band = self._calibration.calibration, self._calibration.band
        return {
            "threshold": self._threshold,
            "origin": self._origin,
            "calibration": calibration.to_json() if calibration else {},
            "indeterminate": (band.low, band.high) if band and band.holds(self._threshold) else None,
        }

    @property
    def judgements(self) -> list[Judgement]:
        """All at the threshold that is chosen."""
        return [one.judgement.at(self._threshold) for one in self._judged]

    def _show(self) -> None:
        """Everything, as far as it is in sight; the rest follows when it comes into sight."""
        if not self._judged or not self._model:
            self._show_saving()
            return
        self._timer.stop()
        first = self.judgements[0]
        self._about.set_text(f"{counted(first.evaluation.n, 'image')} of {first.name}")
        self._stale = {key for key, _ in _VIEWS}
        self._show_point()
        self._show_view()
        self._show_changed()

    def _show_point(self) -> None:
        """What follows the mouse at once."""
        if self._model:
            first = self.judgements[0].evaluation
            self._numbers.panel.show_evaluation(first, self._model.card.class_names)
            self._calibration.set_threshold(first)
            self._show_saving()

    @Slot()
    def _show_view(self) -> None:
        """The view in sight, if it shows something older; then rest in proportion, for the mouse."""
        key = self._choice.current
        if key not in self._stale or not self._judged or not self._model:
            return
        began = time.monotonic()
        self._stale.discard(key)
        names = self._model.card.class_names
        judgements = self.judgements
        first = judgements[0]
        if key == "numbers":
            self._numbers.show_judgements(judgements)
        elif key == "cases":
            self._cases.show_judgement(first, names)
        else:
            is_validation = first.subset == "validation"
            self._calibration.show_evaluation(first.evaluation, names, is_validation=is_validation)
        drawing = 1000 * (time.monotonic() - began)
        self._timer.setInterval(max(REDRAW_MILLISECONDS, round(_REST * drawing)))

    @Slot()
    def _show_saving(self) -> None:
        if self._model:
            card = self._model.card
            panel, can = self._numbers.panel, self.can_save
            panel.show_saved(card.threshold, card.threshold_origin, is_changed=can)
            self._calibration.save.setEnabled(can)
        self.saving_changed.emit()

    def _show_changed(self) -> None:
        opened = self._opened
        is_outdated = opened is not None and any(one.is_outdated(opened) for one in self._judged)
        self._changed.setVisible(is_outdated)

    def _show_sets(self) -> None:
        self._sets.clear()
        self._sets.addItems([f"Show {fitted(one.judgement.name, _NAME_WIDTH)}" for one in self._judged])
        self._sets.setVisible(len(self._judged) > 1)

    @Slot(float, str)
    def _on_threshold_chosen(self, threshold: float, origin: str) -> None:
        """Figures and measures follow a little later, so that dragging stays fluid."""
        if not self._judged:
            return
        self._threshold = threshold
        self._origin = f"{origin}, on {_images_of(self._judged[0].judgement.subset)}"
        self._show_point()
        self._stale = {key for key, _ in _VIEWS}
        if not self._timer.isActive():
            self._timer.start()

    @Slot(int)
    def _on_set_chosen(self, place: int) -> None:
        self._judged.insert(0, self._judged.pop(place))
        self._show_sets()
        self._show()

    @Slot(str)
    def _on_view_chosen(self, key: str) -> None:
        self._views.setCurrentIndex([name for name, _ in _VIEWS].index(key))
        self._show_view()

    # --- heatmaps: one at a time, of the image that was chosen last

    @Slot(object)
    def _on_image_chosen(self, path: Path | None) -> None:
        self._image = path
        if path is None or not self._model:
            self._drop_heatmap()
            self._cases.heatmap.show_heatmap(None)
            return
        self._cases.heatmap.show_words("Looking where the model looks.")
        if self._task:
            self._task.stop()
        else:
            self._start_heatmap(path)

    def _start_heatmap(self, path: Path) -> None:
        self._task = Task(partial(self._heatmap, self._model, path))
        self._task.setObjectName("heatmap")
        self._task.succeeded.connect(self._on_heatmap_made)
        self._task.failed.connect(self._on_heatmap_failed)
        self._task.ended.connect(self._on_heatmap_ended)
        self._task.start()

    def _drop_heatmap(self) -> None:
        self._image = None
        if self._task:
            self._task.stop()

    @property
    def _is_wanted(self) -> bool:
        """Whether the heatmap that runs is of the image that was chosen last."""
        return self._image is not None and self._task is not None and not self._task.is_stopping

    @Slot(object)
    def _on_heatmap_made(self, heatmap: object) -> None:
        if self._is_wanted:
            self._cases.heatmap.show_heatmap(heatmap)

    @Slot(object)
    def _on_heatmap_failed(self, error: UserError) -> None:
        if self._is_wanted:
            self._cases.heatmap.show_words(str(error))

    @Slot()
    def _on_heatmap_ended(self) -> None:
        was_wanted = self._is_wanted
        self._task = None
        if self._image is not None and not was_wanted:
            self._start_heatmap(self._image)

    # --- layout

    def _connect(self) -> None:
        self._timer.timeout.connect(self._show_view)
        self._choice.chosen.connect(self._on_view_chosen)
        self._sets.activated.connect(self._on_set_chosen)
        self._numbers.threshold_chosen.connect(self._on_threshold_chosen)
        self._numbers.panel.save_requested.connect(self.save_requested)
        self._calibration.save_requested.connect(self.save_requested)
        self._calibration.changed.connect(self._show_saving)
        cases = self._cases.cases
        cases.image_chosen.connect(self._on_image_chosen)
        cases.image_opened.connect(self.image_opened)
        cases.exclude_chosen.connect(self.exclude_chosen)
        cases.relabel_chosen.connect(self.relabel_chosen)
        cases.retrain_chosen.connect(self.retrain_chosen)

    def _lay_out(self) -> None:
        for view in (self._numbers, self._cases, self._calibration):
            self._views.addWidget(view)
        self._changed.hide()
        self._sets.hide()
        self._about.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar = QHBoxLayout()
        bar.addWidget(self._choice)
        bar.addWidget(self._about, 1)
        bar.addWidget(self._sets)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        column.addLayout(bar)
        column.addWidget(self._changed)
        column.addWidget(self._views, 1)


def _saved_point(model: jobs.Model) -> dict[str, Any]:
    card = model.card
    return {
        "threshold": card.threshold,
        "origin": card.threshold_origin,
        "calibration": card.calibration,
        "indeterminate": card.indeterminate,
    }


def _images_of(subset: Subset | None) -> str:
    return f"{subset} images" if subset else "images of another folder"


def _classes(opened: OpenedDataset, subset: Subset) -> dict[Path, str]:
    """The class of each image of a set, whichever is the positive one."""
    names = opened.dataset.class_names
    return {sample.path: names[sample.label] for sample in opened.split.of(subset)}
