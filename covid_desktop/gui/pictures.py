"""From pixels to Qt's images, and files to small pictures of them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from covid_desktop.core.image import read_image
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ImageError

THUMBNAIL_SIDE = 112


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
