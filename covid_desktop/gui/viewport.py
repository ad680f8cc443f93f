"""Which part of a picture is seen where on the screen: nothing but numbers."""

from dataclasses import dataclass, replace

from covid_desktop.core.viewing import Box

Size = tuple[int, int]
Place = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the screen."""

_LARGEST = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is inside ``box``, in pixels of the picture, fills ``place``: left, top, right, bottom."""

    box: Box
    place: Place

    @property
    def size(self) -> Size:
        """Width and height on the screen."""
        left, top, right, bottom = self.place
        return right - left, bottom - top


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """``picture`` and ``screen`` are width and height, at least 1, in their own physical pixels.

    ``zoom`` is screen pixels for each pixel of the picture; None fits the picture. ``x`` and ``y`` are the
    place in the picture that is in the middle of the screen. Edges are on whole pixels of the screen, so
    that at 1 each pixel of the picture is one of the screen.
    """

    picture: Size
    screen: Size
    zoom: float | None = None
    x: float = 0.0
    y: float = 0.0

    @property
    def fitting(self) -> float:
        """The zoom that shows the whole picture as large as it can be."""
        return min(room / side for room, side in zip(self.screen, self.picture, strict=True))

    @property
    def scale(self) -> float:
        """Screen pixels for each pixel of the picture."""
        return self.fitting if self.zoom is None else self.zoom

    @property
    def factor(self) -> int:
        """How many pixels of the picture, each way, are at least one of the screen together."""
        return max(1, int(1 / self.scale + 1e-9))

    @property
    def can_pan(self) -> bool:
        return self.zoom is not None

    @property
    def offset(self) -> Size:
        """From the picture's left and top edge to the screen's, in screen pixels; negative with room left."""
        return tuple(map(self._start, self.picture, self.screen, (self.x, self.y)))  # type: ignore[return-value]

    def part(self) -> Part:
        """What there is to draw."""
        offset, scale = self.offset, self.scale
        places, boxes = [], []
        for side, room, start in zip(self.picture, self.screen, offset, strict=True):
            first = max(0, -start)
            last = max(first + 1, min(room, round(side * scale) - start))
            places.append((first, last))
            boxes.append(((first + start) / scale, min(float(side), (last + start) / scale)))
        (left, right), (top, bottom) = places
        return Part(
            box=(boxes[0][0], boxes[1][0], boxes[0][1], boxes[1][1]), place=(left, top, right, bottom)
        )

    def edges(self, place: Place) -> Box:
        """A place of the screen in pixels of the picture, beyond its edges too."""
        left, top = self.offset
        return tuple(  # type: ignore[return-value]
            (edge + start) / self.scale for edge, start in zip(place, (left, top) * 2, strict=True)
        )

    @property
    def seen(self) -> Box:
        """The whole screen in pixels of the picture."""
        return self.edges((0, 0, *self.screen))

    def pixel(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the picture under a place of the screen; None beside it."""
        column, row = (int((at + start) // self.scale) for at, start in zip((x, y), self.offset, strict=True))
        width, height = self.picture
        return (row, column) if 0 <= column < width and 0 <= row < height else None

    def fitted(self) -> "Viewport":
        return replace(self, zoom=None)

    def resized(self, screen: Size) -> "Viewport":
        return replace(self, screen=screen)

    def zoomed(self, zoom: float, x: float | None = None, y: float | None = None) -> "Viewport":
        """At ``zoom``, with what is at a place of the screen kept there; by default in the middle."""
        least, most = min(self.fitting, 1.0), max(self.fitting, _LARGEST)
        zoom = min(max(zoom, least), most)
        width, height = self.screen
        at_x, at_y = width / 2 if x is None else x, height / 2 if y is None else y
        left, top = self.offset
        middle_x = (at_x + left) / self.scale + (width / 2 - at_x) / zoom
        middle_y = (at_y + top) / self.scale + (height / 2 - at_y) / zoom
        return replace(self, zoom=None if zoom == self.fitting else zoom, x=middle_x, y=middle_y)._inside()

    def panned(self, x: float, y: float) -> "Viewport":
        """The picture moved by so many screen pixels; the middle of the screen stays over it."""
        if not self.can_pan:
            return self
        left, top = self.offset
        width, height = self.screen
        middle_x, middle_y = (left + width / 2 - x) / self.scale, (top + height / 2 - y) / self.scale
        return replace(self, x=middle_x, y=middle_y)._inside()

    def _inside(self) -> "Viewport":
        """With the middle where it can be, so that moving back has an effect at once."""
        left, top = self.offset
        width, height = self.screen
        return replace(self, x=(left + width / 2) / self.scale, y=(top + height / 2) / self.scale)

    def _start(self, side: int, room: int, middle: float) -> int:
        if self.zoom is None:
            middle = side / 2
        start = round(min(max(middle, 0.0), float(side)) * self.scale - room / 2)
        return min(max(start, 1 - room), max(0, round(side * self.scale) - 1))
