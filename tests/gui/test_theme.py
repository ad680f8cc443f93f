"""The theme: contrast, colours that follow the scheme, icons that follow the colours."""

from dataclasses import asdict, fields
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from covid_desktop.gui.theme import apply_theme, current_tokens, icon, make_palette, make_style_sheet, tabular
from covid_desktop.gui.tokens import DARK, LIGHT, Tokens

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]
TEXTS = ("text", "muted", "accent", "danger", "warning", "success")
GROUNDS = ("window", "surface", "raised", "hover", "selected")
SHAPES = ("outline", "positive", "negative", "indeterminate", "accent")
ON_FILLED = (("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_picture", "picture"))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink(shown: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> str:
    """The colour of the icon's most opaque pixel."""
    image = shown.pixmap(QSize(32, 32), 1.0, mode, state).toImage()
    pixels = [image.pixelColor(x, y) for x, y in product(range(32), range(32))]
    return max(pixels, key=QColor.alpha).name()


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("tokens", THEMES)
def test_texts_reach_aa(tokens: Tokens) -> None:
    pairs = [*product(TEXTS, GROUNDS), *ON_FILLED, ("text", "border")]
    colours = asdict(tokens)
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}


@pytest.mark.parametrize("tokens", THEMES)
def test_shapes_reach_three_to_one(tokens: Tokens) -> None:
    colours = asdict(tokens)
    grounds = ("window", "surface", "raised")
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in product(SHAPES, grounds)}
    assert {pair: value for pair, value in low.items() if value < 3} == {}


@pytest.mark.parametrize("tokens", THEMES)
def test_palette_has_no_colour_of_fusions_own(tokens: Tokens) -> None:
    palette = make_palette(tokens)
    ours = {getattr(tokens, field.name) for field in fields(tokens)}
    groups = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
    roles = [role for role in QPalette.ColorRole if role not in _NOT_A_COLOUR]
    used = {palette.color(group, role).name() for group, role in product(groups, roles)}
    assert used <= ours
    assert palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name() == tokens.disabled


_NOT_A_COLOUR = (QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles)


def test_style_sheet_uses_known_tokens_only() -> None:
    sheet = make_style_sheet(LIGHT, "images")
    assert "@" not in sheet.replace("@2x", "")
    assert LIGHT.accent in sheet
    assert 'url("images/check.png")' in sheet


def test_forced_scheme_changes_palette_sheet_and_tokens(qapp: QApplication, qtbot: QtBot) -> None:
    theme = apply_theme(qapp, "light")
    assert current_tokens() is LIGHT
    with qtbot.waitSignal(theme.changed):
        theme.apply("dark")
    assert theme.scheme == "dark"
    assert current_tokens() is DARK
    assert qapp.palette().window().color().name() == DARK.window
    assert DARK.accent in qapp.styleSheet()
    assert LIGHT.accent not in qapp.styleSheet()


def test_applying_again_keeps_the_one_theme(qapp: QApplication) -> None:
    assert apply_theme(qapp, "light") is apply_theme(qapp, "light")


def test_system_scheme_is_followed_only_when_asked(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = apply_theme(qapp, "system")
    before = current_tokens()
    wanted = DARK if before is LIGHT else LIGHT
    monkeypatch.setattr(theme, "_system_tokens", lambda: wanted)
    scheme = qapp.styleHints().colorScheme()
    with qtbot.waitSignal(theme.changed):
        qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert current_tokens() is wanted
    theme.apply("light")
    with qtbot.assertNotEmitted(theme.changed):
        qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert current_tokens() is LIGHT


def test_every_image_of_the_style_sheet_is_written(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    named = [part.split('")')[0] for part in qapp.styleSheet().split('url("')[1:]]
    assert named
    assert [name for name in named if not Path(name).is_file()] == []


def test_icon_has_a_colour_for_each_state(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    shown = icon("check")
    assert ink(shown) == LIGHT.text
    assert ink(shown, QIcon.Mode.Disabled) == LIGHT.disabled
    assert ink(shown, state=QIcon.State.On) == LIGHT.accent
    assert ink(icon("check", "on_accent"), state=QIcon.State.On) == LIGHT.on_accent


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_icon_is_drawn_at_the_screens_own_density(qapp: QApplication, ratio: float) -> None:
    apply_theme(qapp, "light")
    pixmap = icon("check").pixmap(QSize(24, 24), ratio)
    assert pixmap.size() == QSize(24, 24) * ratio
    assert pixmap.devicePixelRatio() == ratio


def test_icons_of_buttons_and_actions_follow_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    theme = apply_theme(qapp, "light")
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton(icon("check", "danger"), "Delete", window)
    action = QAction(icon("check"), "Check", window)
    foreign = QPushButton(QIcon(), "No icon", window)
    theme.apply("dark")
    assert ink(button.icon()) == DARK.danger
    assert ink(action.icon()) == DARK.text
    assert foreign.icon().isNull()


def test_tabular_leaves_the_given_font_alone(qapp: QApplication) -> None:
    font = qapp.font()
    assert tabular(font).featureTags()
    assert not font.featureTags()
