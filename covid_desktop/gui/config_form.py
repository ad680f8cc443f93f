"""The form of a training run's settings."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.config import AUGMENTATIONS, LIMITS, Augmentation, TrainingConfig
from covid_desktop.gui.architecture_cards import ArchitectureCards
from covid_desktop.gui.tokens import GAP, GAP_SMALL
from covid_desktop.gui.widgets import Fold, label, push_button

_BASICS = ("epochs",)
_THUMBNAILS = (
    "Training images that are most like an image are then shown on the Predict tab wherever the model goes. "
    "They are pictures of patients: tick this only if they may travel with the model."
)
_DETAILS = ("batch_size", "image_size", "learning_rate", "patience", "seed")
_TOOLTIPS = {
    "epochs": "How often the network sees all training images, at most",
    "batch_size": "Images per step of the optimizer",
    "image_size": "Width and height in pixels that each image is brought to",
    "learning_rate": "Size of the optimizer's first steps",
    "patience": "Epochs without a better validation loss before the run stops",
    "seed": "The same seed gives the same run",
    "augmentation.rotation": "Degrees either way",
    "augmentation.zoom": "Share either way: 0.1 is from 90 to 110 %",
}
Number = QSpinBox | QDoubleSpinBox


class ConfigForm(QWidget):
    """``changed`` comes when the user changes a setting; ``config`` is what the form says."""

    changed = Signal()
    preview_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._cards = ArchitectureCards()
        self._numbers = {name: _number(name) for name in LIMITS}
        self._class_weights = _check("class_weights", "Weigh classes equally")
        self._keep_thumbnails = _check("keep_thumbnails", "Keep small pictures in the model")
        self._keep_thumbnails.setToolTip(_THUMBNAILS)
        self._horizontal = _check("horizontal_flip", "Flip left and right")
        self._vertical = _check("vertical_flip", "Flip upside down")
        self._cautions = {
            name: _caution(name) for name in ("augmentation.zoom", "augmentation.vertical_flip")
        }
        self.preview = push_button("Preview", "preview_augmentation")
        self._lay_out()
        self.set_config(TrainingConfig())
        self._connect()

    @property
    def config(self) -> TrainingConfig:
        number = {name: box.value() for name, box in self._numbers.items()}
        return TrainingConfig(
            architecture=self._cards.current,
            epochs=int(number["epochs"]),
            batch_size=int(number["batch_size"]),
            image_size=int(number["image_size"]),
            learning_rate=number["learning_rate"],
            patience=int(number["patience"]),
            seed=int(number["seed"]),
            class_weights=self._class_weights.isChecked(),
            keep_thumbnails=self._keep_thumbnails.isChecked(),
            augmentation=Augmentation(
                rotation=number["augmentation.rotation"],
                zoom=round(number["augmentation.zoom"], 3),
                horizontal_flip=self._horizontal.isChecked(),
                vertical_flip=self._vertical.isChecked(),
            ),
        )

    def set_config(self, config: TrainingConfig) -> None:
        """Show ``config`` without telling anyone."""
        resolved = config.resolved()
        with QSignalBlocker(self):
            self._cards.set_current(resolved.architecture)
            for name in (*_BASICS, *_DETAILS):
                _set_number(self._numbers[name], getattr(resolved, name))
            self._class_weights.setChecked(resolved.class_weights)
            self._keep_thumbnails.setChecked(resolved.keep_thumbnails)
            self._show_augmentation(resolved.augmentation)
        self._show_cautions()

    def show_times(self, images: int) -> None:
        """Say on each card how long a run on so many training images takes, about."""
        self._cards.show_times(images, int(self._numbers["epochs"].value()))

    def _show_augmentation(self, augmentation: Augmentation) -> None:
        _set_number(self._numbers["augmentation.rotation"], augmentation.rotation)
        _set_number(self._numbers["augmentation.zoom"], augmentation.zoom)
        self._horizontal.setChecked(augmentation.horizontal_flip)
        self._vertical.setChecked(augmentation.vertical_flip)

    @Slot()
    def _show_cautions(self) -> None:
        found = self.config.cautions()
        for name, words in self._cautions.items():
            words.setText(found.get(name, ""))
            words.setVisible(name in found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel that scrolls the form changes no number on its way."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # --- what the user does

    @Slot(str)
    def _on_architecture_chosen(self, key: str) -> None:
        """Bring the settings that suit the network; the others stay."""
        suited = ARCHITECTURES[key]
        with QSignalBlocker(self):
            _set_number(self._numbers["batch_size"], suited.batch_size)
            _set_number(self._numbers["image_size"], suited.size)
            _set_number(self._numbers["learning_rate"], suited.learning_rate)
        self.changed.emit()

    @Slot()
    def _on_value_changed(self) -> None:
        self.changed.emit()

    @Slot()
    def _on_defaults_clicked(self) -> None:
        self.set_config(replace(self.config, augmentation=AUGMENTATIONS["default"]))
        self.changed.emit()

    @Slot()
    def _on_notebook_clicked(self) -> None:
        self.set_config(replace(self.config, augmentation=AUGMENTATIONS["notebook"]))
        self.changed.emit()

    @Slot()
    def _on_off_clicked(self) -> None:
        self.set_config(replace(self.config, augmentation=AUGMENTATIONS["none"]))
        self.changed.emit()

    # --- layout

    def _connect(self) -> None:
        self._cards.chosen.connect(self._on_architecture_chosen)
        for box in self._numbers.values():
            box.valueChanged.connect(self._on_value_changed)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self)
        for check in (self._class_weights, self._keep_thumbnails, self._horizontal, self._vertical):
            check.toggled.connect(self._on_value_changed)
        self.changed.connect(self._show_cautions)
        self.preview.clicked.connect(self.preview_requested)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._cards)
        column.addLayout(self._rows(_BASICS))
        augmentation = Fold("Augmentation", "toggle_augmentation")
        augmentation.body.addLayout(self._rows(("augmentation.rotation", "augmentation.zoom")))
        augmentation.body.addWidget(self._cautions["augmentation.zoom"])
        augmentation.body.addWidget(self._horizontal)
        augmentation.body.addWidget(self._vertical)
        augmentation.body.addWidget(self._cautions["augmentation.vertical_flip"])
        augmentation.body.addLayout(self._presets())
        augmentation.body.addWidget(self.preview)
        more = Fold("More", "toggle_more")
        more.body.addLayout(self._rows(_DETAILS))
        more.body.addWidget(self._class_weights)
        more.body.addWidget(self._keep_thumbnails)
        column.addWidget(augmentation)
        column.addWidget(more)

    def _rows(self, names: tuple[str, ...]) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name in names:
            form.addRow(label(LIMITS[name].label), self._numbers[name])
        return form

    def _presets(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP_SMALL)
        slots = {
            "Default": self._on_defaults_clicked,
            "Notebook": self._on_notebook_clicked,
            "Off": self._on_off_clicked,
        }
        for text, slot in slots.items():
            button = push_button(text, f"augmentation_{text.lower()}")
            button.clicked.connect(slot)
            row.addWidget(button)
        return row


def _number(name: str) -> Number:
    limits = LIMITS[name]
    whole = name not in ("learning_rate", "augmentation.zoom", "augmentation.rotation")
    box: Number = QSpinBox() if whole else QDoubleSpinBox()
    if isinstance(box, QSpinBox):
        box.setRange(int(limits.low), int(limits.high))
    else:
        _set_decimals(box, name)
        box.setRange(limits.low, limits.high)
    box.setObjectName(name.replace(".", "_"))
    box.setAccessibleName(limits.label)
    box.setToolTip(_TOOLTIPS[name])
    return box


def _set_number(box: Number, value: float) -> None:
    if isinstance(box, QSpinBox):
        box.setValue(int(value))
    else:
        box.setValue(value)


def _set_decimals(box: QDoubleSpinBox, name: str) -> None:
    if name == "learning_rate":
        box.setDecimals(6)
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    elif name == "augmentation.zoom":
        box.setDecimals(2)
        box.setSingleStep(0.05)
    else:
        box.setDecimals(0)
        box.setSuffix("°")


def _caution(name: str) -> QLabel:
    made = label("", "warning", wrap=True)
    made.setObjectName(f"caution_{name.rpartition('.')[2]}")
    return made


def _check(name: str, text: str) -> QCheckBox:
    made = QCheckBox(text)
    made.setObjectName(name)
    return made
