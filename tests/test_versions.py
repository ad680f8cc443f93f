"""The versions people are asked for."""

import sys
from importlib.metadata import version

import numpy as np
import pytest

from covid_desktop import __version__, versions
from covid_desktop.versions import DISTRIBUTIONS, NOT_INSTALLED, version_lines


def test_versions_are_those_of_what_runs() -> None:
    found = versions.versions()
    assert found["covid_desktop"] == __version__
    assert found["python"] == "{}.{}.{}".format(*sys.version_info)
    assert found["numpy"] == np.__version__


def test_every_library_is_found() -> None:
    missing = [name for name, number in versions.versions().items() if number == NOT_INSTALLED]
    assert missing == []


def test_either_tensorflow_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "DISTRIBUTIONS", {"a": ("no-such-thing", "numpy"), "b": ("no-such-thing",)})
    found = versions.versions()
    assert (found["a"], found["b"]) == (version("numpy"), "not installed")


def test_the_program_is_named_first_and_the_system_last() -> None:
    lines = version_lines()
    assert lines[0] == f"covid-desktop {__version__}"
    assert lines[1].startswith("Python 3.")
    assert f"NumPy {np.__version__}" in lines
    assert len(lines) == len(DISTRIBUTIONS) + 3
