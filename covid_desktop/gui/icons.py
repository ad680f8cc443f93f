"""Icons from ``resources/icons``, drawn in the colours of a theme."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from covid_desktop import paths
from covid_desktop.gui.tokens import Tokens

# Physical pixels: 16, 20 and 24 on a plain screen and at twice the density, and 32.
_SIZES = (16, 20, 24, 32, 40, 48)


def svg_renderer(name: str, colour: str) -> QSvgRenderer:
    """The icon with its ``currentColor`` replaced by ``colour``."""
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


def render_pixmap(renderer: QSvgRenderer, size: int) -> QPixmap:
    """The icon as a square of ``size`` physical pixels."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        renderer.render(painter, QRectF(pixmap.rect()))
    return pixmap


def make_icon(name: str, role: str, tokens: Tokens) -> QIcon:
    """The icon in the colour of the token ``role``: grey when disabled, accent when checked."""
    colour = str(getattr(tokens, role))
    checked = tokens.accent if role in ("text", "muted") else colour
    icon = QIcon()
    for ink, looks in (
        (colour, ((QIcon.Mode.Normal, QIcon.State.Off), (QIcon.Mode.Selected, QIcon.State.Off))),
        (checked, ((QIcon.Mode.Normal, QIcon.State.On),)),
        (tokens.disabled, ((QIcon.Mode.Disabled, QIcon.State.Off), (QIcon.Mode.Disabled, QIcon.State.On))),
    ):
        renderer = svg_renderer(name, ink)
        for pixmap in [render_pixmap(renderer, size) for size in _SIZES]:
            for mode, state in looks:
                icon.addPixmap(pixmap, mode, state)
    return icon


@cache
def _source(name: str) -> str:
    return paths.resource(f"icons/{name}.svg").read_text(encoding="utf-8")
