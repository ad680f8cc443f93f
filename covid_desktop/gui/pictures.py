"""From pixels to Qt's images, and files to small pictures of them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from covid_desktop.core.image import decode, fit, read_image
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError

THUMBNAIL_SIDE = 112
SHOWN_SIDE = 1400


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """An image of its own from pixels (height, width) in grey or (height, width, 3) in colour."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    layout = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], layout).copy()


def read_thumbnail(path: Path) -> QImage | ImageError:
    """The whole picture on a square of THUMBNAIL_SIDE pixels, or why it cannot be read."""
    side = Preprocessing(width=THUMBNAIL_SIDE, height=THUMBNAIL_SIDE, channels=3, fit="pad")
    try:
        return to_qimage(read_image(path, side))
    except ImageError as error:
        return error


def read_picture(path: Path) -> NDArray[np.uint8] | ImageError:
    """The picture as a screen can show it, at most SHOWN_SIDE pixels a side, or why it cannot be read."""
    try:
        picture = decode(path)
    except ImageError as error:
        return error
    height, width = picture.shape[:2]
    shrink = SHOWN_SIDE / max(height, width)
    if shrink >= 1:
        return picture
    channels = 1 if picture.ndim == 2 else 3
    shown = Preprocessing(
        width=round(width * shrink) or 1, height=round(height * shrink) or 1, channels=channels
    )
    smaller = fit(picture, shown)
    return smaller[..., 0] if channels == 1 else smaller
