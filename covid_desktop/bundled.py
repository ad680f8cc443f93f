"""Whether this is the bundle that PyInstaller made. Knows the standard library alone."""

import sys


def is_bundled() -> bool:
    """Whether the program runs without a Python of the system, from a folder with all it needs."""
    return bool(getattr(sys, "frozen", False))
