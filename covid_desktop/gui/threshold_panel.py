"""The operating point: a threshold by slider, number or preset, and what it means for 1,000 patients."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.operating_point import PRESETS, Preset, frequencies, frequency_words, threshold_for
from covid_desktop.figures.layout import fitted
from covid_desktop.gui.tokens import GAP_SMALL
from covid_desktop.gui.widgets import label, push_button

BY_HAND = "Set by hand"
_STEPS = 1000
_NAME_WIDTH = 30  # characters of a class


class ThresholdPanel(QWidget):
    """``threshold_chosen`` carries a threshold and how it was chosen, in words."""

    threshold_chosen = Signal(float, str)
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._class_names = ("", "")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("threshold_slider")
        self._slider.setAccessibleName("Threshold")
        self._slider.setRange(0, _STEPS)
        self._number = _box("threshold", "Threshold", 0.0, 1.0, 0.01, 3)
        self._prevalence = _box("prevalence", "Prevalence in percent", 0.1, 99.9, 1.0, 1)
        self._prevalence.setSuffix(" %")
        self._prevalence.setValue(10.0)
        self._words = label("", wrap=True)
        self._words.setObjectName("frequencies")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._saved = label("", "muted", wrap=True)
        self._saved.setObjectName("saved_threshold")
        self._saved.setTextFormat(Qt.TextFormat.PlainText)
        self.save = push_button("Save with the model", "save_threshold", primary=True)
        self._presets = {preset: push_button(text, f"preset_{preset}") for preset, text in PRESETS.items()}
        self._lay_out()
        self._connect()

    def show_evaluation(self, evaluation: Evaluation, class_names: tuple[str, str]) -> None:
        """Show the operating point of an evaluation."""
        before, self._evaluation, self._class_names = self._evaluation, evaluation, class_names
        with QSignalBlocker(self._slider), QSignalBlocker(self._number):
            self._slider.setValue(round(_STEPS * evaluation.threshold))
            self._number.setValue(evaluation.threshold)
        if before is None or before.at(evaluation.threshold) != evaluation:
            for preset, button in self._presets.items():
                button.setEnabled(threshold_for(preset, evaluation) is not None)
        self._show_words()

    def show_saved(self, threshold: float, origin: str, *, is_changed: bool) -> None:
        """What the model scores with now, and whether something else was chosen since."""
        words = (
            f"The model calls at {threshold:.3f}: {origin}."
            if origin
            else f"Starts at {threshold:.3g}: not chosen yet."
        )
        self._saved.setText(f"Not saved yet. {words}" if is_changed else words)
        self.save.setEnabled(is_changed)

    @Slot()
    def _show_words(self) -> None:
        if not self._evaluation:
            return
        sensitivity, specificity = self._evaluation.sensitivity, self._evaluation.specificity
        if sensitivity is None or specificity is None:
            self._words.setText("One class only: there is no sensitivity or no specificity.")
            return
        share = self._prevalence.value() / 100
        found = frequencies(sensitivity, specificity, share)
        negative, positive = (fitted(name, _NAME_WIDTH) for name in self._class_names)
        self._words.setText(frequency_words(found, (negative, positive)))

    @Slot(int)
    def _on_slider_moved(self, step: int) -> None:
        self.threshold_chosen.emit(step / _STEPS, BY_HAND)

    @Slot(float)
    def _on_number_changed(self, value: float) -> None:
        self.threshold_chosen.emit(value, BY_HAND)

    @Slot()
    def _on_preset_clicked(self) -> None:
        preset: Preset = self.sender().property("preset")
        threshold = threshold_for(preset, self._evaluation) if self._evaluation else None
        if threshold is not None:
            self.threshold_chosen.emit(threshold, PRESETS[preset])

    def _connect(self) -> None:
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._number.valueChanged.connect(self._on_number_changed)
        self._prevalence.valueChanged.connect(self._show_words)
        self.save.clicked.connect(self.save_requested)
        for preset, button in self._presets.items():
            button.setProperty("preset", preset)
            button.clicked.connect(self._on_preset_clicked)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_SMALL)
        row = QHBoxLayout()
        row.addWidget(label("Threshold", "strong"))
        row.addWidget(self._slider, 1)
        row.addWidget(self._number)
        column.addLayout(row)
        presets = QGridLayout()
        presets.setSpacing(GAP_SMALL)
        for place, button in enumerate(self._presets.values()):
            presets.addWidget(button, place // 2, place % 2)
        column.addLayout(presets)
        prevalence = QHBoxLayout()
        prevalence.addWidget(label("Prevalence", "strong"), 1)
        prevalence.addWidget(self._prevalence)
        column.addLayout(prevalence)
        column.addWidget(self._words)
        column.addWidget(self.save)
        column.addWidget(self._saved)
        column.addStretch(1)


def _box(name: str, spoken: str, low: float, high: float, step: float, decimals: int) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setObjectName(name)
    made.setAccessibleName(spoken)
    made.setDecimals(decimals)
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setKeyboardTracking(False)
    return made
