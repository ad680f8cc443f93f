"""The form of a run's settings."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QDoubleSpinBox, QLabel, QRadioButton, QSpinBox
from pytestqt.qtbot import QtBot

from covid_desktop.core.architectures import ARCHITECTURES
from covid_desktop.core.config import AUGMENTATIONS, LIMITS, Augmentation, TrainingConfig
from covid_desktop.gui.architecture_cards import ArchitectureCard
from covid_desktop.gui.config_form import ConfigForm


@pytest.fixture
def form(show: Any, person: Any) -> Any:
    form = show(ConfigForm())
    for fold in ("toggle_augmentation", "toggle_more"):
        person.click(form, fold)
    return form


def type_into(form: ConfigForm, name: str, text: str, person: Any) -> None:
    box = next(box for box in (form.findChild(QSpinBox, name), form.findChild(QDoubleSpinBox, name)) if box)
    box.selectAll()
    for letter in text:
        person.press(box, letter)
    person.press(box, Qt.Key.Key_Return)


def test_it_starts_with_the_defaults(form: ConfigForm) -> None:
    assert form.config == TrainingConfig().resolved()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "7", 7),
        ("batch_size", "4", 4),
        ("image_size", "96", 96),
        ("learning_rate", "0.0005", 0.0005),
        ("patience", "9", 9),
        ("seed", "42", 42),
    ],
)
def test_a_number_that_is_typed_is_in_the_config(
    form: ConfigForm, person: Any, qtbot: QtBot, name: str, text: str, value: float
) -> None:
    with qtbot.waitSignal(form.changed):
        type_into(form, name, text, person)
    assert getattr(form.config, name) == pytest.approx(value)
    assert form.config.problems() == {}


def test_rotation_and_zoom_are_in_the_config(form: ConfigForm, person: Any) -> None:
    type_into(form, "augmentation_rotation", "25", person)
    type_into(form, "augmentation_zoom", "0.25", person)
    assert (form.config.augmentation.rotation, form.config.augmentation.zoom) == (25, 0.25)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("side", ["low", "high"])
def test_the_form_goes_to_the_limits_and_not_beyond(form: ConfigForm, name: str, side: str) -> None:
    box: Any = form.findChild(QSpinBox, name.replace(".", "_")) or form.findChild(
        QDoubleSpinBox, name.replace(".", "_")
    )
    limit = getattr(LIMITS[name], side)
    box.setValue(limit * 2 + 1 if side == "high" and name != "seed" else limit)
    assert box.value() == pytest.approx(limit)
    assert form.config.problems() == {}


def test_a_network_brings_the_settings_that_suit_it(form: ConfigForm, person: Any, qtbot: QtBot) -> None:
    type_into(form, "epochs", "5", person)
    with qtbot.waitSignal(form.changed):
        person.click(form, "architecture_reference-cnn")
    suited = ARCHITECTURES["reference-cnn"]
    config = form.config
    assert config.architecture == "reference-cnn"
    assert (config.batch_size, config.image_size) == (suited.batch_size, suited.size)
    assert config.epochs == 5


def test_a_click_anywhere_on_a_card_chooses_its_network(form: ConfigForm, person: Any, qtbot: QtBot) -> None:
    cards = form.findChildren(ArchitectureCard)
    small = next(card for card in cards if card.button.objectName() == "architecture_small-cnn")
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(small, Qt.MouseButton.LeftButton, pos=small.rect().bottomRight() / 2)
    assert form.config.architecture == "small-cnn"
    assert [card.property("chosen") for card in cards].count(True) == 1


def test_each_card_says_how_long_a_run_takes(form: ConfigForm, person: Any) -> None:
    form.show_times(200)
    assert person.reads(form).count("for 200 training images") == len(ARCHITECTURES)


@pytest.mark.parametrize("preset", ["default", "notebook", "none"])
def test_a_preset_sets_the_augmentation_and_nothing_else(
    form: ConfigForm, person: Any, qtbot: QtBot, preset: str
) -> None:
    form.set_config(TrainingConfig(epochs=3, seed=9, augmentation=Augmentation(rotation=77, zoom=0.55)))
    before = form.config
    with qtbot.waitSignal(form.changed):
        person.click(form, f"augmentation_{'off' if preset == 'none' else preset}")
    assert form.config.augmentation == AUGMENTATIONS[preset]
    assert (form.config.epochs, form.config.seed) == (3, 9)
    assert form.config.learning_rate == before.learning_rate


def test_the_notebook_s_augmentation_is_zoom_and_both_flips(form: ConfigForm, person: Any) -> None:
    person.click(form, "augmentation_notebook")
    assert person.find(form, QDoubleSpinBox, "augmentation_zoom").value() == 0.4
    assert person.find(form, QCheckBox, "horizontal_flip").isChecked()
    assert person.find(form, QCheckBox, "vertical_flip").isChecked()


def cautions(form: ConfigForm) -> list[str]:
    """What stands in sight beside the settings that are not plausible."""
    labels = [form.findChild(QLabel, f"caution_{name}") for name in ("zoom", "vertical_flip")]
    return [label.text() for label in labels if label.isVisible()]


def test_the_defaults_need_no_caution(form: ConfigForm) -> None:
    assert cautions(form) == []


def test_an_image_upside_down_is_cautioned_against(form: ConfigForm, person: Any) -> None:
    flip = person.find(form, QCheckBox, "vertical_flip")
    flip.click()
    (words,) = cautions(form)
    assert words.startswith("A chest image is never seen upside down:")
    flip.click()
    assert cautions(form) == []


@pytest.mark.parametrize(("zoom", "is_cautioned"), [("0.30", False), ("0.31", True), ("0.90", True)])
def test_a_zoom_that_no_image_has_is_cautioned_against(
    form: ConfigForm, person: Any, zoom: str, is_cautioned: bool
) -> None:
    type_into(form, "augmentation_zoom", zoom, person)
    assert [words.startswith("Zoom beyond 0.3 ") for words in cautions(form)] == [True] * is_cautioned


def test_the_notebook_s_augmentation_has_both_cautions_and_the_default_none(
    form: ConfigForm, person: Any
) -> None:
    person.click(form, "augmentation_notebook")
    assert len(cautions(form)) == 2
    person.click(form, "augmentation_off")
    assert cautions(form) == []
    person.click(form, "augmentation_notebook")
    person.click(form, "augmentation_default")
    assert cautions(form) == []


def test_a_config_that_is_shown_brings_its_cautions(form: ConfigForm) -> None:
    form.set_config(TrainingConfig(augmentation=AUGMENTATIONS["notebook"]))
    assert len(cautions(form)) == 2
    form.set_config(TrainingConfig())
    assert cautions(form) == []


def test_a_caution_is_no_problem(form: ConfigForm, person: Any) -> None:
    person.click(form, "augmentation_notebook")
    assert form.config.problems() == {}
    assert set(form.config.cautions()) == {"augmentation.zoom", "augmentation.vertical_flip"}


def test_check_boxes_are_in_the_config(form: ConfigForm, person: Any) -> None:
    person.find(form, QCheckBox, "class_weights").click()
    person.find(form, QCheckBox, "vertical_flip").click()
    assert not form.config.class_weights
    assert form.config.augmentation.vertical_flip


def test_a_config_is_shown_without_telling_anyone(form: ConfigForm, person: Any, qtbot: QtBot) -> None:
    config = TrainingConfig(architecture="small-cnn", epochs=4, patience=5, class_weights=False).resolved()
    with qtbot.assertNotEmitted(form.changed):
        form.set_config(config)
    assert form.config == config
    assert person.find(form, QRadioButton, "architecture_small-cnn").isChecked()


def test_the_wheel_changes_a_number_only_where_one_works(form: ConfigForm, person: Any, qtbot: QtBot) -> None:
    epochs, patience = (person.find(form, QSpinBox, name) for name in ("epochs", "patience"))
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    epochs.setFocus()
    for box in (epochs, patience):
        turn_wheel(box)
    assert epochs.value() == TrainingConfig().epochs + 1
    assert patience.value() == TrainingConfig().patience


def turn_wheel(box: QSpinBox) -> None:
    place, notch = QPointF(box.rect().center()), QPoint(0, 120)
    everywhere = QPointF(box.mapToGlobal(box.rect().center()))
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, everywhere, QPoint(), notch, buttons, keys, phase, False)
    QApplication.sendEvent(box, event)
