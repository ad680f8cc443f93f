"""An image with where the model looked."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from covid_desktop.core.heatmap import CENTRE
from covid_desktop.figures.style import PAPER, Style

_MAP = "inferno"  # perceptually uniform, and lighter with the value alone
_HALF = 0.5
_LOW, _HIGH = 0.1, 0.6  # where the heatmap begins to show, and from where it shows in full


def draw_heatmap(
    axes: Axes,
    pixels: NDArray[np.uint8],
    heatmap: NDArray[np.floating],
    opacity: float = 0.45,
    style: Style = PAPER,
) -> None:
    """The image (height, width) or (height, width, 3) in grey, on near-black, and over it the heatmap.

    ``heatmap`` holds 0 to 1 in any size that covers the image; low values are transparent, others at most
    ``opacity``; a line runs at 0.5. The central three fifths of each side, which the shortcut audit blacks
    out, are outlined.
    """
    axes.clear()
    axes.set_facecolor(style.picture)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    height, width = pixels.shape[:2]
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(_grey(pixels), cmap="gray", vmin=0, vmax=255, interpolation="antialiased", extent=extent)
    heat = np.clip(np.nan_to_num(heatmap), 0.0, 1.0)
    look: dict[str, Any] = {"cmap": _MAP, "vmin": 0.0, "vmax": 1.0, "interpolation": "bilinear"}
    axes.imshow(heat, alpha=opacity * _presence(heat), extent=extent, **look)
    _draw_contour(axes, heat, extent, opacity, style)
    _outline_centre(axes, height, width, style)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The luma (ITU-R BT.601) of a colour picture."""
    if pixels.ndim == 2:
        return pixels.astype(np.float64)
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114]))


def _presence(heat: NDArray[np.floating]) -> NDArray[np.floating]:
    """From 0 where little is to 1, in the same shape, without an edge."""
    part = np.clip((heat - _LOW) / (_HIGH - _LOW), 0.0, 1.0)
    return np.asarray(part * part * (3 - 2 * part))


def _draw_contour(
    axes: Axes,
    heat: NDArray[np.floating],
    extent: tuple[float, float, float, float],
    opacity: float,
    style: Style,
) -> None:
    """Where half of the most is, for who prints it in black and white; it fades with the heatmap."""
    if min(heat.shape) < 2 or not heat.min() < _HALF < heat.max():
        return
    left, right, bottom, top = extent
    rows, columns = heat.shape
    x = left + (right - left) * (np.arange(columns) + 0.5) / columns
    y = top + (bottom - top) * (np.arange(rows) + 0.5) / rows
    look: dict[str, Any] = {"colors": [style.on_picture], "linewidths": 0.9}
    axes.contour(x, y, heat, levels=[_HALF], alpha=min(1.0, 2 * opacity), **look)


def _outline_centre(axes: Axes, height: int, width: int, style: Style) -> None:
    top, left = (round(side * (1 - CENTRE) / 2) for side in (height, width))
    outline = Rectangle(
        (left - 0.5, top - 0.5),
        width - 2 * left,
        height - 2 * top,
        fill=False,
        edgecolor=style.on_picture,
        linestyle=(0, (1, 2.5)),
        linewidth=1.4,
    )
    outline.set_path_effects([withStroke(linewidth=2.6, foreground=style.picture)])
    axes.add_patch(outline)
