"""An image as matplotlib shows it."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from covid_desktop.figures.style import PAPER, Style


def draw_picture(axes: Axes, pixels: NDArray[np.uint8], title: str = "", style: Style = PAPER) -> None:
    """Pixels (height, width) in grey or (height, width, 3) in colour, on near-black."""
    axes.clear()
    axes.set_axis_off()
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    if title:
        axes.set_title(title, color=style.on_picture, fontsize=11, parse_math=False)
