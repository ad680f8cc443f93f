"""How much memory a training run needs, about, and how much there is.

The constants come from runs of each network at several sizes (peak of the resident memory, TensorFlow 2.21,
Linux); tests hold the measurements.
"""

import sys

from covid_desktop.core.config import TrainingConfig
from covid_desktop.core.free_memory import available_memory
from covid_desktop.core.network_size import weight_bytes

_GIGABYTE = 10**9
_FLOAT = 4
_FEATURES = 1280
_READ_BATCH = 16
"""Images that a frozen network reads at once."""

_PIXEL_BYTES = {"small-cnn": 175, "reference-cnn": 2600, "efficientnet-lite0": 180}
"""What one pixel of one image in a batch takes while it goes through the network, forth and back."""

_WEIGHTS = 8
"""Times the weights: they, gradients, Adam's two moments, the best and the last copy, and a file of them."""

_FITTING = 200_000_000
"""What Keras and TensorFlow take of their own while a network is fitted."""

_AUDIT = 350_000_000
"""What the audit takes after that: the pretrained network and its readings."""

_TENSORFLOW = 450_000_000


def memory_need(config: TrainingConfig, training: int, validation: int) -> int:
    """Bytes that a run on so many images takes at its peak, about, beside what the program has by now.

    Raises UserError for settings that no run can have.
    """
    config = config.resolved()
    size, preprocessing = config.image_size or 0, config.preprocessing
    image = size * size * preprocessing.channels
    pixels = (training + validation) * image
    weights = weight_bytes(config.architecture, preprocessing)
    if config.copies:
        features = (training * config.copies + validation) * _FEATURES * _FLOAT
        held = pixels + 3 * features + weights  # as they are read, in one array, and TensorFlow's
        batch = _READ_BATCH
    else:
        held = 2 * pixels + _WEIGHTS * weights  # TensorFlow has its own copy of the pixels
        batch = config.batch_size or 1
    going_through = batch * size * size * _PIXEL_BYTES[config.architecture]
    libraries = 0 if "tensorflow" in sys.modules else _TENSORFLOW
    return held + max(_FITTING + going_through, _AUDIT) + libraries


def shortage(config: TrainingConfig, training: int, validation: int) -> str:
    """A sentence where a run on so many images needs more memory than there is; empty where it does not.

    Empty, too, where nobody knows how much there is.
    """
    if config.problems():
        return ""  # something else is said of them
    available = available_memory()
    need = memory_need(config, training, validation)
    if available is None or need <= available:
        return ""
    return (
        f"This run needs about {_gigabytes(need)} of memory, {_gigabytes(available)} are free: "
        f"choose a smaller image size{'' if config.copies else ' or batch size'}."
    )


def _gigabytes(count: int) -> str:
    """Whole ones from 2 on: it is an estimate."""
    value = count / _GIGABYTE
    return f"{value:.0f} GB" if value >= 2 else f"{value:.1f} GB"
