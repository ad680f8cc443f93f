"""How a file becomes the pixels a network sees. Stored in every model."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Fit = Literal["stretch", "pad", "crop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """Size in pixels, 1 (grey) or 3 (RGB) channels, and how the picture is made to fit.

    Resizing is bilinear with antialiasing. ``stretch`` is the default: padding would draw the
    aspect ratio, which often tells sources apart, into the picture, and cropping cuts lungs off.
    """

    width: int
    height: int
    channels: int
    fit: Fit = "stretch"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels, as Keras orders them."""
        return self.height, self.width, self.channels

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of ``to_json``. Raises ValueError for sizes or words it does not know."""
        preprocessing = cls(**values)
        sizes = (preprocessing.width, preprocessing.height)
        if not all(isinstance(size, int) and 1 <= size <= 4096 for size in sizes):
            raise ValueError(f"image size {sizes}")
        if preprocessing.channels not in (1, 3) or preprocessing.fit not in ("stretch", "pad", "crop"):
            raise ValueError(f"preprocessing {values}")
        return preprocessing
