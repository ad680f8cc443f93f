"""How many bytes of weights each network has, without building it."""

from covid_desktop.core.config import LIMITS
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import ModelError

_EFFICIENTNET_LITE0 = 3_353_841  # weights, of any size of images
_FLOAT = 4


def weight_bytes(architecture: str, preprocessing: Preprocessing) -> int:
    """Of a network that is known and can be built of such images. Raises ModelError for any other."""
    sides = LIMITS["image_size"]
    width, height, channels = preprocessing.width, preprocessing.height, preprocessing.channels
    if not all(sides.low <= side <= sides.high for side in (width, height)):
        raise ModelError(
            f"Images must be from {sides.low:g} to {sides.high:g} pixels a side, not {width} x {height}."
        )
    match architecture:
        case "small-cnn":
            flat = (width // 16) * (height // 16) * 32
            count = _convolution(channels, 16) + _convolution(16, 32) + _dense(flat, 64) + _dense(64, 1)
        case "reference-cnn":
            flat = _pooled_twice(width) * _pooled_twice(height) * 64
            count = _convolution(channels, 256) + _convolution(256, 64) + _dense(flat, 256) + _dense(256, 1)
        case "efficientnet-lite0" if channels == 3:
            count = _EFFICIENTNET_LITE0
        case "efficientnet-lite0":
            raise ModelError(f"EfficientNet-Lite0 reads images of 3 channels, not {channels}.")
        case _:
            raise ModelError(f"There is no architecture named {architecture!r}.")
    return _FLOAT * count


def _convolution(channels: int, filters: int) -> int:
    """Weights of a kernel of 3 x 3 and its bias."""
    return (9 * channels + 1) * filters


def _dense(inputs: int, units: int) -> int:
    return (inputs + 1) * units


def _pooled_twice(side: int) -> int:
    """What two convolutions without padding, each halved, leave of a side."""
    return ((side - 2) // 2 - 2) // 2
