"""An image as matplotlib shows it."""

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray
from PIL import Image

from covid_desktop.figures import heatmap as heatmaps
from covid_desktop.figures.layout import fitted
from covid_desktop.figures.style import PAPER, Style

Edges = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the picture."""

_TITLE_ROOM = 22  # points
_TITLE_LENGTH = 60  # characters
_LEVELS = np.minimum((np.arange(256) + 0.4) / 255, 1.0)
_GREYS = ListedColormap(np.stack([_LEVELS] * 3, axis=1))
"""Each level as it is: matplotlib cuts off instead of rounding, and its "gray" shows some one level lower."""


def draw_picture(axes: Axes, pixels: NDArray[np.uint8], title: str = "", style: Style = PAPER) -> None:
    """Pixels (height, width) in grey or (height, width, 3) in colour, on near-black."""
    axes.clear()
    axes.set_axis_off()
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    if title:
        axes.set_title(title, color=style.on_picture, fontsize=11, parse_math=False)


class LivePicture:
    """A picture in a figure of its own that is moved and changed often: the artists stay.

    Only what is seen is given, one pixel of data for each pixel of the screen.
    """

    def __init__(self, figure: Figure, style: Style) -> None:
        self._figure, self._style = figure, style
        figure.set_facecolor(style.picture)
        self._axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_axis_off()
        self._axes.set_autoscale_on(False)
        self._picture = self._add_image()
        self._heat = self._add_image()
        self._contour: Any = None
        look: dict[str, Any] = {"color": style.on_picture, "fontsize": 11, "parse_math": False}
        self._title = figure.text(0.5, 1.0, "", ha="center", va="center", **look)

    def arrange(self, title: str) -> tuple[int, int, int]:
        """Make room for a title; width and height left for the picture, and what is above, in pixels."""
        width, height = (max(1, round(side)) for side in self._figure.bbox.size)
        room = min(round(_TITLE_ROOM * self._figure.dpi / 72), height - 1) if title else 0
        self._axes.set_position((0.0, 0.0, 1.0, (height - room) / height))
        self._title.set_text(fitted(title, _TITLE_LENGTH))
        self._title.set_y(1 - room / 2 / height)
        return width, height - room, room

    def show(self, pixels: NDArray[np.uint8], edges: Edges, seen: Edges) -> None:
        """Pixels (height, width) or (height, width, 3) between ``edges``; the axes end at ``seen``."""
        left, top, right, bottom = seen
        self._axes.set_xlim(left, right)
        self._axes.set_ylim(bottom, top)
        _put(self._picture, pixels, edges)

    def show_heat(self, pixels: NDArray[np.uint8], edges: Edges) -> None:
        """Pixels as ``heat_pixels`` makes them, over the picture."""
        _put(self._heat, pixels, edges)

    def draw_contour(self, heat: NDArray[np.floating], edges: Edges, opacity: float) -> None:
        """The line at 0.5 of a heatmap that reaches to ``edges``, instead of the one before."""
        self._remove_contour()
        left, top, right, bottom = edges
        before = set(self._axes.collections)
        heatmaps._draw_contour(self._axes, heat, (left, right, bottom, top), opacity, self._style)
        self._contour = next(iter(set(self._axes.collections) - before), None)

    def hide(self) -> None:
        """Show nothing but the title."""
        self._picture.set_visible(False)
        self.hide_heat()

    def hide_heat(self) -> None:
        self._heat.set_visible(False)
        self._remove_contour()

    def _remove_contour(self) -> None:
        if self._contour is not None:
            self._contour.remove()
            self._contour = None

    def _add_image(self) -> AxesImage:
        image = _ScreenImage(self._axes, cmap=_GREYS, norm=Normalize(0, 255), interpolation="nearest")
        image.set_visible(False)
        image.set_clip_path(self._axes.patch)
        self._axes.add_image(image)
        return image


class _ScreenImage(AxesImage):
    """Pixels that are the screen's already are copied: to resample them takes matplotlib much longer."""

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        left, right, bottom, top = self.get_extent()
        corners = np.rint(self.axes.transData.transform([(left, bottom), (right, top)])).astype(int)
        x, y = (int(edge) for edge in corners[0])
        width, height = corners[1] - corners[0]
        pixels: NDArray[np.uint8] = np.ma.getdata(self.get_array())  # type: ignore[arg-type]
        if magnification != 1 or pixels.shape[:2] != (height, width):
            return super().make_image(renderer, magnification, unsampled)
        # The last row comes first, as matplotlib's own resampling has it.
        return np.array(Image.fromarray(pixels[::-1]).convert("RGBA")), x, y, IdentityTransform()


def heat_pixels(heat: NDArray[np.floating], opacity: float) -> NDArray[np.uint8]:
    """A heatmap of 0 to 1 as colours (height, width, 4), transparent where it is low, as in a figure."""
    pixels: NDArray[np.uint8] = colormaps[heatmaps._MAP](heat, bytes=True)
    pixels[..., 3] = np.rint(255 * opacity * heatmaps._presence(heat))
    return pixels


def heat_colours(count: int) -> list[str]:
    """Colours of a heatmap from 0 to 1, as ``#rrggbb``."""
    return [to_hex(colour) for colour in colormaps[heatmaps._MAP](np.linspace(0, 1, count))]


def _put(image: AxesImage, pixels: NDArray[np.uint8], edges: Edges) -> None:
    left, top, right, bottom = edges
    image.set_data(pixels)
    image.set_extent((left, right, bottom, top))
    image.set_visible(True)
