"""Fusion in our own colours, light and dark, following the system or forced."""

from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Literal, cast

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal, Slot
from PySide6.QtGui import QAction, QColor, QFont, QFontDatabase, QIcon, QPalette, QTransform
from PySide6.QtWidgets import QAbstractButton, QApplication

from covid_desktop import paths
from covid_desktop.gui.icons import make_icon, render_pixmap, svg_renderer
from covid_desktop.gui.tokens import DARK, LIGHT, TEXT_BODY, Tokens

Scheme = Literal["system", "light", "dark"]

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class Theme(QObject):
    """The look of one application. ``changed`` comes after everything wears the new colours."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._scheme: Scheme = "system"
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._images = QTemporaryDir()
        self.tokens = LIGHT
        app.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    @property
    def scheme(self) -> Scheme:
        return self._scheme

    def apply(self, scheme: Scheme) -> None:
        """Wear ``scheme`` from now on; ``system`` follows the desktop."""
        self._scheme = scheme
        self._app.styleHints().setColorScheme(_SCHEMES[scheme])
        self._wear()

    def icon(self, name: str, role: str) -> QIcon:
        if (name, role) not in self._icons:
            self._icons[name, role] = make_icon(name, role, self.tokens)
        return self._icons[name, role]

    def forget_images(self) -> None:
        """Delete the style sheet's pictures, where Qt will not do so itself because the process just ends."""
        self._images.remove()

    @Slot()
    def _on_system_scheme_changed(self) -> None:
        if self._tokens_wanted() is not self.tokens:
            self._wear()

    def _tokens_wanted(self) -> Tokens:
        if self._scheme == "system":
            return self._system_tokens()
        return DARK if self._scheme == "dark" else LIGHT

    def _system_tokens(self) -> Tokens:
        return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _wear(self) -> None:
        self.tokens = self._tokens_wanted()
        self._app.setPalette(make_palette(self.tokens))
        save_marks(self.tokens, Path(self._images.path()))
        self._app.setStyleSheet(make_style_sheet(self.tokens, self._images.path()))
        self._recolour_icons()
        self.changed.emit()

    def _recolour_icons(self) -> None:
        """Give every button and action that shows one of our icons the same one in the new colours."""
        known = {icon.cacheKey(): name_and_role for name_and_role, icon in self._icons.items()}
        self._icons.clear()
        for window in self._app.topLevelWidgets():
            owners: list[QAbstractButton | QAction] = window.findChildren(QAbstractButton)
            for owner in [*owners, *window.findChildren(QAction)]:
                if name_and_role := known.get(owner.icon().cacheKey()):
                    owner.setIcon(self.icon(*name_and_role))


def apply_theme(app: QApplication, scheme: Scheme = "system") -> Theme:
    """Give ``app`` the Fusion style, our font size, palette and style sheet."""
    app.setStyle("Fusion")
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(TEXT_BODY)
    app.setFont(font)
    found = theme()
    found.apply(scheme)
    return found


def theme() -> Theme:
    """The application's one theme, made on first use."""
    app = cast(QApplication, QApplication.instance())
    return app.findChild(Theme) or Theme(app)


def current_tokens() -> Tokens:
    return theme().tokens


def icon(name: str, role: str = "text") -> QIcon:
    """``resources/icons/<name>.svg`` in the colour of the token ``role``.

    Buttons and actions that show it are given the new colours when the theme changes.
    """
    return theme().icon(name, role)


def tabular(font: QFont) -> QFont:
    """A copy of ``font`` whose digits are all equally wide."""
    font = QFont(font)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def make_style_sheet(tokens: Tokens, images: str) -> str:
    """``resources/style.qss`` with tokens replaced by values, and ``images`` by the folder of its marks."""
    text = paths.resource("style.qss").read_text(encoding="utf-8")
    return _StyleSheet(text).substitute(asdict(tokens), images=images)


def make_palette(tokens: Tokens) -> QPalette:
    """Every role of every group, for what Fusion draws itself."""
    palette = QPalette()
    for role, name in _ROLES.items():
        palette.setColor(role, QColor(getattr(tokens, name)))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.disabled))
    for role in (QPalette.ColorRole.Accent, QPalette.ColorRole.Highlight):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.border))
    palette.setColor(
        QPalette.ColorGroup.Disabled, QPalette.ColorRole.HighlightedText, QColor(tokens.disabled)
    )
    return palette


def save_marks(tokens: Tokens, folder: Path) -> None:
    """The ticks and arrows of the style sheet, which can show files only, at one and two pixels a point."""
    for mark, name, role in _MARKS:
        renderer = svg_renderer(name, getattr(tokens, role))
        for size, suffix in ((16, ""), (32, "@2x")):
            pixmap = render_pixmap(renderer, size)
            if mark.startswith("up"):
                pixmap = pixmap.transformed(QTransform().scale(1, -1))
            pixmap.save(str(folder / f"{mark}{suffix}.png"))


class _StyleSheet(Template):
    delimiter = "@"


_MARKS = (
    ("check", "tick", "on_accent"),
    ("check-disabled", "tick", "disabled"),
    ("menu-check", "tick", "text"),
    ("down", "chevron-down", "muted"),
    ("down-disabled", "chevron-down", "disabled"),
    ("up", "chevron-down", "muted"),
    ("up-disabled", "chevron-down", "disabled"),
)
_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: "window",
    _Role.WindowText: "text",
    _Role.Base: "surface",
    _Role.AlternateBase: "raised",
    _Role.Text: "text",
    _Role.PlaceholderText: "muted",
    _Role.Button: "surface",
    _Role.ButtonText: "text",
    _Role.BrightText: "danger",
    _Role.ToolTipBase: "raised",
    _Role.ToolTipText: "text",
    _Role.Highlight: "accent",
    _Role.HighlightedText: "on_accent",
    _Role.Accent: "accent",
    _Role.Link: "accent",
    _Role.LinkVisited: "accent",
    _Role.Light: "raised",
    _Role.Midlight: "hover",
    _Role.Mid: "border",
    _Role.Dark: "outline",
    _Role.Shadow: "outline",
}
