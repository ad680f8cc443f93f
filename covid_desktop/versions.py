"""Which versions of what the program runs with. Knows the standard library alone."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from covid_desktop import __version__

DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "keras": ("keras",),
    "numpy": ("numpy",),
    "pyside6": ("PySide6-Essentials",),
    "pillow": ("pillow",),
    "pydicom": ("pydicom",),
    "imagecodecs": ("imagecodecs",),
    "pyjpegls": ("pyjpegls",),
    "matplotlib": ("matplotlib",),
    "scikit-learn": ("scikit-learn",),
    "h5py": ("h5py",),
    "onnx": ("onnx",),
}
"""Library -> the distributions it may come in, of which one is installed."""

NOT_INSTALLED = "not installed"

_TITLES = {
    "covid_desktop": "covid-desktop",
    "python": "Python",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "pyside6": "PySide6 (Qt)",
    "pillow": "Pillow",
}


def versions() -> dict[str, str]:
    """Program, Python and libraries -> version, without importing any of them."""
    libraries = {name: _version(distributions) for name, distributions in DISTRIBUTIONS.items()}
    return {"covid_desktop": __version__, "python": platform.python_version(), **libraries}


def version_lines() -> list[str]:
    """Each version in a line for people, the program's first, and at last the system."""
    return [f"{_TITLES.get(name, name)} {number}" for name, number in versions().items()] + [
        platform.platform()
    ]


def _version(distributions: tuple[str, ...]) -> str:
    for name in distributions:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return NOT_INSTALLED
